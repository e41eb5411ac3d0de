"""Changing attributes of written objects, to see whether faults are noticed."""

from collections.abc import Mapping
from pathlib import Path

from pydicom import dcmread

__all__ = ["alter"]


def alter(path: Path, attributes: Mapping[str, object]) -> None:
    """Set attributes of an object on disk by their keywords; None removes one.

    Parameters
    ----------
    path
        The object; it is replaced.
    attributes
        Keyword to value.
    """
    dataset = dcmread(path)
    for keyword, value in attributes.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    dataset.save_as(path)

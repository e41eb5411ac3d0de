"""Whether an assessment that was kept is the one that it was."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np

from reirrad.core.assessment import Assessment
from reirrad.reports.report_files import write_reports
from reirrad.store.kept_assessment import keep, kept
from tests.reports.reviews import APPROVED

__all__ = ["kept_again", "reports", "same"]

LEFT_OUT = {"exportable", "scene"}


def leaves(value: object, path: str = "assessment") -> Iterator[tuple[str, object]]:
    """Every number, text and array with where it stands, as something comparable."""
    match value:
        case np.ndarray():
            yield path, (value.dtype, value.shape, value.tobytes())
        case Mapping():
            for key, item in value.items():
                yield from leaves(item, f"{path}[{key!r}]")
        case tuple():
            yield from leaves(dict(enumerate(value)), path)
        case _ if is_dataclass(value):
            parts = {field.name: getattr(value, field.name) for field in fields(value)}
            yield from leaves(
                {k: v for k, v in parts.items() if k not in LEFT_OUT}, path
            )
        case _:
            yield path, (type(value), repr(value))


def same(left: Assessment, right: Assessment) -> None:
    """Both are equal to the last bit, and of the same kinds."""
    differing = [
        (one, other)
        for one, other in zip(leaves(left), leaves(right), strict=True)
        if one != other
    ]
    assert differing == []


def kept_again(assessment: Assessment, folder: Path) -> Assessment:
    keep(assessment, folder / "assessment.kept")
    return kept(folder / "assessment.kept")


def reports(assessment: Assessment, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    write_reports(assessment, folder, APPROVED)
    return {path.name: path.read_bytes() for path in folder.iterdir()}

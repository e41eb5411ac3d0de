"""From folders to a peer that stores objects."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reirrad.dicom.network.outgoing import Destination, outgoing

__all__ = ["Sent", "send"]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the objects.

    Parameters
    ----------
    n_objects
        How many there were.
    n_stored
        How many of them the peer stored as they are.
    by_modality
        How many of each modality.
    n_remade
        How many had no File Meta Information, or that of another object.
    n_other_files
        Files that are no DICOM objects.
    problems
        A sentence for each object that the peer did not store, or not as it was.
    """

    n_objects: int
    n_stored: int
    by_modality: dict[str, int]
    n_remade: int
    n_other_files: int
    problems: tuple[str, ...]


def send(
    paths: Sequence[Path],
    destination: Destination,
    *,
    progress: Callable[[str], None],
) -> Sent:
    """Send every object below the given paths, each as it is.

    Parameters
    ----------
    paths
        Folders, files and zips.
    destination
        Whereto.
    progress
        Told each step.

    Raises
    ------
    InputError
        With every fault of the input; nothing was sent then.
    """
    with tempfile.TemporaryDirectory(prefix="reirrad-") as copies:
        progress("looking for objects")
        objects, others = outgoing(paths, Path(copies))
        progress(f"sending {len(objects)} objects")
        shortfalls = destination.store(objects, progress=progress)
    counts: dict[str, int] = {}
    for one in sorted(objects, key=lambda one: one.modality):
        counts[one.modality or "none"] = counts.get(one.modality or "none", 0) + 1
    failed = {one.sop_instance_uid for one in shortfalls} - {None}
    problems = tuple(one.message for one in shortfalls)
    return Sent(
        n_objects=len(objects),
        n_stored=len(objects) - len(failed),
        by_modality=counts,
        n_remade=sum(one.remade for one in objects),
        n_other_files=others,
        problems=problems,
    )

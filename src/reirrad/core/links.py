"""How the objects of a patient belong together, as a value."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Link", "LinkNode", "PatientTree"]

Link = Literal[
    "by patient ID",
    "by date",
    "by reference",
    "by frame of reference",
    "not found",
]
"""What tied an object to the one above it."""


@dataclass(frozen=True, slots=True)
class LinkNode:
    """One object, or group of objects, and what hangs on it.

    Parameters
    ----------
    kind
        "course", "plan", "dose", "structures" or "image".
    label
        What to call it.
    path
        File, or the first of several; empty for a course or a missing object.
    link
        How it was tied to what it hangs on.
    children
        What hangs on it.
    """

    kind: Literal["course", "plan", "dose", "structures", "image"]
    label: str
    path: str
    link: Link
    children: tuple["LinkNode", ...] = ()


@dataclass(frozen=True, slots=True)
class PatientTree:
    """The courses of one patient, complete or not.

    Parameters
    ----------
    id
        Patient ID; empty where the objects have none.
    n_objects
        How many DICOM objects are of this patient.
    courses
        Earliest first.
    """

    id: str
    n_objects: int
    courses: tuple[LinkNode, ...]

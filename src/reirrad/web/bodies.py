"""What requests carry, checked before anything is done."""

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StringConstraints

__all__ = [
    "Approval",
    "CaseId",
    "Finish",
    "Import",
    "Landmarks",
    "Matrix",
    "NewVersion",
    "Pair",
    "Point",
    "RegistrationReview",
    "SignIn",
    "UploadId",
    "VersionNumber",
]

CaseId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="Random number.")]
UploadId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="Random number.")]
VersionNumber = Annotated[int, Path(ge=1, le=1_000_000)]

# Without control characters: they have no place in a signature or in the trail.
PLAIN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
Line = Annotated[str, StringConstraints(max_length=200, pattern=PLAIN)]
Words = Annotated[str, StringConstraints(max_length=4000, pattern=PLAIN)]
Millimetres = Annotated[FiniteFloat, Field(ge=-10_000.0, le=10_000.0)]
Row = Annotated[list[Millimetres], Field(min_length=4, max_length=4)]
Matrix = Annotated[list[Row], Field(min_length=4, max_length=4)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignIn(_Body):
    """Account and password."""

    name: Line
    password: Annotated[str, StringConstraints(max_length=1000)]


class Finish(_Body):
    """What an upload becomes a case with."""

    settings: dict[str, Any] | None = None


class Import(_Body):
    """A folder or zip of the server."""

    path: Annotated[str, StringConstraints(max_length=4000, min_length=1)]
    settings: dict[str, Any] | None = None


class NewVersion(_Body):
    """A change of a version, which makes a new one.

    Either a whole matrix, or an adjustment on top of that of the version it is based
    on, or neither.
    """

    based_on: Annotated[int, Field(ge=1, le=1_000_000)]
    reason: Words
    matrix: Matrix | None = None
    adjustment: Matrix | None = None
    course: Annotated[int, Field(ge=1, le=99)] | None = None
    settings: dict[str, Any] | None = None


class RegistrationReview(_Body):
    """What somebody says of the registration."""

    verdict: Literal["accepted", "rejected"]
    name: Line
    comment: Words = ""


class Approval(_Body):
    """Somebody signs the assessment.

    ``newest`` is the newest version that they know of; needed to approve an older one.
    """

    name: Line
    comment: Words = ""
    newest: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class Point(_Body):
    """A point in mm, LPS."""

    x: Millimetres
    y: Millimetres
    z: Millimetres


class Pair(_Body):
    """The same anatomical point, marked in two images."""

    label: Line
    course: Annotated[int, Field(ge=1, le=99)]
    earlier_mm: Point
    reference_mm: Point


class Landmarks(_Body):
    """All pairs of a case; `based_on` is the set that they were changed from."""

    pairs: Annotated[list[Pair], Field(max_length=200)]
    based_on: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None

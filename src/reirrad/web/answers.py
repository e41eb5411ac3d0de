"""What the API answers, as models: the description of the API is made from them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

__all__ = [
    "REFUSALS",
    "CaseAnswer",
    "CaseLine",
    "CreatedCase",
    "CreatedUpload",
    "CreatedVersion",
    "DoseReading",
    "EventAnswer",
    "FileState",
    "ImageReading",
    "LandmarksAnswer",
    "PairAnswer",
    "PointAnswer",
    "Problems",
    "ReadingAnswer",
    "ReceivedFile",
    "ReviewAnswer",
    "SessionAnswer",
    "SignatureAnswer",
    "TrailAnswer",
    "VersionAnswer",
    "VersionPage",
]

State = Literal["queued", "running", "done", "failed"]
FileState = Literal["ready", "writing", "failed"]


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Problems(_Answer):
    """Why a request was refused, one sentence for each fault."""

    problems: list[str]


REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problems, "description": "The request cannot be read."},
    401: {"model": Problems, "description": "Nobody is signed in."},
    403: {"model": Problems, "description": "Not from this page, or not for the role."},
    404: {"model": Problems, "description": "There is no such thing."},
    409: {"model": Problems, "description": "The state of the case does not allow it."},
    413: {"model": Problems, "description": "Too large, or too many files."},
    422: {"model": Problems, "description": "Values that cannot be taken."},
    429: {"model": Problems, "description": "Too many requests; see Retry-After."},
    503: {"model": Problems, "description": "Not ready; try again in a moment."},
    507: {"model": Problems, "description": "The disk of the server is full."},
}


class SessionAnswer(_Answer):
    """Who is signed in, and what a page must know of the server."""

    signed_in: bool
    name: str | None
    role: Literal["viewer", "physicist", "physician"] | None
    csrf: str | None
    sign_in_required: bool
    import_folders: list[str]
    software: str


class CaseLine(_Answer):
    """A line of the list of cases: its newest version."""

    id: str
    label: str | None
    created: str
    version: int
    state: State
    problems: list[str]
    step: str
    resbrt_type: str | None
    interval_days: int | None
    flags: list[str]
    registration: Literal["unreviewed", "accepted", "rejected"]
    assessment: Literal["unreviewed", "approved", "superseded"]
    organ: str | None
    registered: bool


class CreatedUpload(_Answer):
    """An upload that waits for files."""

    id: str


class ReceivedFile(_Answer):
    """A file that was received whole."""

    bytes: int
    files: int


class CreatedCase(_Answer):
    """A case whose first version is queued."""

    case: str


class CreatedVersion(_Answer):
    """A version that is queued."""

    number: int


class SignatureAnswer(_Answer):
    """Who decided, and when."""

    name: str
    role: str
    at: str
    comment: str


class ReviewAnswer(_Answer):
    """What was decided about a version."""

    registration: Literal["unreviewed", "accepted", "rejected"]
    registration_by: SignatureAnswer | None
    assessment: Literal["unreviewed", "approved", "superseded"]
    assessment_by: SignatureAnswer | None
    superseded_by: int | None


class VersionAnswer(_Answer):
    """One assessment of a case.

    ``registered`` tells whether there is a registration to review, ``unusable_courses``
    those whose registration the program rejected or could not make.
    """

    number: int
    created: str
    created_by: str
    reason: str
    state: State
    problems: list[str]
    based_on: int | None
    registered: bool
    unusable_courses: list[int]
    review: ReviewAnswer


class VersionPage(VersionAnswer):
    """One assessment, what it was made with, and which files there are."""

    settings: dict[str, Any]
    matrix: list[list[float]] | None
    adjustable_courses: list[int]
    steps: list[str]
    files: dict[str, FileState]


class CaseAnswer(_Answer):
    """A case and all its versions, the first one first."""

    id: str
    created: str
    created_by: str
    versions: list[VersionAnswer]
    current: int


class PointAnswer(_Answer):
    """A point in mm, LPS."""

    x: float
    y: float
    z: float


class DoseReading(_Answer):
    """Dose of a course at a point; null where it is not known."""

    course: int
    physical_gy: float | None
    eqd2_gy: float | None


class ImageReading(_Answer):
    """Value of a course's image at a point; null outside."""

    course: int
    value: float | None
    unit: str


class ReadingAnswer(_Answer):
    """What the native grids say at a point."""

    point: PointAnswer
    doses: list[DoseReading]
    eqd2_sum_gy: float | None
    alpha_beta_gy: float
    alpha_beta_why: str
    structures: list[str]
    images: list[ImageReading]
    native: Literal[True] = True


class PairAnswer(_Answer):
    """The same anatomical point, marked in two images."""

    label: str
    course: int
    earlier_mm: PointAnswer
    reference_mm: PointAnswer


class LandmarksAnswer(_Answer):
    """Pairs of a case, and how far a version's registration misses each of them.

    `not_used` says which pairs are kept but belong to other images than the version's.
    `id` is the number of the set, which a change of it names; 0 where there is none.
    """

    id: int
    pairs: list[PairAnswer]
    errors_mm: list[float | None]
    not_used: list[str]


class EventAnswer(_Answer):
    """Something that was done."""

    id: int
    at: str
    who: str
    version: int | None
    action: str
    detail: dict[str, Any]


class TrailAnswer(_Answer):
    """Everything that was done to a case, the first thing first."""

    events: list[EventAnswer]

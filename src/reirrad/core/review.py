"""What people have decided about an assessment: a plain value.

The registration is looked at first; only an assessment on an accepted registration may
be approved. A single course has no registration, and is approved as it is. Where these
decisions are kept is no concern of this module.
"""

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "UNREVIEWED",
    "AssessmentReview",
    "RegistrationReview",
    "Review",
    "Signature",
]

RegistrationReview = Literal["unreviewed", "accepted", "rejected"]
AssessmentReview = Literal["unreviewed", "approved", "superseded"]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who decided, and when.

    Parameters
    ----------
    name
        Of the person, as signed.
    role
        "physicist" or "physician"; empty where nobody was signed in, so that anybody
        may have typed the name.
    at
        ISO 8601 time to the second, UTC.
    comment
        In the person's words; empty for none.
    """

    name: str
    role: str
    at: str
    comment: str


@dataclass(frozen=True, slots=True)
class Review:
    """Decisions on one version of an assessment; nothing is decided by default.

    Parameters
    ----------
    registration
        What was decided about the registrations of this version.
    registration_by
        Who decided that; None while it is unreviewed.
    assessment
        Whether the assessment was approved, and whether a newer one was since.
    assessment_by
        Who approved it; None if nobody did.
    superseded_by
        Number of the approved version that took its place.
    version
        Number of this version of the case; None outside a store.
    registered
        Whether there is a registration to decide about; a single course has none.
    newer
        Number of the newest version when this one was approved, if that is another one.

    Raises
    ------
    ValueError
        If a decision has no signature, an approval no accepted registration, or a
        registration that is not there was decided about.
    """

    registration: RegistrationReview = "unreviewed"
    registration_by: Signature | None = None
    assessment: AssessmentReview = "unreviewed"
    assessment_by: Signature | None = None
    superseded_by: int | None = None
    version: int | None = None
    registered: bool = True
    newer: int | None = None

    def __post_init__(self) -> None:
        if (self.registration == "unreviewed") != (self.registration_by is None):
            msg = "a decision on the registration and its signature go together"
            raise ValueError(msg)
        if (self.assessment == "unreviewed") != (self.assessment_by is None):
            msg = "an approval and its signature go together"
            raise ValueError(msg)
        if not self.registered and self.registration != "unreviewed":
            msg = "there is no registration to decide about"
            raise ValueError(msg)
        needed = "accepted" if self.registered else "unreviewed"
        if self.assessment != "unreviewed" and self.registration != needed:
            msg = "an assessment is approved on an accepted registration only"
            raise ValueError(msg)
        if (self.assessment == "superseded") != (self.superseded_by is not None):
            msg = "a superseded assessment names the version that took its place"
            raise ValueError(msg)


UNREVIEWED = Review()
"""Nobody has looked at anything yet."""

"""Who looked at a case, and what they decided: a plain value."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Review", "Signature"]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who decided, in which role, when (ISO, seconds, UTC) and with which words."""

    name: str
    role: str
    at: str
    comment: str


@dataclass(frozen=True, slots=True)
class Review:
    """State of the review of one version of a case.

    ``superseded_by`` is the number of the version that was approved later; ``version``
    that of the case itself, None outside a store.
    """

    registration: Literal["unreviewed", "accepted", "rejected"] = "unreviewed"
    registration_by: Signature | None = None
    assessment: Literal["unreviewed", "approved", "superseded"] = "unreviewed"
    assessment_by: Signature | None = None
    superseded_by: int | None = None
    version: int | None = None

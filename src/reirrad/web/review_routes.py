"""Looking at the registration, and signing."""

from fastapi import APIRouter

from reirrad.store.reviews import approve, review_registration
from reirrad.web.answers import REFUSALS, ReviewAnswer
from reirrad.web.bodies import Approval, CaseId, RegistrationReview, VersionNumber
from reirrad.web.callers import Caller, Physician, Physicist
from reirrad.web.parts import Parts
from reirrad.web.version_routes import known_version

__all__ = ["router"]

router = APIRouter(
    prefix="/api/cases/{case}/versions/{number}", tags=["review"], responses=REFUSALS
)


@router.post("/registration-review")
def registration_review(
    *,
    case: CaseId,
    number: VersionNumber,
    body: RegistrationReview,
    caller: Physicist,
    parts: Parts,
) -> ReviewAnswer:
    """Accept or reject the registration; the reports are written again."""
    known_version(parts, case, number)
    made = review_registration(
        parts.store,
        case,
        number,
        by=caller.account,
        name=_signature(caller, body.name),
        role=_role(caller),
        verdict=body.verdict,
        comment=body.comment,
    )
    return ReviewAnswer.model_validate(made)


@router.post("/approval")
def approval(
    *,
    case: CaseId,
    number: VersionNumber,
    body: Approval,
    caller: Physician,
    parts: Parts,
) -> ReviewAnswer:
    """Approve the assessment; its registration must be accepted."""
    known_version(parts, case, number)
    made = approve(
        parts.store,
        case,
        number,
        by=caller.account,
        name=_signature(caller, body.name),
        role=_role(caller),
        comment=body.comment,
        newest=body.newest,
    )
    return ReviewAnswer.model_validate(made)


def _role(caller: Caller) -> str:
    """Role of the account; where nobody is signed in, nobody knows it."""
    return caller.role if caller.name else ""


def _signature(caller: Caller, typed: str) -> str:
    """Whoever is signed in signs with the name of the account."""
    return caller.name or typed

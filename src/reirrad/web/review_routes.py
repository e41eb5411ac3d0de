"""Looking at the registration, and signing."""

from fastapi import APIRouter

from reirrad.store.reviews import Signer, approve, review_registration
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
        _signer(caller, body.name),
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
        _signer(caller, body.name),
        comment=body.comment,
        newest=body.newest,
    )
    return ReviewAnswer.model_validate(made)


def _signer(caller: Caller, typed: str) -> Signer:
    """Whoever is signed in signs with the account; else nobody knows the role."""
    role = caller.role if caller.name else ""
    return Signer(by=caller.account, name=caller.name or typed, role=role)

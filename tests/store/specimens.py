"""Cases as tests need them."""

from reirrad.core.review import Review
from reirrad.store.cases import (
    Case,
    Version,
    add_case,
    add_version,
    finish_version,
)
from reirrad.store.database import Store
from reirrad.store.jobs import Job, claim, finish_report
from reirrad.store.reviews import Signer, approve, review_of, review_registration

__all__ = [
    "accepted",
    "approved",
    "claimed",
    "done_version",
    "new_case",
    "new_version",
    "registration",
    "rejected",
    "reported",
]

ANNA = Signer(by="anna", name="Anna Physicist", role="physicist")
PAUL = Signer(by="paul", name="Paul Physician", role="physician")


def new_case(store: Store) -> Case:
    return add_case(store, by="mr. upload", source="upload")


def new_version(store: Store, case_id: str, based_on: int | None = None) -> Version:
    return add_version(
        store,
        case_id,
        by="anna",
        reason="first look",
        settings={"organ": "Liver", "alpha_beta_gy": {"Liver": 2.5}},
        matrix=None,
        based_on=based_on,
    )


def claimed(store: Store) -> Job:
    job = claim(store, "worker")
    assert job is not None
    return job


def reported(store: Store, job: Job) -> None:
    """Let the reports be written with the review of now."""
    finish_report(store, job.id, review_of(store, job.case_id, job.version))


def done_version(store: Store, case_id: str, **summary: object) -> int:
    """A version whose assessment is there; its reports wait to be written."""
    number = new_version(store, case_id).number
    job = claimed(store)
    while job.kind == "report":
        reported(store, job)
        job = claimed(store)
    finish_version(store, case_id, number, {"label": "RE-2041", **summary})
    return number


def registration(
    course: int, verdict: str = "accepted", *, found: bool = True
) -> dict[str, object]:
    """One of ``registrations`` of a summary."""
    matrix = [[1.0, 0, 0, 0], [0, 1.0, 0, 0], [0, 0, 1.0, 0], [0, 0, 0, 1.0]]
    return {
        "course": course,
        "verdict": verdict,
        "matrix": matrix if found else None,
    }


def accepted(store: Store, case_id: str, version: int, comment: str = "") -> Review:
    return review_registration(
        store,
        case_id,
        version,
        ANNA,
        verdict="accepted",
        comment=comment,
    )


def rejected(store: Store, case_id: str, version: int, comment: str) -> Review:
    return review_registration(
        store,
        case_id,
        version,
        ANNA,
        verdict="rejected",
        comment=comment,
    )


def approved(
    store: Store, case_id: str, version: int, newest: int | None = None
) -> Review:
    return approve(
        store,
        case_id,
        version,
        PAUL,
        comment="seen on the board",
        newest=newest,
    )

"""Looking at the registration and signing the assessment.

The registration of a version is accepted or rejected first; only then can the version
be approved. A single course has no registration and is approved as it is. A decision
may be changed, by a new event. Rejecting the registration of an
approved version withdraws the approval. Approving a version supersedes the approved
ones before it, for good.
"""

from dataclasses import dataclass, replace
from typing import Literal

import sqlalchemy as sa

from reirrad.core.review import Review
from reirrad.errors import ReviewError
from reirrad.store.database import Store
from reirrad.store.decisions import (
    APPROVED,
    REVIEWED,
    SUPERSEDED,
    review_of_version,
    reviews_of,
)
from reirrad.store.queueing import queue_report
from reirrad.store.schema import versions
from reirrad.store.trail import note
from reirrad.store.versions import Version, require_version

__all__ = ["Signer", "approve", "review_of", "review_registration"]

LONGEST_NAME = 200
LONGEST_COMMENT = 2000


@dataclass(frozen=True, slots=True)
class Signer:
    """Who decides.

    Parameters
    ----------
    by
        Account that is signed in.
    name, role
        As it stands in the report.
    """

    by: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class _Signing:
    """Who signs what."""

    case_id: str
    version: int
    signer: Signer
    comment: str


def review_of(store: Store, case_id: str, version: int) -> Review:
    """What was decided about a version.

    Raises
    ------
    StoreError
        If there is no such version.
    """
    with store.reading() as connection:
        return _review(connection, case_id, version)


def review_registration(
    store: Store,
    case_id: str,
    version: int,
    signer: Signer,
    *,
    verdict: Literal["accepted", "rejected"],
    comment: str,
) -> Review:
    """Accept or reject the registration of a version; its reports are written again.

    Parameters
    ----------
    store
        The database.
    case_id, version
        What was looked at.
    signer
        Who decides.
    verdict
        The decision.
    comment
        Why; needed to reject.

    Returns
    -------
    Review
        As it is now.

    Raises
    ------
    ReviewError
        If the version is not done or superseded, has no registration, or none that the
        program used where it is to be accepted; if the decision stands already, a name
        or the reason to reject is missing, or a text is too long.
    StoreError
        If there is no such version.
    """
    signing = _signing(case_id, version, signer, comment)
    with store.writing() as connection:
        review = _open_review(connection, signing)
        if verdict == "rejected" and not signing.comment:
            msg = "A registration is rejected with a comment that says why."
            raise ReviewError(msg)
        if review.registration == verdict == "accepted":
            msg = (
                f"The registration of version {version} was accepted already. Reject "
                f"it if that was wrong."
            )
            raise ReviewError(msg)
        _check_registration(require_version(connection, case_id, version), verdict)
        _sign(connection, signing, REVIEWED, verdict=verdict)
        queue_report(connection, case_id, version)
        return _review(connection, case_id, version)


def approve(
    store: Store,
    case_id: str,
    version: int,
    signer: Signer,
    *,
    comment: str,
    newest: int | None = None,
) -> Review:
    """Approve a version; older approved ones are superseded by it.

    The reports of all of them are written again. For the other parameters see
    `review_registration`.

    Parameters
    ----------
    newest
        Number of the newest version that the person knows of; needed to approve one
        beside which a newer one is queued, running or done.

    Raises
    ------
    ReviewError
        If the registration is not accepted, the version is not done, approved already
        or superseded, a newer one is approved or not known of, or a name is missing.
    StoreError
        If there is no such version.
    """
    signing = _signing(case_id, version, signer, comment)
    with store.writing() as connection:
        review = _open_review(connection, signing)
        if review.assessment == "approved":
            msg = f"Version {version} was approved already."
            raise ReviewError(msg)
        if review.registered and review.registration != "accepted":
            state = (
                "was rejected"
                if review.registration == "rejected"
                else "has not been reviewed"
            )
            msg = (
                f"The registration of version {version} {state}. Look at it and accept "
                f"it before the assessment is approved."
            )
            raise ReviewError(msg)
        older = _approved_beside(connection, case_id, version)
        newer = _known_newer(connection, signing, newest)
        _sign(connection, signing, APPROVED, registered=review.registered, newer=newer)
        for number in older:
            note(
                connection,
                who=signer.by,
                action=SUPERSEDED,
                case_id=case_id,
                version=number,
                detail={"superseded_by": version},
            )
        for number in (*older, version):
            queue_report(connection, case_id, number)
        return _review(connection, case_id, version)


def _signing(case_id: str, version: int, signer: Signer, comment: str) -> _Signing:
    """The same without blanks at the ends of what was typed."""
    signer = replace(signer, name=signer.name.strip())
    return _Signing(case_id, version, signer, comment.strip())


def _open_review(connection: sa.Connection, signing: _Signing) -> Review:
    """What was decided so far, if anything may still be decided."""
    version = require_version(connection, signing.case_id, signing.version)
    problems = []
    if version.state != "done":
        problems.append(
            f"Version {signing.version} is {version.state}: there is nothing to review."
        )
    if not signing.signer.name:
        problems.append("A decision is signed with a name.")
    for what, text, most in (
        ("name", signing.signer.name, LONGEST_NAME),
        ("comment", signing.comment, LONGEST_COMMENT),
    ):
        if len(text) > most:
            problems.append(f"The {what} has {len(text)} letters; at most {most} fit.")
    review = _review(connection, signing.case_id, signing.version)
    if review.assessment == "superseded":
        problems.append(
            f"Version {signing.version} was superseded by version "
            f"{review.superseded_by}. Review that one."
        )
    if problems:
        raise ReviewError(*problems)
    return review


def _check_registration(version: Version, verdict: str) -> None:
    """Refuse to decide about a registration that is not there or was not used."""
    if not version.registered:
        msg = (
            f"Version {version.number} has no registration to review: there is one "
            f"course. Approve the assessment as it is."
        )
        raise ReviewError(msg)
    if verdict == "accepted" and version.unusable_courses:
        raise ReviewError(
            *(
                f"The program rejected the registration of course {course} and used "
                f"none; adjust it first."
                for course in version.unusable_courses
            )
        )


def _known_newer(
    connection: sa.Connection, signing: _Signing, newest: int | None
) -> int | None:
    """The newest version after this one that may count, if the person knows of it."""
    later = connection.execute(
        sa.select(versions.c.number, versions.c.state)
        .where(
            versions.c.case_id == signing.case_id, versions.c.number > signing.version
        )
        .order_by(versions.c.number)
    ).all()
    able = [row for row in later if row.state != "failed"]
    if not able:
        return None
    if newest is None or not able[-1].number <= newest <= later[-1].number:
        msg = (
            f"Version {able[-1].number} of this case is newer than version "
            f"{signing.version} and {able[-1].state}. Look at it first, or confirm "
            f"that version {signing.version} is to be approved all the same."
        )
        raise ReviewError(msg)
    return int(able[-1].number)


def _approved_beside(
    connection: sa.Connection, case_id: str, version: int
) -> tuple[int, ...]:
    """Older versions that are approved; refused where a newer one is."""
    approved = sorted(
        number
        for (_, number), review in reviews_of(connection, case_id).items()
        if review.assessment == "approved"
    )
    newer = [number for number in approved if number > version]
    if newer:
        msg = (
            f"Version {newer[0]} is newer than version {version} and approved. Make a "
            f"new version if this one is to count."
        )
        raise ReviewError(msg)
    return tuple(approved)


def _sign(
    connection: sa.Connection, signing: _Signing, action: str, **more: object
) -> None:
    note(
        connection,
        who=signing.signer.by,
        action=action,
        case_id=signing.case_id,
        version=signing.version,
        detail={
            "name": signing.signer.name,
            "role": signing.signer.role,
            "comment": signing.comment,
            **more,
        },
    )


def _review(connection: sa.Connection, case_id: str, version: int) -> Review:
    return review_of_version(connection, require_version(connection, case_id, version))

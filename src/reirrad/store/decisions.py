"""Decisions about versions, read from the events that they are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

import sqlalchemy as sa

from reirrad.core.review import Review, Signature
from reirrad.store.schema import audit_events
from reirrad.store.trail import Event, event_of
from reirrad.store.versions import Version

__all__ = [
    "APPROVED",
    "REVIEWED",
    "SUPERSEDED",
    "review_of_version",
    "reviews_of",
    "was_approved",
]

REVIEWED = "registration reviewed"
APPROVED = "assessment approved"
SUPERSEDED = "assessment superseded"


def reviews_of(
    connection: sa.Connection, case_id: str | None
) -> Mapping[tuple[str, int], Review]:
    """Case and version to what was decided; a version without decision is left out.

    Parameters
    ----------
    connection
        Any transaction.
    case_id
        One case, or None for all.
    """
    query = (
        sa.select(audit_events)
        .where(audit_events.c.action.in_((REVIEWED, APPROVED, SUPERSEDED)))
        .order_by(audit_events.c.id)
    )
    if case_id is not None:
        query = query.where(audit_events.c.case_id == case_id)
    decisions: dict[tuple[str, int], list[Event]] = defaultdict(list)
    for row in connection.execute(query):
        event = event_of(row)
        if event.case_id is not None and event.version is not None:
            decisions[event.case_id, event.version].append(event)
    return {key: _review(key[1], found) for key, found in decisions.items()}


def review_of_version(connection: sa.Connection, version: Version) -> Review:
    """What was decided about a version, within a transaction."""
    unreviewed = Review(version=version.number, registered=version.registered)
    found = reviews_of(connection, version.case_id)
    return found.get((version.case_id, version.number), unreviewed)


def was_approved(connection: sa.Connection, case_id: str) -> int | None:
    """A version of the case that was ever approved, withdrawn or not; else None."""
    found: int | None = connection.scalar(
        sa.select(sa.func.min(audit_events.c.version)).where(
            audit_events.c.case_id == case_id, audit_events.c.action == APPROVED
        )
    )
    return found


def _review(version: int, decisions: Iterable[Event]) -> Review:
    review = Review(version=version)
    for event in decisions:
        review = _decided(review, event)
    return review


def _decided(review: Review, event: Event) -> Review:
    """The review after one more decision."""
    if event.action == SUPERSEDED:
        by = event.detail["superseded_by"]
        return replace(review, assessment="superseded", superseded_by=by)
    signature = Signature(
        event.detail["name"], event.detail["role"], event.at, event.detail["comment"]
    )
    if event.action == APPROVED:
        return replace(
            review,
            assessment="approved",
            assessment_by=signature,
            registered=event.detail["registered"],
            newer=event.detail["newer"],
        )
    if event.detail["verdict"] == "accepted":
        return replace(review, registration="accepted", registration_by=signature)
    # What was approved on this registration is not approved any more.
    return Review(
        registration="rejected", registration_by=signature, version=review.version
    )

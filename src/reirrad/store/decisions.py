"""Decisions about versions, read from the events that they are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

import sqlalchemy as sa

from reirrad.core.review import Review, Signature
from reirrad.store.schema import audit_events
from reirrad.store.trail import Event, event_of

__all__ = ["APPROVED", "REVIEWED", "SUPERSEDED", "reviews_of"]

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
        return replace(review, assessment="approved", assessment_by=signature)
    if event.detail["verdict"] == "accepted":
        return replace(review, registration="accepted", registration_by=signature)
    # What was approved on this registration is not approved any more.
    return Review(
        registration="rejected", registration_by=signature, version=review.version
    )

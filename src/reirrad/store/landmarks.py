"""Points marked in two images of a case; every set that was saved is kept."""

import math
from collections.abc import Sequence

import sqlalchemy as sa

from reirrad.core.landmarks import LandmarkPair
from reirrad.errors import StoreError
from reirrad.store.cases import require_case
from reirrad.store.database import Store, now
from reirrad.store.schema import landmark_sets
from reirrad.store.trail import note

__all__ = ["landmark_set", "landmarks", "save_landmarks"]

MOST_PAIRS = 200


def save_landmarks(
    store: Store,
    case_id: str,
    by: str,
    pairs: Sequence[LandmarkPair],
    *,
    based_on: int | None = None,
) -> None:
    """Keep this set of pairs as the one that counts now.

    Parameters
    ----------
    store, case_id
        Of which case.
    by
        Account of who saves.
    pairs
        All that count from now on.
    based_on
        `landmark_set` that they were changed from; None to replace any.

    Raises
    ------
    StoreError
        One problem for each fault: no such case, too many pairs, coordinates that are
        not numbers, labels that are empty or used twice in a course, or another set
        than `based_on` counts now.
    """
    problems = _problems(pairs)
    if problems:
        raise StoreError(*problems)
    with store.writing() as connection:
        require_case(connection, case_id)
        if based_on is not None:
            _require_newest(connection, case_id, based_on)
        connection.execute(
            sa.insert(landmark_sets).values(
                case_id=case_id,
                at=now(),
                saved_by=by,
                pairs=[
                    {
                        "label": pair.label,
                        "course": pair.course,
                        "earlier_mm": list(pair.earlier_mm),
                        "reference_mm": list(pair.reference_mm),
                        "frames": pair.frames and list(pair.frames),
                    }
                    for pair in pairs
                ],
            )
        )
        note(
            connection,
            who=by,
            action="landmarks saved",
            case_id=case_id,
            detail={"pairs": len(pairs)},
        )


def landmark_set(store: Store, case_id: str) -> int:
    """Number of the set that was saved last; 0 where there is none."""
    with store.reading() as connection:
        newest = connection.execute(_newest(case_id)).first()
    return 0 if newest is None else int(newest.id)


def landmarks(store: Store, case_id: str) -> tuple[LandmarkPair, ...]:
    """The pairs that were saved last; empty where there are none."""
    query = (
        sa.select(landmark_sets.c.pairs)
        .where(landmark_sets.c.case_id == case_id)
        .order_by(landmark_sets.c.id.desc())
        .limit(1)
    )
    with store.reading() as connection:
        found = connection.scalar(query)
    return tuple(
        LandmarkPair(
            pair["label"],
            pair["course"],
            (pair["earlier_mm"][0], pair["earlier_mm"][1], pair["earlier_mm"][2]),
            (pair["reference_mm"][0], pair["reference_mm"][1], pair["reference_mm"][2]),
            pair["frames"] and (pair["frames"][0], pair["frames"][1]),
        )
        for pair in found or ()
    )


def _newest(case_id: str) -> sa.Select[tuple[int, str, str]]:
    return (
        sa.select(landmark_sets.c.id, landmark_sets.c.saved_by, landmark_sets.c.at)
        .where(landmark_sets.c.case_id == case_id)
        .order_by(landmark_sets.c.id.desc())
        .limit(1)
    )


def _require_newest(connection: sa.Connection, case_id: str, based_on: int) -> None:
    newest = connection.execute(_newest(case_id)).first()
    if newest is not None and newest.id != based_on:
        msg = (
            f"{newest.saved_by} saved landmarks of this case at {newest.at}, after the "
            f"ones that you changed were read. Nothing was saved."
        )
        raise StoreError(msg)


def _problems(pairs: Sequence[LandmarkPair]) -> list[str]:
    problems = []
    if len(pairs) > MOST_PAIRS:
        problems.append(
            f"There are {len(pairs)} pairs of landmarks; at most {MOST_PAIRS} are kept."
        )
    seen = set()
    for number, pair in enumerate(pairs, start=1):
        what = f"Landmark {number} of course {pair.course}"
        if not pair.label.strip():
            problems.append(f"{what} has no label; say which point it is.")
        elif (pair.course, pair.label, pair.frames) in seen:
            problems.append(f"{what} has the label of another one, {pair.label!r}.")
        seen.add((pair.course, pair.label, pair.frames))
        if not all(map(math.isfinite, (*pair.earlier_mm, *pair.reference_mm))):
            problems.append(f"{what} has a coordinate that is not a number.")
    return problems

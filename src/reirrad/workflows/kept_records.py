"""What is found beside what the registry has: which stays, and under which number."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import fields, replace
from itertools import count
from typing import TypeVar

from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import kind_of

__all__ = ["completed", "free_number", "numbered"]

R = TypeVar("R", bound=Record)


def free_number(kept: Iterable[Record]) -> int:
    """The number after the highest of a patient's records of one kind."""
    return max((record.number for record in kept), default=0) + 1


def completed(kept: R, found: R) -> tuple[R, list[str]]:
    """A record of the registry with what it did not know yet.

    Nothing that is there is changed.

    Returns
    -------
    record
        The values of `kept`, those of `found` where it has none.
    remarks
        A sentence for each value of `found` that differs from the one that stays.
    """
    remarks = []
    new = {}
    for field in fields(kept):
        there, other = getattr(kept, field.name), getattr(found, field.name)
        if there is None:
            new[field.name] = other
        elif other is not None and other != there:
            remarks.append(
                f"{kind_of(kept)} {kept.number}: {field.name} stays {there} as in the "
                f"registry; the assessment says {other}."
            )
    return replace(kept, **new), remarks


def numbered(
    found: Iterable[R],
    *,
    replaced: Iterable[R],
    kept: Sequence[R],
    like: Callable[[R], Hashable],
) -> tuple[R, ...]:
    """Give records the numbers of those that they replace, or free ones.

    Parameters
    ----------
    found
        New records; their numbers do not count.
    replaced
        Those whose place they take.
    kept
        All records of this kind that the registry has of the patient.
    like
        What two records have in common of which one replaces the other.
    """
    places: dict[Hashable, list[int]] = defaultdict(list)
    for record in replaced:
        places[like(record)].append(record.number)
    fresh = count(free_number(kept))
    return tuple(
        replace(
            record,
            number=places[like(record)].pop(0) if places[like(record)] else next(fresh),
        )
        for record in found
    )

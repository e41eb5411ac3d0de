"""Lines of an output: a statistic over all units and over those of each group."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from reirrad.stats.descriptive import distribution
from reirrad.stats.proportions import share, shares
from reirrad.stats.results import Distribution, OutputRow, Shares
from reirrad.stats.strata import ALL

__all__ = [
    "counted_in",
    "distribution_rows",
    "in_stratum",
    "share_rows",
    "shares_rows",
    "yes_or_no",
]

T = TypeVar("T")
Valued = Sequence[tuple[str, T]]


def in_stratum(values: Iterable[tuple[str, T]], stratum: str) -> list[T]:
    """Values of the units of a group, or of all."""
    return [value for name, value in values if stratum in {ALL, name}]


def counted_in(unit: str, rows: Iterable[OutputRow]) -> tuple[OutputRow, ...]:
    """The same lines with their own unit of analysis."""
    return tuple(replace(row, of=unit) for row in rows)


def distribution_rows(
    values: Valued[float | None], strata: Sequence[str], *, unit: str, item: str = ""
) -> tuple[OutputRow, ...]:
    """Distribution of a quantity; None counts as missing."""
    return _rows(values, strata, distribution, item=item, unit=unit)


def shares_rows(
    values: Valued[str | None],
    strata: Sequence[str],
    order: Sequence[str],
    *,
    item: str = "",
) -> tuple[OutputRow, ...]:
    """Share of each value of a quality; None counts as missing."""
    return _rows(values, strata, lambda found: shares(found, order), item=item)


def share_rows(
    values: Valued[bool | None], strata: Sequence[str], *, item: str
) -> tuple[OutputRow, ...]:
    """Share of the units that are so, of those of which it is known."""
    return _rows(values, strata, lambda found: yes_or_no(item, found), item=item)


def yes_or_no(label: str, values: Sequence[bool | None]) -> Shares:
    """Share of the known values that are true, and how many are not known."""
    known = [value for value in values if value is not None]
    counted = share(label, sum(known), len(known))
    return Shares((counted,), len(values) - len(known))


def _rows(
    values: Valued[T],
    strata: Sequence[str],
    statistic: Callable[[Sequence[T]], Distribution | Shares],
    *,
    item: str,
    unit: str = "",
) -> tuple[OutputRow, ...]:
    return tuple(
        OutputRow(stratum, item, unit, statistic(in_stratum(values, stratum)))
        for stratum in (ALL, *strata)
    )

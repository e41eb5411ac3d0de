"""Groups of times for the tests: made, drawn, and from the public data sets."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import strategies as st

from reirrad.stats.results import GroupTest
from reirrad.stats.times import Observed

FOLDER = Path(__file__).parent
DATA = FOLDER / "data"

SETS = (
    "freireich",
    "rats",
    "aml",
    "lung",
    "veteran",
    "ovarian",
    "pbc",
    "mgus2",
    "transplant",
    "edges",
)


Units = Sequence[tuple[float, int]]


def group(units: Units, stratum: str = "all", missing: int = 0) -> Observed:
    """A group of patients from the time and outcome of each."""
    return Observed(
        endpoint="overall survival",
        stratum=stratum,
        unit="patient",
        months=tuple(float(months) for months, _ in units),
        outcome=tuple(outcome for _, outcome in units),
        missing=missing,
    )


def table(name: str) -> list[dict[str, str]]:
    """Rows of a public data set."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def groups_of(name: str) -> dict[str, Observed]:
    """All units of a public data set, and its groups."""
    units: dict[str, list[tuple[float, int]]] = {"all": []}
    for row in table(name):
        unit = float(row["time"]), int(row["outcome"])
        units["all"].append(unit)
        units.setdefault(row["group"], []).append(unit)
    return {stratum: group(rows, stratum) for stratum, rows in units.items()}


MONTHS = st.integers(0, 24).map(lambda half: half / 2)


def units(outcomes: int = 2) -> st.SearchStrategy[list[tuple[float, int]]]:
    """Times with many ties, and outcomes up to `outcomes`."""
    unit = st.tuples(MONTHS, st.integers(0, outcomes))
    return st.lists(unit, min_size=1, max_size=25)


def stretched(rows: Units) -> Units:
    """The same units on another scale of time, in the same order."""
    return [(months**2 + 1, what) for months, what in rows]


def same_test(one: GroupTest, other: GroupTest) -> None:
    """Two tests come to the same, or are not made for the same reason."""
    assert (one.degrees, one.note) == (other.degrees, other.note)
    if one.degrees is not None:
        assert one.statistic == pytest.approx(other.statistic, rel=1e-6, abs=1e-9)
        assert one.p == pytest.approx(other.p, rel=1e-6, abs=1e-9)

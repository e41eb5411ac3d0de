"""Lines of an output: all units first, then each group, missing apart."""

from reirrad.stats.output_rows import (
    distribution_rows,
    in_stratum,
    share_rows,
    shares_rows,
    yes_or_no,
)
from reirrad.stats.results import Distribution, Shares

STRATA = ("1A", "2")


def test_a_group_has_its_units_and_all_has_every_unit() -> None:
    values = [("1A", 1), ("2", 2), ("1A", 3)]
    assert in_stratum(values, "all") == [1, 2, 3]
    assert in_stratum(values, "1A") == [1, 3]
    assert in_stratum(values, "1B") == []


def test_a_distribution_counts_what_is_missing() -> None:
    rows = distribution_rows(
        [("1A", 1.0), ("2", None), ("1A", 3.0)], STRATA, unit="cc", item="volume"
    )
    assert [(row.stratum, row.item, row.unit) for row in rows] == [
        ("all", "volume", "cc"),
        ("1A", "volume", "cc"),
        ("2", "volume", "cc"),
    ]
    results = [row.result for row in rows]
    assert all(isinstance(result, Distribution) for result in results)
    assert [(r.n, r.missing) for r in results if isinstance(r, Distribution)] == [
        (2, 1),
        (2, 0),
        (0, 1),
    ]


def test_shares_have_their_values_in_order_also_those_of_nobody() -> None:
    rows = shares_rows([("1A", "b"), ("2", None)], STRATA, ("a", "b"))
    result = rows[0].result
    assert isinstance(result, Shares)
    assert [(one.label, one.count, one.of) for one in result.shares] == [
        ("a", 0, 1),
        ("b", 1, 1),
    ]
    assert result.missing == 1


def test_what_is_not_known_is_neither_yes_nor_no() -> None:
    found = yes_or_no("so", [True, None, False, None])
    (share,) = found.shares
    assert (share.label, share.count, share.of, found.missing) == ("so", 1, 2, 2)
    nobody = yes_or_no("so", [None])
    assert (nobody.shares[0].of, nobody.shares[0].low) == (0, None)


def test_yes_or_no_of_each_group() -> None:
    rows = share_rows([("1A", True), ("2", False)], STRATA, item="so")
    counts = [
        row.result.shares[0].count for row in rows if isinstance(row.result, Shares)
    ]
    assert counts == [1, 1, 0]

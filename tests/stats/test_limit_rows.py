"""Lines of the limits: one for each kind, held apart where a course has several."""

import pytest

from reirrad.stats.limit_rows import limit_rows
from reirrad.stats.results import Shares
from tests.stats.cohorts import (
    COHORT,
    ask,
    limit,
    with_records,
    with_two_assessments,
)


def test_limits_that_differ_with_the_fractions_are_one_line() -> None:
    checks = [
        limit("A", number=1, course=2, limit=35.0),
        limit("C", number=1, course=2, limit=25.2, verdict="exceeded"),
    ]
    rows, _ = limit_rows(ask(with_records(COHORT, *checks)))
    assert {row.item for row in rows} == {
        "Duodenum, D0.1cc <= 25.2 or 35 Gy, re-irradiation [1]"
    }


def test_limits_that_hold_for_one_course_are_lines_of_their_own() -> None:
    checks = [
        limit("A", number=1, course=2, limit=35.0),
        limit("A", number=2, course=2, limit=25.2, verdict="exceeded"),
    ]
    rows, _ = limit_rows(ask(with_records(COHORT, *checks)))
    assert list(dict.fromkeys(row.item for row in rows)) == [
        "Duodenum, D0.1cc <= 25.2 Gy, re-irradiation [1]",
        "Duodenum, D0.1cc <= 35 Gy, re-irradiation [1]",
    ]


def test_sources_are_listed_once_with_their_verification() -> None:
    checks = [
        limit("A", number=1, course=2, source="b"),
        limit("A", number=2, course=2, source="a", verification="unverified"),
        limit("B", number=1, course=2, source="b"),
    ]
    _, sources = limit_rows(ask(with_records(COHORT, *checks)))
    assert sources == ("[1] a (unverified)", "[2] b (paper)")


@pytest.mark.parametrize(
    ("assessments", "expected", "missing"),
    [((1, 2), {"exceeded": 1}, 4), ((2,), {}, 5), ((2, None), {"met": 1}, 4)],
)
def test_a_limit_of_all_courses_is_not_met_by_a_sum_of_fewer(
    assessments: tuple[int | None, ...], expected: dict[str, int], missing: int
) -> None:
    checks = [
        limit(
            "B",
            number=number,
            assessment=made,
            verdict="exceeded" if made == 1 else "met",
        )
        for number, made in enumerate(assessments, start=1)
    ]
    rows, _ = limit_rows(ask(with_two_assessments(*checks)))
    found = [one.result for one in rows if one.stratum == "all"]
    counted = [one for one in found if isinstance(one, Shares)]
    seen = {
        share.label: share.count
        for one in counted
        for share in one.shares
        if share.count
    }
    assert seen == expected
    assert all(one.missing == missing for one in counted)

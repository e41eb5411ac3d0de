from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.cord_rules import (
    CordCourses,
    cord_criteria,
    cord_score,
    overall_verdict,
)
from reirrad.knowledge.cord_rules import load_cord_rules

TABLE = load_cord_rules()
GOOD = CordCourses(
    total_eqd2_gy=60.0,
    latest_eqd2_gy=20.0,
    total_bed_gy=120.0,
    course_bed_gy=[80.0, 40.0],
    interval_months=12.0,
)


def verdicts(courses: CordCourses) -> list[str]:
    return [one.verdict for one in cord_criteria(courses, TABLE.criterion)]


def points(courses: CordCourses) -> float | None:
    return cord_score(courses, TABLE.score).points


def test_every_criterion_at_its_limit_is_met() -> None:
    courses = replace(
        GOOD, total_eqd2_gy=50.0, latest_eqd2_gy=25.0, interval_months=5.0
    )
    assert verdicts(courses) == ["met"] * 4
    assert verdicts(replace(courses, total_eqd2_gy=70.0))[0] == "met"


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        ({"total_eqd2_gy": 70.1}, 0),
        ({"latest_eqd2_gy": 25.1}, 1),
        ({"total_eqd2_gy": 39.9}, 2),
        ({"interval_months": 4.9}, 3),
    ],
)
def test_each_criterion_can_be_missed_alone(
    changed: dict[str, float], missed: int
) -> None:
    found = verdicts(
        CordCourses(
            total_eqd2_gy=changed.get("total_eqd2_gy", 60.0),
            latest_eqd2_gy=changed.get("latest_eqd2_gy", 20.0),
            total_bed_gy=120.0,
            course_bed_gy=[80.0, 40.0],
            interval_months=changed.get("interval_months", 12.0),
        )
    )
    assert [n for n, verdict in enumerate(found) if verdict != "met"] == [missed]
    assert found[missed] == "exceeded"


@pytest.mark.parametrize(
    ("total", "latest", "interval", "expected"),
    [
        (None, 20.0, 12.0, ["not evaluable", "met", "not evaluable", "met"]),
        (60.0, None, 12.0, ["met", "not evaluable", "not evaluable", "met"]),
        (60.0, 20.0, None, ["met", "met", "met", "not evaluable"]),
    ],
)
def test_a_criterion_without_a_value_is_never_met(
    total: float | None,
    latest: float | None,
    interval: float | None,
    expected: list[str],
) -> None:
    courses = replace(
        GOOD, total_eqd2_gy=total, latest_eqd2_gy=latest, interval_months=interval
    )
    criteria = cord_criteria(courses, TABLE.criterion)
    assert [one.verdict for one in criteria] == expected
    assert overall_verdict(criteria) == "not evaluable"


def test_one_missed_criterion_decides_even_if_another_is_unknown() -> None:
    courses = replace(GOOD, total_eqd2_gy=None, latest_eqd2_gy=30.0)
    assert overall_verdict(cord_criteria(courses, TABLE.criterion)) == "exceeded"
    assert overall_verdict([]) == "not evaluable"


def test_a_course_without_dose_has_no_share() -> None:
    courses = replace(GOOD, total_eqd2_gy=0.0, latest_eqd2_gy=0.0)
    criteria = cord_criteria(courses, TABLE.criterion)
    assert (criteria[2].value, criteria[2].verdict) == (0.0, "met")


@pytest.mark.parametrize(
    ("total_bed", "expected"),
    [
        (0.0, 0),
        (120.0, 0),
        (120.1, 1),
        (130.0, 1),
        (130.1, 2),
        (160.0 + 1e-12, 4),
        (199.9, 8),
        (200.0, 8),
        (200.1, 9),
        (500.0, 9),
    ],
)
def test_dose_adds_a_point_for_each_ten_gray(total_bed: float, expected: int) -> None:
    assert points(replace(GOOD, total_bed_gy=total_bed)) == expected


def test_a_short_interval_and_a_high_course_add_their_points() -> None:
    assert points(replace(GOOD, interval_months=5.9)) == 4.5
    assert points(replace(GOOD, interval_months=6.0)) == 0
    assert points(replace(GOOD, course_bed_gy=[102.0, 10.0])) == 4.5
    assert points(replace(GOOD, course_bed_gy=[101.9, 10.0])) == 0
    both = replace(GOOD, course_bed_gy=[10.0, 110.0], interval_months=2.0)
    assert points(both) == 9


@given(st.floats(0, 300), st.floats(0, 24), st.floats(0, 150))
def test_the_group_follows_from_the_points(
    total: float, interval: float, course: float
) -> None:
    score = cord_score(
        replace(
            GOOD,
            total_bed_gy=total,
            interval_months=interval,
            course_bed_gy=[course, 1.0],
        ),
        TABLE.score,
    )
    assert score.points is not None
    expected = "low" if score.points <= 3 else "high"
    if 3 < score.points <= 6:
        expected = "intermediate"
    assert score.group == expected
    assert score.risk_percent == {"low": 3, "intermediate": 25, "high": 90}[expected]


@pytest.mark.parametrize(
    "courses",
    [
        replace(GOOD, total_bed_gy=None),
        replace(GOOD, interval_months=None),
        replace(GOOD, course_bed_gy=[80.0, None]),
    ],
)
def test_a_score_with_a_missing_part_is_not_given(courses: CordCourses) -> None:
    score = cord_score(courses, TABLE.score)
    assert (score.points, score.group, score.risk_percent) == (None, None, None)

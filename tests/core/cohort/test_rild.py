"""Radiation-induced liver disease: every answer, its windows and its baseline."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from reirrad.core.cohort.clinical_records import Laboratory, Visit
from reirrad.core.cohort.rild import Rild, rild
from reirrad.core.cohort.treatment_records import Course
from tests.core.cohort.clinic import END, RULES, START, sample, visit

COURSE = Course(
    patient="P1", number=2, start_date=START, end_date=END, reirradiation=True
)
BEFORE = -15
LATE = 88
"""In the last third of either window."""


def laboratory(  # one sample of each at one day
    day: int,
    *,
    alt: float = 30.0,
    alp: float = 90.0,
    bilirubin: float = 0.8,
    albumin: float = 4.0,
) -> list[Laboratory]:
    return [
        sample("alt", alt, upper=40.0, day=day),
        sample("alp", alp, upper=100.0, day=day),
        sample("bilirubin", bilirubin, upper=1.2, day=day),
        sample("albumin", albumin, lower=3.5, day=day),
        sample("inr", 1.0, day=day),
    ]


NORMAL = laboratory(BEFORE)
WELL = [visit(day=BEFORE, hepatomegaly=False)]
ILL = visit(ascites="mild", hepatomegaly=True)


def progression(day: int) -> date:
    return END + timedelta(days=day)


def answers(
    samples: Sequence[Laboratory],
    visits: Sequence[Visit],
    progressions: Sequence[date] = (),
    *,
    followed_days: int = 200,
) -> Rild:
    return rild(
        COURSE,
        laboratory=samples,
        visits=visits,
        progressions=progressions,
        last_contact=END + timedelta(days=followed_days),
        rules=RULES,
    )


def test_a_patient_who_stays_well_has_none() -> None:
    well = visit(hepatomegaly=False, day=LATE)
    found = answers([*NORMAL, *laboratory(LATE)], [*WELL, well])
    assert (found.classic, found.non_classic) == ("no", "no")
    assert "without ascites, enlarged liver, raised alkaline" in found.reasons[0]
    assert "transaminases of grade 0, Child-Pugh points by +0" in found.reasons[1]


def test_classic() -> None:
    samples = [*NORMAL, *laboratory(40, alp=201.0), *laboratory(LATE)]
    found = answers(samples, [*WELL, ILL, visit(day=LATE)])
    assert (found.classic, found.non_classic) == ("yes", "no")


@pytest.mark.parametrize(
    "changed",
    [{"alp": 200.0}, {"bilirubin": 1.9}, {"alt": 201.0}],
    ids=["alkaline phosphatase at twice normal", "jaundice", "transaminases"],
)
def test_classic_needs_each_part(changed: dict[str, float]) -> None:
    values = {"alp": 250.0} | changed
    found = answers([*NORMAL, *laboratory(LATE, **values)], [*WELL, ILL])
    assert found.classic == "no"


@pytest.mark.parametrize(
    ("day", "expected"), [(13, None), (14, "yes"), (121, "yes"), (122, None)]
)
def test_the_window_of_classic_disease(day: int, expected: str | None) -> None:
    samples = [*NORMAL, *laboratory(day, alp=300.0)]
    ill = replace(ILL, date=END + timedelta(days=day))
    assert answers(samples, [*WELL, ill]).classic == expected


def test_what_was_there_before_is_no_new_finding() -> None:
    samples = [*NORMAL, *laboratory(40, alp=300.0)]
    before = visit(ascites="mild", hepatomegaly=False, day=BEFORE)
    ill = visit(ascites="mild", hepatomegaly=True, day=LATE)
    assert answers(samples, [before, ill]).classic == "no"


def test_an_abnormal_baseline_raises_the_limit_of_alkaline_phosphatase() -> None:
    before = laboratory(BEFORE, alp=200.0)
    after = laboratory(LATE, alp=390.0)
    assert answers([*before, *after], [*WELL, ILL]).classic == "no"
    assert answers([*NORMAL, *after], [*WELL, ILL]).classic == "yes"


def test_transaminases_of_grade_3_are_non_classic() -> None:
    found = answers([*NORMAL, *laboratory(LATE, alt=201.0)], WELL)
    assert found.non_classic == "yes"
    assert "transaminases of grade 3" in found.reasons[1]
    fine = answers([*NORMAL, *laboratory(LATE, alt=200.0)], [*WELL, visit(day=LATE)])
    assert fine.non_classic == "no"


def test_two_more_child_pugh_points_are_non_classic() -> None:
    later = [visit(day=LATE - 10)]
    one = answers([*NORMAL, *laboratory(LATE, albumin=3.0)], [*WELL, *later])
    two = answers([*NORMAL, *laboratory(LATE, albumin=2.5)], [*WELL, *later])
    assert (one.non_classic, two.non_classic) == ("no", "yes")
    assert "risen by 2" in two.reasons[1]


@pytest.mark.parametrize(
    ("day", "expected"), [(0, None), (1, "yes"), (91, "yes"), (92, None)]
)
def test_the_window_of_non_classic_disease(day: int, expected: str | None) -> None:
    found = answers([*NORMAL, *laboratory(day, alt=900.0)], WELL)
    assert found.non_classic == expected


def test_progression_asks_for_a_review() -> None:
    samples = [*NORMAL, *laboratory(40, alp=300.0), *laboratory(60, alt=190.0)]
    samples += [sample("ast", 400.0, upper=40.0, day=LATE)]
    found = answers(samples, [*WELL, ILL], [progression(60)])
    assert (found.classic, found.non_classic) == ("no", "needs review")
    later = answers(samples, [*WELL, ILL], [progression(100)])
    assert later.non_classic == "yes"


def test_progression_does_not_make_a_disease_out_of_none() -> None:
    found = answers(
        [*NORMAL, *laboratory(LATE)],
        [*WELL, visit(hepatomegaly=False, day=LATE)],
        [progression(20)],
    )
    assert (found.classic, found.non_classic) == ("no", "no")


@pytest.mark.parametrize(
    ("samples", "visits"),
    [
        ([], []),
        (NORMAL, WELL),
        ([*NORMAL, *laboratory(40, alp=300.0)], WELL),
        ([*NORMAL, sample("alt", 90.0, day=40)], [*WELL, ILL]),
    ],
    ids=["nothing", "nothing after", "not seen after", "limit of normal not known"],
)
def test_too_little_is_neither_yes_nor_no(
    samples: list[Laboratory], visits: list[Visit]
) -> None:
    found = answers(samples, visits)
    assert (found.classic, found.non_classic) == (None, None)


def test_without_baseline_points_a_rise_cannot_be_told() -> None:
    found = answers(laboratory(40), [visit(hepatomegaly=False)])
    assert found.non_classic is None
    assert "not known before and after" in found.reasons[1]


def test_without_the_last_day_nothing_can_be_told() -> None:
    found = rild(
        replace(COURSE, end_date=None),
        laboratory=NORMAL,
        visits=WELL,
        progressions=(),
        last_contact=None,
        rules=RULES,
    )
    assert (found.classic, found.non_classic) == (None, None)
    assert found.reasons == ("the last day of the course is not known",)


@pytest.mark.parametrize(
    ("days", "classic", "non_classic"),
    [(90, None, None), (91, None, "no"), (120, None, "no"), (121, "no", "no")],
)
def test_there_is_none_only_after_the_whole_window(
    days: int, classic: str | None, non_classic: str | None
) -> None:
    found = answers(
        [*NORMAL, *laboratory(LATE)],
        [*WELL, visit(hepatomegaly=False, day=LATE)],
        followed_days=days,
    )
    assert (found.classic, found.non_classic) == (classic, non_classic)
    assert ("not followed to the end of 4 months" in found.reasons[0]) == (days < 121)


def test_a_later_sample_shows_that_the_patient_was_followed() -> None:
    samples = [*NORMAL, *laboratory(LATE), *laboratory(130)]
    well = visit(hepatomegaly=False, day=LATE)
    found = answers(samples, [*WELL, well], followed_days=30)
    assert (found.classic, found.non_classic) == ("no", "no")


EARLY = laboratory(20)
EARLY_VISIT = visit(hepatomegaly=False, day=20)


def test_what_was_looked_for_early_alone_denies_nothing() -> None:
    found = answers([*NORMAL, *EARLY], [*WELL, EARLY_VISIT], followed_days=800)
    assert (found.classic, found.non_classic) == (None, None)
    assert all("may have come later" in reason for reason in found.reasons)


@pytest.mark.parametrize(
    ("day", "classic", "non_classic"),
    [
        (61, None, None),
        (62, None, "no"),
        (85, None, "no"),
        (86, "no", "no"),
        (121, "no", "no"),
        (122, "no", None),
        (152, "no", None),
        (153, None, None),
    ],
)
def test_the_last_third_of_the_window_and_the_month_after_it_deny(
    day: int, classic: str | None, non_classic: str | None
) -> None:
    samples = [*NORMAL, *EARLY, *laboratory(day)]
    visits = [*WELL, EARLY_VISIT, visit(hepatomegaly=False, day=day)]
    found = answers(samples, visits)
    assert (found.classic, found.non_classic) == (classic, non_classic)


def test_a_part_is_denied_only_where_it_was_looked_for_late_itself() -> None:
    early = [*NORMAL, *laboratory(20, alp=300.0)]
    late = [sample("alp", 90.0, upper=100.0, day=LATE)]
    # Without ascites early; late alkaline phosphatase alone, that had been raised.
    assert answers([*early, *late], [*WELL, EARLY_VISIT]).classic is None
    assert answers([*NORMAL, *EARLY, *late], [*WELL, EARLY_VISIT]).classic == "no"


@pytest.mark.parametrize("missing", ["alt", "bilirubin", "albumin", "inr"])
def test_each_finding_of_the_non_classic_disease_must_be_late(missing: str) -> None:
    late = [one for one in laboratory(LATE) if one.analyte != missing]
    visits = [*WELL, visit(day=LATE)]
    assert answers([*NORMAL, *EARLY, *late], visits).non_classic is None
    assert answers([*NORMAL, *EARLY, *laboratory(LATE)], visits).non_classic == "no"


def test_what_is_found_after_the_window_is_neither_yes_nor_no() -> None:
    samples = [*NORMAL, *EARLY, *laboratory(110, alt=900.0)]
    visits = [*WELL, EARLY_VISIT, visit(day=110)]
    assert answers(samples, visits).non_classic is None
    normal = [*laboratory(LATE), *samples]
    assert answers(normal, [*visits, visit(day=LATE)]).non_classic is None
    ill = visit(ascites="mild", hepatomegaly=True, day=140)
    assert answers([*NORMAL, *EARLY], [*WELL, EARLY_VISIT, ill]).classic is None


@pytest.mark.parametrize(
    ("samples", "visits", "lacking"),
    [
        (NORMAL, [], "ascites, enlarged liver"),
        ([one for one in NORMAL if one.analyte != "alp"], WELL, "alkaline phosphatase"),
        ([], WELL, "alkaline phosphatase, bilirubin, transaminases"),
    ],
    ids=["no visit", "no alkaline phosphatase", "no laboratory values"],
)
def test_classic_without_the_state_before_needs_a_review(
    samples: list[Laboratory], visits: list[Visit], lacking: str
) -> None:
    found = answers([*samples, *laboratory(40, alp=300.0)], [*visits, ILL])
    assert found.classic == "needs review"
    assert found.reasons[0].endswith(f"not recorded before the course: {lacking}")


def test_a_progression_on_the_first_day_explains_nothing() -> None:
    first = (START - END).days
    samples = [*NORMAL, *laboratory(40, alp=300.0)]
    assert answers(samples, [*WELL, ILL], [progression(first)]).classic == "yes"
    after = answers(samples, [*WELL, ILL], [progression(first + 1)])
    assert after.classic == "needs review"
    assert "the disease progressed" in after.reasons[0]

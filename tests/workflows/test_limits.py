"""What limits are asked of: which tumours are left out, and how small an organ is."""

import pytest

from reirrad.core.assessment import ConstraintResult
from reirrad.core.constraints import Measured
from reirrad.core.organ_limits import NOTHING_LEFT
from reirrad.core.structures import Role
from reirrad.workflows.limits import assessed_limits, limit_queries
from reirrad.workflows.settings import checked_settings, load_settings
from tests.workflows.tissues import Organ, Outcome, outcome

SETTINGS = load_settings(None)

# The first two of four points lie in the drawn tumour.
LIVER = Organ("Liver", {1: [50.0, 50.0, 20.0, 2.0], 2: [50.0, 10.0, 20.0, 0.0]})
TWO_POINTS = Organ("Liver", {1: [50.0, 50.0], 2: [50.0, 10.0]})


def gtv(course: int) -> Organ:
    return Organ("GTV", {1: [50.0], 2: [50.0]}, Role.GTV, source_course=course)


def mean(result: Outcome, scope: str) -> ConstraintResult:
    return next(
        one
        for one in result.constraints
        if (one.structure, one.metric, one.scope) == ("Liver-GTV", "Mean[Gy]", scope)
    )


def limits(result: Outcome, metric: str, scope: str) -> list[ConstraintResult]:
    return [
        one
        for one in result.constraints
        if one.structure == "Duodenum" and (one.metric, one.scope) == (metric, scope)
    ]


def message(result: Outcome, code: str) -> str:
    (found,) = (one.message for one in result.about_limits if one.code == code)
    return found


@pytest.mark.parametrize(
    ("drawn_in", "first_gy", "second_gy"), [(1, 11.0, 10.0), (2, 30.5, 10.0)]
)
def test_a_later_tumour_is_healthy_organ_for_an_earlier_course(
    drawn_in: int, first_gy: float, second_gy: float
) -> None:
    result = outcome(SETTINGS, LIVER, gtv(drawn_in))
    assert mean(result, "course 1").value == pytest.approx(first_gy)
    assert mean(result, "course 2").value == pytest.approx(second_gy)


def test_drawing_a_later_tumour_changes_nothing_of_the_course_before() -> None:
    without = outcome(SETTINGS, LIVER)
    result = outcome(SETTINGS, LIVER, gtv(2))
    assert mean(result, "course 1") == mean(without, "course 1")


def test_the_sum_is_without_the_tumours_of_every_course() -> None:
    settings = checked_settings({"constraints": ["reirradiation"]}, name="test")
    lungs = Organ("Lungs", {1: [5.0] * 4, 2: [5.0] * 4})
    for course in (1, 2):
        result = outcome(settings, lungs, gtv(course))
        (spared,) = (one for one in result.constraints if one.structure == "Lungs-GTV")
        assert spared.scope == "cumulative"
        assert spared.value == pytest.approx(2.0)


def test_of_an_organ_wholly_in_tumours_nothing_is_evaluated() -> None:
    result = outcome(SETTINGS, TWO_POINTS, gtv(2))
    assert mean(result, "course 1").verdict != "not evaluable"
    second = mean(result, "course 2")
    assert (second.verdict, second.value) == ("not evaluable", None)
    assert second.note.startswith(NOTHING_LEFT)
    models = result.biology.models.normal_liver
    assert {one.scope for one in models if one.dose_gy is None} == {
        "course 2",
        "cumulative",
    }


def test_a_limit_on_more_than_the_organ_is_not_evaluable_and_said() -> None:
    """Its lowest dose, 15 Gy, is above 12.5 Gy; no 10 cc of it are."""
    result = outcome(SETTINGS, Organ("Duodenum", {1: [15.0] * 8, 2: [15.0] * 8}))
    (small,) = limits(result, "D10cc[Gy]", "course 1")
    assert (small.verdict, small.value, small.limit) == ("not evaluable", 15.0, 12.5)
    assert small.note.startswith(
        "not evaluated: the organ has 8.00 cc, less than the 10 cc that the limit is "
        "about; its lowest dose is given"
    )
    summed = limits(result, "D10cc[Gy]", "cumulative")
    assert summed
    assert {one.verdict for one in summed} == {"not evaluable"}
    assert all(one.verdict == "met" for one in limits(result, "D5cc[Gy]", "course 1"))
    told = message(result, "limit-organ-too-small")
    assert "Duodenum D10cc[Gy] <= 12.5 physical (tg101, single, course 1)" in told
    assert "lowest dose 15.0 Gy" in told
    assert "physical, alpha/beta" not in told
    assert "EQD2, alpha/beta 3 Gy (tg101, one-course tolerance, summed" in told


def test_a_part_of_an_organ_does_not_pass_either() -> None:
    """2 Gy meet any limit of 10 cc; how much the rest received nobody knows."""
    result = outcome(SETTINGS, Organ("Duodenum", {1: [2.0] * 8, 2: [2.0] * 8}))
    (small,) = limits(result, "D10cc[Gy]", "course 1")
    assert (small.verdict, small.value) == ("not evaluable", 2.0)


def test_an_organ_that_is_large_enough_is_evaluated() -> None:
    result = outcome(SETTINGS, Organ("Duodenum", {1: [15.0] * 10, 2: [2.0] * 10}))
    (first,) = limits(result, "D10cc[Gy]", "course 1")
    assert first.verdict == "exceeded"
    assert "limit-organ-too-small" not in {one.code for one in result.about_limits}


def test_limits_that_hang_on_ends_are_told_apart() -> None:
    """An organ has several limits of one metric of the sum."""
    organ = Organ("Duodenum", {1: [9.0] * 4, 2: [9.0] * 4})
    patient = outcome(SETTINGS, organ).patient
    answers = {
        query: Measured(50.0, (1.0, 500.0))
        for query in limit_queries(patient, SETTINGS)["Duodenum"]
        if (query.metric, query.scope) == ("D0.1cc[Gy]", "cumulative")
    }
    _, findings = assessed_limits(patient, answers, SETTINGS)
    (told,) = (f.message for f in findings if f.code == "limit-hangs-on-ends")
    for limit in (
        "Duodenum D0.1cc[Gy] < 98 EQD2, alpha/beta 3 Gy (reirradiation, single,",
        "Duodenum D0.1cc[Gy] <= 54 EQD2, alpha/beta 2.5 Gy (reirradiation, single,",
        "Duodenum D0.1cc[Gy] < 98 BED, alpha/beta 3 Gy (reirradiation, alternative",
    ):
        assert told.count(limit) == 1

"""How complete the registry is, item by item, in the unit of each."""

from dataclasses import replace

from reirrad.core.cohort.clinical_records import Toxicity
from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.records import Cohort
from reirrad.stats.cohort_results import ReportingItem
from reirrad.stats.reporting_items import reporting_items
from tests.stats.cohorts import COHORT, A, after, ask, liver, with_records


def items(cohort: Cohort = COHORT) -> dict[str, ReportingItem]:
    return {found.item: found for found in reporting_items(ask(cohort))}


def counted(name: str, cohort: Cohort = COHORT) -> tuple[str, int, int]:
    found = items(cohort)[name]
    return found.of, found.present, found.total


def test_items_are_counted_in_their_units() -> None:
    assert counted("Age") == ("patient", 2, 4)
    assert counted("Performance status") == ("course", 2, 5)
    assert counted("Re-irradiation: GTV") == ("lesion", 2, 5)
    assert counted("Type of re-irradiation (ESTRO-EORTC)") == ("course", 1, 5)
    assert counted("Interval between the courses") == ("course", 4, 5)
    assert counted("Follow-up") == ("patient", 2, 4)
    assert counted("Toxicity recorded, CTCAE v5.0") == ("patient", 2, 4)


def test_previous_radiotherapy_is_that_of_the_course_compared_with() -> None:
    assert counted("Previous radiotherapy: dates") == ("course", 4, 5)
    # C's earlier lesion has no dose.
    assert counted("Previous radiotherapy: dose and fractions") == ("course", 3, 5)
    assert counted("Previous radiotherapy: technique") == ("course", 1, 5)
    assert counted("Previous radiotherapy: volumes") == ("course", 0, 5)


def test_cumulative_dose_and_its_ratio() -> None:
    some = with_records(COHORT, liver("A", mean_gy=9.0))
    assert counted("Cumulative dose of organs, EQD2", some) == ("course", 1, 5)
    assert counted("alpha/beta of every cumulative dose", some) == ("course", 0, 5)
    known = with_records(COHORT, liver("A", mean_gy=9.0, alpha_beta_gy=2.5))
    assert counted("alpha/beta of every cumulative dose", known) == ("course", 1, 5)


def test_registration_is_known_where_the_overlap_comes_from_an_assessment() -> None:
    name = "Registration and summation of dose"
    assert counted(name) == ("course", 0, 5)
    (overlap,) = [one for one in A if isinstance(one, Overlap)]
    assessed = with_records(COHORT, replace(overlap, assessment=1))
    assert counted(name, assessed) == ("course", 1, 5)


def test_attribution_is_complete_where_every_event_has_one() -> None:
    name = "Toxicity attributed to the radiotherapy"
    # A has no event; B has three without attribution.
    assert counted(name) == ("patient", 1, 4)
    told = [
        Toxicity(
            patient="B",
            number=n,
            date=after(90),
            term="fatigue",
            grade=1,
            attribution="possible",
        )
        for n in (2, 3, 4)
    ]
    assert counted(name, with_records(COHORT, *told)) == ("patient", 2, 4)


def test_what_the_registry_does_not_keep_is_said() -> None:
    found = items()
    assert found["Quality of life"].present == 0
    assert found["Quality of life"].note == "Not kept in the registry."
    assert "every assessment" in found["Recovery assumed between the courses"].note


def test_nobody_has_nothing_of_nothing() -> None:
    found = reporting_items(ask(Cohort()))
    assert {(one.present, one.total) for one in found} == {(0, 0)}

"""All results of a cohort: complete, in order, the same every time, of nobody too."""

from dataclasses import fields, replace
from typing import get_args

import pytest

from reirrad.core.cohort.records import KINDS, Cohort, cohort_of, records_of
from reirrad.knowledge.clinical_rules import load_clinical_rules
from reirrad.stats.cohort_outputs import results_of
from reirrad.stats.cohort_results import CohortResults
from reirrad.stats.questions import Questions, StrataName
from reirrad.stats.results import Distribution, Share, Shares, TimeToEvent
from reirrad.workflows.cohort_results import cohort_limits
from tests.stats.cohorts import COHORT, A, E


def results(cohort: Cohort, questions: Questions | None = None) -> CohortResults:
    return results_of(
        cohort,
        rules=load_clinical_rules(),
        limits=cohort_limits(),
        questions=questions or Questions(),
    )


@pytest.fixture(scope="module")
def small() -> CohortResults:
    return results(COHORT)


def test_there_are_all_outputs_in_their_order(small: CohortResults) -> None:
    assert [one.id for one in small.outputs] == [f"O{n}" for n in range(1, 33)]
    assert all(one.title and one.of and one.definition for one in small.outputs)


def test_units_of_analysis_are_counted_apart(small: CohortResults) -> None:
    assert (small.n_patients, small.n_courses, small.n_lesions) == (4, 5, 5)
    assert small.strata == ("1A", "1B", "2", "not known")
    assert small.stratified_by == "type of re-irradiation, strict reading"
    assert small.fewest_at_risk == 5


def test_every_line_has_a_group_and_all_come_first(small: CohortResults) -> None:
    for output in small.outputs:
        found = {row.stratum for row in output.rows}
        assert found <= {"all", *small.strata}
        items = list(dict.fromkeys(row.item for row in output.rows))
        for item in items:
            of_item = [row.stratum for row in output.rows if row.item == item]
            assert of_item.count("all") <= 1
            assert "all" not in of_item[1:]


@pytest.mark.parametrize("strata", get_args(StrataName))
def test_groups_add_up_to_all(strata: StrataName) -> None:
    found = results(COHORT, Questions(strata=strata))
    for output in found.outputs:
        totals: dict[str, list[int]] = {}
        for row in output.rows:
            units = _units(row.result)
            if units is not None:
                at = 0 if row.stratum == "all" else 1
                totals.setdefault(row.item, [0, 0])[at] += units
        if output.id not in {"O1", "O31", "O32"}:
            assert all(one == parts for one, parts in totals.values()), output.id


def _units(result: object) -> int | None:
    if isinstance(result, Distribution):
        return result.n + result.missing
    if isinstance(result, Shares):
        return (result.shares[0].of if result.shares else 0) + result.missing
    if isinstance(result, TimeToEvent):
        return result.n + result.missing
    assert not isinstance(result, Share)
    return None


def test_overlaps_are_those_recorded(small: CohortResults) -> None:
    assert small.overlap_cc == (
        ("1A", 500.0, 0.0),
        ("1B", 800.0, 20.0),
        ("1A", 20.0, 0.0),
        ("2", 0.0, 0.0),
    )


def test_the_order_of_the_records_does_not_matter(small: CohortResults) -> None:
    turned = cohort_of(reversed(records_of(COHORT)))
    assert results(turned) == small
    backwards = Cohort(**{kind: getattr(COHORT, kind)[::-1] for kind in KINDS})
    assert {one.name for one in fields(Cohort)} == set(KINDS)
    found = results(backwards)
    assert found.outputs == small.outputs
    assert found.survival == small.survival


def test_a_patient_without_reirradiation_changes_nothing(small: CohortResults) -> None:
    without = cohort_of(one for one in records_of(COHORT) if one.patient != "E")
    assert results(without) == small


def test_programs_are_named_with_their_versions(small: CohortResults) -> None:
    assert [name for name, _ in small.software] == [
        "reirrad",
        "statsmodels",
        "scipy",
        "numpy",
    ]
    assert all(version for _, version in small.software)


@pytest.mark.parametrize("cohort", [Cohort(), cohort_of(E)])
def test_nobody_gives_counts_of_zero_and_no_statistic(cohort: Cohort) -> None:
    found = results(cohort)
    assert (found.n_patients, found.n_courses, found.n_lesions) == (0, 0, 0)
    assert (found.strata, found.tests, found.swims, found.courses) == ((), (), (), ())
    assert len(found.outputs) == 32
    assert all(one.curve is None for one in found.survival)
    assert all(one.low is None for one in found.toxicity)


def test_one_patient_has_results() -> None:
    found = results(cohort_of(A))
    assert (found.n_patients, found.n_courses, found.n_lesions) == (1, 1, 2)
    assert found.strata == ("1A",)
    (overall,) = [
        one
        for one in found.survival
        if (one.endpoint, one.stratum) == ("overall survival", "all")
    ]
    assert overall.n == 1
    assert all(test.p is None and test.note for test in found.tests)


def test_a_lesion_more_changes_lesions_and_no_patient(small: CohortResults) -> None:
    (lesion,) = [one for one in COHORT.lesion if (one.patient, one.number) == ("C", 2)]
    more = cohort_of((*records_of(COHORT), replace(lesion, number=3)))
    found = results(more)
    assert (found.n_patients, found.n_courses, found.n_lesions) == (4, 5, 6)
    by_patient = {one.id: one for one in small.outputs if one.of == "patient"}
    for output in found.outputs:
        if output.id in by_patient and output.id != "O2":
            assert output == by_patient[output.id]

"""Whatever the records hold, every unit is counted once and nothing is made up."""

import pytest
from hypothesis import HealthCheck, given, settings

from reirrad.core.cohort.records import Cohort
from reirrad.knowledge.clinical_rules import load_clinical_rules
from reirrad.stats.cohort_outputs import results_of
from reirrad.stats.cohort_results import CohortResults
from reirrad.stats.questions import Questions
from reirrad.stats.results import Distribution, Output, Share, Shares
from reirrad.workflows.cohort_results import cohort_limits
from tests.stats.any_cohort import any_cohort

RULES, LIMITS = load_clinical_rules(), cohort_limits()


def units(result: object) -> int | None:
    if isinstance(result, Distribution):
        return result.n + result.missing
    if isinstance(result, Shares):
        return (result.shares[0].of if result.shares else 0) + result.missing
    return None


def expected(output: Output, found: CohortResults) -> int | None:
    return {
        "patient": found.n_patients,
        "course": found.n_courses,
        "lesion": found.n_lesions,
    }.get(output.of)


OF_SOME = {"O13", "O20", "O23"}
"""Outputs with lines of earlier lesions, of reduced courses, of courses of one type."""


@pytest.mark.slow
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(any_cohort())
def test_every_unit_is_in_every_output_or_missing(cohort: Cohort) -> None:
    found = results_of(cohort, rules=RULES, limits=LIMITS, questions=Questions())
    for output in found.outputs:
        total = expected(output, found)
        for row in output.rows:
            counted = units(row.result)
            if row.stratum == "all" and counted is not None and total is not None:
                assert output.id in OF_SOME or counted == total, (output.id, row.item)
    for one in found.survival:
        if one.stratum == "all" and one.endpoint != (
            "local progression, one lesion per patient"
        ):
            total = {"patient": found.n_patients, "lesion": found.n_lesions}[one.unit]
            assert one.n + one.missing == total
            assert one.events + one.competing <= one.n
    for line in found.toxicity:
        assert sum(line.by_grade) + line.ungraded <= line.of <= found.n_patients
    assert all(
        not isinstance(row.result, Share) for o in found.outputs for row in o.rows
    )

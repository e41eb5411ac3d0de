"""Everything that a report of a cohort prints, from the records of the cohort."""

from importlib.metadata import version

from reirrad.core.cohort.clinical_rules import ClinicalRules
from reirrad.core.cohort.records import Cohort
from reirrad.stats.associations import associations
from reirrad.stats.cohort_limits import CohortLimits
from reirrad.stats.cohort_results import CohortResults
from reirrad.stats.course_rows import course_rows
from reirrad.stats.outputs_cohort import cohort_outputs
from reirrad.stats.outputs_delivery import delivery_outputs
from reirrad.stats.outputs_dose import coverage_output, reduction_output, target_outputs
from reirrad.stats.outputs_eligibility import eligibility_outputs
from reirrad.stats.outputs_organs import organ_outputs
from reirrad.stats.outputs_outcome import group_tests, outcome_outputs, survival_of
from reirrad.stats.outputs_overlap import overlap_outputs
from reirrad.stats.problems import problems_of
from reirrad.stats.questions import Questions
from reirrad.stats.reporting_items import reporting_items
from reirrad.stats.results import Output
from reirrad.stats.strata import stratified_by
from reirrad.stats.study import Study, study_of
from reirrad.stats.swims import swims
from reirrad.stats.toxicity_table import toxicity_results
from reirrad.stats.treated import overlap_of

__all__ = ["results_of"]

PROGRAMS = ("reirrad", "statsmodels", "scipy", "numpy")


def results_of(
    cohort: Cohort,
    *,
    rules: ClinicalRules,
    limits: CohortLimits,
    questions: Questions,
) -> CohortResults:
    """Results of a cohort.

    Patients without a re-irradiation take no part. A cohort without any gives results
    whose counts are 0 and whose statistics are None.

    Parameters
    ----------
    cohort
        All records.
    rules, limits
        By what outcome is graded, and what patients and plans are held to.
    questions
        What is asked.
    """
    study = study_of(cohort, rules=rules, limits=limits, questions=questions)
    survival = survival_of(study)
    tests = group_tests(study)
    toxicity, toxicity_rows = toxicity_results(study)
    overlaps = study.by_course(overlap_of)
    return CohortResults(
        n_patients=len(study.patients),
        n_courses=len(overlaps),
        n_lesions=sum(1 for _ in study.lesions()),
        fewest_at_risk=questions.fewest_at_risk,
        stratified_by=stratified_by(questions.strata),
        strata=study.strata,
        outputs=_outputs(study, toxicity, outcome_outputs(study, survival, tests)),
        survival=survival,
        tests=tests,
        toxicity=toxicity_rows,
        associations=associations(study),
        overlap_cc=tuple(
            (stratum, overlap.ov2gy_organ_cc, overlap.ov50_organ_cc)
            for stratum, overlap in overlaps
            if overlap is not None
        ),
        courses=course_rows(study),
        swims=swims(study),
        reporting=reporting_items(study),
        problems=problems_of(study),
        software=tuple((name, version(name)) for name in PROGRAMS),
    )


def _outputs(
    study: Study, toxicity: Output, outcome: tuple[Output, ...]
) -> tuple[Output, ...]:
    """O1 to O32 in this order."""
    found = [
        *cohort_outputs(study),
        *eligibility_outputs(study),
        *target_outputs(study),
        *organ_outputs(study),
        reduction_output(study),
        coverage_output(study),
        *overlap_outputs(study),
        *delivery_outputs(study),
        toxicity,
        *outcome,
    ]
    return tuple(sorted(found, key=lambda output: int(output.id[1:])))

"""Results of the patients of a registry, graded by the shipped rules."""

from contextlib import closing

from reirrad.core.cohort.records import Cohort
from reirrad.knowledge.alpha_beta import load_alpha_beta
from reirrad.knowledge.clinical_rules import load_clinical_rules
from reirrad.knowledge.rules import rule_limits
from reirrad.stats.cohort_limits import CohortLimits
from reirrad.stats.cohort_outputs import results_of
from reirrad.stats.cohort_results import CohortResults
from reirrad.stats.patient_rows import PatientRow, patient_rows
from reirrad.stats.questions import Questions, StrataName
from reirrad.store.database import Store
from reirrad.store.registry import read_cohort
from reirrad.workflows.settings import load_settings

__all__ = ["cohort_limits", "cohort_results", "listed_patients", "results_of_cohort"]


def cohort_results(url: str, questions: Questions) -> CohortResults:
    """Results of all patients of a registry.

    Parameters
    ----------
    url
        Address of the registry.
    questions
        What is asked.

    Raises
    ------
    StoreError
        If it cannot be opened or read.
    """
    return results_of_cohort(_cohort(url), questions)


def listed_patients(url: str, strata: StrataName) -> tuple[PatientRow, ...]:
    """A line for each patient of a registry.

    Parameters
    ----------
    url
        Address of the registry.
    strata
        By what they are grouped.

    Raises
    ------
    StoreError
        If it cannot be opened or read.
    """
    return patient_rows(_cohort(url), strata)


def _cohort(url: str) -> Cohort:
    with closing(Store.existing(url)) as store:
        return read_cohort(store)


def results_of_cohort(cohort: Cohort, questions: Questions) -> CohortResults:
    """Results of a cohort by the shipped rules.

    Parameters
    ----------
    cohort
        All records.
    questions
        What is asked.
    """
    return results_of(
        cohort,
        rules=load_clinical_rules(),
        limits=cohort_limits(),
        questions=questions,
    )


def cohort_limits() -> CohortLimits:
    """What patients and plans are held to, from the tables of knowledge."""
    rules = rule_limits("cohort_rules")
    return CohortLimits(
        tumour_alpha_beta_gy=load_alpha_beta().target.alpha_beta_gy,
        lesions_below=rules["eligible_lesions"],
        highest_ecog=rules["eligible_ecog"],
        coverage_percent=rules["coverage_compromised_percent"],
        minimal_ov2gy_cc=load_settings(None).minimal_ov2gy_cc,
    )

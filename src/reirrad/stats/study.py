"""A cohort laid out by its units of analysis, ready to be counted."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from reirrad.core.cohort.clinical_rules import ClinicalRules
from reirrad.core.cohort.records import Cohort
from reirrad.core.cohort.treatment_records import Course, Lesion
from reirrad.stats.cohort_limits import CohortLimits
from reirrad.stats.questions import Questions
from reirrad.stats.strata import (
    present_strata,
    stratum_of_course,
    stratum_of_lesion,
)
from reirrad.stats.toxicity_events import ToxicityEvent, toxicity_events
from reirrad.stats.treated import (
    Treated,
    earlier_courses,
    lesions_in,
    treated_patients,
)

__all__ = ["Study", "study_of"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Study:
    """The patients who were irradiated again, and what is asked of them.

    Parameters
    ----------
    patients
        By pseudonym.
    strata
        Groups that occur, in order, without "all".
    toxicity
        Events of each patient after the start of re-irradiation, by pseudonym.
    rules, limits, questions
        By what it is graded and what is asked.
    """

    patients: tuple[Treated, ...]
    strata: tuple[str, ...]
    toxicity: Mapping[str, tuple[ToxicityEvent, ...]]
    rules: ClinicalRules
    limits: CohortLimits
    questions: Questions

    def by_patient(self, value: Callable[[Treated], T]) -> list[tuple[str, T]]:
        """A value of every patient, with the group of the first re-irradiation."""
        by = self.questions.strata
        return [
            (stratum_of_course(one, one.first, by), value(one)) for one in self.patients
        ]

    def by_course(self, value: Callable[[Treated, Course], T]) -> list[tuple[str, T]]:
        """A value of every re-irradiation, with its group."""
        by = self.questions.strata
        return [
            (stratum_of_course(one, course, by), value(one, course))
            for one in self.patients
            for course in one.courses
        ]

    def by_lesion(
        self, value: Callable[[Treated, Course, Lesion], T]
    ) -> list[tuple[str, T]]:
        """A value of every lesion of a re-irradiation, with its group."""
        by = self.questions.strata
        return [
            (stratum_of_lesion(one, course, lesion, by), value(one, course, lesion))
            for one, course, lesion in self.lesions()
        ]

    def by_earlier_lesion(self, value: Callable[[Lesion], T]) -> list[tuple[str, T]]:
        """A value of every lesion of the courses that the re-irradiations follow.

        With the group of the first re-irradiation after it.
        """
        by = self.questions.strata
        return [
            (stratum_of_course(one, later, by), value(lesion))
            for one in self.patients
            for earlier, later in earlier_courses(one)
            for lesion in lesions_in(one, earlier)
        ]

    def lesions(self) -> Iterator[tuple[Treated, Course, Lesion]]:
        """Lesions of the re-irradiations with their patient and course."""
        for one in self.patients:
            for course in one.courses:
                for lesion in lesions_in(one, course):
                    yield one, course, lesion


def study_of(
    cohort: Cohort,
    *,
    rules: ClinicalRules,
    limits: CohortLimits,
    questions: Questions,
) -> Study:
    """A cohort by its units of analysis."""
    patients = treated_patients(cohort)
    toxicity = {one.name: toxicity_events(one, rules) for one in patients}
    bare = Study(patients, (), toxicity, rules, limits, questions)
    found = {
        stratum
        for values in (
            bare.by_patient(lambda _: None),
            bare.by_course(lambda _one, _course: None),
            bare.by_lesion(lambda _one, _course, _lesion: None),
        )
        for stratum, _ in values
    }
    strata = present_strata(found, questions.strata)
    return replace(bare, strata=strata)

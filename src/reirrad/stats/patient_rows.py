"""Every patient of the registry as a line of a list."""

from dataclasses import dataclass
from datetime import date

from reirrad.core.cohort.records import Cohort
from reirrad.stats.endpoints import followed_months
from reirrad.stats.questions import StrataName
from reirrad.stats.strata import stratum_of_course
from reirrad.stats.treated import Treated, single_patients, treated_patients

__all__ = ["PatientRow", "patient_rows"]


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A patient as the list shows it.

    Parameters
    ----------
    patient
        Pseudonym.
    n_courses, n_reirradiations, n_lesions
        Courses, those of them that are re-irradiations, and lesions treated in these.
    first_start
        First day of the first re-irradiation; None without one.
    stratum
        Group of the first re-irradiation; None without one.
    followed_months
        From the end of the first re-irradiation to death or last contact; None where
        not known, as after a death on an unknown day.
    died
        Whether a death is kept, or a cause of death without its date.
    """

    patient: str
    n_courses: int
    n_reirradiations: int
    n_lesions: int
    first_start: date | None
    stratum: str | None
    followed_months: float | None
    died: bool


def patient_rows(cohort: Cohort, strata: StrataName) -> tuple[PatientRow, ...]:
    """A line for each patient, re-irradiated or not, by pseudonym."""
    treated = {one.name: one for one in treated_patients(cohort)}
    return tuple(
        _row(name, records, treated.get(name), strata)
        for name, records in single_patients(cohort).items()
    )


def _row(
    name: str, records: Cohort, treated: Treated | None, strata: StrataName
) -> PatientRow:
    courses = () if treated is None else treated.courses
    numbers = {course.number for course in courses}
    return PatientRow(
        patient=name,
        n_courses=len(records.course),
        n_reirradiations=len(courses),
        n_lesions=sum(lesion.course in numbers for lesion in records.lesion),
        first_start=courses[0].start_date if courses else None,
        stratum=(
            None
            if treated is None
            else stratum_of_course(treated, treated.first, strata)
        ),
        followed_months=None if treated is None else followed_months(treated),
        died=any(
            one.death_date is not None or one.death_cause is not None
            for one in records.followup
        ),
    )

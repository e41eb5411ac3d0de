"""Everything that can be wrong between the records of a cohort, found at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from reirrad.core.cohort.checks_clinical import clinical_faults
from reirrad.core.cohort.checks_courses import course_faults
from reirrad.core.cohort.checks_dates import date_faults
from reirrad.core.cohort.checks_doses import dose_faults
from reirrad.core.cohort.checks_references import reference_faults
from reirrad.core.cohort.clinical_rules import ClinicalRules
from reirrad.core.cohort.faults import Fault
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import cohort_of

__all__ = ["faults_between"]


def faults_between(
    records: Iterable[Record],
    *,
    today: date,
    rules: ClinicalRules,
    unread: Collection[tuple[str, str, int]] = (),
) -> list[Fault]:
    """Faults that show when the records of a patient are seen together.

    Parameters
    ----------
    records
        All records of some patients.
    today
        The day after which nothing can have happened.
    rules
        Grades of each term of CTCAE, the units of samples, and what is usual in a
        course.
    unread
        Kind, patient and number of records that are there but could not be read; what
        refers to them is no fault.
    """
    missing: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for kind, patient, number in unread:
        missing[patient][kind].append(number)
    by_patient: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_patient[record.patient].append(record)
    faults: list[Fault] = []
    for patient in sorted(by_patient):
        one = cohort_of(by_patient[patient])
        faults += date_faults(one, today=today)
        faults += reference_faults(one, unread=missing[patient])
        faults += dose_faults(one)
        faults += course_faults(one, rules=rules)
        faults += clinical_faults(one, rules=rules)
    return faults

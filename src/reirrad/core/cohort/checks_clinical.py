"""Whether grades and responses of a patient agree with their definitions."""

from collections.abc import Iterator, Mapping

from reirrad.core.cohort.faults import Fault, fault_of
from reirrad.core.cohort.records import Cohort

__all__ = ["clinical_faults"]

FATAL = 5


def clinical_faults(
    one: Cohort, *, grades: Mapping[str, tuple[int, int]]
) -> Iterator[Fault]:
    """Faults in toxicity and response of one patient.

    Parameters
    ----------
    one
        All records of the patient.
    grades
        Lowest and highest grade of each term of CTCAE.
    """
    yield from _grades(one, grades)
    for response in one.response:
        if response.new_lesion and response.category not in {None, "PD"}:
            yield fault_of(
                response,
                "category",
                "a new lesion is progression by RECIST 1.1",
                "PD",
                severity="warning",
            )


def _grades(one: Cohort, grades: Mapping[str, tuple[int, int]]) -> Iterator[Fault]:
    died = any(known.death_date is not None for known in one.followup)
    for event in one.toxicity:
        lowest, highest = grades[event.term]
        if not lowest <= event.grade <= highest:
            yield fault_of(
                event,
                "grade",
                f"CTCAE v5.0 has no such grade of {event.term}",
                f"a whole number from {lowest} to {highest}",
            )
        elif event.grade == FATAL and not died:
            yield fault_of(
                event,
                "grade",
                "grade 5 is death, and followup_death_date is empty",
                "the date of death, or a lower grade",
            )

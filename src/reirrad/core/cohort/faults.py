"""What is wrong with a record, or odd about it."""

from dataclasses import dataclass
from typing import Literal

from reirrad.core.cohort.field_values import text_of
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import kind_of

__all__ = ["Fault", "fault_of"]


@dataclass(frozen=True, slots=True)
class Fault:
    """A contradiction in the records of a patient.

    Parameters
    ----------
    kind, patient, number, field
        Where it stands.
    value
        What stands there, as text.
    problem
        What is wrong with it.
    allowed
        What would be right.
    severity
        An error cannot be true; a warning is odd, but may be.
    """

    kind: str
    patient: str
    number: int
    field: str
    value: str
    problem: str
    allowed: str
    severity: Literal["error", "warning"] = "error"


def fault_of(
    record: Record,
    field: str,
    problem: str,
    allowed: str,
    *,
    severity: Literal["error", "warning"] = "error",
) -> Fault:
    """The fault of one field of a record."""
    return Fault(
        kind_of(record),
        record.patient,
        record.number,
        field,
        text_of(getattr(record, field)),
        problem,
        allowed,
        severity,
    )

"""What is wrong in a file, and in which cell."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["FileFault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFault:
    """A cell of a file that cannot be taken over, or is odd.

    Parameters
    ----------
    sheet
        Sheet of an XLSX file; empty in a CSV file.
    row
        Row as a spreadsheet program counts, the header being row 1; 0 for none.
    column
        Name of the column; empty for the row as a whole.
    value
        What stands there; empty where it could tell who the patient is.
    problem
        What is wrong with it.
    allowed
        What may stand there.
    patient
        Pseudonym of the patient whose records cannot be taken over for it; empty where
        none of the file can.
    severity
        A warning keeps nothing from being taken over.
    """

    sheet: str = ""
    row: int
    column: str = ""
    value: str = ""
    problem: str
    allowed: str
    patient: str = ""
    severity: Literal["error", "warning"] = "error"

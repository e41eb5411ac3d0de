"""Very small two-course patients as DICOM, as many as wanted."""

from pathlib import Path

from reirrad.core.assessment import PatientIdentity
from reirrad.core.settings import Settings
from reirrad.dicom.write_course import write_course
from reirrad.phantoms.small_patient import small_courses
from reirrad.workflows.settings import checked_settings

__all__ = ["QUICK_SETTINGS", "quick_settings", "write_patients", "write_small_patient"]

QUICK_SETTINGS = """
constraints = ["uk2022"]

[registration]
draws = 16

[budget]
fractions = [5]
"""


def quick_settings() -> Settings:
    return checked_settings(
        {
            "constraints": ["uk2022"],
            "registration": {"draws": 16},
            "budget": {"fractions": [5]},
        },
        name="quick",
    )


def write_small_patient(
    folder: Path, patient_id: str, *, shift_mm: float = 14.0
) -> Path:
    """Two courses in folders of their own."""
    who = PatientIdentity(patient_id, "Test^Case", "1950-05-17", "F")
    for course in small_courses(shift_mm):
        write_course(course, folder / f"course{course.number}", patient=who)
    return folder


def write_patients(root: Path, count: int) -> Path:
    """Patients P0, P1 and so on, each in a folder and a little different."""
    for index in range(count):
        shift_mm = 10.0 + index % 10
        write_small_patient(root / f"p{index}", f"P{index}", shift_mm=shift_mm)
    return root

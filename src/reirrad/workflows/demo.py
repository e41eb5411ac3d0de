"""A synthetic patient, written as DICOM and read back like any clinic's export."""

from pathlib import Path

from reirrad.core.assessment import PatientIdentity
from reirrad.dicom.write_course import write_course
from reirrad.phantoms.abdomen import abdominal_patient

__all__ = ["write_demo_patient"]

SEED = 20240519
PATIENT = PatientIdentity(
    id="REIRRAD-DEMO", name="Demo^Phantom", birth_date=None, sex="O"
)


def write_demo_patient(folder: Path) -> None:
    """Write the two courses of the synthetic abdominal patient as DICOM.

    Parameters
    ----------
    folder
        Is created; each course has a folder of its own in it. The same files, byte for
        byte, at every call.
    """
    phantom = abdominal_patient(SEED)
    for course in phantom.courses:
        into = folder / f"course{course.number}"
        write_course(course, into, patient=PATIENT, dose_bits=16)

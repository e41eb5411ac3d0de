"""The export that most pitfalls are made of."""

import pytest

from tests.dicom.exports import CourseExport, course_export
from tests.dicom.pitfalls.dose_cases import Lattice, place


@pytest.fixture
def export() -> CourseExport:
    """A course whose dose is a ramp on an uncommon lattice."""
    one = course_export(1)
    place(one["rd.dcm"], Lattice())
    return one

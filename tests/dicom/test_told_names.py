"""What people named is found in every object, whatever else is wrong with it."""

from pathlib import Path

from reirrad.core.assessment import PatientIdentity
from reirrad.dicom.told_names import told_names
from reirrad.dicom.write_course import write_course
from reirrad.phantoms.small_patient import small_courses


def test_patient_plan_and_regions_are_named(tmp_path: Path) -> None:
    who = PatientIdentity("ID-4711", "Meyer^Anna", None, None)
    course = small_courses(14.0)[0]
    write_course(course, tmp_path, patient=who)
    (tmp_path / "other.txt").write_text("Nobody", encoding="utf-8")
    (tmp_path / "damaged.dcm").write_bytes(bytes(128) + b"DICM" + b"\x01" * 9)
    found = told_names([tmp_path])

    assert {"ID-4711", "Meyer^Anna", "Meyer", "Anna"} <= found
    assert {one.name for one in course.structures} <= found
    assert "Nobody" not in found
    assert not told_names([tmp_path / "none"])

"""Cleaned objects still belong together and hold the same numbers."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, RLELossless

from reirrad.core.settings import Settings
from reirrad.core.structures import Role
from reirrad.dicom.dose_plausibility import DoseRules
from reirrad.dicom.importing import Imported, ImportRules, import_courses
from reirrad.errors import DicomError
from tests.dicom.deidentification.planted import deidentified
from tests.dicom.exports import CourseExport, bare, course_export, item, written

Change = Callable[[CourseExport], object]


def imported(folder: Path) -> Imported:
    return import_courses(
        [folder],
        settings=Settings("Fegato", (), 30.0),
        rules=ImportRules(31.0, DoseRules(0.6, 2.0)),
        understand=lambda _, kind: (None, Role.PTV if kind == "PTV" else Role.ORGAN),
        progress=lambda _: None,
    )


def read(folder: Path, kind: str) -> Dataset:
    (path,) = folder.glob(f"*/{kind}/*.dcm")
    return pydicom.dcmread(path)


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def cleaned(folder: Path, *changes: Change) -> Path:
    """One course, changed, and then cleaned."""
    export = course_export(1)
    for change in changes:
        change(export)
    written(folder / "in", export)
    deidentified(folder / "in", folder / "out")
    return folder / "out"


def test_courses_stay_what_they_were(tmp_path: Path) -> None:
    source = written(tmp_path / "in", course_export(1), course_export(2))
    deidentified(source, tmp_path / "out")
    before, after = imported(source), imported(tmp_path / "out")

    assert before.problems == after.problems == ()
    assert [one.code for one in before.findings] == [one.code for one in after.findings]
    assert len(before.courses) == 2
    assert after.patient is not None
    assert after.patient.name == f"Anonymous^{after.patient.id}"
    days = [
        [course.start_date.toordinal() for course in one.courses]
        for one in (before, after)
    ]
    assert days[0][1] - days[0][0] == days[1][1] - days[1][0]
    assert 400 <= days[0][0] - days[1][0] <= 4000
    for old, new in zip(before.courses, after.courses, strict=True):
        assert old.plan_label == new.plan_label
        assert old.prescription == new.prescription
        assert [one.name for one in old.structures] == [
            one.name for one in new.structures
        ]
        (old_dose,), (new_dose,) = old.deliveries[0].doses, new.deliveries[0].doses
        np.testing.assert_array_equal(old_dose.values_gy, new_dose.values_gy)
        assert old.image is not None
        assert new.image is not None
        np.testing.assert_array_equal(old.image.values, new.image.values)
        assert old.frame_of_reference_uid != new.frame_of_reference_uid


def test_same_key_and_input_give_the_same_bytes(tmp_path: Path) -> None:
    source = written(tmp_path / "in", course_export(1))
    for name in ("a", "b"):
        deidentified(source, tmp_path / name)

    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert len(content(tmp_path / "a")) == 8


def test_a_later_course_joins_the_earlier_one(tmp_path: Path) -> None:
    for number in (1, 2):
        source = written(tmp_path / f"in{number}", course_export(number))
        deidentified(source, tmp_path / "out" / str(number))
    deidentified(
        written(tmp_path / "both", course_export(1), course_export(2)),
        tmp_path / "together",
    )
    apart = {Path(name).name for name in content(tmp_path / "out")}

    assert apart == {Path(name).name for name in content(tmp_path / "together")}
    assert len(imported(tmp_path / "out").courses) == 2


def test_what_was_done_is_said_in_every_object(tmp_path: Path) -> None:
    out = cleaned(tmp_path)
    for path in out.rglob("*.dcm"):
        dataset = pydicom.dcmread(path)
        assert dataset.PatientIdentityRemoved == "YES"
        assert dataset.LongitudinalTemporalInformationModified == "MODIFIED"
        assert [
            code.CodeValue for code in dataset.DeidentificationMethodCodeSequence
        ] == ["113100", "113105", "113107"]
        assert dataset.DeidentificationMethod
        assert dataset.PatientBirthDate == ""
        assert dataset.PatientSex == ""
        assert dataset.file_meta.MediaStorageSOPInstanceUID == path.stem


def test_a_structure_named_after_the_patient_is_renamed_with_its_target(
    tmp_path: Path,
) -> None:
    def named(export: CourseExport) -> None:
        export["rs.dcm"].StructureSetROISequence[1].ROIName = "PTV Phantom"
        targets = export["rp.dcm"].DoseReferenceSequence
        targets[0].DoseReferenceDescription = "ptv phantom"

    export = course_export(1)
    named(export)
    result = deidentified(written(tmp_path / "in", export), tmp_path / "out")
    structure = read(tmp_path / "out", "RTSTRUCT").StructureSetROISequence[1].ROIName
    target = read(tmp_path / "out", "RTPLAN").DoseReferenceSequence[0]

    assert structure.startswith("CLEANED_")
    assert structure == target.DoseReferenceDescription
    assert result.texts_kept["ROI Name"] == ("Fegato",)
    told = [one.message for one in result.findings if one.code == "text-replaced"]
    assert [message.split(":")[0] for message in told] == [
        "Dose Reference Description",
        "ROI Name",
    ]


@pytest.mark.parametrize(
    ("kind", "attributes", "said"),
    [
        ("CT", {"BurnedInAnnotation": "YES"}, "text burned into its pixels"),
        ("CT", {"RecognizableVisualFeatures": "YES"}, "recognizable face"),
        ("CT", {"ConversionType": "WSD"}, "screen capture"),
        ("CT", {"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}, "screen capt"),
        ("CT", {"SamplesPerPixel": 3}, "screen capture"),
        ("CT", {"PhotometricInterpretation": "PALETTE COLOR"}, "screen capture"),
        ("SR", {}, "a kind that is not cleaned"),
        ("CT", {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, "a kind that is not"),
        ("CT", {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.6.1"}, "a kind that is not"),
        ("CT", {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.104.1"}, "a kind that is"),
    ],
)
def test_what_cannot_be_cleaned_is_left_out_and_said(
    kind: str, attributes: dict[str, object], said: str, tmp_path: Path
) -> None:
    export = course_export(1)
    wanted = {"SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2"}
    export.objects["odd.dcm"] = bare(kind, "1.2.3.4.5")
    for keyword, value in {**wanted, **attributes}.items():
        setattr(export["odd.dcm"], keyword, value)
    result = deidentified(written(tmp_path / "in", export), tmp_path / "out")

    (left_out,) = result.left_out
    assert said in left_out.reason
    assert left_out.path.endswith("odd.dcm")
    messages = [one.message for one in result.findings if one.code == "object-left-out"]
    assert len(messages) == 1
    assert said in messages[0]
    assert "odd.dcm" not in messages[0]
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == 8


def test_a_name_on_an_object_that_is_left_out_is_known(tmp_path: Path) -> None:
    export = course_export(1)
    export.objects["sr.dcm"] = bare("SR", "1.2.3", OperatorsName="Fegatini^Nobody")
    export["rs.dcm"].StructureSetROISequence[0].ROIName = "Liver fegatini"
    result = deidentified(written(tmp_path / "in", export), tmp_path / "out")

    assert result.texts_kept["ROI Name"] == ("PTV",)


def test_other_files_are_ignored_and_listed(tmp_path: Path) -> None:
    source = written(tmp_path / "in", course_export(1))
    (source / "notes.txt").write_text("Phantom", encoding="utf-8")
    result = deidentified(source, tmp_path / "out")

    (left_out,) = result.left_out
    assert (Path(left_out.path).name, left_out.reason) == (
        "notes.txt",
        "not a DICOM file",
    )


def test_an_object_without_patient_id_is_of_the_only_patient(tmp_path: Path) -> None:
    export = course_export(1)
    export["rp.dcm"].PatientID = ""
    result = deidentified(written(tmp_path / "in", export), tmp_path / "out")

    assert "patient-id-missing" in {one.code for one in result.findings}
    (objects,) = result.patients.values()
    assert objects == {"CT": 5, "RTDOSE": 1, "RTPLAN": 1, "RTSTRUCT": 1}


def test_objects_without_any_patient_id_are_refused(tmp_path: Path) -> None:
    export = course_export(1)
    for dataset in export.objects.values():
        dataset.PatientID = ""
    with pytest.raises(DicomError, match=r"rp\.dcm: Patient ID \(0010,0020\) is empty"):
        deidentified(written(tmp_path / "in", export), tmp_path / "out")


def test_patients_are_kept_apart(tmp_path: Path) -> None:
    one, two = course_export(1), course_export(2)
    for dataset in two.objects.values():
        dataset.PatientID = "PHANTOM-2"
        dataset.PatientName = "Fegato^Two"
    result = deidentified(written(tmp_path / "in", one, two), tmp_path / "out")
    plans = [pydicom.dcmread(path) for path in (tmp_path / "out").glob("*/RTPLAN/*")]
    shifts = [
        (_day(date) - _day(plan.RTPlanDate)).days
        for plan in plans
        for date in ("20210301" if plan.RTPlanLabel == "PLAN1" else "20230905",)
    ]

    assert len(result.patients) == 2
    assert len(set(shifts)) == 2
    # The name of one patient is no secret of the other.
    assert "Fegato" in result.texts_kept["ROI Name"]


def _day(value: str) -> dt.date:
    return dt.date.fromisoformat(f"{value[:4]}-{value[4:6]}-{value[6:]}")


def test_a_patient_id_without_patient_is_whose(tmp_path: Path) -> None:
    one, two = course_export(1), course_export(2)
    for dataset in two.objects.values():
        dataset.PatientID = "PHANTOM-2"
    two["rd.dcm"].PatientID = ""
    with pytest.raises(DicomError, match=r"rd\.dcm: Patient ID .* unknown with whose"):
        deidentified(written(tmp_path / "in", one, two), tmp_path / "out")


def test_a_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    source = written(tmp_path / "in", course_export(1))
    path = source / "c1" / "rd.dcm"
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(DicomError, match=r"rd\.dcm: the file is cut short"):
        deidentified(source, tmp_path / "out")


def test_nothing_to_clean_is_refused(tmp_path: Path) -> None:
    bare("SR", "1.2.3").save_as(tmp_path / "sr.dcm", enforce_file_format=True)
    with pytest.raises(DicomError, match="None of the objects"):
        deidentified(tmp_path / "sr.dcm", tmp_path / "out")


def _set_dates(export: CourseExport) -> None:
    plan = export["rp.dcm"]
    plan.RTPlanDate = "2021.03.01"
    plan.RTPlanTime = "10:11:12"
    plan.StudyTime = "about noon"
    plan.StudyDate = "in March"


@pytest.mark.filterwarnings("ignore")
def test_dates_and_times_that_are_none_are_removed(tmp_path: Path) -> None:
    export = course_export(1)
    _set_dates(export)
    result = deidentified(written(tmp_path / "in", export), tmp_path / "out")
    plan = read(tmp_path / "out", "RTPLAN")

    assert plan.RTPlanDate == read(tmp_path / "out", "RTSTRUCT").StructureSetDate
    assert plan.RTPlanTime == "101112"
    assert (plan.StudyDate, plan.StudyTime) == ("", "")
    removed = [one.message for one in result.findings if one.code == "value-removed"]
    assert [message.split(":")[0] for message in removed] == [
        "Study Date",
        "Study Time",
    ]


@pytest.mark.filterwarnings("ignore")
def test_a_number_that_is_none_or_an_identifier_is_removed(tmp_path: Path) -> None:
    def numbers(export: CourseExport) -> None:
        plan = export["rp.dcm"]
        plan.AccessionNumber = "4455667"
        plan.SeriesNumber = "4455667"
        plan.InstanceNumber = 3
        plan.DoseReferenceSequence[0].TargetMaximumDose = "45.0"
        plan["PatientID"].value = "PHANTOM-1"

    plan = read(cleaned(tmp_path, numbers), "RTPLAN")

    assert "SeriesNumber" not in plan
    assert plan.InstanceNumber == 3
    assert plan.DoseReferenceSequence[0].TargetMaximumDose == 45


def test_bits_and_bytes_beyond_the_pixels_are_dropped(tmp_path: Path) -> None:
    def overlaid(export: CourseExport) -> None:
        ct = export["ct0.dcm"]
        ct.BitsStored, ct.HighBit, ct.PixelRepresentation = 12, 11, 0
        values = np.frombuffer(ct.PixelData, dtype="<u2") | 0xF000
        ct.PixelData = values.tobytes() + b"Phantom "

    def only_slice(export: CourseExport) -> None:
        for k in range(1, 5):
            del export.objects[f"ct{k}.dcm"]

    ct = read(cleaned(tmp_path, overlaid, only_slice), "CT")

    assert ct.PixelData == np.full(48, 100, "<u2").tobytes()


def test_compressed_pixels_are_decoded(tmp_path: Path) -> None:
    def compressed(export: CourseExport) -> None:
        export["ct0.dcm"].compress(RLELossless, generate_instance_uid=False)
        for k in range(1, 5):
            del export.objects[f"ct{k}.dcm"]

    ct = read(cleaned(tmp_path, compressed), "CT")

    assert ct.PixelData == np.full(48, 100, "<i2").tobytes()
    assert ct.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian


def test_big_endian_pixels_are_turned(tmp_path: Path) -> None:
    export = course_export(1)
    dose = export["rd.dcm"]
    wanted = dose.PixelData
    dose["PixelData"].VR = "OW"
    dose.PixelData = np.frombuffer(wanted, "<u4").astype(">u4").tobytes()
    dose.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    deidentified(written(tmp_path / "in", export), tmp_path / "out")
    clean = read(tmp_path / "out", "RTDOSE")

    assert clean.PixelData == wanted
    assert clean.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian


def test_sequences_that_are_too_deep_are_refused(tmp_path: Path) -> None:
    inner = item(BeamNumber=1)
    for _ in range(30):
        inner = item(BeamSequence=[inner])
    export = course_export(1)
    export["rp.dcm"].BeamSequence = [inner]
    with pytest.raises(DicomError, match=r"rp\.dcm: sequences are nested more than 16"):
        deidentified(written(tmp_path / "in", export), tmp_path / "out")


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        ("ISO_IR 100", "Müller-Leber"),
        ("ISO_IR 192", "肝臓"),
        (["", "ISO 2022 IR 87"], "肝臓"),
        ("ISO_IR 13", "ｶﾝｿﾞｳ"),
    ],
)
def test_names_in_any_character_set(
    charset: str | list[str], name: str, tmp_path: Path
) -> None:
    def named(export: CourseExport) -> None:
        export["rs.dcm"].SpecificCharacterSet = charset
        export["rs.dcm"].StructureSetROISequence[0].ROIName = name

    structures = read(cleaned(tmp_path, named), "RTSTRUCT")

    assert structures.SpecificCharacterSet == "ISO_IR 192"
    assert structures.StructureSetROISequence[0].ROIName == name


def test_contours_are_the_same_characters(tmp_path: Path) -> None:
    def precise(export: CourseExport) -> None:
        contour = export["rs.dcm"].ROIContourSequence[0].ContourSequence[0]
        contour.ContourData = ["-4.00", "1e-1", "4", "4.10", "-4", "4", "0", "3", "4"]

    structures = read(cleaned(tmp_path, precise), "RTSTRUCT")
    contour = structures.ROIContourSequence[0].ContourSequence[0]

    assert contour.get_item("ContourData").value.strip() == (
        b"-4.00\\1e-1\\4\\4.10\\-4\\4\\0\\3\\4"
    )

"""Sentences stay useful, and tell nothing of who the patient is."""

from pathlib import Path

import pydicom
import pytest

from reirrad.core.assessment import PatientIdentity
from reirrad.dicom.patient_files import patients_below
from reirrad.dicom.write_course import write_course
from reirrad.phantoms.small_patient import small_courses
from reirrad.workflows.patient_job import PatientJob, assess_patient
from reirrad.workflows.plain_reasons import plain_reasons
from tests.workflows.many_patients import quick_settings


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """One course in a folder that is named after the patient, with a plan likewise."""
    folder = tmp_path_factory.mktemp("root") / "Meyer Anna 4711"
    who = PatientIdentity("ID-4711", "Meyer^Anna", None, None)
    write_course(small_courses(14.0)[0], folder, patient=who)
    for file in folder.glob("*.dcm"):
        dataset = pydicom.dcmread(file)
        if dataset.Modality == "RTPLAN":
            dataset.RTPlanLabel = "MeyerLeber"
        if dataset.Modality == "RTSTRUCT":
            dataset.StructureSetROISequence[0].ROIName = "Anna Rest"
        dataset.save_as(file)
    (one,) = patients_below([folder.parent]).patients
    return one.paths


def test_paths_names_and_uids_are_left_out(paths: tuple[Path, ...]) -> None:
    said = plain_reasons(
        [
            f"RTDOSE {paths[0]}: is cut short. Export it again.",
            f"{paths[0].parent}: cannot be searched.",
            "course 1 (MeyerLeber, 2021-03-01): region 'Anna Rest' and Anna Rest.",
            "Plan 1.2.840.113619.2.55 and region 'Liver' of version 1.2.3.",
            "Patient's Name (0010,0010) differs for Meyer, found 'Other^Name'.",
        ],
        paths,
        Path("/results"),
    )
    count = len(paths)
    assert said == (
        f"RTDOSE file 1 of the {count} of this patient: is cut short. Export it again.",
        "a folder of this patient: cannot be searched.",
        "course 1 ((name), 2021-03-01): region (name) and (name).",
        "Plan (UID) and region 'Liver' of version 1.2.3.",
        "Patient's Name (0010,0010) differs for (name), found (name).",
    )


def test_a_folder_of_results_may_be_named(paths: tuple[Path, ...]) -> None:
    out = paths[0].parents[1] / "out" / "P1"
    (said,) = plain_reasons([f"{out}: a file stands there."], paths, out)
    assert said == f"{out}: a file stands there."


def test_the_end_of_a_refused_patient_tells_nothing(
    paths: tuple[Path, ...], tmp_path: Path
) -> None:
    job = PatientJob(
        "P1", paths, quick_settings(), tmp_path / "P1", json_only=True, fingerprint=""
    )
    end = assess_patient(job)
    told = " ".join(end.problems)
    assert end.kind == "refused"
    assert "One course only was found (course 1, 2021-03-01, (name))" in told
    for word in ("Meyer", "Anna", "4711", str(paths[0].parent)):
        assert word not in told

"""Whose files they are is told by their headers, wherever they lie."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest

from reirrad.core.assessment import PatientIdentity
from reirrad.dicom.files import FileEntry, entries
from reirrad.dicom.patient_files import FoundPatients, patients_below
from reirrad.dicom.write_course import write_course
from reirrad.phantoms.small_patient import small_courses


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two patients with three files each."""
    root = tmp_path_factory.mktemp("exports")
    for patient_id in ("A1", "B2"):
        who = PatientIdentity(patient_id, "Test", None, None)
        write_course(small_courses(14.0)[0], root / patient_id, patient=who)
    return root


def copied(exports: Path, root: Path, place: Callable[[str, Path], Path]) -> Path:
    """The files in other places."""
    for file in sorted(exports.rglob("*.dcm")):
        to = root / place(file.parent.name, file)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(file.read_bytes())
    return root


def counts(found: FoundPatients) -> dict[str, int]:
    return {one.patient_id: len(one.paths) for one in found.patients}


def contents(found: FoundPatients) -> dict[str, str]:
    return {one.patient_id: one.sha256 for one in found.patients}


def test_folders_of_different_patients(exports: Path) -> None:
    found = patients_below([exports])
    assert counts(found) == {"A1": 3, "B2": 3}
    assert not found.problems


def test_several_patients_in_one_folder(exports: Path, tmp_path: Path) -> None:
    root = copied(exports, tmp_path, lambda who, file: Path(f"{who}-{file.name}"))
    found = patients_below([root])
    assert counts(found) == {"A1": 3, "B2": 3}
    assert contents(found) == contents(patients_below([exports]))


def test_one_patient_in_several_folders(exports: Path, tmp_path: Path) -> None:
    root = copied(exports, tmp_path, lambda who, file: Path(file.stem, who, "x.dcm"))
    assert counts(patients_below([root])) == {"A1": 3, "B2": 3}


def test_a_zip_of_one_patient_is_given_as_it_is(exports: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "one.zip", "w") as archive:
        for file in sorted((exports / "A1").iterdir()):
            archive.write(file, file.name)
    (one,) = patients_below([tmp_path]).patients
    assert one.paths == (tmp_path / "one.zip",)


def test_members_of_a_shared_zip_are_given_one_by_one(
    exports: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for file in sorted(exports.rglob("*.dcm")):
            archive.write(file, f"inner/{file.parent.name}/{file.name}")
    found = patients_below([tmp_path])

    assert contents(found) == contents(patients_below([exports]))
    for one in found.patients:
        read = [entry for entry in entries(one.paths) if isinstance(entry, FileEntry)]
        assert [Path(entry.path) for entry in read] == list(one.paths)
        folder = exports / one.patient_id
        assert [entry.read_bytes() for entry in read] == [
            file.read_bytes() for file in sorted(folder.iterdir())
        ]


def test_names_of_files_do_not_change_the_contents(
    exports: Path, tmp_path: Path
) -> None:
    root = copied(exports, tmp_path, lambda who, file: Path(who, f"z{file.name}"))
    assert contents(patients_below([root])) == contents(patients_below([exports]))


def test_another_content_changes_it(exports: Path, tmp_path: Path) -> None:
    root = copied(exports, tmp_path, lambda who, file: Path(who, file.name))
    file = next((root / "A1").glob("RP*"))
    dataset = pydicom.dcmread(file)
    dataset.RTPlanLabel = "ANOTHER"
    dataset.save_as(file)

    before, after = (contents(patients_below([p])) for p in (exports, root))
    assert before["A1"] != after["A1"]
    assert before["B2"] == after["B2"]


def test_case_and_padding_of_an_id_make_no_other_patient(
    exports: Path, tmp_path: Path
) -> None:
    root = copied(exports, tmp_path, lambda who, file: Path(who, file.name))
    for file in (root / "B2").iterdir():
        dataset = pydicom.dcmread(file)
        dataset.PatientID = "a1 "
        dataset.save_as(file)
    assert counts(patients_below([root])) == {"A1": 6}


def damaged(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:400])


def without_id(file: Path) -> None:
    dataset = pydicom.dcmread(file)
    dataset.PatientID = ""
    dataset.save_as(file)


@pytest.mark.parametrize("spoil", [damaged, without_id])
def test_a_doubtful_file_is_with_the_patient_of_its_folder(
    exports: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    root = copied(exports, tmp_path, lambda who, file: Path(who, file.name))
    spoil(next((root / "A1").glob("RS*")))
    found = patients_below([root])
    assert counts(found) == {"A1": 3, "B2": 3}
    assert not found.problems


@pytest.mark.parametrize("spoil", [damaged, without_id])
def test_a_doubtful_file_among_several_patients_is_told(
    exports: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    root = copied(exports, tmp_path, lambda who, file: Path(f"{who}-{file.name}"))
    spoil(root / "A1-RS.dcm")
    found = patients_below([root])
    assert counts(found) == {"A1": 2, "B2": 3}
    (problem,) = found.problems
    assert problem.startswith("1 DICOM file(s) are damaged or have no Patient ID")
    assert "The first is file 3 below the folder" in problem
    assert "A1-RS" not in problem


def test_a_damaged_zip_is_told(exports: Path, tmp_path: Path) -> None:
    root = copied(exports, tmp_path, lambda who, file: Path(who, file.name))
    (root / "more.zip").write_bytes(b"PK no zip")
    found = patients_below([root])
    assert counts(found) == {"A1": 3, "B2": 3}
    (problem,) = found.problems
    assert problem.startswith("file 1 below the folder: this zip cannot be opened")
    assert str(root) not in problem


def test_other_files_are_counted(exports: Path, tmp_path: Path) -> None:
    root = copied(exports, tmp_path, lambda who, file: Path(who, file.name))
    (root / "notes.txt").write_text("nothing", encoding="utf-8")
    assert patients_below([root]).n_other_files == 1


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    found = patients_below([tmp_path / "nowhere"])
    assert not found.patients
    assert "no such file or folder" in found.problems[0]

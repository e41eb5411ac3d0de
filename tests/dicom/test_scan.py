import hashlib
import shutil
import zipfile
from pathlib import Path

import pytest
from pydicom import dcmread

from reirrad.dicom.audit import Audit, FoundObject
from reirrad.dicom.scan import scan
from reirrad.errors import DicomError
from tests.dicom.exports import bare, course_export, found_object, written


def scanned(*paths: Path) -> tuple[tuple[FoundObject, ...], Audit]:
    audit = Audit()
    return scan(paths, audit, progress=lambda _: None), audit


def status(audit: Audit) -> dict[str, tuple[str, str]]:
    return {row.path: (row.status, row.reason) for row in audit.inputs()}


def test_folders_are_searched_in_sorted_order_with_paths_as_given(
    tmp_path: Path,
) -> None:
    written(tmp_path, course_export(1))
    found, audit = scanned(tmp_path)
    paths = [one.path for one in found]
    assert paths == sorted(paths)
    assert paths[0] == f"{tmp_path.as_posix()}/c1/ct0.dcm"
    assert len(paths) == 8
    assert audit.problems == ()


def test_every_file_has_its_sha256_and_sop_class(tmp_path: Path) -> None:
    written(tmp_path, course_export(1))
    _, audit = scanned(tmp_path / "c1" / "rd.dcm")
    (row,) = audit.inputs()
    assert len(row.sha256) == 64
    assert row.sop_class == "RT Dose Storage"


def test_hashes_of_large_and_small_files_are_theirs_in_their_order(
    tmp_path: Path,
) -> None:
    large = course_export(1)["ct0.dcm"]
    large.Rows = large.Columns = 300
    large.PixelData = bytes(2 * 300 * 300)
    files = [tmp_path / name for name in ("a.dcm", "b.dcm", "c.txt", "d.dcm", "e.dcm")]
    for file, uid in zip(files, ("1.1", "", "", "1.2", "1.3"), strict=True):
        large.SOPInstanceUID = uid
        large.save_as(file, enforce_file_format=False)
    course_export(1)["rp.dcm"].save_as(files[1])
    files[2].write_text("not an object")
    found, audit = scanned(tmp_path)

    assert [one.path for one in found] == [
        file.as_posix() for file in files if file.suffix == ".dcm"
    ]
    assert [(row.path, row.sha256) for row in audit.inputs()] == [
        (file.as_posix(), hashlib.sha256(file.read_bytes()).hexdigest())
        for file in files
    ]


def test_what_is_not_dicom_is_ignored_with_that_reason(tmp_path: Path) -> None:
    written(tmp_path, course_export(1))
    (tmp_path / "notes.txt").write_text("not an object")
    (tmp_path / "empty").touch()
    (tmp_path / "looks.bin").write_bytes(b"\x08\0" + bytes(200))
    _, audit = scanned(tmp_path)
    for name in ("notes.txt", "empty", "looks.bin"):
        verdict = status(audit)[f"{tmp_path.as_posix()}/{name}"]
        assert verdict == ("ignored", "not a DICOM file")


def test_members_of_a_zip_are_read_without_unpacking(tmp_path: Path) -> None:
    folder = written(tmp_path / "out", course_export(1))
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as target:
        target.write(folder / "c1" / "rp.dcm", "inner/rp.dcm")
    (found,), audit = scanned(archive)
    assert found.path == f"{archive.as_posix()}!/inner/rp.dcm"
    assert found.with_pixels().RTPlanLabel == "PLAN1"
    assert audit.problems == ()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export.zip", "out"]


def test_an_unreadable_zip_is_a_problem_that_names_it(tmp_path: Path) -> None:
    archive = tmp_path / "export.zip"
    archive.write_bytes(b"PK\x03\x04 cut short")
    found, audit = scanned(archive)
    assert found == ()
    assert any("export.zip: this zip cannot be opened" in p for p in audit.problems)
    assert status(audit)[archive.as_posix()][0] == "refused"


def test_a_zip_member_with_damaged_bytes_is_a_problem(tmp_path: Path) -> None:
    folder = written(tmp_path / "out", course_export(1))
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as target:
        target.write(folder / "c1" / "rp.dcm", "rp.dcm")
    content = bytearray(archive.read_bytes())
    content[300] ^= 0xFF
    archive.write_bytes(bytes(content))
    _, audit = scanned(archive)
    assert any("rp.dcm: this file cannot be read" in p for p in audit.problems)


def test_no_dicom_at_all_is_a_problem(tmp_path: Path) -> None:
    _, audit = scanned(tmp_path)
    assert any("No DICOM object was found" in p for p in audit.problems)


def test_a_path_that_does_not_exist_is_a_problem(tmp_path: Path) -> None:
    _, audit = scanned(tmp_path / "nowhere")
    assert any("nowhere: no such file or folder" in p for p in audit.problems)


def test_a_copy_is_ignored_and_named(tmp_path: Path) -> None:
    folder = written(tmp_path, course_export(1)) / "c1"
    shutil.copy(folder / "rp.dcm", folder / "rp_again.dcm")
    found, audit = scanned(folder)
    assert len(found) == 8
    verdict = status(audit)[f"{folder.as_posix()}/rp_again.dcm"]
    assert verdict == ("ignored", f"copy of {folder.as_posix()}/rp.dcm")


def test_a_file_given_twice_is_seen_once(tmp_path: Path) -> None:
    folder = written(tmp_path, course_export(1)) / "c1"
    _, audit = scanned(folder, folder / "rp.dcm")
    assert len(audit.inputs()) == 8


def test_one_uid_with_two_contents_is_a_problem_naming_both(tmp_path: Path) -> None:
    folder = written(tmp_path, course_export(1)) / "c1"
    other = dcmread(folder / "rp.dcm")
    other.RTPlanLabel = "OTHER"
    other.save_as(folder / "rp_other.dcm")
    _, audit = scanned(folder)
    (problem,) = audit.problems
    assert "rp.dcm" in problem
    assert "rp_other.dcm" in problem


def test_copies_that_differ_in_file_meta_alone_are_copies(tmp_path: Path) -> None:
    folder = written(tmp_path, course_export(1)) / "c1"
    other = dcmread(folder / "rp.dcm")
    other.file_meta.SourceApplicationEntityTitle = "NODE"
    other.save_as(folder / "rp_other.dcm")
    _, audit = scanned(folder)
    assert audit.problems == ()


@pytest.mark.parametrize("implicit", [True, False], ids=["implicit", "explicit"])
def test_an_object_without_file_meta_is_read_and_said_so(
    tmp_path: Path, *, implicit: bool
) -> None:
    dataset = course_export(1)["rp.dcm"]
    del dataset.file_meta
    dataset.save_as(tmp_path / "rp.dcm", implicit_vr=implicit, little_endian=True)
    (found,), audit = scanned(tmp_path)
    assert found.kind == "RTPLAN"
    (finding,) = audit.findings
    assert finding.code == "file-meta-missing"
    assert "rp.dcm" in finding.message


def test_truncation_is_told_with_bytes_found_and_expected(shared: Path) -> None:
    (found,), _ = scanned(shared / "data/rtdose_oddities/rtplan_truncated.dcm")
    assert found.truncation is not None
    assert "claims 976 bytes and has 711" in found.truncation


def test_whole_files_are_not_called_truncated(shared: Path) -> None:
    for name in ("rtdose.dcm", "rtdose_rle.dcm", "rtplan.dcm", "rtdose_expb.dcm"):
        (found,), _ = scanned(shared / "data/rtdose_oddities" / name)
        assert found.truncation is None


def test_an_object_without_uid_is_refused(tmp_path: Path) -> None:
    dataset = bare("RTPLAN", "1.2.3")
    dataset.SOPInstanceUID = ""
    dataset.save_as(tmp_path / "x.dcm", enforce_file_format=True)
    found, audit = scanned(tmp_path)
    assert found == ()
    assert audit.inputs()[0].status == "refused"


def test_pixels_are_read_again_from_their_place(tmp_path: Path) -> None:
    folder = written(tmp_path, course_export(1)) / "c1"
    (found,), _ = scanned(folder / "ct0.dcm")
    assert "PixelData" not in found.dataset
    assert found.with_pixels() == dcmread(folder / "ct0.dcm")
    assert "PixelData" not in found.dataset


def test_a_file_that_was_changed_or_removed_meanwhile_is_refused(
    tmp_path: Path,
) -> None:
    file = written(tmp_path, course_export(1)) / "c1" / "ct0.dcm"
    (found,), _ = scanned(file)
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(DicomError, match="can no longer be read"):
        found.with_pixels()
    file.unlink()
    with pytest.raises(DicomError, match="can no longer be read"):
        found.with_pixels()


def test_images_that_differ_in_their_pixels_alone_are_no_copies(tmp_path: Path) -> None:
    one = course_export(1)["ct0.dcm"]
    found_object(tmp_path, one, "a.dcm")
    one.PixelData = bytes(len(one.PixelData))
    found_object(tmp_path, one, "b.dcm")
    audit = Audit()
    scan([tmp_path], audit, progress=print)

    (problem,) = audit.problems
    assert "different content" in problem

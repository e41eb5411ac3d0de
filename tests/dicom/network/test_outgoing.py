import zipfile
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file

from reirrad.dicom.network.outgoing import outgoing
from reirrad.errors import InputError


def sample(name: str) -> Path:
    return Path(str(get_testdata_file(name)))


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    folder = tmp_path / "copies"
    folder.mkdir()
    return folder


def test_a_file_is_sent_from_where_it_is(copies: Path, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("<html>")
    file = sample("CT_small.dcm")

    (one,), others = outgoing([file, tmp_path / "report.html"], copies)

    assert one.file == file
    assert one.modality == "CT"
    assert not one.remade
    assert one.transfer_syntax_uid == dcmread(file).file_meta.TransferSyntaxUID
    assert others == 1


def test_a_member_of_a_zip_is_copied_as_it_is(copies: Path, tmp_path: Path) -> None:
    archive = tmp_path / "export.zip"
    file = sample("CT_small.dcm")
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.write(file, "CT.dcm")

    (one,), _ = outgoing([archive], copies)

    assert one.file.read_bytes() == file.read_bytes()
    assert "export.zip" in one.path


@pytest.mark.parametrize("name", ["ExplVR_LitEndNoMeta.dcm", "ExplVR_BigEndNoMeta.dcm"])
def test_a_bare_dataset_gets_a_beginning(copies: Path, name: str) -> None:
    file = sample(name)
    (one,), _ = outgoing([file], copies)

    sent = one.file.read_bytes()
    assert sent.endswith(file.read_bytes())
    dataset = dcmread(one.file)
    assert dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID
    assert dataset == dcmread(file, force=True)


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_a_beginning_of_another_object_is_made_anew(copies: Path) -> None:
    file = sample("rtdose.dcm")
    assert dcmread(file).file_meta.MediaStorageSOPInstanceUID != (
        dcmread(file).SOPInstanceUID
    )

    (one,), _ = outgoing([file], copies)

    assert one.remade
    sent, original = dcmread(one.file), dcmread(file)
    assert sent.file_meta.MediaStorageSOPInstanceUID == sent.SOPInstanceUID
    assert sent == original
    assert one.file.read_bytes()[-1000:] == file.read_bytes()[-1000:]


def test_faults_are_told_together_before_anything_is_sent(
    copies: Path, tmp_path: Path
) -> None:
    source = sample("CT_small.dcm")
    other = dcmread(source)
    other.Manufacturer = "Another"
    other.save_as(tmp_path / "other.dcm")
    (tmp_path / "cut.dcm").write_bytes(source.read_bytes()[:300])

    with pytest.raises(InputError) as refusal:
        outgoing([source, tmp_path, tmp_path / "nowhere"], copies)

    problems = "\n".join(refusal.value.problems)
    assert "different content" in problems
    assert "cut.dcm" in problems
    assert "no such file" in problems


def test_nothing_to_send_is_said(copies: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No DICOM object"):
        outgoing([tmp_path], copies)

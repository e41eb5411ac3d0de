"""What a fetch does with archives that do not keep their word."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydicom import dcmread

from reirrad.dicom.network.header import ObjectHeader, read_header
from reirrad.dicom.network.listing import ListedSeries, SeriesEntry
from reirrad.dicom.network.node import RefusedObject, Take
from reirrad.errors import InputError, NetworkError
from reirrad.workflows.fetch import FetchRequest, fetch
from tests.workflows.exports import PATIENT, course, write_patient


@dataclass
class FolderArchive:
    """An archive that reads a folder, and can be told to fail."""

    files: Sequence[Path]
    lost: set[str] = field(default_factory=set)
    unlisted: set[str] = field(default_factory=set)
    breaks: bool = False
    asked: list[str] = field(default_factory=list)

    def headers(self) -> dict[Path, ObjectHeader]:
        return {file: read_header(file.read_bytes(), file.name) for file in self.files}

    def studies(self, patient_id: str) -> tuple[str, ...]:
        return tuple({one.study_uid for one in self.headers().values()})

    def series(self, study_uid: str) -> tuple[SeriesEntry, ...]:
        found: dict[str, SeriesEntry] = {}
        headers = [h for h in self.headers().values() if h.study_uid == study_uid]
        for one in headers:
            n = sum(other.series_uid == one.series_uid for other in headers)
            found[one.series_uid] = SeriesEntry(
                study_uid, one.series_uid, one.modality, n
            )
        return tuple(found.values())

    def listed(self, entry: SeriesEntry) -> ListedSeries:
        return ListedSeries(
            entry,
            {
                one.sop_instance_uid: one.sop_class_uid
                for one in self.headers().values()
                if one.series_uid == entry.series_uid
                and one.sop_instance_uid not in self.unlisted
            },
        )

    def retrieve(self, wanted: Sequence[ListedSeries], take: Take) -> tuple[str, ...]:
        for file, header in self.headers().items():
            for one in wanted:
                if header.sop_instance_uid not in {*one.sop_classes} - self.lost:
                    continue
                self.asked.append(header.modality)
                take(file.read_bytes(), header)
                if self.breaks:
                    msg = "the connection broke."
                    raise NetworkError(msg)
        return ()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("patient")
    write_patient(folder, course(1, target_x=0.0))
    found = sorted(folder.rglob("*.dcm"))
    images = [file for file in found if dcmread(file).Modality == "MR"]
    return [file for file in found if file not in images[4:]]


def everything(out: Path, archive: FolderArchive) -> None:
    request = FetchRequest(patient_id=PATIENT.id)
    fetch(request, archive, out, progress=lambda _: None)


def uid_of(files: Sequence[Path], modality: str) -> str:
    found = (dcmread(file) for file in files)
    return str(next(one.SOPInstanceUID for one in found if one.Modality == modality))


def test_all_of_it_comes(files: list[Path], tmp_path: Path) -> None:
    everything(tmp_path / "out", FolderArchive(files))

    came = {file.stem for file in (tmp_path / "out").rglob("*.dcm")}
    assert came == {dcmread(file).SOPInstanceUID for file in files}


@pytest.mark.parametrize("modality", ["RTDOSE", "MR"])
def test_missing_objects_are_named_and_nothing_is_kept(
    files: list[Path], tmp_path: Path, modality: str
) -> None:
    missing = uid_of(files, modality)

    with pytest.raises(NetworkError, match="did not come") as refusal:
        everything(tmp_path / "out", FolderArchive(files, lost={missing}))

    named = missing if modality == "MR" else "1 of 1"
    assert named in str(refusal.value)
    assert not (tmp_path / "out").exists()


def test_a_broken_connection_tells_what_is_missing(
    files: list[Path], tmp_path: Path
) -> None:
    with pytest.raises(NetworkError, match="connection broke") as refusal:
        everything(tmp_path / "out", FolderArchive(files, breaks=True))

    assert "did not come" in str(refusal.value)
    assert not (tmp_path / "out").exists()


def test_a_list_shorter_than_promised_is_refused(
    files: list[Path], tmp_path: Path
) -> None:
    archive = FolderArchive(files, unlisted={uid_of(files, "MR")})

    with pytest.raises(NetworkError, match="lists 3 objects, but says it has 4"):
        everything(tmp_path / "out", archive)


def test_another_patient_is_refused(files: list[Path], tmp_path: Path) -> None:
    request = FetchRequest(patient_id="SOMEONE")

    with pytest.raises(NetworkError, match="another Patient ID") as refusal:
        fetch(request, FolderArchive(files), tmp_path / "out", progress=lambda _: None)

    assert PATIENT.id not in str(refusal.value)
    assert not (tmp_path / "out").exists()


def test_what_was_not_asked_for_is_not_taken(files: list[Path], tmp_path: Path) -> None:
    class Generous(FolderArchive):
        def retrieve(
            self, wanted: Sequence[ListedSeries], take: Take
        ) -> tuple[str, ...]:
            for file, header in self.headers().items():
                if header.modality == "MR" and not self.asked:
                    with pytest.raises(RefusedObject):
                        take(file.read_bytes(), header)
            return super().retrieve(wanted, take)

    everything(tmp_path / "out", Generous(files))


def test_images_without_any_reference_are_fetched_with_their_study(
    files: list[Path], tmp_path: Path
) -> None:
    changed = tmp_path / "changed"
    changed.mkdir()
    for file in files:
        dataset = dcmread(file)
        if dataset.Modality == "RTSTRUCT":
            del dataset.ReferencedFrameOfReferenceSequence
        dataset.save_as(changed / file.name)

    everything(tmp_path / "out", FolderArchive(sorted(changed.iterdir())))

    assert len(list((tmp_path / "out").rglob("*.dcm"))) == len(files)


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(FetchRequest(), id="of nobody"),
        pytest.param(FetchRequest("P1", ("1.2",)), id="both"),
        pytest.param(FetchRequest(" "), id="blank"),
        pytest.param(FetchRequest("P?"), id="wildcard"),
        pytest.param(FetchRequest("P1\\P2"), id="two"),
        pytest.param(FetchRequest(None, ("1.2/..",)), id="no UID"),
    ],
)
def test_an_unclear_request_asks_nothing(
    tmp_path: Path, request_: FetchRequest
) -> None:
    archive = FolderArchive([])

    with pytest.raises(InputError):
        fetch(request_, archive, tmp_path / "out", progress=lambda _: None)

    assert archive.asked == []

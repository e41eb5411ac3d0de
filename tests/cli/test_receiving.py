import json
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import dcmread
from typer.testing import CliRunner

from reirrad.cli.main import app
from tests.nodes import Node, node, opened, stored_statuses
from tests.workflows.exports import PATIENT, course, write_patient

SUCCESS = 0x0000
OUT_OF_RESOURCES = 0xA700
PEER = ("--peer", "SENDER@127.0.0.1")
NAMES = (PATIENT.name, PATIENT.name.split("^")[0], f'"{PATIENT.id}"')


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two courses in one frame of reference."""
    first = course(1, target_x=-8.0, frame="1.2.3.9")
    second = course(2, target_x=8.0, frame="1.2.3.9")
    return write_patient(tmp_path_factory.mktemp("patient"), first, second)


@pytest.fixture(scope="module")
def objects(patient: Path) -> list[Path]:
    """Everything that a course needs, and a few slices of its image."""
    found = []
    for folder in sorted(patient.iterdir()):
        files = sorted(folder.rglob("*.dcm"))
        images = [file for file in files if dcmread(file).Modality == "MR"]
        found += [file for file in files if file not in images[5:]]
    return found


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Node]:
    with node("--store", str(tmp_path / "store"), *PEER) as one:
        yield one


def kept(store: Path) -> list[Path]:
    return sorted((store / "patients").rglob("*.dcm"))


def test_objects_are_kept_as_they_came_below_their_uids(
    running: Node, tmp_path: Path, objects: list[Path]
) -> None:
    sent = objects[:3]
    assert stored_statuses(running.port, sent) == [SUCCESS] * 3

    found = kept(tmp_path / "store")
    assert {file.stem for file in found} == {
        dcmread(file).SOPInstanceUID for file in sent
    }
    for file in found:
        dataset = dcmread(file)
        assert file.parts[-3:-1] == (
            dataset.StudyInstanceUID,
            dataset.SeriesInstanceUID,
        )
        (original,) = [
            one for one in map(dcmread, sent) if one.SOPInstanceUID == file.stem
        ]
        assert dataset == original
        assert (
            dataset.file_meta.TransferSyntaxUID == original.file_meta.TransferSyntaxUID
        )


def test_only_known_peers_are_served(running: Node, objects: list[Path]) -> None:
    with opened(running.port, objects[:1], title="STRANGER") as association:
        assert association.is_rejected
    assert "--peer STRANGER@127.0.0.1" in running.said("association rejected")

    with opened(running.port, objects[:1], called="OTHER") as association:
        assert association.is_rejected
    assert "'OTHER'" in running.said("it called")

    with opened(running.port, objects[:1]) as association:
        assert association.send_c_echo().Status == SUCCESS


def test_a_broken_association_loses_nothing_acknowledged(
    running: Node, tmp_path: Path, objects: list[Path]
) -> None:
    with opened(running.port, objects) as association:
        for file in objects[:2]:
            assert association.send_c_store(dcmread(file)).Status == SUCCESS
        association.abort()

    assert len(kept(tmp_path / "store")) == 2
    assert stored_statuses(running.port, objects[2:3]) == [SUCCESS]


def test_the_same_object_again_changes_nothing_another_is_kept_beside(
    running: Node, tmp_path: Path, objects: list[Path]
) -> None:
    assert stored_statuses(running.port, objects[:1]) == [SUCCESS]
    before = kept(tmp_path / "store")
    assert stored_statuses(running.port, objects[:1]) == [SUCCESS]
    assert kept(tmp_path / "store") == before

    other = tmp_path / "other.dcm"
    changed = dcmread(objects[0])
    changed.Manufacturer = "Another"
    changed.save_as(other)
    assert stored_statuses(running.port, [other]) == [SUCCESS]
    assert stored_statuses(running.port, [other]) == [SUCCESS]

    found = kept(tmp_path / "store")
    assert len(found) == 2
    assert {dcmread(file).get("Manufacturer", "") for file in found} == {
        "Another",
        dcmread(objects[0]).get("Manufacturer", ""),
    }
    running.said("another content")


@pytest.mark.parametrize(
    ("keyword", "value", "status"),
    [
        pytest.param("PatientID", "", 0xC000, id="of nobody"),
        pytest.param("StudyInstanceUID", "../../up", 0xC000, id="path in a UID"),
        pytest.param("SeriesInstanceUID", "", 0xC000, id="no series"),
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_what_cannot_be_filed_is_refused(
    running: Node,
    tmp_path: Path,
    objects: list[Path],
    *,
    keyword: str,
    value: str,
    status: int,
) -> None:
    bad = tmp_path / "bad.dcm"
    dataset = dcmread(objects[0])
    setattr(dataset, keyword, value)
    dataset.save_as(bad)

    with opened(running.port, [bad]) as association:
        answer = association.send_c_store(bad)
    assert answer.Status == status
    assert answer.ErrorComment
    assert kept(tmp_path / "store") == []
    assert not (tmp_path / "up").exists()


def test_a_full_disk_refuses_and_goes_on(tmp_path: Path, objects: list[Path]) -> None:
    by_size = sorted(objects, key=lambda file: file.stat().st_size)
    small, large = by_size[0], by_size[-1]
    limit = (small.stat().st_size + large.stat().st_size) // 2
    full = (
        "import resource\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"
    )
    store = tmp_path / "store"
    with node("--store", str(store), *PEER, before=full) as running:
        statuses = stored_statuses(running.port, [small, large, small])
        said = running.said("cannot be written")

    assert statuses == [SUCCESS, OUT_OF_RESOURCES, SUCCESS]
    assert "0xA700" in said
    assert len(kept(store)) == 1
    assert list((store / "incoming").iterdir()) == []


@pytest.mark.slow
def test_killed_and_started_again_it_loses_nothing_and_assesses(
    tmp_path: Path, objects: list[Path]
) -> None:
    store, out = tmp_path / "store", tmp_path / "out"
    options = ("--store", str(store), "--out", str(out), "--quiet-seconds", "1", *PEER)
    half = len(objects) // 2
    acknowledged: list[str] = []
    with node(*options) as running, opened(running.port, objects) as association:
        for file in objects[:half]:
            dataset = dcmread(file)
            assert association.send_c_store(dataset).Status == SUCCESS
            acknowledged.append(dataset.SOPInstanceUID)
            if len(acknowledged) == half:
                running.ended(signal.SIGKILL)
    (store / "incoming" / "half-written").write_bytes(b"never acknowledged")

    with node(*options) as running:
        assert {file.stem for file in kept(store)} == set(acknowledged)
        assert list((store / "incoming").iterdir()) == []
        # What was there when it started is looked at without anything new.
        running.said("one course so far", 60)
        # Receiving goes on while an assessment runs.
        sending = threading.Thread(
            target=stored_statuses, args=(running.port, objects[half:])
        )
        sending.start()
        sending.join()
        said = running.said(": assessed", 120)
        assert running.ended(signal.SIGTERM) == 0
        log = "\n".join(running.lines)

    key = said.partition("patient ")[2].partition(":")[0]
    document = json.loads((out / key / "assessment.json").read_text(encoding="utf-8"))
    assert document["patient"]["id"] == PATIENT.id
    assert len(document["courses"]) == 2
    assert (out / key / "report.html").is_file()
    assert not [name for name in NAMES if name in log]
    assert "stopped" in log

    # Nothing is new: nothing is done again.
    with node(*options) as running, pytest.raises(AssertionError):
        running.said("assessing", 3)


@pytest.mark.slow
def test_two_contents_of_one_uid_are_not_assessed_but_told(
    tmp_path: Path, objects: list[Path]
) -> None:
    store, out = tmp_path / "store", tmp_path / "out"
    dose = next(file for file in objects if dcmread(file).Modality == "RTDOSE")
    other = tmp_path / "other.dcm"
    changed = dcmread(dose)
    changed.DoseGridScaling = float(changed.DoseGridScaling) * 2
    changed.save_as(other)
    options = ("--store", str(store), "--out", str(out), "--quiet-seconds", "1", *PEER)
    with node(*options) as running:
        stored_statuses(running.port, [*objects, other])
        said = running.said("not assessed", 60)
        assert running.ended(signal.SIGINT) == 0

    assert "same SOP Instance UID" in said
    (notice,) = out.glob("*.not-assessed.txt")
    assert "same SOP Instance UID" in notice.read_text(encoding="utf-8")
    assert [path for path in out.iterdir() if path.is_dir()] == []


def test_a_second_node_does_not_share_the_folder(tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    with node("--store", store, *PEER):
        result = CliRunner().invoke(
            app, ["receive", "--store", store, "--port", "0", *PEER]
        )
    assert result.exit_code == 2
    assert "another `reirrad receive`" in result.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param([], "--any-peer", id="nobody"),
        pytest.param(["--peer", "PACS"], "TITLE@HOST", id="peer without host"),
        pytest.param(
            ["--any-peer", "--ae-title", "LONGER THAN SIXTEEN"], "16", id="long title"
        ),
        pytest.param(["--any-peer", "--tls-ca", "no.pem"], "--tls-cert", id="CA alone"),
        pytest.param(
            ["--any-peer", "--tls-cert", "no.pem", "--tls-key", "no.pem"],
            "no.pem",
            id="no certificate",
        ),
        pytest.param(
            ["--any-peer", "--host", "192.0.2.1"], "cannot listen", id="not its address"
        ),
    ],
)
def test_a_wrong_call_is_refused(tmp_path: Path, options: list[str], said: str) -> None:
    result = CliRunner().invoke(
        app, ["receive", "--store", str(tmp_path / "store"), "--port", "0", *options]
    )

    assert result.exit_code == 2, result.stderr
    assert said in result.stderr.replace("\n", " ")

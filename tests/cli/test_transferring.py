"""Fetching and sending against a real PACS, as a user does it."""

import gc
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from typer.testing import CliRunner, Result

from reirrad.cli.main import app
from tests.nodes import node
from tests.pacs import Certificates, Pacs, free_port, https
from tests.workflows.exports import PATIENT, course, write_patient

# Where no connection comes about, pynetdicom leaves its socket to the collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
WAYS = ("wado", "get", "move")


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One course with its image."""
    folder = tmp_path_factory.mktemp("patient")
    return write_patient(folder, course(1, target_x=0.0))


@pytest.fixture(scope="module")
def radiotherapy(patient: Path) -> list[Path]:
    """Its plan, structures and dose."""
    files = sorted(patient.rglob("*.dcm"))
    return [file for file in files if dcmread(file).Modality.startswith("RT")]


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Nothing of a test is left to be collected in the next."""
    yield
    gc.collect()


def run(*call: object) -> Result:
    return CliRunner().invoke(app, [str(part) for part in call])


def way(pacs: Pacs, name: str) -> list[str]:
    """Options of one way to fetch."""
    if name == "wado":
        return ["--dicomweb", pacs.web]
    move = ["--move", "--listen", f"127.0.0.1:{pacs.own_port}"]
    return ["--dimse", pacs.address, *(move if name == "move" else [])]


def contents(paths: Iterable[Path]) -> dict[str, str]:
    """Hash of each object's encoded dataset, without the meta information."""
    found = {}
    for path in paths:
        content = path.read_bytes()
        meta_ends = 144 + int.from_bytes(content[140:144], "little")
        uid = str(dcmread(path, stop_before_pixels=True).SOPInstanceUID)
        found[uid] = hashlib.sha256(content[meta_ends:]).hexdigest()
    return found


@pytest.mark.parametrize("sending", ["--dimse", "--dicomweb"])
def test_there_and_back_nothing_changes(
    pacs: Pacs, patient: Path, tmp_path: Path, sending: str
) -> None:
    target = pacs.address if sending == "--dimse" else pacs.web
    sent = run("send", patient, sending, target)
    assert sent.exit_code == 0, sent.stderr
    assert "40 of 40 objects stored" in sent.stdout

    original = contents(patient.rglob("*.dcm"))
    for name in WAYS:
        out = tmp_path / name
        fetched = run("fetch", "--patient", PATIENT.id, "--out", out, *way(pacs, name))
        assert fetched.exit_code == 0, fetched.stderr
        assert "40 objects in 4 series" in fetched.stdout
        assert PATIENT.name not in fetched.stdout + fetched.stderr
        assert contents(out.rglob("*.dcm")) == original


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sending", "fetching"),
    [("--dicomweb", "get"), ("--dimse", "wado"), ("--dicomweb", "move")],
)
def test_a_real_patient_goes_there_and_back_and_is_assessed(
    pacs: Pacs, shared: Path, tmp_path: Path, *, sending: str, fetching: str
) -> None:
    case = shared / "data" / "liver_ct_two_course"
    target = pacs.address if sending == "--dimse" else pacs.web
    assert run("send", case, sending, target).exit_code == 0
    patient_id = str(dcmread(case / "reg.dcm").PatientID)
    fetched = tmp_path / "fetched"
    result = run(
        "fetch", "--patient", patient_id, "--out", fetched, *way(pacs, fetching)
    )
    assert result.exit_code == 0, result.stderr
    assert contents(fetched.rglob("*.dcm")) == contents(case.rglob("*.dcm"))
    if fetching != "get":
        return

    out = tmp_path / "out"
    assert run("assess", fetched, "--out", out, "--json-only").exit_code == 0
    (pair,) = json.loads((out / "assessment.json").read_text(encoding="utf-8"))["pairs"]
    truth = json.loads((case / "truth.json").read_text(encoding="utf-8"))
    assert pair["classification"]["resbrt_type"] == "1B"
    assert pair["overlap"]["2Gy"]["organ_cc"] == pytest.approx(676.0, rel=0.02)
    assert truth

    # What a result holds as DICOM, or the registration and doses where it has none.
    written = sorted(out.rglob("*.dcm")) or [
        case / "reg.dcm",
        *sorted(case.glob("course*/RT/RD.dcm")),
    ]
    pacs.emptied()
    assert run("send", *written, sending, target).exit_code == 0
    again = tmp_path / "again"
    result = run("fetch", "--patient", patient_id, "--out", again, *way(pacs, fetching))
    assert result.exit_code == 0, result.stderr
    assert contents(again.rglob("*.dcm")) == contents(written)


def test_only_images_that_are_referred_to_are_fetched(
    pacs: Pacs, patient: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for number, file in enumerate(sorted(patient.rglob("*.dcm"))):
        dataset = dcmread(file)
        if dataset.Modality != "MR":
            continue
        dataset.SeriesInstanceUID = "1.2.3.77"
        dataset.SOPInstanceUID = f"1.2.3.77.{number}"
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.save_as(other / file.name)
    assert run("send", patient, other, "--dicomweb", pacs.web).exit_code == 0
    study = str(dcmread(next(patient.rglob("*.dcm"))).StudyInstanceUID)

    out = tmp_path / "out"
    result = run("fetch", "--study", study, "--out", out, "--dicomweb", pacs.web)
    assert result.exit_code == 0, result.stderr
    assert contents(out.rglob("*.dcm")) == contents(patient.rglob("*.dcm"))
    assert "1.2.3.77" in result.stdout
    assert "1 image series left" in result.stdout

    everything = tmp_path / "everything"
    options = ("--all-images", "--dimse", pacs.address)
    assert run("fetch", "--study", study, "--out", everything, *options).exit_code == 0
    assert len(list(everything.rglob("*.dcm"))) == 40 + 37


def test_a_pacs_sends_to_the_node(
    pacs: Pacs, radiotherapy: list[Path], tmp_path: Path
) -> None:
    assert run("send", *radiotherapy, "--dicomweb", pacs.web).exit_code == 0
    store = tmp_path / "store"
    with node(
        "--store", str(store), "--port", str(pacs.own_port), "--any-peer"
    ) as running:
        pacs.rest("/modalities/reirrad/store", pacs.instances())
        assert running.ended() == 0

    assert contents(store.rglob("*.dcm")) == contents(radiotherapy)


@pytest.mark.parametrize("name", ["MR_small_RLE.dcm", "MR_small_bigendian.dcm"])
def test_objects_stay_encoded_as_they_are(
    pacs: Pacs, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    shutil.copy(str(get_testdata_file(name)), file)
    assert run("send", file, "--dimse", pacs.address).exit_code == 0
    original = dcmread(file)
    for one in WAYS if name == "MR_small_RLE.dcm" else ["wado"]:
        out = tmp_path / one
        options = ("--out", out, "--all-images", *way(pacs, one))
        result = run("fetch", "--study", original.StudyInstanceUID, *options)
        assert result.exit_code == 0, result.stderr
        (came,) = out.rglob("*.dcm")
        found = dcmread(came)
        assert found.PixelData == original.PixelData
        syntax = original.file_meta.TransferSyntaxUID
        assert found.file_meta.TransferSyntaxUID == syntax
        # Orthanc leaves the padding at the end out when it stores by C-STORE.
        assert {element.tag for element in original} - {
            element.tag for element in found
        } <= {0xFFFCFFFC}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["--dimse", "WRONG@127.0.0.1:{port}"], "not called", id="title"),
        pytest.param(
            ["--dimse", "ORTHANC@127.0.0.1:{free}"], "nothing listens", id="no node"
        ),
        pytest.param(
            ["--dimse", "ORTHANC@127.0.0.1:{web}"], "not as a DICOM node", id="web port"
        ),
        pytest.param(
            ["--dimse", "ORTHANC@no-such-host.invalid:104"], "no address", id="no host"
        ),
        pytest.param(
            ["--dicomweb", "http://127.0.0.1:{free}/x"], "nothing listens", id="no web"
        ),
        pytest.param(
            ["--dicomweb", "http://127.0.0.1:{web}/wrong"], "404", id="wrong path"
        ),
        pytest.param(
            ["--dicomweb", "https://127.0.0.1:{web}/dicom-web"],
            "does not speak TLS",
            id="no https there",
        ),
        pytest.param(
            ["--dicomweb", "http://127.0.0.1:{port}/dicom-web"],
            "http://127.0.0.1",
            id="web at a node",
        ),
    ],
)
def test_what_is_wrong_with_a_peer_is_said(
    pacs: Pacs,
    radiotherapy: list[Path],
    tmp_path: Path,
    *,
    options: list[str],
    said: str,
) -> None:
    web = pacs.web.split(":")[2].split("/")[0]
    places = {"port": pacs.port, "web": web, "free": free_port()}
    peer = [option.format(**places) for option in options]
    out = tmp_path / "out"

    for call in (
        ("send", radiotherapy[0], *peer, "--timeout", 3),
        ("fetch", "--patient", PATIENT.id, "--out", out, *peer, "--timeout", 3),
    ):
        result = run(*call)
        assert result.exit_code == 2, result.stdout
        assert said in result.stderr
        assert "Traceback" not in result.stderr
    assert not out.exists()


def test_an_unknown_title_is_told_what_to_do(pacs: Pacs, tmp_path: Path) -> None:
    # Orthanc tells strangers at the query, others at the association.
    result = run(
        *("fetch", "--patient", PATIENT.id, "--out", tmp_path / "out"),
        *("--dimse", pacs.address, "--ae-title", "STRANGER"),
    )

    assert result.exit_code == 2
    assert "--ae-title" in result.stderr


def test_nothing_there_is_said_and_the_folder_is_left(
    pacs: Pacs, tmp_path: Path
) -> None:
    for name in WAYS:
        out = tmp_path / name
        result = run("fetch", "--patient", "NOBODY", "--out", out, *way(pacs, name))
        assert result.exit_code == 2
        assert "0 studies" in result.stderr
        assert not out.exists()


def test_tls_there_and_back(
    secured_pacs: Pacs,
    certificates: Certificates,
    radiotherapy: list[Path],
    *,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = ("--tls-cert", certificates.certificate, "--tls-key", certificates.key)
    trust = ("--tls-ca", certificates.ca)
    node_peer = ("--dimse", secured_pacs.address, "--timeout", 5)
    options: tuple[object, ...]
    secret = tmp_path / "credentials.toml"
    secret.write_text('user = "physicist"\npassword = "correct horse"\n')
    secret.chmod(0o600)
    credentials = ("--credentials", secret)

    sent = run("send", *radiotherapy, *node_peer, *own, *trust)
    assert sent.exit_code == 0, sent.stderr
    with https(secured_pacs, certificates) as web:
        web_peer = ("--dicomweb", web, "--timeout", 5)
        sent = run("send", *radiotherapy, *web_peer, *trust, *credentials)
        assert sent.exit_code == 0, sent.stderr
        monkeypatch.setenv("REIRRAD_DICOMWEB_USER", "physicist")
        monkeypatch.setenv("REIRRAD_DICOMWEB_PASSWORD", "correct horse")
        for name, options in (
            ("get", (*node_peer, *own, *trust)),
            ("wado", (*web_peer, *trust)),
        ):
            out = tmp_path / name
            result = run("fetch", "--patient", PATIENT.id, "--out", out, *options)
            assert result.exit_code == 0, result.stderr
            assert contents(out.rglob("*.dcm")) == contents(radiotherapy)

        monkeypatch.setenv("REIRRAD_DICOMWEB_PASSWORD", "wrong horse")
        for peer, options, said in (
            (web_peer, (*trust,), "other credentials"),
            (web_peer, (), "not trusted"),
            (node_peer, (), "not as a DICOM node"),
            (node_peer, (*trust,), "certificate"),
        ):
            result = run("send", radiotherapy[0], *peer, *options)
            assert result.exit_code == 2
            assert said in result.stderr
            assert "horse" not in result.stderr


def test_tls_to_our_own_node(
    certificates: Certificates, radiotherapy: list[Path], tmp_path: Path
) -> None:
    own = ("--tls-cert", certificates.certificate, "--tls-key", certificates.key)
    trust = ("--tls-ca", certificates.ca)
    store = tmp_path / "store"
    listening = [str(part) for part in (*own, *trust)]
    with node("--store", str(store), "--any-peer", *listening) as running:
        peer = ("--dimse", f"REIRRAD@127.0.0.1:{running.port}", "--timeout", 5)
        sent = run("send", *radiotherapy, *peer, *own, *trust)
        assert sent.exit_code == 0, sent.stderr
        assert run("send", radiotherapy[0], *peer, *trust).exit_code == 2
        assert run("send", radiotherapy[0], *peer).exit_code == 2

    assert contents(store.rglob("*.dcm")) == contents(radiotherapy)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        pytest.param(["send", "{file}"], "--dicomweb URL or --dimse", id="no peer"),
        pytest.param(
            ["send", "{file}", "--dimse", "PACS@host"], "HOST:PORT", id="no port"
        ),
        pytest.param(
            ["send", "nowhere", "--dimse", "PACS@127.0.0.1:104"],
            "no such file",
            id="no file",
        ),
        pytest.param(
            ["send", "{file}", "--dicomweb", "https://me:secret@host/x"],
            "--credentials",
            id="password in the URL",
        ),
        pytest.param(
            ["fetch", "--out", "{out}", "--patient", "P*", "--dicomweb", "http://h/x"],
            "without *",
            id="wildcard",
        ),
        pytest.param(
            ["fetch", "--out", "{out}", "--study", "../1", "--dicomweb", "http://h/x"],
            "--study",
            id="no UID",
        ),
        pytest.param(
            ["fetch", "--out", "{out}", "--dicomweb", "http://h/x"],
            "--patient",
            id="of nobody",
        ),
        pytest.param(
            ["fetch", "--out", "{out}", "--patient", "P", "--move", "--dimse", "A@h:1"],
            "--listen",
            id="move to loopback",
        ),
    ],
)
def test_a_wrong_call_is_refused(
    radiotherapy: list[Path], tmp_path: Path, *, call: list[str], said: str
) -> None:
    places = {"file": radiotherapy[0], "out": tmp_path / "out"}
    result = run(*(part.format(**places) for part in call))

    assert result.exit_code == 2
    assert said in result.stderr
    assert "secret" not in result.stderr


def test_credentials_do_not_travel_in_clear(
    radiotherapy: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REIRRAD_DICOMWEB_TOKEN", "a-token")
    result = run("send", radiotherapy[0], "--dicomweb", "http://192.0.2.1/dicom-web")

    assert result.exit_code == 2
    assert "in clear" in result.stderr
    assert "a-token" not in result.stderr

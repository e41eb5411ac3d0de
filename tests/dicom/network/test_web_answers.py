"""What DICOMweb servers answer, given by a server that says what it is told to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import UID

from reirrad.dicom.network.credentials import Credentials
from reirrad.dicom.network.listing import ListedSeries, SeriesEntry
from reirrad.dicom.network.outgoing import OutgoingObject, outgoing
from reirrad.dicom.network.tls import TlsFiles
from reirrad.dicom.network.web import WebService, open_service
from reirrad.dicom.network.web_archive import WebArchive
from reirrad.dicom.network.web_store import WebDestination
from reirrad.errors import NetworkError

UIDS = ["1.2.0", "1.2.1", "1.2.2"]
SOP_INSTANCE, REASON = "00081155", "00081197"
# In Base64 with a user, "me:hush" is bWU6aHVzaA==.
WORD = "hush"
Reply = tuple[int, dict[str, str], bytes]


@contextmanager
def answering(reply: Reply, seen: list[dict[str, str]] | None = None) -> Iterator[str]:
    """A server that gives one reply to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = reply
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if seen is not None:
                seen.append({"path": self.path, **dict(self.headers)})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - a name of the library

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.02,))
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/dicom-web"
        finally:
            server.shutdown()
            serving.join()


def service(url: str, credentials: Credentials | None = None) -> WebService:
    return open_service(url, credentials=credentials, tls=TlsFiles(), timeout_s=5.0)


def stow(stored: list[str], failed: dict[str, int]) -> bytes:
    """An answer to STOW-RS in DICOM JSON."""
    sequences: dict[str, list[dict[str, object]]] = {
        "00081199": [{SOP_INSTANCE: {"vr": "UI", "Value": [uid]}} for uid in stored],
        "00081198": [
            {
                SOP_INSTANCE: {"vr": "UI", "Value": [uid]},
                REASON: {"vr": "US", "Value": [reason]},
            }
            for uid, reason in failed.items()
        ],
    }
    return json.dumps(
        {tag: {"vr": "SQ", "Value": items} for tag, items in sequences.items() if items}
    ).encode()


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> tuple[OutgoingObject, ...]:
    folder = tmp_path_factory.mktemp("objects")
    for uid in UIDS:
        one = dcmread(str(get_testdata_file("CT_small.dcm")))
        one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = UID(uid)
        one.save_as(folder / f"{uid}.dcm")
    return outgoing([folder], folder)[0]


@pytest.mark.parametrize(
    ("status", "body", "not_stored"),
    [
        pytest.param(200, stow(UIDS, {}), [], id="all"),
        pytest.param(202, stow(UIDS[:2], {UIDS[2]: 0xA700}), UIDS[2:], id="some"),
        pytest.param(409, stow([], dict.fromkeys(UIDS, 0x0122)), UIDS, id="none"),
        pytest.param(200, stow(UIDS[1:], {}), UIDS[:1], id="one is not mentioned"),
        pytest.param(200, b"", UIDS, id="an empty answer"),
        pytest.param(200, b"<html>", UIDS, id="a page"),
        pytest.param(500, b"", UIDS, id="a fault of the server"),
        pytest.param(507, b"", UIDS, id="no room"),
    ],
)
def test_only_what_the_server_confirms_is_stored(
    objects: tuple[OutgoingObject, ...],
    *,
    status: int,
    body: bytes,
    not_stored: list[str],
) -> None:
    headers = {"Content-Type": "application/dicom+json"}
    with answering((status, headers, body)) as url:
        found = WebDestination(service(url)).store(objects, progress=lambda _: None)

    uids = [one.sop_instance_uid for one in found if one.sop_instance_uid]
    assert uids == not_stored


def test_the_reason_is_given_in_words(objects: tuple[OutgoingObject, ...]) -> None:
    body = stow(UIDS[1:], {UIDS[0]: 0xA700})
    with answering((202, {}, body)) as url:
        (one,) = WebDestination(service(url)).store(objects, progress=lambda _: None)

    assert "0xA700: failure, refused: out of resources" in one.message
    assert objects[0].path in one.message


def asked(url: str, credentials: Credentials | None = None) -> tuple[str, ...]:
    return WebArchive(service(url, credentials)).studies("P1")


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        pytest.param((401, {}, b""), "other credentials", id="401"),
        pytest.param((404, {}, b""), "Check the path", id="404"),
        pytest.param((503, {}, b""), "503", id="503"),
        pytest.param(
            (302, {"Location": "http://192.0.2.1/"}, b""), "another address", id="moved"
        ),
        pytest.param((200, {}, b"<html>"), "not that of a DICOMweb", id="a page"),
        pytest.param(
            (200, {"Content-Type": "application/dicom+json"}, b"{"),
            "not that of a DICOMweb",
            id="broken JSON",
        ),
        pytest.param(
            (
                200,
                {"Content-Type": "application/dicom+json"},
                b'[{"0020000D": {"vr": "UI", "Value": ["../1"]}}]',
            ),
            "no UID",
            id="a path for a UID",
        ),
        pytest.param(
            (
                200,
                {"Content-Type": "application/dicom+json"},
                (
                    b'[{"0020000D": {"vr": "UI", "Value": ["1.2"]},'
                    b'"00100020": {"vr": "LO", "Value": ["P2"]}}]'
                ),
            ),
            "another Patient ID",
            id="another patient",
        ),
    ],
)
def test_answers_that_are_none_are_refused(reply: Reply, said: str) -> None:
    with answering(reply) as url, pytest.raises(NetworkError, match=said):
        asked(url)


def test_a_server_that_knows_no_pages_is_asked_twice() -> None:
    seen: list[dict[str, str]] = []
    study = b'[{"0020000D": {"vr": "UI", "Value": ["1.2"]}}]'
    headers = {"Content-Type": "application/dicom+json"}
    with answering((200, headers, study), seen) as url:
        assert asked(url) == ("1.2",)

    assert ["offset=1" in one["path"] for one in seen] == [False, True]


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        (Credentials(user="me", password=WORD), "Basic bWU6aHVzaA=="),
        (Credentials(token=WORD), "Bearer hush"),
    ],
)
def test_credentials_go_into_a_header_only(
    credentials: Credentials, header: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Neither proxies nor .netrc are asked.
    monkeypatch.setenv("http_proxy", "http://192.0.2.1:1")
    seen: list[dict[str, str]] = []
    with answering((204, {}, b""), seen) as url:
        assert asked(url, credentials) == ()

    assert {one["Authorization"] for one in seen} == {header}
    assert not [one for one in seen if WORD in one["path"]]


def taken(reply: Reply) -> tuple[list[bytes], tuple[str, ...]]:
    came: list[bytes] = []
    wanted = ListedSeries(SeriesEntry("1.1", "1.2", "CT", 1), {"1.2.0": ""})
    with answering(reply) as url:
        problems = WebArchive(service(url)).retrieve(
            [wanted], lambda content, _: came.append(content)
        )
    return came, problems


def test_a_single_part_is_an_object_too(objects: tuple[OutgoingObject, ...]) -> None:
    content = Path(objects[0].file).read_bytes()

    came, problems = taken((200, {"Content-Type": "application/dicom"}, content))

    assert came == [content]
    assert problems == ()


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param((404, {}, b""), id="not there"),
        pytest.param((200, {"Content-Type": "text/html"}, b"<html>"), id="a page"),
        pytest.param(
            (200, {"Content-Type": "application/dicom"}, b"nothing"), id="no object"
        ),
    ],
)
def test_an_object_that_does_not_come_is_named(reply: Reply) -> None:
    came, problems = taken(reply)

    assert came == []
    assert problems[0].startswith("1.2.0: ")

"""Peers that answer nothing, too late, or break off: bounded, and said."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import UID
from pynetdicom import _config
from pynetdicom.acse import ACSE

from reirrad.dicom.network.addresses import NodeAddress
from reirrad.dicom.network.associations import Line
from reirrad.dicom.network.dimse_archive import DimseArchive
from reirrad.dicom.network.dimse_store import DimseDestination
from reirrad.dicom.network.header import ObjectHeader
from reirrad.dicom.network.node import NodeSetup, RefusedObject, listening
from reirrad.dicom.network.outgoing import OutgoingObject, outgoing
from reirrad.dicom.network.tls import TlsFiles, client_tls, server_tls
from reirrad.dicom.network.web import open_service
from reirrad.dicom.network.web_archive import WebArchive
from reirrad.errors import NetworkError
from tests.nodes import opened
from tests.pacs import Certificates

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
TIMEOUT_S = 1.0


@pytest.fixture
def silence() -> Iterator[int]:
    """A port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.fixture
def objects(tmp_path: Path) -> tuple[OutgoingObject, ...]:
    folder = tmp_path / "objects"
    folder.mkdir()
    for number in range(4):
        one = dcmread(str(get_testdata_file("CT_small.dcm")))
        one.SOPInstanceUID = UID(f"1.2.{number}")
        one.file_meta.MediaStorageSOPInstanceUID = one.SOPInstanceUID
        one.save_as(folder / f"{number}.dcm")
    return outgoing([folder], tmp_path)[0]


def line(port: int, timeout_s: float = TIMEOUT_S) -> Line:
    return Line(NodeAddress("PEER", "127.0.0.1", port), "REIRRAD", timeout_s)


def node() -> NodeSetup:
    return NodeSetup("PEER", "127.0.0.1", 0, None)


def test_a_node_that_says_nothing_is_given_up(
    silence: int, objects: tuple[OutgoingObject, ...]
) -> None:
    begun = time.monotonic()
    problems = DimseDestination(line(silence)).store(objects, progress=lambda _: None)

    assert time.monotonic() - begun < 10 * TIMEOUT_S
    assert "not as a DICOM node" in problems[0].message
    assert {one.sop_instance_uid for one in problems[1:]} == {
        one.sop_instance_uid for one in objects
    }
    with pytest.raises(NetworkError, match="not as a DICOM node"):
        DimseArchive(line(silence)).studies("P1")


def test_a_server_that_says_nothing_is_given_up(silence: int) -> None:
    service = open_service(
        f"http://127.0.0.1:{silence}/dicom-web",
        credentials=None,
        tls=TlsFiles(),
        timeout_s=TIMEOUT_S,
    )

    with pytest.raises(NetworkError, match="no answer within 1 s"):
        WebArchive(service).studies("P1")


def test_a_rejection_is_told_though_the_peer_hung_up_before_it_was_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask = ACSE.send_request

    def ask_and_be_slow(requestor: ACSE) -> None:
        ask(requestor)
        time.sleep(TIMEOUT_S)

    monkeypatch.setattr(ACSE, "send_request", ask_and_be_slow)
    with listening(node(), lambda *_: None, tell=lambda _: None) as port:
        to_other = Line(NodeAddress("OTHER", "127.0.0.1", port), "REIRRAD", 20)
        with pytest.raises(NetworkError, match="it is not called 'OTHER'"):
            DimseArchive(to_other).studies("P1")


def test_an_answer_that_comes_too_late_is_not_taken_for_success(
    objects: tuple[OutgoingObject, ...],
) -> None:
    released = threading.Event()

    def wait(_: bytes, __: ObjectHeader) -> None:
        released.wait(20)

    with listening(node(), wait, tell=lambda _: None) as port:
        problems = DimseDestination(line(port)).store(objects, progress=lambda _: None)
        released.set()

    assert "no answer to C-STORE came within 1 s" in problems[0].message
    assert len(problems) == 1 + len(objects)


def test_after_a_broken_connection_the_rest_is_sent_over_a_new_one(
    objects: tuple[OutgoingObject, ...],
) -> None:
    came: list[str] = []

    def stall_once(_: bytes, header: ObjectHeader) -> None:
        came.append(header.sop_instance_uid)
        if len(came) == 2:
            time.sleep(2 * TIMEOUT_S)

    with listening(node(), stall_once, tell=lambda _: None) as port:
        problems = DimseDestination(line(port)).store(objects, progress=lambda _: None)

    assert problems == ()
    assert set(came) == {one.sop_instance_uid for one in objects}


def test_each_refusal_is_listed_and_the_others_go_on(
    objects: tuple[OutgoingObject, ...],
) -> None:
    def take(_: bytes, header: ObjectHeader) -> None:
        if header.sop_instance_uid == "1.2.1":
            msg = "no"
            raise RefusedObject(msg)
        if header.sop_instance_uid == "1.2.2":
            raise OSError(28, "No space left on device")

    with listening(node(), take, tell=lambda _: None) as port:
        problems = DimseDestination(line(port, 20)).store(
            objects, progress=lambda _: None
        )

    assert [one.sop_instance_uid for one in problems] == ["1.2.1", "1.2.2"]
    assert "0x0124" in problems[0].message
    assert "0xA700" in problems[1].message


def test_a_caller_that_says_nothing_does_not_keep_others_from_tls(
    certificates: Certificates, objects: tuple[OutgoingObject, ...]
) -> None:
    files = TlsFiles(certificates.certificate, certificates.key, certificates.ca)
    setup = NodeSetup("PEER", "127.0.0.1", 0, None, server_tls(files))
    came: list[str] = []

    def take(_: bytes, header: ObjectHeader) -> None:
        came.append(header.sop_instance_uid)

    with (
        listening(setup, take, tell=lambda _: None) as port,
        socket.create_connection(("127.0.0.1", port)),
    ):
        to_peer = Line(
            NodeAddress("PEER", "127.0.0.1", port), "REIRRAD", 20, client_tls(files)
        )
        assert (
            DimseDestination(to_peer).store(objects[:1], progress=lambda _: None) == ()
        )

    assert came == ["1.2.0"]


def test_an_object_under_another_name_is_refused(
    objects: tuple[OutgoingObject, ...],
) -> None:
    def take(_: bytes, __: ObjectHeader) -> None:
        pytest.fail("taken")

    said: list[str] = []
    file = objects[0].file
    dataset = dcmread(file)
    with (
        listening(node(), take, tell=said.append) as port,
        opened(port, [file], called="PEER") as association,
    ):
        dataset.SOPInstanceUID = "1.2.99"
        dataset.save_as(file)
        _config.STORE_SEND_CHUNKED_DATASET = True
        try:
            status = association.send_c_store(file).Status
        finally:
            _config.STORE_SEND_CHUNKED_DATASET = False

    assert status == 0xA900
    assert "differs" in said[0]

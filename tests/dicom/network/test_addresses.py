import pytest

from reirrad.dicom.network.addresses import (
    NodeAddress,
    checked_title,
    is_loopback,
    known_peer,
    listening_address,
    node_address,
)
from reirrad.errors import InputError


def test_an_address_has_three_parts() -> None:
    assert node_address("PACS 1@host:104", option="--dimse") == NodeAddress(
        "PACS 1", "host", 104
    )
    assert listening_address("[::1]:11112", option="--listen") == ("::1", 11112)


@pytest.mark.parametrize(
    "text", ["host:104", "PACS@host", "PACS@host:0", "PACS@host:99999", "@host:1", ""]
)
def test_an_incomplete_address_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--dimse"):
        node_address(text, option="--dimse")


@pytest.mark.parametrize("title", ["", " ", "A" * 17, "Kräger", "A\\B", "A\nB"])
def test_a_title_outside_the_standard_is_refused(title: str) -> None:
    with pytest.raises(InputError):
        checked_title(title, option="--ae-title")


def test_a_peer_is_known_by_title_and_address() -> None:
    peer = known_peer("PACS@127.0.0.1")

    assert peer.is_called("PACS", "127.0.0.1")
    assert peer.is_called("PACS", "::ffff:127.0.0.1")
    assert not peer.is_called("PACS", "127.0.0.2")
    assert not peer.is_called("pacs", "127.0.0.1")


@pytest.mark.parametrize("text", ["PACS", "PACS@", "@127.0.0.1", "PACS@no.invalid"])
def test_a_peer_that_cannot_be_known_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--peer"):
        known_peer(text)


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("127.0.0.9", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - is it taken for loopback?
        ("localhost.example.org", False),
    ],
)
def test_loopback_is_this_machine(host: str, *, here: bool) -> None:
    assert is_loopback(host) is here

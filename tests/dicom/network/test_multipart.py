from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.dicom.network.multipart import MultipartBody, first_part

KIND = 'multipart/related; type="application/dicom"; boundary="{}"'


def test_a_body_is_as_long_as_it_says_and_holds_the_files(tmp_path: Path) -> None:
    files = [tmp_path / "a", tmp_path / "b"]
    files[0].write_bytes(b"\r\n--first\r\n" * 200_000)
    files[1].write_bytes(b"")
    body = MultipartBody(files, "mark")

    sent = b"".join(body)

    assert len(sent) == len(body)
    assert sent.count(b"--mark") == 3
    assert first_part(body.content_type, sent) == files[0].read_bytes()


@given(content=st.binary(max_size=200))
def test_a_part_comes_out_as_it_went_in(content: bytes) -> None:
    head = b"preamble\r\n--mark\r\nContent-Type: application/dicom\r\n\r\n"
    message = head + content + b"\r\n--mark--\r\n"

    assert first_part(KIND.format("mark"), message) == content


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param("text/html", b"<html>", id="a page"),
        pytest.param(KIND.format("mark"), b"", id="empty"),
        pytest.param(KIND.format("mark"), b"--mark\r\nhead", id="no object"),
        pytest.param(
            KIND.format("mark"), b"--mark\r\nhead: x\r\n\r\ncut off", id="cut short"
        ),
        pytest.param("multipart/related", b"--mark\r\n\r\nx\r\n--mark--", id="no mark"),
    ],
)
def test_what_is_no_message_gives_nothing(kind: str, body: bytes) -> None:
    assert first_part(kind, body) is None


def test_a_single_object_needs_no_marks() -> None:
    assert first_part("application/dicom; transfer-syntax=1.2", b"object") == b"object"

"""Multipart bodies: several objects in one message."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

__all__ = ["MultipartBody", "first_part"]

PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class MultipartBody:
    """A message made of files, read while it is sent.

    Its length is known beforehand, so that servers need not understand chunks.

    Parameters
    ----------
    files
        Whole DICOM files.
    boundary
        Text that none of them holds.

    References
    ----------
    RFC 2046, section 5.1.1; DICOM PS3.18, section 8.6.1.2.
    """

    files: Sequence[Path]
    boundary: str

    @property
    def content_type(self) -> str:
        """Value of the header Content-Type."""
        return (
            f'multipart/related; type="application/dicom"; boundary="{self.boundary}"'
        )

    def __len__(self) -> int:
        heads = len(self._head()) * len(self.files)
        return (
            heads + sum(file.stat().st_size for file in self.files) + len(self._end())
        )

    def __iter__(self) -> Iterator[bytes]:
        for file in self.files:
            yield self._head()
            with file.open("rb") as stream:
                while piece := stream.read(PIECE_BYTES):
                    yield piece
        yield self._end()

    def _head(self) -> bytes:
        return (
            f"\r\n--{self.boundary}\r\nContent-Type: application/dicom\r\n\r\n"
        ).encode("ascii")

    def _end(self) -> bytes:
        return f"\r\n--{self.boundary}--\r\n".encode("ascii")


def first_part(content_type: str, body: bytes) -> bytes | None:
    """The first object of a message, or None where there is none.

    Parameters
    ----------
    content_type
        Value of the header Content-Type.
    body
        The whole message; where it is not multipart, it is the object itself.
    """
    header = Message()
    header["Content-Type"] = content_type
    if header.get_content_type() == "application/dicom":
        return body
    boundary = header.get_boundary()
    if header.get_content_type() != "multipart/related" or not boundary:
        return None
    mark = b"--" + boundary.encode("latin-1", "replace")
    start = body.find(mark)
    start_of_object = body.find(b"\r\n\r\n", start + len(mark)) + 4
    end = body.find(b"\r\n" + mark, start_of_object)
    if start < 0 or start_of_object < 4 or end < 0:
        return None
    return body[start_of_object:end]

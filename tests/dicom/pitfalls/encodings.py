"""Objects re-encoded as other systems write them."""

import io
from collections.abc import Callable
from copy import deepcopy

import numpy as np
from pydicom.dataset import Dataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

__all__ = ["ENCODINGS", "WITHOUT_META", "swapped_pixels"]

PREAMBLE = 132


def swapped_pixels(dataset: Dataset) -> bytes:
    """Pixels with the bytes of each value in the other order."""
    return (
        np.frombuffer(dataset.PixelData, dtype=f"<u{dataset.BitsAllocated // 8}")
        .byteswap()
        .tobytes()
    )


def encoded(dataset: Dataset, syntax: UID) -> bytes:
    copy = deepcopy(dataset)
    copy.file_meta.TransferSyntaxUID = syntax
    if syntax == ExplicitVRBigEndian and "PixelData" in copy:
        copy.PixelData = swapped_pixels(copy)
    buffer = io.BytesIO()
    dcmwrite(buffer, copy, enforce_file_format=True)
    return buffer.getvalue()


def bare_dataset(dataset: Dataset, syntax: UID) -> bytes:
    """Without preamble and File Meta Information, as Elekta and CMS wrote it."""
    content = encoded(dataset, syntax)
    length = int.from_bytes(content[PREAMBLE + 8 : PREAMBLE + 12], "little")
    return content[PREAMBLE + 12 + length :]


def without_syntax(dataset: Dataset) -> bytes:
    """File Meta Information that does not say how the rest is encoded."""
    meta = (
        bytes(128) + b"DICM\x02\x00\x02\x00UI\x1e\x001.2.840.10008.5.1.4.1.1.481.2\x00"
    )
    return meta + bare_dataset(dataset, ExplicitVRLittleEndian)


def _as(syntax: UID) -> Callable[[Dataset], bytes]:
    return lambda dataset: encoded(dataset, syntax)


def _bare(syntax: UID) -> Callable[[Dataset], bytes]:
    return lambda dataset: bare_dataset(dataset, syntax)


WITHOUT_META: dict[str, Callable[[Dataset], bytes]] = {
    "bare implicit": _bare(ImplicitVRLittleEndian),
    "bare explicit": _bare(ExplicitVRLittleEndian),
    "bare big-endian": _bare(ExplicitVRBigEndian),
    "meta without syntax": without_syntax,
}
ENCODINGS: dict[str, Callable[[Dataset], bytes]] = {
    "implicit": _as(ImplicitVRLittleEndian),
    "explicit": _as(ExplicitVRLittleEndian),
    "deflated": _as(DeflatedExplicitVRLittleEndian),
    "big-endian": _as(ExplicitVRBigEndian),
    "without preamble": lambda dataset: encoded(dataset, ExplicitVRLittleEndian)[
        PREAMBLE:
    ],
    **WITHOUT_META,
}

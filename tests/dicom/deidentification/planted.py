"""Objects with an identifier in every place that there is, and the search for it."""

import base64
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydicom._dicom_dict import DicomDictionary
from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from reirrad.dicom.deidentification.deidentifying import Deidentified, deidentify_into
from reirrad.knowledge.confidentiality import load_confidentiality_profile

KEY = bytes(range(32))
NAME = "Zyxwvut"
NUMBER = "8675309"
BIRTH = "19511224"
UID = "1.3.6.1.4.1.8675309.20.1"
PROFILE = load_confidentiality_profile()

TEXT = f"{NAME} {NUMBER}"
BYTES = f"{TEXT} {BIRTH}  ".encode()
# One value of each VR that can carry text; binary numbers cannot.
VALUES: dict[str, Any] = {
    "AE": NAME.upper(),
    "AS": "073Y",
    "CS": NAME.upper(),
    "DA": BIRTH,
    "DS": NUMBER,
    "DT": f"{BIRTH}101112",
    "IS": NUMBER,
    "LO": TEXT,
    "LT": TEXT,
    "OB": BYTES,
    "OB or OW": BYTES,
    "OD": BYTES,
    "OF": BYTES,
    "OL": BYTES,
    "OV": BYTES,
    "OW": BYTES,
    "PN": f"{NAME}^Quipped",
    "SH": f"{NAME}{NUMBER}",
    "ST": TEXT,
    "UC": TEXT,
    "UI": UID,
    "UN": BYTES,
    "UR": f"http://{NAME}/{NUMBER}",
    "UT": TEXT,
}
# What makes an object of a kind, and without which it is refused.
NEEDED = {
    "SOPClassUID",
    "SOPInstanceUID",
    "Modality",
    "PatientID",
    "SpecificCharacterSet",
    "BurnedInAnnotation",
    "RecognizableVisualFeatures",
    "ConversionType",
    "PhotometricInterpretation",
    "DirectoryRecordSequence",
    "PixelData",
    "FloatPixelData",
    "DoubleFloatPixelData",
    "NumberOfFrames",
}
ENCODINGS = (
    "ascii",
    "latin-1",
    "utf-8",
    "utf-16-le",
    "utf-16-be",
    "utf-32-le",
    "iso2022_jp",
    "iso2022_kr",
    "shift_jis",
    "gb18030",
    "koi8-r",
)


@cache
def standard_attributes() -> tuple[tuple[int, str, str], ...]:
    """Tag, VR and keyword of every attribute of a dataset in the dictionary."""
    return tuple(
        (tag, vr, keyword)
        for tag, (vr, _, _, _, keyword) in sorted(DicomDictionary.items())
        if tag > 0x00080000 and keyword and keyword not in NEEDED
    )


def put(dataset: Dataset, tag: int, vr: str, value: Any) -> None:
    """Set an element without asking whether its value is sound."""
    vr = "OW" if vr == "OB or OW" else vr
    dataset[tag] = DataElement(Tag(tag), vr, value, validation_mode=IGNORE)


def plant_everywhere(dataset: Dataset, depth: int = 3) -> Dataset:
    """Put an identifier in every attribute that is not there yet, at every depth."""
    for tag, vr, _ in standard_attributes():
        if tag not in dataset and vr in VALUES:
            put(dataset, tag, vr, VALUES[vr])
        elif tag in dataset and vr == "SQ" and depth:
            for one in dataset[tag].value:
                plant_everywhere(one, 0)
    if depth:
        inner = plant_everywhere(Dataset(), depth - 1)
        for keyword in ("ReferencedSeriesSequence", "ContentSequence"):
            setattr(dataset, keyword, [inner])
    block = dataset.private_block(0x0029, f"{NAME} PRIVATE", create=True)
    block.add_new(0x10, "LO", TEXT)
    block.add_new(0x11, "OB", BYTES)
    put(dataset, 0x60000022, "LO", TEXT)
    put(dataset, 0x60003000, "OW", BYTES)
    put(dataset, 0x50003000, "OW", BYTES)
    put(dataset, 0x00085555, "UN", BYTES)
    return dataset


def deidentified(source: Path, into: Path) -> Deidentified:
    into.mkdir(parents=True, exist_ok=True)
    return deidentify_into(
        into, [source], profile=PROFILE, key=KEY, progress=lambda _: None
    )


def forms(secret: str) -> Iterator[bytes]:
    """A secret in each encoding, in upper and lower case, swapped and in base 64."""
    for text in (secret, secret.upper(), secret.lower()):
        for encoding in ENCODINGS:
            raw = text.encode(encoding, "ignore")
            if len(raw) >= 4:
                yield raw
                yield _swapped(raw)
                yield _swapped(b"x" + raw)[2:]
        yield base64.b64encode(text.encode())[:-4]


def _swapped(raw: bytes) -> bytes:
    """Bytes as a reader of 16 bit words of the other order sees them."""
    even = raw[: len(raw) // 2 * 2]
    return bytes(
        byte for pair in zip(even[1::2], even[::2], strict=True) for byte in pair
    )


def traces(folder: Path, secrets: Iterable[str]) -> list[tuple[str, bytes]]:
    """Where a secret is in the files of a folder, or in their names."""
    wanted = {form for secret in secrets for form in forms(secret) if len(form) >= 4}
    found = []
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        content = name.encode() + (path.read_bytes() if path.is_file() else b"")
        found += [(name, form) for form in sorted(wanted) if form in content]
    return found

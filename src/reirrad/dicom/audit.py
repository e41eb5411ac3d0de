"""What became of every object: used, ignored or refused, with its reason."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from pydicom.config import IGNORE
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.uid import UID

from reirrad.core.assessment import InputObject
from reirrad.core.findings import Finding, Severity
from reirrad.dicom.elements import text
from reirrad.dicom.files import FileEntry
from reirrad.dicom.reading import parse_object
from reirrad.dicom.walk import PixelPlace
from reirrad.errors import DicomError

__all__ = ["SHORT_NAMES", "Audit", "FoundObject"]

Status = Literal["used", "ignored", "refused"]

SHORT_NAMES = {
    "1.2.840.10008.5.1.4.1.1.481.2": "RTDOSE",
    "1.2.840.10008.5.1.4.1.1.481.3": "RTSTRUCT",
    "1.2.840.10008.5.1.4.1.1.481.5": "RTPLAN",
    "1.2.840.10008.5.1.4.1.1.481.8": "RTPLAN",
    "1.2.840.10008.5.1.4.1.1.66.1": "REG",
    "1.2.840.10008.5.1.4.1.1.66.3": "deformable REG",
    "1.2.840.10008.5.1.4.1.1.2": "CT",
    "1.2.840.10008.5.1.4.1.1.4": "MR",
    "1.2.840.10008.5.1.4.1.1.128": "PT",
    "1.2.840.10008.5.1.4.1.1.2.1": "enhanced CT",
    "1.2.840.10008.5.1.4.1.1.4.1": "enhanced MR",
    "1.2.840.10008.5.1.4.1.1.130": "enhanced PT",
}


@dataclass(frozen=True, slots=True, eq=False)
class FoundObject:
    """A DICOM object without its pixels.

    Parameters
    ----------
    entry
        Where it is.
    sha256
        Of the file's bytes.
    dataset
        Every element but the pixels, or those that a scan was told to keep.
    truncation
        What is missing where the file ends too early, else None.
    pixels
        Where its pixels stand in the file, if that is known.
    sop_class_uid, sop_instance_uid
        SOP Class UID (0008,0016) and SOP Instance UID (0008,0018), or the empty text.
    kind
        Short name, as RTDOSE or CT; Modality where the SOP class is none of ours.
    """

    entry: FileEntry
    sha256: str
    dataset: Dataset
    truncation: str | None = None
    pixels: PixelPlace | None = None
    sop_class_uid: str = field(init=False)
    sop_instance_uid: str = field(init=False)
    kind: str = field(init=False)

    def __post_init__(self) -> None:
        sop_class_uid = sys.intern(text(self.dataset, "SOPClassUID"))
        modality = sys.intern(text(self.dataset, "Modality")) or "DICOM object"
        object.__setattr__(self, "sop_class_uid", sop_class_uid)
        object.__setattr__(
            self, "sop_instance_uid", text(self.dataset, "SOPInstanceUID")
        )
        object.__setattr__(self, "kind", SHORT_NAMES.get(sop_class_uid, modality))

    @property
    def path(self) -> str:
        """Path as the user can find it."""
        return self.entry.path

    @property
    def where(self) -> str:
        """The object in the reader's words: "RTDOSE export/RD.dcm"."""
        return f"{self.kind} {self.path}"

    def as_written(self) -> Dataset:
        """Every element, read from its file again.

        Raises
        ------
        DicomError
            If the file can no longer be read.
        """
        try:
            content = self.entry.read_bytes()
        except OSError as error:
            msg = f"{self.where}: can no longer be read. Check the file."
            raise DicomError(msg) from error
        parsed = parse_object(content, self.where)
        place = parsed.pixels
        if place is None:
            return parsed.dataset
        pixels = content[place.position : place.position + place.length]
        return _joined(parsed.dataset, place.element(pixels))

    def with_pixels(self) -> Dataset:
        """The object with its pixels, which are read from its file.

        Raises
        ------
        DicomError
            If the file can no longer be read.
        """
        place = self.pixels
        if place is None:
            return self.as_written()
        try:
            content = self.entry.read_part(place.position, place.length)
        except OSError as error:
            msg = f"{self.where}: can no longer be read. Check the file."
            raise DicomError(msg) from error
        return _joined(self.dataset, place.element(content))


def _joined(header: Dataset, pixels: RawDataElement) -> Dataset:
    dataset = Dataset({**dict(header.items()), pixels.tag: pixels})
    implicit, little_endian = header.original_encoding
    dataset.set_original_encoding(
        implicit, little_endian, header.original_character_set
    )
    dataset.file_meta = header.file_meta
    return dataset


class Audit:
    """The growing record of one import.

    Everything that is not settled when the import ends counts as ignored.
    """

    def __init__(self) -> None:
        self._rows: dict[str, tuple[str | None, str | None, str]] = {}
        self._verdicts: dict[str, tuple[Status, str]] = {}
        self._findings: dict[Finding, None] = {}
        self._problems: dict[str, None] = {}

    def see(self, path: str, sha256: str, found: FoundObject | None = None) -> None:
        """Enter a file; every file is entered once, before anything else."""
        name = uid = None
        if found is not None:
            sop_class = found.sop_class_uid
            name = UID(sop_class, validation_mode=IGNORE).name if sop_class else None
            uid = found.sop_instance_uid or None
        self._rows[path] = (name, uid, sha256)

    def settle(self, path: str, status: Status, reason: str) -> None:
        """Say what became of a file; a later word replaces an earlier one."""
        self._verdicts[path] = (status, reason)

    def use(self, found: Iterable[FoundObject], reason: str) -> None:
        """Mark objects as used."""
        for one in found:
            self.settle(one.path, "used", reason)

    def ignore(
        self, found: Iterable[FoundObject], reason: str, *, last_word: bool = True
    ) -> None:
        """Mark objects as not needed; without the last word, only if unsettled."""
        for one in found:
            if last_word or one.path not in self._verdicts:
                self.settle(one.path, "ignored", reason)

    def refuse(self, found: Iterable[FoundObject], reason: str) -> None:
        """Mark objects as unusable."""
        for one in found:
            self.settle(one.path, "refused", reason)

    def note(self, code: str, severity: Severity, about: str, message: str) -> None:
        """Add a finding, once."""
        self._findings[Finding(code, severity, about, message)] = None

    def stop(self, *problems: str) -> None:
        """Add reasons for which the input cannot be assessed, each once."""
        self._problems.update(dict.fromkeys(problems))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Findings in the order in which they came."""
        return tuple(self._findings)

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence for each fault."""
        return tuple(self._problems)

    def inputs(self) -> tuple[InputObject, ...]:
        """Every file that was seen."""
        unsettled: tuple[Status, str] = ("ignored", "nothing that is used refers to it")
        return tuple(
            InputObject(path, *row, *self._verdicts.get(path, unsettled))
            for path, row in self._rows.items()
        )

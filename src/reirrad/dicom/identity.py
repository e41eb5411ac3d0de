"""Who and what an object to be written belongs to, and UIDs that its content decides.

The same values always give the same UIDs and, with dates taken from the course and no
clock, the same bytes.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from pydicom.valuerep import format_number_as_ds

from reirrad.core.assessment import PatientIdentity
from reirrad.core.sources import StudyReference

__all__ = [
    "MODEL_OF_RESULTS",
    "NOON",
    "Study",
    "decimal",
    "new_object",
    "parsed_day",
    "reference_to",
    "save",
    "stable_uid",
]

NOON = "120000"
MODEL_OF_RESULTS = "reirrad assessment"
"""Manufacturer's Model Name of exported results; they are no input."""
SERIES_NUMBERS = MappingProxyType({"RTSTRUCT": 2, "RTPLAN": 3, "RTDOSE": 4, "REG": 5})
"""Of written courses; images are series 1."""


@dataclass(frozen=True, slots=True)
class Study:
    """The study in which objects are written.

    Parameters
    ----------
    patient
        Whom it is about.
    day
        Date of the study and of everything in it.
    subject
        What tells this study from others of the same patient and day, as a frame of
        reference UID does.
    known
        The study as its own objects state it, where it exists already.
    """

    patient: PatientIdentity
    day: date
    subject: str
    known: StudyReference | None = None

    @property
    def uid(self) -> str:
        """Study Instance UID: that of the existing study, or one of its own."""
        if self.known is not None and self.known.uid:
            return self.known.uid
        return stable_uid("study", self.patient.id, self.day.isoformat(), self.subject)

    def series_uid(self, name: str) -> str:
        """Series Instance UID of a series of the study."""
        return stable_uid("series", self.uid, name)


def stable_uid(*content: str | bytes) -> str:
    """A UID that depends on the content alone."""
    digest = hashlib.sha256()
    for part in content:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return str(generate_uid(entropy_srcs=[digest.hexdigest()]))


def parsed_day(text: str) -> date | None:
    """A DICOM date, YYYYMMDD; None where it is none."""
    try:
        # A calendar day has no time zone.
        return datetime.strptime(text[:8], "%Y%m%d").date()  # noqa: DTZ007
    except ValueError:
        return None


def decimal(value: float) -> str:
    """A number as a DICOM decimal string of at most 16 characters."""
    return str(format_number_as_ds(float(value)))


def new_object(
    sop_class_uid: str,
    *,
    instance_uid: str,
    modality: str,
    study: Study,
    series_name: str,
) -> Dataset:
    """A dataset with its patient, study, series and equipment filled in.

    Parameters
    ----------
    sop_class_uid, instance_uid
        What it is, and which one.
    modality
        Modality (0008,0060).
    study
        Study that it joins.
    series_name
        Tells its series from others of the study; shown as Series Description.
    """
    patient, day = study.patient, study.day.strftime("%Y%m%d")
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = sop_class_uid
    dataset.SOPInstanceUID = instance_uid
    dataset.SeriesDate, dataset.SeriesTime = day, NOON
    dataset.InstanceCreationDate, dataset.InstanceCreationTime = day, NOON
    dataset.Modality = modality
    dataset.Manufacturer = "reirrad"
    dataset.ManufacturerModelName = "reirrad"
    dataset.SoftwareVersions = version("reirrad")
    dataset.OperatorsName = ""
    dataset.SeriesDescription = series_name
    dataset.PatientName = patient.name
    dataset.PatientID = patient.id
    dataset.PatientBirthDate = (patient.birth_date or "").replace("-", "")
    dataset.PatientSex = patient.sex or ""
    _join_study(dataset, study)
    dataset.SeriesInstanceUID = study.series_uid(series_name)
    dataset.SeriesNumber = SERIES_NUMBERS.get(modality, 1)
    dataset.InstanceNumber = 1
    return dataset


def _join_study(dataset: Dataset, study: Study) -> None:
    """Everything that objects of one study have in common."""
    known = study.known or StudyReference(
        uid="",
        date=study.day.strftime("%Y%m%d"),
        time=NOON,
        id="1",
        accession_number="",
        referring_physician="",
        description="",
    )
    dataset.StudyInstanceUID = study.uid
    dataset.StudyDate = known.date
    dataset.StudyTime = known.time
    dataset.StudyID = known.id
    dataset.AccessionNumber = known.accession_number
    dataset.ReferringPhysicianName = known.referring_physician
    dataset.StudyDescription = known.description


def reference_to(sop_class_uid: str, instance_uid: str) -> Dataset:
    """Item of a sequence that refers to another object."""
    item = Dataset()
    item.ReferencedSOPClassUID = sop_class_uid
    item.ReferencedSOPInstanceUID = instance_uid
    return item


def save(dataset: Dataset, path: Path) -> Path:
    """Write a dataset as a DICOM file, Explicit VR Little Endian.

    Returns
    -------
    Path
        `path`.
    """
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path.parent.mkdir(parents=True, exist_ok=True)
    dcmwrite(path, dataset, enforce_file_format=True)
    return path

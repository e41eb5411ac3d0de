"""What every exported object has in common: its study, its series and its UID.

Nothing here knows the time of day: the same assessment gives the same objects, so that
sending them twice stores them once. Dates that an object must have are those of the
study that it joins.
"""

import io

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.filewriter import dcmwrite

from reirrad.core.assessment import PatientIdentity
from reirrad.core.exportable import Exportable
from reirrad.dicom.identity import (
    MODEL_OF_RESULTS,
    Study,
    parsed_day,
    stable_uid,
)

__all__ = ["UNSEALED", "labelled", "sealed", "short", "study_of"]

LONGEST_LO = 64
UNSEALED = "2.25.0"


def study_of(patient: PatientIdentity, exportable: Exportable) -> Study:
    """The study that results join: that of the reference image, else of its dose."""
    known = exportable.study
    stated = None if known is None else parsed_day(known.date)
    return Study(
        patient,
        stated or exportable.day,
        exportable.frame_of_reference_uid,
        known,
    )


def labelled(dataset: Dataset, *, series: str, number: int) -> Dataset:
    """Mark a new object as a result and give it a series of its own.

    Parameters
    ----------
    dataset
        As :func:`~reirrad.dicom.identity.new_object` makes it.
    series
        Series Description, which also tells the series from others of the study.
    number
        Series Number.

    Returns
    -------
    Dataset
        `dataset`.
    """
    dataset.ManufacturerModelName = MODEL_OF_RESULTS
    dataset.SeriesDescription = short(series)
    dataset.SeriesInstanceUID = stable_uid(
        "result series", dataset.StudyInstanceUID, series
    )
    dataset.SeriesNumber = number
    for keyword in ("SeriesDate", "SeriesTime"):
        dataset.pop(keyword, None)
    for keyword in ("InstanceCreationDate", "InstanceCreationTime"):
        dataset.pop(keyword, None)
    return dataset


def sealed(dataset: Dataset) -> Dataset:
    """Give an object the SOP Instance UID that everything else in it decides.

    Returns
    -------
    Dataset
        The object as it is encoded; only its UID is other than in `dataset`.
    """
    dataset.SOPInstanceUID = UNSEALED
    content = io.BytesIO()
    dcmwrite(content, dataset, implicit_vr=False, little_endian=True)
    # Read back, elements stay bytes: encoding twice would double the time of export.
    encoded = dcmread(io.BytesIO(content.getvalue()), force=True)
    encoded.SOPInstanceUID = stable_uid("result", content.getvalue())
    return encoded


def short(text: str, longest: int = LONGEST_LO) -> str:
    """Text that fits an attribute of limited length; what is cut ends in dots."""
    return text if len(text) <= longest else f"{text[: longest - 3]}..."

"""Writing a transform as a Spatial Registration."""

from datetime import date
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import SpatialRegistrationStorage

from reirrad.core.assessment import PatientIdentity
from reirrad.core.geometry import FloatArray
from reirrad.core.transforms import RigidTransform
from reirrad.dicom.identity import (
    NOON,
    Study,
    decimal,
    new_object,
    save,
    stable_uid,
)

__all__ = ["registration_dataset", "write_registration"]


def write_registration(
    transform: RigidTransform,
    folder: Path,
    *,
    patient: PatientIdentity,
    day: date,
) -> Path:
    """Write a transform as ``REG.dcm`` in a folder, which is created where missing.

    Parameters
    ----------
    transform
        The map.
    folder
        Where to.
    patient
        Whom it is about.
    day
        Date of the registration.

    Returns
    -------
    Path
        The file.
    """
    study = Study(patient, day, transform.to_frame)
    dataset = registration_dataset(transform, study=study)
    return save(dataset, folder / "REG.dcm")


def registration_dataset(transform: RigidTransform, *, study: Study) -> Dataset:
    """A transform as a Spatial Registration.

    Its own frame of reference is the one that points are carried into; one item for
    each frame holds the matrix from there (DICOM PS3.3, C.20.2).

    Parameters
    ----------
    transform
        The map.
    study
        Study that the object joins.
    """
    dataset = new_object(
        SpatialRegistrationStorage,
        instance_uid=stable_uid(
            "registration",
            study.uid,
            transform.from_frame,
            transform.to_frame,
            np.ascontiguousarray(transform.matrix).tobytes(),
        ),
        modality="REG",
        study=study,
        series_name="registration",
    )
    dataset.Laterality = ""
    dataset.FrameOfReferenceUID = transform.to_frame
    dataset.PositionReferenceIndicator = ""
    dataset.ContentDate = study.day.strftime("%Y%m%d")
    dataset.ContentTime = NOON
    dataset.ContentLabel = "REGISTRATION"
    dataset.ContentDescription = ""
    dataset.ContentCreatorName = ""
    dataset.RegistrationSequence = [
        _frame(transform.to_frame, np.eye(4)),
        _frame(transform.from_frame, transform.matrix),
    ]
    return dataset


def _frame(frame_of_reference_uid: str, matrix: FloatArray) -> Dataset:
    one = Dataset()
    one.FrameOfReferenceTransformationMatrixType = "RIGID"
    one.FrameOfReferenceTransformationMatrix = [
        decimal(value) for value in matrix.ravel()
    ]
    registration = Dataset()
    registration.FrameOfReferenceTransformationComment = ""
    registration.RegistrationTypeCodeSequence = []
    registration.MatrixSequence = [one]
    item = Dataset()
    item.FrameOfReferenceUID = frame_of_reference_uid
    item.MatrixRegistrationSequence = [registration]
    return item

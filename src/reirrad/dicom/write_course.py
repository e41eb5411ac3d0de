"""Writing a whole course as a clinic would export it."""

from collections.abc import Sequence
from pathlib import Path

from pydicom.dataset import Dataset

from reirrad.core.assessment import PatientIdentity
from reirrad.core.courses import Course
from reirrad.core.sources import ObjectReference
from reirrad.dicom.identity import Study, save
from reirrad.dicom.write_image import image_datasets, series_reference
from reirrad.dicom.write_rtdose import Bits, DoseMeaning, rtdose_dataset
from reirrad.dicom.write_rtplan import rtplan_dataset
from reirrad.dicom.write_rtstruct import ReferencedSeries, rtstruct_dataset

__all__ = ["write_course"]


def write_course(
    course: Course, folder: Path, *, patient: PatientIdentity, dose_bits: Bits = 32
) -> list[Path]:
    """Write image series, structure set, plan and dose of a course.

    Parameters
    ----------
    course
        Course with one delivery.
    folder
        Where to; created where missing.
    patient
        Whom it is about.
    dose_bits
        Of a stored dose.

    Returns
    -------
    list of Path
        The files: images first, then structures, plan and doses.

    Raises
    ------
    ValueError
        If the course has more deliveries than one, or a part of it cannot be expressed
        in DICOM.
    """
    if len(course.deliveries) != 1:
        msg = f"a course must have one delivery to be written, got {course.deliveries}"
        raise ValueError(msg)
    study = Study(patient, course.start_date, course.frame_of_reference_uid)
    images: list[Dataset] = []
    drawn_on = None
    if course.image is not None:
        images = image_datasets(course.image, study=study)
        drawn_on = ReferencedSeries(series_reference(images, course.image.geometry))
    structure_set = rtstruct_dataset(
        course.structures,
        study=study,
        label=course.plan_label,
        frame_of_reference_uid=course.frame_of_reference_uid,
        drawn_on=drawn_on,
    )
    plan = rtplan_dataset(course, study=study, structure_set=structure_set)
    named = {f"{one.Modality}_{n:03d}.dcm": one for n, one in enumerate(images, 1)}
    named["RS.dcm"] = structure_set
    named["RP.dcm"] = plan
    for number, dose in enumerate(_doses(course, study, plan, dose_bits), start=1):
        named[f"RD_{number}.dcm"] = dose
    return [save(dataset, folder / name) for name, dataset in named.items()]


def _doses(
    course: Course, study: Study, plan: Dataset, bits: Bits
) -> Sequence[Dataset]:
    """One plan dose, or one dose for each beam."""
    plans = [ObjectReference(plan.SOPClassUID, plan.SOPInstanceUID)]
    grids = course.deliveries[0].doses
    if len(grids) == 1:
        return [rtdose_dataset(grids[0], study=study, plans=plans, bits=bits)]
    return [
        rtdose_dataset(
            grid,
            study=study,
            plans=plans,
            meaning=DoseMeaning(summation="BEAM", beam_number=number),
            bits=bits,
        )
        for number, grid in enumerate(grids, start=1)
    ]

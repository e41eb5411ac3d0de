"""The registrations of an assessment as Spatial Registration objects."""

from collections.abc import Iterator

from pydicom.dataset import Dataset

from reirrad.core.exportable import Exportable, ExportedRegistration
from reirrad.core.sources import SeriesReference
from reirrad.dicom.identity import Study, reference_to
from reirrad.dicom.results.result_object import labelled, sealed, short
from reirrad.dicom.write_reg import registration_dataset

__all__ = ["SERIES_NUMBER", "registration_objects"]

SERIES_NUMBER = 9101


def registration_objects(
    exportable: Exportable, study: Study
) -> Iterator[tuple[str, Dataset]]:
    """One object for each course in another frame, with the name of its file.

    Its frame of reference is that of the reference course; one item carries that frame
    onto itself, the other one the course's frame into it.
    """
    for position, one in enumerate(exportable.registrations):
        yield (
            f"REG_C{one.course}",
            _object(exportable, one, study, number=SERIES_NUMBER + position),
        )


def _object(
    exportable: Exportable, one: ExportedRegistration, study: Study, *, number: int
) -> Dataset:
    dataset = registration_dataset(one.transform, study=study)
    to_course = exportable.reference_course
    labelled(
        dataset,
        series=f"reirrad: registration of course {one.course} to course {to_course}",
        number=number,
    )
    dataset.ContentDescription = short(
        f"Course {one.course} to course {to_course}: {one.comment}"
    )
    images = {
        exportable.frame_of_reference_uid: exportable.reference.series,
        one.transform.from_frame: exportable.courses[one.course].series,
    }
    for item in dataset.RegistrationSequence:
        item.MatrixRegistrationSequence[
            0
        ].FrameOfReferenceTransformationComment = short(one.comment)
        series = images[item.FrameOfReferenceUID]
        if series is not None and series.is_identified:
            item.ReferencedImageSequence = _references(series)
            _refer(dataset, series)
    return sealed(dataset)


def _references(series: SeriesReference) -> list[Dataset]:
    return [
        reference_to(one.sop_class_uid, one.sop_instance_uid) for one in series.slices
    ]


def _refer(dataset: Dataset, series: SeriesReference) -> None:
    """List the images by study and series, as objects that refer to any must."""
    item = Dataset()
    item.SeriesInstanceUID = series.series_uid
    item.ReferencedInstanceSequence = _references(series)
    if series.study_uid == dataset.StudyInstanceUID:
        _append(dataset, "ReferencedSeriesSequence", item)
        return
    other = Dataset()
    other.StudyInstanceUID = series.study_uid
    other.ReferencedSeriesSequence = [item]
    _append(dataset, "StudiesContainingOtherReferencedInstancesSequence", other)


def _append(dataset: Dataset, keyword: str, item: Dataset) -> None:
    setattr(dataset, keyword, [*dataset.get(keyword, ()), item])

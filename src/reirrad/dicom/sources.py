"""Which objects a course was read from."""

from collections.abc import Sequence

from reirrad.core.sources import CourseSource, ObjectReference, StudyReference
from reirrad.dicom.audit import FoundObject
from reirrad.dicom.elements import text
from reirrad.dicom.images import ImageSeries
from reirrad.dicom.linking import LinkedPlan

__all__ = ["course_source", "image_source"]


def course_source(
    plans: Sequence[LinkedPlan], series: ImageSeries | None
) -> CourseSource:
    """The source of a course.

    Parameters
    ----------
    plans
        Its plans with their doses, earliest first.
    series
        The planning image that was read; None if there is none, and then the study is
        that of the latest dose.
    """
    shown = plans[-1].doses[0].found if series is None else series.slices[0]
    return CourseSource(
        _study(shown),
        tuple(
            ObjectReference(
                one.plan.found.sop_class_uid, one.plan.found.sop_instance_uid
            )
            for one in plans
            if one.plan is not None
        ),
    )


def image_source(series: ImageSeries) -> CourseSource:
    """The source of an anatomy for which nothing is planned yet."""
    return CourseSource(_study(series.slices[0]), ())


def _study(found: FoundObject) -> StudyReference:
    return StudyReference(
        uid=text(found.dataset, "StudyInstanceUID"),
        date=text(found.dataset, "StudyDate"),
        time=text(found.dataset, "StudyTime"),
        id=text(found.dataset, "StudyID"),
        accession_number=text(found.dataset, "AccessionNumber"),
        referring_physician=text(found.dataset, "ReferringPhysicianName"),
        description=text(found.dataset, "StudyDescription"),
    )

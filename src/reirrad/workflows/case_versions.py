"""One version of a case: its assessment, and the files that are made of it.

The assessment and what the page draws come first, so that a person can look at it; the
reports and the objects for other systems follow, and again after every decision.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from reirrad.core.assessment import Assessment
from reirrad.core.review import Review
from reirrad.core.transforms import RigidTransform
from reirrad.dicom.results.folder import write_results
from reirrad.errors import InputError, OutputError
from reirrad.reports.case_page import case_page
from reirrad.reports.json_document import assessment_json
from reirrad.reports.report_files import write_reports
from reirrad.reports.scene_files import packed_scene, read_scene, write_scene
from reirrad.store.kept_assessment import keep, kept
from reirrad.workflows.assess import assess, related, to_be_exported
from reirrad.workflows.case_settings import settings_of
from reirrad.workflows.publish import publish

__all__ = [
    "KEPT",
    "OBJECTS",
    "REPORTS",
    "SCENE",
    "VersionOrder",
    "assess_version",
    "is_of_review",
    "page_of",
    "report_version",
    "write_version",
]

REPORTS = "reports.review"
OBJECTS = "dicom.review"
"""Files that say with which review the reports and the objects were written."""
KEPT = "assessment.kept"
"""The assessment itself, of which reports can be written again."""
SCENE = "scene"
DISPLAY_SCENE = "scene-display"
RESULT_FILES = "dicom/reirrad_*.dcm"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class VersionOrder:
    """What a version is made of, and where it goes.

    Parameters
    ----------
    number
        Of the version.
    received
        Folder with the DICOM objects.
    folder
        Folder of the results.
    settings
        Settings document.
    matrix
        Registration that was given, as ``assess --registration`` takes it, or None.
    frames
        Frame of reference UIDs that it maps from and to.
    """

    number: int
    received: Path
    folder: Path
    settings: Mapping[str, Any]
    matrix: Sequence[Sequence[float]] | None
    frames: tuple[str, str] | None = None


def assess_version(order: VersionOrder, progress: Progress) -> Assessment:
    """Assess, and write what the page shows; the folder gets all of it or nothing.

    Raises
    ------
    ReirradError
        With the sentences that the command line would say.
    """
    assessment = assess(
        [order.received],
        settings=settings_of(order.settings),
        registration=_given(order),
        progress=progress,
    )
    progress("writing the results")
    registered = bool(assessment.registrations)
    review = Review(version=order.number, registered=registered)
    publish(order.folder, lambda folder: write_version(assessment, folder, review))
    return assessment


def write_version(assessment: Assessment, folder: Path, review: Review) -> None:
    """Write what the page shows of an assessment into an existing, empty folder.

    Parameters
    ----------
    assessment
        What was found.
    folder
        Where to.
    review
        Of the version while nobody has looked at it.
    """
    document = assessment_json(assessment)
    (folder / "assessment.json").write_text(document, encoding="utf-8")
    keep(assessment, folder / KEPT)
    _write_page(assessment, folder, review)
    if assessment.scene is not None:
        for name, display_only in ((SCENE, False), (DISPLAY_SCENE, True)):
            packed = packed_scene(assessment.scene, display_only=display_only)
            write_scene(packed, folder / name)


def report_version(order: VersionOrder, review: Review, progress: Progress) -> None:
    """Write the reports with a review, then the objects for other systems.

    The reports tell the numbers that were kept when the version was made.

    Raises
    ------
    ReirradError
        Where something cannot be written; what was there before is left.
    """
    assessment = kept(order.folder / KEPT)
    progress("writing the reports")
    written: list[bytes] = []
    publish(
        order.folder,
        lambda folder: written.append(
            _write_reports(order, assessment, folder, review)
        ),
    )
    exported = _exported(order, assessment, progress)
    progress("writing DICOM objects")
    publish(
        order.folder,
        lambda folder: _write_objects(exported, folder, review, pdf=written[0]),
        only_new=RESULT_FILES,
    )


def is_of_review(folder: Path, mark: str, review: Review) -> bool:
    """Whether reports or objects are there, written with this very review.

    Parameters
    ----------
    folder
        Folder of the version.
    mark
        `REPORTS` or `OBJECTS`.
    review
        The review of now.
    """
    try:
        return (folder / mark).read_text(encoding="ascii") == _digest(review)
    except (OSError, UnicodeDecodeError):
        return False


def _given(order: VersionOrder) -> RigidTransform | None:
    """The registration that was given, between the frames that it was given for."""
    if order.matrix is None:
        return None
    if order.frames is None:
        msg = (
            "The registration that was given does not say which frames of reference it "
            "relates. Adjust the registration again."
        )
        raise InputError(msg)
    return RigidTransform(np.array(order.matrix), *order.frames)


def _exported(
    order: VersionOrder, assessment: Assessment, progress: Progress
) -> Assessment:
    """The kept assessment with what other systems are given of its courses.

    Raises
    ------
    OutputError
        If the courses are no longer related as they were.
    """
    settings = settings_of(order.settings)
    _, patient = related(
        [order.received],
        settings=settings,
        registration=_given(order),
        progress=progress,
    )
    now = tuple(alignment.summary for alignment in patient.alignments.values())
    if now != assessment.registrations:
        msg = (
            "The DICOM objects were not written: this version of the program relates "
            "the courses differently from the assessment. Ask for a new version of it."
        )
        raise OutputError(msg)
    return to_be_exported(assessment, patient, settings, progress)


def page_of(folder: Path, review: Review) -> dict[str, Any]:
    """What the page says beside the pictures, with a review.

    It is made of the numbers that were kept, once for each review and each version of
    the program.

    Parameters
    ----------
    folder
        Folder of the version.
    review
        The review of now.

    Raises
    ------
    StoreError
        If the kept assessment is not there, or of another format.
    """
    file = folder / _page_name(review)
    if not file.exists():
        assessment = kept(folder / KEPT)
        publish(folder, lambda fresh: _write_page(assessment, fresh, review))
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


def _page_name(review: Review) -> str:
    made_by = f"{_digest(review)} {version('reirrad')}"
    return f"page-{hashlib.sha256(made_by.encode()).hexdigest()[:16]}.json"


def _write_page(assessment: Assessment, folder: Path, review: Review) -> None:
    page = json.dumps(case_page(assessment, review), allow_nan=False)
    (folder / _page_name(review)).write_text(page, encoding="utf-8")


def _write_reports(
    order: VersionOrder, assessment: Assessment, folder: Path, review: Review
) -> bytes:
    """Write the reports; the printed one, which goes into the objects too."""
    packed = order.folder / DISPLAY_SCENE
    scene = read_scene(packed) if packed.is_dir() else None
    write_reports(assessment, folder, review, scene=scene)
    (folder / REPORTS).write_text(_digest(review), encoding="ascii")
    return (folder / "report.pdf").read_bytes()


def _write_objects(
    assessment: Assessment, folder: Path, review: Review, *, pdf: bytes
) -> None:
    if assessment.exportable is not None:
        write_results(assessment, assessment.exportable, folder / "dicom", pdf=pdf)
    (folder / OBJECTS).write_text(_digest(review), encoding="ascii")


def _digest(review: Review) -> str:
    text = json.dumps(asdict(review), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()

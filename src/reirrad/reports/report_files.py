"""The two files of a report: a page with pictures to move through, and a PDF."""

from pathlib import Path

from reirrad.core.assessment import Assessment
from reirrad.core.review import UNREVIEWED, Review
from reirrad.reports.case_page import case_page
from reirrad.reports.document import report_document
from reirrad.reports.figures import report_figures
from reirrad.reports.html import html_report
from reirrad.reports.pdf import pdf_report
from reirrad.reports.scene_files import PackedScene, packed_scene
from reirrad.reports.viewer_page import embedded_viewer

__all__ = ["write_reports"]


def write_reports(
    assessment: Assessment,
    folder: Path,
    review: Review = UNREVIEWED,
    *,
    scene: PackedScene | None = None,
) -> None:
    """Write ``report.html`` and ``report.pdf``.

    The same assessment and review give the same bytes.

    Parameters
    ----------
    assessment
        What to report.
    folder
        An existing folder.
    review
        What people decided about it; by default nobody has looked at it.
    scene
        What the page draws, packed for display only. By default the assessment's own
        scene is packed; where there is neither, the page is the record alone.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    if scene is None and assessment.scene is not None:
        scene = packed_scene(assessment.scene, display_only=True)
    viewer = (
        None if scene is None else embedded_viewer(case_page(assessment, review), scene)
    )
    pictures = report_figures(assessment)
    document = report_document(assessment, pictures, review)
    html = html_report(document, pictures, viewer)
    pdf = pdf_report(document, pictures)
    (folder / "report.html").write_text(html, encoding="utf-8", newline="\n")
    (folder / "report.pdf").write_bytes(pdf)

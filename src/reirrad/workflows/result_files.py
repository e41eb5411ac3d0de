"""The files of an assessment: the document, the reports, objects for other systems."""

from pathlib import Path

from reirrad.core.assessment import Assessment
from reirrad.reports.json_document import assessment_json

__all__ = ["DOCUMENT", "is_withheld", "write_result_files"]

DOCUMENT = "assessment.json"


def is_withheld(assessment: Assessment) -> bool:
    """Whether the class of any pair of courses is undetermined."""
    pairs = (*assessment.pairs, *assessment.united_pairs)
    return any(pair.classification.resbrt_type == "undetermined" for pair in pairs)


def write_result_files(
    assessment: Assessment, folder: Path, *, json_only: bool
) -> None:
    """Write everything that is made of an assessment into an existing folder.

    Parameters
    ----------
    assessment
        What was found; objects for other systems are written where it has them.
    folder
        Where to.
    json_only
        Whether to leave the reports out.
    """
    (folder / DOCUMENT).write_text(assessment_json(assessment), encoding="utf-8")
    if not json_only:
        from reirrad.reports.report_files import write_reports  # noqa: PLC0415 - slow

        write_reports(assessment, folder)
    if assessment.exportable is not None:
        from reirrad.dicom.results.folder import write_results  # noqa: PLC0415 - slow

        report = folder / "report.pdf"
        write_results(
            assessment,
            assessment.exportable,
            folder / "dicom",
            pdf=report.read_bytes() if report.exists() else None,
        )

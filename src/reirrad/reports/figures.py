"""Every picture of a report, as PNG bytes that depend on the assessment alone."""

import io
from collections.abc import Collection

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from reirrad.core.assessment import Assessment
from reirrad.core.planar_view import PlanarView
from reirrad.reports.curves import curve_pages
from reirrad.reports.emphasis import leading_pair
from reirrad.reports.fusion import fusion_figure
from reirrad.reports.isodose_planes import planes_figure

__all__ = ["png_bytes", "report_figures"]

DOTS_PER_INCH = 200
PLANES = ("axial", "sagittal", "coronal")


def report_figures(assessment: Assessment) -> dict[str, bytes]:
    """Draw what can be drawn.

    Parameters
    ----------
    assessment
        Its views and curves are the pictures' only source.

    Returns
    -------
    dict
        PNG files by name: "planes" where there are views, "fusion" where a view holds
        the other image too, and "dvh-1", "dvh-2", ... where there are curves.
    """
    views = _one_of_each_plane(assessment.views)
    reference = assessment.reference_course
    modality = _modality(assessment, [reference])
    drawn: dict[str, Figure] = {}
    if views:
        drawn["planes"] = planes_figure(
            views, pair=leading_pair(assessment), modality=modality
        )
    if any(view.other_image is not None for view in views):
        others = [c.number for c in assessment.courses if c.number != reference]
        drawn["fusion"] = fusion_figure(
            views,
            modality=modality,
            other_modality=_modality(assessment, others),
        )
    found = assessment.uncertainty
    bands = () if found is None else found.bands
    for number, page in enumerate(curve_pages(assessment.structures, bands), start=1):
        drawn[f"dvh-{number}"] = page
    return {key: png_bytes(figure) for key, figure in drawn.items()}


def _one_of_each_plane(views: tuple[PlanarView, ...]) -> list[PlanarView]:
    first = {view.plane: view for view in reversed(views)}
    return [first[plane] for plane in PLANES if plane in first]


def _modality(assessment: Assessment, numbers: Collection[int]) -> str:
    """Modality of the images of some courses, empty where they differ or lack one."""
    found = {
        course.image.modality if course.image is not None else ""
        for course in assessment.courses
        if course.number in numbers
    }
    return found.pop() if len(found) == 1 else ""


def png_bytes(figure: Figure) -> bytes:
    """Encode without date or program version, which would change the bytes."""
    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_png(  # type: ignore[no-untyped-call]
        buffer, metadata={"Software": None}
    )
    return buffer.getvalue()

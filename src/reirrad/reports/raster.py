"""How a planar view lies on the page: pixel centres, orientation, grey window, crop."""

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from reirrad.core.geometry import FloatArray
from reirrad.core.planar_view import PlanarView
from reirrad.reports.palette import printable

__all__ = [
    "Frame",
    "draw_orientation",
    "draw_scale_bar",
    "frame_size_mm",
    "grey_window",
    "pixel_centres_mm",
    "plane_title",
    "prepare_axes",
    "visible_frame",
]

Frame = tuple[float, float, float, float]
"""(left, right, bottom, top) of what is shown, in patient mm."""

FloatImage = npt.NDArray[np.float32]

AXES_OF_PLANE = {"axial": ("x", "y"), "sagittal": ("y", "z"), "coronal": ("x", "z")}
TOWARDS_LARGER = {"x": "L", "y": "P", "z": "S"}
TOWARDS_SMALLER = {"x": "R", "y": "A", "z": "I"}
COORDINATE_NAMES = {"axial": "z", "sagittal": "x", "coronal": "y"}
CT_WINDOW_HU = (-160.0, 240.0)
GREY_PERCENTILES = (1.0, 99.5)
CROP_MARGIN_MM = 18.0
SCALE_BAR_MM = 50.0
OUTLINED = withStroke(linewidth=1.5, foreground="black")


def pixel_centres_mm(view: PlanarView) -> tuple[FloatArray, FloatArray]:
    """Coordinates of the columns and of the rows of a view.

    Returns
    -------
    tuple
        Horizontal positions, one per column, and vertical ones, one per row with row 0
        at the top; in patient mm.
    """
    left, right, bottom, top = view.extent_mm
    rows, columns = view.image.shape
    across = left + (np.arange(columns) + 0.5) * (right - left) / columns
    down = top + (np.arange(rows) + 0.5) * (bottom - top) / rows
    return across, down


def visible_frame(view: PlanarView, wanted: npt.NDArray[np.bool_]) -> Frame:
    """The part of a view worth showing: the wanted pixels with a margin.

    Parameters
    ----------
    view
        The view to crop.
    wanted
        Pixels that must be seen; none means the whole view.
    """
    left, right, bottom, top = view.extent_mm
    if not wanted.any():
        return view.extent_mm
    across, down = pixel_centres_mm(view)
    x0, x1 = _span(across[wanted.any(axis=0)], left, right)
    y0, y1 = _span(down[wanted.any(axis=1)], bottom, top)
    return x0, x1, y0, y1


def _span(wanted_mm: FloatArray, start: float, end: float) -> tuple[float, float]:
    """Widen the wanted range by the margin, keep it inside, and in its direction."""
    low = max(float(wanted_mm.min()) - CROP_MARGIN_MM, min(start, end))
    high = min(float(wanted_mm.max()) + CROP_MARGIN_MM, max(start, end))
    return (low, high) if start < end else (high, low)


def frame_size_mm(frame: Frame) -> tuple[float, float]:
    """Width and height of a frame."""
    left, right, bottom, top = frame
    return abs(right - left), abs(top - bottom)


def grey_window(image: FloatImage, modality: str = "") -> tuple[float, float]:
    """Values shown as black and as white."""
    if modality == "CT":
        return CT_WINDOW_HU
    known = image[np.isfinite(image)]
    if known.size == 0:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(known, GREY_PERCENTILES))
    return (low, high) if high > low else (low, low + 1.0)


def prepare_axes(axes: Axes, frame: Frame) -> None:
    """A black field without ticks that shows a frame at equal scale."""
    left, right, bottom, top = frame
    axes.set_facecolor("black")
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_aspect("equal", adjustable="box")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def draw_orientation(axes: Axes, view: PlanarView, *, title: str) -> None:
    """Letters for the patient's sides, and a title in the upper left corner."""
    left, right, bottom, top = view.extent_mm
    horizontal, vertical = AXES_OF_PLANE[view.plane]
    ends = (TOWARDS_SMALLER, TOWARDS_LARGER)
    places = (
        (0.012, 0.5, ends[left > right][horizontal], "left", "center"),
        (0.988, 0.5, ends[right > left][horizontal], "right", "center"),
        (0.5, 0.985, ends[top > bottom][vertical], "center", "top"),
        (0.5, 0.015, ends[bottom > top][vertical], "center", "bottom"),
    )
    for x, y, letter, across, along in places:
        _label(axes, (x, y), letter, alignment=(across, along), size=8.0)
    _label(axes, (0.012, 0.985), title, alignment=("left", "top"), size=6.5)


def plane_title(view: PlanarView) -> str:
    """Name and position of a plane, as "Axial, z = 6 mm"."""
    name = COORDINATE_NAMES[view.plane]
    return f"{view.plane.capitalize()}, {name} = {view.position_mm + 0.0:.0f} mm"


def draw_scale_bar(axes: Axes, frame: Frame) -> None:
    """A bar of 50 mm at the lower right, or of 10 mm in a small frame."""
    left, right, bottom, top = frame
    width, height = frame_size_mm(frame)
    length = SCALE_BAR_MM if width > 2 * SCALE_BAR_MM else 10.0
    inward = -1.0 if right > left else 1.0
    upward = 1.0 if top > bottom else -1.0
    end = right + inward * 0.03 * width
    level = bottom + upward * 0.045 * height
    axes.plot(
        [end, end + inward * length],
        [level, level],
        color="white",
        linewidth=2.0,
        solid_capstyle="butt",
        path_effects=[OUTLINED],
    )
    axes.text(
        end + inward * length / 2,
        level + upward * 0.018 * height,
        f"{length:.0f} mm",
        color="white",
        fontsize=6.0,
        ha="center",
        va="bottom",
        path_effects=[OUTLINED],
    )


def _label(
    axes: Axes,
    place: tuple[float, float],
    text: str,
    *,
    alignment: tuple[str, str],
    size: float,
) -> None:
    axes.text(
        *place,
        printable(text),
        transform=axes.transAxes,
        color="white",
        fontsize=size,
        fontweight="bold",
        ha=alignment[0],
        va=alignment[1],
        path_effects=[OUTLINED],
    )

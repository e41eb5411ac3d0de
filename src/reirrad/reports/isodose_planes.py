"""The picture of a pair of courses: isodoses and their overlap on the planning image.

Colours and contents follow Figure 2 of the paper on which the classification rests.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from reirrad.core.assessment import PairAssessment
from reirrad.core.planar_view import PlanarView
from reirrad.reports.palette import (
    EARLIER_2GY,
    EARLIER_50,
    LATER_2GY,
    LATER_50,
    ORGAN,
    OVERLAP_2GY,
    OVERLAP_50,
    TARGET,
    printable,
)
from reirrad.reports.raster import (
    FloatImage,
    Frame,
    draw_orientation,
    draw_scale_bar,
    frame_size_mm,
    grey_window,
    pixel_centres_mm,
    plane_title,
    prepare_axes,
    visible_frame,
)
from reirrad.reports.wording import agreed_number, is_withheld

__all__ = ["planes_figure"]

WIDTH_INCHES = 7.3
LEGEND_ROW_INCHES = 0.16
LEGEND_PADDING_INCHES = 0.16
MOST_LEGEND_COLUMNS = 5
GAP_INCHES = 0.06
TALLEST_INCHES = 4.6
LEVELS = ("2Gy", "50%")
OVERLAP_COLOURS = {"2Gy": OVERLAP_2GY, "50%": OVERLAP_50}
OVERLAP_OPACITY = {"2Gy": 0.34, "50%": 0.55}
LINE_COLOURS = {
    ("earlier", "2Gy"): EARLIER_2GY,
    ("earlier", "50%"): EARLIER_50,
    ("later", "2Gy"): LATER_2GY,
    ("later", "50%"): LATER_50,
}
LINE_WIDTHS = {"2Gy": 1.0, "50%": 1.7}
LINE_STYLES: dict[str, Literal["-", "--"]] = {"earlier": "--", "later": "-"}
TARGET_ROLES = frozenset({"GTV", "CTV", "PTV"})


def planes_figure(
    views: Sequence[PlanarView], *, pair: PairAssessment | None, modality: str
) -> Figure:
    """Draw the planes, the first large and the others stacked beside it.

    Parameters
    ----------
    views
        One to three planes.
    pair
        Whose overlap is shown; None shows the isodoses of all courses as later ones.
    modality
        Modality of the reference image; decides the grey window.
    """
    frames = [visible_frame(view, _wanted(view)) for view in views]
    places, height = _layout([frame_size_mm(frame) for frame in frames])
    handles = _legend_handles(views, pair)
    columns = min(-(-len(handles) // 2), MOST_LEGEND_COLUMNS)
    rows = -(-len(handles) // columns)
    legend = LEGEND_PADDING_INCHES + LEGEND_ROW_INCHES * rows
    total = height + legend
    figure = Figure(figsize=(WIDTH_INCHES, total), facecolor="white")
    for view, frame, (left, bottom, width, tall) in zip(
        views, frames, places, strict=True
    ):
        axes = figure.add_axes(
            (
                left / WIDTH_INCHES,
                (bottom + legend) / total,
                width / WIDTH_INCHES,
                tall / total,
            )
        )
        _draw(axes, view, frame=frame, pair=pair, modality=modality)
    _draw_legend(figure, handles, columns)
    return figure


def _layout(
    sizes_mm: Sequence[tuple[float, float]],
) -> tuple[list[tuple[float, float, float, float]], float]:
    """Boxes (left, bottom, width, height) in inches, and the height they fill.

    The first plane stands left at full height; the others share a column of equal
    width at its right that is exactly as high.
    """
    (first_w, first_h), *others = sizes_mm
    shape = first_w / first_h
    if not others:
        height = min(WIDTH_INCHES / shape, TALLEST_INCHES)
        return [((WIDTH_INCHES - shape * height) / 2, 0.0, shape * height, height)], (
            height
        )
    stacked = sum(high / wide for wide, high in others)
    gaps = GAP_INCHES * (len(others) - 1)
    # height = column width * stacked + gaps, and both columns fill the page's width
    column = (WIDTH_INCHES - GAP_INCHES - shape * gaps) / (1 + shape * stacked)
    height = column * stacked + gaps
    shrink = min(1.0, TALLEST_INCHES / height)
    column, height = column * shrink, height * shrink
    left = (WIDTH_INCHES - column - GAP_INCHES - shape * height) / 2
    boxes = [(left, 0.0, shape * height, height)]
    level = height
    for wide, high in others:
        tall = column * high / wide
        level -= tall
        boxes.append((left + shape * height + GAP_INCHES, level, column, tall))
        level -= GAP_INCHES * shrink
    return boxes, height


def _wanted(view: PlanarView) -> npt.NDArray[np.bool_]:
    """Pixels that the picture must show: low isodoses, organ and targets."""
    wanted = np.zeros(view.image.shape, dtype=bool)
    for number, dose in view.doses_gy.items():
        levels = view.isodoses_gy.get(number, {})
        if levels:
            wanted |= np.nan_to_num(dose) >= min(levels.values())
    for name, share in view.structures.items():
        if name == view.organ or view.roles.get(name) in TARGET_ROLES:
            wanted |= share >= 0.5
    return wanted


def _draw(
    axes: Axes,
    view: PlanarView,
    *,
    frame: Frame,
    pair: PairAssessment | None,
    modality: str,
) -> None:
    low, high = grey_window(view.image, modality)
    axes.imshow(
        view.image,
        extent=view.extent_mm,
        origin="upper",
        cmap="gray",
        vmin=low,
        vmax=high,
        interpolation="bilinear",
    )
    if pair is not None:
        for level in LEVELS:
            _fill_overlap(axes, view, pair=pair, level=level)
    _draw_outlines(axes, view)
    for number, side in _sides(view, pair).items():
        _draw_isodoses(axes, view, number=number, side=side)
    prepare_axes(axes, frame)
    draw_orientation(axes, view, title=plane_title(view))
    draw_scale_bar(axes, frame)


def _sides(view: PlanarView, pair: PairAssessment | None) -> dict[int, str]:
    """Which of the drawn courses are the earlier and which the later ones."""
    if pair is None:
        return dict.fromkeys(sorted(view.doses_gy), "later")
    sides = {number: "earlier" for number in pair.earlier if number in view.doses_gy}
    if pair.second in view.doses_gy:
        sides[pair.second] = "later"
    return sides


def _fill_overlap(
    axes: Axes, view: PlanarView, *, pair: PairAssessment, level: str
) -> None:
    """Colour where the later and any earlier course reach their level in the organ."""
    shared = _shared(view, pair, level)
    if shared is None or float(shared.max()) < 1.0:
        return
    axes.contourf(
        *pixel_centres_mm(view),
        shared,
        levels=[1.0, float(shared.max()) + 1.0],
        colors=[OVERLAP_COLOURS[level]],
        alpha=OVERLAP_OPACITY[level],
    )


def _shared(view: PlanarView, pair: PairAssessment, level: str) -> FloatImage | None:
    """Field that is above 1 inside the overlap; None where it must not be shown."""
    organ = view.structures.get(view.organ)
    later = _relative(view, pair.second, level)
    earlier = [
        dose
        for number in pair.earlier
        if (dose := _relative(view, number, level)) is not None
    ]
    if is_withheld(pair) or organ is None or later is None or not earlier:
        return None
    both = np.minimum(np.maximum.reduce(earlier), later)
    shared: FloatImage = np.minimum(both, organ / np.float32(0.5))
    return shared


def _relative(view: PlanarView, number: int, level: str) -> FloatImage | None:
    """Dose of a course as a multiple of its isodose level; zero outside its grid."""
    dose = view.doses_gy.get(number)
    level_gy = view.isodoses_gy.get(number, {}).get(level)
    if dose is None or level_gy is None or level_gy <= 0:
        return None
    return np.nan_to_num(dose) / np.float32(level_gy)


def _draw_isodoses(axes: Axes, view: PlanarView, *, number: int, side: str) -> None:
    for level in LEVELS:
        level_gy = view.isodoses_gy.get(number, {}).get(level)
        if level_gy is not None:
            _line(
                axes,
                view,
                view.doses_gy[number],
                level=level_gy,
                style=(
                    LINE_COLOURS[side, level],
                    LINE_WIDTHS[level],
                    LINE_STYLES[side],
                ),
            )


def _draw_outlines(axes: Axes, view: PlanarView) -> None:
    for name in sorted(view.structures):
        share = view.structures[name]
        if name == view.organ:
            _line(axes, view, share, level=0.5, style=(ORGAN, 1.1, "-"))
        elif view.roles.get(name) in TARGET_ROLES:
            _line(axes, view, share, level=0.5, style=(TARGET, 0.8, ":"))


def _line(
    axes: Axes,
    view: PlanarView,
    field: FloatImage,
    *,
    level: float,
    style: tuple[str, float, str],
) -> None:
    known = field[np.isfinite(field)]
    if known.size == 0 or not known.min() < level <= known.max():
        return
    colour, width, dashes = style
    drawn = axes.contour(
        *pixel_centres_mm(view),
        np.ma.masked_invalid(field),
        levels=[level],
        colors=[colour],
        linewidths=[width],
        linestyles=[dashes],
    )
    if dashes != ":":
        # a dark edge keeps a line apart from tissue of the same grey in a copy
        edge = withStroke(linewidth=width + 0.9, foreground="black", alpha=0.65)
        drawn.set_path_effects([edge])


def _legend_handles(
    views: Sequence[PlanarView], pair: PairAssessment | None
) -> list[Line2D | Patch]:
    """What each line and colour is, with its level."""
    view = views[0]
    handles: list[Line2D | Patch] = []
    for number, side in _sides(view, pair).items():
        for level in LEVELS:
            level_gy = view.isodoses_gy.get(number, {}).get(level)
            if level_gy is not None:
                handles.append(_legend_line(number, side, level, level_gy))
    handles += [
        Patch(
            facecolor=OVERLAP_COLOURS[level],
            edgecolor="#777777",
            linewidth=0.5,
            label=f"Ov{level} in {view.organ}",
        )
        for level in LEVELS
        if pair is not None and _shared(view, pair, level) is not None
    ]
    handles += [
        Line2D([], [], color=ORGAN, linewidth=1.6, label=view.organ),
        Line2D([], [], color=TARGET, linewidth=1.2, linestyle=":", label="Targets"),
    ]
    return handles


def _draw_legend(
    figure: Figure, handles: Sequence[Line2D | Patch], columns: int
) -> None:
    legend = figure.legend(
        handles=handles,
        loc="lower center",
        ncols=columns,
        fontsize=6.4,
        frameon=True,
        facecolor="#3a3f47",
        edgecolor="none",
        labelcolor="white",
        handlelength=2.6,
        columnspacing=1.5,
        borderpad=0.6,
        borderaxespad=0.0,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
        text.set_text(printable(text.get_text()))


def _legend_line(number: int, side: str, level: str, level_gy: float) -> Line2D:
    words = "2 Gy" if level == "2Gy" else f"50 % = {agreed_number(level_gy)} Gy"
    return Line2D(
        [],
        [],
        color=LINE_COLOURS[side, level],
        linewidth=LINE_WIDTHS[level] + 0.3,
        linestyle=LINE_STYLES[side],
        label=f"Course {number}: {words}",
    )

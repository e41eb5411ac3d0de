"""The picture of what can still be given: remaining dose of each fraction in planes.

One sequential map of colours whose lightness alone tells the value, with labelled lines
of equal dose on top, so that a copy in grey reads the same.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from reirrad.core.planning_budget import BudgetPlane
from reirrad.reports.palette import TARGET, printable
from reirrad.reports.raster import (
    draw_orientation,
    draw_scale_bar,
    frame_size_mm,
    grey_window,
    pixel_centres_mm,
    plane_title,
    prepare_axes,
    visible_frame,
)

__all__ = ["budget_map_figure"]

WIDTH_INCHES = 7.3
BAR_INCHES = 0.62
GAP_INCHES = 0.06
TALLEST_INCHES = 4.0
COLOURS = "cividis"
OUTLINE = "#ffffff"
MOST_LINES = 5
LEAST_CHANGE_GY = 0.1
AROUND_MM = 60.0


def budget_map_figure(planes: Sequence[BudgetPlane], *, modality: str) -> Figure:
    """Draw the planes side by side above one colour bar in gray per fraction.

    Parameters
    ----------
    planes
        One or more, for one number of fractions.
    modality
        Of the image; decides the grey window.
    """
    frames = [visible_frame(one.view, _wanted(one)) for one in planes]
    sizes = [frame_size_mm(frame) for frame in frames]
    shapes = [width / height for width, height in sizes]
    room = WIDTH_INCHES - GAP_INCHES * (len(planes) - 1)
    tall = min(room / sum(shapes), TALLEST_INCHES)
    total = tall + BAR_INCHES
    figure = Figure(figsize=(WIDTH_INCHES, total), facecolor="white")
    scale = _scale(planes)
    left = (room - tall * sum(shapes)) / 2.0
    for plane, frame, shape in zip(planes, frames, shapes, strict=True):
        width = tall * shape
        axes = figure.add_axes(
            (
                left / WIDTH_INCHES,
                BAR_INCHES / total,
                width / WIDTH_INCHES,
                tall / total,
            )
        )
        _draw(axes, plane, scale, modality=modality)
        prepare_axes(axes, frame)
        draw_orientation(axes, plane.view, title=plane_title(plane.view))
        draw_scale_bar(axes, frame)
        left += width + GAP_INCHES
    _draw_bar(figure, planes[0], scale, total)
    return figure


def _wanted(plane: BudgetPlane) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Targets, and what is within a hand's breadth of them."""
    view = plane.view
    wanted = np.zeros(view.image.shape, dtype=np.bool_)
    for name, share in view.structures.items():
        if view.roles.get(name) == "PTV":
            wanted |= share >= 0.5
    if not wanted.any():
        return np.isfinite(plane.per_fraction_gy)
    rows, columns = (np.flatnonzero(wanted.any(axis=axis)) for axis in (1, 0))
    left, right, _, _ = view.extent_mm
    margin = int(AROUND_MM * view.image.shape[1] / abs(right - left))
    around = np.zeros_like(wanted)
    around[
        max(rows[0] - margin, 0) : rows[-1] + margin + 1,
        max(columns[0] - margin, 0) : columns[-1] + margin + 1,
    ] = True
    return around


def _scale(planes: Sequence[BudgetPlane]) -> Normalize:
    known = np.concatenate(
        [one.per_fraction_gy[np.isfinite(one.per_fraction_gy)] for one in planes]
    )
    highest = float(known.max()) if len(known) else 1.0
    return Normalize(0.0, max(highest, 1.0))


def _draw(axes: Axes, plane: BudgetPlane, scale: Normalize, *, modality: str) -> None:
    view = plane.view
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
    axes.imshow(
        np.ma.masked_invalid(plane.per_fraction_gy),
        extent=view.extent_mm,
        origin="upper",
        cmap=COLOURS,
        norm=scale,
        interpolation="nearest",
    )
    across, down = pixel_centres_mm(view)
    shown = _wanted(plane)
    for name in sorted(view.structures):
        share = view.structures[name]
        if not share.min() < 0.5 <= share.max():
            continue
        is_target = view.roles.get(name) == "PTV"
        drawn = axes.contour(
            across,
            down,
            share,
            levels=[0.5],
            colors=[TARGET if is_target else OUTLINE],
            linewidths=[1.5 if is_target else 0.8],
            linestyles=["--" if is_target else "-"],
        )
        drawn.set_path_effects([withStroke(linewidth=2.2, foreground="black")])
        if is_target:
            continue
        seen = np.argwhere((share >= 0.5) & shown)
        if not len(seen):
            continue
        # The pixel nearest to their middle: inside, however the organ is curved.
        apart = np.linalg.norm(seen - seen.mean(axis=0), axis=1)
        row, column = seen[np.argmin(apart)]
        _name(axes, name, (across[column], down[row]))
    _lines(axes, plane)


def _name(axes: Axes, name: str, at_mm: tuple[float, float]) -> None:
    axes.text(
        *at_mm,
        printable(name),
        color="white",
        fontsize=5.6,
        ha="center",
        va="center",
        clip_on=True,
        parse_math=False,
        path_effects=[withStroke(linewidth=1.6, foreground="black")],
    )


def _lines(axes: Axes, plane: BudgetPlane) -> None:
    """Lines of equal dose with their value, where the dose varies."""
    field = np.ma.masked_invalid(plane.per_fraction_gy)
    if field.count() == 0:
        return
    low, high = float(field.min()), float(field.max())
    if high - low < LEAST_CHANGE_GY:
        return
    levels = [
        level
        for level in MaxNLocator(MOST_LINES).tick_values(low, high)
        if low < level < high
    ]
    if not levels:
        return
    drawn = axes.contour(
        *pixel_centres_mm(plane.view),
        field,
        levels=levels,
        colors=["black"],
        linewidths=[0.5],
    )
    axes.clabel(drawn, fmt="%g", fontsize=5.0, inline=True)


def _draw_bar(
    figure: Figure, plane: BudgetPlane, scale: Normalize, total: float
) -> None:
    bar = figure.add_axes((0.05, 0.36 / total, 0.55, 0.12 / total))
    figure.colorbar(ScalarMappable(scale, COLOURS), cax=bar, orientation="horizontal")
    bar.tick_params(labelsize=6.5, length=2.0, pad=1.5)
    fractions = f"{plane.n_fractions} fraction{'s' * (plane.n_fractions > 1)}"
    bar.set_xlabel(
        f"Remaining physical dose, Gy per fraction, for {fractions}",
        fontsize=6.8,
        labelpad=1.5,
    )
    figure.legend(
        handles=[
            Line2D([], [], color="black", linestyle="--", label="New targets"),
            Line2D([], [], color="black", linewidth=0.8, label="Organs with limits"),
        ],
        loc="lower right",
        fontsize=6.4,
        ncols=2,
        frameon=False,
        borderaxespad=0.6,
    )

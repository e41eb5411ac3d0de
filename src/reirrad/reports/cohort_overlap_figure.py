"""Overlap volumes of every course, by stratum."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reirrad.reports.cohort_style import (
    dress,
    print_figure,
    stratum_colour,
    stratum_name,
)
from reirrad.reports.palette import INK, printable

__all__ = ["overlap_figure"]

WIDTH_INCHES = 7.3
HEIGHT_INCHES = 3.1
LINEAR_BELOW_CC = 1.0
GOLDEN = 0.6180339887
SPREAD = 0.5
MANY = 60
LETTERS_ABREAST = 36
TITLES = ("Ov2Gy in the organ", "Ov50% in the organ")

Overlaps = Sequence[tuple[str, float | None, float | None]]


def overlap_figure(overlaps: Overlaps, strata: Sequence[str]) -> Figure:
    """Draw each overlap as a point; the scale is logarithmic above 1 cc and shows 0.

    Parameters
    ----------
    overlaps
        Stratum, Ov2Gy and Ov50% in the organ, cc.
    strata
        In their order.
    """
    names = [*strata, *sorted({one[0] for one in overlaps}.difference(strata))]
    figure = print_figure(WIDTH_INCHES, HEIGHT_INCHES)
    panels = figure.subplots(1, len(TITLES))
    of_2gy = [(name, ov2gy) for name, ov2gy, _ in overlaps]
    of_50 = [(name, ov50) for name, _, ov50 in overlaps]
    for axes, title, found in zip(panels, TITLES, (of_2gy, of_50), strict=True):
        _panel(axes, found, names)
        axes.set_title(title, fontsize=8.0, fontweight="bold", loc="left", color=INK)
    room = 0.34 if _slanted(names) else 0.15
    figure.subplots_adjust(left=0.1, right=0.985, top=0.91, bottom=room, wspace=0.22)
    return figure


def _panel(
    axes: Axes,
    overlaps: Sequence[tuple[str, float | None]],
    names: Sequence[str],
) -> None:
    labels = []
    for place, name in enumerate(names):
        found = [volume for stratum, volume in overlaps if stratum == name]
        known = sorted(one for one in found if one is not None)
        axes.plot(
            [place + _aside(number) for number in range(len(known))],
            known,
            linestyle="none",
            marker="o",
            markersize=4.6 if len(known) <= MANY else 2.6,
            markeredgewidth=0.5,
            markeredgecolor="white",
            color=stratum_colour(place),
            clip_on=False,
            zorder=3,
        )
        missing = len(found) - len(known)
        counted = f"n = {len(known)}" + (f", {missing} missing" if missing else "")
        between = " · " if _slanted(names) else "\n"
        labels.append(f"{printable(stratum_name(name))}{between}{counted}")
    axes.set_yscale("symlog", linthresh=LINEAR_BELOW_CC, linscale=0.5)
    axes.set_ylim(bottom=0.0)
    dress(axes, "", "cc")
    axes.grid(visible=False, axis="x")
    axes.set_xticks(range(len(names)), labels, parse_math=False)
    if _slanted(names):
        axes.tick_params(axis="x", labelrotation=35, labelsize=6.4)
        for label in axes.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.yaxis.set_major_formatter("{x:g}")


def _slanted(names: Sequence[str]) -> bool:
    """Whether the names of the groups are too long to stand side by side."""
    longest = max(map(len, map(stratum_name, names)), default=0)
    return longest * len(names) > LETTERS_ABREAST


def _aside(number: int) -> float:
    """Offset that keeps neighbours apart: fractional parts of the golden ratio."""
    return ((number + 1) * GOLDEN % 1.0 - 0.5) * SPREAD

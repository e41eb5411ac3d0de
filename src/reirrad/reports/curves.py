"""Dose-volume histograms as small multiples, one panel for each structure."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from reirrad.core.assessment import DoseCurve, StructureAssessment
from reirrad.core.uncertainty import DoseBand
from reirrad.reports.palette import COURSE_COLOURS, GREY, INK, RULE, printable
from reirrad.reports.wording import ALPHA_BETA, agreed_number, squeezed

__all__ = ["curve_pages"]

PANELS_ABREAST = 3
PANELS_ON_A_PAGE = 12
WIDTH_INCHES = 7.3
ROW_INCHES = 1.95
LEGEND_INCHES = 0.4
LONGEST_NAME = 21
CUMULATIVE = "cumulative"
VISIBLE_PERCENT = 0.05
BAND = "#c9ced6"
BAND_LABEL = "Cumulative, 5 to 95 % of plausible registrations"


def curve_pages(
    structures: Sequence[StructureAssessment], bands: Sequence[DoseBand] = ()
) -> list[Figure]:
    """Draw the EQD2 curves of every structure that has any, twelve to a figure.

    Parameters
    ----------
    structures
        With their curves.
    bands
        Of the cumulative curves of some of them, by name.
    """
    by_name = {band.name: band for band in bands}
    drawn = [
        structure
        for structure in structures
        if structure.role != "EXTERNAL" and _eqd2_curves(structure)
    ]
    return [
        _page(drawn[start : start + PANELS_ON_A_PAGE], by_name)
        for start in range(0, len(drawn), PANELS_ON_A_PAGE)
    ]


def _eqd2_curves(structure: StructureAssessment) -> list[DoseCurve]:
    return [
        curve
        for curve in structure.curves
        if curve.quantity == "EQD2" and len(curve.dose_gy) > 0
    ]


def _page(
    structures: Sequence[StructureAssessment], bands: Mapping[str, DoseBand]
) -> Figure:
    rows = -(-len(structures) // PANELS_ABREAST)
    height = rows * ROW_INCHES + LEGEND_INCHES
    figure = Figure(figsize=(WIDTH_INCHES, height), facecolor="white")
    panels = figure.subplots(rows, PANELS_ABREAST, squeeze=False)
    for axes, structure in zip(panels.flat, structures, strict=False):
        _panel(axes, structure, bands.get(structure.name))
    for axes in panels.flat[len(structures) :]:
        axes.set_visible(False)
    figure.subplots_adjust(
        left=0.06,
        right=0.985,
        top=1 - (LEGEND_INCHES + 0.2) / height,
        bottom=0.4 / height,
        wspace=0.22,
        hspace=0.52,
    )
    banded = any(structure.name in bands for structure in structures)
    _legend(figure, structures, banded=banded)
    return figure


def _panel(axes: Axes, structure: StructureAssessment, band: DoseBand | None) -> None:
    curves = _eqd2_curves(structure)
    end_gy = max(_end_gy(curve) for curve in curves)
    if band is not None:
        axes.fill_between(
            band.dose_gy,
            band.low_percent,
            band.high_percent,
            color=BAND,
            linewidth=0.0,
            zorder=1,
        )
        end_gy = max(end_gy, _band_end_gy(band))
    for curve in curves:
        axes.plot(
            curve.dose_gy,
            curve.volume_percent,
            color=_colour(curve.label),
            linewidth=1.5 if curve.label == CUMULATIVE else 1.1,
            linestyle=_dashes(curve.label),
            zorder=3 if curve.label == CUMULATIVE else 2,
        )
    axes.set_xlim(0.0, end_gy * 1.03)
    axes.set_ylim(0.0, 104.0)
    axes.set_yticks([0, 25, 50, 75, 100])
    name = squeezed(structure.name, LONGEST_NAME)
    axes.set_title(
        printable(f"{name} ({ALPHA_BETA} {agreed_number(structure.alpha_beta_gy)} Gy)"),
        fontsize=7.5,
        fontweight="bold",
        loc="left",
        color=INK,
        parse_math=False,
    )
    axes.set_xlabel("EQD2 [Gy]", fontsize=6.5, color=GREY, labelpad=1.5)
    axes.set_ylabel("Volume [%]", fontsize=6.5, color=GREY, labelpad=1.5)
    axes.tick_params(labelsize=6.5, length=2.5, color=GREY, labelcolor=INK)
    axes.grid(visible=True, color=RULE, linewidth=0.4)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _end_gy(curve: DoseCurve) -> float:
    """Where a curve ends to the eye; at least 1 Gy, so that no axis is empty."""
    seen = np.flatnonzero(curve.volume_percent > VISIBLE_PERCENT)
    last = min(int(seen[-1]) + 1, len(curve.dose_gy) - 1) if seen.size else 0
    return max(float(curve.dose_gy[last]), 1.0)


def _band_end_gy(band: DoseBand) -> float:
    """Where a band ends to the eye."""
    seen = np.flatnonzero(band.high_percent > VISIBLE_PERCENT)
    return float(band.dose_gy[seen[-1]]) if seen.size else 0.0


def _colour(label: str) -> str:
    number = _course_number(label)
    if number is None:
        return INK
    return COURSE_COLOURS[(number - 1) % len(COURSE_COLOURS)]


def _dashes(label: str) -> Literal["-"] | tuple[float, tuple[float, ...]]:
    """Solid for the sum, and a dash of its own for each of the first courses."""
    number = _course_number(label)
    if number is None:
        return "-"
    patterns = ((4.0, 1.6), (1.5, 1.2), (5.0, 1.5, 1.2, 1.5))
    return 0.0, patterns[(number - 1) % len(patterns)]


def _course_number(label: str) -> int | None:
    word = label.rpartition(" ")[2]
    return int(word) if word.isdecimal() else None


def _legend(
    figure: Figure, structures: Sequence[StructureAssessment], *, banded: bool
) -> None:
    labels = sorted(
        {curve.label for item in structures for curve in _eqd2_curves(item)},
        key=lambda label: (label == CUMULATIVE, _course_number(label) or 0, label),
    )
    shade = [Patch(color=BAND, label=BAND_LABEL)] if banded else []
    figure.legend(
        handles=[
            Line2D(
                [],
                [],
                color=_colour(label),
                linestyle=_dashes(label),
                linewidth=1.5,
                label=label.capitalize(),
            )
            for label in labels
        ]
        + shade,
        loc="upper center",
        ncols=len(labels) + len(shade),
        fontsize=7.0,
        frameon=False,
        handlelength=3.2,
    )

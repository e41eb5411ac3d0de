"""Toxicity against dose or overlap: every unit, and the fit where there is one."""

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reirrad.reports.cohort_style import dress, print_figure
from reirrad.reports.cohort_wording import number, p_text
from reirrad.reports.palette import GREY, INK, STRATUM_COLOURS, printable
from reirrad.reports.wording import agreed_number, plural, squeezed
from reirrad.stats.results import Association

__all__ = ["dose_response_pages"]

PANELS_ABREAST = 3
PANELS_ON_A_PAGE = 9
WIDTH_INCHES = 7.3
ROW_INCHES = 2.2
CURVE_POINTS = 200
LONGEST_TITLE = 44
MANY = 100
WORDS_IN_A_LINE = 38
WITHOUT, WITH = STRATUM_COLOURS[0], STRATUM_COLOURS[1]


def dose_response_pages(associations: Sequence[Association]) -> list[Figure]:
    """Draw each association in a panel, nine to a figure; those without points not."""
    drawn = [one for one in associations if one.points]
    return [
        _page(drawn[start : start + PANELS_ON_A_PAGE])
        for start in range(0, len(drawn), PANELS_ON_A_PAGE)
    ]


def _page(drawn: Sequence[Association]) -> Figure:
    abreast = min(len(drawn), PANELS_ABREAST)
    rows = -(-len(drawn) // abreast)
    height = rows * ROW_INCHES
    figure = print_figure(WIDTH_INCHES, height)
    panels = figure.subplots(rows, abreast, squeeze=False)
    for axes, association in zip(panels.flat, drawn, strict=False):
        _panel(axes, association)
    for axes in panels.flat[len(drawn) :]:
        axes.set_visible(False)
    figure.subplots_adjust(
        left=0.06,
        right=0.985,
        top=1 - 0.42 / height,
        bottom=0.42 / height,
        wspace=0.27,
        hspace=0.62,
    )
    return figure


def _panel(axes: Axes, one: Association) -> None:
    for outcome, level, colour in ((False, 0.0, WITHOUT), (True, 1.0, WITH)):
        exposures = [at for at, happened in one.points if happened is outcome]
        axes.plot(
            exposures,
            [level] * len(exposures),
            linestyle="none",
            marker="|",
            markersize=9,
            markeredgewidth=1.3 if len(one.points) <= MANY else 0.5,
            alpha=1.0 if len(one.points) <= MANY else 0.4,
            color=colour,
        )
    _fit(axes, one)
    axes.set_ylim(-0.12, 1.12)
    axes.set_yticks([0.0, 0.5, 1.0], ["0", "50", "100"])
    across = squeezed(f"{one.exposure} [{one.exposure_unit}]", 44)
    dress(axes, across, "With toxicity [%]")
    axes.xaxis.label.set_fontsize(6.2)
    axes.yaxis.label.set_fontsize(6.2)
    axes.set_title(
        printable(squeezed(one.outcome, LONGEST_TITLE)),
        fontsize=5.7,
        fontweight="bold",
        loc="left",
        color=INK,
        parse_math=False,
    )


def _fit(axes: Axes, one: Association) -> None:
    """The fitted curve with its odds ratio, or why there is none."""
    if one.intercept is None or one.slope is None or one.odds_ratio is None:
        counted = f"{plural(one.events, 'event')} in {plural(one.n, 'patient')}"
        told = f"{one.events} of {one.n}" in one.note or "event" in one.note
        words = one.note if told else f"{one.note}\n{counted}"
    else:
        exposures = [at for at, _ in one.points]
        dose = np.linspace(min(exposures), max(exposures), CURVE_POINTS)
        log_odds = one.intercept + one.slope * dose
        axes.plot(dose, 1 / (1 + np.exp(-log_odds)), color=INK, linewidth=1.4)
        p = "" if one.p is None else f", {p_text(one.p)}"
        step = f"{agreed_number(one.step)} {one.exposure_unit}"
        low, high = number(one.low, 2), number(one.high, 2)
        words = (
            f"Odds ratio per {step}: {number(one.odds_ratio, 2)}\n"
            f"({low} to {high}){p}\n"
            f"{plural(one.events, 'event')} in {plural(one.n, 'patient')}"
        )
    axes.text(
        0.03,
        0.82,
        _short_lines(words),
        transform=axes.transAxes,
        fontsize=6.2,
        va="top",
        color=GREY,
        parse_math=False,
        linespacing=1.25,
    )


def _short_lines(words: str) -> str:
    """Text in short lines."""
    lines = [
        line
        for part in words.splitlines()
        for line in textwrap.wrap(printable(part), WORDS_IN_A_LINE)
    ]
    return "\n".join(lines)

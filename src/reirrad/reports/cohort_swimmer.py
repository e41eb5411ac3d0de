"""What happened to each patient, one line for each."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from reirrad.reports.cohort_style import (
    dress,
    print_figure,
    stratum_colour,
    stratum_name,
)
from reirrad.reports.palette import INK, RULE, printable
from reirrad.stats.cohort_results import Swim

__all__ = ["MOST_LINES", "shown_swims", "swimmer_figure"]

MOST_LINES = 40
SHORT = 3
WIDTH_INCHES = 7.3
LINE_INCHES = 0.17
AROUND_INCHES = 1.15
LEGEND_INCHES = 0.62
BAR_SHARE = 0.62
MARKS: tuple[tuple[str, str, str], ...] = (
    ("local progression", "X", "#000000"),
    ("progression", "v", "#ffffff"),
    ("re-irradiation", "d", "#f0e442"),
    ("toxicity", "s", "#ffffff"),
    ("CR", "*", "#ffffff"),
    ("PR", "P", "#ffffff"),
)
OTHER = ("other", "o", "#ffffff")


def shown_swims(swims: Sequence[Swim]) -> list[Swim]:
    """All lines, or where they are too many some at even distance, in their order."""
    count = len(swims)
    if count <= MOST_LINES:
        return list(swims)
    return [swims[number * count // MOST_LINES] for number in range(MOST_LINES)]


def swimmer_figure(swims: Sequence[Swim], strata: Sequence[str]) -> Figure:
    """Draw follow-up and events of patients.

    Parameters
    ----------
    swims
        Lines, from above; at most `MOST_LINES` are shown.
    strata
        All that there are: a stratum keeps its colour where some are absent.
    """
    shown = shown_swims(swims)
    names = [*strata, *sorted({one.stratum for one in shown}.difference(strata))]
    height = LINE_INCHES * len(shown) + AROUND_INCHES + LEGEND_INCHES
    figure = print_figure(WIDTH_INCHES, height)
    axes = figure.add_axes(
        (
            0.165,
            0.42 / height,
            0.81,
            (height - 0.42 - LEGEND_INCHES - 0.08) / height,
        )
    )
    for level, swim in enumerate(shown):
        _swim(axes, level, swim, stratum_colour(names.index(swim.stratum)))
    dress(axes, "Months from the end of the first re-irradiation", "")
    axes.grid(visible=False, axis="y")
    labels = [_label(one, short=max(map(len, names)) <= SHORT) for one in shown]
    axes.set_yticks(range(len(shown)), labels, parse_math=False)
    axes.tick_params(axis="y", length=0, labelsize=6.6)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlim(left=min(0.0, *(_first(one) for one in shown), 0.0))
    axes.axvline(0.0, color=RULE, linewidth=0.8, zorder=0)
    _legends(figure, shown, names)
    return figure


def _label(swim: Swim, *, short: bool) -> str:
    """Patient, and the stratum where its name is short: colour is not all."""
    return printable(f"{swim.patient}  {swim.stratum}" if short else swim.patient)


def _first(swim: Swim) -> float:
    return min((event.months for event in swim.events), default=0.0)


def _swim(axes: Axes, level: int, swim: Swim, colour: str) -> None:
    axes.barh(level, swim.months, height=BAR_SHARE, color=colour, alpha=0.75)
    for event in swim.events:
        _, marker, face = _mark(event.what)
        axes.plot(event.months, level, **_look(marker, face))
    end = _look("|", INK) | {"markersize": 8, "markeredgewidth": 2.0}
    alive = _look(">", "#ffffff") | {"clip_on": False}
    axes.plot(swim.months, level, **(end if swim.died else alive))


def _mark(what: str) -> tuple[str, str, str]:
    return next((mark for mark in MARKS if what.startswith(mark[0])), OTHER)


def _look(marker: str, face: str) -> dict[str, Any]:
    return {
        "marker": marker,
        "markersize": 8.5 if marker == "*" else 5.2,
        "markeredgewidth": 0.8,
        "markeredgecolor": INK,
        "markerfacecolor": face,
        "linestyle": "none",
        "zorder": 3,
    }


def _legends(figure: Figure, shown: Sequence[Swim], names: Sequence[str]) -> None:
    """Groups in one line above, marks in another; only what is drawn."""
    present = {swim.stratum for swim in shown}
    groups = [
        Patch(
            color=stratum_colour(number),
            alpha=0.75,
            label=printable(stratum_name(name)),
        )
        for number, name in enumerate(names)
        if name in present
    ]
    seen = {_mark(event.what) for swim in shown for event in swim.events}
    marks = [
        Line2D([], [], label=mark[0].capitalize(), **_look(mark[1], mark[2]))
        if mark[0].islower()
        else Line2D([], [], label=mark[0], **_look(mark[1], mark[2]))
        for mark in (*MARKS, OTHER)
        if mark in seen
    ]
    end = _look("|", INK) | {"markersize": 8, "markeredgewidth": 2.0}
    marks += [
        Line2D([], [], label="Death", **end),
        Line2D([], [], label="Alive at last contact", **_look(">", "#ffffff")),
    ]
    height = figure.get_figheight()
    for handles, below in ((groups, 0.02), (marks, 0.27)):
        figure.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=(0.01, 1 - below / height),
            ncols=len(handles),
            fontsize=6.6,
            frameon=False,
            handletextpad=0.3,
            columnspacing=0.9,
            borderpad=0.2,
        )

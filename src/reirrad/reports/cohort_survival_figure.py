"""Survival and incidence over time, with intervals and numbers at risk."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from reirrad.reports.cohort_style import (
    DASHES,
    dress,
    print_figure,
    stratum_colour,
    stratum_name,
)
from reirrad.reports.cohort_tables import ALL
from reirrad.reports.cohort_wording import INCIDENCE, p_text, test_name, units_named
from reirrad.reports.palette import GREY, INK, printable
from reirrad.reports.wording import plural
from reirrad.stats.results import Curve, GroupTest, TimeToEvent

__all__ = ["survival_figure"]

WIDTH_INCHES = 7.3
CURVE_INCHES = 2.45
LINE_INCHES = 0.17
AROUND_INCHES = 1.0
STEPS_MONTHS = (1, 2, 3, 6, 12, 24, 36, 60, 120)
MOST_TICKS = 7
LEFT_INCHES = 0.77
RIGHT_INCHES = 0.12
LEAST_BESIDE_INCHES = 0.9
LETTER_INCHES = 0.067
SAMPLE_LONG_INCHES = 0.34
SAMPLE_INCHES = 0.68
TOPS = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
BAND_ALPHA = 0.16
PALE = 0.55
LABELS_AT = -0.08
MANY = 100


@dataclass(frozen=True, slots=True)
class _Line:
    label: str
    colour: str
    dashes: Literal["-"] | tuple[float, tuple[float, ...]]
    curve: Curve


def survival_figure(
    overall: TimeToEvent,
    by_stratum: Sequence[TimeToEvent],
    test: GroupTest | None = None,
    *,
    fewest_at_risk: int = 1,
) -> Figure:
    """Draw an endpoint: all units on the left, the strata on the right.

    Parameters
    ----------
    overall
        Of all units, with its curve.
    by_stratum
        Of each stratum; those without a curve are left out. With none, only the left
        panel is drawn.
    test
        Comparison of the strata, written above their panel.
    fewest_at_risk
        From where fewer units are under observation the curve is drawn pale.
    """
    groups = _lines(by_stratum)
    panels = [_lines([overall]), *([groups] if groups else [])]
    table_lines = max(len(lines) for lines in panels) + 1
    height = CURVE_INCHES + LINE_INCHES * table_lines + AROUND_INCHES
    figure = print_figure(WIDTH_INCHES, height)
    ticks = _ticks(max(line.curve.times_months[-1] for line in panels[0]))
    name = overall.endpoint.capitalize()
    titles = (
        f"{name}\nAll {units_named(overall.unit)}",
        f"{name} by group\n{_compared(test)}",
    )
    beside = _inches_beside(groups)
    top = _top(panels, rising=overall.method.startswith(INCIDENCE))
    for number, lines in enumerate(panels):
        wide = (WIDTH_INCHES - LEFT_INCHES - beside - RIGHT_INCHES) / 2
        left = LEFT_INCHES + number * (wide + beside)
        bottom = (LINE_INCHES * table_lines + 0.55) / height
        place = (left / WIDTH_INCHES, bottom, wide / WIDTH_INCHES)
        axes = figure.add_axes((*place, CURVE_INCHES / height))
        _axis(axes, lines, ticks, top=top)
        for line in lines:
            _draw(axes, line, fewest=fewest_at_risk, banded=number == 0)
        _title(axes, titles[number])
        _at_risk(axes, lines, ticks=ticks, height=height)
    return figure


def _inches_beside(groups: Sequence[_Line]) -> float:
    """Room between the panels for the names of the groups with their lines."""
    longest = max((len(line.label) for line in groups), default=0)
    return max(LEAST_BESIDE_INCHES, longest * LETTER_INCHES + SAMPLE_INCHES)


def _top(panels: Sequence[Sequence[_Line]], *, rising: bool) -> float:
    """End of the axis: 1, or what an incidence with its interval comes to."""
    if not rising:
        return 1.0
    found = [max(line.curve.estimate) for lines in panels for line in lines]
    found += [one for one in panels[0][0].curve.high if one is not None]
    return next(top for top in TOPS if top >= min(max(found), 1.0))


def _lines(found: Sequence[TimeToEvent]) -> list[_Line]:
    names = [one.stratum for one in found if one.stratum != ALL]
    lines = []
    for one in found:
        if one.curve is None:
            continue
        place = names.index(one.stratum) if one.stratum != ALL else None
        colour = INK if place is None else stratum_colour(place)
        dashes = "-" if place is None else DASHES[place % len(DASHES)]
        lines.append(_Line(stratum_name(one.stratum), colour, dashes, one.curve))
    return lines


def _ticks(last_months: float) -> list[float]:
    """Round times up to the last one, at most a few."""
    step = next(
        (one for one in STEPS_MONTHS if last_months / one <= MOST_TICKS),
        STEPS_MONTHS[-1],
    )
    return [float(step * number) for number in range(int(last_months // step) + 1)]


def _axis(
    axes: Axes, lines: Sequence[_Line], ticks: Sequence[float], *, top: float
) -> None:
    last = max(line.curve.times_months[-1] for line in lines)
    axes.set_xlim(0.0, max(last, ticks[-1]) * 1.02 or 1.0)
    axes.set_ylim(0.0, top * 1.03)
    axes.set_xticks(ticks)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=""))
    shown = "" if top == 1.0 else f", axis to {100 * top:g} %"
    dress(axes, "Months from the end of re-irradiation", f"Probability [%]{shown}")


def _draw(axes: Axes, line: _Line, *, fewest: int, banded: bool) -> None:
    curve = line.curve
    times, estimate = np.array(curve.times_months), np.array(curve.estimate)
    few = [number for number, count in enumerate(curve.at_risk) if count < fewest]
    solid = few[0] if few else len(times)
    look: dict[str, Any] = {"color": line.colour, "linestyle": line.dashes}
    look |= {"where": "post", "linewidth": 1.5}
    if solid < len(times):
        axes.step(times, estimate, alpha=PALE, **look | {"linewidth": 1.0})
    if solid:
        until = times[: solid + 1]
        known = np.append(estimate[:solid], estimate[solid - 1])
        axes.step(until, known[: len(until)], **look)
    if banded and solid:
        axes.fill_between(
            times[: solid + 1],
            _edge(curve.low)[: solid + 1],
            _edge(curve.high)[: solid + 1],
            step="post",
            color=line.colour,
            alpha=BAND_ALPHA,
            linewidth=0.0,
        )
    seen = [number for number, count in enumerate(curve.censored) if count]
    axes.plot(
        times[seen],
        estimate[seen],
        linestyle="none",
        marker="|",
        markersize=5.5 if len(seen) <= MANY else 3.0,
        markeredgewidth=0.9 if len(seen) <= MANY else 0.4,
        color=line.colour,
    )


def _edge(
    values: Sequence[float | None],
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Edge of a band, with gaps where it is not defined."""
    return np.array([np.nan if one is None else one for one in values], dtype=float)


def _title(axes: Axes, words: str) -> None:
    axes.set_title(
        "\n".join(map(printable, words.splitlines())),
        fontsize=7.6,
        fontweight="bold",
        loc="left",
        color=INK,
        parse_math=False,
    )


def _at_risk(
    axes: Axes, lines: Sequence[_Line], *, ticks: Sequence[float], height: float
) -> None:
    """Write under the axis how many were still under observation.

    The figure is `height` inches high.
    """
    box = axes.get_position()
    inch = 1 / (height * box.height)
    top = -0.48 * inch
    style: dict[str, Any] = {"fontsize": 6.8, "va": "top", "parse_math": False}
    style["transform"] = axes.get_xaxis_transform()
    beside = style | {"transform": axes.transAxes, "ha": "right"}
    axes.text(LABELS_AT, top, "At risk", color=GREY, **beside)
    for number, line in enumerate(lines, start=1):
        level = top - LINE_INCHES * number * inch
        look = beside | {"color": line.colour, "fontweight": "bold"}
        axes.text(LABELS_AT, level, printable(line.label), **look)
        if len(lines) > 1:
            letters = max(len(one.label) for one in lines)
            _sample(axes, line, level - LINE_INCHES * inch * 0.36, letters)
        for tick in ticks:
            count = str(_observed(line.curve, tick))
            axes.text(tick, level, count, ha="center", color=INK, **style)


def _sample(axes: Axes, line: _Line, level: float, letters: int) -> None:
    """The look of a line, left of its name: the key of the groups."""
    inch = 1 / (WIDTH_INCHES * axes.get_position().width)
    right = LABELS_AT - (letters * LETTER_INCHES + 0.04) * inch
    axes.plot(
        [right - SAMPLE_LONG_INCHES * inch, right],
        [level, level],
        transform=axes.transAxes,
        color=line.colour,
        linestyle=line.dashes,
        linewidth=1.5,
        clip_on=False,
    )


def _observed(curve: Curve, months: float) -> int:
    """Units under observation just before a time."""
    number = bisect_left(curve.times_months, months)
    return curve.at_risk[number] if number < len(curve.at_risk) else 0


def _compared(test: GroupTest | None) -> str:
    if test is None:
        return ""
    if test.p is None:
        return f"{test_name(test)} not made"
    events = plural(test.events, "event")
    if test.descriptive:
        return f"{events} in all: descriptive only"
    return f"{test_name(test)} {p_text(test.p)}, {events}"

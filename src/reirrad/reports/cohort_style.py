"""How the pictures of a cohort look, and how they become files."""

import io
from typing import Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reirrad.reports.cohort_tables import ALL
from reirrad.reports.palette import GREY, INK, RULE, STRATUM_COLOURS, printable

__all__ = [
    "DASHES",
    "dress",
    "print_figure",
    "stratum_colour",
    "stratum_name",
    "svg_bytes",
]

DOTS_PER_INCH = 300
DASHES: tuple[Literal["-"] | tuple[float, tuple[float, ...]], ...] = (
    "-",
    (0.0, (4.0, 1.6)),
    (0.0, (1.5, 1.2)),
    (0.0, (5.0, 1.5, 1.2, 1.5)),
    (0.0, (7.0, 1.2, 1.2, 1.2, 1.2, 1.2)),
    (0.0, (9.0, 3.0)),
    (0.0, (1.0, 2.6)),
)
SVG_SALT = "reirrad"
TYPES = frozenset({"1A", "1B", "1B*", "2"})


def print_figure(width_inches: float, height_inches: float) -> Figure:
    """An empty figure, sharp enough for print."""
    return Figure(
        figsize=(width_inches, height_inches), dpi=DOTS_PER_INCH, facecolor="white"
    )


def stratum_colour(number: int) -> str:
    """Colour of a stratum by its place."""
    return STRATUM_COLOURS[number % len(STRATUM_COLOURS)]


def stratum_name(stratum: str) -> str:
    """A stratum as pictures name it.

    >>> stratum_name("all"), stratum_name("1A"), stratum_name("female")
    ('All', 'Type 1A', 'female')
    """
    if stratum == ALL:
        return "All"
    return f"Type {stratum}" if stratum in TYPES else stratum


def dress(axes: Axes, across: str, up: str) -> None:
    """Labels, a light grid, and no frame above and on the right."""
    axes.set_xlabel(printable(across), fontsize=7.2, color=GREY, labelpad=2)
    axes.set_ylabel(printable(up), fontsize=7.2, color=GREY, labelpad=2)
    axes.tick_params(labelsize=7.2, length=2.5, color=GREY, labelcolor=INK)
    axes.grid(visible=True, color=RULE, linewidth=0.4)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def svg_bytes(figure: Figure) -> bytes:
    """Encode as SVG without date, and with names that depend on nothing else."""
    buffer = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": SVG_SALT, "svg.fonttype": "path"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()

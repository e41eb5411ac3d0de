"""Colours and the typeface of pictures and pages.

Isodose colours are those of the published figure: blue and light blue for the earlier
course, red and orange for the later one, yellow and pink for their overlaps. Line
styles differ as well, so that a copy in grey can be read.
"""

from functools import cache
from pathlib import Path

import matplotlib as mpl
from matplotlib.ft2font import FT2Font

__all__ = [
    "AMBER",
    "COURSE_COLOURS",
    "EARLIER_2GY",
    "EARLIER_50",
    "GREEN",
    "GREY",
    "INK",
    "LATER_2GY",
    "LATER_50",
    "NAVY",
    "ORGAN",
    "OVERLAP_2GY",
    "OVERLAP_50",
    "RED",
    "RULE",
    "STRATUM_COLOURS",
    "TARGET",
    "font_file",
    "printable",
]

INK = "#1a1f26"
GREY = "#5d6672"
RULE = "#c9ced6"
NAVY = "#17375e"
GREEN = "#1d6b3a"
AMBER = "#8a5a00"
RED = "#a61b1b"

EARLIER_2GY = "#3f7bff"
EARLIER_50 = "#7fdcff"
LATER_2GY = "#ff4136"
LATER_50 = "#ffa02e"
OVERLAP_2GY = "#ffe94a"
OVERLAP_50 = "#ff7ad1"
ORGAN = "#8ee59b"
TARGET = "#ffffff"

COURSE_COLOURS = ("#2f6fd6", "#d4552b", "#2c8c5a", "#8a4fb5", "#a8892a")

STRATUM_COLOURS = (
    *("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#b8860b"),
    *("#4b0082", "#6b6b6b", "#7a1f1f", "#00524d"),
)
"""Groups of a cohort, told apart with any colour vision (Okabe and Ito, darkened)."""

REPLACEMENT = "□"


@cache
def font_file(weight: str) -> Path:
    """Path of a DejaVu Sans font, which has Greek, Cyrillic and all Latin letters.

    Parameters
    ----------
    weight
        "" for regular, "Bold", "Oblique" or "BoldOblique".
    """
    name = f"DejaVuSans-{weight}.ttf" if weight else "DejaVuSans.ttf"
    return Path(mpl.get_data_path()) / "fonts" / "ttf" / name


@cache
def _drawable() -> frozenset[int]:
    return frozenset(FT2Font(str(font_file(""))).get_charmap())


def printable(text: str) -> str:
    r"""Text with a box for what the font lacks and a space for what is not a letter.

    >>> printable("Größe αβ ≥ 2\x07")
    'Größe αβ ≥ 2 '
    """
    return "".join(
        letter
        if ord(letter) in _drawable()
        else (REPLACEMENT if letter.isprintable() else " ")
        for letter in text
    )

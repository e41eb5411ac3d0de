"""Fonts, colours and paragraph styles of the PDF."""

from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph

from reirrad.reports.blocks import Tone
from reirrad.reports.palette import (
    AMBER,
    GREEN,
    GREY,
    INK,
    NAVY,
    RED,
    RULE,
    font_file,
    printable,
)

__all__ = ["BOLD", "FONT", "colour", "register_fonts", "text"]

FONT = "DejaVuSans"
BOLD = "DejaVuSans-Bold"
COLOURS = {
    "plain": INK,
    "strong": INK,
    "muted": GREY,
    "good": GREEN,
    "warn": AMBER,
    "bad": RED,
    "verdict": "#ffffff",
    "withheld": RED,
    "heading": NAVY,
    "rule": RULE,
    "pale": "#eef1f5",
    "white": "#ffffff",
    "across": "#f7e3e3",
}
BOLD_TONES = frozenset({"strong", "good", "bad", "warn", "withheld", "verdict"})


def register_fonts() -> None:
    """Make the typeface known; it is embedded in every file."""
    for name, weight in ((FONT, ""), (BOLD, "Bold")):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(font_file(weight))))


@cache
def colour(name: str) -> Color:
    """Colour of a tone, or of a part of the page."""
    return HexColor(COLOURS[name])


def text(
    words: str,
    *,
    tone: Tone = "plain",
    size: float = 7.6,
    align: str = "left",
    bold: bool | None = None,
    ink: str | None = None,
) -> Any:
    """A paragraph of untrusted text.

    Parameters
    ----------
    words
        Text; nothing in it is taken for markup.
    tone
        Decides colour and weight.
    size
        Size of the letters in points.
    align
        "left" or "right".
    bold
        Weight, where it differs from the tone's.
    ink
        Colour name, where it differs from the tone's.
    """
    heavy = tone in BOLD_TONES if bold is None else bold
    return Paragraph(escape(printable(words)), _style(ink or tone, size, align, heavy))


@cache
def _style(ink: str, size: float, align: str, heavy: bool) -> ParagraphStyle:  # noqa: FBT001
    return ParagraphStyle(
        name=f"{ink}-{size}-{align}-{heavy}",
        fontName=BOLD if heavy else FONT,
        fontSize=size,
        leading=size * 1.27,
        textColor=colour(ink),
        alignment=TA_RIGHT if align == "right" else TA_LEFT,
        splitLongWords=1,
    )

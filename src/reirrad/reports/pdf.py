"""The report as A4 pages for the record."""

import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CallerMacro,
    Frame,
    KeepInFrame,
    PageBreak,
    PageTemplate,
)

from reirrad.reports.blocks import Document
from reirrad.reports.palette import printable
from reirrad.reports.pdf_blocks import front_flowables, section_flowables
from reirrad.reports.pdf_style import BOLD, FONT, colour, register_fonts

__all__ = ["HEIGHT", "WIDTH", "RunningLines", "pdf_pages", "pdf_report"]

PAGE_WIDTH, PAGE_HEIGHT = A4
SIDE = 13 * mm
TOP = 17 * mm
BOTTOM = 14 * mm
WIDTH = PAGE_WIDTH - 2 * SIDE
HEIGHT = PAGE_HEIGHT - TOP - BOTTOM
HEAD_LEVEL = PAGE_HEIGHT - 11 * mm
FOOT_LEVEL = 8 * mm
RUNNING_SIZE = 7.5
TOTAL_AT = PAGE_WIDTH - SIDE - 4 * mm
PAGE_TOTAL = "page-total"
BAND_LEVEL = PAGE_HEIGHT - 8 * mm
BAND_HEIGHT = 4.4 * mm
BAND_SIZE = 8.5
ACROSS = 0.86 * math.hypot(PAGE_WIDTH, PAGE_HEIGHT)


@dataclass(frozen=True, slots=True)
class RunningLines:
    """What stands on every page: title and header above, footer and software below.

    ``banner`` is written above and, large and pale, under everything else.
    """

    title: str
    header: str
    footer: str
    software: str
    banner: str | None = None


def pdf_report(document: Document, pictures: Mapping[str, bytes]) -> bytes:
    """Render the report as PDF: the front page on one sheet, then the sections.

    The same document gives the same bytes.

    Parameters
    ----------
    document
        What to say.
    pictures
        PNG files by the names that the document's figures use.
    """
    register_fonts()
    lines = RunningLines(
        document.title,
        document.header,
        document.footer,
        document.software,
        document.banner,
    )
    return pdf_pages(_story(document, pictures), lines)


def pdf_pages(story: list[Any], lines: RunningLines) -> bytes:
    """Lay out what is to be said on A4 pages; the fonts must be registered before.

    The same story gives the same bytes.

    Parameters
    ----------
    story
        Flowables, for a frame of `WIDTH` by `HEIGHT` points.
    lines
        What stands on every page.
    """
    buffer = io.BytesIO()
    template = BaseDocTemplate(
        buffer,
        pagesize=A4,
        invariant=1,
        lang="en",
        title=f"{lines.title} - {lines.header}",
        subject=lines.footer,
        author=lines.software,
        creator=lines.software,
    )
    frame = Frame(
        SIDE,
        BOTTOM,
        WIDTH,
        HEIGHT,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )
    template.addPageTemplates(PageTemplate(frames=[frame], onPage=_drawn(lines)))
    template.build([*story, CallerMacro(drawCallable=_define_page_total)])
    return buffer.getvalue()


def _story(document: Document, pictures: Mapping[str, bytes]) -> list[Any]:
    front = KeepInFrame(
        WIDTH,
        HEIGHT,
        front_flowables(document, pictures, width=WIDTH, height=HEIGHT),
        mode="shrink",
    )
    story: list[Any] = [front, PageBreak()]
    for section in document.sections:
        story += section_flowables(section, pictures, width=WIDTH)
    return story


def _define_page_total(macro: Any) -> None:
    """Fill in, on the last page, the number that every footer refers to."""
    canvas = macro.canv
    canvas.beginForm(PAGE_TOTAL)
    canvas.setFont(FONT, RUNNING_SIZE)
    canvas.setFillColor(colour("muted"))
    canvas.drawString(TOTAL_AT, FOOT_LEVEL, str(canvas.getPageNumber()))
    canvas.endForm()


def _draw_banner(canvas: Canvas, words: str) -> None:
    """A strong band above the header, and the words across the page under the rest."""
    canvas.saveState()
    canvas.setFillColor(colour("across"))
    across = canvas.stringWidth(words, BOLD, 1.0)
    canvas.setFont(BOLD, ACROSS / across)
    canvas.translate(PAGE_WIDTH / 2, PAGE_HEIGHT / 2)
    canvas.rotate(math.degrees(math.atan2(PAGE_HEIGHT, PAGE_WIDTH)))
    canvas.drawCentredString(0, -ACROSS / across / 3, words)
    canvas.restoreState()
    canvas.saveState()
    canvas.setFillColor(colour("bad"))
    canvas.rect(SIDE, BAND_LEVEL, WIDTH, BAND_HEIGHT, stroke=0, fill=1)
    canvas.setFillColor(colour("white"))
    canvas.setFont(BOLD, BAND_SIZE)
    canvas.drawCentredString(PAGE_WIDTH / 2, BAND_LEVEL + 1.1 * mm, words)
    canvas.restoreState()


def _drawn(lines: RunningLines) -> Callable[[Canvas, BaseDocTemplate], None]:
    """Draw header and footer, which stand on every page."""
    header = printable(lines.header)
    left_foot = printable(f"{lines.footer}  {lines.software}")

    def draw(canvas: Canvas, template: BaseDocTemplate) -> None:
        if lines.banner is not None:
            _draw_banner(canvas, printable(lines.banner))
        canvas.saveState()
        canvas.setFont(FONT, RUNNING_SIZE)
        canvas.setFillColor(colour("muted"))
        canvas.setStrokeColor(colour("rule"))
        canvas.setLineWidth(0.5)
        right = PAGE_WIDTH - SIDE
        canvas.drawString(SIDE, HEAD_LEVEL, lines.title)
        canvas.drawRightString(right, HEAD_LEVEL, header)
        canvas.line(SIDE, HEAD_LEVEL - 2 * mm, right, HEAD_LEVEL - 2 * mm)
        canvas.line(SIDE, FOOT_LEVEL + 3.2 * mm, right, FOOT_LEVEL + 3.2 * mm)
        canvas.drawString(SIDE, FOOT_LEVEL, left_foot)
        canvas.drawRightString(TOTAL_AT, FOOT_LEVEL, f"Page {template.page} of ")
        canvas.doForm(PAGE_TOTAL)
        canvas.restoreState()

    return draw

"""The report as A4 pages for the record."""

import io
from collections.abc import Callable, Mapping
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    KeepInFrame,
    PageBreak,
    PageTemplate,
)

from reirrad.reports.blocks import Document
from reirrad.reports.palette import printable
from reirrad.reports.pdf_blocks import front_flowables, section_flowables
from reirrad.reports.pdf_style import FONT, colour, register_fonts

__all__ = ["pdf_report"]

PAGE_WIDTH, PAGE_HEIGHT = A4
SIDE = 13 * mm
TOP = 17 * mm
BOTTOM = 14 * mm
WIDTH = PAGE_WIDTH - 2 * SIDE
HEIGHT = PAGE_HEIGHT - TOP - BOTTOM


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
    first_pass = _built(document, pictures, n_pages=None)
    return _built(document, pictures, n_pages=first_pass[1])[0]


def _built(
    document: Document, pictures: Mapping[str, bytes], *, n_pages: int | None
) -> tuple[bytes, int]:
    """Lay the report out; the number of pages is known after the first time."""
    buffer = io.BytesIO()
    template = BaseDocTemplate(
        buffer,
        pagesize=A4,
        invariant=1,
        lang="en",
        title=f"{document.title} - {document.header}",
        subject=document.footer,
        author=document.software,
        creator=document.software,
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
    template.addPageTemplates(
        PageTemplate(frames=[frame], onPage=_running_lines(document, n_pages))
    )
    template.build(_story(document, pictures))
    return buffer.getvalue(), int(template.page)


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


def _running_lines(
    document: Document, n_pages: int | None
) -> Callable[[Canvas, BaseDocTemplate], None]:
    """Draw header and footer, which stand on every page."""
    header = printable(document.header)
    left_foot = printable(f"{document.footer}  {document.software}")

    def draw(canvas: Canvas, template: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setFont(FONT, 7.5)
        canvas.setFillColor(colour("muted"))
        canvas.setStrokeColor(colour("rule"))
        canvas.setLineWidth(0.5)
        level = PAGE_HEIGHT - 11 * mm
        canvas.drawString(SIDE, level, document.title)
        canvas.drawRightString(PAGE_WIDTH - SIDE, level, header)
        canvas.line(SIDE, level - 2 * mm, PAGE_WIDTH - SIDE, level - 2 * mm)
        level = 8 * mm
        canvas.line(SIDE, level + 3.2 * mm, PAGE_WIDTH - SIDE, level + 3.2 * mm)
        canvas.drawString(SIDE, level, left_foot)
        total = "" if n_pages is None else f" of {n_pages}"
        canvas.drawRightString(PAGE_WIDTH - SIDE, level, f"Page {template.page}{total}")
        canvas.restoreState()

    return draw

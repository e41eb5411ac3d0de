"""How each part of a report is laid out on paper."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import (
    CondPageBreak,
    Image,
    KeepTogether,
    Spacer,
)
from reportlab.platypus import Table as Grid

from reirrad.reports.blocks import (
    Badge,
    Document,
    Fact,
    Figure,
    FrontPage,
    Items,
    Paragraph,
    Section,
    Subheading,
    Table,
)
from reirrad.reports.pdf_style import colour, text

__all__ = ["fact_row", "front_flowables", "section_flowables"]

TABLE_SIZE = 7.2
SMALLEST_PICTURE = 60 * mm
LARGEST_PICTURE = 124 * mm
CAPTION_ROOM = 6 * mm
ROWS_KEPT_TOGETHER = 18
FIGURE_HEIGHT = 225 * mm
HEADING_ROOM = 32 * mm
ROW_HEIGHT = 5.5 * mm
SECTION_GAP = Spacer(0, 2 * mm)
TABLE_STYLE: tuple[tuple[Any, ...], ...] = (
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LINEBELOW", (0, 0), (-1, -1), 0.35, colour("rule")),
    ("LEFTPADDING", (0, 0), (-1, -1), 4),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 1.6),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.6),
)
HEADING_STYLE: tuple[tuple[Any, ...], ...] = (
    ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
    ("LINEBELOW", (0, 0), (-1, 0), 0.9, colour("plain")),
)


def front_flowables(
    document: Document,
    pictures: Mapping[str, bytes],
    *,
    width: float,
    height: float,
) -> list[Any]:
    """Page one, from the patient to the warnings; the picture takes what is left."""
    front = document.front
    words = _words_above(document, width)
    warnings = [
        Spacer(0, 1.5 * mm),
        *(
            text(item.text, tone=item.tone, size=7.2, bold=False)
            for item in front.warnings.items
        ),
    ]
    if front.picture is None:
        none = "No picture: there is no planning image to draw on."
        return [*words, text(none, tone="muted"), *warnings]
    taken = sum(part.wrap(width, height)[1] for part in (*words, *warnings))
    room = max(SMALLEST_PICTURE, height - taken - CAPTION_ROOM)
    drawn = _figure(
        front.picture, pictures, width=width, tallest=min(room, LARGEST_PICTURE)
    )
    return [*words, *drawn, *warnings]


def _words_above(document: Document, width: float) -> list[Any]:
    front = document.front
    parts = [
        text(document.title, size=14, ink="heading", bold=True),
        Spacer(0, 3 * mm),
        _patient_line(front.patient, width),
        *_review_line(front.review),
        Spacer(0, 2 * mm),
        _table(front.courses, width),
        Spacer(0, 2.5 * mm),
        _verdict_row(front, width),
        Spacer(0, 2.5 * mm),
        *_remaining_line(front.remaining, width),
        fact_row(front.facts, width),
        Spacer(0, 2 * mm),
    ]
    if front.pairs is not None:
        parts += [_table(front.pairs, width), Spacer(0, 2 * mm)]
    if front.organs is not None:
        parts += [_table(front.organs, width), Spacer(0, 1 * mm)]
    if front.organs_note:
        parts += [text(front.organs_note, tone="muted", size=6.8)]
    parts.append(Spacer(0, 2 * mm))
    return parts


def _patient_line(facts: Sequence[Fact], width: float) -> Any:
    cells = [
        [
            text(fact.label, tone="muted", size=6.5),
            text(fact.value, tone=fact.tone, size=9.5),
        ]
        for fact in facts
    ]
    shares = [3.4, 2.4, 1.6, 1.0, 1.6]
    grid = Grid([cells], colWidths=[width * share / sum(shares) for share in shares])
    grid.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
        ]
    )
    return grid


def _review_line(review: Items | None) -> list[Any]:
    """What people decided, in one line where it fits."""
    if review is None:
        return []
    words = " ".join(item.text for item in review.items)
    return [
        Spacer(0, 0.8 * mm),
        text(words, tone=review.items[0].tone, size=7.4),
    ]


def _verdict_row(front: FrontPage, width: float) -> Any:
    """The verdict in large type, with the smaller answers at its right."""
    wide = width * (0.62 if front.badges else 1.0)
    row = [_verdict_box(front.verdict, wide)]
    widths = [wide]
    if front.badges:
        row.append(_badge_list(front.badges, width - wide - 3 * mm))
        widths.append(width - wide)
    grid = Grid([row], colWidths=widths)
    grid.setStyle(
        [
            ("LEFTPADDING", (0, 0), (0, 0), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("LEFTPADDING", (1, 0), (-1, -1), 3 * mm),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ]
    )
    return grid


def _verdict_box(verdict: Badge, width: float) -> Any:
    """White on dark for a verdict; dashed and white where it is withheld."""
    given = verdict.tone == "verdict"
    ink = "white" if given else "plain"
    content = [
        text(verdict.label, size=7.5, ink=ink),
        Spacer(0, 1.2 * mm),
        text(verdict.word, tone=verdict.tone, size=26 if given else 20),
        Spacer(0, 1.8 * mm),
        text(verdict.detail, size=8.2, ink=ink),
    ]
    box = Grid([[content]], colWidths=[width])
    padding = [
        (f"{side}PADDING", (0, 0), (-1, -1), 3 * mm)
        for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")
    ]
    look: tuple[Any, ...] = ("BACKGROUND", (0, 0), (-1, -1), colour("heading"))
    if not given:
        look = ("BOX", (0, 0), (-1, -1), 2.2, colour(verdict.tone), 1, (6, 3))
    box.setStyle([*padding, look])
    return box


def _remaining_line(remaining: Badge | None, width: float) -> list[Any]:
    """What can still be given, on a pale strip with a dark edge."""
    if remaining is None:
        return []
    words = [
        text(remaining.label, tone="muted", size=6.8),
        text(remaining.word, tone=remaining.tone, size=9.2),
        Spacer(0, 0.6 * mm),
        text(remaining.detail, size=8.0),
    ]
    strip = Grid([[words]], colWidths=[width])
    strip.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), colour("pale")),
            ("LINEBEFORE", (0, 0), (0, -1), 3, colour("heading")),
            ("LEFTPADDING", (0, 0), (-1, -1), 3 * mm),
            ("TOPPADDING", (0, 0), (-1, -1), 3),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        ]
    )
    return [strip, Spacer(0, 2 * mm)]


def _badge_list(badges: Sequence[Badge], width: float) -> Any:
    rows = [
        [
            text(badge.label, tone="muted", size=6.8),
            [
                text(badge.word, tone=badge.tone, size=8.4),
                *([text(badge.detail, tone="muted", size=6.3)] if badge.detail else []),
            ],
        ]
        for badge in badges
    ]
    grid = Grid(rows, colWidths=[width * 0.4, width * 0.6])
    grid.setStyle(
        [
            ("LINEBELOW", (0, 0), (-1, -2), 0.4, colour("rule")),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 2),
            ("TOPPADDING", (0, 0), (-1, -1), 2.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
        ]
    )
    return grid


def fact_row(facts: Sequence[Fact], width: float) -> Any:
    """Key numbers side by side."""
    cells = [
        [
            text(fact.label, tone="muted", size=6.8),
            Spacer(0, 0.6 * mm),
            text(fact.value, tone=fact.tone, size=12, bold=True),
            Spacer(0, 0.6 * mm),
            text(fact.detail, tone="muted", size=6.3),
        ]
        for fact in facts
    ]
    grid = Grid([cells], colWidths=[width / len(cells)] * len(cells))
    grid.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), colour("pale")),
            ("LINEAFTER", (0, 0), (-2, -1), 2, colour("white")),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 3),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        ]
    )
    return grid


def section_flowables(
    section: Section, pictures: Mapping[str, bytes], *, width: float
) -> list[Any]:
    """A section; no heading in it stands alone at a page's end.

    Nor does the paragraph that leads from a heading to what follows.
    """
    parts: list[Any] = []
    headings = [text(section.title, size=12, ink="heading", bold=True), SECTION_GAP]
    last = len(section.blocks) - 1
    for number, block in enumerate(section.blocks):
        if isinstance(block, Subheading):
            headings += [Spacer(0, 1 * mm), text(block.text, tone="strong", size=9)]
            headings.append(Spacer(0, 1.2 * mm))
            continue
        drawn = _block(block, pictures, width)
        if isinstance(block, Paragraph) and headings and number < last:
            headings += drawn
            continue
        if isinstance(block, Table) and len(block.rows) > ROWS_KEPT_TOGETHER:
            parts += [CondPageBreak(_first_rows_room(block)), *headings, *drawn]
        else:
            parts.append(KeepTogether([*headings, *drawn]))
        headings = []
    return [*parts, *headings, Spacer(0, 4 * mm)]


def _block(
    block: Table | Paragraph | Items | Figure,
    pictures: Mapping[str, bytes],
    width: float,
) -> list[Any]:
    match block:
        case Table():
            return [_table(block, width), Spacer(0, 2.5 * mm)]
        case Paragraph():
            return [text(block.text, tone=block.tone), Spacer(0, 1.5 * mm)]
        case Items():
            return [*_items(block, width), Spacer(0, 2 * mm)]
        case Figure():
            drawn = _figure(block, pictures, width=width, tallest=FIGURE_HEIGHT)
            return [*drawn, Spacer(0, 3 * mm)]


def _items(block: Items, width: float) -> list[Any]:
    parts = []
    for item in block.items:
        row = Grid(
            [[text("•"), text(item.text, tone=item.tone)]],
            colWidths=[4 * mm, width - 4 * mm],
        )
        row.setStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
            ]
        )
        parts.append(row)
    return parts


def _figure(
    block: Figure, pictures: Mapping[str, bytes], *, width: float, tallest: float
) -> list[Any]:
    image = Image(io.BytesIO(pictures[block.key]))
    scale = min(width / image.imageWidth, tallest / image.imageHeight)
    image.drawWidth = image.imageWidth * scale
    image.drawHeight = image.imageHeight * scale
    return [
        image,
        Spacer(0, 1 * mm),
        text(block.caption, tone="muted", size=6.8),
    ]


def _table(table: Table, width: float) -> Any:
    """A grid with its heading repeated on every page; no heading without titles."""
    titled = any(column.title for column in table.columns)
    rows = [_heading_row(table)] if titled else []
    style = [*TABLE_STYLE, *(HEADING_STYLE if titled else ())]
    for number, row in enumerate(table.rows):
        if row.span == "no":
            rows.append(
                [
                    text(cell.text, tone=cell.tone, size=TABLE_SIZE, align=column.align)
                    for cell, column in zip(row.cells, table.columns, strict=True)
                ]
            )
            continue
        group = _group_length(table, number) if row.span == "heading" else 0
        style += _span_style(len(rows), group=group)
        cell = row.cells[0]
        blank = [""] * (len(table.columns) - 1)
        rows.append([text(cell.text, tone=cell.tone, size=TABLE_SIZE), *blank])
    total = sum(column.weight for column in table.columns)
    grid = Grid(
        rows,
        colWidths=[width * column.weight / total for column in table.columns],
        repeatRows=1 if titled else 0,
    )
    grid.setStyle(style)
    return grid


def _heading_row(table: Table) -> list[Any]:
    return [
        text(column.title, tone="muted", size=TABLE_SIZE, align=column.align)
        for column in table.columns
    ]


def _first_rows_room(table: Table) -> float:
    """Height that a heading needs with the first rows below it that stay together."""
    grouped = bool(table.rows) and table.rows[0].span == "heading"
    together = _group_length(table, 0) if grouped else 0
    return float(HEADING_ROOM + together * ROW_HEIGHT)


def _group_length(table: Table, number: int) -> int:
    """How many rows stand below a heading row before the next one, at most a few."""
    below = table.rows[number + 1 :]
    length = next(
        (count for count, row in enumerate(below) if row.span == "heading"), len(below)
    )
    return min(length, ROWS_KEPT_TOGETHER)


def _span_style(number: int, *, group: int) -> list[tuple[Any, ...]]:
    """Style of a row that is one cell; a heading stays with the rows of its group."""
    style: list[tuple[Any, ...]] = [
        ("SPAN", (0, number), (-1, number)),
        ("VALIGN", (0, number), (-1, number), "MIDDLE"),
    ]
    if group:
        style.append(("BACKGROUND", (0, number), (-1, number), colour("pale")))
        style.append(("NOSPLIT", (0, number), (-1, number + group)))
    return style

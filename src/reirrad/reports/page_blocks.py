"""The report's blocks as plain JSON for the review page."""

from collections.abc import Iterable

from reirrad.reports.blocks import (
    Badge,
    Cell,
    Fact,
    Figure,
    Items,
    Paragraph,
    Row,
    Section,
    Subheading,
    Table,
)

__all__ = [
    "Json",
    "badge_json",
    "cell_json",
    "fact_json",
    "sections_json",
    "table_json",
]

Json = dict[str, object]


def sections_json(sections: Iterable[Section]) -> list[Json]:
    """Sections without their figures; one that has nothing else is left out."""
    plain = (
        (section, [block for block in section.blocks if not isinstance(block, Figure)])
        for section in sections
    )
    return [
        {
            "anchor": section.anchor,
            "title": section.title,
            "blocks": [_block_json(block) for block in blocks],
        }
        for section, blocks in plain
        if blocks
    ]


def _block_json(block: Table | Items | Subheading | Paragraph) -> Json:
    if isinstance(block, Table):
        return table_json(block)
    if isinstance(block, Items):
        return {"kind": block.kind, "items": [cell_json(item) for item in block.items]}
    if isinstance(block, Subheading):
        return {"kind": block.kind, "text": block.text}
    return {"kind": block.kind, "text": block.text, "tone": block.tone}


def table_json(table: Table) -> Json:
    """A table with its columns and rows."""
    return {
        "kind": table.kind,
        "columns": [
            {"title": column.title, "align": column.align} for column in table.columns
        ],
        "rows": [_row_json(row) for row in table.rows],
    }


def _row_json(row: Row) -> Json:
    return {"span": row.span, "cells": [cell_json(cell) for cell in row.cells]}


def cell_json(cell: Cell) -> Json:
    """Text and tone."""
    return {"text": cell.text, "tone": cell.tone}


def badge_json(badge: Badge) -> Json:
    """A short answer with its question."""
    return {
        "label": badge.label,
        "word": badge.word,
        "detail": badge.detail,
        "tone": badge.tone,
    }


def fact_json(fact: Fact) -> Json:
    """A key number with its label."""
    return {
        "label": fact.label,
        "value": fact.value,
        "detail": fact.detail,
        "tone": fact.tone,
    }

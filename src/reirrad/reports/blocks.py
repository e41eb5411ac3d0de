"""What a report is made of, before it is a web page or a PDF.

Plain values: the words are final, the layout is not. Both renderings walk the same
tree, so a number cannot read differently in the two.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

__all__ = [
    "Badge",
    "Block",
    "Cell",
    "Column",
    "Document",
    "Fact",
    "Figure",
    "FrontPage",
    "Items",
    "Paragraph",
    "Row",
    "Section",
    "Subheading",
    "Table",
    "Tone",
]

Tone = Literal["plain", "strong", "muted", "good", "warn", "bad", "verdict", "withheld"]
"""How a word is to look. Colour never stands alone: the word says the same."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Text of a table cell or list item."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `weight` is its share of the width relative to the others."""

    title: str
    weight: float = 1.0
    align: Literal["left", "right"] = "left"


@dataclass(frozen=True, slots=True)
class Row:
    """A table row. A row with a `span` is one cell across the whole table."""

    cells: tuple[Cell, ...]
    span: Literal["no", "heading", "note"] = "no"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with one heading row."""

    kind: ClassVar[str] = "table"
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    kind: ClassVar[str] = "paragraph"
    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Subheading:
    """A heading inside a section."""

    kind: ClassVar[str] = "subheading"
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list of short texts."""

    kind: ClassVar[str] = "items"
    items: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture, by the name under which it was drawn."""

    kind: ClassVar[str] = "figure"
    key: str
    caption: str
    alternative: str


Block = Table | Paragraph | Subheading | Items | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report with its own heading."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Badge:
    """A short answer with its question and one sentence."""

    label: str
    word: str
    detail: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Fact:
    """A key number with its label, ready to print."""

    label: str
    value: str
    detail: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class FrontPage:
    """Everything a tumour board reads.

    ``remaining`` says in one line what can still be given; None where there is nothing
    to give it for. ``review`` says what people decided about registration and
    assessment.
    """

    patient: tuple[Fact, ...]
    courses: Table
    verdict: Badge
    remaining: Badge | None
    badges: tuple[Badge, ...]
    pairs: Table | None
    facts: tuple[Fact, ...]
    organs: Table | None
    organs_note: str
    picture: Figure | None
    warnings: Items
    review: Items | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report.

    `header` names patient and date and stands on every page; `footer` too. `banner` is
    written across every page; None where nothing is to be.
    """

    title: str
    header: str
    footer: str
    software: str
    front: FrontPage
    sections: tuple[Section, ...]
    banner: str | None = None

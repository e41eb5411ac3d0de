"""Tables with a line for each item, whose columns know what they show of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from reirrad.reports.blocks import Cell, Column, Row, Table

__all__ = ["Shown", "columns_of", "line_of", "listing", "numeric"]

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Shown(Generic[Item]):
    """A column, and what stands in it.

    Parameters
    ----------
    title, weight, align
        As of :class:`~reirrad.reports.blocks.Column`.
    words
        Makes the words, or a cell with a tone, of an item.
    """

    title: str
    weight: float
    words: Callable[[Item], str | Cell]
    align: Literal["left", "right"] = "left"


def numeric(title: str, weight: float, words: Callable[[Item], str]) -> Shown[Item]:
    """A column of numbers, which stand to the right."""
    return Shown(title, weight, words, "right")


def listing(items: Sequence[Item], shown: Sequence[Shown[Item]]) -> Table:
    """A table with a line for each item."""
    return Table(columns_of(shown), tuple(line_of(item, shown) for item in items))


def columns_of(shown: Sequence[Shown[Item]]) -> tuple[Column, ...]:
    """The heading of a listing, where its lines need others between them."""
    return tuple(Column(one.title, one.weight, one.align) for one in shown)


def line_of(item: Item, shown: Sequence[Shown[Item]]) -> Row:
    """One line of a listing."""
    words = (one.words(item) for one in shown)
    return Row(tuple(Cell(one) if isinstance(one, str) else one for one in words))

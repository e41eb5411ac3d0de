"""Plausible ranges of alpha/beta ratios, from ``alpha_beta_ranges.toml``."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from reirrad.core.structures import Role
from reirrad.knowledge.tables import Verification, by_organ, read_table, table_text

__all__ = [
    "AlphaBetaRange",
    "AlphaBetaRanges",
    "load_alpha_beta_ranges",
    "read_alpha_beta_ranges",
]


@dataclass(frozen=True, slots=True)
class AlphaBetaRange:
    """Ratios in Gy that are plausible for one tissue, lowest first."""

    ratios_gy: tuple[float, ...]
    source: str
    verification: Verification
    note: str = ""

    def __post_init__(self) -> None:
        if len(self.ratios_gy) < 2 or list(self.ratios_gy) != sorted(
            set(self.ratios_gy)
        ):
            msg = f"ratios_gy must be two or more, rising; found {list(self.ratios_gy)}"
            raise ValueError(msg)
        if not all(0.0 < ratio < math.inf for ratio in self.ratios_gy):
            msg = f"ratios_gy must be above 0 Gy, found {list(self.ratios_gy)}"
            raise ValueError(msg)
        if not self.source.strip():
            msg = "source is empty"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class AlphaBetaRanges:
    """Ranges by TG-263 name, and those that hold where a name has none."""

    organs: Mapping[str, AlphaBetaRange]
    organ: AlphaBetaRange
    target: AlphaBetaRange

    def range_for(self, standard_name: str | None, role: Role) -> AlphaBetaRange:
        """Range of a structure."""
        if role.is_target:
            return self.target
        return self.organs.get(standard_name or "", self.organ)


@dataclass(frozen=True, slots=True)
class _Default:
    organ: AlphaBetaRange
    target: AlphaBetaRange


@dataclass(frozen=True, slots=True)
class _Row:
    organs: tuple[str, ...]
    ratios_gy: tuple[float, ...]
    source: str
    verification: Verification
    note: str

    def __post_init__(self) -> None:
        if not self.organs:
            msg = "organs must name at least one structure"
            raise ValueError(msg)
        AlphaBetaRange(self.ratios_gy, self.source, self.verification)


@dataclass(frozen=True, slots=True)
class _Table:
    default: _Default
    range: list[_Row]


def load_alpha_beta_ranges() -> AlphaBetaRanges:
    """The shipped ranges."""
    return read_alpha_beta_ranges(
        table_text("alpha_beta_ranges"), name="alpha_beta_ranges"
    )


def read_alpha_beta_ranges(text: str, *, name: str) -> AlphaBetaRanges:
    """Ranges of a table's text.

    Raises
    ------
    KnowledgeError
        One problem for each bad row, and for each organ that has two.
    """
    table = read_table(text, _Table, name=name)
    organs = by_organ(
        (
            (
                row.organs,
                AlphaBetaRange(row.ratios_gy, row.source, row.verification, row.note),
            )
            for row in table.range
        ),
        path=f"{name}.toml.range",
        what="ranges",
    )
    return AlphaBetaRanges(organs, table.default.organ, table.default.target)

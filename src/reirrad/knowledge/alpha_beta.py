"""alpha/beta ratios, from ``alpha_beta.toml``, and which of them holds."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from reirrad.core.structures import Role
from reirrad.knowledge.tables import Verification, by_organ, read_table, table_text

__all__ = ["AlphaBetaTable", "Ratio", "load_alpha_beta", "read_alpha_beta"]


@dataclass(frozen=True, slots=True)
class Ratio:
    """An alpha/beta ratio in Gy, where it stands and how well that was checked."""

    alpha_beta_gy: float
    source: str
    verification: Verification
    note: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.alpha_beta_gy < math.inf:
            msg = f"alpha_beta_gy must be above 0 Gy, found {self.alpha_beta_gy}"
            raise ValueError(msg)
        if not self.source.strip():
            msg = "source is empty"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class AlphaBetaTable:
    """Ratios by TG-263 name, and those that hold where a name has none."""

    organs: Mapping[str, Ratio]
    default_oar: Ratio
    target: Ratio

    def ratio_for(
        self, standard_name: str | None, role: Role, overrides: Mapping[str, float]
    ) -> tuple[float, str]:
        """Ratio of a structure in Gy, and a text that says where it comes from.

        The user's ratio for this very name comes first, then the user's for targets
        or for organs, then the table's row for the organ, then the table's default.
        External and other structures are treated as organs.

        Parameters
        ----------
        standard_name
            TG-263 name, or None.
        role
            Why the structure was drawn.
        overrides
            The user's own: standard name, role ("GTV"), "target" or "default_oar" to
            ratio in Gy.
        """
        group = "target" if role.is_target else "default_oar"
        for key in (standard_name, role.value, group):
            if key is not None and key in overrides:
                return overrides[key], f"settings: alpha_beta_gy.{key}"
        if role.is_target:
            return _spoken(self.target, "target")
        row = self.organs.get(standard_name) if standard_name else None
        if row is not None:
            return _spoken(row, str(standard_name))
        return _spoken(self.default_oar, "organ without a row of its own")


@dataclass(frozen=True, slots=True)
class _Default:
    default_oar: Ratio
    target: Ratio


@dataclass(frozen=True, slots=True)
class _Row:
    organs: tuple[str, ...]
    alpha_beta_gy: float
    source: str
    verification: Verification
    note: str

    def __post_init__(self) -> None:
        if not self.organs:
            msg = "organs must name at least one structure"
            raise ValueError(msg)
        Ratio(self.alpha_beta_gy, self.source, self.verification)


@dataclass(frozen=True, slots=True)
class _Table:
    default: _Default
    ratio: list[_Row]


def load_alpha_beta() -> AlphaBetaTable:
    """The shipped ratios."""
    return read_alpha_beta(table_text("alpha_beta"), name="alpha_beta")


def read_alpha_beta(text: str, *, name: str) -> AlphaBetaTable:
    """Ratios of a table's text.

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
                Ratio(row.alpha_beta_gy, row.source, row.verification, row.note),
            )
            for row in table.ratio
        ),
        path=f"{name}.toml.ratio",
        what="ratios",
    )
    return AlphaBetaTable(organs, table.default.default_oar, table.default.target)


def _spoken(ratio: Ratio, what: str) -> tuple[float, str]:
    return ratio.alpha_beta_gy, f"{what}: {ratio.source} ({ratio.verification})"

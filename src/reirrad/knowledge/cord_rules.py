"""Rules for irradiating the spinal cord again, from ``cord_rules.toml``."""

from dataclasses import dataclass, replace

from reirrad.core.cord_rules import CriterionRule, ScoreRule
from reirrad.knowledge.tables import cited, read_table, table_text

__all__ = ["CordTable", "load_cord_rules", "read_cord_rules"]


@dataclass(frozen=True, slots=True)
class CordTable:
    """The criteria, the score, and what both are asked of.

    Parameters
    ----------
    alpha_beta_gy
        Ratio of both, whatever the ratio of the structure is.
    structures
        TG-263 names that they are evaluated for.
    criterion, score
        The rules.
    sources
        Citation of each source key; the rules carry the citations themselves.
    """

    alpha_beta_gy: float
    structures: tuple[str, ...]
    criterion: list[CriterionRule]
    score: ScoreRule
    sources: dict[str, str]


def load_cord_rules() -> CordTable:
    """The shipped rules."""
    return read_cord_rules(table_text("cord_rules"), name="cord_rules")


def read_cord_rules(text: str, *, name: str) -> CordTable:
    """Rules of a table's text.

    Raises
    ------
    KnowledgeError
        One problem for each bad row.
    """
    table = read_table(text, CordTable, name=name)
    criteria = [
        replace(
            rule,
            source=cited(
                rule.source, table.sources, path=f"{name}.toml.criterion[{index}]"
            ),
        )
        for index, rule in enumerate(table.criterion)
    ]
    score = replace(
        table.score,
        source=cited(table.score.source, table.sources, path=f"{name}.toml.score"),
    )
    return replace(table, criterion=criteria, score=score)

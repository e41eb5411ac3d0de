"""Limits that decide how data are read and judged, from ``*_rules.toml`` and hints."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from reirrad.core.constraints import holds
from reirrad.errors import KnowledgeError
from reirrad.knowledge.tables import Verification, cited, read_table, table_text

__all__ = ["Rule", "load_rules", "read_rules", "rule_limits"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit.

    Parameters
    ----------
    name
        Its identifier, with the unit as last word where it has one.
    relation, limit, unit
        The rule applies to a value that stands in this relation to the limit.
    source, verification
        Where the number stands and how well that was checked; "reirrad" where it was
        chosen for this program.
    note
        The reason for the number.
    """

    name: str
    relation: Literal["<", "<=", ">", ">="]
    limit: float
    unit: str
    source: str
    verification: Verification
    note: str

    def __post_init__(self) -> None:
        if not math.isfinite(self.limit):
            msg = f"limit must be finite, found {self.limit}"
            raise ValueError(msg)
        if not self.note.strip():
            msg = f"{self.name} has no note that gives its reason"
            raise ValueError(msg)

    def applies_to(self, value: float) -> bool:
        """Whether a value stands in the rule's relation to its limit."""
        return holds(value, self.relation, self.limit)


@dataclass(frozen=True, slots=True)
class _Table:
    sources: dict[str, str]
    rule: list[Rule]


def load_rules(name: str) -> Mapping[str, Rule]:
    """Rules of a shipped table by their name.

    Parameters
    ----------
    name
        "registration_rules", "gathering_rules", "plan_rules", "comparison_rules",
        "reduction_rules", "reduction_hints", "recist_rules", "rild_rules",
        "outcome_rules" or "cohort_rules".
    """
    return read_rules(table_text(name), name=name)


def rule_limits(name: str) -> Mapping[str, float]:
    """Limits of a shipped table by the name of their rule."""
    return {key: rule.limit for key, rule in load_rules(name).items()}


def read_rules(text: str, *, name: str) -> Mapping[str, Rule]:
    """Rules of a table's text, with their citations.

    Raises
    ------
    KnowledgeError
        One problem for each bad row.
    """
    table = read_table(text, _Table, name=name)
    rules: dict[str, Rule] = {}
    problems = []
    for index, rule in enumerate(table.rule):
        path = f"{name}.toml.rule[{index}]"
        if rule.name in rules:
            problems.append(f"{path}: there are two rules {rule.name}; keep one.")
        try:
            source = cited(rule.source, table.sources, path=path)
        except KnowledgeError as error:
            problems += error.problems
        else:
            rules[rule.name] = replace(rule, source=source)
    if problems:
        raise KnowledgeError(*problems)
    return rules

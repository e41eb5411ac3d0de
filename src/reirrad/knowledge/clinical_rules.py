"""Limits of the grading of outcome and of what a course is, from their tables."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from reirrad.core.cohort.clinical_rules import (
    AlbiRule,
    ChildPughBand,
    ChildPughRule,
    ClinicalRules,
    CourseRules,
    LaboratoryRule,
    OutcomeRules,
    RecistRules,
    RildRules,
    TermRule,
    UnitFactor,
)
from reirrad.errors import KnowledgeError
from reirrad.knowledge.rules import rule_limits
from reirrad.knowledge.tables import cited, read_table, table_text

__all__ = [
    "CtcaeTable",
    "LiverFunctionTable",
    "load_clinical_rules",
    "read_ctcae",
    "read_liver_function",
]

Sourced = TypeVar(
    "Sourced",
    AlbiRule,
    ChildPughBand,
    ChildPughRule,
    LaboratoryRule,
    TermRule,
    UnitFactor,
)


@dataclass(frozen=True, slots=True)
class CtcaeTable:
    """Laboratory values, terms and units of ``ctcae.toml``; sources are citations."""

    sources: dict[str, str]
    laboratory: tuple[LaboratoryRule, ...]
    term: tuple[TermRule, ...]
    unit: tuple[UnitFactor, ...]


@dataclass(frozen=True, slots=True)
class LiverFunctionTable:
    """Child-Pugh and ALBI of ``liver_function.toml``; sources are citations."""

    sources: dict[str, str]
    band: tuple[ChildPughBand, ...]
    child_pugh: ChildPughRule
    albi: AlbiRule


def load_clinical_rules() -> ClinicalRules:
    """The shipped limits of CTCAE, RECIST, Child-Pugh, ALBI, RILD and their windows.

    With them what is usual in a course.
    """
    ctcae = read_ctcae(table_text("ctcae"), name="ctcae")
    liver = read_liver_function(table_text("liver_function"), name="liver_function")
    gathering = rule_limits("gathering_rules")
    return ClinicalRules(
        laboratory={row.analyte: row for row in ctcae.laboratory},
        terms={row.term: row for row in ctcae.term},
        units=ctcae.unit,
        child_pugh_bands=liver.band,
        child_pugh=liver.child_pugh,
        albi=liver.albi,
        recist=RecistRules(**rule_limits("recist_rules")),
        rild=RildRules(**rule_limits("rild_rules")),
        outcome=OutcomeRules(**rule_limits("outcome_rules")),
        course=CourseRules(
            same_course_days=gathering["same_course_days"],
            dose_per_fraction_low_gy=gathering["dose_per_fraction_low_gy"],
            dose_per_fraction_high_gy=gathering["dose_per_fraction_high_gy"],
        ),
    )


def read_ctcae(text: str, *, name: str) -> CtcaeTable:
    """CTCAE limits of a table's text.

    Raises
    ------
    KnowledgeError
        One problem for each bad row, and for each analyte or term with two rows.
    """
    table = read_table(text, CtcaeTable, name=name)
    _once(
        [row.analyte for row in table.laboratory] + [row.term for row in table.term],
        name=name,
    )
    return replace(
        table,
        laboratory=_cited(table.laboratory, table.sources, path=f"{name}.laboratory"),
        term=_cited(table.term, table.sources, path=f"{name}.term"),
        unit=_cited(table.unit, table.sources, path=f"{name}.unit"),
    )


def read_liver_function(text: str, *, name: str) -> LiverFunctionTable:
    """Child-Pugh and ALBI of a table's text.

    Raises
    ------
    KnowledgeError
        One problem for each bad row.
    """
    table = read_table(text, LiverFunctionTable, name=name)
    (child_pugh,) = _cited(
        (table.child_pugh,), table.sources, path=f"{name}.child_pugh"
    )
    (albi,) = _cited((table.albi,), table.sources, path=f"{name}.albi")
    return replace(
        table,
        band=_cited(table.band, table.sources, path=f"{name}.band"),
        child_pugh=child_pugh,
        albi=albi,
    )


def _cited(
    rows: tuple[Sourced, ...], sources: dict[str, str], *, path: str
) -> tuple[Sourced, ...]:
    found = []
    problems: list[str] = []
    for index, row in enumerate(rows):
        try:
            source = cited(row.source, sources, path=f"{path}[{index}]")
        except KnowledgeError as error:
            problems += error.problems
        else:
            found.append(replace(row, source=source))
    if problems:
        raise KnowledgeError(*problems)
    return tuple(found)


def _once(keys: Iterable[str], *, name: str) -> None:
    seen: set[str] = set()
    problems = []
    for key in keys:
        if key in seen:
            problems.append(f"{name}.toml: {key} has two rows; keep one.")
        seen.add(key)
    if problems:
        raise KnowledgeError(*problems)

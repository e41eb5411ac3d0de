"""Which attributes may be given away, from ``confidentiality_profile.toml``."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from reirrad.core.confidentiality import AttributeAction, ConfidentialityProfile
from reirrad.errors import KnowledgeError
from reirrad.knowledge.tables import Verification, cited, read_table, table_text

__all__ = ["load_confidentiality_profile", "read_confidentiality_profile"]

TABLE = "confidentiality_profile"


@dataclass(frozen=True, slots=True)
class _Group:
    action: AttributeAction
    attributes: list[str]
    source: str
    verification: Verification
    note: str


@dataclass(frozen=True, slots=True)
class _Shift:
    shortest_days: int
    longest_days: int
    source: str
    verification: Verification
    note: str

    def __post_init__(self) -> None:
        if not 0 < self.shortest_days < self.longest_days:
            msg = "shortest_days must be above 0 and below longest_days"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class _Identifying:
    identifiers: list[str]
    not_names: list[str]
    source: str
    verification: Verification
    note: str


@dataclass(frozen=True, slots=True)
class _Table:
    sources: dict[str, str]
    shift: _Shift
    identifying: _Identifying
    group: list[_Group]


@cache
def load_confidentiality_profile() -> ConfidentialityProfile:
    """The shipped profile."""
    return read_confidentiality_profile(table_text(TABLE))


def read_confidentiality_profile(text: str) -> ConfidentialityProfile:
    """A profile from a table's text.

    Raises
    ------
    KnowledgeError
        One problem for each bad row, and for each attribute with two actions.
    """
    table = read_table(text, _Table, name=TABLE)
    problems = list(_problems(table))
    if problems:
        raise KnowledgeError(*problems)
    return ConfidentialityProfile(
        actions={
            attribute: group.action
            for group in table.group
            for attribute in group.attributes
        },
        identifiers=frozenset(table.identifying.identifiers),
        not_names=frozenset(table.identifying.not_names),
        shortest_shift_days=table.shift.shortest_days,
        longest_shift_days=table.shift.longest_days,
    )


def _problems(table: _Table) -> Iterator[str]:
    seen: set[str] = set()
    rows: list[tuple[str, _Group | _Shift | _Identifying]] = [
        ("shift", table.shift),
        ("identifying", table.identifying),
        *((f"group[{n}]", group) for n, group in enumerate(table.group)),
    ]
    for path, row in rows:
        try:
            cited(row.source, table.sources, path=f"{TABLE}.toml.{path}")
        except KnowledgeError as error:
            yield from error.problems
        if not row.note.strip():
            yield f"{TABLE}.toml.{path}: has no note that gives its reason."
    for number, group in enumerate(table.group):
        for attribute in group.attributes:
            if attribute in seen:
                yield (
                    f"{TABLE}.toml.group[{number}]: {attribute} has two actions; keep "
                    f"one."
                )
            seen.add(attribute)

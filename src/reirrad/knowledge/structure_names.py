"""Names of structures in several languages, from ``structure_names.toml``."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from reirrad.core.nomenclature import NameTable, name_key
from reirrad.core.structures import Role
from reirrad.errors import KnowledgeError
from reirrad.knowledge.tables import Verification, cited, read_table, table_text

__all__ = ["load_structure_names", "read_structure_names"]


@dataclass(frozen=True, slots=True)
class _Sides:
    left: list[str]
    right: list[str]


@dataclass(frozen=True, slots=True)
class _Targets:
    GTV: list[str]
    CTV: list[str]
    PTV: list[str]
    not_with: list[str]


@dataclass(frozen=True, slots=True)
class _Row:
    standard_name: str
    names: list[str]
    source: str
    verification: Verification
    paired: bool = False

    def __post_init__(self) -> None:
        if not self.standard_name or not all(name_key(name) for name in self.names):
            msg = "standard_name and every one of names need letters"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class _Table:
    sources: dict[str, str]
    sides: _Sides
    targets: _Targets
    structure: list[_Row]


@cache
def load_structure_names() -> NameTable:
    """The shipped names; read once, because many ask."""
    return read_structure_names(table_text("structure_names"), name="structure_names")


def read_structure_names(text: str, *, name: str) -> NameTable:
    """Names of a table's text.

    Raises
    ------
    KnowledgeError
        One problem for each bad row and for each name that means two structures.
    """
    table = read_table(text, _Table, name=name)
    standard_names: dict[str, str] = {}
    problems: list[str] = []
    for index, row in enumerate(table.structure):
        path = f"{name}.toml.structure[{index}]"
        try:
            cited(row.source, table.sources, path=path)
        except KnowledgeError as error:
            problems += error.problems
        for key, meaning in _meanings(row, table.sides):
            if standard_names.setdefault(key, meaning) != meaning:
                problems.append(
                    f"{path}: {key!r} means both {standard_names[key]} and {meaning}; "
                    f"remove one."
                )
    if problems:
        raise KnowledgeError(*problems)
    targets = table.targets
    words = ((Role.GTV, targets.GTV), (Role.CTV, targets.CTV), (Role.PTV, targets.PTV))
    return NameTable(
        standard_names=standard_names,
        target_words={word.casefold(): role for role, list_ in words for word in list_},
        not_target_words=frozenset(word.casefold() for word in targets.not_with),
    )


def _meanings(row: _Row, sides: _Sides) -> Iterator[tuple[str, str]]:
    if not row.paired:
        for drawn in (row.standard_name, *row.names):
            yield name_key(drawn), row.standard_name
        return
    for letter, words in (("L", sides.left), ("R", sides.right)):
        for drawn in (row.standard_name, *row.names):
            for word in words:
                meaning = f"{row.standard_name}_{letter}"
                yield name_key(drawn + word), meaning
                yield name_key(word + drawn), meaning

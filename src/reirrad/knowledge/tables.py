"""The tables that ship with the program, as text and as checked rows."""

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import Any, Literal, TypeVar

import cattrs

from reirrad.errors import KnowledgeError

__all__ = [
    "Verification",
    "by_organ",
    "cited",
    "read_table",
    "table_names",
    "table_text",
]

Verification = Literal["paper", "secondary", "unverified"]

Row = TypeVar("Row")
Value = TypeVar("Value")


def table_names() -> tuple[str, ...]:
    """Names of every shipped table, such as "constraints_tg101", in order."""
    files = resources.files("reirrad.knowledge").iterdir()
    return tuple(
        sorted(
            file.name.removesuffix(".toml")
            for file in files
            if file.name.endswith(".toml")
        )
    )


def table_text(name: str) -> str:
    """TOML text of a shipped table.

    Raises
    ------
    KnowledgeError
        If there is no table of that name.
    """
    if name not in table_names():
        known = ", ".join(table_names())
        msg = f"There is no table {name!r}; the tables are {known}."
        raise KnowledgeError(msg)
    table = resources.files("reirrad.knowledge") / f"{name}.toml"
    return table.read_text(encoding="utf-8")


def read_table(text: str, shape: type[Row], *, name: str) -> Row:
    """A table's text as a value of a dataclass, every row of it checked.

    Parameters
    ----------
    text
        TOML.
    shape
        Dataclass of the whole table. Its ``__post_init__``, and those of its rows, may
        raise ``ValueError``.
    name
        Name of the table, for messages.

    Raises
    ------
    KnowledgeError
        One problem for each fault, with its path: missing or unknown keys, values of
        another kind, values a row refuses.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{name}.toml is not TOML: {error}."
        raise KnowledgeError(msg) from error
    try:
        return _converter().structure(content, shape)
    except cattrs.BaseValidationError as error:
        problems = cattrs.transform_error(
            error, path=f"{name}.toml", format_exception=_problem
        )
        raise KnowledgeError(*problems) from error


def cited(key: str, sources: dict[str, str], *, path: str) -> str:
    """The citation that a row's source key stands for.

    Raises
    ------
    KnowledgeError
        If the key, or its citation, is missing.
    """
    citation = sources.get(key, "").strip()
    if not citation:
        known = ", ".join(sources) or "none"
        msg = (
            f"{path}: source {key!r} has no citation under [sources]; add one, or use "
            f"one of {known}."
        )
        raise KnowledgeError(msg)
    return citation


def by_organ(
    rows: Iterable[tuple[Sequence[str], Value]], *, path: str, what: str
) -> dict[str, Value]:
    """Organ to the one row that it has.

    Parameters
    ----------
    rows
        Names of organs, and what holds for each of them.
    path
        Where the rows stand, as "alpha_beta.toml.ratio".
    what
        What a row holds, in the plural.

    Raises
    ------
    KnowledgeError
        One problem for each organ that has two rows.
    """
    found: dict[str, Value] = {}
    problems = []
    for index, (organs, value) in enumerate(rows):
        for organ in organs:
            if organ in found:
                problems.append(f"{path}[{index}]: {organ} has two {what}; keep one.")
            found[organ] = value
    if problems:
        raise KnowledgeError(*problems)
    return found


@cache
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=True)
    converter.register_structure_hook(str, _text)
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook(int, _whole_number)
    converter.register_structure_hook(bool, _truth)
    return converter


def _text(value: Any, _: type) -> str:
    if isinstance(value, str):
        return value
    msg = f"expected text, found {value!r}"
    raise ValueError(msg)


def _number(value: Any, _: type) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    msg = f"expected a number, found {value!r}"
    raise ValueError(msg)


def _whole_number(value: Any, _: type) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isdecimal():
        return int(value)  # the key of an inline table is always text
    msg = f"expected a whole number, found {value!r}"
    raise ValueError(msg)


def _truth(value: Any, _: type) -> bool:
    if isinstance(value, bool):
        return value
    msg = f"expected true or false, found {value!r}"
    raise ValueError(msg)


def _problem(error: BaseException, _: type | None) -> str:
    if isinstance(error, KeyError):
        return f"the key {error.args[0]!r} is missing"
    if isinstance(error, cattrs.ForbiddenExtraKeysError):
        return f"unknown key {', '.join(sorted(error.extra_fields))}"
    return str(error)

"""Models of tissue recovery between courses, from ``recovery.toml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from reirrad.core.recovery import RecoveryStep
from reirrad.core.structures import Role
from reirrad.errors import KnowledgeError
from reirrad.knowledge.tables import Verification, cited, read_table, table_text

__all__ = [
    "NO_RECOVERY",
    "OrganRecovery",
    "RecoveryModel",
    "load_recovery_model",
    "read_recovery_models",
    "recovery_model_names",
]

NO_RECOVERY = "none"


@dataclass(frozen=True, slots=True)
class OrganRecovery:
    """How one organ recovers.

    Parameters
    ----------
    steps
        Of recovery, in order; empty where there is none ever.
    architecture
        In a "parallel" organ a recovered near-maximum dose has no meaning.
    source, verification
        Where the numbers stand and how well that was checked.
    note
        What a reader must know.
    """

    steps: tuple[RecoveryStep, ...]
    architecture: Literal["serial", "parallel"]
    source: str
    verification: Verification
    note: str


@dataclass(frozen=True, slots=True)
class RecoveryModel:
    """A named model: rows by TG-263 name. What has no row recovers nothing."""

    name: str
    title: str
    organs: Mapping[str, OrganRecovery]

    def row_for(self, standard_name: str | None, role: Role) -> OrganRecovery | None:
        """Row of a structure; None for tumour and for what the model does not name."""
        if role.is_target or standard_name is None:
            return None
        return self.organs.get(standard_name)


@dataclass(frozen=True, slots=True)
class _Row:
    organs: tuple[str, ...]
    architecture: Literal["serial", "parallel"]
    percent_from_months: dict[int, float]
    source: str
    verification: Verification
    note: str

    def __post_init__(self) -> None:
        if not self.organs:
            msg = "organs must name at least one structure"
            raise ValueError(msg)
        months = sorted(self.percent_from_months)
        percents = [self.percent_from_months[month] for month in months]
        if percents != sorted(percents) or any(not 0 <= p <= 100 for p in percents):
            msg = (
                f"percent_from_months must rise from 0 to at most 100, found {percents}"
            )
            raise ValueError(msg)
        if months and months[0] < 1:
            msg = f"recovery starts after at least one month, found {months[0]}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class _Model:
    name: str
    title: str
    row: list[_Row]


@dataclass(frozen=True, slots=True)
class _Table:
    sources: dict[str, str]
    model: list[_Model]


def recovery_model_names() -> tuple[str, ...]:
    """What a user may choose: "none", then the shipped models."""
    return (NO_RECOVERY, *_shipped())


def load_recovery_model(name: str) -> RecoveryModel | None:
    """A shipped model; None for "none".

    Raises
    ------
    KnowledgeError
        If there is no model of that name.
    """
    if name == NO_RECOVERY:
        return None
    models = _shipped()
    if name not in models:
        known = ", ".join([NO_RECOVERY, *models])
        msg = f"There is no recovery model {name!r}; choose from {known}."
        raise KnowledgeError(msg)
    return models[name]


def read_recovery_models(text: str, *, name: str) -> Mapping[str, RecoveryModel]:
    """Models of a table's text, with their citations.

    Raises
    ------
    KnowledgeError
        One problem for each bad row, and for each organ that has two.
    """
    table = read_table(text, _Table, name=name)
    problems: list[str] = []
    models = {}
    for position, model in enumerate(table.model):
        path = f"{name}.toml.model[{position}]"
        if model.name in models or model.name == NO_RECOVERY:
            problems.append(
                f"{path}: the name {model.name!r} is taken; choose another."
            )
        organs: dict[str, OrganRecovery] = {}
        for index, row in enumerate(model.row):
            where = f"{path}.row[{index}]"
            try:
                source = cited(row.source, table.sources, path=where)
            except KnowledgeError as error:
                problems += error.problems
                continue
            problems += [
                f"{where}: {organ} has two rows; keep one."
                for organ in row.organs
                if organ in organs
            ]
            organs |= dict.fromkeys(row.organs, _organ(row, source))
        models[model.name] = RecoveryModel(model.name, model.title, organs)
    if problems:
        raise KnowledgeError(*problems)
    return models


def _organ(row: _Row, source: str) -> OrganRecovery:
    steps = tuple(
        RecoveryStep(float(months), percent / 100.0)
        for months, percent in sorted(row.percent_from_months.items())
    )
    return OrganRecovery(steps, row.architecture, source, row.verification, row.note)


@cache
def _shipped() -> Mapping[str, RecoveryModel]:
    return read_recovery_models(table_text("recovery"), name="recovery")

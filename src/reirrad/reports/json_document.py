"""The assessment as ``assessment.json``, schema version 1.

The layout is a promise to other programs; the JSON Schema beside this module states it.
Keys stand in the order of the contract, mappings without an order of their own are
sorted, and numbers are rounded, so that the same assessment gives the same bytes.
"""

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from importlib.resources import files
from typing import Any, SupportsFloat, SupportsIndex

from reirrad.core.assessment import Assessment
from reirrad.core.planning_budget import PlanningBudget

__all__ = ["assessment_json", "json_value", "planning_json", "schema"]

SIGNIFICANT_DIGITS = 6
NOT_IN_THE_DOCUMENT = frozenset(
    {"views", "scene", "curves", "bands", "exportable", "planes"}
)
SCHEMA_FILE = "assessment-1.schema.json"


def assessment_json(assessment: Assessment) -> str:
    """Text of ``assessment.json``.

    Parameters
    ----------
    assessment
        The value to write down; its pictures, dose-volume curves and what is computed
        for other systems are left out.

    Returns
    -------
    str
        Indented JSON that ends with a newline. Numbers that are not whole carry six
        significant digits; a number that is not finite is written as null.

    Raises
    ------
    TypeError
        If the assessment holds something that has no place in JSON.
    """
    return _document(assessment)


def planning_json(budget: PlanningBudget) -> str:
    """Text of ``budget.json``, by the same rules.

    Parameters
    ----------
    budget
        The value to write down; its pictures and maps are left out.
    """
    return _document(budget)


def _document(value: Assessment | PlanningBudget) -> str:
    document = json_value(value, without=NOT_IN_THE_DOCUMENT)
    document["inputs"].sort(key=lambda seen: (seen["path"], seen["sha256"]))
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) that every ``assessment.json`` of version 1 satisfies."""
    text = files("reirrad.reports").joinpath("schema", SCHEMA_FILE)
    loaded: dict[str, Any] = json.loads(text.read_text(encoding="utf-8"))
    return loaded


def json_value(
    value: object,
    *,
    without: Collection[str] = frozenset(),
    digits: int = SIGNIFICANT_DIGITS,
) -> Any:
    """Turn dataclasses, mappings and sequences into what JSON knows.

    Parameters
    ----------
    value
        What to write down.
    without
        Fields of dataclasses that are left out.
    digits
        Significant digits of a number that is not whole; one that is not finite
        becomes None.
    """
    # Numbers are most of a document, so they are asked for early.
    if value is None or isinstance(value, str | bool | float):
        return _rounded(float(value), digits) if isinstance(value, float) else value

    def inside(part: object) -> Any:
        return json_value(part, without=without, digits=digits)

    if is_dataclass(value) and not isinstance(value, type):
        names = [item.name for item in fields(value)]
        return {
            name: inside(getattr(value, name)) for name in names if name not in without
        }
    if isinstance(value, Mapping):
        return {str(key): inside(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [inside(item) for item in value]
    return _number(value, digits)


def _number(value: object, digits: int) -> int | float | None:
    if isinstance(value, SupportsIndex):
        return value.__index__()
    if not isinstance(value, SupportsFloat):
        msg = f"{type(value).__name__} has no place in assessment.json"
        raise TypeError(msg)
    return _rounded(float(value), digits)


def _rounded(number: float, digits: int) -> float | None:
    if not math.isfinite(number):
        return None
    if number.is_integer():
        return number + 0.0  # minus zero becomes zero
    return float(f"{number:.{digits}g}")

"""The settings file: what a user may decide, checked before any work.

Every key has a row in ``_allowed``. A file is compared with the rows as a whole, so
that one run names every fault in it. See ``docs/reference/settings.md``.
"""

import difflib
import json
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias

from reirrad.core.dose import Interpolation
from reirrad.core.settings import PrescribedDose, Settings
from reirrad.core.structures import Role
from reirrad.errors import SettingsError
from reirrad.knowledge.constraint_tables import constraint_set_names
from reirrad.knowledge.recovery import recovery_model_names
from reirrad.knowledge.structure_names import load_structure_names
from reirrad.knowledge.tables import table_text

__all__ = ["checked_settings", "load_settings", "whole_document"]

Rule: TypeAlias = Callable[[object], str | None]
"""Says what is wrong with a value, or None."""

Branch: TypeAlias = Mapping[str, "Rule | Branch"]
Document: TypeAlias = dict[str, Any]

ANY_NAME = "any name"
ALPHA_BETA_RANGE = (0.1, 100.0)
COURSE_NUMBER = "a course number, 1 for the earliest"


def load_settings(path: Path | None, *, organ: str | None = None) -> Settings:
    """Read a settings file over the defaults.

    Parameters
    ----------
    path
        TOML file, or None for the defaults alone.
    organ
        Structure in which overlap is measured, over what the file says.

    Returns
    -------
    Settings

    Raises
    ------
    SettingsError
        One sentence for every unknown key, wrong type or unit, and value out of range,
        each with the key's path and what is allowed.
    """
    own = {} if path is None else _document(path)
    if organ is not None:
        fault = _text(organ)
        if fault is not None:
            msg = f"--organ {fault}."
            raise SettingsError(msg)
    return checked_settings(
        own, name="" if path is None else path.name, over={"organ": organ}
    )


def checked_settings(
    own: Mapping[str, Any], *, name: str, over: Mapping[str, str | None] | None = None
) -> Settings:
    """Settings of a document that lies over the defaults.

    Parameters
    ----------
    own
        Keys and values as a settings file would have them.
    name
        Where the document comes from; stands before every fault.
    over
        Keys of the outermost table that hold over the document, where not None.

    Raises
    ------
    SettingsError
        As :func:`load_settings` does.
    """
    faults = [*_faults(own, _allowed(constraint_set_names()))]
    if not faults:
        faults = [*_name_faults(own)]
    if faults:
        raise SettingsError(*(f"{name}: {fault}" for fault in faults))
    document = whole_document(own)
    document.update({k: v for k, v in (over or {}).items() if v is not None})
    return _settings(document)


def whole_document(own: Mapping[str, Any]) -> dict[str, Any]:
    """A settings document with the default of every key that it leaves out."""
    return _merged(tomllib.loads(table_text("defaults")), own)


def _settings(document: Document) -> Settings:
    return Settings(
        organ=document["organ"].strip(),
        constraints=tuple(document["constraints"]),
        minimal_ov2gy_cc=float(document["classification"]["minimal_ov2gy_cc"]),
        alpha_beta_gy={
            name: float(ratio)
            for name, ratio in document.get("alpha_beta_gy", {}).items()
        },
        oar_concern=document["oar_concern"],
        structures={
            drawn.strip().lower(): meant.strip()
            for drawn, meant in document.get("structures", {}).items()
        },
        prescription={
            int(number): PrescribedDose(float(row["dose_gy"]), row["n_fractions"])
            for number, row in document.get("prescription", {}).items()
        },
        start_date=document.get("start_date", {}),
        recovery_model=document["recovery"]["model"],
        recovery_form=document["recovery"]["form"],
        interpolation=Interpolation(document["dose"]["interpolation"]),
        eqd2_alpha_beta_gy=tuple(
            float(ratio)
            for ratio in document.get("dicom", {}).get("eqd2_alpha_beta_gy", ())
        ),
        translation_mm=_optional(document["registration"], "translation_mm"),
        rotation_degrees=_optional(document["registration"], "rotation_degrees"),
        registration_draws=document["registration"]["draws"],
        registration_seed=document["registration"]["seed"],
        deformable=document["registration"]["deformable"],
        worst_case=tuple(document["registration"]["worst_case"]),
        linear_quadratic_linear=document["radiobiology"]["linear_quadratic_linear"],
        budget_fractions=tuple(sorted(document["budget"]["fractions"])),
    )


def _optional(table: Document, key: str) -> float | None:
    return float(table[key]) if key in table else None


def _number(low: float, high: float, unit: str) -> Rule:
    def fault(value: object) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"must be a number in {unit}, written without it; found {_as(value)}"
        if low <= value <= high:
            return None
        in_cgy = unit == "Gy" and low * 100 <= value <= high * 100
        hint = " (is it in cGy?)" if in_cgy else ""
        return f"{_as(value)} is outside {low:g} to {high:g} {unit}{hint}"

    return fault


def _whole_number(low: int, high: int) -> Rule:
    def fault(value: object) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return f"must be a whole number, {low} to {high}; found {_as(value)}"
        inside = low <= value <= high
        return None if inside else f"{_as(value)} is outside {low} to {high}"

    return fault


def _choice(*names: str) -> Rule:
    def fault(value: object) -> str | None:
        if value in names:
            return None
        return f"must be {_either(names)}; found {_as(value)}"

    return fault


def _list_of(names: Collection[str]) -> Rule:
    def fault(value: object) -> str | None:
        if not isinstance(value, list):
            return f"must be a list of {_either(names)}; found {_as(value)}"
        unknown = [_as(item) for item in value if item not in names]
        if unknown:
            return f"knows no {', '.join(unknown)}; allowed are {_either(names)}"
        repeated = [_as(item) for item in names if value.count(item) > 1]
        return f"names {', '.join(repeated)} more than once" if repeated else None

    return fault


def _ratios(value: object) -> str | None:
    if not isinstance(value, list) or not value:
        return f"must be a list of numbers in Gy, such as [3.0]; found {_as(value)}"
    fault = next(filter(None, map(_number(*ALPHA_BETA_RANGE, "Gy"), value)), None)
    if fault is not None:
        return fault
    repeated = len({float(ratio) for ratio in value}) < len(value)
    return f"names a ratio more than once; found {_as(value)}" if repeated else None


def _flag(value: object) -> str | None:
    if isinstance(value, bool):
        return None
    return f"must be true or false; found {_as(value)}"


def _text(value: object) -> str | None:
    if isinstance(value, str) and value.strip():
        return None
    return f"must be a name in quotes; found {_as(value)}"


def _date(value: object) -> str | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return None
    return f"must be a date such as 2024-03-05, without quotes; found {_as(value)}"


def _fraction_numbers(value: object) -> str | None:
    if not isinstance(value, list) or not value:
        return f"must be a list of whole numbers, such as [3, 5]; found {_as(value)}"
    fault = next(filter(None, map(_whole_number(1, 100), value)), None)
    if fault is not None:
        return fault
    repeated = len(set(value)) < len(value)
    return f"names a number more than once; found {_as(value)}" if repeated else None


def _allowed(constraint_sets: Collection[str]) -> Branch:
    return {
        "organ": _text,
        "alpha_beta_gy": {ANY_NAME: _number(*ALPHA_BETA_RANGE, "Gy")},
        "constraints": _list_of(constraint_sets),
        "oar_concern": _flag,
        "structures": {ANY_NAME: _text},
        "prescription": {
            COURSE_NUMBER: {
                "dose_gy": _number(0.1, 200.0, "Gy"),
                "n_fractions": _whole_number(1, 100),
            }
        },
        "classification": {"minimal_ov2gy_cc": _number(0.0, 10_000.0, "cc")},
        "recovery": {
            "model": _choice(*recovery_model_names()),
            "form": _choice("stepped", "smooth"),
        },
        "registration": {
            "translation_mm": _number(0.1, 30.0, "mm"),
            "rotation_degrees": _number(0.0, 20.0, "degrees"),
            "draws": _whole_number(16, 100_000),
            "seed": _whole_number(0, 2**31 - 1),
            "deformable": _flag,
            "worst_case": _list_of(load_structure_names().standard_names.values()),
        },
        "radiobiology": {"linear_quadratic_linear": _flag},
        "budget": {"fractions": _fraction_numbers},
        "dose": {"interpolation": _choice(*(way.value for way in Interpolation))},
        "start_date": {ANY_NAME: _date},
        "dicom": {"eqd2_alpha_beta_gy": _ratios},
    }


def _document(path: Path) -> Document:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        msg = f"{path.name} is not valid TOML: {error}."
        raise SettingsError(msg) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        msg = (
            f"{path.name}: line {line} holds bytes that are not UTF-8. Save the file "
            f"with the encoding UTF-8."
        )
        raise SettingsError(msg) from error
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        msg = (
            f"{path}: the settings cannot be read ({reason}). Check the path given "
            f"with --settings."
        )
        raise SettingsError(msg) from error


def _faults(
    document: Mapping[str, Any], allowed: Branch, path: str = ""
) -> Iterator[str]:
    """Compare a table with its rules, and the tables inside it with theirs."""
    for key, value in document.items():
        where = f"{path}{_quoted(key)}"
        rule = allowed.get(key, allowed.get(ANY_NAME))
        if rule is None and re.fullmatch("[1-9][0-9]?", key):
            rule = allowed.get(COURSE_NUMBER)
        if rule is None:
            hint = _meant(key, allowed)
            yield f"{where}: unknown key{hint}; allowed: {_keys(allowed)}."
        elif callable(rule):
            fault = rule(value)
            if fault is not None:
                yield f"{where}: {fault}."
        elif not isinstance(value, dict):
            yield f"{where}: must be a table of {_keys(rule)}; found {_as(value)}."
        else:
            yield from _faults(value, rule, f"{where}.")
    if "dose_gy" in allowed:
        missing = [key for key in allowed if key not in document]
        yield from (
            f"{path}{key}: missing; a prescription needs it." for key in missing
        )


def _name_faults(document: Mapping[str, Any]) -> Iterator[str]:
    """Find names that no structure can have, so that nothing is silently ignored."""
    standard = set(load_structure_names().standard_names.values())
    spelling = {name.casefold(): name for name in standard}
    meanings: dict[str, str] = {}
    for drawn, value in document.get("structures", {}).items():
        where = f"structures.{_quoted(drawn)}"
        meant = value.strip()
        right = spelling.get(meant.casefold(), meant)
        if right != meant:
            yield f"{where}: {_as(meant)} is spelt {_as(right)}."
        key = drawn.strip().lower()
        if meanings.setdefault(key, meant) != meant:
            yield f"{where}: means both {_as(meanings[key])} and {_as(meant)}."
    groups = {"default_oar", "target", *(role.value for role in Role)}
    known = standard | groups | set(meanings.values())
    for name in document.get("alpha_beta_gy", {}):
        if name not in known:
            hint = _meant(name, known)
            yield (
                f"alpha_beta_gy.{_quoted(name)}: unknown structure{hint}; allowed: "
                f"default_oar, target, GTV, CTV, PTV, a TG-263 name, or a name that "
                f"[structures] gives to a drawn one."
            )


def _merged(defaults: Document, own: Mapping[str, Any]) -> Document:
    """Put a user's keys over the defaults, table by table."""
    merged = dict(defaults)
    for key, value in own.items():
        inner = merged.get(key)
        if isinstance(inner, dict) and isinstance(value, dict):
            merged[key] = {**inner, **value}
        else:
            merged[key] = value
    return merged


def _meant(key: str, allowed: Collection[str]) -> str:
    close = difflib.get_close_matches(key, sorted(allowed), n=1)
    return f" (is it {close[0]}?)" if close else ""


def _keys(allowed: Branch) -> str:
    return ", ".join(sorted(allowed))


def _either(names: Collection[str]) -> str:
    return " or ".join(_as(name) for name in sorted(names))


def _quoted(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _as(key)


def _as(value: object) -> str:
    """Write a value as the file would have it, shortened."""
    if isinstance(value, date):
        return value.isoformat()
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."

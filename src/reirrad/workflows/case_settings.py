"""Settings of a case: a document that grows by changes, version by version."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from reirrad.core.settings import Settings
from reirrad.workflows.settings import checked_settings

__all__ = ["changed_document", "settings_of"]

NAME = "settings"


def changed_document(
    document: Mapping[str, Any], change: Mapping[str, Any]
) -> dict[str, Any]:
    """A settings document with some keys changed.

    Parameters
    ----------
    document
        What held before, with the keys of a settings file.
    change
        Keys to set, table by table; None takes a key away, so that its default holds.
    """
    changed = dict(document)
    for key, value in change.items():
        inner = changed.get(key)
        if value is None:
            changed.pop(key, None)
        elif isinstance(value, Mapping):
            within = inner if isinstance(inner, Mapping) else {}
            changed[key] = changed_document(within, value)
        else:
            changed[key] = value
    return {key: value for key, value in changed.items() if value != {}}


def settings_of(document: Mapping[str, Any]) -> Settings:
    """The settings of a document that came as JSON, where dates are text.

    Raises
    ------
    SettingsError
        One sentence for every fault, as for a settings file.
    """
    dates = document.get("start_date")
    if isinstance(dates, Mapping):
        document = {**document, "start_date": _with_dates(dates)}
    return checked_settings(document, name=NAME)


def _with_dates(texts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _date(text) for name, text in texts.items()}


def _date(text: object) -> object:
    if not isinstance(text, str):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text

"""Choices as REDCap codes, which are made of letters, digits and underscores alone."""

from functools import cache

from reirrad.core.cohort.fields import Field

__all__ = ["choice_of", "redcap_code"]

SPELLED = {" ": "_", "*": "_star", "/": "_per_", "^": "e", "<": "lt", ">": "gt"}
SPELLED["="] = "eq"


def redcap_code(choice: str) -> str:
    """Code of a choice, such as ``1B_star`` of ``1B*``; most choices are their own."""
    return "".join(SPELLED.get(letter, letter) for letter in choice)


def choice_of(field: Field, text: str) -> str:
    """The choice that a REDCap code stands for; another text stays as it is."""
    return _choices(field.choices).get(text, text)


@cache
def _choices(choices: tuple[str, ...]) -> dict[str, str]:
    return {redcap_code(choice): choice for choice in choices}

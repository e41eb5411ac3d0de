"""What was done to the objects of a run, without a word of what stood in them."""

from collections import Counter
from dataclasses import dataclass, field

__all__ = ["Tally"]


@dataclass(slots=True)
class Tally:
    """The growing record of one run; attributes are named by keyword.

    Parameters
    ----------
    objects
        Objects written, by pseudonym of the patient and kind.
    texts_kept
        Texts that stayed, by attribute.
    texts_replaced
        How many texts held something that identifies, by attribute.
    values_removed
        How many values were not of their kind, or were an identifier, by attribute.
    left_out
        How many objects were left out, by reason.
    """

    objects: Counter[tuple[str, str]] = field(default_factory=Counter)
    texts_kept: dict[str, set[str]] = field(default_factory=dict)
    texts_replaced: Counter[str] = field(default_factory=Counter)
    values_removed: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

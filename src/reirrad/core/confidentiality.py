"""What becomes of each attribute of an object that is given away.

References
----------
DICOM PS3.15, annex E: Attribute Confidentiality Profiles.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["AttributeAction", "ConfidentialityProfile"]

AttributeAction = Literal["keep", "text", "uid", "date", "time", "empty", "pixels"]
"""What is done with an attribute; one without an action is removed.

``keep``
    Numbers, code strings and sequences stay, if they are what they should be; the items
    of a sequence are cleaned in turn.
``text``
    Stays if it holds nothing that is known to identify, else is replaced.
``uid``
    Replaced, everywhere by the same; what the standard itself defines stays.
``date``
    Shifted by the days of its patient.
``time``
    Stays if it is a time of day.
``empty``
    Stays without a value.
``pixels``
    Decoded and written anew.
"""


@dataclass(frozen=True, slots=True)
class ConfidentialityProfile:
    """Attributes by keyword, in the spelling of DICOM PS3.6.

    Parameters
    ----------
    actions
        Every attribute that is not removed.
    identifiers
        Attributes whose value as a whole identifies patient, visit or place.
    not_names
        Words in person names that are nobody's name, such as "dr", in lower case.
    shortest_shift_days, longest_shift_days
        Dates go back by a number of days between these.
    """

    actions: Mapping[str, AttributeAction]
    identifiers: frozenset[str]
    not_names: frozenset[str]
    shortest_shift_days: int
    longest_shift_days: int

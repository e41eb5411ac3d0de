"""The allow-list against the table of the standard, and its own form."""

from pathlib import Path

import pytest
from pydicom.datadict import dictionary_VR, tag_for_keyword

from reirrad.errors import KnowledgeError
from reirrad.knowledge.confidentiality import (
    load_confidentiality_profile,
    read_confidentiality_profile,
)
from reirrad.knowledge.tables import table_text

PROFILE = load_confidentiality_profile()
TABLE = "confidentiality_profile"
# Of its items only UIDs stay, which is the U* of the table.
REFERENCES = {"ReferencedImageSequence"}
# C under the option Clean Descriptors.
DESCRIPTORS = {
    "ROIName",
    "RTPlanLabel",
    "RTPlanName",
    "StructureSetLabel",
    "DoseReferenceDescription",
}
FIT = {
    "keep": {"SQ", "DS", "IS", "CS", "US", "SS", "FL", "AT", "US or SS"},
    "text": {"LO", "SH", "CS"},
    "uid": {"UI"},
    "date": {"DA"},
    "time": {"TM"},
    "pixels": {"OB or OW"},
    "empty": {"LO", "SH", "CS", "PN", "DA", "SQ"},
}


def basic_profile() -> dict[int, str]:
    """Action of Table E.1-1 by tag."""
    lines = Path(__file__).with_name("basic_profile.txt").read_text(encoding="utf-8")
    actions: dict[int, str] = {}
    for line in lines.splitlines():
        if not line.startswith("#"):
            action, *tags = line.split()
            actions.update((int(tag, 16), action) for tag in tags)
    return actions


BASIC = basic_profile()


def test_the_table_of_the_standard_is_complete() -> None:
    assert len(BASIC) == 652
    assert BASIC[0x00100010] == "Z"
    assert BASIC[0x00204000] == "X"


@pytest.mark.parametrize(("keyword", "action"), sorted(PROFILE.actions.items()))
def test_no_row_is_laxer_than_the_standard(keyword: str, action: str) -> None:
    tag = tag_for_keyword(keyword)
    assert tag is not None, "no keyword of DICOM"
    assert dictionary_VR(tag) in FIT[action]
    basic = BASIC.get(tag)
    if action == "keep":
        assert basic is None or keyword in REFERENCES
    elif action == "text":
        assert basic is None or keyword in DESCRIPTORS
    elif action == "empty":
        assert basic is None or "Z" in basic
    elif action == "uid":
        assert basic == "U" or keyword.endswith("SOPClassUID")


@pytest.mark.parametrize("keyword", sorted(PROFILE.identifiers))
def test_what_identifies_is_not_kept(keyword: str) -> None:
    assert tag_for_keyword(keyword) is not None
    assert PROFILE.actions.get(keyword) in {None, "empty"}


def test_no_text_of_unlimited_length_is_kept() -> None:
    kept = {
        str(dictionary_VR(tag_for_keyword(keyword) or 0)) for keyword in PROFILE.actions
    }

    assert kept.isdisjoint({"LT", "ST", "UT", "UC", "UR", "UN", "OB", "AE", "AS"})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["PixelData"]', '["PixelData", "ROIName"]', "ROIName has two actions"),
        ('action = "pixels"', 'action = "paint"', "group"),
        ("shortest_days = 400", "shortest_days = 0", "shortest_days must be above 0"),
        ('note = "beams"', 'note = " "', "has no note"),
        ('ps3_3 = "DICOM', 'ps3_4 = "DICOM', "has no citation"),
    ],
)
def test_a_bad_row_is_named(old: str, new: str, said: str) -> None:
    text = table_text(TABLE)
    assert old in text
    with pytest.raises(KnowledgeError, match=said):
        read_confidentiality_profile(text.replace(old, new))

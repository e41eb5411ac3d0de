"""Every pitfall and defect of the list is found by its number."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[2]
PITFALLS = set(range(1, 61))
DEFECTS = set(range(1, 18))


def numbers(kind: str) -> set[int]:
    files = TESTS.rglob("test_*.py")
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    found = re.findall(rf"^def test_{kind}_(\d\d)_", text, re.MULTILINE)
    return {int(number) for number in found}


def test_every_pitfall_has_a_test() -> None:
    assert numbers("pitfall") == PITFALLS


def test_every_defect_of_a_peer_has_a_test() -> None:
    assert numbers("defect") == DEFECTS

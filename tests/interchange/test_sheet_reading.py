"""Damaged workbooks are refused with a sentence, whatever is wrong in them."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from reirrad.errors import InputError
from reirrad.interchange.sheet_reading import read_sheets
from reirrad.interchange.spreadsheets import write_sheets

HEADER = ["patient_id", "patient_birth_date"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A workbook that can be read."""
    write_sheets(
        tmp_path / "table.xlsx", {"patient": [HEADER, ["g1", "1950-01-01"], ["=1", 2]]}
    )
    return tmp_path / "table.xlsx"


def _flipped(content: bytes, chance: np.random.Generator) -> bytes:
    changed = bytearray(content)
    for _ in range(3):
        changed[chance.integers(len(changed))] = chance.integers(256)
    return bytes(changed)


def _with_a_damaged_part(content: bytes, chance: np.random.Generator) -> bytes:
    """The same workbook with one part cut, altered, emptied or lost."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    name = sorted(parts)[chance.integers(len(parts))]
    part = parts.pop(name)
    cut, altered = part[: chance.integers(len(part))], _flipped(part, chance)
    damaged = (cut, altered, b"", None)[chance.integers(4)]
    if damaged is not None:
        parts[name] = damaged
    with zipfile.ZipFile(result, "w") as archive:
        for one, kept in parts.items():
            archive.writestr(one, kept)
    return result.getvalue()


def _damaged(content: bytes) -> Iterator[bytes]:
    chance = np.random.default_rng(1)
    for _ in range(150):
        yield _flipped(content, chance)
        yield _with_a_damaged_part(content, chance)


def test_damage_is_told_in_a_sentence(file: Path) -> None:
    n_refused = 0
    for content in _damaged(file.read_bytes()):
        file.write_bytes(content)
        with suppress(InputError):
            read_sheets(file)
            n_refused -= 1
        n_refused += 1

    assert 100 < n_refused < 300


def test_a_sheet_that_was_cut(file: Path) -> None:
    with zipfile.ZipFile(file) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part[:-20] if "sheet1" in name else part)

    with pytest.raises(InputError, match="not an XLSX file that can be read"):
        read_sheets(file)


@pytest.mark.parametrize("value", [12345, 1.5, date(2024, 1, 1).toordinal()])
def test_a_number_in_a_column_of_texts(file: Path, value: float) -> None:
    write_sheets(file, {"patient": [HEADER, ["1", "x"], [None, "y"], [value, "z"]]})

    with pytest.raises(InputError, match="column patient_id: no text in rows 4"):
        read_sheets(file, text_columns=["patient_id"])

    assert len(read_sheets(file, text_columns=["record_id"])["patient"]) == 4

"""Damaged workbooks are refused with a sentence, whatever is wrong in them."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook

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


def _shown(
    file: Path, number_format: str, values: Sequence[str | float | None]
) -> None:
    """A workbook whose second column is shown in a number format, from row 2 on."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["number", "lesion_ptv_v95_percent"])
    for row, value in enumerate(values, start=2):
        sheet.append([row - 1, value])
        sheet.cell(row, 2).number_format = number_format
    workbook.save(file)


@pytest.mark.parametrize(
    "number_format", ["0%", "0.0%", '0.0" "%', "0;[Red]-0%", '[<1]0%;0.0"%"']
)
@pytest.mark.parametrize("value", [0.985, 1])
def test_a_number_shown_in_per_cent_is_refused(
    tmp_path: Path, number_format: str, value: float
) -> None:
    """A cell that shows 98.5% holds 0.985."""
    _shown(tmp_path / "table.xlsx", number_format, [value] * 7)

    with pytest.raises(
        InputError,
        match=r"sheet Sheet, column lesion_ptv_v95_percent: shown in per cent in rows "
        r"2, 3, 4, 5, 6 and 2 more",
    ):
        read_sheets(tmp_path / "table.xlsx")


@pytest.mark.parametrize(
    "number_format", ["General", "0.0", '0.0"%"', r"0.0\%", "0.0_%", "@"]
)
def test_a_number_that_is_kept_as_it_is_seen(
    tmp_path: Path, number_format: str
) -> None:
    _shown(tmp_path / "table.xlsx", number_format, [98.5])

    assert read_sheets(tmp_path / "table.xlsx")["Sheet"][1] == ("1", "98.5")


def test_what_is_no_number_is_not_shown_in_per_cent(tmp_path: Path) -> None:
    _shown(tmp_path / "table.xlsx", "0.0%", ["98.5", None, True])

    read = read_sheets(tmp_path / "table.xlsx")["Sheet"]

    assert [row[1] for row in read[1:]] == ["98.5", "", "yes"]


def test_a_number_in_per_cent_beside_the_header_is_told_by_its_letter(
    tmp_path: Path,
) -> None:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["number"])
    sheet.append([1, None, 0.5])
    sheet.cell(2, 3).number_format = "0%"
    workbook.save(tmp_path / "table.xlsx")

    with pytest.raises(InputError, match="column C: shown in per cent in rows 2, so"):
        read_sheets(tmp_path / "table.xlsx")

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from reirrad.errors import InputError
from reirrad.interchange.sheet_reading import read_sheets
from reirrad.interchange.spreadsheets import (
    Cell,
    Rows,
    read_csv,
    write_csv,
    write_sheets,
)

DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "'=1",
    "''-x",
    "=cmd|' /C calc'!A0",
    "#N/A",
]
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20)
NOON = datetime.fromisoformat("2024-02-29T12:00")
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(
    -(10**9), 10**9
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "table.xlsx"


@settings(max_examples=60)
@given(
    texts=st.lists(TEXTS, min_size=2, max_size=5),
    numbers=st.lists(NUMBERS, min_size=1, max_size=5),
)
def test_texts_and_numbers_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], numbers: list[float]
) -> None:
    folder = tmp_path_factory.mktemp("tables")
    rows: list[list[Cell]] = [["a", "b", "c"]]
    rows += [["x", text, 1] for text in texts]
    rows.append(["n", *numbers])

    write_csv(folder / "t.csv", rows)
    write_sheets(folder / "t.xlsx", {"one": rows})

    for read in (
        read_csv(folder / "t.csv").rows,
        read_sheets(folder / "t.xlsx")["one"],
    ):
        assert [row[1] for row in read[1:-1]] == [text.strip() for text in texts]
        assert [float(cell) for cell in read[-1][1 : len(numbers) + 1]] == numbers


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_like_a_formula_stays_a_text(file: Path, text: str) -> None:
    write_sheets(file, {"one": [["organ"], [text]]})

    cell = load_workbook(file)["one"]["A2"]

    assert (cell.data_type, cell.value) == ("s", text)
    assert read_sheets(file)["one"][1] == (text,)


@pytest.mark.parametrize("text", DANGEROUS[:-1])
def test_a_csv_holds_no_cell_that_begins_like_a_formula(
    tmp_path: Path, text: str
) -> None:
    file = tmp_path / "t.csv"

    write_csv(file, [["organ", "dose"], [text, -1.5]])

    assert file.read_text().splitlines()[1].lstrip('"')[0] == "'"
    assert read_csv(file).rows[1] == (text, "-1.5")


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    rows: Rows = [["a", "b"], ["x", 1.5], [None, 3]]
    files = [tmp_path / "one.xlsx", tmp_path / "two.xlsx"]

    for file in files:
        write_sheets(file, {"s": rows}, drop_downs={"s": {0: ["x", "y"]}})

    assert files[0].read_bytes() == files[1].read_bytes()
    dates = {entry.date_time for entry in zipfile.ZipFile(files[0]).infolist()}
    assert dates == {(1980, 1, 1, 0, 0, 0)}
    assert load_workbook(files[0]).properties.modified == datetime.fromisoformat(
        "2000-01-01"
    )


def test_a_column_of_choices_has_a_drop_down(file: Path) -> None:
    write_sheets(
        file, {"s": [["sex", "type"]]}, drop_downs={"s": {1: ["1A", "1B*", "a,b"]}}
    )

    workbook = load_workbook(file)

    (validation,) = workbook["s"].data_validations.dataValidation
    assert validation.formula1 == "choices!$A$2:$A$4"
    assert str(validation.sqref) == "B2:B1048576"
    assert [cell.value for cell in workbook["choices"]["A"]] == [
        "type",
        "1A",
        "1B*",
        "a,b",
    ]


def test_what_excel_keeps_as_dates_and_logical_values_is_read_as_text(
    file: Path,
) -> None:
    workbook = Workbook()
    sheet = workbook.active
    sheet.append(["a"])
    sheet.append([date(2024, 2, 29), NOON, True, False, 5.0, 0.1])
    sheet["A5"] = " x "
    workbook.save(file)

    rows = read_sheets(file)["Sheet"]

    assert rows[1] == ("2024-02-29", "2024-02-29T12:00:00", "yes", "no", "5", "0.1")
    assert rows[2] == ()
    assert rows[4] == ("x",)


@pytest.mark.parametrize(
    ("cell", "words"),
    [("=1+1", "cell A2: the formula has no value"), ("#REF!", "#REF!")],
)
def test_a_formula_without_a_value_is_refused(
    file: Path, cell: str, words: str
) -> None:
    workbook = Workbook()
    workbook.active.append(["a"])
    workbook.active.append([cell])
    workbook.save(file)

    with pytest.raises(InputError, match=words):
        read_sheets(file)


@pytest.mark.parametrize(
    ("text", "separator"),
    [("a,b\n1,2\n", ","), ("a;b\r\n1;2\r\n", ";"), ("\ufeffa\tb\n1\t2\n", "\t")],
)
def test_mark_and_separator_are_found(
    tmp_path: Path, text: str, separator: str
) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(text.encode())

    table = read_csv(file)

    assert table.separator == separator
    assert table.rows == (("a", "b"), ("1", "2"))


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"a,b\nM\xfcller,2\n", "not text in UTF-8"), (b'a,b\n"x"y,"\n', "not a CSV")],
)
def test_what_is_no_csv_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(content)

    with pytest.raises(InputError, match=words):
        read_csv(file)


def test_what_is_no_xlsx_is_refused(file: Path) -> None:
    file.write_bytes(b"PK no")

    with pytest.raises(InputError, match="not an XLSX file"):
        read_sheets(file)


@pytest.mark.parametrize("name", ["missing.csv", "missing.xlsx"])
def test_a_missing_file_is_refused(tmp_path: Path, name: str) -> None:
    read = read_csv if name.endswith("csv") else read_sheets

    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / name)


def test_a_formula_that_comes_to_nothing_is_empty(file: Path) -> None:
    write_sheets(file, {"one": [["a", "b"], ["x", 5]]})
    parts = {name: zipfile.ZipFile(file).read(name) for name in names(file)}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(
        b'<c r="B2" t="n"><v>5</v></c>', b'<c r="B2" t="str"><f>IF(1,"")</f><v></v></c>'
    )
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)

    assert read_sheets(file)["one"] == (("a", "b"), ("x", ""))


def names(file: Path) -> list[str]:
    return zipfile.ZipFile(file).namelist()


def test_the_first_column_is_typed_in_as_text(file: Path) -> None:
    write_sheets(file, {"one": [["patient_id", "b"]]})

    sheet = load_workbook(file)["one"]

    assert sheet.column_dimensions["A"].number_format == "@"
    assert sheet.column_dimensions["B"].number_format == "General"


@pytest.mark.parametrize("first", ["sep=;\n", "SEP=;\r\n", '"sep=;"\n'])
def test_the_separator_may_be_said_in_a_first_line(tmp_path: Path, first: str) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(f"{first}a;b,c\n1;2\n".encode())

    table = read_csv(file)

    assert table.separator == ";"
    assert table.rows == (("a", "b,c"), ("1", "2"))

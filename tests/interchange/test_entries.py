from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from reirrad.core.cohort.field_values import NotAllowed, value_of
from reirrad.core.cohort.fields import fields_of
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import KINDS, Cohort, cohort_of
from reirrad.errors import InputError
from reirrad.interchange.columns import flat_header
from reirrad.interchange.entries import Entry, FoundEntries, read_entries
from reirrad.interchange.flat_records import flat_rows, record_sheets
from reirrad.interchange.spreadsheets import Rows, write_csv, write_sheets
from tests.core.cohort.strategies import cohorts


def no_patient_id(_: str) -> str:
    pytest.fail("there is no Patient ID in this file")


def record_of(entry: Entry) -> Record:
    values = {
        field.name: value_of(field, entry.texts[field.name])
        for field in fields_of(KINDS[entry.kind])
    }
    assert not any(isinstance(value, NotAllowed) for value in values.values())
    return KINDS[entry.kind](patient=entry.patient, number=entry.number, **values)


def read(file: Path, rows: Rows | dict[str, Rows]) -> FoundEntries:
    if isinstance(rows, dict):
        write_sheets(file, rows)
    else:
        write_csv(file, rows)
    return read_entries(file, no_patient_id)


def cells(found: FoundEntries) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.value) for fault in found.faults]


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    return tmp_path / "records.csv"


@pytest.fixture
def xlsx(tmp_path: Path) -> Path:
    return tmp_path / "records.xlsx"


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(cohort=cohorts())
def test_every_record_is_read_back_as_it_was_written(
    csv: Path, xlsx: Path, cohort: Cohort
) -> None:
    for file, rows in ((csv, flat_rows(cohort)), (xlsx, record_sheets(cohort))):
        found = read(file, rows)

        assert found.faults == ()
        told = [record_of(one) for one in found.entries if not one.is_implied]
        assert cohort_of(told) == cohort


def test_every_column_of_the_flat_table_has_one_meaning() -> None:
    assert len(set(flat_header())) == len(flat_header())


def test_a_patient_id_is_gone_once_it_is_read(csv: Path) -> None:
    write_csv(csv, [["patient_id", "patient_sex"], ["00123", "male"], ["", "male"]])

    found = read_entries(csv, lambda patient_id: f"P{len(patient_id)}")

    assert [entry.patient for entry in found.entries] == ["P5"]
    assert "00123" not in repr(found)
    assert [(one.row, one.column, one.patient) for one in found.faults] == [
        (3, "patient_id", "")
    ]


def test_what_is_no_pseudonym_is_not_repeated(csv: Path) -> None:
    found = read(csv, [["record_id", "patient_sex"], ["Doe, Jane", "female"]])

    assert found.entries == ()
    assert cells(found) == [(2, "record_id", "")]


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (["record_id", "course_strat_date"], ["course_strat_date"]),
        (["record_id", "patient_sex", "patient_sex"], ["patient_sex"]),
        (["patient_sex"], ["record_id"]),
        (["record_id", "patient_id"], ["patient_id"]),
        (["record_id", "redcap_repeat_instrument"], ["redcap_repeat_instance"]),
        (["record_id", "patient_complete", "redcap_data_access_group"], []),
    ],
)
def test_columns_that_are_unknown_missing_or_there_twice(
    csv: Path, header: Sequence[str], columns: Sequence[str]
) -> None:
    found = read(csv, [header, ["P1"] * len(header)])

    assert [one.column for one in found.faults if one.row == 1] == columns
    assert all(one.patient == "" for one in found.faults if one.row == 1)


def test_an_unknown_column_is_named_with_the_nearest(csv: Path) -> None:
    found = read(csv, [["record_id", "Course_strat_date"], ["P1", ""]])

    assert found.faults[0].allowed.startswith("course_start_date, perhaps")


FLAT = ["record_id", "redcap_repeat_instrument", "redcap_repeat_instance"]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (["P1", "course", "", "", ""], (2, "redcap_repeat_instance", "")),
        (["P1", "course", "0", "", ""], (2, "redcap_repeat_instance", "0")),
        (["P1", "course", "1.5", "", ""], (2, "redcap_repeat_instance", "1.5")),
        (["P1", "", "2", "", ""], (2, "redcap_repeat_instance", "2")),
        (["P1", "followup", "2", "", ""], (2, "redcap_repeat_instance", "2")),
        (["P1", "corse", "1", "", ""], (2, "redcap_repeat_instrument", "corse")),
        (["P1", "", "", "", "yes"], (2, "course_reirradiation", "yes")),
        (["P1", "course", "1", "male", ""], (2, "patient_sex", "male")),
    ],
)
def test_rows_that_contradict_their_kind(
    csv: Path, row: Sequence[str], fault: tuple[int, str, str]
) -> None:
    found = read(csv, [[*FLAT, "patient_sex", "course_reirradiation"], row])

    assert cells(found) == [fault]
    assert found.faults[0].patient == "P1"


def test_a_semicolon_file_has_decimal_commas(csv: Path) -> None:
    header = ";".join([*FLAT, "lesion_dose_gy", "lesion_site"])
    csv.write_text(f"{header}\nP1;lesion;1;37,5;other\nP1;lesion;2;1,5,0;other\n\n")

    found = read_entries(csv, no_patient_id)

    assert [entry.texts["dose_gy"] for entry in found.entries] == ["37.5", "1,5,0"]
    assert len(found.notes) == 2
    assert [entry.row for entry in found.entries] == [2, 3]


@pytest.mark.parametrize(
    ("volume", "comma", "n_faults"),
    [
        ("1.294", "13,4", 1),
        ("13.4", "1,5,0", 1),
        ("1.294,5", "", 1),
        ("1294", "13,4", 0),
        ("1.294", "13", 0),
        ("1.294", "13.4", 0),
    ],
)
def test_a_point_beside_decimal_commas_may_part_thousands(
    csv: Path, volume: str, comma: str, n_faults: int
) -> None:
    """What a German spreadsheet shows as 1.294 is 1294."""
    header = ";".join([*FLAT, "lesion_ptv_cc", "lesion_gtv_cc", "lesion_site"])
    csv.write_text(
        f"{header}\nP1;lesion;1;{volume};;other\nP2;lesion;1;;{comma};other\n"
    )

    found = read_entries(csv, no_patient_id)

    assert cells(found) == [(2, "lesion_ptv_cc", volume)] * n_faults
    assert [one.patient for one in found.faults] == ["P1"] * n_faults


def test_a_point_in_a_whole_number_may_part_thousands(csv: Path) -> None:
    header = ";".join([*FLAT, "lesion_n_fractions", "lesion_gtv_cc"])
    csv.write_text(f"{header}\nP1;lesion;1;1.000;13,4\n")

    assert cells(read_entries(csv, no_patient_id)) == [
        (2, "lesion_n_fractions", "1.000")
    ]


@pytest.mark.parametrize("text", ["1.294.000", "12.345.678"])
def test_points_between_thousands_are_never_a_number(csv: Path, text: str) -> None:
    header = ";".join([*FLAT, "lesion_ptv_cc"])
    csv.write_text(f"{header}\nP1;lesion;1;{text}\n")

    (entry,) = read_entries(csv, no_patient_id).entries

    (field,) = [one for one in fields_of(KINDS["lesion"]) if one.name == "ptv_cc"]
    assert isinstance(value_of(field, entry.texts["ptv_cc"]), NotAllowed)


def test_commas_in_texts_do_not_make_points_a_fault(csv: Path) -> None:
    header = ";".join([*FLAT, "organ_dose_organ", "organ_dose_volume_cc"])
    csv.write_text(f"{header}\nP1;organ_dose;1;Liver, left;1.5\n")

    assert cells(read_entries(csv, no_patient_id)) == []


def test_redcap_codes_and_the_choices_themselves_are_both_read(csv: Path) -> None:
    header = [*FLAT, "overlap_resbrt_type"]

    found = read(
        csv, [header, ["P1", "overlap", 1, "1B_star"], ["P1", "overlap", 2, "1B*"]]
    )

    assert {entry.texts["resbrt_type"] for entry in found.entries} == {"1B*"}


def test_sheets_that_explain_or_are_empty_hold_no_records(xlsx: Path) -> None:
    sheets: dict[str, Rows] = {
        "fields": [["sheet"], ["x"]],
        "visit": [["record_id", "number", "visit_date"]],
        "Sheet1": [[]],
        "patients": [["record_id"], ["P1"]],
        "patient": [["record_id"], ["P1"]],
    }

    found = read(xlsx, sheets)

    assert [(one.kind, one.sheet, one.row) for one in found.entries] == [
        ("patient", "patient", 2)
    ]
    (fault,) = found.faults
    assert (fault.sheet, fault.allowed[:17]) == ("patients", "patient, perhaps;")


def test_a_sheet_may_hold_the_table_of_all_kinds(xlsx: Path) -> None:
    rows: Rows = [[*FLAT, "visit_ecog"], ["P1", "visit", 3, 1]]

    found = read(xlsx, {"export": rows})

    assert [(one.kind, one.number, one.texts) for one in found.entries] == [
        ("visit", 3, {"ecog": "1"})
    ]


@pytest.mark.parametrize("name", ["records.ods", "records"])
def test_another_kind_of_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"\.csv and \.xlsx"):
        read_entries(tmp_path / name, no_patient_id)


def test_a_file_without_records_is_refused(csv: Path) -> None:
    with pytest.raises(InputError, match="no record"):
        read(csv, [flat_header(), ["", ""]])


def test_what_stands_beside_the_header_is_told(csv: Path) -> None:
    csv.write_text(
        "record_id,patient_sex,,patient_birth_date\n"
        "P1,male,lost,1950-01-01\n"
        "P2,male,,1950-01-01,shifted\n"
        "P3,male,,1950-01-01,,\n"
    )

    found = read_entries(csv, no_patient_id)

    assert cells(found) == [(2, "", "lost"), (3, "", "shifted")]
    assert "column C" in found.faults[0].problem
    assert "column E" in found.faults[1].problem
    assert [one.patient for one in found.faults] == ["P1", "P2"]


@pytest.mark.parametrize("character", ["\u200b", "\u00ad", "\u00a0x", "\ufeff"])
def test_characters_of_a_patient_id_that_cannot_be_seen(
    csv: Path, character: str
) -> None:
    text = f"record_id,patient_sex\n4711{character},male\n"
    csv.write_text(text.replace("record_id", "patient_id"), encoding="utf-8")

    found = read_entries(csv, no_patient_id)

    assert cells(found) == [(2, "patient_id", "")]
    assert "cannot be seen" in found.faults[0].problem


def test_events_of_redcap_are_told(csv: Path) -> None:
    found = read(csv, [["record_id", "redcap_event_name"], ["P1", "baseline_arm_1"]])

    (fault,) = found.faults
    assert (fault.row, fault.column) == (1, "redcap_event_name")
    assert "not longitudinal" in fault.allowed


def test_an_export_with_labels_is_told(csv: Path) -> None:
    found = read(csv, [["Record ID", "Sex"], ["P1", "Male"]])

    missing = [one for one in found.faults if one.column == "record_id"]
    assert [one.allowed for one in missing] == [
        "a column record_id; from REDCap, export raw data, no labels"
    ]


def test_sheets_that_tell_patients_in_two_ways(xlsx: Path) -> None:
    write_sheets(
        xlsx,
        {
            "patient": [["patient_id", "patient_sex"], ["4711", "male"]],
            "visit": [["record_id", "number", "visit_date"], ["P1", 1, "2024-01-01"]],
        },
    )

    found = read_entries(xlsx, lambda _: "P1")

    assert found.notes[0].startswith(
        "Sheets tell patients in two ways: visit by record_id; patient by patient_id."
    )
    assert "4711" not in repr(found)


def test_a_patient_id_that_is_a_number_is_refused(xlsx: Path) -> None:
    rows: Rows = [["patient_id", "patient_sex"], *[(4711, "male")] * 8]
    write_sheets(xlsx, {"patient": rows})

    with pytest.raises(
        InputError, match=r"column patient_id: no text in rows 2, 3, 4, 5, 6 and 3 more"
    ) as refused:
        read_entries(xlsx, no_patient_id)

    assert "4711" not in str(refused.value)

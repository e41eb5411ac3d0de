from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from reirrad.core.cohort.clinical_records import Patient
from reirrad.core.cohort.clinical_rules import ClinicalRules
from reirrad.core.cohort.records import KINDS, Cohort
from reirrad.errors import InputError, OutputError, StoreError
from reirrad.interchange.spreadsheets import (
    Cell,
    Rows,
    read_csv,
    write_csv,
    write_sheets,
)
from reirrad.knowledge.clinical_rules import load_clinical_rules
from reirrad.phantoms.example_cohort import large_cohort
from reirrad.store.database import Store
from reirrad.store.registry import history, put_records, read_cohort
from reirrad.workflows.cohort_export import (
    COHORT_FILES,
    TEMPLATE_FILES,
    export_registry,
    write_cohort_files,
    write_templates,
)
from reirrad.workflows.cohort_import import (
    Changes,
    ImportChoices,
    ImportResult,
    check_faults_file,
    import_records,
    write_faults,
)
from reirrad.workflows.cohort_keeping import remove_patient
from reirrad.workflows.pseudonym_key import new_key, write_key

TODAY = date(2026, 1, 1)
FLAT: list[Cell] = ["record_id", "redcap_repeat_instrument", "redcap_repeat_instance"]
COURSE: list[Cell] = [
    *FLAT,
    "course_start_date",
    "course_reirradiation",
    "course_intent",
]
TOXICITY = ("toxicity_date", "toxicity_term", "toxicity_grade")
MISSPELLED: list[Cell] = ["P1", "course", 1, "2021-02-01", "no", "Ablative"]
PLAIN = ImportChoices(own_pseudonyms=True)
SKIP = replace(PLAIN, skip_wrong=True)
DRY, UPDATE = replace(PLAIN, dry_run=True), replace(PLAIN, update=True)
P1: list[Cell] = ["P1", None, None]
P2: list[Cell] = ["P2", None, None]


class Desk:
    """A clinic's folder with a registry, a key and a table to import."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "registry.sqlite"
        self.url = f"sqlite:///{self.database}"
        self.key = folder / "cohort.key"
        self.csv = folder / "records.csv"

    def bring(self, rows: Rows, choices: ImportChoices = PLAIN) -> ImportResult:
        write_csv(self.csv, rows)
        return self.bring_file(self.csv, choices)

    def bring_file(self, file: Path, choices: ImportChoices = PLAIN) -> ImportResult:
        return import_records(
            file, self.url, choices, key_file=self.key, who="tester", today=TODAY
        )

    def kept(self) -> Cohort:
        with closing(Store.open(self.url)) as store:
            return read_cohort(store)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def course(patient: str, start: str, *, number: int = 1) -> list[Cell]:
    return [patient, "course", number, start, "no", None]


def cells(result: ImportResult) -> list[tuple[int, str]]:
    return [(fault.row, fault.column) for fault in result.faults]


def test_a_cohort_comes_back_from_both_its_files_and_is_written_the_same(
    desk: Desk,
) -> None:
    cohort = large_cohort(3)
    write_cohort_files(cohort, desk.folder)

    first = desk.bring_file(desk.folder / "cohort.csv")
    again = desk.bring_file(desk.folder / "cohort.xlsx")
    export_registry(desk.url, desk.folder / "out")

    assert desk.kept() == cohort
    assert (first.faults, again.faults) == ((), ())
    assert first.changes["course"] == Changes(len(cohort.course), 0, 0)
    assert {kind for kind, done in again.changes.items() if done.added} == set()
    for name in COHORT_FILES:
        made, kept = desk.folder / name, desk.folder / "out" / name
        assert made.read_bytes() == kept.read_bytes()


def test_every_change_is_signed(desk: Desk) -> None:
    desk.bring([COURSE, P1, course("P1", "2021-02-01")])

    with closing(Store.open(desk.url)) as store:
        kept = history(store)
    assert {(change.who, change.reason) for change in kept} == {
        ("tester", "import of 2 records")
    }


def test_an_empty_registry_is_not_exported(desk: Desk) -> None:
    Store.open(desk.url).close()

    with pytest.raises(InputError, match="no patient"):
        export_registry(desk.url, desk.folder / "out")

    assert not (desk.folder / "out").exists()


def test_one_error_keeps_everything_out(desk: Desk) -> None:
    rows = [COURSE, P1, course("P1", "2021-02-30"), P2, course("P2", "2021-02-01")]

    result = desk.bring(rows)

    assert result.refused
    assert cells(result) == [(3, "course_start_date")]
    assert desk.kept() == Cohort()


def test_patients_without_an_error_are_taken_whole(desk: Desk) -> None:
    rows = [
        COURSE,
        P1,
        course("P1", "2021-02-30"),
        course("P1", "2022-02-01", number=2),
        P2,
        course("P2", "2021-02-01"),
    ]

    result = desk.bring(rows, SKIP)

    assert not result.refused
    assert (result.left_out, result.n_patients) == ((("", 2),), 2)
    assert [(one.patient, one.number) for one in desk.kept().course] == [("P2", 1)]


@pytest.mark.parametrize(
    "rows",
    [
        [[*COURSE, "course_note"], P1, course("P1", "2021-02-01")],
        [COURSE, P1, course("", "2021-02-01")],
    ],
)
def test_an_error_of_no_patient_cannot_be_skipped(desk: Desk, rows: Rows) -> None:
    result = desk.bring(rows, SKIP)

    assert result.refused
    assert desk.kept() == Cohort()


def test_a_dry_run_says_what_would_change_and_changes_nothing(desk: Desk) -> None:
    result = desk.bring([COURSE, P1, course("P1", "2021-02-01")], DRY)

    assert result.changes == {
        "patient": Changes(1, 0, 0),
        "course": Changes(1, 0, 0),
    }
    assert not desk.database.exists()


def test_other_values_than_those_kept_need_the_option(desk: Desk) -> None:
    desk.bring([COURSE, P1, course("P1", "2021-02-01")])
    rows = [COURSE, P1, course("P1", "2021-02-02")]

    refused = desk.bring(rows)
    before = desk.kept().course[0].start_date
    updated = desk.bring(rows, UPDATE)

    assert refused.refused
    assert cells(refused) == [(3, "course_start_date")]
    assert refused.faults[0].problem == "the registry has 2021-02-01"
    assert (before, desk.kept().course[0].start_date) == (
        date(2021, 2, 1),
        date(2021, 2, 2),
    )
    assert updated.changes["course"] == Changes(0, 1, 0)


def test_an_update_keeps_what_the_file_has_no_column_for(desk: Desk) -> None:
    desk.bring(
        [COURSE, P1, ["P1", "course", 1, "2021-02-01", "no", "ablative"]],
    )

    desk.bring(
        [[*FLAT, "course_start_date"], ["P1", "course", 1, "2021-02-02"]], UPDATE
    )
    (kept,) = desk.kept().course
    desk.bring([[*FLAT, "course_intent"], ["P1", "course", 1, None]], UPDATE)
    (emptied,) = desk.kept().course

    assert (kept.start_date, kept.intent) == (date(2021, 2, 2), "ablative")
    assert (emptied.start_date, emptied.intent) == (date(2021, 2, 2), None)


def test_records_of_a_patient_in_the_registry_are_added(desk: Desk) -> None:
    desk.bring([COURSE, P1, course("P1", "2021-02-01")])

    result = desk.bring(
        [[*FLAT, "visit_date", "visit_ecog"], ["P1", "visit", 1, "2021-03-01", 1]]
    )

    assert result.faults == ()
    assert len(desk.kept().visit) == 1


def test_the_file_is_checked_against_the_registry(desk: Desk) -> None:
    desk.bring([COURSE, P1, course("P1", "2021-02-01")])

    result = desk.bring(
        [
            [
                *FLAT,
                "lesion_course",
                "toxicity_date",
                "toxicity_term",
                "toxicity_grade",
            ],
            ["P1", "lesion", 1, 2, None, None, None],
            ["P1", "toxicity", 1, None, "2026-01-02", "nausea", 4],
        ]
    )

    assert cells(result) == [
        (2, "lesion_course"),
        (3, "toxicity_date"),
        (3, "toxicity_grade"),
    ]


def test_a_fault_of_the_registry_alone_is_a_warning(desk: Desk) -> None:
    rows: Rows = [[*FLAT, "followup_death_cause"], ["P1", None, None, "cancer"]]
    desk.bring(rows)

    result = desk.bring([[*FLAT, "patient_sex"], ["P1", None, None, "male"]], UPDATE)

    assert [(one.severity, one.row, one.column) for one in result.faults] == [
        ("warning", 0, "followup_death_cause")
    ]
    assert "(followup 1 of patient P1 in the registry)" in result.faults[0].problem


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([P1, P1], (3, "")),
        ([P1, course("P1", "2021-02-01"), course("P1", "2021-02-02")], (4, "")),
        ([course("P1", "2021-02-01")], (2, "")),
        ([P1, ["P1", "course", 1, None, "no", None]], (3, "course_start_date")),
        (
            [P1, MISSPELLED],
            (3, "course_intent"),
        ),
        ([P1, course("P1", "2026-01-02")], (3, "course_start_date")),
    ],
)
def test_what_is_wrong_is_told_with_its_cell(
    desk: Desk, rows: Sequence[Sequence[Cell]], place: tuple[int, str]
) -> None:
    result = desk.bring([COURSE, *rows])

    assert cells(result) == [place]
    assert result.refused


def test_a_choice_that_is_nearly_right_is_suggested(desk: Desk) -> None:
    result = desk.bring([COURSE, P1, MISSPELLED])

    assert result.faults[0].allowed == (
        "ablative, perhaps; one of ablative, palliative, or nothing"
    )


def test_a_required_column_that_is_missing_is_told(desk: Desk) -> None:
    result = desk.bring(
        [[*FLAT, "course_start_date"], P1, ["P1", "course", 1, "2021-02-01"]]
    )

    assert cells(result) == [(3, "course_reirradiation")]
    assert result.faults[0].problem == "the column is missing"


def test_patient_ids_become_pseudonyms_that_stay_the_same(desk: Desk) -> None:
    header = ["patient_id", *COURSE[1:]]

    desk.bring([header, ["0123", None, None], course("0123", "2021-02-01")])
    again = desk.bring([header, ["0123", None, None], course("0123", "2021-02-01")])

    (patient,) = desk.kept().patient
    assert patient.patient.startswith("P")
    assert "0123" not in patient.patient
    assert again.changes["course"] == Changes(0, 0, 1)
    assert b"0123" not in desk.database.read_bytes()
    assert desk.key.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("choices", [DRY, PLAIN])
def test_a_key_is_made_only_where_something_is_kept(
    desk: Desk, choices: ImportChoices
) -> None:
    header = ["patient_id", *COURSE[1:]]
    wrong = course("0123", "2021-02-30" if choices != DRY else "2021-02-01")

    desk.bring([header, ["0123", None, None], wrong], choices)

    assert not desk.key.exists()


def test_the_filled_in_template_is_read(desk: Desk) -> None:
    write_templates(desk.folder)
    header = read_csv(desk.folder / "template.csv").rows[0]

    result = desk.bring([header, ["P1"]])

    assert not result.refused
    assert {path.name for path in desk.folder.iterdir()} >= set(TEMPLATE_FILES)


def test_templates_are_the_same_to_the_byte(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_templates(tmp_path / name)

    for name in TEMPLATE_FILES:
        one, two = (
            (tmp_path / folder / name).read_bytes() for folder in ("one", "two")
        )
        assert one == two


def test_all_faults_go_to_a_table(desk: Desk) -> None:
    result = desk.bring([COURSE, P1, course("P1", "=cmd()")])
    table = desk.folder / "errors.csv"

    write_faults(result.faults, table)

    assert read_csv(table).rows[1][:6] == (
        "error",
        "",
        "3",
        "P1",
        "course_start_date",
        "=cmd()",
    )
    with pytest.raises(OutputError, match="--errors"):
        write_faults(result.faults, desk.folder / "missing" / "errors.csv")


def test_every_kind_of_record_has_a_sheet_of_its_own(desk: Desk) -> None:
    file = desk.folder / "one.xlsx"
    sheets: dict[str, Rows] = {
        "patient": [["record_id"], ["P1"]],
        **{
            kind: [["record_id", "number"], ["P1", 1]]
            for kind in KINDS
            if kind not in {"patient", "followup"}
        },
    }
    write_sheets(file, sheets)

    result = desk.bring_file(file)

    wanting = {fault.sheet for fault in result.faults}
    assert wanting == set(sheets) - {"patient"}


FOLLOW_UP: list[Cell] = [*FLAT, "patient_sex", "followup_death_date"]
STRICT = ImportChoices()


def test_what_the_file_makes_wrong_in_the_registry_is_an_error(desk: Desk) -> None:
    desk.bring([COURSE, P1, course("P1", "2021-02-01")])

    result = desk.bring([[*FLAT, "followup_death_date"], [*P1, "2020-06-01"]])

    assert result.refused
    assert ("error", "P1") in {(one.severity, one.patient) for one in result.faults}
    assert desk.kept().followup == ()


def test_the_last_contact_is_emptied_by_empty_cells(desk: Desk) -> None:
    desk.bring([FOLLOW_UP, [*P1, "male", "2020-01-01"]])
    emptied: Rows = [FOLLOW_UP, [*P1, "male", None]]

    refused = desk.bring(emptied)
    before = desk.kept().followup[0].death_date
    updated = desk.bring(emptied, UPDATE)

    assert refused.refused
    assert cells(refused) == [(2, "followup_death_date")]
    assert before == date(2020, 1, 1)
    assert updated.changes["followup"] == Changes(0, 1, 0)
    assert desk.kept().followup[0].death_date is None


def test_empty_cells_make_no_last_contact(desk: Desk) -> None:
    desk.bring([FOLLOW_UP, [*P1, "male", None]])

    assert desk.kept().followup == ()


def test_what_may_be_a_hospital_number_is_not_taken_for_a_pseudonym(
    desk: Desk,
) -> None:
    rows: Rows = [COURSE, ["12345678"], course("12345678", "2021-02-30")]

    result = desk.bring(rows, STRICT)

    assert result.refused
    assert cells(result) == [(2, "record_id"), (3, "course_start_date")]
    assert "hospital number" in result.faults[0].problem
    assert "--own-pseudonyms" in result.faults[0].allowed
    assert "12345678" not in repr(result.faults)


@pytest.mark.parametrize("patient", ["P1", "PABCDEFGH2345"])
def test_pseudonyms_that_are_known_or_made_by_a_key_are_taken(
    desk: Desk, patient: str
) -> None:
    desk.bring([COURSE, P1])

    result = desk.bring([COURSE, [patient], course(patient, "2021-02-01")], STRICT)

    assert result.faults == ()
    assert [one.patient for one in desk.kept().course] == [patient]


def test_who_withdrew_does_not_come_back_unawares(desk: Desk) -> None:
    desk.bring([COURSE, P1, P2])
    remove_patient(desk.url, "P1", who="paul", reason="withdrawn")
    remove_patient(desk.url, "P2", who="paul", reason="mistake")

    refused = desk.bring([COURSE, P1])
    others = desk.bring([COURSE, P2])
    again = desk.bring([COURSE, P1], replace(PLAIN, readmit=True))

    assert refused.refused
    assert "patient P1 was removed" in refused.faults[0].problem
    assert "--readmit" in refused.faults[0].allowed
    assert others.faults == again.faults == ()
    assert [one.patient for one in desk.kept().patient] == ["P1", "P2"]


ID: list[Cell] = ["patient_id", "patient_sex"]


def test_another_key_is_refused(desk: Desk) -> None:
    desk.bring([ID, ["4711", "male"]])
    write_key(desk.folder / "other.key", new_key())
    desk.key = desk.folder / "other.key"

    for choices in (PLAIN, DRY):
        with pytest.raises(InputError, match="not the key that the pseudonyms"):
            desk.bring([ID, ["4711", "male"]], choices)

    assert len(desk.kept().patient) == 1


def test_no_new_key_is_made_beside_pseudonyms_of_a_lost_one(desk: Desk) -> None:
    desk.bring([ID, ["4711", "male"]])
    desk.key.unlink()

    with pytest.raises(InputError, match="Bring the key back"):
        desk.bring([ID, ["4711", "male"]])

    assert not desk.key.exists()


def test_pseudonyms_that_came_without_their_key_take_no_new_one(desk: Desk) -> None:
    desk.bring([COURSE, ["PABCDEFGH2345"]])

    with pytest.raises(InputError, match="there is no key"):
        desk.bring([ID, ["4711", "male"]])

    write_key(desk.key, new_key())
    assert desk.bring([ID, ["4711", "male"]]).faults == ()


def test_what_changed_while_a_file_was_checked_is_not_overwritten(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.bring([COURSE, P1, course("P1", "2021-02-01")])

    def checked_slowly() -> ClinicalRules:
        with closing(Store.open(desk.url)) as store:
            put_records(
                store, [Patient(patient="P1", sex="male")], who="eve", reason="."
            )
        return load_clinical_rules()

    monkeypatch.setattr(
        "reirrad.workflows.cohort_import.load_clinical_rules", checked_slowly
    )
    with pytest.raises(StoreError, match="P1 was changed meanwhile by eve"):
        desk.bring([COURSE, P1, course("P1", "2021-02-02")], UPDATE)

    assert desk.kept().course[0].start_date == date(2021, 2, 1)


def test_a_file_without_one_right_patient_is_refused(desk: Desk) -> None:
    result = desk.bring([COURSE, P1, course("P1", "2021-02-30")], SKIP)

    assert result.refused
    assert not result.may_skip
    assert desk.kept() == Cohort()


def test_the_grades_of_the_term_are_told(desk: Desk) -> None:
    rows: Rows = [
        [*FLAT, *TOXICITY],
        P1,
        ["P1", "toxicity", 1, "2021-02-01", "fatigue", 6],
        ["P1", "toxicity", 2, "2021-02-01", "tiredness", 6],
    ]

    faults = {(one.row, one.column): one.allowed for one in desk.bring(rows).faults}

    assert faults[3, "toxicity_grade"] == "a whole number from 1 to 3"
    assert faults[4, "toxicity_grade"] == "a whole number from 1 to 5"


@pytest.mark.parametrize("name", ["nowhere/errors.csv", "records.csv", "."])
def test_errors_that_cannot_be_written_are_told_first(desk: Desk, name: str) -> None:
    desk.csv.write_text("patient_id\n")

    with pytest.raises(OutputError, match="--errors"):
        check_faults_file(desk.folder / name, desk.csv)

    assert desk.csv.read_text() == "patient_id\n"


def test_a_table_of_errors_is_not_made_before_there_are_any(desk: Desk) -> None:
    check_faults_file(desk.folder / "errors.csv", desk.csv)

    assert list(desk.folder.iterdir()) == []


def test_exports_are_for_their_owner_alone(desk: Desk) -> None:
    desk.bring([COURSE, P1])

    export_registry(desk.url, desk.folder / "out")

    modes = {file.stat().st_mode & 0o777 for file in (desk.folder / "out").iterdir()}
    assert modes == {0o600}

from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from reirrad.core.cohort.records import KINDS, Cohort
from reirrad.errors import InputError, OutputError
from reirrad.interchange.spreadsheets import (
    Cell,
    Rows,
    read_csv,
    write_csv,
    write_sheets,
)
from reirrad.phantoms.example_cohort import large_cohort
from reirrad.store.database import Store
from reirrad.store.registry import history, read_cohort
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
    import_records,
    write_faults,
)

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
PLAIN, SKIP = ImportChoices(), ImportChoices(skip_wrong=True)
DRY, UPDATE = ImportChoices(dry_run=True), ImportChoices(update=True)
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
    assert "followup 1 in the registry" in result.faults[0].problem


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

    assert read_csv(table).rows[1][:5] == (
        "error",
        "",
        "3",
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

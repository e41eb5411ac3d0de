"""``reirrad inspect`` shows what is there, whatever is wrong with it."""

import io
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import get_args

import pytest
from rich.console import Console
from typer.testing import CliRunner

from reirrad.cli.inspecting import inspection_document, print_inspection
from reirrad.cli.main import app
from reirrad.core.links import Link
from reirrad.dicom.write_course import write_course
from reirrad.workflows.gather import Survey, survey
from reirrad.workflows.settings import load_settings
from tests.workflows.exports import PATIENT, course, write_patient


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    one = course(1, target_x=-20, frame="1.2.3")
    two = course(2, target_x=20, frame="1.2.3")
    write_patient(folder, one, two)
    (folder / "notes.txt").write_text("not DICOM", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def found(export: Path) -> Survey:
    return survey([export], load_settings(None))


def shown(found: Survey) -> str:
    page = io.StringIO()
    print_inspection(found, Console(file=page, width=300))
    return page.getvalue()


def test_the_tree_goes_from_patient_to_image(found: Survey) -> None:
    text = shown(found)
    places = [
        text.index(word)
        for word in (
            f"Patient {PATIENT.id}: ",
            "course 1, ",
            "RTPLAN PLAN1, dated by RT Plan Date (300A,0006)  by date",
            "RTDOSE PLAN  by reference",
            "RTSTRUCT  by reference",
            "MR, 37 slice(s)  by reference",
            "course 2, ",
        )
    ]

    assert places == sorted(places)


def test_paths_are_told_from_the_common_folder_on(found: Survey, export: Path) -> None:
    text = shown(found)

    assert text.startswith(f"Paths are below {export.as_posix()}\n")
    assert text.count(export.as_posix()) == 1
    assert "  course1/RP.dcm" in text


def test_several_patients_are_several_trees(export: Path, tmp_path: Path) -> None:
    other = replace(PATIENT, id="P2")
    write_course(course(1, target_x=-20), tmp_path / "other", patient=other)
    found = survey([export, tmp_path], load_settings(None))
    text = shown(found)

    assert [(one.id, len(one.courses)) for one in found.trees] == [("P1", 2), ("P2", 1)]
    assert text.index("Patient P1: ") < text.index("Patient P2: ")
    assert found.patient is None
    assert found.courses == ()
    assert "two different Patient IDs" in found.problems[0]
    assert "header read only: several patients have courses here" in text


def test_prescription_and_structures_are_told(found: Survey) -> None:
    text = shown(found)

    assert "Course 1: 50 Gy in 5 fractions" in text
    assert "Liver" in text


def test_every_file_that_is_left_out_has_its_reason(found: Survey) -> None:
    text = shown(found)

    assert "notes.txt" in text
    assert "not a DICOM file" in text
    assert "1 ignored, 0 refused" in text


def test_files_of_one_folder_and_reason_share_a_row(found: Survey) -> None:
    (ignored,) = [item for item in found.inputs if item.status == "ignored"]
    many = [replace(ignored, path=f"/export/note{n}.txt") for n in range(3)]

    assert "note0.txt and 2 more there: not a DICOM file" in shown(
        replace(found, inputs=tuple(many))
    )


def test_the_patient_name_is_never_shown(found: Survey) -> None:
    assert PATIENT.name not in shown(found)
    assert PATIENT.name not in json.dumps(inspection_document(found))


def test_names_from_files_bring_no_markup_and_no_control(found: Survey) -> None:
    first = found.courses[0]
    hostile = replace(first.structures[0], name="[red]\x1b[2J\nx", standard_name=None)
    text = shown(replace(found, courses=(replace(first, structures=(hostile,)),)))

    assert "[red] [2J x" in text
    assert "\x1b" not in text


def test_json_is_machine_readable_and_alone_on_stdout(export: Path) -> None:
    result = CliRunner().invoke(app, ["inspect", str(export), "--json"])
    document = json.loads(result.stdout)

    assert result.exit_code == 0
    (patient,) = document["patients"]
    assert (patient["id"], len(patient["courses"])) == (PATIENT.id, 2)
    assert [one["number"] for one in document["courses"]] == [1, 2]
    assert document["courses"][0]["prescription"]["dose_gy"] == 50.0
    assert document["problems"] == []
    assert {item["status"] for item in document["inputs"]} == {"used", "ignored"}


def test_a_folder_without_dicom_is_refused_with_a_sentence(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["inspect", str(tmp_path)])

    assert result.exit_code == 2
    assert "DICOM" in result.stderr
    assert "Traceback" not in result.output


def test_problems_are_on_stderr_and_in_the_json(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["inspect", str(tmp_path), "--json"])

    assert result.exit_code == 2
    problems = json.loads(result.stdout)["problems"]
    assert problems
    for problem in problems:
        assert problem in result.stderr


def test_bad_settings_are_refused_before_reading(export: Path, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("colour = 1", encoding="utf-8")
    result = CliRunner().invoke(
        app, ["inspect", str(export), "--settings", str(settings)]
    )

    assert result.exit_code == 2
    assert result.stderr.startswith("settings.toml: colour: unknown key")
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("name", "code"), [("breast_one_course", 0), ("rtdose_oddities", 2)]
)
def test_real_exports_are_shown(shared: Path, name: str, code: int) -> None:
    result = CliRunner().invoke(app, ["inspect", str(shared / "data" / name)])

    assert result.exit_code == code
    assert "course 1, " in result.stdout
    assert "Traceback" not in result.output


def test_the_manual_lists_every_key_and_link(found: Survey) -> None:
    page = Path(__file__).parents[2].joinpath("docs/reference/inspect-json.md")
    text = page.read_text(encoding="utf-8")
    document = inspection_document(found)

    for word in (*document, *get_args(Link), *asdict(found.inputs[0])):
        assert f"`{word}`" in text

"""The README's question, asked of made-up patients; the commands of the manual."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup
from typer.testing import CliRunner, Result

from reirrad.cli.main import app
from reirrad.store.database import Store
from reirrad.store.registry import history, read_cohort
from reirrad.workflows.cohort_demo import demo_cohort

PROJECT = Path(__file__).parents[2]
OWN_DATA = {"RESULT", "EXPORTS", "patients.xlsx"}
MADE = {"demo", "report"}
BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)


def section(page: str, heading: str) -> str:
    text = (PROJECT / page).read_text(encoding="utf-8")
    return text.partition(f"\n{heading}\n")[2].partition("\n## ")[0]


def commands(text: str) -> Iterator[list[str]]:
    for _, block in BLOCK.findall(text):
        for line in block.splitlines():
            if line.startswith("reirrad "):
                yield shlex.split(line)[1:]


def words(line: str) -> list[str]:
    """Those of a line; how wide its columns are is no matter of the README."""
    return line.split()


@pytest.fixture(scope="module")
def done(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Path, list[Result]]]:
    """The README's commands, run one after another in an empty folder."""
    folder = tmp_path_factory.mktemp("readme")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("COLUMNS", "100")
        runner = CliRunner()
        calls = list(commands(section("README.md", "## The cohort")))
        yield folder, [runner.invoke(app, call) for call in calls]


@pytest.mark.slow
def test_the_question_at_12_months_is_answered_as_the_readme_shows(
    done: tuple[Path, list[Result]],
) -> None:
    _, (made, asked) = done
    (shown,) = (
        block
        for kind, block in BLOCK.findall(section("README.md", "## The cohort"))
        if kind == "text"
    )

    assert made.exit_code == asked.exit_code == 0
    said = iter(asked.stdout.splitlines())
    for line in shown.splitlines():
        if line in {"", "..."}:
            continue
        assert any(words(line) == words(other) for other in said), line


@pytest.mark.slow
def test_the_demo_says_where_registry_and_report_are(
    done: tuple[Path, list[Result]],
) -> None:
    folder, (made, _) = done
    said = dict(line.split(maxsplit=1) for line in made.stdout.splitlines()[:2])

    assert (folder / said["report"]).is_file()
    assert (folder / said["registry"]).is_file()
    assert sorted(path.name for path in (folder / "cohort-demo").iterdir()) == [
        "cohort.sqlite",
        "report",
    ]


@pytest.mark.slow
def test_the_commands_of_the_manual_work_on_the_demo(
    done: tuple[Path, list[Result]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of the page, but for those that need data of one's own.

    The demo makes a report too; another takes time and tells nothing.
    """
    monkeypatch.chdir(done[0])
    monkeypatch.setenv("REIRRAD_DATABASE", "sqlite:///cohort-demo/cohort.sqlite")
    manual = commands((PROJECT / "docs/cohort.md").read_text(encoding="utf-8"))
    calls = [call for call in manual if not (OWN_DATA | MADE) & set(call)]

    assert len(calls) >= 8
    for call in calls:
        result = CliRunner().invoke(app, call)
        assert result.exit_code == 0, (call, result.output)


@pytest.mark.slow
def test_the_registry_holds_the_patients_that_are_reported(
    done: tuple[Path, list[Result]],
) -> None:
    folder, _ = done

    store = Store.open(f"sqlite:///{folder}/cohort-demo/cohort.sqlite")
    try:
        assert read_cohort(store) == demo_cohort()
        assert {one.who for one in history(store)} == {"reirrad cohort demo"}
    finally:
        store.close()
    page = folder / "cohort-demo" / "report" / "report.html"
    assert "18 patients" in page.read_text(encoding="utf-8")


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    result = CliRunner().invoke(app, ["cohort", "demo", "--out", str(tmp_path)])

    assert result.exit_code == 2
    assert "not empty" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("patients", ["0", "-1", "5001", "many"])
def test_how_many_patients_is_bounded(tmp_path: Path, patients: str) -> None:
    call = ["cohort", "demo", "--out", str(tmp_path / "demo"), "--patients", patients]

    assert CliRunner().invoke(app, call).exit_code == 2
    assert not (tmp_path / "demo").exists()


@pytest.mark.parametrize(
    "call",
    [
        *commands((PROJECT / "docs/cohort.md").read_text(encoding="utf-8")),
        *commands(section("README.md", "## The cohort")),
    ],
    ids=" ".join,
)
def test_commands_of_the_manual_are_understood(call: list[str]) -> None:
    """Every command and option that the pages name exists and takes such values."""
    command = typer.main.get_command(app)
    while isinstance(command, TyperGroup):
        name, *call = call
        found = command.commands.get(name)
        assert found is not None, name
        command = found

    assert command.make_context(command.name, list(call)).params

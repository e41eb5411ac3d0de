"""Every end of a command has its exit code and its words."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import typer

from reirrad.cli.outcome import Exit, explained
from reirrad.errors import DicomError, OutputError, RegistrationError

PATIENT_NAME = "Mustermann^Erika"


def code_after(error: BaseException) -> int:
    with pytest.raises(typer.Exit) as caught, explained():
        raise error
    return caught.value.exit_code


@pytest.fixture
def log_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_exit_codes_are_those_scripts_rely_on() -> None:
    assert [code.value for code in Exit][:4] == [0, 1, 2, 3]


@pytest.mark.parametrize("kind", [DicomError, OutputError, RegistrationError])
def test_a_refusal_prints_one_line_per_problem(
    kind: type[DicomError], capsys: pytest.CaptureFixture[str]
) -> None:
    assert code_after(kind("First fault.", "Second fault.")) == Exit.REFUSED

    printed = capsys.readouterr()
    assert printed.err == "First fault.\nSecond fault.\n"
    assert printed.out == ""


def test_a_problem_cannot_steer_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code_after(DicomError("ROI 'a\x1b[2Jb\nc' is empty."))

    assert capsys.readouterr().err == "ROI 'a [2Jb c' is empty.\n"


def test_a_chosen_exit_code_is_kept() -> None:
    assert code_after(typer.Exit(Exit.WITHHELD)) == Exit.WITHHELD


def test_an_interruption_is_no_defect(
    log_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code_after(KeyboardInterrupt()) == Exit.INTERRUPTED

    assert "no result was written" in capsys.readouterr().err
    assert list(log_folder.iterdir()) == []


def test_a_reader_that_leaves_early_is_no_defect(tmp_path: Path) -> None:
    code = (
        "from reirrad.cli.outcome import explained\n"
        "import typer\n"
        "app = typer.Typer()\n"
        "@app.command()\n"
        "def talk() -> None:\n"
        "    with explained():\n"
        "        for _ in range(100_000): typer.echo('a line')\n"
        "app()\n"
    )
    with subprocess.Popen(  # noqa: S603 - the code is this file's own
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()

    assert process.returncode == Exit.READER_GONE
    assert said == b""
    assert list(tmp_path.iterdir()) == []


def test_a_defect_goes_to_a_log_and_not_to_the_screen(
    log_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code_after(ZeroDivisionError("division by zero")) == Exit.DEFECT

    (log,) = log_folder.iterdir()
    printed = capsys.readouterr()
    assert str(log) in printed.err
    assert "ZeroDivisionError" in printed.err
    assert "Traceback" not in printed.err
    assert "line " not in printed.err
    assert f'File "{__file__}", line ' in log.read_text(encoding="utf-8")
    assert log.stat().st_mode & 0o077 == 0


def test_the_log_holds_no_patient_name(log_folder: Path) -> None:
    def look_up() -> None:
        raise KeyError(PATIENT_NAME)

    def read() -> None:
        try:
            look_up()
        except KeyError as error:
            msg = f"no dose for {PATIENT_NAME}"
            raise ValueError(msg) from error

    with pytest.raises(typer.Exit), explained():
        read()

    (log,) = log_folder.iterdir()
    text = log.read_text(encoding="utf-8")
    assert PATIENT_NAME not in text
    assert "KeyError" in text
    assert "ValueError" in text

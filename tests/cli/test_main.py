"""The command as a user meets it before any work is done."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from reirrad.cli.main import app

COMMANDS = ("inspect", "assess", "demo", "receive", "fetch", "send")
HEAVY = {
    *("numpy", "scipy", "pydicom", "matplotlib", "SimpleITK", "reportlab", "shapely"),
    *("pynetdicom", "dicomweb_client", "requests"),
}


def in_a_process_of_its_own(code: str) -> str:
    return subprocess.run(  # noqa: S603 - the code is this file's own
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout


def test_help_names_every_command() -> None:
    result = CliRunner().invoke(app, ["--help"])

    assert result.exit_code == 0
    for command in COMMANDS:
        assert command in result.stdout


def test_help_imports_nothing_heavy() -> None:
    imported = in_a_process_of_its_own(
        "import sys\n"
        "from reirrad.cli.main import app\n"
        "app(['assess', '--help'], standalone_mode=False)\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    modules = set(imported.splitlines()[-1].split())

    assert "typer" in modules
    assert not HEAVY & modules


def test_the_version_is_that_of_the_package() -> None:
    result = CliRunner().invoke(app, ["--version"])

    assert result.exit_code == 0
    assert result.stdout == "reirrad 0.1.0\n"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        pytest.param(["assess", "folder"], "--out", id="no folder for results"),
        pytest.param(["assess", "--out", "out"], "PATH", id="nothing to assess"),
        pytest.param(["inspect"], "PATH", id="nothing to inspect"),
        pytest.param(["asses", "folder"], "asses", id="misspelt command"),
        pytest.param(
            ["assess", "folder", "--out", "out", "--reference-course", "0"],
            "--reference-course",
            id="course zero",
        ),
        pytest.param(["inspect", "folder", "--jsn"], "--jsn", id="misspelt option"),
    ],
)
def test_a_wrong_call_is_refused(call: list[str], said: str) -> None:
    result = CliRunner().invoke(app, call)

    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""

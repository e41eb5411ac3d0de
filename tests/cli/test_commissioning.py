import io
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from pypdf import PdfReader
from rich.console import Console
from typer.testing import CliRunner

from reirrad.cli import commissioning
from reirrad.cli.commissioning import print_commissioning
from reirrad.cli.main import app
from reirrad.phantoms.checks import Check, CheckGroup, Commissioning
from reirrad.workflows.commission import Examination, commission


def quick(found: float) -> tuple[Examination, ...]:
    """One group with one check, in place of minutes of them."""

    def examine(_: Path) -> Iterator[Check]:
        yield Check("Ov50% in the organ", 10.0, found, 0.01, "cc")

    return (Examination("Overlap of isodoses", "Lenses are known.", examine),)


def run(
    monkeypatch: pytest.MonkeyPatch, *arguments: str | Path, found: float = 10.0
) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a run with one quick group."""
    monkeypatch.setattr(
        commissioning, "commission", partial(commission, examinations=quick(found))
    )
    result = CliRunner().invoke(app, ["commission", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_all_that_holds_exits_with_zero_and_leaves_the_record(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out = tmp_path / "record"
    code, stdout, _ = run(monkeypatch, "--out", out)
    assert code == 0
    assert "PASS: All 1 checks against known answers hold." in stdout
    assert f"Record: {out / 'commissioning.pdf'}" in stdout
    names = {path.name for path in out.iterdir()}
    assert names == {"commissioning.pdf", "commissioning.json"}


def test_a_failure_exits_with_four_and_names_the_check(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out = tmp_path / "record"
    code, stdout, stderr = run(monkeypatch, "--out", out, found=10.5)
    assert code == 4
    assert "FAIL: 1 of 1 checks do not hold." in stdout
    assert (
        "Overlap of isodoses: Ov50% in the organ: expected 10.000, found 10.500 "
        "(± 0.010 cc)" in stderr
    )
    record = json.loads((out / "commissioning.json").read_text(encoding="utf-8"))
    assert record["verdict"] == "FAIL"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["export"], "without --tps-dvh"),
        (["--tps-dvh", "tps.csv"], "needs the DICOM export"),
        (["nowhere", "--tps-dvh", "tps.csv"], "no such file or folder"),
    ],
)
def test_an_incomplete_comparison_is_refused_before_any_work(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], words: str
) -> None:
    out = tmp_path / "record"
    code, _, stderr = run(monkeypatch, *arguments, "--out", out)
    assert code == 2
    assert words in stderr
    assert not out.exists()


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_fits_the_terminal(width: int) -> None:
    checks = (
        Check("Liver, alpha/beta 4 Gy: EQD2 D0.1cc[Gy], course 1", 198.0, 198.0, 0.001),
        Check("no overlap, same organ", "repeat organ irradiation", "type 1"),
    )
    group = CheckGroup("EQD2", "", checks, 1.0, remarks=("one \x1b[31mremark",))
    result = Commissioning("2025-06-01T12:00:00", (), (group,))
    text = io.StringIO()
    print_commissioning(result, Console(file=text, width=width, highlight=False))
    lines = text.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert "\x1b" not in text.getvalue()
    assert any("FAILS" in line for line in lines)
    assert any("± 0.0010" in line for line in lines)


@pytest.mark.slow
def test_this_installation_is_accepted(tmp_path: Path) -> None:
    out = tmp_path / "record"
    result = CliRunner().invoke(app, ["commission", "--out", str(out)])
    assert result.exit_code == 0, result.stderr
    record = json.loads((out / "commissioning.json").read_text(encoding="utf-8"))
    assert record["verdict"] == "PASS"
    assert len(record["groups"]) == 9
    first = PdfReader(out / "commissioning.pdf").pages[0].extract_text()
    assert "PASS" in first

"""A waiting user sees the current step."""

import pytest

from reirrad.cli.progress import steps_shown


def test_steps_are_plain_lines_on_stderr_off_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with steps_shown() as progress:
        progress("reading course 1")
        progress("registering [MR]")

    printed = capsys.readouterr()
    assert printed.err == "reading course 1 ...\nregistering [MR] ...\n"
    assert printed.out == ""


def test_the_step_turns_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with steps_shown() as progress:
        progress("registering [MR]")

    printed = capsys.readouterr()
    assert "\x1b[" in printed.err
    assert printed.out == ""


def test_a_failure_passes_through() -> None:
    def work() -> None:
        with steps_shown() as progress:
            progress("reading")
            msg = "a defect"
            raise ValueError(msg)

    with pytest.raises(ValueError, match="a defect"):
        work()

"""Names from files cannot steer the terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.cli.terminal_text import finding_line, printable
from reirrad.core.findings import Finding


@given(st.text())
def test_printed_text_keeps_its_length_and_holds_no_control(text: str) -> None:
    shown = printable(text)

    assert len(shown) == len(text)
    assert shown.isprintable()


@pytest.mark.parametrize("name", ["Fegato", "Höhle µ", "肝臓", "a-b_c [1]"])
def test_names_of_any_language_stay_as_they_are(name: str) -> None:
    assert printable(name) == name


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("It is empty.", "warning: Liver: It is empty."),
        ("Liver is empty.", "warning: Liver is empty."),
    ],
)
def test_a_finding_says_once_what_it_is_about(message: str, line: str) -> None:
    assert finding_line(Finding("empty", "warning", "Liver", message)) == line

"""The decision tree: every combination of answers, and every answer missing."""

from dataclasses import replace
from datetime import date
from itertools import product
from typing import get_args

import pytest

from reirrad.core.cohort.oligometastatic import (
    course_state,
    oligometastatic_conflict,
    oligometastatic_state,
)
from reirrad.core.cohort.terms import OligometastaticState
from reirrad.core.cohort.treatment_records import Course

QUESTIONS = (
    "polymetastatic_before",
    "oligometastatic_before",
    "over_6_months_from_diagnosis",
    "active_systemic_therapy",
    "progressive_lesion",
)
YES_OR_NO = (True, False)
ANY = (True, False, None)

# Written out: answers to the five questions, - where it does not matter, and the state.
TREE = """
y - - n -  induced_oligorecurrence
y - - y y  induced_oligoprogression
y - - y n  induced_oligopersistence
n y - n -  repeat_oligorecurrence
n y - y y  repeat_oligoprogression
n y - y n  repeat_oligopersistence
n n n - -  synchronous_oligometastatic
n n y n -  metachronous_oligorecurrence
n n y y -  metachronous_oligoprogression
"""
ROWS = [line.split() for line in TREE.strip().splitlines()]

Answers = tuple[bool | None, ...]


def state(answers: Answers) -> OligometastaticState | None:
    poly, oligo, late, treated, progressive = answers
    return oligometastatic_state(
        polymetastatic_before=poly,
        oligometastatic_before=oligo,
        over_6_months_from_diagnosis=late,
        active_systemic_therapy=treated,
        progressive_lesion=progressive,
    )


def fits(row: list[str], answers: Answers) -> bool:
    return all(
        mark == "-" or answer is (mark == "y")
        for mark, answer in zip(row[:5], answers, strict=True)
    )


@pytest.mark.parametrize("answers", list(product(YES_OR_NO, repeat=5)))
def test_each_of_the_32_combinations_has_the_state_of_the_tree(
    answers: Answers,
) -> None:
    (row,) = [row for row in ROWS if fits(row, answers)]
    assert state(answers) == row[5]


def test_all_nine_states_are_reached() -> None:
    reached = {state(answers) for answers in product(YES_OR_NO, repeat=5)}
    assert reached == set(get_args(OligometastaticState))


@pytest.mark.parametrize("answers", list(product(ANY, repeat=5)))
def test_a_missing_answer_counts_only_where_it_matters(answers: Answers) -> None:
    rows = [row for row in ROWS if fits(row, answers)]
    assert state(answers) == (rows[0][5] if rows else None)


COURSE = Course(
    patient="P1",
    number=2,
    start_date=date(2020, 1, 7),
    reirradiation=True,
    polymetastatic_before=False,
    oligometastatic_before=True,
    active_systemic_therapy=False,
)


def test_a_patient_with_an_earlier_oligometastatic_state_is_not_metachronous() -> None:
    # What the paper reports of 16 patients who had all been treated before.
    course = replace(
        COURSE, oligometastatic_state_reported="metachronous_oligorecurrence"
    )
    assert course_state(course) == "repeat_oligorecurrence"
    conflict = oligometastatic_conflict(course)
    assert "Course 2 of P1" in conflict
    assert "reported as metachronous oligorecurrence" in conflict
    assert "repeat oligorecurrence" in conflict


@pytest.mark.parametrize(
    "course",
    [
        COURSE,
        replace(COURSE, oligometastatic_state_reported="repeat_oligorecurrence"),
        replace(
            COURSE,
            polymetastatic_before=None,
            oligometastatic_state_reported="metachronous_oligorecurrence",
        ),
    ],
    ids=["nothing reported", "the same", "answers do not decide"],
)
def test_there_is_no_conflict(course: Course) -> None:
    assert oligometastatic_conflict(course) == ""

"""Events after re-irradiation, their windows, and graded laboratory values."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reirrad.core.cohort.clinical_records import (
    FollowUp,
    Laboratory,
    Toxicity,
    Visit,
)
from reirrad.core.cohort.records import Cohort
from reirrad.stats.toxicity_events import (
    GROUPS,
    RELATED,
    ToxicityEvent,
    baseline_of_first_day,
    first_day,
    had_rild,
    is_in,
    toxicity_events,
    worst_grade,
)
from tests.stats.cohorts import (
    COHORT,
    END,
    SECOND_END,
    SECOND_START,
    START,
    after,
    ask,
    sample,
    with_records,
)


def events(cohort: Cohort, patient: int) -> tuple[ToxicityEvent, ...]:
    study = ask(cohort)
    return toxicity_events(study.patients[patient], study.rules)


def told(found: tuple[ToxicityEvent, ...]) -> list[tuple[str, int | None, str | None]]:
    return [(event.term, event.grade, event.window) for event in found]


def test_day_90_is_acute_day_91_late_and_a_new_course_begins_anew() -> None:
    # The event before the first day is baseline; 90 days after the second course the
    # first lies far back, and still it is acute.
    assert told(events(COHORT, 1)) == [
        ("fatigue", 1, "acute"),
        ("nausea", 2, "late"),
        ("nausea", 3, "acute"),
    ]


def test_under_treatment_is_acute_also_of_a_second_course() -> None:
    first = Toxicity(
        patient="B", number=2, date=START + timedelta(1), term="fever", grade=1
    )
    second = Toxicity(
        patient="B", number=3, date=SECOND_START + timedelta(1), term="fever", grade=1
    )
    found = events(with_records(COHORT, first, second), 1)
    assert told(found)[:2] == [("fever", 1, "acute"), ("fever", 1, "acute")]


def test_without_the_end_of_the_course_an_event_has_no_window() -> None:
    event = Toxicity(patient="D", date=after(10), term="fever", grade=1)
    assert told(events(with_records(COHORT, event), 3)) == [("fever", 1, None)]


def test_a_laboratory_value_counts_with_its_grade_in_its_window() -> None:
    samples: list[Laboratory] = [
        sample("A", number=1, date=START, value=30.0),
        sample("A", number=2, date=after(30), value=121.0),
        sample("A", number=3, date=after(200), value=120.0),
        sample("A", number=4, date=after(210), value=39.0),
    ]
    term = "alanine_aminotransferase_increased"
    assert told(events(with_records(COHORT, *samples), 0)) == [
        (term, 2, "acute"),
        (term, 1, "late"),
    ]


def test_an_abnormal_baseline_counts_and_the_last_one_before_treatment() -> None:
    samples = [
        sample("A", number=1, date=START - timedelta(300), value=30.0),
        sample("A", number=2, date=START - timedelta(1), value=80.0),
        sample("A", number=3, date=after(30), value=119.0),
    ]
    assert told(events(with_records(COHORT, *samples), 0)) == []


def test_the_first_day_is_baseline() -> None:
    first = Toxicity(patient="B", number=2, date=START, term="fever", grade=1)
    assert "fever" not in {
        term for term, _, _ in told(events(with_records(COHORT, first), 1))
    }
    # On the first day of the second course the event still is of the first one.
    again = Toxicity(patient="B", number=2, date=SECOND_START, term="fever", grade=1)
    assert ("fever", 1, "late") in told(events(with_records(COHORT, again), 1))


@pytest.mark.parametrize(
    ("known", "counts"),
    [
        ({}, False),
        ({"attribution": "unlikely"}, False),
        ({"attribution": "possible"}, True),
        ({"attribution": "definite"}, True),
        ({"course": 2}, True),
        ({"course": 2, "attribution": "unrelated"}, True),
        ({"course": 1, "attribution": "definite"}, False),  # of the course before
        ({"grade": 5}, True),
        ({"grade": 5, "course": 1}, True),
    ],
)
def test_an_event_of_the_first_day_that_is_of_the_treatment_counts(
    known: dict[str, Any], *, counts: bool
) -> None:
    first = Toxicity(
        patient="A", date=START, **{"term": "hepatic_failure", "grade": 3, **known}
    )
    cohort = with_records(COHORT, first)
    window = "late" if known.get("course") == 1 else "acute"
    assert told(events(cohort, 0)) == (
        [("hepatic_failure", first.grade, window)] if counts else []
    )
    left_out = baseline_of_first_day(ask(cohort).patients[0])
    assert left_out == (() if counts else (first,))
    before = replace(first, date=START - timedelta(1))
    assert events(with_records(COHORT, before), 0) == ()


def test_the_course_that_an_event_names_decides_its_window() -> None:
    day = SECOND_END + timedelta(10)
    named = Toxicity(patient="B", number=5, date=day, term="fever", grade=1, course=2)
    assert ("fever", 1, "late") in told(events(with_records(COHORT, named), 1))
    unnamed = replace(named, course=None)
    assert ("fever", 1, "acute") in told(events(with_records(COHORT, unnamed), 1))


def test_a_value_that_cannot_be_graded_is_kept_without_a_grade() -> None:
    unknown = sample("A", date=after(30), value=900.0, upper_normal=None)
    term = "alanine_aminotransferase_increased"
    found = events(with_records(COHORT, unknown), 0)
    assert told(found) == [(term, None, "acute")]
    assert worst_grade(found, term) is None
    assert worst_grade(found, "hepatic", "acute") is None
    assert worst_grade(found, "hepatic", "late") == 0
    recorded = Toxicity(
        patient="A",
        date=after(40),
        term="alanine_aminotransferase_increased",
        grade=2,
    )
    known = events(with_records(COHORT, unknown, recorded), 0)
    assert worst_grade(known, term) == 2


@pytest.mark.parametrize(
    ("attributions", "expected"),
    [
        ([("possible", 2), ("unrelated", 3)], 2),
        ([("unlikely", 3)], 0),
        ([("definite", 1), (None, 2)], None),
        ([("probable", 3), (None, 2)], 3),
        ([], 0),
    ],
)
def test_the_worst_that_is_possibly_related(
    attributions: list[tuple[Any, int]], expected: int | None
) -> None:
    found = [
        Toxicity(
            patient="A",
            number=number,
            date=after(30),
            term="nausea",
            grade=grade,
            attribution=attribution,
        )
        for number, (attribution, grade) in enumerate(attributions, start=1)
    ]
    assert worst_grade(events(with_records(COHORT, *found), 0), RELATED) == expected


def test_a_laboratory_value_has_no_attribution() -> None:
    raised = sample("A", date=after(30), value=121.0)
    found = events(with_records(COHORT, raised), 0)
    assert (worst_grade(found, "any"), worst_grade(found, RELATED)) == (2, None)


def test_the_first_day_of_a_grade() -> None:
    found = events(COHORT, 1)
    assert first_day(found, "nausea", 2) == after(91)
    assert first_day(found, "any", 3) == SECOND_END + timedelta(90)
    assert first_day(found, "any", 4) is None


def test_rild_is_denied_only_of_those_who_were_followed() -> None:
    def answer(last: int, visited: int = 90) -> str | None:
        well = Visit(
            patient="A",
            date=after(visited),
            ascites="none",
            encephalopathy="none",
            hepatomegaly=False,
        )
        seen = FollowUp(patient="A", last_contact_date=after(last))
        study = ask(with_records(COHORT, well, seen))
        return had_rild(study.patients[0], "classic", study.rules)

    assert answer(120) is None
    assert answer(121) == "no"
    assert answer(800, visited=30) is None  # nobody looked in the rest of the window


def test_worst_grade_by_term_group_and_window() -> None:
    found = events(COHORT, 1)
    assert worst_grade(found, "nausea") == 3
    assert worst_grade(found, "nausea", "late") == 2
    assert worst_grade(found, "gastrointestinal", "acute") == 3
    assert worst_grade(found, "any", "late") == 2
    assert worst_grade(found, "hepatic") == 0
    assert worst_grade((), "any") == 0


def test_a_term_is_in_one_group_at_most() -> None:
    gastrointestinal, hepatic = GROUPS.values()
    assert not gastrointestinal & hepatic
    event = ToxicityEvent(END, "fatigue", 1, "acute")
    assert is_in(event, "any")
    assert not is_in(event, "hepatic")


def test_rild_after_any_course_and_not_told_without_findings() -> None:
    study = ask(COHORT)
    assert had_rild(study.patients[0], "classic", study.rules) is None
    assert had_rild(study.patients[3], "non_classic", study.rules) is None
    raised = [
        sample("B", number=1, date=START, value=30.0),
        sample("B", number=2, date=after(30), value=900.0),
    ]
    study = ask(with_records(COHORT, *raised))
    # Nothing is known after the second course; yes after the first decides.
    assert had_rild(study.patients[1], "non_classic", study.rules) == "yes"

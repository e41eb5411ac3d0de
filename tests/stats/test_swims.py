"""Lines of the swimmer plot."""

from datetime import timedelta

import pytest

from reirrad.core.cohort.clinical_records import Progression, Response
from reirrad.core.cohort.records import Cohort
from reirrad.stats.swims import swims
from tests.stats.cohorts import (
    COHORT,
    END,
    SECOND_END,
    SECOND_START,
    START,
    after,
    ask,
    months,
    with_records,
)


def test_lines_are_of_patients_with_a_follow_up_longest_first() -> None:
    found = swims(ask(COHORT))
    assert [(line.patient, line.stratum, line.died) for line in found] == [
        ("A", "1A", False),
        ("B", "1B", True),
    ]
    assert [line.months for line in found] == [16.0, months(300)]


def test_events_stand_in_their_order_from_the_end_of_the_first_course() -> None:
    gone = Response(patient="B", number=1, date=after(40), category="CR")
    still = Response(patient="B", number=2, date=after(80), category="CR")
    spread = Progression(patient="B", date=after(260), place="elsewhere")
    before = Progression(
        patient="B", number=2, date=START - timedelta(9), place="elsewhere"
    )
    _, line = swims(ask(with_records(COHORT, gone, still, spread, before)))
    severe = (SECOND_END - END).days + 90
    assert [(event.what, event.months) for event in line.events] == [
        ("CR", months(40)),
        ("re-irradiation", pytest.approx(months((SECOND_START - END).days))),
        ("progression", months(260)),
        ("toxicity grade 3", months(severe)),
    ]


def test_a_local_progression_is_named() -> None:
    line, _ = swims(ask(COHORT))
    assert [event.what for event in line.events] == ["local progression"]


def test_nobody_swims() -> None:
    assert swims(ask(Cohort())) == ()

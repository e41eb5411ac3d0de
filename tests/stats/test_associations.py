"""Which toxicity is set against which exposure, and what is missing or refused."""

from dataclasses import replace
from datetime import timedelta

from reirrad.core.cohort.clinical_records import FollowUp, Patient, Toxicity
from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import Cohort, cohort_of
from reirrad.stats.associations import associations
from reirrad.stats.results import Association
from reirrad.stats.study import Study
from tests.stats.cohorts import (
    COHORT,
    SECOND_START,
    START,
    B,
    after,
    again,
    ask,
    first_course,
    liver,
    with_records,
)

DUODENUM = "duodenum, D0.1cc, EQD2"


def of(study: Study, exposure: str, outcome: str) -> Association:
    (found,) = [
        one
        for one in associations(study)
        if one.exposure == exposure and one.outcome.startswith(outcome)
    ]
    return found


def test_few_patients_are_refused_with_the_reason_and_keep_their_points() -> None:
    found = of(ask(COHORT), "Ov2Gy in the organ", "any")
    assert found.outcome == "any toxicity, grade 2 or more"
    assert (found.n, found.events, found.missing) == (2, 1, 2)
    assert found.points == ((500.0, False), (800.0, True))
    assert (found.odds_ratio, found.slope, found.p) == (None, None, None)
    assert found.note


def test_the_highest_cumulative_dose_counts_and_of_the_bowel_its_worst_part() -> None:
    doses = [
        liver("B", number=1, organ="Bowel_Small", d0_1cc_gy=50.0),
        liver("B", number=2, organ="Colon", d0_1cc_gy=70.0),
        liver("B", number=3, organ="Colon", course=2, d0_1cc_gy=99.0),
        liver("B", number=4, organ="Colon", quantity="physical", d0_1cc_gy=98.0),
        liver("B", number=5, mean_gy=9.5),
    ]
    acute = Toxicity(
        patient="B", number=3, date=SECOND_START + timedelta(9), term="nausea", grade=2
    )
    study = ask(with_records(COHORT, acute, *doses))
    assert of(study, "bowel, D0.1cc, EQD2", "gastro").points == ((70.0, True),)
    assert of(study, "liver less GTV, mean, EQD2", "hepatic").points == ((9.5, False),)
    duodenum = of(study, DUODENUM, "gastro")
    assert (duodenum.n, duodenum.missing) == (0, 4)


def test_a_toxicity_of_the_first_day_is_set_against_the_first_course() -> None:
    first = Toxicity(patient="A", date=START, term="vomiting", grade=2, course=2)
    study = ask(with_records(COHORT, first))
    found = of(study, "Ov2Gy in the organ", "any")
    assert found.points == ((500.0, True), (800.0, True))


def test_only_what_came_before_the_toxicity_counts() -> None:
    larger = [
        replace(one, number=2, ov2gy_organ_cc=2000.0, first=2, second=3)
        for one in B
        if isinstance(one, Overlap) and one.number == 1
    ]

    def exposed(event: Toxicity) -> tuple[tuple[float, bool], ...]:
        events = [replace(event, number=number) for number in (3, 4)]
        study = ask(with_records(COHORT, *larger, *events))
        return of(study, "Ov2Gy in the organ", "any").points

    before = Toxicity(patient="B", date=after(50), term="nausea", grade=2)
    assert exposed(before) == ((500.0, False), (800.0, True))
    later = replace(before, date=SECOND_START + timedelta(9))
    assert exposed(later) == ((500.0, False), (2000.0, True))
    assert exposed(replace(before, grade=1)) == ((500.0, False), (2000.0, False))


def test_the_grade_that_counts_can_be_chosen() -> None:
    study = ask(COHORT, toxicity_grade=4)
    found = of(study, "Ov2Gy in the organ", "any")
    assert found.outcome == "any toxicity, grade 4 or more"
    assert found.events == 0


def irradiated(name: str, *, duodenum_gy: float, ulcer: bool) -> tuple[Record, ...]:
    event = Toxicity(patient=name, date=after(50), term="duodenal_ulcer", grade=2)
    return (
        Patient(patient=name),
        FollowUp(patient=name, last_contact_date=after(400), toxicity_recorded=True),
        first_course(name),
        again(name, previous_course=1),
        liver(name, organ="Duodenum", d0_1cc_gy=duodenum_gy),
        *((event,) if ulcer else ()),
    )


def test_a_dose_that_harms_has_an_odds_ratio_above_one() -> None:
    records = [
        record
        for n in range(40)
        for record in irradiated(
            f"P{n:02}", duodenum_gy=40.0 + n, ulcer=n >= 20 or n % 4 == 0
        )
    ]
    found = of(ask(cohort_of(records)), DUODENUM, "gastro")
    assert (found.n, found.events, found.step) == (40, 25, 10.0)
    assert found.odds_ratio is not None
    assert found.low is not None
    assert found.odds_ratio > found.low > 1.0


def test_nobody_is_refused() -> None:
    assert all(one.note for one in associations(ask(Cohort())))

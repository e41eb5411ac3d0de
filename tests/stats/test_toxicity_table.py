"""O28 and the table of toxicity: patients, worst grades, denominators, intervals."""

import pytest

from reirrad.core.cohort.clinical_records import FollowUp, Toxicity
from reirrad.core.cohort.records import Cohort
from reirrad.stats.cohort_results import ToxicityRow
from reirrad.stats.toxicity_table import toxicity_results
from tests.stats.cohorts import (
    COHORT,
    START,
    after,
    ask,
    counts,
    sample,
    with_records,
)


def line(
    term: str, window: str, stratum: str = "all", cohort: Cohort = COHORT
) -> ToxicityRow:
    (found,) = [
        row
        for row in toxicity_results(ask(cohort))[1]
        if (row.term, row.window, row.stratum) == (term, window, stratum)
    ]
    return found


def test_a_patient_counts_once_with_the_worst_grade() -> None:
    again = Toxicity(patient="B", number=5, date=after(80), term="nausea", grade=1)
    found = line("nausea", "acute", cohort=with_records(COHORT, again))
    assert found.by_grade == (0, 0, 1, 0, 0)
    assert found.of == 2


def test_only_patients_whose_toxicity_was_recorded_are_counted() -> None:
    unasked = Toxicity(patient="C", date=after(10), term="vomiting", grade=3)
    cohort = with_records(COHORT, unasked)
    assert all(row.term != "vomiting" for row in toxicity_results(ask(cohort))[1])
    assert line("any", "acute", cohort=cohort).of == 2
    assert line("any", "acute", "2", cohort=cohort).of == 0
    assert line("any", "acute", "2", cohort=cohort).high is None


def test_no_event_of_two_leaves_an_upper_bound() -> None:
    found = line("hepatic", "late")
    assert (found.by_grade, found.of, found.low) == ((0, 0, 0, 0, 0), 2, 0.0)
    assert found.high == pytest.approx(1 - 0.025**0.5)  # Clopper-Pearson, 0 of 2


def test_groups_and_fatigue_are_always_there_other_terms_where_they_occur() -> None:
    terms = {row.term for row in toxicity_results(ask(COHORT))[1]}
    assert terms == {
        "any",
        "gastrointestinal",
        "hepatic",
        "fatigue",
        "nausea",
        "classic RILD",
        "non-classic RILD",
    }


def test_rild_has_no_grade_and_counts_those_of_whom_it_can_be_told() -> None:
    raised = [
        sample("B", number=1, date=START, value=30.0),
        sample("B", number=2, date=after(30), value=900.0),
    ]
    found = line("non-classic RILD", "any", cohort=with_records(COHORT, *raised))
    assert (found.by_grade, found.ungraded, found.of) == ((0, 0, 0, 0, 0), 1, 1)
    nobody = line("classic RILD", "any")
    assert (nobody.ungraded, nobody.of, nobody.high) == (0, 0, None)


def test_o28_gives_the_same_shares_with_the_missing_patients() -> None:
    found, _ = toxicity_results(ask(COHORT))
    item = "acute, nausea, any grade"
    assert counts(found, item) == ({item: 1}, 2, 2)
    severe = "late, nausea, grade 3 or more"
    assert counts(found, severe) == ({}, 2, 2)
    assert counts(found, "classic RILD") == ({}, 0, 4)
    assert found.notes[0] == (
        "Toxicity was recorded in 2 of 4 patients; the others are not counted."
    )
    assert found.notes[1].startswith("2 of these 2 were followed for more than 90 days")


def test_o28_tells_of_events_that_have_no_window_and_of_short_follow_up() -> None:
    followed = FollowUp(
        patient="D", last_contact_date=after(60), toxicity_recorded=True
    )
    event = Toxicity(patient="D", date=after(10), term="fever", grade=1)
    found, _ = toxicity_results(ask(with_records(COHORT, followed, event)))
    assert found.notes[1].startswith("2 of these 3 were followed")
    assert found.notes[2].startswith("Neither acute nor late, and not in the table: 1")


def test_o28_of_nobody_has_no_share() -> None:
    found, _ = toxicity_results(ask(Cohort()))
    assert counts(found, "acute, any, any grade") == ({}, 0, 0)

"""O28 and the table of toxicity: patients, worst grades, denominators, intervals."""

from dataclasses import replace

import pytest

from reirrad.core.cohort.clinical_records import FollowUp, Toxicity
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import Cohort
from reirrad.stats.cohort_results import ToxicityRow
from reirrad.stats.toxicity_table import toxicity_results
from tests.stats.cohorts import (
    COHORT,
    START,
    B,
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
        "any, possibly related or more",
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
    assert found.notes[1].startswith("Late: 0 of these 2 were not followed")


def test_o28_tells_of_events_that_have_no_window_and_of_short_follow_up() -> None:
    followed = FollowUp(
        patient="D", last_contact_date=after(60), toxicity_recorded=True
    )
    event = Toxicity(patient="D", date=after(10), term="fever", grade=1)
    found, _ = toxicity_results(ask(with_records(COHORT, followed, event)))
    assert found.notes[1].startswith("Late: 0 of these 3 were not followed")
    assert found.notes[2] == (
        "Missing in acute and late, since the last day of a course is not known: 1 of "
        "3 patients; events of them that have no window: 1."
    )


def test_without_the_last_day_of_the_course_a_patient_is_missing_not_well() -> None:
    asked = FollowUp(patient="D", last_contact_date=after(900), toxicity_recorded=True)
    cohort = with_records(COHORT, asked)
    for window in ("acute", "late"):
        found = line("any", window, cohort=cohort)
        assert (found.of, found.missing) == (2, 2)  # C was not asked
        assert line("any", window, "not known", cohort=cohort).missing == 1


def test_late_toxicity_is_out_of_those_who_were_followed() -> None:
    def late(days: int, *records: Record) -> tuple[int, int, int]:
        seen = FollowUp(
            patient="A", last_contact_date=after(days), toxicity_recorded=True
        )
        found = line("any", "late", "1A", with_records(COHORT, seen, *records))
        return found.of, found.not_followed, found.missing

    assert late(90) == (0, 1, 0)
    assert late(91) == (1, 0, 0)
    event = Toxicity(patient="A", date=after(30), term="nausea", grade=1, course=1)
    assert late(90, event) == (1, 0, 0)  # late after the course that it names
    unknown = FollowUp(patient="A", toxicity_recorded=True)
    found = line("any", "late", "1A", with_records(COHORT, unknown))
    assert (found.of, found.not_followed, found.missing) == (0, 0, 1)
    assert line("any", "acute", "1A", with_records(COHORT, unknown)).of == 1


def test_o28_tells_how_many_were_not_followed() -> None:
    seen = FollowUp(patient="A", last_contact_date=after(90), toxicity_recorded=True)
    found, _ = toxicity_results(ask(with_records(COHORT, seen)))
    assert found.notes[1].startswith("Late: 1 of these 2 were not followed for more")
    assert counts(found, "late, any, any grade") == ({"late, any, any grade": 1}, 1, 3)


def test_values_that_cannot_be_graded_are_missing_and_named() -> None:
    unknown = sample("A", date=after(30), value=900.0, upper_normal=None)
    cohort = with_records(COHORT, unknown)
    found = line("alanine_aminotransferase_increased", "acute", "1A", cohort)
    assert (found.of, found.missing) == (0, 1)
    assert line("hepatic", "acute", "1A", cohort).of == 0
    assert line("gastrointestinal", "acute", "1A", cohort).of == 1
    output, _ = toxicity_results(ask(cohort))
    assert output.notes[2] == (
        "Laboratory values that cannot be graded: 1, in 1 of 2 patients (alanine "
        "aminotransferase increased)."
    )


def test_related_toxicity_has_its_own_line_and_its_own_missing() -> None:
    term = "any, possibly related or more"
    found = line(term, "acute")
    assert (found.of, found.missing) == (1, 3)  # nothing of B is attributed
    related = [
        replace(one, attribution="possible") for one in B if isinstance(one, Toxicity)
    ]
    found = line(term, "acute", cohort=with_records(COHORT, *related))
    assert (found.of, found.by_grade) == (2, (0, 0, 1, 0, 0))


def test_o28_of_nobody_has_no_share() -> None:
    found, _ = toxicity_results(ask(Cohort()))
    assert counts(found, "acute, any, any grade") == ({}, 0, 0)

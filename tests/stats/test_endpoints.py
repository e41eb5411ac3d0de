"""Times to death, progression and local progression, counted by hand."""

from datetime import timedelta

import pytest

from reirrad.core.cohort.clinical_records import FollowUp, Progression
from reirrad.core.cohort.records import Cohort
from reirrad.stats.endpoints import (
    follow_up,
    followed_months,
    local_control,
    local_progression,
    local_progression_one_lesion,
    overall_survival,
    progression_free_survival,
)
from reirrad.stats.times import CENSORED, COMPETING, EVENT, Observed
from tests.stats.cohorts import (
    COHORT,
    END,
    SECOND_END,
    START,
    after,
    again,
    ask,
    months,
    with_records,
)

SECOND_DAYS = (SECOND_END - END).days


def timed(observed: Observed) -> list[tuple[float, int]]:
    return list(zip(observed.months, observed.outcome, strict=True))


def everyone(groups: list[Observed]) -> Observed:
    assert groups[0].stratum == "all"
    return groups[0]


def test_survival_ends_with_death_or_last_contact_of_patients() -> None:
    found = everyone(overall_survival(ask(COHORT)))
    assert timed(found) == [(months(487), CENSORED), (months(300), EVENT)]
    assert found.months[0] == 16.0
    assert (found.unit, found.missing) == ("patient", 2)


def test_each_group_has_its_units_and_its_missing() -> None:
    groups = overall_survival(ask(COHORT))
    assert [group.stratum for group in groups] == ["all", "1A", "1B", "2", "not known"]
    assert [len(group.months) for group in groups] == [2, 1, 1, 0, 0]
    assert [group.missing for group in groups] == [2, 0, 0, 1, 1]


def test_follow_up_has_the_times_of_survival() -> None:
    study = ask(COHORT)
    assert timed(everyone(follow_up(study))) == timed(everyone(overall_survival(study)))
    assert [followed_months(one) for one in study.patients] == [
        months(487),
        months(300),
        None,
        None,
    ]


def test_progression_anywhere_or_death_ends_freedom_from_progression() -> None:
    found = everyone(progression_free_survival(ask(COHORT)))
    assert timed(found) == [(months(100), EVENT), (months(300), EVENT)]
    assert found.missing == 2


def test_without_progression_the_last_imaging_censors_not_the_last_contact() -> None:
    stable = Progression(
        patient="A", number=1, date=START - timedelta(1), place="elsewhere"
    )
    found = everyone(progression_free_survival(ask(with_records(COHORT, stable))))
    assert timed(found)[0] == (months(400), CENSORED)
    unseen = FollowUp(patient="A", last_contact_date=after(487))
    without = ask(with_records(COHORT, stable, unseen))
    assert everyone(progression_free_survival(without)).missing == 3
    assert everyone(overall_survival(without)).missing == 2


def test_local_progression_is_of_lesions_and_death_competes() -> None:
    found = everyone(local_progression(ask(COHORT)))
    assert found.unit == "lesion"
    assert timed(found) == [
        (months(400), CENSORED),
        (months(100), EVENT),
        (months(300), COMPETING),
        (months(300 - SECOND_DAYS), COMPETING),
    ]
    assert found.missing == 1


def test_with_deaths_censored_there_is_no_competing_event() -> None:
    found = everyone(local_control(ask(COHORT)))
    assert found.outcome == (CENSORED, EVENT, CENSORED, CENSORED)


def test_one_lesion_of_a_patient_is_the_first_of_the_first_course() -> None:
    found = everyone(local_progression_one_lesion(ask(COHORT)))
    assert found.unit == "patient"
    assert timed(found) == [(months(400), CENSORED), (months(300), COMPETING)]
    assert found.missing == 1  # C; D has no lesion at all


def test_a_progression_elsewhere_is_not_local() -> None:
    elsewhere = Progression(patient="A", date=after(100), place="same_organ", lesion=3)
    found = everyone(local_progression(ask(with_records(COHORT, elsewhere))))
    assert EVENT not in found.outcome


def test_a_local_progression_without_lesion_is_of_the_only_one_treated_then() -> None:
    unnamed = Progression(patient="B", date=after(50), place="local")
    found = everyone(local_progression(ask(with_records(COHORT, unnamed))))
    assert timed(found)[2] == (months(50), EVENT)
    assert timed(found)[3] == (months(300 - SECOND_DAYS), COMPETING)


def test_a_local_progression_of_one_of_several_lesions_leaves_them_missing() -> None:
    unnamed = Progression(patient="B", date=after(250), place="local")
    found = everyone(local_progression(ask(with_records(COHORT, unnamed))))
    assert len(found.months) == 2
    assert found.missing == 3


@pytest.mark.parametrize(
    ("days", "expected"), [(-5, (0.0, EVENT)), (0, (0.0, EVENT)), (1, None)]
)
def test_death_under_treatment_counts_at_its_end(
    days: int, expected: tuple[float, int] | None
) -> None:
    died = FollowUp(patient="A", death_date=after(days))
    found = everyone(overall_survival(ask(with_records(COHORT, died))))
    assert timed(found)[0] == (expected or (months(1), EVENT))


def test_a_death_before_the_treatment_is_missing() -> None:
    died = FollowUp(patient="A", death_date=START - timedelta(1))
    found = everyone(overall_survival(ask(with_records(COHORT, died))))
    assert found.missing == 3
    assert timed(found) == [(months(300), EVENT)]


def test_without_the_end_of_the_course_nothing_is_counted() -> None:
    died = FollowUp(patient="D", death_date=after(10))
    progressed = Progression(patient="D", date=after(5), place="elsewhere")
    study = ask(with_records(COHORT, died, progressed))
    assert everyone(overall_survival(study)).missing == 2
    assert everyone(progression_free_survival(study)).missing == 2
    known = ask(with_records(COHORT, died, progressed, again("D", 1)))
    assert everyone(overall_survival(known)).missing == 1
    assert timed(everyone(progression_free_survival(known)))[2] == (months(5), EVENT)


def test_nobody_has_no_times() -> None:
    (found,) = overall_survival(ask(Cohort()))
    assert (found.months, found.missing) == ((), 0)

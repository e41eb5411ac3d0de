"""Times to death, progression and local progression, counted by hand."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from reirrad.core.cohort.clinical_records import FollowUp, Progression, Response
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import Cohort, cohort_of, records_of
from reirrad.core.cohort.treatment_records import Lesion
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
    unclear = Response(patient="A", number=2, date=after(60), category="NE")
    without = ask(with_records(COHORT, stable, unseen, unclear))
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
    # Course 1 has a lesion too, so that lesion 2 is missing; lesion 3 came later.
    assert timed(found)[2] == (months(300 - SECOND_DAYS), COMPETING)
    assert found.missing == 2
    alone = cohort_of(
        one for one in records_of(COHORT) if not (one.patient == "B" and _is_first(one))
    )
    found = everyone(local_progression(ask(with_records(alone, unnamed))))
    assert timed(found)[2] == (months(50), EVENT)
    assert timed(found)[3] == (months(300 - SECOND_DAYS), COMPETING)


def _is_first(record: Record) -> bool:
    return isinstance(record, Lesion) and record.course == 1


def responded(cohort: Cohort, *records: Response) -> tuple[Observed, Observed]:
    study = ask(with_records(cohort, *records))
    return (
        everyone(progression_free_survival(study)),
        everyone(local_progression(study)),
    )


@pytest.mark.parametrize(
    "told",
    [
        {"category": "PD"},
        {"new_lesion": True},
        {"sum_of_diameters_mm": 60.0, "new_lesion": False},
    ],
    ids=["PD", "new lesion", "by the sum"],
)
def test_a_response_that_is_a_progression_is_one_without_a_record(
    told: dict[str, Any],
) -> None:
    response = Response(patient="A", number=2, date=after(60), **told)
    free, local = responded(COHORT, response)
    assert timed(free)[0] == (months(60), EVENT)
    assert timed(local)[1] == (months(100), EVENT)  # not the response of a lesion


def test_the_response_of_a_lesion_is_its_local_progression() -> None:
    response = Response(patient="A", number=2, date=after(60), lesion=2, category="PD")
    free, local = responded(COHORT, response)
    assert timed(free)[0] == (months(60), EVENT)
    assert timed(local)[:2] == [(months(60), EVENT), (months(100), EVENT)]


def test_what_is_not_evaluable_is_no_progression() -> None:
    response = Response(
        patient="A",
        number=2,
        date=after(60),
        category="NE",
        sum_of_diameters_mm=90.0,
        new_lesion=False,
    )
    assert timed(responded(COHORT, response)[0])[0] == (months(100), EVENT)


def test_a_progression_on_the_first_day_was_there_before() -> None:
    def first(day: date) -> tuple[float, int]:
        record = Progression(patient="A", date=day, place="local", lesion=3)
        study = ask(with_records(COHORT, record))
        assert everyone(local_progression(study)).outcome[1] == (
            EVENT if day > START else CENSORED
        )
        return timed(everyone(progression_free_survival(study)))[0]

    assert first(START) == (months(400), CENSORED)
    assert first(START + timedelta(1)) == (0.0, EVENT)


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


def test_a_response_after_the_last_imaging_is_a_later_imaging() -> None:
    stable = Progression(
        patient="A", number=1, date=START - timedelta(1), place="elsewhere"
    )

    def seen(**known: Any) -> tuple[list[tuple[float, int]], Observed]:
        response = Response(patient="A", number=3, date=after(450), **known)
        study = ask(with_records(COHORT, stable, response))
        free = everyone(progression_free_survival(study))
        return timed(everyone(local_progression(study)))[:2], free

    early, late = (months(400), CENSORED), (months(450), CENSORED)
    local, free = seen(category="SD")
    assert (local, timed(free)[0]) == ([late, late], late)
    local, free = seen(category="SD", lesion=3)  # of this lesion alone
    assert (local, timed(free)[0]) == ([early, late], early)
    for unclear in ({"category": "NE"}, {"category": "SD", "baseline": True}):
        local, free = seen(**unclear)
        assert (local, timed(free)[0]) == ([early, early], early)


def test_a_response_is_an_imaging_where_none_is_recorded() -> None:
    seen = Response(patient="C", date=after(200), category="PR")
    found = everyone(progression_free_survival(ask(with_records(COHORT, seen))))
    assert timed(found)[2] == (months(200), CENSORED)
    assert found.missing == 1


@pytest.mark.parametrize("category", ["CR", "PR", "SD", "NE", None])
def test_a_new_lesion_is_a_progression_whatever_is_recorded(category: Any) -> None:
    response = Response(
        patient="A", number=2, date=after(60), new_lesion=True, category=category
    )
    assert timed(responded(COHORT, response)[0])[0] == (months(60), EVENT)
    for none in (
        replace(response, baseline=True),
        replace(response, date=START),
        replace(response, new_lesion=False),
    ):
        assert timed(responded(COHORT, none)[0])[0] == (months(100), EVENT)


def test_who_died_on_an_unknown_day_is_missing_and_not_alive() -> None:
    died = FollowUp(
        patient="A",
        death_cause="cancer",
        last_contact_date=after(487),
        last_imaging_date=after(400),
    )
    study = ask(with_records(COHORT, died))
    for endpoint in (overall_survival, follow_up):
        found = everyone(endpoint(study))
        assert timed(found) == [(months(300), EVENT)]
        assert found.missing == 3
    assert followed_months(study.patients[0]) is None
    # The progression of lesion 3 came before, whenever the patient died.
    free = everyone(progression_free_survival(study))
    assert timed(free) == [(months(100), EVENT), (months(300), EVENT)]
    for lesions in (local_progression, local_control):
        found = everyone(lesions(study))
        assert timed(found)[0] == (months(100), EVENT)
        assert found.missing == 2
    stable = Progression(
        patient="A", number=1, date=START - timedelta(1), place="elsewhere"
    )
    study = ask(with_records(COHORT, died, stable))
    assert everyone(progression_free_survival(study)).missing == 3


def test_nobody_has_no_times() -> None:
    (found,) = overall_survival(ask(Cohort()))
    assert (found.months, found.missing) == ((), 0)

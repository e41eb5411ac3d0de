"""Progressions that are recorded, and those that only a response tells of."""

from typing import Any

from reirrad.core.cohort.clinical_records import Progression, Response
from reirrad.stats.progressions import Progressed, progressions, without_record
from tests.stats.cohorts import COHORT, START, after, ask, with_records


def of_b(*records: Any) -> tuple[Progressed, ...]:
    study = ask(with_records(COHORT, *records))
    return progressions(study.patients[1], study.rules)


def progression(number: int, days: int, **known: Any) -> Progression:
    return Progression(
        patient="B", number=number, date=after(days), **{"place": "local", **known}
    )


def response(number: int, days: int, **known: Any) -> Response:
    return Response(patient="B", number=number, date=after(days), **known)


def test_records_and_responses_stand_in_the_order_of_their_days() -> None:
    found = of_b(
        progression(1, 50, lesion=2),
        progression(2, 40, place="elsewhere"),
        response(1, 30, category="PD"),
        response(2, 60, category="PD", lesion=3),
        response(3, 70, category="SD"),
    )
    assert found == (
        Progressed(after(30), local=False, lesion=None, number=None),
        Progressed(after(40), local=False, lesion=None, number=2),
        Progressed(after(50), local=True, lesion=2, number=1),
        Progressed(after(60), local=True, lesion=3, number=None),
    )


def test_the_first_day_is_before() -> None:
    first = Progression(patient="B", date=START, place="local", lesion=2)
    assert of_b(first, Response(patient="B", date=START, category="PD")) == ()


def test_a_new_lesion_seen_with_a_lesion_is_not_local() -> None:
    (found,) = of_b(response(1, 30, lesion=2, new_lesion=True, category="SD"))
    assert (found.local, found.lesion) == (False, None)


def test_a_new_lesion_is_one_progression_whatever_is_recorded_beside_it() -> None:
    expected = (Progressed(after(30), local=False, lesion=None, number=None),)
    for category in ("CR", "SD", "NE", "PD", None):
        seen = response(1, 30, new_lesion=True, category=category)
        assert of_b(seen) == expected
    assert of_b(response(1, 30, new_lesion=False, category="SD")) == ()


def test_only_what_no_record_tells_of_up_to_its_day_is_without_record() -> None:
    told = (progression(1, 50, lesion=2), response(1, 50, category="PD"))
    assert without_record(of_b(*told, response(2, 60, lesion=2, category="PD"))) == ()
    other = of_b(*told, response(2, 60, lesion=3, category="PD"))
    assert [found.lesion for found in without_record(other)] == [3]
    twice = of_b(response(1, 50, category="PD"), response(2, 60, category="PD"))
    assert [found.day for found in without_record(twice)] == [after(50)]

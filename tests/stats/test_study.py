"""Values by unit of analysis: each unit once, in its group."""

from reirrad.core.cohort.records import Cohort
from tests.stats.cohorts import COHORT, ask


def test_each_unit_is_asked_once() -> None:
    study = ask(COHORT)
    patients = study.by_patient(lambda one: one.name)
    assert [name for _, name in patients] == ["A", "B", "C", "D"]
    courses = study.by_course(lambda one, course: (one.name, course.number))
    assert [unit for _, unit in courses] == [
        ("A", 2),
        ("B", 2),
        ("B", 3),
        ("C", 2),
        ("D", 1),
    ]
    lesions = study.by_lesion(lambda one, _course, lesion: (one.name, lesion.number))
    assert [unit for _, unit in lesions] == [
        ("A", 2),
        ("A", 3),
        ("B", 2),
        ("B", 3),
        ("C", 2),
    ]


def test_an_earlier_lesion_has_the_group_of_the_course_that_follows() -> None:
    found = ask(COHORT).by_earlier_lesion(
        lambda lesion: (lesion.patient, lesion.number)
    )
    assert found == [
        ("1A", ("A", 1)),
        ("1B", ("B", 1)),
        ("1A", ("B", 2)),
        ("2", ("C", 1)),
    ]


def test_toxicity_is_kept_of_every_patient_of_the_analysis() -> None:
    study = ask(COHORT)
    assert {name: len(found) for name, found in study.toxicity.items()} == {
        "A": 0,
        "B": 3,
        "C": 0,
        "D": 0,
    }


def test_of_nobody_there_is_nothing() -> None:
    study = ask(Cohort())
    assert (study.patients, study.strata, dict(study.toxicity)) == ((), (), {})
    assert list(study.lesions()) == []

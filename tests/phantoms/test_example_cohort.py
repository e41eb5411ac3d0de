"""The made-up cohorts hold together like a clinic's own."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from reirrad.core.classification import resbrt_type
from reirrad.core.cohort.checks import faults_between
from reirrad.core.cohort.clinical_records import Response
from reirrad.core.cohort.field_values import NotAllowed, text_of, value_of
from reirrad.core.cohort.fields import fields_of
from reirrad.core.cohort.pseudonyms import is_pseudonym
from reirrad.core.cohort.recist import recist_category
from reirrad.core.cohort.records import Cohort, cohort_of, records_of
from reirrad.knowledge.clinical_rules import load_clinical_rules
from reirrad.knowledge.constraint_tables import load_constraints
from reirrad.phantoms.example_cohort import example_cohort, large_cohort
from reirrad.phantoms.paper_cohort import paper_cohort

RULES = load_clinical_rules()
CONSTRAINTS = load_constraints(["tg101", "reirradiation"])
LATEST = date(2024, 12, 31)


@pytest.fixture(scope="module")
def example() -> Cohort:
    return example_cohort(constraints=CONSTRAINTS)


@pytest.fixture(scope="module")
def many() -> Cohort:
    return large_cohort(60)


@pytest.fixture(params=["example", "many", "paper"])
def cohort(request: pytest.FixtureRequest) -> Cohort:
    if request.param == "paper":
        return paper_cohort()
    made: Cohort = request.getfixturevalue(request.param)
    return made


def test_the_example_has_18_patients_20_courses_and_25_lesions(example: Cohort) -> None:
    again = {(one.patient, one.number) for one in example.course if one.reirradiation}
    lesions = [one for one in example.lesion if (one.patient, one.course) in again]

    assert len(example.patient) == len(example.followup) == 18
    assert (len(again), len(lesions)) == (20, 25)
    assert (
        sorted(Counter(one.patient for one in lesions).values()) == [1] * 11 + [2] * 7
    )


def test_earlier_treatment_of_the_liver_follows_from_the_earlier_lesions(
    example: Cohort,
) -> None:
    for course in example.course:
        earlier = [
            one.site == "liver"
            for one in example.lesion
            if (one.patient, one.course < course.number) == (course.patient, True)
        ]
        assert course.previous_liver_sbrt == any(earlier)


def test_the_example_has_every_type(example: Cohort) -> None:
    previous = {
        (one.patient, one.number): one.previous_course for one in example.course
    }
    first = [
        one for one in example.overlap if previous[one.patient, one.second] == one.first
    ]

    assert Counter(one.as_applied_type for one in first) == {"1A": 7, "1B": 8, "2": 5}
    assert Counter(one.resbrt_type for one in first) == {"1A": 10, "1B": 8, "2": 2}


def test_nothing_contradicts(cohort: Cohort) -> None:
    assert faults_between(records_of(cohort), today=LATEST, rules=RULES) == []


def test_every_value_may_stand_in_its_field(cohort: Cohort) -> None:
    for record in records_of(cohort):
        assert is_pseudonym(record.patient)
        for field in fields_of(type(record)):
            value = getattr(record, field.name)
            read = value_of(field, text_of(value))
            assert not isinstance(read, NotAllowed), (record, field.name)
            assert read == value


def test_types_are_those_of_the_volumes(cohort: Cohort) -> None:
    for one in cohort.overlap:
        assert one.ov2gy_organ_cc is not None
        assert one.ov50_organ_cc is not None
        assert one.resbrt_type == resbrt_type(
            one.ov2gy_organ_cc, one.ov50_organ_cc, minimal_ov2gy_cc=0.0
        )
        assert one.as_applied_type == resbrt_type(
            one.ov2gy_organ_cc, one.ov50_organ_cc, minimal_ov2gy_cc=30.0
        )


def test_the_mean_dose_of_all_courses_is_the_sum_of_their_means(many: Cohort) -> None:
    means: dict[tuple[str, str, str], list[float]] = {}
    sums = {}
    for one in many.organ_dose:
        key = (one.patient, one.organ, one.quantity)
        assert one.mean_gy is not None
        if one.course is None:
            sums[key] = one.mean_gy
        else:
            means.setdefault(key, []).append(one.mean_gy)

    assert len(sums) == 60 * 13 * 2
    for key, total in sums.items():
        assert total == pytest.approx(sum(means[key]), abs=0.02)


def test_metrics_of_an_organ_fall_in_order(many: Cohort) -> None:
    for one in many.organ_dose:
        falling = [
            *(one.max_gy, one.d0_1cc_gy, one.d2_gy),
            *(one.d50_gy, one.d95_gy, one.d98_gy),
        ]
        values = [value for value in falling if value is not None]
        assert len(values) == 6
        assert values == sorted(values, reverse=True)


def test_limits_are_told_by_their_values(example: Cohort) -> None:
    verdicts = Counter(one.verdict for one in example.limit)
    compare = {
        "<": float.__lt__,
        "<=": float.__le__,
        ">": float.__gt__,
        ">=": float.__ge__,
    }

    assert verdicts["met"] > 500
    assert verdicts["exceeded"] > 20
    assert {one.patient for one in example.limit} == {
        one.patient for one in example.patient
    }
    for one in example.limit:
        if one.verdict != "not evaluable":
            assert one.value is not None
            kept = compare[one.relation](one.value, one.limit)
            assert kept == (one.verdict == "met")


def test_categories_are_those_of_the_sums(many: Cohort) -> None:
    """The sums, read by RECIST, give the category that is recorded beside them."""
    seen = Counter[str]()
    sums: list[float] = []
    of = ""
    for one in many.response:
        if one.baseline or one.patient != of:
            sums, of = [], one.patient
        assert one.sum_of_diameters_mm is not None
        if not one.baseline:
            assert one.category == _category(one, sums)
            seen[str(one.category)] += 1
        sums.append(one.sum_of_diameters_mm)

    assert set(seen) == {"CR", "PR", "SD", "PD"}


def _category(one: Response, before_mm: list[float]) -> str:
    assert one.sum_of_diameters_mm is not None
    return recist_category(
        baseline_mm=before_mm[0],
        nadir_mm=min(before_mm),
        now_mm=one.sum_of_diameters_mm,
        new_lesion=bool(one.new_lesion),
        rules=RULES.recist,
    )


def test_what_follows_is_varied(many: Cohort) -> None:
    assert {one.place for one in many.progression} == {
        "local",
        "same_organ",
        "elsewhere",
    }
    assert 5 < sum(one.death_date is not None for one in many.followup) < 40
    assert len({one.term for one in many.toxicity}) >= 4
    assert {one.adapted for one in many.fraction} == {True, False}
    assert {one.toxicity_recorded for one in many.followup} == {True, False}


def test_the_same_seed_gives_the_same_cohort(example: Cohort) -> None:
    assert example_cohort(constraints=CONSTRAINTS) == example
    assert example_cohort(1, constraints=CONSTRAINTS) != example
    assert replace(example, limit=()) == example_cohort()


def test_records_are_in_order_and_each_is_there_once(cohort: Cohort) -> None:
    assert cohort_of(records_of(cohort)) == cohort
    keys = [(type(one), one.patient, one.number) for one in records_of(cohort)]
    assert len(set(keys)) == len(keys)


def test_a_large_cohort_has_the_patients_asked_for() -> None:
    assert len(large_cohort(3, 5).patient) == 3
    assert large_cohort(3, 5) != large_cohort(3, 6)
    assert large_cohort(0) == Cohort()

"""The cohort made for the numbers of Chiloiro et al. 2024 has them."""

from collections import Counter
from collections.abc import Iterable
from statistics import mean, median

import pytest

from reirrad.core.cohort.records import Cohort
from reirrad.core.cohort.treatment_records import Course, Lesion
from reirrad.phantoms.paper_cohort import paper_cohort

DAYS_PER_MONTH = 30.4375


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return paper_cohort()


def later_courses(cohort: Cohort) -> list[Course]:
    return [one for one in cohort.course if one.reirradiation]


def later_lesions(cohort: Cohort) -> list[Lesion]:
    return [one for one in cohort.lesion if one.course > 1]


def known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def test_units(cohort: Cohort) -> None:
    lesions = Counter(one.patient for one in later_lesions(cohort))

    assert len(cohort.patient) == 18
    assert len(later_courses(cohort)) == 20
    assert sorted(lesions.values()) == [1] * 11 + [2] * 7


def test_all_were_treated_from_july_2019_to_january_2020(cohort: Cohort) -> None:
    days = [one.start_date.isoformat() for one in later_courses(cohort)]

    assert min(days).startswith("2019-07")
    assert max(days).startswith("2020-01")


def test_intervals(cohort: Cohort) -> None:
    ends = {one.patient: one.end_date for one in cohort.course if one.number == 1}
    months = []
    for one in later_courses(cohort):
        end = ends[one.patient]
        assert end is not None
        months.append((one.start_date - end).days / DAYS_PER_MONTH)

    assert f"{median(months):.1f} {mean(months):.1f}" == "8.5 8.5"
    assert f"{min(months):.0f}-{max(months):.0f}" == "2-28"


@pytest.mark.parametrize(
    ("field", "printed"),
    [
        ("gtv_cc", "6.8 (1.5-19.9)"),
        ("ptv_cc", "13.3 (3.6-34.9)"),
        ("margin_mm", "3.6 (3.0-5.0)"),
        ("dose_gy", "41.3 (16.0-50.0)"),
        ("ptv_d2_gy", "51.0 (16.5-67.5)"),
        ("ptv_d98_gy", "41.0 (15.0-59.5)"),
    ],
)
def test_means_over_lesions(cohort: Cohort, field: str, printed: str) -> None:
    values = known(getattr(one, field) for one in later_lesions(cohort))

    assert len(values) == 25
    found = f"{mean(values):.1f} ({min(values):.1f}-{max(values):.1f})"
    assert found == printed


def test_the_median_ptv_is_that_of_the_text(cohort: Cohort) -> None:
    assert median(known(one.ptv_cc for one in later_lesions(cohort))) == 13.4


def test_the_dose_of_the_first_courses(cohort: Cohort) -> None:
    values = known(one.dose_gy for one in cohort.lesion if one.course == 1)

    assert f"{mean(values):.1f} {min(values):.0f}-{max(values):.0f}" == "43.1 24-50"


@pytest.mark.parametrize(
    ("courses", "printed"),
    [
        pytest.param("first", "1198 (926-1970), 3.9 (1.0-10.0), 2.9", id="first"),
        pytest.param("later", "1294 (967-2009), 3.7 (1.6-8.0), 3.0", id="later"),
    ],
)
def test_liver_without_gtv(cohort: Cohort, courses: str, printed: str) -> None:
    """Volume, mean dose, and median of its EQD2."""
    rows = [
        one
        for one in cohort.organ_dose
        if one.course is not None and (one.course > 1) == (courses == "later")
    ]
    physical = [one for one in rows if one.quantity == "physical"]
    volumes = known(one.volume_cc for one in physical)
    means = known(one.mean_gy for one in physical)
    equivalent = known(one.mean_gy for one in rows if one.quantity == "EQD2")

    found = (
        f"{mean(volumes):.0f} ({min(volumes):.0f}-{max(volumes):.0f}), "
        f"{mean(means):.1f} ({min(means):.1f}-{max(means):.1f}), "
        f"{median(equivalent):.1f}"
    )
    assert found == printed


def test_overlaps(cohort: Cohort) -> None:
    low = known(one.ov2gy_organ_cc for one in cohort.overlap)
    high = [
        value for value in known(one.ov50_organ_cc for one in cohort.overlap) if value
    ]
    of_type_1 = [value for value in low if value >= 205]

    assert f"{mean(low):.1f} ({min(low):.0f}-{max(low):.0f})" == "625.3 (0-2098)"
    assert (len(of_type_1), median(of_type_1), min(of_type_1)) == (15, 861.0, 205.0)
    assert sorted(value for value in low if value < 205) == [0.0, 0.0, 11.0, 20.0, 27.8]
    assert (len(high), min(high), max(high)) == (7, 1.0, 65.0)
    assert {one.ptv_cc for one in cohort.overlap} == {0.0}
    types = Counter(one.as_applied_type for one in cohort.overlap)
    assert types == {"1A": 8, "1B": 7, "2": 5}


def test_qualities(cohort: Cohort) -> None:
    lesions = later_lesions(cohort)
    treated = {one.patient: one.technique for one in later_courses(cohort)}

    assert Counter(one.sex for one in cohort.patient) == {"female": 9, "male": 9}
    assert Counter(one.site for one in lesions) == {"liver": 20, "peritoneum": 5}
    assert Counter(one.prescription_mode for one in lesions)["isodose_80"] == 20
    assert Counter(one.gating for one in lesions)["inspiration_hold"] == 18
    assert Counter(treated.values())["mr_guided"] == 16
    assert len(cohort.systemic) == 16
    assert sum(bool(one.dose_reduced) for one in later_courses(cohort)) == 5


def test_adaptation(cohort: Cohort) -> None:
    plans = {(one.patient, one.plan) for one in cohort.fraction}
    lesions = [one for one in later_lesions(cohort) if (one.patient, one.plan) in plans]
    adapted = Counter((one.patient, one.plan) for one in cohort.fraction if one.adapted)

    assert (len(cohort.fraction), sum(adapted.values())) == (25, 16)
    assert len(adapted) == len(plans) == 5
    assert max(adapted.values()) == 5
    assert Counter(one.site for one in lesions) == {"liver": 5, "peritoneum": 2}


def test_follow_up(cohort: Cohort) -> None:
    ends = {one.patient: one.end_date for one in cohort.course if one.number == 2}
    months = []
    for one in cohort.followup:
        end, last = ends[one.patient], one.last_contact_date
        assert end is not None
        assert last is not None
        months.append((last - end).days / DAYS_PER_MONTH)

    assert f"{median(months):.1f} {mean(months):.0f}" == "10.7 11"
    assert f"{min(months):.0f}-{max(months):.0f}" == "3-34"
    assert cohort.toxicity == ()
    assert all(one.toxicity_recorded for one in cohort.followup)

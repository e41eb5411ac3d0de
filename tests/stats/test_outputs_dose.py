"""O13 to O17, O20, O21 counted by hand."""

import pytest

from reirrad.core.cohort.records import Cohort
from reirrad.core.cohort.treatment_records import Lesion
from reirrad.stats.outputs_dose import (
    bed_gy,
    coverage_output,
    reduction_output,
    target_outputs,
)
from reirrad.stats.results import Output
from tests.stats.cohorts import COHORT, ask, counts, liver, numbers, with_records


def output(number: int, cohort: Cohort = COHORT) -> Output:
    found = target_outputs(ask(cohort))[number - 13]
    assert found.id == f"O{number}"
    return found


def test_bed_of_41_gy_in_five_is_the_vector_of_the_reference() -> None:
    lesion = Lesion(patient="A", course=1, dose_gy=41.0, n_fractions=5)
    assert bed_gy(lesion, 10.0) == pytest.approx(74.62)
    assert bed_gy(Lesion(patient="A", course=1, dose_gy=41.0), 10.0) is None
    assert bed_gy(Lesion(patient="A", course=1, n_fractions=5), 10.0) is None


def test_o13_prescription_of_lesions_before_and_again() -> None:
    found = output(13)
    again = numbers(found, "re-irradiation, dose")
    assert (again.n, again.missing) == (4, 1)
    assert again.mean == pytest.approx((40 + 35 + 50 + 24) / 4)
    # 24 Gy without fractions has no BED.
    bed = numbers(found, "re-irradiation, BED10")
    assert (bed.n, bed.missing) == (3, 2)
    assert bed.mean == pytest.approx((72.0 + 59.5 + 100.0) / 3)
    assert numbers(found, "re-irradiation, EQD2_10").maximum == pytest.approx(250 / 3)
    assert numbers(found, "re-irradiation, dose per fraction").minimum == 7.0


def test_o13_lesions_before_are_those_of_the_courses_compared_with() -> None:
    # A1, B1, C1, and B's first re-irradiation, which the second is compared with.
    before = numbers(output(13), "previous course, dose")
    assert (before.n, before.missing, before.mean) == (3, 1, 50.0)
    assert numbers(output(13), "previous course, dose", "1A").n == 2


def test_o14_to_o16_of_lesions() -> None:
    assert counts(output(14)) == ({"isodose_80": 1}, 1, 4)
    gtv = numbers(output(15), "GTV")
    assert (gtv.n, gtv.missing, gtv.mean) == (2, 3, 4.0)
    assert numbers(output(15), "PTV").mean == 10.0
    assert numbers(output(15), "margin from GTV to PTV").n == 1
    assert numbers(output(16), "V95%").mean == 93.0
    assert numbers(output(16), "D98%").mean == 38.0


def test_o17_normal_liver_is_measured_or_the_liver_less_all_gtvs() -> None:
    whole = liver("A", number=1, course=2, quantity="physical", volume_cc=1500.0)
    found = numbers(output(17, with_records(COHORT, whole)), "re-irradiation")
    # Lesion 3 of A is in the peritoneum: only the 5 cc of lesion 2 are taken off.
    assert (found.n, found.missing, found.mean) == (1, 4, 1495.0)
    normal = liver("A", number=2, course=2, organ="Liver-GTV", volume_cc=1490.0)
    measured = output(17, with_records(COHORT, whole, normal))
    assert numbers(measured, "re-irradiation").mean == 1490.0
    assert numbers(measured, "previous course").n == 0


def test_o17_without_the_gtv_of_a_lesion_nothing_is_said() -> None:
    whole = liver("B", course=2, quantity="physical", volume_cc=1500.0)
    found = numbers(output(17, with_records(COHORT, whole)), "re-irradiation")
    assert found.n == 0


def test_o20_reasons_are_of_the_reduced_courses_alone() -> None:
    found = reduction_output(ask(COHORT))
    item = "prescription reduced"
    assert found.id == "O20"
    assert counts(found, item) == ({item: 1}, 1, 4)
    assert counts(found, "reason") == ({"organ_at_risk": 1}, 1, 0)


def test_o21_a_lesion_without_coverage_known_is_missing_not_covered() -> None:
    found = coverage_output(ask(COHORT))
    item = "V95% of the PTV below 95 %"
    assert found.id == "O21"
    assert counts(found, item) == ({item: 1}, 2, 3)

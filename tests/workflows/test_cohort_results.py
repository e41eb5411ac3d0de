"""Results of a registry are those of its records, graded by the shipped rules."""

from pathlib import Path

import pytest

from reirrad.core.cohort.records import records_of
from reirrad.errors import StoreError
from reirrad.stats.questions import Questions
from reirrad.store.database import Store
from reirrad.store.registry import put_records
from reirrad.workflows.cohort_results import (
    cohort_limits,
    cohort_results,
    results_of_cohort,
)
from tests.stats.cohorts import COHORT


def test_results_of_a_registry_are_those_of_its_records(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/registry.sqlite"
    store = Store.open(url)
    try:
        put_records(store, records_of(COHORT), who="test", reason="test")
    finally:
        store.close()
    asked = Questions(strata="sex", horizons_months=(6.0, 12.0))
    assert cohort_results(url, asked) == results_of_cohort(COHORT, asked)


def test_a_registry_without_records_gives_nobody(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/empty.sqlite"
    Store.open(url).close()
    found = cohort_results(url, Questions())
    assert (found.n_patients, found.swims) == (0, ())


def test_a_registry_that_is_not_there_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such database"):
        cohort_results(f"sqlite:///{tmp_path}/none.sqlite", Questions())
    assert not list(tmp_path.iterdir())


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(StoreError):
        cohort_results("nowhere", Questions())


def test_limits_are_those_of_the_paper() -> None:
    limits = cohort_limits()
    assert limits.tumour_alpha_beta_gy == 10.0
    assert (limits.lesions_below, limits.highest_ecog) == (5.0, 3.0)
    assert (limits.coverage_percent, limits.minimal_ov2gy_cc) == (95.0, 30.0)

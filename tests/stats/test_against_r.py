"""Survival, incidence and their tests against R, on public data sets.

The values in `golden/r.json` were made by `golden/make.R`; where R and its packages are
installed, they are made anew and compared.
"""

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from reirrad.stats.competing import cumulative_incidence, gray, incidence
from reirrad.stats.penalised_logistic import firth
from reirrad.stats.results import GroupTest, TimeToEvent
from reirrad.stats.risk_sets import risk_sets
from reirrad.stats.survival import (
    kaplan_meier,
    log_rank,
    product_limit,
    reverse_kaplan_meier,
)
from reirrad.stats.times import Observed
from tests.stats.groups import FOLDER, SETS, groups_of, table

pytestmark = pytest.mark.reference

Golden = dict[str, Any]


@pytest.fixture(scope="module")
def golden() -> Golden:
    made: Golden = json.loads((FOLDER / "golden" / "r.json").read_text("utf-8"))
    return made


def close(found: Sequence[float | None], expected: Sequence[float | None]) -> None:
    """Equal to 1e-6, and undefined at the same places."""
    assert [value is None for value in found] == [value is None for value in expected]
    numbers = np.array([value for value in found if value is not None])
    assert numbers == pytest.approx(
        np.array([value for value in expected if value is not None]), rel=1e-6, abs=1e-6
    )


def read(result: TimeToEvent, times: list[float], column: str) -> list[float | None]:
    """A column of a curve at some times."""
    assert result.curve is not None
    values = getattr(result.curve, column)
    after = np.searchsorted(result.curve.times_months, times, side="right") - 1
    return [values[at] for at in after]


def survival_agrees(result: TimeToEvent, expected: Golden) -> None:
    for column in ("estimate", "low", "high"):
        close(read(result, expected["times"], column), expected[column])
    medians = [result.median_months, result.median_low, result.median_high]
    close(medians, expected["median"])


@pytest.mark.parametrize("name", SETS)
def test_kaplan_meier_is_that_of_survfit(name: str, golden: Golden) -> None:
    for stratum, observed in groups_of(name).items():
        expected = golden[name][stratum]["kaplan_meier"]
        times = expected["times"]
        result = kaplan_meier(observed, horizons_months=times, fewest_at_risk=1)
        survival_agrees(result, expected)
        assert [at.at_risk for at in result.at] == expected["at_risk"]
        grid = risk_sets(observed).times_months
        error = product_limit(observed)[1][np.searchsorted(grid, times, "right") - 1]
        close(
            [None if np.isnan(value) else value for value in error],
            expected["standard_error"],
        )


@pytest.mark.parametrize("name", SETS)
def test_reverse_kaplan_meier_is_that_of_prodlim(name: str, golden: Golden) -> None:
    for stratum, observed in groups_of(name).items():
        survival_agrees(
            reverse_kaplan_meier(observed), golden[name][stratum]["reverse"]
        )


@pytest.mark.parametrize("name", SETS)
def test_cumulative_incidence_is_that_of_cuminc(name: str, golden: Golden) -> None:
    for stratum, observed in groups_of(name).items():
        expected = golden[name][stratum]["incidence"]
        times = expected["times"]
        close(
            read(cumulative_incidence(observed), times, "estimate"),
            expected["estimate"],
        )
        grid = risk_sets(observed).times_months
        after = np.searchsorted(grid, times, "right") - 1
        close(incidence(observed)[1][after].tolist(), expected["variance"])


@pytest.mark.parametrize(
    ("test", "kind"), [(log_rank, "log_rank"), (gray, "gray")], ids=["log-rank", "Gray"]
)
@pytest.mark.parametrize("name", SETS)
def test_groups_differ_as_in_r(
    name: str,
    test: Callable[[Sequence[Observed]], GroupTest],
    kind: str,
    golden: Golden,
) -> None:
    groups = [group for key, group in groups_of(name).items() if key != "all"]
    result = test(groups)
    close([result.statistic, result.degrees, result.p], golden[name]["tests"][kind])


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("endometrial_nv", ["nv"]),
        ("endometrial_pi", ["pi"]),
        ("endometrial_eh", ["eh"]),
        ("endometrial", ["nv", "pi", "eh"]),
    ],
)
def test_penalised_regression_is_that_of_r(
    name: str, columns: list[str], golden: Golden
) -> None:
    rows = table("endometrial")
    design = np.array([[float(row[column]) for column in columns] for row in rows])
    fit = firth(design, np.array([float(row["hg"]) for row in rows]))
    for part in ("coefficients", "low", "high", "p"):
        close(getattr(fit, part), golden["logistic"][name][part])


@pytest.mark.slow
def test_the_golden_values_are_what_r_gives_here(golden: Golden) -> None:
    program = shutil.which("Rscript")
    if program is None:
        pytest.skip("R is not installed; the kept values stand for it")
    has = (
        "q(status = !all(c('survival', 'cmprsk') %in% rownames(installed.packages())))"
    )
    if subprocess.run([program, "-e", has], check=False).returncode:  # noqa: S603 - R
        pytest.skip("R is without survival or cmprsk; the kept values stand for them")
    made = subprocess.run(  # noqa: S603 - R with the recipe of this folder
        [program, str(FOLDER / "golden" / "make.R")],
        check=True,
        capture_output=True,
        text=True,
    )
    for one, other in zip(leaves(json.loads(made.stdout)), leaves(golden), strict=True):
        assert one[0] == other[0]
        close(one[1], other[1])


def leaves(tree: Golden, path: str = "") -> list[tuple[str, list[float | None]]]:
    """Arrays of numbers with where they stand."""
    found = []
    for key, value in sorted(tree.items()):
        if isinstance(value, dict):
            found += leaves(value, f"{path}/{key}")
        else:
            found.append((f"{path}/{key}", value))
    return found

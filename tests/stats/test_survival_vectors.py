"""The vectors of survival and shares from the project's clinical reference sheet."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reirrad.stats.descriptive import distribution
from reirrad.stats.proportions import clopper_pearson, wilson
from reirrad.stats.risk_sets import risk_sets
from reirrad.stats.survival import kaplan_meier, product_limit, reverse_kaplan_meier
from reirrad.stats.times import CENSORED, EVENT, Observed
from tests.stats.groups import group, groups_of

pytestmark = pytest.mark.reference

Z = 1.959963984540054

SIX_MP = groups_of("freireich")["6-MP"]

# The sheet gives survival and its error at 12 months, the median observed time and the
# median follow-up, not the 18 times. The four risk sets 18, 16, 12 and 8 are the only
# ones with that survival and error; the times below are a choice that has them.
EIGHTEEN = group(
    [
        (1, EVENT),
        (2, CENSORED),
        (3, EVENT),
        (4, CENSORED),
        (5, CENSORED),
        (6, CENSORED),
        (7, EVENT),
        (8, CENSORED),
        (10, CENSORED),
        (10.5, CENSORED),
        (10.75, EVENT),
        (11, CENSORED),
        (13, CENSORED),
        (15, CENSORED),
        (18, CENSORED),
        (20, CENSORED),
        (25, CENSORED),
        (34, CENSORED),
    ]
)


def survival(observed: Observed, months: float) -> list[float]:
    """Survival and its standard error."""
    estimate, error = product_limit(observed)
    at = np.searchsorted(risk_sets(observed).times_months, months, side="right") - 1
    return [float(estimate[at]), float(error[at])]


def interval(observed: Observed) -> list[float | None]:
    (at,) = kaplan_meier(observed, fewest_at_risk=1).at
    return [at.low, at.high]


def other_interval(kind: str) -> list[float]:
    """Intervals that this project does not print, from its standard error."""
    estimate, error = survival(SIX_MP, 12)
    if kind == "log":
        factor = math.exp(Z * error / estimate)
        return [estimate / factor, estimate * factor]
    return [estimate - Z * error, estimate + Z * error]


def alive_among_known() -> float:
    known = [m for m, o in zip(EIGHTEEN.months, EIGHTEEN.outcome, strict=True) if o]
    alive = sum(months >= 12 for months in EIGHTEEN.months)
    return alive / (alive + len(known))


ANSWERS: dict[str, Callable[[], Any]] = {
    "T01": lambda: survival(SIX_MP, 6),
    "T02": lambda: survival(SIX_MP, 7),
    "T03": lambda: survival(SIX_MP, 10),
    "T04": lambda: survival(SIX_MP, 12),
    "T05": lambda: survival(SIX_MP, 13),
    "T06": lambda: survival(SIX_MP, 16),
    "T07": lambda: survival(SIX_MP, 22),
    "T08": lambda: survival(SIX_MP, 23),
    "T09": lambda: interval(SIX_MP),
    "T10": lambda: other_interval("log"),
    "T11": lambda: other_interval("plain"),
    "T12": lambda: kaplan_meier(SIX_MP).median_months,
    "T13": lambda: reverse_kaplan_meier(SIX_MP).median_months,
    "T14": lambda: survival(EIGHTEEN, 12),
    "T15": lambda: interval(EIGHTEEN),
    "T16": lambda: 1 - EIGHTEEN.outcome.count(EVENT) / len(EIGHTEEN.months),
    "T17": alive_among_known,
    "T18": lambda: reverse_kaplan_meier(EIGHTEEN).median_months,
    "T19": lambda: distribution(EIGHTEEN.months).median,
    "T20": lambda: clopper_pearson(0, 18)[1],
    "T21": lambda: clopper_pearson(0, 20)[1],
    "T22": lambda: clopper_pearson(0, 25)[1],
    "T23": lambda: list(wilson(14, 26)),
    "T24": lambda: reverse_kaplan_meier(EIGHTEEN).median_months,
    "T25": lambda: reverse_kaplan_meier(SIX_MP).median_months,
    "T26": lambda: survival(group([(12, EVENT), (20, CENSORED)]), 12)[0],
    "T27": lambda: survival(group([(12, CENSORED), (13, CENSORED)]), 12)[0],
}


@pytest.fixture(scope="module")
def vectors(shared: Path) -> dict[str, dict[str, Any]]:
    text = (shared / "reference" / "clinical_vectors.json").read_text(encoding="utf-8")
    return {
        vector["id"]: vector
        for vector in json.loads(text)
        if vector["group"] in {"KM", "CI"}
    }


@pytest.mark.parametrize("key", sorted(ANSWERS))
def test_a_reference_vector_is_met(
    key: str, vectors: dict[str, dict[str, Any]]
) -> None:
    vector = vectors[key]
    expected = pytest.approx(vector["value"], rel=0, abs=vector["tol"])
    assert ANSWERS[key]() == expected, vector["desc"]


def test_every_vector_of_survival_and_shares_has_an_answer(
    vectors: dict[str, dict[str, Any]],
) -> None:
    assert set(vectors) == set(ANSWERS)

"""The paper's numbers, as the program computes them from a cohort made for them."""

import pytest

from reirrad.phantoms.paper_cohort import paper_cohort
from reirrad.stats.cohort_results import CohortResults
from reirrad.stats.questions import Questions
from reirrad.stats.results import (
    Distribution,
    Output,
    OutputRow,
    Share,
    Shares,
    TimeToEvent,
)
from reirrad.workflows.cohort_results import results_of_cohort


@pytest.fixture(scope="module")
def results() -> CohortResults:
    return results_of_cohort(paper_cohort(), Questions(strata="as_applied_type"))


def output(results: CohortResults, number: int) -> Output:
    (found,) = (one for one in results.outputs if one.id == f"O{number}")
    return found


def row(results: CohortResults, number: int, item: str, stratum: str) -> OutputRow:
    (found,) = (
        one
        for one in output(results, number).rows
        if (one.item, one.stratum) == (item, stratum)
    )
    return found


def spread(results: CohortResults, number: int, item: str) -> Distribution:
    found = row(results, number, item, "all").result
    assert isinstance(found, Distribution)
    return found


def counts(
    results: CohortResults, number: int, item: str = "", stratum: str = "all"
) -> dict[str, str]:
    found = row(results, number, item, stratum).result
    shares = found.shares if isinstance(found, Shares) else (found,)
    told = {}
    for one in shares:
        assert isinstance(one, Share)
        if one.count:
            told[one.label] = f"{one.count}/{one.of}"
    return told


def curve(results: CohortResults, endpoint: str) -> TimeToEvent:
    (found,) = (
        one
        for one in results.survival
        if (one.endpoint, one.stratum) == (endpoint, "all")
    )
    return found


def test_units(results: CohortResults) -> None:
    assert (results.n_patients, results.n_courses, results.n_lesions) == (18, 20, 25)
    assert counts(results, 2) == {"1": "11/18", "2": "7/18"}
    assert results.problems == ()


@pytest.mark.parametrize(
    ("number", "item", "printed"),
    [
        (7, "", "20: 8.5 (2.0-28.0)"),
        (13, "previous course, dose", "18: 43.1 (24.0-50.0)"),
        (13, "re-irradiation, dose", "25: 41.3 (16.0-50.0)"),
        (15, "GTV", "25: 6.8 (1.5-19.9)"),
        (15, "PTV", "25: 13.3 (3.6-34.9)"),
        (15, "margin from GTV to PTV", "25: 3.6 (3.0-5.0)"),
        (16, "D2%", "25: 51.0 (16.5-67.5)"),
        (16, "D98%", "25: 41.0 (15.0-59.5)"),
        (17, "previous course", "20: 1197.9 (926.0-1970.0)"),
        (17, "re-irradiation", "20: 1294.0 (967.0-2009.0)"),
        (18, "previous course, physical", "20: 3.9 (1.0-10.0)"),
        (18, "re-irradiation, physical", "20: 3.7 (1.6-8.0)"),
        (22, "Ov2Gy in the organ", "20: 625.3 (0.0-2098.0)"),
        (27, "observed", "18: 11.0 (3.0-34.0)"),
    ],
)
def test_means_and_ranges(
    results: CohortResults, number: int, item: str, printed: str
) -> None:
    found = spread(results, number, item)

    assert found.missing == 0
    told = f"{found.mean:.1f} ({found.minimum:.1f}-{found.maximum:.1f})"
    assert f"{found.n}: {told}" == printed


@pytest.mark.parametrize(
    ("number", "item", "printed"),
    [
        (3, "", "69.0"),
        (7, "", "8.5"),
        (15, "PTV", "13.4"),
        (18, "previous course, EQD2", "2.9"),
        (18, "re-irradiation, EQD2", "3.0"),
        (23, "type 1, as applied", "861.0"),
        (27, "observed", "10.7"),
    ],
)
def test_medians(results: CohortResults, number: int, item: str, printed: str) -> None:
    assert f"{spread(results, number, item).median:.1f}" == printed


def test_ages(results: CohortResults) -> None:
    found = spread(results, 3, "")

    assert f"{found.minimum:.0f}-{found.maximum:.0f}" == "46-87"


@pytest.mark.parametrize(
    ("number", "item", "expected"),
    [
        (4, "", {"female": "9/18", "male": "9/18"}),
        (6, "", {"liver": "20/25", "peritoneum": "5/25"}),
        (11, "", {"inspiration_hold": "18/25", "free_breathing": "7/25"}),
        (14, "", {"isodose_80": "20/25", "mean_dose": "5/25"}),
        (20, "prescription reduced", {"prescription reduced": "5/20"}),
        (24, "as applied", {"1A": "8/20", "1B": "7/20", "2": "5/20"}),
        (24, "strict", {"1A": "11/20", "1B": "7/20", "2": "2/20"}),
        (26, "lesions of adapted plans", {"liver": "5/7", "peritoneum": "2/7"}),
        (26, "plans always adapted", {"plans always adapted": "1/5"}),
        (29, "completed", {"completed": "20/20"}),
        (29, "interrupted", {}),
        (30, "objective response", {"objective response": "7/13"}),
        (30, "clinical benefit", {"clinical benefit": "7/13"}),
    ],
)
def test_counts(
    results: CohortResults, number: int, item: str, expected: dict[str, str]
) -> None:
    assert counts(results, number, item) == expected


def test_primary_tumours_and_states_are_those_counted(results: CohortResults) -> None:
    primary = counts(results, 5, "patients")
    states = counts(results, 8, "as recorded")

    assert primary.pop("gynaecological") == "8/18"
    assert primary.pop("colorectal") == "4/18"
    assert primary.pop("hepatocellular") == "2/18"
    assert sum(int(one.partition("/")[0]) for one in primary.values()) == 4
    assert states == {
        "metachronous_oligorecurrence": "4/18",
        "metachronous_oligoprogression": "12/18",
        "induced_oligopersistence": "2/18",
    }


def test_survival_at_12_months(results: CohortResults) -> None:
    overall = curve(results, "overall survival")
    free = curve(results, "progression-free survival")

    assert (overall.unit, overall.n, overall.events) == ("patient", 18, 2)
    assert (free.unit, free.n, free.events) == ("patient", 18, 6)
    assert overall.at[0].estimate == pytest.approx(0.85)
    assert f"{100 * (free.at[0].estimate or 0.0):.0f} %" == "55 %"
    assert (overall.at[0].at_risk, free.at[0].at_risk) == (8, 7)


def test_no_toxicity_leaves_an_upper_limit(results: CohortResults) -> None:
    any_grade = [
        one for one in results.toxicity if (one.term, one.stratum) == ("any", "all")
    ]

    assert {one.window for one in any_grade} == {"acute", "late"}
    for one in any_grade:
        assert (one.by_grade, one.of, one.low) == ((0, 0, 0, 0, 0), 18, 0.0)
        assert f"{100 * (one.high or 0.0):.1f} %" == "18.5 %"

from dataclasses import replace

from reirrad.reports.cohort_answer import answer_table, by_stratum_table, outcome_lines
from reirrad.stats.results import AtHorizon, Output, OutputRow, Share, Shares
from tests.reports.cohort_specimen import NO_RESULTS, cohort_results

DASH = "\N{EN DASH}"
OUTCOMES = [
    "Overall survival",
    "Progression-free survival",
    "Local progression",
    "Objective response",
    "Clinical benefit",
    "Any toxicity, acute",
    "Any toxicity, late",
]


def test_the_answer_names_every_outcome_with_its_unit_and_counts() -> None:
    table = answer_table(cohort_results(), 12.0).table
    rows = {row.cells[0].text: [cell.text for cell in row.cells] for row in table.rows}
    assert list(rows) == [
        *OUTCOMES[:-2],
        "Over the whole of its window",
        *OUTCOMES[-2:],
    ]
    headings = [column.title for column in table.columns]
    response = dict(zip(headings, rows["Objective response"], strict=True))
    assert response["n"] == "12"
    assert response["Missing"] == "6"
    assert response["Events"] == "5"
    assert response["Unit"] == "patient"
    lesions = dict(zip(headings, rows["Local progression"], strict=True))
    assert lesions["Unit"] == "lesion"
    assert lesions["Events"] == "4 (+3 deaths)"


def test_with_no_event_the_upper_limit_is_printed() -> None:
    lines = outcome_lines(cohort_results(), 12.0)
    (late,) = [line for line in lines if line.outcome == "Any toxicity, late"]
    assert late.estimate == f"0.0 % (0.0{DASH}18.5)"
    assert (late.n, late.missing) == ("18", "0")


def test_a_withheld_estimate_points_to_its_reason() -> None:
    named = answer_table(cohort_results(), 12.0)
    (row,) = [r for r in named.table.rows if r.cells[0].text == "Overall survival"]
    assert row.cells[1].text == f"{DASH} [1]"
    assert named.notes[0].startswith("[1] withheld: fewer than 5 at risk")


def test_a_time_that_was_not_asked_for_is_not_answered() -> None:
    (first, *_) = outcome_lines(cohort_results(), 24.0)
    assert first.estimate == DASH
    assert first.note == "not asked for"


def test_an_estimate_is_shown_with_its_interval_and_those_at_risk() -> None:
    results = cohort_results()
    at = AtHorizon(12.0, 0.7102, 0.3804, 0.8859, 6, "")
    first = replace(results.survival[0], at=(at,))
    (line, *_) = outcome_lines(replace(results, survival=(first,)), 12.0)
    assert line.estimate == f"71.0 % (38.0{DASH}88.6)"
    assert line.at_risk == "6"


def test_groups_stand_below_their_outcome_with_their_comparison() -> None:
    table = by_stratum_table(cohort_results(), 12.0).table
    first = [row.cells[0].text for row in table.rows[:6]]
    assert first[:5] == ["Overall survival", "All", "1A", "1B", "2"]
    assert first[5].startswith("Log-rank test: chi-square 1.23")
    assert any(
        row.cells[0].text == "Gray's test not made: No event in two of the groups."
        for row in table.rows
    )


def test_rild_without_a_grade_counts_as_an_event() -> None:
    results = cohort_results()
    row = replace(results.toxicity[1], ungraded=2)
    lines = outcome_lines(replace(results, toxicity=(row,)), 12.0)
    assert lines[-1].events == "2"


def test_an_empty_registry_has_no_outcome() -> None:
    assert outcome_lines(NO_RESULTS, 12.0) == []


def test_responses_at_several_times_are_not_mixed_up() -> None:
    results = cohort_results()
    output = Output(
        "O30",
        "Response",
        "patient",
        "RECIST 1.1",
        tuple(
            OutputRow("all", label, "", Shares((Share(label, count, 12, 0, 1),), 6))
            for label, count in (
                ("objective response at 6 months", 7),
                ("objective response at 12 months", 5),
            )
        ),
        (),
    )
    several = replace(results, outputs=(output,))
    for months, count in ((6.0, "7"), (12.0, "5")):
        lines = outcome_lines(several, months)
        (found,) = [line for line in lines if line.outcome == "Objective response"]
        assert found.events == count


def test_the_lesions_whose_patient_died_are_told() -> None:
    results = cohort_results()
    one = next(o for o in results.survival if o.endpoint == "local progression")
    single = replace(results, survival=(replace(one, competing=1),))
    assert outcome_lines(single, 12.0)[0].events == "4 (+1 death)"

from dataclasses import replace

from reirrad.reports.cohort_outcome_text import WIDTH, outcome_text
from tests.reports.cohort_specimen import NO_RESULTS, cohort_results


def test_the_text_fits_the_terminal_and_names_units_and_reasons() -> None:
    lines = outcome_text(cohort_results(), 12.0).splitlines()
    assert lines[0] == (
        "Outcome at 12 months by type of re-irradiation, strict reading"
    )
    assert lines[1] == "18 patients, 20 re-irradiation courses, 25 lesions"
    assert max(map(len, lines)) <= WIDTH
    assert any(line.startswith("[1] withheld: fewer than 5") for line in lines)
    assert lines[-1] == "1 contradiction and 2 gaps in the registry; see the report."


def test_columns_stand_below_their_titles() -> None:
    lines = outcome_text(cohort_results(), 12.0).splitlines()
    (heading,) = [line for line in lines if "At risk" in line]
    (first, *_) = [line for line in lines if line.startswith("  All")]
    end = heading.index("At risk") + len("At risk")
    assert first[:end].endswith(" 4")


def test_an_empty_registry_has_nothing_to_report() -> None:
    assert outcome_text(NO_RESULTS, 12.0) == (
        "0 patients, 0 re-irradiation courses, 0 lesions: nothing to report."
    )


def test_a_narrow_terminal_is_not_exceeded_and_loses_no_word() -> None:
    results = cohort_results()
    wide, narrow = (outcome_text(results, 12.0, columns) for columns in (300, 40))
    assert max(map(len, wide.splitlines())) <= 100
    assert max(map(len, narrow.splitlines())) <= 80
    assert sorted(wide.split()) == sorted(narrow.split())


def test_wide_columns_stand_closer() -> None:
    results = cohort_results()
    name = "hepatocellular"
    survival = tuple(
        replace(one, stratum=name) if one.stratum == "1A" else one
        for one in results.survival
    )
    lines = outcome_text(replace(results, survival=survival), 12.0).splitlines()
    assert any(line.startswith(f"  {name} ") for line in lines)
    assert max(map(len, lines)) <= WIDTH

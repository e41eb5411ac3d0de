from reirrad.reports.cohort_statistics import statistics_rows
from reirrad.stats.results import (
    AtHorizon,
    Distribution,
    Output,
    OutputRow,
    Share,
    Shares,
    TimeToEvent,
)


def rows(*lines: OutputRow) -> list[list[str | float | None]]:
    output = Output("O3", "Age", "patient", "Years.", lines, ())
    return statistics_rows((output,))[1:]


def test_a_distribution_has_a_row_for_each_statistic_with_its_unit() -> None:
    found = Distribution(18, 2, 69.123456789, None, 69, 60, 75, 46, 87)
    written = {row[7]: row for row in rows(OutputRow("1A", "", "years", found))}
    about = ["O3", "Age", "patient", "1A", "", ""]
    assert written["mean"] == [*about, "years", "mean", 69.123456789]
    assert written["sd"][-1] is None
    assert written["missing"] == [*about, "", "missing", 2]


def test_shares_are_told_answer_by_answer() -> None:
    shares = Shares((Share("female", 9, 18, 0.26, 0.74),), 1)
    written = [row[5:] for row in rows(OutputRow("all", "", "", shares))]
    assert written == [
        ["female", "", "count", 9],
        ["female", "", "of", 18],
        ["female", "", "low", 0.26],
        ["female", "", "high", 0.74],
        ["", "", "missing", 1],
    ]


def test_a_time_to_event_has_its_counts_median_and_values_at_times() -> None:
    at = AtHorizon(12.0, None, None, None, 2, "fewer than 5")
    found = TimeToEvent(
        "os", "all", "patient", "KM", 18, 4, 0, 1, None, 23.0, None, None, (at,)
    )
    written = {
        (row[5], row[7]): row[-1]
        for row in rows(OutputRow("all", "overall survival", "", found))
    }
    assert written["", "events"] == 4
    assert written["", "median_months"] == 23.0
    assert written["at 12 months", "estimate"] is None
    assert written["at 12 months", "at_risk"] == 2


def test_every_row_is_as_long_as_the_heading() -> None:
    share = Share("female", 9, 18, 0.26, 0.74)
    heading, *others = statistics_rows(
        (Output("O4", "Sex", "p", "", (OutputRow("all", "", "", share),), ()),)
    )
    assert {len(row) for row in others} == {len(heading)}

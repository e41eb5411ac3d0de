from dataclasses import replace

import pytest

from reirrad.reports.cohort_wording import (
    bounds,
    estimate_text,
    grouped_test_text,
    median_text,
    number,
    p_text,
    percent,
    result_lines,
    row_title,
    share_text,
    spread,
)
from reirrad.stats.results import (
    AtHorizon,
    Curve,
    Distribution,
    GroupTest,
    OutputRow,
    Share,
    Shares,
    TimeToEvent,
)

DASH = "\N{EN DASH}"


def time_to_event(
    median: float | None, low: float | None, high: float | None, *, competing: int = 0
) -> TimeToEvent:
    return TimeToEvent(
        "overall survival", "all", "patient", "Kaplan-Meier", 18, 4, competing, 0, None,
        median, low, high, (AtHorizon(12.0, 0.854, 0.614, 0.949, 8, ""),),
    )  # fmt: skip


def test_a_number_that_is_not_known_is_a_dash_and_never_zero() -> None:
    assert number(None) == percent(None) == bounds(None, None) == DASH
    assert spread(None, 3.0) == DASH


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (Share("m", 9, 18, 0.26, 0.74), f"9/18 (50 %; 26{DASH}74)"),
        (Share("none", 0, 18, 0.0, 0.185302), f"0/18 (0 %; 0{DASH}19)"),
        (Share("m", 505, 1010, 0.469, 0.531), f"505/1010 (50.0 %; 46.9{DASH}53.1)"),
        (Share("m", 0, 0, None, None), "0/0"),
    ],
)
def test_a_share_has_its_denominator_and_interval(share: Share, text: str) -> None:
    assert share_text(share) == text


def test_a_range_with_negative_numbers_has_no_dash_between_them() -> None:
    assert spread(-2.6, -1.4) == "-2.6 to -1.4"
    assert spread(2.0, 28.0) == f"2.0{DASH}28.0"


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (AtHorizon(12, 0.85, 0.604, 0.949, 8, ""), f"85.0 % (60.4{DASH}94.9)"),
        (AtHorizon(12, 1.0, None, None, 8, "no event"), "100.0 % (no interval)"),
        (AtHorizon(12, None, None, None, 2, "fewer than 5"), DASH),
    ],
)
def test_an_estimate_that_is_withheld_shows_no_number(at: AtHorizon, text: str) -> None:
    assert estimate_text(at) == text


def test_p_values() -> None:
    assert p_text(0.0009) == "p < 0.001"
    assert p_text(0.001) == "p = 0.001"


def test_a_comparison_says_why_it_was_not_made() -> None:
    groups = {"1A": 3, "2": 2}
    made = GroupTest("os", "log-rank", groups, 1.234, 1, 0.2667, "", 9)
    few = replace(made, descriptive=True, note="left out: 1B", events=1)
    why = "not made: no event"
    not_made = GroupTest("os", "Gray", groups, None, None, None, why)
    assert grouped_test_text(made) == (
        "Log-rank test: chi-square 1.23, 1 degree of freedom, p = 0.267, 9 events"
    )
    assert grouped_test_text(few).endswith(
        "p = 0.267, 1 event; few units or events: descriptive only; left out: 1B"
    )
    assert grouped_test_text(not_made) == "Gray's test not made: no event"


def followed_by(
    last_high: float | None, median: float | None, low: float | None
) -> TimeToEvent:
    """A survival whose curve ends with an upper bound, or with none."""
    curve = Curve(
        times_months=(0.0, 23.0),
        estimate=(1.0, 0.5),
        low=(None, None),
        high=(None, last_high),
        at_risk=(4, 4),
        events=(0, 2),
        censored=(0, 2),
    )
    return replace(time_to_event(median, low, None), curve=curve)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (followed_by(0.9, 23.0, 13.0), f"23.0 (13.0{DASH}NR)"),
        (followed_by(0.9, None, 9.0), f"NR (9.0{DASH}NR)"),
        (followed_by(None, 23.0, 13.0), f"23.0 (13.0 to {DASH})"),
        (followed_by(None, 23.0, None), f"23.0 ({DASH} to {DASH})"),
        (followed_by(0.9, 23.0, None), f"23.0 ({DASH} to NR)"),
        (time_to_event(None, None, None), "NR"),
        (
            replace(time_to_event(None, None, None), method="cumulative incidence"),
            DASH,
        ),
    ],
)
def test_a_median_that_is_not_reached_says_so(found: TimeToEvent, text: str) -> None:
    assert median_text(found) == text


def test_a_distribution_prints_n_missing_and_every_statistic() -> None:
    known = Distribution(20, 2, 8.9, 6.12, 8.5, 6.5, 11.5, 2.0, 28.0)
    assert dict(result_lines(known)) == {
        "median (IQR; range)": f"8.5 (6.5{DASH}11.5; 2.0{DASH}28.0)",
        "mean (SD); n": "8.9 (6.1); n = 20, 2 missing",
    }


def test_a_distribution_of_nothing_and_one_of_one_unit() -> None:
    nothing = Distribution(0, 5, None, None, None, None, None, None, None)
    assert dict(result_lines(nothing))["median (IQR; range)"] == DASH
    assert dict(result_lines(nothing))["mean (SD); n"] == "n = 0, 5 missing"
    single = Distribution(1, 0, 3.0, None, 3.0, 3.0, 3.0, 3.0, 3.0)
    assert dict(result_lines(single))["mean (SD); n"] == "3.0; n = 1"


def test_shares_count_what_is_missing_and_name_codes_in_words() -> None:
    shares = Shares((Share("lymph_node", 1, 4, 0.1, 0.6),), 3)
    lines = dict(result_lines(shares))
    assert lines["missing"] == "3"
    assert "lymph node" in lines


def test_a_time_to_event_shows_units_events_and_those_at_risk() -> None:
    lines = dict(result_lines(time_to_event(23.0, None, None, competing=2)))
    assert lines["n (missing)"] == "18 (0)"
    assert lines["events"] == "4"
    assert lines["deaths without it"] == "2"
    assert lines["at 12 months"] == f"85.4 % (61.4{DASH}94.9)"
    assert lines["at risk at 12 months"] == "8"


def test_follow_up_says_who_is_censored_and_still_observed() -> None:
    found = replace(time_to_event(23.0, None, None), method="reverse Kaplan-Meier")
    lines = dict(result_lines(found))
    assert lines["censored, alive at last contact"] == "4"
    assert lines["under observation at 12 months"] == "8"
    assert "events" not in lines


def test_a_median_that_is_withheld_is_not_one_that_is_not_reached() -> None:
    found = time_to_event(None, None, None)
    assert median_text(replace(found, median_note="not given")) == DASH


def test_the_exact_interval_stands_where_there_is_no_other() -> None:
    at = AtHorizon(12.0, 0.0, None, None, 6, "", 0.0, 0.265)
    assert estimate_text(at) == f"0.0 % (exact 0.0{DASH}26.5)"


def test_a_title_has_item_and_unit_where_there_are_any() -> None:
    row = OutputRow("all", "GTV", "cc", Share("a", 0, 0, None, None))
    assert row_title("Volumes", row) == "Volumes: GTV [cc]"
    assert row_title("", row) == "GTV [cc]"

from dataclasses import replace

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reirrad.reports.cohort_survival_figure import survival_figure
from tests.reports.cohort_specimen import cohort_results, time_to_event
from tests.reports.drawn import across, up

RESULTS = cohort_results()
OVERALL, *GROUPS = (
    one for one in RESULTS.survival if one.endpoint == "overall survival"
)


def words(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def draw(*, fewest: int = 1) -> Figure:
    return survival_figure(OVERALL, GROUPS, RESULTS.tests[0], fewest_at_risk=fewest)


def test_numbers_at_risk_stand_below_both_panels() -> None:
    left, right = draw().axes
    assert words(left)[:2] == ["At risk", "All"]
    assert words(left)[2:] == ["14", "14", "12", "8", "4", "2", "1"]
    assert [word for word in words(right) if word.startswith("Type")] == [
        "Type 1A",
        "Type 1B",
        "Type 2",
    ]


def test_after_the_last_time_nobody_is_at_risk() -> None:
    assert GROUPS[2].curve is not None
    assert GROUPS[2].curve.times_months[-1] < 18
    _, right = draw().axes
    assert words(right)[-1] == "0"


def test_the_curve_is_the_estimate_with_a_tick_for_everyone_censored() -> None:
    left, _ = draw().axes
    assert OVERALL.curve is not None
    curve, ticks = left.lines
    assert across(curve) == list(OVERALL.curve.times_months)
    assert up(curve) == list(OVERALL.curve.estimate)
    pairs = zip(OVERALL.curve.times_months, OVERALL.curve.censored, strict=True)
    assert across(ticks) == [months for months, count in pairs if count]


def test_beyond_the_fewest_at_risk_the_curve_is_pale_and_has_no_band() -> None:
    left, _ = draw(fewest=5).axes
    pale, solid, _ = left.lines
    assert pale.get_alpha() is not None
    assert max(across(solid)) == 12.0
    band = left.collections[0].get_paths()[0].get_extents()
    assert band.x1 == pytest.approx(12.0)


def test_a_group_that_never_had_enough_is_pale_throughout() -> None:
    (left,) = survival_figure(GROUPS[2], (), fewest_at_risk=5).axes
    assert left.lines[0].get_alpha() is not None


def test_the_comparison_stands_above_the_groups() -> None:
    _, right = draw().axes
    assert right.get_title(loc="left").endswith("Log-rank test p = 0.541, 0 events")
    few = replace(RESULTS.tests[0], events=3, descriptive=True)
    described = survival_figure(OVERALL, GROUPS, few).axes[1]
    assert described.get_title(loc="left").endswith("3 events in all: descriptive only")
    not_made = survival_figure(OVERALL, GROUPS, RESULTS.tests[1]).axes[1]
    assert not_made.get_title(loc="left").endswith("Gray's test not made")


def test_the_axis_of_an_incidence_ends_above_its_interval_and_says_so() -> None:
    assert OVERALL.curve is not None
    count = len(OVERALL.curve.times_months)
    curve = replace(OVERALL.curve, estimate=(0.05,) * count, high=(0.17,) * count)
    low = replace(OVERALL, curve=curve, method="cumulative incidence")
    (axes,) = survival_figure(low, ()).axes
    assert axes.get_ylim()[1] == pytest.approx(0.206)
    assert axes.get_ylabel() == "Probability [%], axis to 20 %"


def test_a_long_name_is_not_cut_and_has_a_sample_of_its_line() -> None:
    name = "repeat organ irradiation"
    _, right = survival_figure(
        OVERALL, (replace(GROUPS[0], stratum=name), GROUPS[1])
    ).axes
    assert name in words(right)
    assert right.get_legend() is None
    samples = [line for line in right.lines if line.get_transform() == right.transAxes]
    assert len(samples) == 2


def test_a_group_without_a_curve_is_left_out_and_the_others_keep_their_colour() -> None:
    first = replace(GROUPS[0], curve=None)
    _, fewer = survival_figure(OVERALL, (first, *GROUPS[1:])).axes
    _, all_of_them = draw().axes

    def colours(axes: Axes) -> set[object]:
        return {line.get_color() for line in axes.lines}

    assert colours(fewer) < colours(all_of_them)


def test_without_groups_there_is_one_panel() -> None:
    assert len(survival_figure(OVERALL, ()).axes) == 1


@pytest.mark.parametrize("months", [(0.0,), (0.5,), (130.0, 260.0)])
def test_any_length_of_follow_up_can_be_drawn(months: tuple[float, ...]) -> None:
    found = time_to_event("overall survival", "all", months, [0] * len(months))
    (axes,) = survival_figure(found, ()).axes
    assert 1 <= len(axes.get_xticks()) <= 8

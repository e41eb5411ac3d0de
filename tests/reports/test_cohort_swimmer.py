import pytest
from matplotlib.colors import to_hex

from reirrad.reports.cohort_style import stratum_colour
from reirrad.reports.cohort_swimmer import MOST_LINES, shown_swims, swimmer_figure
from reirrad.stats.cohort_results import Swim, SwimEvent
from tests.reports.cohort_specimen import STRATA, many_patients, swims


def test_every_patient_has_a_bar_as_long_as_the_follow_up() -> None:
    (axes,) = swimmer_figure(swims(), STRATA).axes
    widths = [
        bar.get_path().get_extents(bar.get_transform() - axes.transData).width
        for bar in axes.patches
    ]
    assert widths == pytest.approx([one.months for one in swims()])
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == [f"{one.patient}  {one.stratum}" for one in swims()]


def test_a_large_cohort_is_thinned_evenly_and_stays_in_order() -> None:
    every = many_patients(1000).swims
    shown = shown_swims(every)
    assert len(shown) == MOST_LINES
    assert shown[0] == every[0]
    assert [one.months for one in shown] == sorted(
        (one.months for one in shown), reverse=True
    )
    assert shown_swims(every[:MOST_LINES]) == list(every[:MOST_LINES])


def test_the_legend_names_only_what_is_drawn() -> None:
    one = Swim("P1", "1B", 8.0, died=True, events=(SwimEvent(3.0, "CR"),))
    figure = swimmer_figure((one,), STRATA)
    words = [
        text.get_text() for legend in figure.legends for text in legend.get_texts()
    ]
    assert words == ["Type 1B", "CR", "Death", "Alive at last contact"]


def test_a_stratum_keeps_its_colour_where_others_are_absent() -> None:
    one = Swim("P1", "2", 8.0, died=True, events=())
    (axes,) = swimmer_figure((one,), STRATA).axes
    assert to_hex(axes.patches[0].get_facecolor()) == stratum_colour(2)


def test_an_event_of_another_kind_and_one_before_the_end_are_shown() -> None:
    events = (SwimEvent(-2.0, "local progression"), SwimEvent(1.0, "ablation"))
    one = Swim("P1", "unheard of", 8.0, died=False, events=events)
    figure = swimmer_figure((one,), STRATA)
    assert figure.axes[0].get_xlim()[0] == -2.0
    words = [
        text.get_text() for legend in figure.legends for text in legend.get_texts()
    ]
    assert "Other" in words
    assert "unheard of" in words

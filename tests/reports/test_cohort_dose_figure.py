import math
from dataclasses import replace

import pytest

from reirrad.reports.cohort_dose_figure import dose_response_pages
from tests.reports.cohort_specimen import association
from tests.reports.drawn import across, up


def test_units_with_and_without_the_toxicity_stand_apart() -> None:
    one = association(refused=False)
    (page,) = dose_response_pages((one,))
    without, with_it, _ = page.axes[0].lines
    assert len(across(without)) == 12
    assert across(with_it) == [46.0, 54.0, 58.0, 66.0]


def test_the_line_is_the_fit() -> None:
    one = association(refused=False)
    fit = dose_response_pages((one,))[0].axes[0].lines[2]
    dose, shown = across(fit)[-1], up(fit)[-1]
    assert one.intercept is not None
    assert one.slope is not None
    log_odds = one.intercept + one.slope * dose
    assert shown == pytest.approx(1 / (1 + math.exp(-log_odds)))


def test_a_refused_fit_shows_its_reason_and_no_line() -> None:
    axes = dose_response_pages((association(refused=True),))[0].axes[0]
    assert len(axes.lines) == 2
    words = " ".join(axes.texts[0].get_text().split())
    assert words == "Not fitted: 1 event, at least 5 are needed."
    unsaid = replace(association(refused=True), note="Not fitted: no difference.")
    axes = dose_response_pages((unsaid,))[0].axes[0]
    assert axes.texts[0].get_text().endswith("1 event in 16 patients")


def test_relations_fill_pages_and_those_without_points_are_left_out() -> None:
    one = association(refused=False)
    pages = dose_response_pages((one,) * 11 + (replace(one, points=()),))
    shown = [sum(axes.get_visible() for axes in page.axes) for page in pages]
    assert shown == [9, 2]
    assert dose_response_pages(()) == []

"""The line on page one about what can still be given."""

from dataclasses import replace

from reirrad.core.assessment import Assessment
from reirrad.core.uncertainty import Spread, Uncertainty, VerdictUncertainty
from reirrad.reports.blocks import Badge
from reirrad.reports.front_budget import remaining_badge
from tests.core.budget_specimens import constraint
from tests.reports.budget_specimens import CUMULATIVE, PHYSICAL, given


def badge_of(assessment: Assessment) -> Badge:
    found = remaining_badge(assessment)
    assert found is not None
    return found


def with_draws(assessment: Assessment, *rows: VerdictUncertainty) -> Assessment:
    return replace(
        assessment,
        uncertainty=Uncertainty(
            draws=256,
            seed=1,
            accuracies=(),
            pairs=(),
            structures=(),
            constraints=rows,
        ),
    )


ROW = VerdictUncertainty(
    structure="Duodenum",
    metric="D0.1cc[Gy]",
    quantity="EQD2",
    scope="cumulative",
    alpha_beta_gy=2.5,
    relation="<=",
    limit=54.0,
    level="single",
    set="tabled",
    verdict="met",
    value=Spread(50.0, 50.5, 41.0, 58.0),
    met_percent=83.2,
    exceeded_percent=16.8,
)


def test_organ_dose_and_how_sure() -> None:
    badge = badge_of(with_draws(given(CUMULATIVE), ROW))
    assert badge.word == (
        "Duodenum limits: 41.3 Gy in 5 fractions at most (planned 40 Gy)"
    )
    assert badge.tone == "strong"
    assert "leaves 44.0 Gy EQD2 (25.8 Gy in 5 fractions)" in badge.detail
    assert "in 83 % of plausible registrations (41.0 to 58.0 Gy)" in badge.detail
    assert "(tabled, secondary)" in badge.detail


def test_less_than_planned_stands_out() -> None:
    badge = badge_of(given(replace(PHYSICAL, limit=20.0), before_gy=0.0))
    assert "32.0 Gy in 5 fractions at most (planned 40 Gy)" in badge.word
    assert badge.tone == "bad"


def test_how_sure_is_not_taken_from_another_limit() -> None:
    others = (
        replace(ROW, scope="course 2"),
        replace(ROW, limit=55.0),
        replace(ROW, alpha_beta_gy=3.0),
        replace(ROW, set="other"),
        replace(ROW, structure="Stomach"),
    )
    badge = badge_of(with_draws(given(CUMULATIVE), *others))
    assert "how sure is not known" in badge.detail
    assert "%" not in badge.detail


def test_without_draws_nothing_is_said_to_be_sure() -> None:
    assert "how sure is not known" in badge_of(given(CUMULATIVE)).detail


def test_what_was_not_tested_is_said() -> None:
    missing = replace(PHYSICAL, n_fractions=8)
    badge = badge_of(given(CUMULATIVE, missing, not_drawn=("Heart",)))
    assert "1 limit not evaluated; 1 limited organ not drawn." in badge.detail


def test_a_limit_used_up_before_leaves_nothing() -> None:
    badge = badge_of(given(constraint("D0.1cc[Gy]", 8.0), constraint("Mean[Gy]", 60.0)))
    assert badge.word == "Nothing that meets every limit: Duodenum"
    assert badge.tone == "bad"
    assert "1 limit cannot be met by any dose" in badge.detail
    assert "without them Duodenum limits:" in badge.detail


def test_withheld_is_withheld() -> None:
    assessment = given(CUMULATIVE)
    assert assessment.budget is not None
    withheld = replace(assessment.budget, withheld="course 1 cannot be related.")
    badge = badge_of(replace(assessment, budget=withheld))
    assert (badge.word, badge.tone) == ("Withheld", "withheld")
    assert badge.detail == "course 1 cannot be related."


def test_one_course_alone_has_no_line() -> None:
    assessment = given(CUMULATIVE)
    alone = replace(assessment, courses=assessment.courses[:1])
    assert remaining_badge(alone) is None
    assert remaining_badge(replace(assessment, budget=None)) is None


def test_a_share_that_is_not_all_is_not_rounded_to_all() -> None:
    badge = badge_of(with_draws(given(CUMULATIVE), replace(ROW, met_percent=99.8)))
    assert "in more than 99 % of plausible registrations" in badge.detail

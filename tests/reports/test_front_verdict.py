"""The badge that says how sure the type is."""

from dataclasses import replace

import pytest

from reirrad.core.assessment import Assessment
from reirrad.core.uncertainty import PairUncertainty, Uncertainty, type_sentence
from reirrad.reports.blocks import Badge
from reirrad.reports.front_verdict import side_badges
from tests.reports.specimens import two_courses


def with_shares(shares: dict[str, float], *, second: int = 2) -> Assessment:
    assessment = two_courses()
    pair = PairUncertainty(
        earlier=(1,),
        second=second,
        organ="Liver",
        reported_type="1B",
        overlap={},
        resbrt_type=shares,
        as_applied_type=shares,
        estro_eortc={},
        sentence=type_sentence(shares),
    )
    found = Uncertainty(256, 1, (), (pair,), (), ())
    return replace(assessment, uncertainty=found)


def badge(assessment: Assessment) -> Badge:
    found = [
        b for b in side_badges(assessment, assessment.pairs[0]) if "ype" in b.label
    ]
    return found[-1]


def test_the_share_of_plausible_registrations_leads() -> None:
    assessment = two_courses()
    own = assessment.pairs[0].classification.resbrt_type
    found = badge(with_shares({own: 70.7, "2": 29.3}))
    assert found.label == "How sure of the type"
    assert found.word == f"{own} in 71 %"
    assert "of plausible registrations" in found.detail
    assert "at 3 mm" in found.detail
    assert found.tone == "warn"


def test_a_type_that_no_draw_has_is_said() -> None:
    own = two_courses().pairs[0].classification.resbrt_type
    assert badge(with_shares({"1B*": 100.0})).word == f"{own} in 0 %"


@pytest.mark.parametrize(
    "assessment", [two_courses(), with_shares({}), with_shares({"1B": 100.0}, second=3)]
)
def test_without_draws_of_the_pair_the_shifts_speak(assessment: Assessment) -> None:
    assert badge(assessment).label == "Same type if shifted by"

"""What may be asked of a cohort."""

from typing import Any

import pytest

from reirrad.stats.questions import Questions


def test_the_paper_asks_by_strict_type_at_twelve_months() -> None:
    asked = Questions()
    assert (asked.strata, asked.horizons_months) == ("resbrt_type", (12.0,))
    assert (asked.fewest_at_risk, asked.toxicity_grade) == (5, 2)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"horizons_months": ()}, "horizons_months"),
        ({"horizons_months": (0.0,)}, "horizons_months"),
        ({"horizons_months": (12.0, float("nan"))}, "horizons_months"),
        ({"horizons_months": (12.0, 12.0)}, "horizons_months"),
        ({"fewest_at_risk": 0}, "fewest_at_risk"),
        ({"toxicity_grade": 0}, "toxicity_grade"),
        ({"toxicity_grade": 6}, "toxicity_grade"),
        ({"strata": "name"}, "strata"),
    ],
)
def test_what_cannot_be_asked_is_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Questions(**wrong)

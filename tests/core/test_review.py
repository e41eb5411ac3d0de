from collections.abc import Mapping
from typing import Any

import pytest

from reirrad.core.review import Review, Signature

SIGNED = Signature("Anna", "physicist", "2026-03-06T10:00:00+00:00", "")


def test_nothing_is_decided_by_default() -> None:
    review = Review()
    assert (review.registration, review.assessment) == ("unreviewed", "unreviewed")
    assert review.version is None


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"registration": "accepted"}, "signature"),
        ({"registration_by": SIGNED}, "signature"),
        ({"assessment": "approved"}, "signature"),
        ({"assessment_by": SIGNED}, "signature"),
        ({"assessment": "approved", "assessment_by": SIGNED}, "accepted registration"),
        (
            {
                "registration": "rejected",
                "registration_by": SIGNED,
                "assessment": "approved",
                "assessment_by": SIGNED,
            },
            "accepted registration",
        ),
        (
            {
                "registration": "accepted",
                "registration_by": SIGNED,
                "assessment": "superseded",
                "assessment_by": SIGNED,
            },
            "names the version",
        ),
        ({"superseded_by": 3}, "names the version"),
        (
            {
                "registered": False,
                "registration": "accepted",
                "registration_by": SIGNED,
            },
            "no registration",
        ),
    ],
)
def test_decisions_that_contradict_one_another_are_refused(
    parts: Mapping[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        Review(**parts)


def test_a_single_course_is_approved_without_a_registration() -> None:
    review = Review(registered=False, assessment="approved", assessment_by=SIGNED)
    assert review.registration == "unreviewed"

"""Two small courses in one frame, one target beside the other."""

import pytest

from reirrad.phantoms.small_patient import small_courses


def test_only_the_second_target_is_shifted() -> None:
    first, second = small_courses(14.0)
    assert first.frame_of_reference_uid == second.frame_of_reference_uid

    def centre(course: int, name: str) -> float:
        (one,) = (s for s in (first, second)[course].structures if s.name == name)
        return float(sum(c.points_mm[:, 0].mean() for c in one.contours)) / len(
            one.contours
        )

    assert centre(0, "Liver") == pytest.approx(centre(1, "Liver"))
    for name in ("PTV", "GTV"):
        assert centre(1, name) - centre(0, name) == pytest.approx(14.0)


def test_both_are_treated_later_by_the_same_days() -> None:
    for now, later in zip(
        small_courses(14.0), small_courses(14.0, days_later=5), strict=True
    ):
        assert (later.start_date - now.start_date).days == 5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.cohort.recist import (
    RecistCategory,
    recist_category,
    response_at_landmark,
)
from tests.core.cohort.clinic import RULES

MM = st.floats(min_value=1.0, max_value=300.0)


def category(
    baseline: float, nadir: float, now: float, *, new: bool = False
) -> RecistCategory:
    return recist_category(
        baseline_mm=baseline,
        nadir_mm=nadir,
        now_mm=now,
        new_lesion=new,
        rules=RULES.recist,
    )


@pytest.mark.parametrize(
    ("sums", "expected"),
    [
        ((40.0, 40.0, 28.0), "PR"),  # 30 % less, exactly
        ((40.0, 40.0, 28.1), "SD"),
        ((40.0, 40.0, 48.0), "PD"),  # 20 % and 8 mm more
        ((40.0, 40.0, 47.9), "SD"),
        ((40.0, 25.0, 30.0), "PD"),  # 20 % and 5 mm above the nadir, below the baseline
        ((40.0, 20.0, 24.5), "PR"),  # 22.5 %, but 4.5 mm
        ((40.0, 50.0, 47.0), "SD"),  # a nadir is never above the baseline
        ((40.0, 10.0, 0.0), "CR"),
        ((40.0, 0.0, 0.0), "CR"),
        ((40.0, 0.0, 3.0), "PD"),  # gone, and there again
    ],
)
def test_known_sums(sums: tuple[float, float, float], expected: str) -> None:
    assert category(*sums) == expected


@given(MM, MM, st.floats(min_value=0.0, max_value=300.0))
def test_a_new_lesion_is_always_progression(
    baseline: float, nadir: float, now: float
) -> None:
    assert category(baseline, nadir, now, new=True) == "PD"


@given(MM, st.floats(min_value=0.1, max_value=10.0))
def test_the_unit_of_length_does_not_change_a_response(
    baseline: float, factor: float
) -> None:
    now = 0.65 * baseline
    assert category(baseline, now, now) == "PR"
    assert category(factor * baseline, factor * now, factor * now) == "PR"


@pytest.mark.parametrize(
    "sums", [(0.0, 0.0, 10.0), (-1.0, 1.0, 1.0), (10.0, -1.0, 1.0), (10.0, 1.0, -1.0)]
)
def test_impossible_sums_are_refused(sums: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="baseline above 0 mm"):
        category(*sums)


@pytest.mark.parametrize(
    ("evaluations", "expected"),
    [
        ([], None),
        ([(3.0, "PR"), (8.9, "PR")], None),  # too early, and nothing later
        ([(15.1, "CR")], None),
        ([(9.0, "SD")], "SD"),
        ([(15.0, "CR")], "CR"),
        ([(9.5, "SD"), (12.5, "PR"), (15.0, "PD")], "PR"),
        ([(11.0, "PR"), (13.0, "SD")], "PR"),  # equally near
        ([(12.0, "CR"), (12.0, "SD")], "SD"),  # the worse one of one day
        ([(12.5, "PR"), (12.5, "CR"), (14.0, "SD")], "PR"),
        ([(13.0, "PD"), (13.0, "CR")], "PD"),
        ([(3.0, "PD"), (12.0, "PR")], "PD"),
        ([(12.0, "PD")], "PD"),
        ([(13.0, "PD")], "PD"),
        ([(-1.0, "PD"), (12.0, "SD")], "SD"),  # before the treatment
    ],
)
def test_response_at_twelve_months(
    evaluations: list[tuple[float, RecistCategory]], expected: str | None
) -> None:
    assert response_at_landmark(evaluations, RULES.outcome) == expected
    assert response_at_landmark(reversed(evaluations), RULES.outcome) == expected

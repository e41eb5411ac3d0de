import pytest

from reirrad.core.constraints import Query
from reirrad.workflows.near_maxima import worst_cases
from tests.core.point_doses import point_doses
from tests.core.two_courses import drawn_ball

HOTTEST = Query("organ", "whole", "Max[Gy]", "physical", None, "cumulative")


@pytest.mark.parametrize(("outside_gy", "value"), [(2.0, 45.0), (30.0, None)])
def test_a_worst_case_that_may_be_worse_beyond_the_grid_is_not_given(
    outside_gy: float, value: float | None
) -> None:
    doses = point_doses(
        {1: ([40.0, outside_gy], 5), 2: ([1.0, 5.0], 5)}, uncovered={1: [1]}
    )
    placed = drawn_ball((0, 0, 0), 10.0)
    assert worst_cases(placed, doses, {}, queries=[HOTTEST]) == {HOTTEST: value}

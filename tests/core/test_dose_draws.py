"""Draws on few points, held against every point of the slow way."""

from dataclasses import replace

import numpy as np
import pytest

from reirrad.core.dose_draws import (
    DrawnBody,
    DrawnMetric,
    RemovedBody,
    anchored,
    drawn_metrics,
    perturbed_dose,
)
from reirrad.core.geometry import FloatArray
from reirrad.core.perturbations import (
    RegistrationAccuracy,
    drawn_motions,
    relative_motions,
    unmoved,
)
from reirrad.core.structure_doses import PlacedStructure, Quantity, StructureDoses
from reirrad.core.thinning import thinned
from tests.core.two_courses import doses_of, drawn_ball, two_courses

RATIO = 3.0
NAMES = ("Mean[Gy]", "D0.035cc[Gy]", "D0.1cc[Gy]", "D1cc[Gy]", "D2%[Gy]", "D50%[Gy]")
CUMULATIVE = [DrawnMetric((1, 2), "EQD2", RATIO, name) for name in NAMES]


def motions(n_draws: int, *, seed: int = 5, shift_mm: float = 3.0) -> FloatArray:
    accuracies = {1: RegistrationAccuracy(shift_mm, shift_mm / 1.5, "test")}
    drawn = drawn_motions(accuracies, centre_mm=(0, 0, 0), n_draws=n_draws, seed=seed)
    return np.concatenate([unmoved(1), drawn[1]])


def body(
    placed: PlacedStructure, full: StructureDoses, moves: dict[int, FloatArray]
) -> DrawnBody:
    courses = two_courses()
    drawn_in = 1 if placed.transferred else 2

    trials = min(17, len(moves[1]))

    def tried(points: FloatArray) -> FloatArray:
        rows = []
        for number, one in courses.items():
            own = relative_motions(moves, number, drawn_in=drawn_in)
            own = unmoved(trials) if own is None else own[:trials]
            rows.append(
                perturbed_dose(one, points, own).eqd2_gy(RATIO).reshape(trials, -1)
            )
        return np.concatenate([rows[0] + rows[1], *rows])

    registered = sum(dose.eqd2_gy(RATIO) for dose in full.doses.values())
    points, volumes = thinned(
        full.samples, placed.sections, tried, np.asarray(registered)
    )
    return DrawnBody(points, volumes, drawn_in)


def reported(full: StructureDoses) -> list[float | None]:
    return [full.metric(name, "cumulative", "EQD2", RATIO) for name in NAMES]


@pytest.mark.parametrize(
    ("centre", "radius_mm"),
    [((0, 25, 0), 20.0), ((-20, 30, 0), 8.0), ((0, 20, 10), 4.0), ((0, 0, 0), 60.0)],
)
def test_few_points_tell_what_all_do(
    centre: tuple[float, float, float], radius_mm: float
) -> None:
    placed, moves = drawn_ball(centre, radius_mm), {1: motions(24)}
    courses = two_courses()
    full = doses_of(placed, courses)
    few = body(placed, full, moves)
    assert len(few.volumes_cc) < 2300
    assert few.volumes_cc.sum() == pytest.approx(full.samples.volume_cc)
    drawn = drawn_metrics(few, courses, moves, CUMULATIVE)
    values = reported(full)
    assert drawn[0] == pytest.approx(values, rel=0.06, abs=0.1)
    slow = np.array(
        [reported(doses_of(placed, courses, {1: m})) for m in moves[1][1:9]],
        dtype=float,
    )
    off = anchored(drawn, values)[:8] - slow
    assert np.sqrt(np.mean(off**2, axis=0)) == pytest.approx(
        np.zeros(len(NAMES)), abs=0.1 + 0.03 * max(v for v in values if v is not None)
    )
    typical = 0.2 * slow.std(axis=0) + 0.04 * slow.mean(axis=0)
    assert np.all(np.sqrt(np.mean(off**2, axis=0)) <= typical)


def test_a_structure_carried_over_keeps_the_dose_of_its_course() -> None:
    placed, moves = drawn_ball((-15, 10, 0), 10.0, transferred=True), {1: motions(6)}
    courses = two_courses()
    few = body(placed, doses_of(placed, courses), moves)
    metrics = [
        DrawnMetric((number,), "physical", None, "Mean[Gy]") for number in (1, 2)
    ]
    drawn = drawn_metrics(few, courses, moves, metrics)
    assert np.ptp(drawn[:, 0]) == 0.0
    slow = [
        doses_of(placed, courses, {2: np.linalg.inv(m)}).metric(
            "Mean[Gy]", 2, "physical", None
        )
        for m in moves[1]
    ]
    assert drawn[:, 1] == pytest.approx(np.array(slow, dtype=float), rel=0.02)


def test_no_error_gives_the_reported_values() -> None:
    placed, moves = drawn_ball((0, 25, 0), 20.0), {1: motions(5, shift_mm=0.0)}
    full = doses_of(placed, two_courses())
    drawn = drawn_metrics(body(placed, full, moves), two_courses(), moves, CUMULATIVE)
    assert anchored(drawn, reported(full)) == pytest.approx(
        np.tile(np.array(reported(full), dtype=float), (5, 1)), rel=1e-9
    )


def test_quantities_are_those_of_the_linear_quadratic_model() -> None:
    placed, moves = drawn_ball((-20, 20, 0), 6.0), {1: motions(3)}
    few = body(placed, doses_of(placed, two_courses()), moves)
    asked = [
        DrawnMetric((1, 2), "EQD2", RATIO, "Max[Gy]"),
        DrawnMetric((1, 2), "BED", RATIO, "Max[Gy]"),
    ]
    drawn = drawn_metrics(few, two_courses(), moves, asked)
    assert drawn[:, 1] == pytest.approx(drawn[:, 0] * (RATIO + 2) / RATIO)


def test_a_removed_body_moves_with_its_course() -> None:
    placed, moves = drawn_ball((-15, 0, 0), 25.0), {1: motions(8, shift_mm=6.0)}
    gtv = drawn_ball((-22, 0, 0), 12.0, transferred=True)
    full = doses_of(placed, two_courses())
    corners = np.array([[-34.0, -12, -12], [-10.0, 12, 12]])
    removed = RemovedBody(gtv.sections, 1, corners)
    few = replace(body(placed, full, moves), removed=(removed,))
    with_gtv = DrawnMetric((1,), "physical", None, "Mean[Gy]")
    without = replace(with_gtv, minus_gtv=True)
    drawn = drawn_metrics(few, two_courses(), moves, [with_gtv, without])
    assert np.all(drawn[:, 1] < drawn[:, 0])
    staying = replace(few, removed=(replace(removed, drawn_in=2),))
    left = drawn_metrics(staying, two_courses(), moves, [without])[:, 0]
    # The hot spot goes with the body that is taken out, and stays out with it.
    assert drawn[1:, 1].mean() < left[1:].mean()


def test_a_body_is_removed_for_its_course_and_later_ones_alone() -> None:
    placed, moves = drawn_ball((-15, 0, 0), 25.0), {1: motions(3)}
    gtv = drawn_ball((-22, 0, 0), 12.0)
    corners = np.array([[-34.0, -12, -12], [-10.0, 12, 12]])
    removed = RemovedBody(gtv.sections, 2, corners, since=2)
    few = body(placed, doses_of(placed, two_courses()), moves)
    few = replace(few, removed=(removed,))
    asked = [
        DrawnMetric(courses, "physical", None, "Mean[Gy]", minus_gtv=minus)
        for courses in ((1,), (2,))
        for minus in (False, True)
    ]
    drawn = drawn_metrics(few, two_courses(), moves, asked)
    assert drawn[:, 1] == pytest.approx(drawn[:, 0])
    assert np.all(np.abs(drawn[:, 3] - drawn[:, 2]) > 1e-3)


def test_dose_outside_a_grid_makes_a_value_unknown() -> None:
    # The grid of course 1 ends where its dose is still about 2 Gy.
    placed, moves = drawn_ball((-58, 0, 0), 5.0), {1: motions(16, shift_mm=8.0)}
    courses = two_courses(half_width_mm=42.0)
    samples = doses_of(placed, courses).samples
    few = DrawnBody(samples.points_mm, samples.volumes_cc, 2)
    mean = DrawnMetric((1,), "physical", None, "Mean[Gy]")
    drawn = drawn_metrics(few, courses, moves, [mean])
    assert not np.isnan(drawn[0]).any()
    assert 0 < np.isnan(drawn).sum() < len(drawn)
    assert np.isnan(anchored(drawn, [None])).all()


def test_a_draw_that_may_have_more_beyond_the_grid_is_unknown() -> None:
    """The grid of course 1 cuts the organ close to where its dose is highest."""
    placed, moves = drawn_ball((-22, 0, 0), 25.0), {1: motions(4, shift_mm=1.0)}
    quantities: tuple[Quantity, ...] = ("physical", "EQD2", "BED")
    metrics = [DrawnMetric((1,), one, RATIO, "D0.1cc[Gy]") for one in quantities]
    for half_width_mm, known in ((10.0, False), (24.0, True), (105.0, True)):
        courses = two_courses(half_width_mm=half_width_mm)
        full = doses_of(placed, courses)
        few = DrawnBody(full.samples.points_mm, full.samples.volumes_cc, 2)
        drawn = drawn_metrics(few, courses, moves, metrics)
        assert np.isfinite(drawn).all() == known
        assert np.isnan(drawn).all() != known
        reports = [full.metric("D0.1cc[Gy]", 1, one, RATIO) for one in quantities]
        assert all((one is not None) is known for one in reports)

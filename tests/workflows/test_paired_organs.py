"""Limits of both kidneys or lungs together, where each side was drawn by itself."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from reirrad.core.assessment import Assessment, ConstraintResult
from reirrad.core.courses import Course
from reirrad.core.geometry import FloatArray
from reirrad.core.structures import Role, Structure
from reirrad.core.transforms import identity
from reirrad.phantoms.analytic import (
    SliceStack,
    box_geometry,
    sampled_dose,
    sphere_contours,
)
from reirrad.phantoms.plain_course import plain_course
from reirrad.reports.case_limits import limit_json, named_structures
from reirrad.workflows.assess import assess
from reirrad.workflows.background_budgets import Background, background_budget
from reirrad.workflows.paired_organs import paired_organs
from reirrad.workflows.place import PlacedPatient, place
from tests.workflows.exports import FEW_DRAWS, write_patient

FRAME = "1.2.3"
LEFT_MM, RIGHT_MM = 20.0, 16.0
ASKED = replace(FEW_DRAWS, constraints=("tg101", "uk2022", "uk2017", "reirradiation"))


class Ball(NamedTuple):
    name: str
    x_mm: float
    radius_mm: float


LEFT, RIGHT = Ball("Kidney_L", -45.0, LEFT_MM), Ball("Kidney_R", 45.0, RIGHT_MM)
LIVER = Ball("Liver", 0.0, 12.0)


def structure(number: int, ball: Ball) -> Structure:
    contours = sphere_contours(
        np.array([ball.x_mm, 0.0, 0.0]),
        ball.radius_mm,
        slices=SliceStack(spacing_mm=2.5),
        n_vertices=64,
    )
    role = Role.PTV if ball.name == "PTV" else Role.ORGAN
    known = None if role is Role.PTV else ball.name
    return Structure(number, ball.name, known, role, contours, FRAME)


def course(number: int, *balls: Ball, left_gy: float = 20.0) -> Course:
    """The same dose all over the left half, and a tenth of it in the right one."""
    geometry = box_geometry(
        np.full(3, -80.0),
        np.full(3, 80.0),
        spacing_mm=(5.0, 5.0, 5.0),
        frame_of_reference_uid=FRAME,
    )

    def dose(points_mm: FloatArray) -> FloatArray:
        return np.where(points_mm[:, 0] < 0.0, left_gy, left_gy / 10.0)

    drawn = [LIVER, Ball("PTV", 0.0, 6.0), *balls]
    return plain_course(
        number,
        sampled_dose(dose, geometry),
        [structure(n, ball) for n, ball in enumerate(drawn, start=1)],
        prescription_gy=left_gy,
        n_fractions=5,
    )


def placed(*courses: Course) -> PlacedPatient:
    return place(
        courses,
        ASKED,
        reference_course=len(courses),
        known=lambda one, _: (identity(one.frame_of_reference_uid), "same-frame"),
        progress=lambda _: None,
    )


def reason(*courses: Course, name: str = "Kidneys") -> str:
    patient = placed(*courses)
    found = paired_organs(patient.structures)
    assert name not in found.names
    return found.reasons[name]


def of(result: Assessment, name: str) -> Sequence[ConstraintResult]:
    return [one for one in result.constraints if one.structure == name]


def assessed(folder: Path, *courses: Course) -> Assessment:
    return assess(
        [write_patient(folder, *courses)],
        settings=ASKED,
        with_views=False,
        progress=lambda _: None,
    )


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    return assessed(
        tmp_path_factory.mktemp("sides"),
        course(1, LEFT, RIGHT),
        course(2, LEFT, RIGHT),
    )


def ball_cc(radius_mm: float) -> float:
    return float(4.0 / 3.0 * np.pi * (radius_mm / 10.0) ** 3)


def test_a_volume_of_both_kidneys_is_the_closed_form(result: Assessment) -> None:
    left, right = ball_cc(LEFT_MM), ball_cc(RIGHT_MM)
    for scope in ("course 1", "course 2"):
        by_metric = {
            one.metric: one
            for one in of(result, "Kidneys")
            if one.scope == scope and one.value is not None
        }
        share = by_metric["V10Gy[%]"]
        assert share.value == pytest.approx(100.0 * left / (left + right), rel=0.01)
        assert share.verdict == "exceeded"
        spared = by_metric["CV17.5Gy[cc]"]
        assert spared.value == pytest.approx(right, rel=0.01)
        assert spared.verdict == "exceeded"
        assert by_metric["Mean[Gy]"].value == pytest.approx(
            (20.0 * left + 2.0 * right) / (left + right), rel=0.01
        )


def test_the_sum_of_both_courses_is_tested_in_both_kidneys(result: Assessment) -> None:
    (spared,) = (one for one in of(result, "Kidneys") if one.scope == "cumulative")
    assert (spared.metric, spared.quantity) == ("CV23Gy[cc]", "EQD2")
    assert spared.value == pytest.approx(ball_cc(RIGHT_MM), rel=0.01)


def test_every_limit_says_what_it_is_made_of(result: Assessment) -> None:
    found = of(result, "Kidneys")
    assert found
    assert all("made of Kidney_L + Kidney_R together" in one.note for one in found)
    named = named_structures(result)
    for one in found:
        words = limit_json((one, None), named)
        assert words["drawn_as"] == ["Kidney_L", "Kidney_R"]
        assert words["why"] == "both sides together: Kidney_L, Kidney_R"


def test_the_budget_has_both_kidneys(result: Assessment) -> None:
    assert result.budget is not None
    rows = [row for row in result.budget.organs if row.structure == "Kidneys"]
    assert {row.label for row in rows} == {"Kidney_L + Kidney_R"}
    assert {row.metric for row in rows} >= {"CV17.5Gy[cc]", "CV23Gy[cc]"}
    assert result.isotoxic is not None
    assert "Kidneys" not in result.isotoxic.not_drawn
    assert "Lungs" in result.isotoxic.not_drawn


def test_both_sides_are_what_one_structure_of_both_would_be(
    result: Assessment, tmp_path: Path
) -> None:
    def both(one: Course) -> Course:
        drawn = structure(9, Ball("Kidneys", LEFT.x_mm, LEFT.radius_mm))
        more = structure(9, Ball("Kidneys", RIGHT.x_mm, RIGHT.radius_mm))
        joined = replace(drawn, contours=(*drawn.contours, *more.contours))
        return replace(one, structures=(*one.structures, joined))

    whole = assessed(tmp_path, both(course(1)), both(course(2)))
    drawn = {(one.metric, one.scope, one.set): one for one in of(whole, "Kidneys")}
    sides = {(one.metric, one.scope, one.set): one for one in of(result, "Kidneys")}
    assert drawn.keys() == sides.keys()
    for key, one in sides.items():
        assert one.verdict == drawn[key].verdict
        if one.value is not None:
            assert one.value == pytest.approx(drawn[key].value, rel=0.02)


def test_a_side_alone_is_not_both(tmp_path: Path) -> None:
    result = assessed(tmp_path, course(1, LEFT), course(2, LEFT))
    found = of(result, "Kidneys")
    assert found
    assert {one.verdict for one in found} == {"not evaluable"}
    said = "not in the structure set: only Kidney_L is drawn, and the limit is for both"
    assert all(one.note.startswith(said) for one in found)
    (told,) = (f for f in result.findings if f.code == "constraint-organ-missing")
    assert "Kidneys (only Kidney_L is drawn" in told.message


def test_sides_of_two_courses_are_not_put_together() -> None:
    said = reason(course(1, RIGHT), course(2, LEFT))
    assert "Kidney_L is drawn in course 2 and Kidney_R in course 1" in said


def test_sides_that_overlap_are_not_put_together() -> None:
    near = Ball("Kidney_R", LEFT.x_mm + 20.0, RIGHT_MM)
    assert "share" in reason(course(1), course(2, LEFT, near))


def test_two_structures_of_one_side_are_not_chosen_from() -> None:
    one = course(2, LEFT, RIGHT)
    again = replace(structure(8, RIGHT), name="right kidney", standard_name="Kidney_R")
    twice = replace(one, structures=(*one.structures, again))
    assert reason(course(1), twice) == "2 structures mean Kidney_R"


def test_a_whole_that_is_drawn_is_taken_as_it_is() -> None:
    whole = Ball("Kidneys", 0.0, 10.0)
    found = placed(course(1), course(2, LEFT, RIGHT, whole)).paired
    assert not found.organs
    assert not found.reasons


def test_without_kidneys_there_is_nothing_to_say() -> None:
    found = placed(course(1), course(2)).paired
    assert not found.organs
    assert not found.reasons


def test_lungs_are_put_together_too() -> None:
    sides = (Ball("Lung_L", -40.0, 20.0), Ball("Lung_R", 40.0, 20.0))
    (lungs,) = placed(course(1), course(2, *sides)).paired.organs
    assert (lungs.name, lungs.label) == ("Lungs", "Lung_L + Lung_R")


def test_a_budget_before_planning_has_both_kidneys() -> None:
    patient = placed(course(1), course(2, LEFT, RIGHT))
    targets = [
        one
        for one in patient.structures
        if one.structure.role is Role.PTV and one.source_course == 2
    ]
    work = Background(patient, ASKED, targets, patient.placed[:1])
    budget, _ = background_budget(work)
    rows = [row for row in budget.organs if row.structure == "Kidneys"]
    assert {row.label for row in rows} == {"Kidney_L + Kidney_R"}
    (spared,) = (row for row in rows if row.metric == "CV23Gy[cc]")
    assert all("cannot be met" in one.note for one in spared.by_fractions)

"""A limit may not read "met" where an organ's own drawing exceeds it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from reirrad.core.assessment import Assessment, ConstraintResult
from reirrad.core.constraints import holds
from reirrad.core.courses import Course, Delivery
from reirrad.core.findings import Finding
from reirrad.core.geometry import FloatArray
from reirrad.core.structure_doses import assessed_structure, structure_doses
from reirrad.core.structures import Contour, Role, Structure
from reirrad.core.transforms import RigidTransform
from reirrad.phantoms.analytic import box_geometry, sampled_dose
from reirrad.workflows.assess import assess
from reirrad.workflows.biology import biology_question
from reirrad.workflows.cord import cord_rules_of
from reirrad.workflows.limits import answered, assessed_limits, limit_queries
from reirrad.workflows.other_drawings import (
    HottestPart,
    OtherDrawing,
    cautious_rules,
    drawing_findings,
    kept_on_every_drawing,
    other_drawings,
)
from reirrad.workflows.place import KnownTransform, PlacedPatient, place
from tests.workflows.exports import FEW_DRAWS, course, write_patient

SETTINGS = replace(FEW_DRAWS, constraints=("tg101", "reirradiation"))
WHOLE, HALF = (-50.0, 50.0), (-50.0, 0.0)


def cord(z_mm: tuple[float, float], *, x_mm: float, frame: str) -> Structure:
    """A cord of 6 mm radius along z."""
    angles = np.linspace(0.0, 2.0 * np.pi, 48, endpoint=False)
    contours = tuple(
        Contour(
            np.column_stack(
                [
                    x_mm + 6.0 * np.cos(angles),
                    30.0 + 6.0 * np.sin(angles),
                    np.full(48, z),
                ]
            )
        )
        for z in np.arange(z_mm[0], z_mm[1] + 0.1, 2.5)
    )
    return Structure(3, "Cord", "SpinalCord", Role.ORGAN, contours, frame)


def with_cord(
    number: int,
    drawn: tuple[float, float],
    *,
    hot_z: float,
    hot_gy: float = 40.0,
    frame: str = "1.2.3",
    offset_mm: float = 0.0,
    moved_mm: float = 0.0,
) -> Course:
    """A course of 5 fractions that is hottest in the cord at a height.

    Its anatomy is moved by `offset_mm`, its drawing by `moved_mm` more.
    """
    one = course(number, target_x=0.0, frame=frame, offset_mm=offset_mm)
    geometry = box_geometry(
        [-90.0 + offset_mm, -90.0, -90.0],
        [90.0 + offset_mm, 90.0, 90.0],
        spacing_mm=(4.0, 4.0, 4.0),
        frame_of_reference_uid=frame,
    )

    def dose(points_mm: FloatArray) -> FloatArray:
        away = points_mm - np.array([offset_mm, 30.0, hot_z])
        return np.asarray(hot_gy * np.exp(-(away**2).sum(axis=1) / (2.0 * 12.0**2)))

    organs = [s for s in one.structures if s.name != "Duodenum"]
    drawing = cord(drawn, x_mm=offset_mm + moved_mm, frame=frame)
    return replace(
        one,
        image=None,
        structures=(*organs, drawing),
        deliveries=(Delivery((sampled_dose(dose, geometry),), 5),),
    )


def placed(*courses: Course, reference_course: int | None = None) -> PlacedPatient:
    def known(moving: Course, reference: Course) -> KnownTransform | None:
        here, there = moving.frame_of_reference_uid, reference.frame_of_reference_uid
        if here == there:
            return None
        matrix = np.eye(4)
        matrix[0, 3] = reference.structures[0].contours[0].points_mm[:, 0].mean()
        matrix[0, 3] -= moving.structures[0].contours[0].points_mm[:, 0].mean()
        return RigidTransform(matrix, here, there), "given"

    return place(
        courses,
        SETTINGS,
        reference_course=reference_course or len(courses),
        known=known,
        progress=lambda _: None,
    )


def asked(
    patient: PlacedPatient,
) -> tuple[
    tuple[ConstraintResult, ...], tuple[ConstraintResult, ...], Sequence[OtherDrawing]
]:
    """Limits of the cord on the drawing shown, then on all, and the others."""
    queries = limit_queries(patient, SETTINGS)
    question = biology_question(patient, SETTINGS, queries)
    shown = next(s for s in patient.structures if s.label == "Cord")
    doses = structure_doses(shown, patient.placed, patient.course_numbers)
    drawings = other_drawings(shown, assessed_structure(shown, doses), question)
    limits, _ = assessed_limits(patient, answered(queries["Cord"], doses, []), SETTINGS)
    own = tuple(item for item in limits if item.structure == "SpinalCord")
    return own, kept_on_every_drawing(own, drawings), drawings


def findings_of(patient: PlacedPatient) -> dict[str, Finding]:
    _, limits, drawings = asked(patient)
    return {f.code: f for f in drawing_findings(drawings, limits)}


@pytest.mark.parametrize("offset_mm", [0.0, 25.0])
def test_no_limit_is_met_that_the_own_drawing_exceeds(offset_mm: float) -> None:
    frame = "1.2.3.1" if offset_mm else "1.2.3"
    patient = placed(
        with_cord(1, WHOLE, hot_z=30.0, frame=frame, offset_mm=-offset_mm),
        with_cord(2, HALF, hot_z=-10.0, hot_gy=10.0),
    )
    before, after, drawings = asked(patient)
    (drawing,) = drawings
    assert (drawing.shown_course, drawing.course) == (2, 1)
    opened = [(was, now) for was, now in zip(before, after, strict=True) if was != now]
    assert {was.scope for was, _ in opened} == {"course 1", "cumulative"}
    for was, now in opened:
        assert was.verdict == "met"
        assert (now.verdict, now.value, now.interval) == ("not evaluable", None, None)
        assert now.note.startswith("met on the drawing of course 2 (")
        assert "exceeded on that of course 1 (" in now.note
    # The same limits, asked of the drawing of course 1 as that which is shown.
    own, _, _ = asked(placed(*[o.course for o in patient.outlined], reference_course=1))
    for theirs, ours in zip(own, after, strict=True):
        if theirs.scope in {"course 1", "cumulative"} and theirs.value is not None:
            assert holds(theirs.value, theirs.relation, theirs.limit) or (
                ours.verdict != "met"
            )


def test_the_finding_names_organ_courses_and_both_values() -> None:
    found = findings_of(
        placed(
            with_cord(1, WHOLE, hot_z=30.0),
            with_cord(2, HALF, hot_z=-10.0, hot_gy=10.0),
        )
    )
    assert set(found) == {"drawings-differ", "limit-hangs-on-drawing"}
    differ = found["drawings-differ"]
    assert (differ.severity, differ.about) == ("warning", "Cord")
    assert "drawing of course 1 than on that of course 2" in differ.message
    # 40 Gy at the middle of a Gaussian of 12 mm: 0.1 cc is a ball of 2.9 mm radius.
    least_gy = 40.0 * np.exp(-(2.88**2) / (2.0 * 12.0**2))
    told_gy = float(differ.message.partition(": course 1 ")[2].split()[0])
    assert told_gy == pytest.approx(least_gy, rel=0.01)
    assert "SpinalCord D0.035cc[Gy] physical (course 1)" in (
        found["limit-hangs-on-drawing"].message
    )


def test_drawings_that_differ_a_little_are_no_news() -> None:
    patient = placed(
        with_cord(1, WHOLE, hot_z=30.0, hot_gy=20.0, moved_mm=1.0),
        with_cord(2, WHOLE, hot_z=-10.0, hot_gy=10.0),
    )
    before, after, drawings = asked(patient)
    assert len(drawings) == 1
    assert after == before
    assert drawing_findings(drawings, after) == []


def test_a_limit_exceeded_on_the_drawing_shown_stays_exceeded() -> None:
    patient = placed(with_cord(1, HALF, hot_z=30.0), with_cord(2, WHOLE, hot_z=30.0))
    before, after, drawings = asked(patient)
    assert len(drawings) == 1
    assert any(item.verdict == "exceeded" for item in before)
    assert after == before
    assert drawing_findings(drawings, after) == []


def test_criteria_for_the_cord_are_not_met_that_its_own_drawing_exceeds() -> None:
    patient = placed(
        with_cord(1, WHOLE, hot_z=30.0),
        with_cord(2, HALF, hot_z=-10.0, hot_gy=10.0),
    )
    _, _, drawings = asked(patient)
    question = biology_question(patient, SETTINGS, limit_queries(patient, SETTINGS))
    shown = next(s for s in patient.structures if s.label == "Cord")
    doses = structure_doses(shown, patient.placed, patient.course_numbers)
    rules = cord_rules_of(shown, doses, question.cord, interval_months=12.0)
    assert rules is not None
    total = {one.quantity: one.verdict for one in rules.criteria}["total EQD2"]
    assert total == "met"
    cautious = cautious_rules(rules, drawings)
    assert cautious is not None
    total = {one.quantity: one.verdict for one in cautious.criteria}["total EQD2"]
    assert total == "not evaluable"
    assert "exceeded on the drawing of course 1: total EQD2" in cautious.reason
    assert (cautious.score.points or 0.0) > (rules.score.points or 0.0)
    assert cautious_rules(rules, []) == rules


@pytest.mark.parametrize(
    ("shown_gy", "other_gy", "hotter"),
    [
        (20.0, 21.9, False),  # below 10 %
        (5.0, 5.9, False),  # below 1 Gy
        (20.0, 22.1, True),
        (0.0, 1.1, True),
        (22.1, 20.0, False),  # what is shown is the hotter one
    ],
)
def test_small_differences_are_normal(
    shown_gy: float, other_gy: float, *, hotter: bool
) -> None:
    assert HottestPart(1, shown_gy, other_gy).clearly_hotter is hotter


def test_a_course_that_cannot_be_related_has_no_other_drawing() -> None:
    first = with_cord(1, WHOLE, hot_z=30.0, frame="1.2.3.1", offset_mm=300.0)
    second = with_cord(2, HALF, hot_z=-10.0)
    patient = place(
        [first, second],
        SETTINGS,
        reference_course=2,
        known=lambda moving, reference: (
            RigidTransform(
                np.eye(4),
                moving.frame_of_reference_uid,
                reference.frame_of_reference_uid,
            ),
            "given",
        ),
        progress=lambda _: None,
    )
    before, after, drawings = asked(patient)
    assert drawings == ()
    assert {i.verdict for i in before if i.scope == "course 1"} == {"not evaluable"}
    assert after == before


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    folder = write_patient(
        tmp_path_factory.mktemp("drawings"),
        with_cord(1, WHOLE, hot_z=30.0),
        with_cord(2, HALF, hot_z=-10.0, hot_gy=40.0),
    )
    return assess(
        [folder], settings=SETTINGS, with_views=False, progress=lambda _: None
    )


def test_a_whole_assessment_leaves_such_limits_open(result: Assessment) -> None:
    codes = {f.code for f in result.findings}
    assert {"drawings-differ", "limit-hangs-on-drawing"} <= codes
    of_cord = [i for i in result.constraints if i.structure == "SpinalCord"]
    first = [i for i in of_cord if i.metric == "D0.035cc[Gy]" and i.scope == "course 1"]
    assert [i.verdict for i in first if i.limit <= 30.0] == ["not evaluable"]
    asked_again = result.uncertainty
    assert asked_again is not None
    assert not any(
        (i.scope, i.metric, i.structure) == ("course 1", "D0.035cc[Gy]", "SpinalCord")
        for i in asked_again.constraints
    )
    assert result.alpha_beta_sensitivity is not None

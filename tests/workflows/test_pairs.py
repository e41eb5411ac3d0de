"""Which courses a category of a pair, or of several united courses, hangs on."""

from dataclasses import replace

import numpy as np
import pytest

from reirrad.core.courses import Course, Delivery
from reirrad.core.structures import Role
from reirrad.phantoms.analytic import (
    SliceStack,
    box_geometry,
    sampled_dose,
    sphere_contours,
    sphere_dose,
)
from reirrad.workflows.pairs import assessed_pairs, assessed_unions, pair_question
from reirrad.workflows.place import place
from reirrad.workflows.robustness import robustness, uncertainty
from tests.workflows.exports import FEW_DRAWS, course

FRAME = "1.2.3"
IN_LIVER = (-40.0, 0.0), (40.0, 0.0)
OUTSIDE = (0.0, 72.0)


def aimed(number: int, centre: tuple[float, float]) -> Course:
    """A course whose 2 Gy isodose reaches 14 mm from the centre of its target."""
    one = course(number, target_x=0.0, frame=FRAME)
    geometry = box_geometry(
        [-90.0] * 3,
        [90.0] * 3,
        spacing_mm=(5.0, 5.0, 5.0),
        frame_of_reference_uid=FRAME,
    )
    at = np.array([*centre, 0.0])
    dose = sphere_dose(at, radius_at={2.0: 14.0, 50.0: 6.0})
    contours = sphere_contours(
        at, 9.0, slices=SliceStack(spacing_mm=5.0), n_vertices=64
    )
    structures = [
        replace(s, contours=contours) if s.role is Role.PTV else s
        for s in one.structures
    ]
    return replace(
        one,
        image=None,
        structures=tuple(structures),
        deliveries=(Delivery((sampled_dose(dose.at, geometry),), 5),),
    )


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ((IN_LIVER[0], OUTSIDE, IN_LIVER[1]), "repeat organ irradiation"),
        ((OUTSIDE, IN_LIVER[0], IN_LIVER[1]), "repeat organ irradiation"),
        ((IN_LIVER[0], IN_LIVER[1], OUTSIDE), "repeat irradiation"),
        ((OUTSIDE, (0.0, -72.0), IN_LIVER[1]), "repeat irradiation"),
    ],
)
def test_one_earlier_course_in_the_organ_makes_it_irradiated_before(
    places: tuple[tuple[float, float], ...], expected: str
) -> None:
    courses = [aimed(number, centre) for number, centre in enumerate(places, start=1)]
    patient = place(
        courses,
        FEW_DRAWS,
        reference_course=3,
        known=lambda _, __: None,
        progress=lambda _: None,
    )
    question = pair_question(patient, FEW_DRAWS)
    (united,) = assessed_unions(question)
    assert united.earlier == (1, 2)
    assert united.classification.estro_eortc == expected
    alone = [p for p in assessed_pairs(question) if p.second == 3]
    categories = {p.classification.estro_eortc for p in alone}
    assert expected in categories
    assert ("repeat organ irradiation" in categories) is ("organ" in expected)
    drawn = uncertainty(robustness(question), [], pairs=[united], constraints=[])
    assert drawn.pairs[0].estro_eortc[expected] == 100.0

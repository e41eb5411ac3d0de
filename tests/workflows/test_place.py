"""What is carried into the reference frame, and what is said of the rest."""

from dataclasses import replace

import pytest

from reirrad.core.courses import Course
from reirrad.core.findings import Finding
from reirrad.core.structures import Role
from reirrad.workflows.place import PlacedPatient
from tests.workflows.exports import course
from tests.workflows.related import placed

FRAME = "1.2.3"


def with_another(one: Course, name: str, role: Role) -> Course:
    model = one.structures[-1]
    more = replace(model, number=9, name=name, standard_name=None, role=role)
    return replace(one, structures=(*one.structures, more), image=None)


def left_behind(patient: PlacedPatient) -> list[Finding]:
    return [f for f in patient.findings if f.code == "structures-not-transferred"]


@pytest.mark.parametrize("role", [Role.OTHER, Role.EXTERNAL])
def test_what_is_neither_organ_nor_target_is_left_behind_with_a_word(
    role: Role,
) -> None:
    first = with_another(course(1, target_x=-20.0, frame=FRAME), "Anastomosis", role)
    patient = placed(first, course(2, target_x=20.0, frame=FRAME))
    assert "Anastomosis" not in {s.label for s in patient.structures}
    (finding,) = left_behind(patient)
    assert (finding.severity, finding.about) == ("info", "course 1")
    assert finding.message.endswith(": Anastomosis.")
    assert "RT ROI Interpreted Type (3006,00A4)" in finding.message


def test_what_both_courses_have_is_not_missed() -> None:
    both = [
        with_another(course(n, target_x=x, frame=FRAME), "Couch", Role.OTHER)
        for n, x in ((1, -20.0), (2, 20.0))
    ]
    assert left_behind(placed(*both)) == []


def test_an_organ_is_carried_over_and_not_missed() -> None:
    one = course(1, target_x=-20.0, frame=FRAME)
    first = with_another(one, "Anastomosis", Role.ORGAN)
    patient = placed(first, course(2, target_x=20.0, frame=FRAME))
    assert "Anastomosis" in {s.label for s in patient.structures}
    assert left_behind(patient) == []


def test_a_course_that_cannot_be_related_leaves_its_structures_behind() -> None:
    first = with_another(course(1, target_x=-20.0), "Anastomosis", Role.ORGAN)
    patient = placed(first, course(2, target_x=20.0), off_mm=70.0)
    (finding,) = left_behind(patient)
    assert "cannot be related: PTV, Anastomosis." in finding.message

"""Old targets that were copied into a new structure set are no new targets."""

from dataclasses import replace

import numpy as np
import pytest

from reirrad.core.courses import Course, TargetPrescription
from reirrad.core.findings import Finding
from reirrad.core.plan_quality import plan_quality
from reirrad.core.structures import Role, Structure
from reirrad.phantoms.analytic import SliceStack, sphere_contours
from reirrad.workflows.distancing import new_targets
from reirrad.workflows.pairs import assessed_pairs, pair_question
from reirrad.workflows.place import PlacedPatient
from tests.workflows.exports import FEW_DRAWS, course
from tests.workflows.related import placed

FRAME = "1.2.3"
OLD_X, NEW_X = -22.0, 24.0
CODES = {"target-set-aside", "target-as-before"}


def ball(
    number: int, name: str, role: Role, *, x_mm: float, radius_mm: float
) -> Structure:
    contours = sphere_contours(
        np.array([x_mm, 0.0, 0.0]),
        radius_mm,
        slices=SliceStack(spacing_mm=2.5),
        n_vertices=64,
    )
    return Structure(number, name, None, role, contours, FRAME)


def with_targets(
    number: int,
    x_mm: float,
    *copies: Structure,
    ordered: tuple[TargetPrescription, ...] = (TargetPrescription(50.0, 2, "PTV"),),
) -> Course:
    """A course with the GTV and PTV that it treats, ROIs 5 and 2."""
    one = course(number, target_x=x_mm, frame=FRAME)
    organs = [s for s in one.structures if s.role is Role.ORGAN]
    own = (
        ball(2, "PTV", Role.PTV, x_mm=x_mm, radius_mm=9.0),
        ball(5, "GTV", Role.GTV, x_mm=x_mm, radius_mm=5.0),
    )
    return replace(
        one,
        image=None,
        structures=(*organs, *own, *copies),
        prescription=replace(one.prescription, targets=ordered),
    )


def copies(*, off_mm: float = 0.0) -> tuple[Structure, Structure]:
    """The targets of course 1 once more, as carried over by somebody else."""
    at = OLD_X + off_mm
    return (
        ball(8, "PTV_2021", Role.PTV, x_mm=at, radius_mm=9.0),
        ball(9, "GTV_2021", Role.GTV, x_mm=at, radius_mm=5.0),
    )


def about_targets(patient: PlacedPatient) -> list[Finding]:
    return [f for f in patient.findings if f.code in CODES]


def names_of_new(patient: PlacedPatient) -> set[str]:
    return {s.structure.name for s in new_targets(patient, 2)}


@pytest.mark.parametrize("off_mm", [0.0, 1.5])
def test_copies_of_old_targets_are_set_aside_with_a_word(off_mm: float) -> None:
    patient = placed(
        with_targets(1, OLD_X), with_targets(2, NEW_X, *copies(off_mm=off_mm))
    )
    assert names_of_new(patient) == {"PTV", "GTV"}
    assert {s.structure.name for s in new_targets(patient, 1)} == {"PTV", "GTV"}
    found = about_targets(patient)
    assert {f.code for f in found} == {"target-set-aside"}
    assert {f.severity for f in found} == {"warning"}
    assert [f.message.split()[0] for f in found] == ["PTV_2021", "GTV_2021"]
    assert all("of course 1, and the plan refers to other" in f.message for f in found)
    # They are still there, with their doses.
    assert {"PTV_2021", "GTV_2021"} <= {s.label for s in patient.structures}


def test_the_numbers_are_those_without_the_copies() -> None:
    alone = placed(with_targets(1, OLD_X), with_targets(2, NEW_X))
    copied = placed(with_targets(1, OLD_X), with_targets(2, NEW_X, *copies()))
    (expected,), (found,) = (
        assessed_pairs(pair_question(patient, FEW_DRAWS)) for patient in (alone, copied)
    )
    assert found.targets == expected.targets == {"PTV": 0.0, "GTV": 0.0}
    assert about_targets(alone) == []
    second = copied.outlined[1]
    quality = plan_quality(
        second.course, second.sections, liver=None, liver_alpha_beta_gy=2.5
    )
    assert {target.name for target in quality.targets} == {"PTV", "GTV"}
    assert copied.reference is second
    assert copied.placed[-1].course is second.course


def test_without_references_only_the_user_can_tell() -> None:
    unsaid = (TargetPrescription(50.0, None, "target"),)
    patient = placed(
        with_targets(1, OLD_X), with_targets(2, NEW_X, *copies(), ordered=unsaid)
    )
    assert names_of_new(patient) == {"PTV", "GTV", "PTV_2021", "GTV_2021"}
    found = about_targets(patient)
    assert {f.code for f in found} == {"target-as-before"}
    assert '"PTV_2021" = "Old_Target"' in found[0].message


def test_a_lesion_that_is_irradiated_again_keeps_its_targets() -> None:
    patient = placed(with_targets(1, OLD_X), with_targets(2, OLD_X))
    assert names_of_new(patient) == {"PTV", "GTV"}
    assert about_targets(patient) == []


def test_a_second_new_lesion_is_no_copy() -> None:
    second = ball(8, "PTV 2", Role.PTV, x_mm=-2.0, radius_mm=9.0)
    patient = placed(with_targets(1, OLD_X), with_targets(2, NEW_X, second))
    assert names_of_new(patient) == {"PTV", "GTV", "PTV 2"}
    assert about_targets(patient) == []

"""Patients made of points: what models of tissue are asked, without any anatomy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from reirrad.core.assessment import ConstraintResult
from reirrad.core.courses import Course, Delivery, Prescription
from reirrad.core.findings import Finding
from reirrad.core.sections import sections_of
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import PlacedStructure, StructureDoses
from reirrad.core.structures import Role, Structure
from reirrad.knowledge.alpha_beta import load_alpha_beta
from reirrad.phantoms.analytic import (
    SliceStack,
    box_geometry,
    sampled_dose,
    sphere_contours,
)
from reirrad.workflows.align import OutlinedCourse
from reirrad.workflows.biology import (
    Biology,
    biology_assessed,
    biology_question,
    structure_biology,
)
from reirrad.workflows.limits import answered, assessed_limits, limit_queries
from reirrad.workflows.place import PlacedPatient
from tests.core.point_doses import point_doses

__all__ = ["EVEN", "Organ", "Outcome", "outcome", "stomach"]

EVEN = (20.0,) * 4

FRAME = "1.2"
STARTS = {1: date(2023, 3, 1), 2: date(2024, 3, 1)}
"""366 days: just over twelve months."""


@dataclass(frozen=True)
class Organ:
    """Total doses of each course at points of one cc; None where one is unknown.

    ``uncovered`` lists points outside the dose grid of a course. The points lie
    5 mm apart from the origin on; drawn is a ball of 10 mm around it, in the course
    ``source_course``.
    """

    name: str
    doses: Mapping[int, Sequence[float] | None]
    role: Role = Role.ORGAN
    label: str = ""
    uncovered: Mapping[int, Sequence[int]] | None = None
    source_course: int = 2


@dataclass(frozen=True)
class Outcome:
    """What came out."""

    constraints: tuple[ConstraintResult, ...]
    biology: Biology
    about_limits: tuple[Finding, ...]
    patient: PlacedPatient

    @property
    def codes(self) -> set[str]:
        return {finding.code for finding in self.biology.findings}

    def message(self, code: str) -> str:
        """Text of the only finding of a kind."""
        (found,) = (f.message for f in self.biology.findings if f.code == code)
        return found


def outcome(
    settings: Settings,
    *organs: Organ,
    fractions: Mapping[int, int] | None = None,
    starts: Mapping[int, date] | None = None,
) -> Outcome:
    """Limits of every organ, then everything that hangs on models of tissue."""
    numbers = fractions or {1: 5, 2: 5}
    days = starts or STARTS
    courses = [_course(n, count, days[n]) for n, count in numbers.items()]
    structures = tuple(_placed(organ, settings) for organ in organs)
    patient = PlacedPatient(
        reference=courses[-1],
        outlined=tuple(courses),
        placed=(),
        alignments={},
        organ=structures[0],
        structures=structures,
        findings=(),
    )
    doses = [_doses(organ, numbers) for organ in organs]
    gtvs = [p for p in structures if p.structure.role is Role.GTV]
    queries = limit_queries(patient, settings)
    measured = {
        query: value
        for placed, received in zip(structures, doses, strict=True)
        for query, value in answered(
            queries.get(placed.label, ()), received, gtvs
        ).items()
    }
    constraints, about_limits = assessed_limits(patient, measured, settings)
    question = biology_question(patient, settings, queries)
    answers = [
        structure_biology(question, placed, received)
        for placed, received in zip(structures, doses, strict=True)
    ]
    return Outcome(
        constraints,
        biology_assessed(question, answers, constraints, courses=()),
        tuple(about_limits),
        patient,
    )


def stomach(first: float = 20.0, second: float = 20.0) -> Organ:
    """Four points, each with the same dose."""
    return Organ("Stomach", {1: [first] * 4, 2: [second] * 4})


def _doses(organ: Organ, fractions: Mapping[int, int]) -> StructureDoses:
    known: dict[int, tuple[npt.ArrayLike, int]] = {
        number: (dose, fractions[number])
        for number, dose in organ.doses.items()
        if dose is not None
    }
    return point_doses(known, uncovered=organ.uncovered, all_courses=list(fractions))


def _placed(organ: Organ, settings: Settings) -> PlacedStructure:
    standard_name = None if organ.role.is_target else organ.name
    structure = Structure(1, organ.name, standard_name, organ.role, _CONTOURS, FRAME)
    ratio, why = load_alpha_beta().ratio_for(
        structure.standard_name, organ.role, settings.alpha_beta_gy
    )
    return PlacedStructure(
        structure,
        sections_of(structure, slice_spacing_mm=5.0),
        organ.label or organ.name,
        source_course=organ.source_course,
        transferred=False,
        alpha_beta_gy=ratio,
        alpha_beta_source=why,
    )


def _course(number: int, n_fractions: int, start: date) -> OutlinedCourse:
    geometry = box_geometry(
        np.full(3, -10.0),
        np.full(3, 10.0),
        spacing_mm=(5.0, 5.0, 5.0),
        frame_of_reference_uid=FRAME,
    )
    grid = sampled_dose(lambda points: np.zeros(len(points)), geometry)
    course = Course(
        number=number,
        start_date=start,
        plan_label=f"plan {number}",
        frame_of_reference_uid=FRAME,
        prescription=Prescription(50.0, n_fractions, "test"),
        deliveries=(Delivery((grid,), n_fractions),),
        structures=(),
        image=None,
    )
    return OutlinedCourse(course, {})


_CONTOURS = sphere_contours(
    np.zeros(3), 10.0, slices=SliceStack(spacing_mm=5.0), n_vertices=16
)

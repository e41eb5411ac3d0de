"""Small courses and structures that core tests share."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.courses import Course, Delivery, Prescription, TargetPrescription
from reirrad.core.sections import sections_of
from reirrad.core.structure_doses import (
    PlacedStructure,
    StructureDoses,
    structure_doses,
)
from reirrad.core.structures import Structure
from reirrad.core.transforms import identity
from reirrad.phantoms.analytic import (
    RadialDose,
    SliceStack,
    analytic_structure,
    box_geometry,
    sampled_dose,
)
from reirrad.phantoms.known_dose_volume import KnownDose
from reirrad.phantoms.solids import Solid

__all__ = ["KnownCase", "course_with"]

FRAME = "1"


def course_with(
    *doses: RadialDose,
    number: int = 1,
    frame: str = "1.1",
    prescription_gy: float = 50.0,
    structures: tuple[Structure, ...] = (),
    targets: tuple[TargetPrescription, ...] = (),
    half_width_mm: float = 105.0,
) -> Course:
    """A five-fraction course; several doses are plans of the same sessions."""
    centre = np.mean([np.asarray(dose.centre_mm) for dose in doses], axis=0)
    geometry = box_geometry(
        centre - half_width_mm,
        centre + half_width_mm,
        spacing_mm=(3.0, 3.0, 3.0),
        frame_of_reference_uid=frame,
    )
    return Course(
        number=number,
        start_date=date(2022 + number, 5, 1),
        plan_label=f"plan {number}",
        frame_of_reference_uid=frame,
        prescription=Prescription(prescription_gy, 5, "RTPLAN", targets),
        deliveries=(Delivery(tuple(sampled_dose(d.at, geometry) for d in doses), 5),),
        structures=structures,
        image=None,
    )


@dataclass(frozen=True)
class KnownCase:
    """A solid drawn on slices, in a known dose on a grid of 3 mm."""

    solid: Solid
    dose: KnownDose
    slices: SliceStack

    def doses(self) -> StructureDoses:
        contours = self.solid.contours(self.slices)
        structure = analytic_structure("organ", contours, frame_of_reference_uid=FRAME)
        sections = sections_of(structure, slice_spacing_mm=self.slices.spacing_mm)
        corners = np.concatenate([c.points_mm for c in contours])
        grid = sampled_dose(
            lambda points: np.maximum(self.dose.at(points), 0.0),
            box_geometry(
                corners.min(axis=0) - 12,
                corners.max(axis=0) + 12,
                spacing_mm=(3.0, 3.0, 3.0),
                frame_of_reference_uid=FRAME,
            ),
        )
        course = Course(
            number=1,
            start_date=date(2020, 1, 1),
            plan_label="known",
            frame_of_reference_uid=FRAME,
            prescription=Prescription(50.0, 5, "test"),
            deliveries=(Delivery((grid,), 5),),
            structures=(structure,),
            image=None,
        )
        placed = PlacedStructure(
            structure,
            sections,
            "organ",
            1,
            transferred=False,
            alpha_beta_gy=3.0,
            alpha_beta_source="",
        )
        return structure_doses(placed, [PlacedCourse(course, identity(FRAME))], [1])

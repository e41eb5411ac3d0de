"""A patient with two stereotactic courses to the liver, all answers known.

Two lesions, two years apart; between the courses the patient has moved rigidly and the
scanner knows nothing of the first position. Anatomy and dose are functions of points,
so any volume can be had as exactly as wanted, apart from this project's own sampling.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from reirrad.core.courses import Course, Delivery, Prescription, TargetPrescription
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.images import Image
from reirrad.core.structures import Role, Structure
from reirrad.core.transforms import RigidTransform, identity
from reirrad.phantoms.analytic import box_geometry, sampled_dose
from reirrad.phantoms.anatomy import Anatomy, abdomen
from reirrad.phantoms.beams import BeamDose, gantry_directions
from reirrad.phantoms.mr_look import Paint, mr_signal, tissue_layers
from reirrad.phantoms.raster import Raster, contours_of
from reirrad.phantoms.shapes import Clipped, Ellipsoid, Grown, Shape
from reirrad.phantoms.trunk import SEMI_AXES_MM

__all__ = ["TwoCoursePatient", "abdominal_patient", "reference_overlap_cc"]

PTV_MARGIN_MM = 5.0
IMAGE_SPACING_MM = (3.0, 1.5, 1.5)
DOSE_SPACING_MM = (3.0, 3.0, 3.0)
MOVE_CENTRE_MM = (-60.0, 0.0, 10.0)
MOVE_DEGREES = 4.4
MOVE_AXIS = (0.35, 0.25, 0.9)
MOVE_MM = (11.0, -8.0, 10.5)


@dataclass(frozen=True, slots=True, eq=False)
class TwoCoursePatient:
    """Two courses and the truth about them.

    Parameters
    ----------
    courses
        What a clinic would have: image, structures, dose grid, prescription.
    first_to_second
        The move of the patient: from the first course's frame into the second's.
    dose_at
        For each course, points ``(n, 3)`` of its own frame to dose in Gy.
    liver
        The liver in the first course's frame.
    """

    courses: tuple[Course, Course]
    first_to_second: RigidTransform
    dose_at: tuple[
        Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]
    ]
    liver: Shape

    def in_liver(self, points_mm: FloatArray) -> npt.NDArray[np.bool_]:
        """Whether points ``(n, 3)`` of the first course's frame lie in the liver."""
        return self.liver.level_mm(points_mm) <= 0.0


@dataclass(frozen=True, slots=True)
class _CoursePlan:
    """What distinguishes one course of the patient from the other."""

    number: int
    start_date: date
    label: str
    prescription_gy: float
    gtv: Ellipsoid
    gantry_degrees: tuple[float, ...]
    field_of_view_mm: tuple[tuple[float, float, float], tuple[float, float, float]]


FIRST_PLAN = _CoursePlan(
    number=1,
    start_date=date(2023, 3, 6),
    label="Liver S8 5x10",
    prescription_gy=50.0,
    gtv=Ellipsoid((-84.0, -30.0, 26.0), (15.0, 16.0, 14.5), 0.0, 0.5),
    gantry_degrees=(190, 215, 240, 262, 284, 306, 328, 350, 12, 34, 56),
    field_of_view_mm=((-191.0, -137.5, -128.0), (191.0, 137.5, 109.0)),
)
SECOND_PLAN = _CoursePlan(
    number=2,
    start_date=date(2025, 5, 12),
    label="Liver S5 5x9",
    prescription_gy=45.0,
    gtv=Ellipsoid((-54.0, -8.0, -1.0), (14.5, 13.5, 16.0), 0.0, 0.5),
    gantry_degrees=(182, 203, 224, 245, 266, 287, 308, 329, 350, 11, 32, 53, 74),
    field_of_view_mm=((-187.0, -156.0, -112.5), (212.0, 139.5, 122.0)),
)


def abdominal_patient(seed: int) -> TwoCoursePatient:
    """Patient with two courses whose half-prescription isodoses overlap in the liver.

    Parameters
    ----------
    seed
        Decides noise, texture, finer vessels, bowel loops and the frames' UIDs; neither
        liver, targets, move nor dose.
    """
    frame_rng, bowel_rng, vessel_rng, *image_rngs = np.random.default_rng(seed).spawn(5)
    first_frame, second_frame = (_frame_uid(frame_rng) for _ in range(2))
    move = RigidTransform(_move_matrix(), first_frame, second_frame)
    anatomy = abdomen(bowel_rng)
    layers = tissue_layers(anatomy, vessel_rng)
    scar = Ellipsoid(FIRST_PLAN.gtv.centre_mm, (7.0, 8.0, 5.0), 0.0, 1.0)
    looks = (
        _lesion(FIRST_PLAN.gtv, anatomy),
        [Paint(scar, 205.0, 20.0, 5.0), *_lesion(SECOND_PLAN.gtv, anatomy)],
    )
    plans = (FIRST_PLAN, SECOND_PLAN)
    own_from_anatomy = (identity(first_frame), move)
    doses = [
        _dose_at(plan, anatomy, at)
        for plan, at in zip(plans, own_from_anatomy, strict=True)
    ]
    courses = [
        _course(
            plan,
            _Scene(anatomy, [*layers, *look], at, seed),
            dose_at=dose,
            noise_rng=rng,
        )
        for plan, look, at, dose, rng in zip(
            plans, looks, own_from_anatomy, doses, image_rngs, strict=True
        )
    ]
    return TwoCoursePatient(
        (courses[0], courses[1]), move, (doses[0], doses[1]), anatomy.organs["Liver"]
    )


def reference_overlap_cc(
    patient: TwoCoursePatient,
    *,
    first_gy: float,
    second_gy: float,
    spacing_mm: float = 1.0,
) -> float:
    """Liver that receives at least one dose in course 1 and another in course 2.

    Counted on a fine grid of midpoints over the functions of points, without contours,
    dose grids or interpolation.

    Parameters
    ----------
    patient
        The patient.
    first_gy, second_gy
        Isodose levels of course 1 and course 2.
    spacing_mm
        Distance of the points counted.
    """
    low, high = patient.liver.bounds_mm
    across = [
        np.arange(low[axis], high[axis], spacing_mm) + spacing_mm / 2.0
        for axis in range(2)
    ]
    x, y = (plane.ravel() for plane in np.meshgrid(*across))
    count = 0
    for z in np.arange(low[2], high[2], spacing_mm) + spacing_mm / 2.0:
        points = np.column_stack([x, y, np.full(len(x), z)])
        points = points[patient.in_liver(points)]
        points = points[patient.dose_at[0](points) >= first_gy]
        second = patient.dose_at[1](patient.first_to_second.apply(points))
        count += int(np.count_nonzero(second >= second_gy))
    return count * spacing_mm**3 / 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """The patient as one scanner sees it."""

    anatomy: Anatomy
    layers: list[Paint]
    own_from_anatomy: RigidTransform
    texture_seed: int


def _course(
    plan: _CoursePlan,
    scene: _Scene,
    *,
    dose_at: Callable[[FloatArray], FloatArray],
    noise_rng: np.random.Generator,
) -> Course:
    frame = scene.own_from_anatomy.to_frame
    image_geometry = _geometry(plan, IMAGE_SPACING_MM, frame)
    raster = Raster(image_geometry, scene.own_from_anatomy.inverse().matrix)
    values = mr_signal(
        raster,
        scene.layers,
        texture_rng=np.random.default_rng(scene.texture_seed),
        noise_rng=noise_rng,
    )
    structures = _structures(plan, scene.anatomy, raster)
    target = TargetPrescription(plan.prescription_gy, structures[-1].number, "PTV")
    dose = sampled_dose(dose_at, _geometry(plan, DOSE_SPACING_MM, frame))
    return Course(
        number=plan.number,
        start_date=plan.start_date,
        plan_label=plan.label,
        frame_of_reference_uid=frame,
        prescription=Prescription(
            plan.prescription_gy,
            5,
            "RTPLAN Target Prescription Dose (300A,0026)",
            (target,),
        ),
        deliveries=(Delivery((dose,), 5),),
        structures=structures,
        image=Image(values, image_geometry, "MR"),
    )


def _structures(
    plan: _CoursePlan, anatomy: Anatomy, raster: Raster
) -> tuple[Structure, ...]:
    """Every organ, the GTV and, last, the PTV."""
    shapes = {
        **anatomy.organs,
        "GTV": plan.gtv,
        "PTV": Grown(plan.gtv, PTV_MARGIN_MM),
    }
    roles = {"External": Role.EXTERNAL, "GTV": Role.GTV, "PTV": Role.PTV}
    return tuple(
        Structure(
            number,
            name,
            name,
            roles.get(name, Role.ORGAN),
            contours_of(raster.level(shape), raster.geometry),
            raster.geometry.frame_of_reference_uid,
        )
        for number, (name, shape) in enumerate(shapes.items(), start=1)
    )


def _dose_at(
    plan: _CoursePlan, anatomy: Anatomy, own_from_anatomy: RigidTransform
) -> Callable[[FloatArray], FloatArray]:
    """Dose in the course's own frame: its beams are coplanar there."""
    anatomy_from_own = own_from_anatomy.inverse()
    turn = anatomy_from_own.matrix[:3, :3]
    beams = BeamDose(
        prescription_gy=plan.prescription_gy,
        isocentre_mm=plan.gtv.centre_mm,
        semi_axes_mm=np.array(plan.gtv.semi_axes_mm) + PTV_MARGIN_MM,
        towards_source=gantry_directions(plan.gantry_degrees) @ turn.T,
        weights=np.ones(len(plan.gantry_degrees)),
        body=anatomy.organs["External"],
        trunk_semi_axes_mm=SEMI_AXES_MM,
    )
    return lambda points: beams.at(anatomy_from_own.apply(points))


def _lesion(gtv: Ellipsoid, anatomy: Anatomy) -> list[Paint]:
    """Metastasis: brighter than liver, a fluid core and a faint rim."""
    core = Clipped(Grown(gtv, -6.5), Grown(anatomy.organs["Liver"], -4.0))
    return [
        Paint(Grown(gtv, 0.5), 300.0, 10.0, 3.0),
        Paint(Grown(gtv, -0.8), 405.0, 35.0, 2.5),
        Paint(core, 520.0, 45.0, 5.0),
    ]


def _geometry(
    plan: _CoursePlan, spacing_mm: tuple[float, float, float], frame: str
) -> GridGeometry:
    low, high = plan.field_of_view_mm
    return box_geometry(low, high, spacing_mm=spacing_mm, frame_of_reference_uid=frame)


def _move_matrix() -> FloatArray:
    """Rotation about an axis through the liver, then a shift."""
    axis = np.array(MOVE_AXIS) / np.linalg.norm(MOVE_AXIS)
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    angle = np.radians(MOVE_DEGREES)
    turn = np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross
    centre = np.array(MOVE_CENTRE_MM)
    matrix = np.eye(4)
    matrix[:3, :3] = turn
    matrix[:3, 3] = centre - turn @ centre + MOVE_MM
    return matrix


def _frame_uid(rng: np.random.Generator) -> str:
    """A UID of the kind derived from a 128-bit number (DICOM PS3.5, B.2)."""
    return f"2.25.{int.from_bytes(rng.bytes(16), 'big') | 1 << 120}"

"""Write the case on which everything is timed: two courses of one patient as DICOM.

``python bench/generated_case.py OUT`` writes ``OUT/course1`` and ``OUT/course2``, each
with an MR of 100 slices of 300 x 300 at 1.5 x 1.5 x 3 mm, 15 structures, a plan and a
dose of 450 x 450 x 300 mm (3 mm in course 1, 2 mm in course 2), and ``OUT/truth.json``.

In the second image the patient lies elsewhere and is turned, bowel, stomach and spleen
have moved by up to a centimetre while the liver is as it was, the field of view is
another, and so are the coils' sensitivity and the noise. The same bytes at every call.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from reirrad.core.assessment import PatientIdentity
from reirrad.core.courses import Course, Delivery, Prescription, TargetPrescription
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.images import Image
from reirrad.core.structures import Contour, Role, Structure
from reirrad.core.transforms import RigidTransform, identity
from reirrad.dicom.write_course import write_course
from reirrad.phantoms.analytic import sampled_dose
from reirrad.phantoms.anatomy import Anatomy, abdomen
from reirrad.phantoms.beams import BeamDose, gantry_directions
from reirrad.phantoms.mr_look import Paint, mr_signal, tissue_layers
from reirrad.phantoms.raster import Deformation, Raster, contours_of
from reirrad.phantoms.shapes import Ellipsoid, Grown, Shape
from reirrad.phantoms.trunk import SEMI_AXES_MM

SEED = 20260117
PATIENT = PatientIdentity(
    id="REIRRAD-BENCH", name="Bench^Generated", birth_date=None, sex="O"
)
FRAMES = ("2.25.1000000000000000000000017", "2.25.1000000000000000000000018")
IMAGE_SHAPE, IMAGE_SPACING_MM = (100, 300, 300), (3.0, 1.5, 1.5)
# Course 2 sees the patient from elsewhere.
CENTRES_MM = ((0.0, 0.0, 8.0), (28.0, -14.0, 29.0))
DOSE_GRIDS = (((100, 150, 150), 3.0), ((150, 225, 225), 2.0))

# Brings the liver of the drawn anatomy to 1,500 cc.
SIZE = 0.85
MOVE_DEGREES = (5.0, -3.0, 2.5)
MOVE_MM = (14.0, -9.0, 12.0)

NAMES = (
    "External",
    "Liver",
    "Stomach",
    "Duodenum",
    "Bowel_Small",
    "Bowel_Large",
    "Kidney_R",
    "Kidney_L",
    "Spleen",
    "Heart",
    "Esophagus",
    "A_Aorta",
    "SpinalCord",
)
ROLES = {"External": Role.EXTERNAL, "GTV": Role.GTV, "PTV": Role.PTV}
PTV_MARGIN_MM = 5.0
LIVER_POINTS_A_SLICE = 200
POINT_DISTANCE_MM = 2.03
FEWEST_POINTS = 16
N_PROBES = 200_000
LEAST_PROBED_GY = 2.0


@dataclass(frozen=True)
class Plan:
    number: int
    start_date: date
    label: str
    dose_gy: float
    gtv: Ellipsoid
    gantry_degrees: tuple[float, ...]


PLANS = (
    Plan(
        1,
        date(2023, 3, 6),
        "Liver S8 5x10",
        50.0,
        Ellipsoid((-84.0, -30.0, 26.0), (15.0, 16.0, 14.5), 0.0, 0.5),
        tuple(np.arange(190.0, 420.0, 22.0) % 360.0),
    ),
    Plan(
        2,
        date(2025, 5, 12),
        "Liver S5 5x9",
        45.0,
        Ellipsoid((-54.0, -8.0, -1.0), (14.5, 13.5, 16.0), 0.0, 0.5),
        tuple(np.arange(182.0, 440.0, 21.0) % 360.0),
    ),
)


@dataclass(frozen=True)
class Bump:
    """A smooth displacement that is largest in the middle of an ellipsoid."""

    centre_mm: tuple[float, float, float]
    semi_axes_mm: tuple[float, float, float]
    way_mm: tuple[float, float, float]

    def at(self, points: FloatArray) -> FloatArray:
        scaled = (points - np.array(self.centre_mm)) / np.array(self.semi_axes_mm)
        rest = np.maximum(1.0 - (scaled**2).sum(axis=1), 0.0)
        return np.asarray(rest[:, None] ** 2 * np.array(self.way_mm))


# Bowel, and stomach with spleen; neither ellipsoid reaches the liver.
BUMPS = (
    Bump((42.0, -50.0, -80.0), (75.0, 62.0, 66.0), (4.0, -3.0, 9.0)),
    Bump((105.0, 30.0, 10.0), (42.0, 68.0, 58.0), (-2.0, 2.0, -8.0)),
)
DEFORMATION = Deformation(lambda p: BUMPS[0].at(p) + BUMPS[1].at(p), 11.0)


@dataclass(frozen=True)
class Patient:
    """The anatomy, and the tissues of which its images are painted."""

    anatomy: Anatomy
    layers: list[Paint]


def generated_case() -> tuple[tuple[Course, Course], dict[str, object]]:
    """Both courses, and what is true of them."""
    bowel_rng, vessel_rng, *noise = np.random.default_rng(SEED).spawn(4)
    anatomy = abdomen(bowel_rng)
    patient = Patient(anatomy, tissue_layers(anatomy, vessel_rng))
    move = RigidTransform(_move_matrix(), FRAMES[0], FRAMES[1])
    first = _course(PLANS[0], patient, identity(FRAMES[0]), noise_rng=noise[0])
    second = _course(PLANS[1], patient, move, noise_rng=noise[1])
    axis = [np.arange(-150.0, 151.0, 10.0)] * 3
    places = np.stack(np.meshgrid(*axis, indexing="ij"), axis=-1).reshape(-1, 3)
    inside = places[anatomy.organs["Liver"].level_mm(places) < 0.0]
    skin = anatomy.organs["External"]
    truth = {
        "first_to_second": move.matrix.tolist(),
        "liver_points_of_course_1_mm": (inside * SIZE).tolist(),
        "contour_points": [
            sum(map(n_vertices, course.structures)) for course in (first, second)
        ],
        **_resampling_truth(_dose_at(PLANS[1], skin, _anatomy_from(move))),
    }
    return (first, second), truth


def _course(
    plan: Plan, patient: Patient, way: RigidTransform, *, noise_rng: np.random.Generator
) -> Course:
    index = plan.number - 1
    back = _anatomy_from(way)
    geometry = _geometry(
        IMAGE_SHAPE, IMAGE_SPACING_MM, CENTRES_MM[index], FRAMES[index]
    )
    raster = Raster(geometry, back, deformation=(None, DEFORMATION)[index])
    structures = _structures(plan, patient.anatomy, raster)
    target = TargetPrescription(plan.dose_gy, structures[-1].number, "PTV")
    dose_at = _dose_at(plan, patient.anatomy.organs["External"], back)
    dose = sampled_dose(dose_at, _dose_geometry(plan))
    return Course(
        number=plan.number,
        start_date=plan.start_date,
        plan_label=plan.label,
        frame_of_reference_uid=FRAMES[index],
        prescription=Prescription(
            plan.dose_gy, 5, "RTPLAN Target Prescription Dose (300A,0026)", (target,)
        ),
        deliveries=(Delivery((dose,), 5),),
        structures=structures,
        image=_image(plan, patient, raster, noise_rng),
    )


def _image(
    plan: Plan, patient: Patient, raster: Raster, noise_rng: np.random.Generator
) -> Image:
    """MR with the course's own lesion and brightness."""
    lesion = [
        Paint(Grown(plan.gtv, 0.5), 300.0, 10.0, 3.0),
        Paint(Grown(plan.gtv, -0.8), 405.0, 35.0, 2.5),
    ]
    values = mr_signal(
        raster,
        [*patient.layers, *lesion],
        texture_rng=np.random.default_rng(SEED),
        noise_rng=noise_rng,
    )
    values = np.rint(values * _bias(plan.number - 1)).astype(np.float32)
    return Image(values, raster.geometry, "MR")


def _structures(plan: Plan, anatomy: Anatomy, raster: Raster) -> tuple[Structure, ...]:
    """Thirteen organs, the GTV and, last, the PTV."""
    shapes = {name: anatomy.organs[name] for name in NAMES}
    shapes |= {"GTV": plan.gtv, "PTV": Grown(plan.gtv, PTV_MARGIN_MM)}
    return tuple(
        Structure(
            number,
            name,
            name,
            ROLES.get(name, Role.ORGAN),
            _thinned(contours_of(raster.level(shape), raster.geometry), name),
            raster.geometry.frame_of_reference_uid,
        )
        for number, (name, shape) in enumerate(shapes.items(), start=1)
    )


def _anatomy_from(way: RigidTransform) -> FloatArray:
    """Matrix from a course's frame into the anatomy, which is larger."""
    smaller = np.diag([1.0 / SIZE, 1.0 / SIZE, 1.0 / SIZE, 1.0])
    return np.asarray(smaller @ way.inverse().matrix)


def _move_matrix() -> FloatArray:
    """A turn about the middle of the liver, then a shift."""
    turn = Rotation.from_euler("zyx", MOVE_DEGREES, degrees=True).as_matrix()
    centre = SIZE * np.array([-50.0, -5.0, 10.0])
    matrix = np.eye(4)
    matrix[:3, :3] = turn
    matrix[:3, 3] = centre - turn @ centre + MOVE_MM
    return matrix


def _geometry(
    shape: tuple[int, int, int],
    spacing_mm: tuple[float, float, float],
    centre_mm: tuple[float, float, float],
    frame: str,
) -> GridGeometry:
    affine = np.eye(4)
    affine[:3, :3] = np.diag(spacing_mm)[::-1]
    half = affine[:3, :3] @ (np.array(shape) - 1.0) / 2.0
    affine[:3, 3] = np.array(centre_mm) - half
    return GridGeometry(shape, affine, frame)


def _bias(index: int) -> FloatArray:
    """Slow change of brightness by up to a quarter, the other way in course 2."""
    k, j, i = np.meshgrid(
        *[np.linspace(-1.0, 1.0, n) for n in IMAGE_SHAPE], indexing="ij", sparse=True
    )
    wave = np.sin(1.7 * k + 0.6) + np.sin(2.1 * j - 0.8) + np.cos(1.9 * i + 0.4)
    return np.asarray(np.exp((0.04, -0.10)[index] * wave))


def _dose_at(
    plan: Plan, body: Shape, back: FloatArray
) -> Callable[[FloatArray], FloatArray]:
    """Dose at points of the course's own frame, where its beams are coplanar."""
    turn = SIZE * back[:3, :3]
    beams = BeamDose(
        prescription_gy=plan.dose_gy,
        isocentre_mm=plan.gtv.centre_mm,
        semi_axes_mm=np.array(plan.gtv.semi_axes_mm) + PTV_MARGIN_MM,
        towards_source=gantry_directions(plan.gantry_degrees) @ turn.T,
        weights=np.ones(len(plan.gantry_degrees)),
        body=body,
        trunk_semi_axes_mm=SEMI_AXES_MM,
    )
    return lambda points: beams.at(points @ back[:3, :3].T + back[:3, 3])


def _dose_geometry(plan: Plan) -> GridGeometry:
    index = plan.number - 1
    shape, spacing = DOSE_GRIDS[index]
    return _geometry(shape, (spacing,) * 3, CENTRES_MM[index], FRAMES[index])


def _resampling_truth(
    dose_at: Callable[[FloatArray], FloatArray],
) -> dict[str, object]:
    """Dose of course 2 carried along a rigid map, at voxels of its own grid."""
    rng = np.random.default_rng(SEED)
    geometry = _dose_geometry(PLANS[1])
    shape = np.array(geometry.shape)
    indices = rng.integers(shape // 8, shape - shape // 8, size=(N_PROBES, 3))
    matrix = _move_matrix()
    points = geometry.points_mm(indices) @ matrix[:3, :3].T + matrix[:3, 3]
    dose_gy = dose_at(points)
    high = dose_gy > LEAST_PROBED_GY
    return {
        "resampling": matrix.tolist(),
        "probe_indices": indices[high].tolist(),
        "probe_gy": dose_gy[high].tolist(),
    }


def _thinned(contours: tuple[Contour, ...], name: str) -> tuple[Contour, ...]:
    """The contours with about as many points as a planning system draws."""
    around = [_length_mm(one) for one in contours]
    per_slice: dict[float, float] = {}
    for one, length in zip(contours, around, strict=True):
        z = round(float(one.points_mm[0, 2]), 3)
        per_slice[z] = per_slice.get(z, 0.0) + length
    result = []
    for one, length in zip(contours, around, strict=True):
        wanted = length / POINT_DISTANCE_MM
        if name == "Liver":
            share = length / per_slice[round(float(one.points_mm[0, 2]), 3)]
            wanted = LIVER_POINTS_A_SLICE * share
        result.append(_spaced(one, max(round(wanted), FEWEST_POINTS)))
    return tuple(result)


def _length_mm(contour: Contour) -> float:
    step = np.roll(contour.points_mm, -1, axis=0) - contour.points_mm
    return float(np.linalg.norm(step, axis=1).sum())


def _spaced(contour: Contour, n_points: int) -> Contour:
    """Points at equal distances along a contour."""
    closed = np.vstack([contour.points_mm, contour.points_mm[:1]])
    along = np.concatenate(
        [[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))]
    )
    places = np.linspace(0.0, along[-1], n_points, endpoint=False)
    return Contour(
        np.column_stack([np.interp(places, along, part) for part in closed.T])
    )


def write_generated_case(folder: Path) -> None:
    """Write the DICOM files of both courses and what is true of them."""
    courses, truth = generated_case()
    for course in courses:
        write_course(course, folder / f"course{course.number}", patient=PATIENT)
    (folder / "truth.json").write_text(json.dumps(truth))


def n_vertices(structure: Structure) -> int:
    return sum(len(contour.points_mm) for contour in structure.contours)


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python bench/generated_case.py OUT")
    folder = Path(sys.argv[1])
    write_generated_case(folder)
    print(f"written to {folder}")


if __name__ == "__main__":
    main()

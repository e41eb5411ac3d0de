"""The scene of an asymmetric patient: what is right, in front and above stays so."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
import shapely

from reirrad.core.courses import Course
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.images import Image
from reirrad.core.scene import PlanePositions, Scene, SceneOutline, SceneVolume
from reirrad.core.structures import Contour, Role, Structure
from reirrad.core.transforms import RigidTransform
from reirrad.phantoms.analytic import (
    AXIAL_AXES,
    SliceStack,
    box_geometry,
    sampled_dose,
    sphere_contours,
    sphere_dose,
)
from reirrad.phantoms.plain_course import plain_course
from reirrad.reports.scene_files import packed_scene
from reirrad.workflows.align import Method
from reirrad.workflows.place import PlacedPatient, place
from reirrad.workflows.scene import scene_of
from reirrad.workflows.settings import load_settings

Axes = tuple[tuple[float, ...], ...]

TILT = np.radians(12.0)
OBLIQUE: Axes = (
    (float(np.cos(TILT)), float(np.sin(TILT)), 0.0),
    (float(-np.sin(TILT)), float(np.cos(TILT)), 0.0),
    (0.0, 0.0, 1.0),
)
TIPPED: Axes = (
    (1.0, 0.0, 0.0),
    (0.0, float(np.cos(TILT)), float(np.sin(TILT))),
    (0.0, float(-np.sin(TILT)), float(np.cos(TILT))),
)
FEET_FIRST: Axes = ((-1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0))

MARKER = np.array([-38.0, -30.0, 26.0])
"""Right, anterior, head: x, y below and z above the centre of everything."""
MARKER_RADIUS_MM = 8.0
ORGAN_RADIUS_MM = 30.0
SHIFT_MM = np.array([6.0, -4.0, 9.0])
"""Course 1's frame is the reference frame, moved by this."""
FRAMES = {1: "1.1", 2: "1.2"}


def anatomy(points_mm: FloatArray) -> FloatArray:
    """A body, an organ and a bright marker."""
    values = np.where(
        np.abs(points_mm / [75.0, 60.0, 48.0]).max(axis=-1) < 1, 10.0, -1000
    )
    near = np.linalg.norm(points_mm, axis=-1) < ORGAN_RADIUS_MM
    values = np.where(near, 80.0, values)
    marked = np.linalg.norm(points_mm - MARKER, axis=-1) < MARKER_RADIUS_MM
    return np.where(marked, 900.0, values)


def image_of(number: int, shift_mm: FloatArray, axes: Axes) -> Image:
    half = np.array([84.0, 69.0, 54.0])
    centre = np.asarray(axes) @ shift_mm
    geometry = box_geometry(
        centre - half,
        centre + half,
        spacing_mm=(3.0, 2.0, 2.0),
        frame_of_reference_uid=FRAMES[number],
        axes=axes,
    )
    voxels = np.moveaxis(np.indices(geometry.shape), 0, -1)
    values = anatomy(geometry.points_mm(voxels) - shift_mm)
    return Image(values.astype(np.float32), geometry, "CT")


def ball(
    number: int, name: str, role: Role, *, centre: FloatArray, radius_mm: float
) -> Callable[[str, Axes], Structure]:
    def drawn(frame: str, axes: Axes) -> Structure:
        slices = SliceStack(3.0, axes=axes)
        contours: tuple[Contour, ...] = sphere_contours(
            centre, radius_mm, slices=slices, n_vertices=80
        )
        return Structure(number, name, name, role, contours, frame)

    return drawn


def course(number: int, *, axes: Axes = AXIAL_AXES, with_image: bool = True) -> Course:
    """Anatomy of the reference frame; course 1 is moved in its own frame."""
    shift = SHIFT_MM if number == 1 else np.zeros(3)
    frame = FRAMES[number]
    image = image_of(number, shift, axes) if with_image else None
    grid = box_geometry(
        shift - 60.0, shift + 60.0, spacing_mm=(3, 3, 3), frame_of_reference_uid=frame
    )
    # The dose of course 1 is on the marker, that of course 2 in the organ.
    hot = MARKER + shift if number == 1 else np.array([12.0, 6.0, -9.0])
    dose = sphere_dose(hot, radius_at={2.0: 20.0, 50.0: 6.0})
    structures = [
        ball(1, "Liver", Role.ORGAN, centre=shift, radius_mm=ORGAN_RADIUS_MM),
        ball(
            2,
            "Marker",
            Role.OTHER,
            centre=MARKER + shift,
            radius_mm=MARKER_RADIUS_MM,
        ),
        ball(3, "PTV", Role.PTV, centre=hot, radius_mm=7.0),
    ]
    return plain_course(
        number,
        sampled_dose(dose.at, grid),
        [make(frame, axes) for make in structures],
        prescription_gy=50.0,
        n_fractions=5,
        image=image,
    )


def patient_of(
    courses: Sequence[Course], *, off_mm: float = 0.0, method: Method = "given"
) -> PlacedPatient:
    way = np.eye(4)
    way[:3, 3] = -SHIFT_MM + [off_mm, 0.0, 0.0]

    def known(moving: Course, reference: Course) -> tuple[RigidTransform, Method]:
        frames = moving.frame_of_reference_uid, reference.frame_of_reference_uid
        return RigidTransform(way, *frames), method

    return place(
        courses,
        load_settings(None),
        reference_course=2,
        known=known,
        progress=lambda _: None,
    )


def scene(patient: PlacedPatient) -> Scene:
    return scene_of(patient, load_settings(None), centre_mm=np.zeros(3), places=())


def volume(shown: Scene, name: str) -> SceneVolume:
    (found,) = [v for v in shown.volumes if v.name == name]
    return found


def centroid_mm(shown: SceneVolume, lowest: float) -> FloatArray:
    """Of the voxels that are bright or hot."""
    at = np.argwhere(np.nan_to_num(shown.values, nan=-1e4) > lowest)
    return np.asarray(at.mean(axis=0)[::-1] * shown.spacing_mm + shown.origin_mm)


def outline(shown: Scene, label: str) -> SceneOutline:
    (found,) = [o for o in shown.outlines if o.label == label]
    return found


def outlined_centre_mm(shown: Scene, label: str) -> FloatArray:
    """(x, y, z) of the largest polygon of each plane direction, agreed by two each."""
    found = outline(shown, label)
    seen: dict[int, list[float]] = {0: [], 1: [], 2: []}
    for plane, axes in (("axial", (0, 1)), ("sagittal", (1, 2)), ("coronal", (0, 2))):
        polygons = [shapely.Polygon(ring) for _, ring in getattr(found, plane)]
        largest = max(polygons, key=lambda polygon: polygon.area).centroid
        seen[axes[0]].append(largest.x)
        seen[axes[1]].append(largest.y)
    for coordinates in seen.values():
        assert abs(coordinates[0] - coordinates[1]) < 0.5
    return np.array([np.mean(seen[axis]) for axis in range(3)])


@pytest.fixture(scope="module")
def courses() -> tuple[Course, Course]:
    return course(1), course(2)


@pytest.fixture(scope="module")
def plain(courses: tuple[Course, Course]) -> Scene:
    return scene(patient_of(courses))


@pytest.mark.parametrize("axes", [AXIAL_AXES, FEET_FIRST, OBLIQUE, TIPPED])
def test_right_front_and_head_are_told_apart_in_everything(axes: Axes) -> None:
    shown = scene(patient_of([course(1, axes=axes), course(2, axes=axes)]))
    for name in ("image-2", "image-1"):
        np.testing.assert_allclose(
            centroid_mm(volume(shown, name), 400.0), MARKER, atol=0.7
        )
    np.testing.assert_allclose(
        centroid_mm(volume(shown, "dose-1"), 25.0), MARKER, atol=0.7
    )
    np.testing.assert_allclose(
        centroid_mm(volume(shown, "eqd2-2"), 25.0), [12.0, 6.0, -9.0], atol=0.7
    )
    np.testing.assert_allclose(outlined_centre_mm(shown, "Marker"), MARKER, atol=0.5)
    carried = outline(shown, "PTV (course 1)")
    assert carried.carried_over
    np.testing.assert_allclose(
        outlined_centre_mm(shown, "PTV (course 1)"), MARKER, atol=0.5
    )


def test_the_names_tell_what_is_shown(plain: Scene) -> None:
    assert [v.name for v in plain.volumes][:6] == [
        "image-2",
        "image-1",
        "dose-1",
        "eqd2-1",
        "dose-2",
        "eqd2-2",
    ]
    assert plain.levels_gy == {n: {"2Gy": 2.0, "50%": 25.0} for n in (1, 2)}
    assert plain.reference_course == 2
    assert plain.frame_of_reference_uid == FRAMES[2]
    assert volume(plain, "eqd2-1").alpha_beta_gy == 3.0


def test_planes_are_the_slices_of_the_reference_image(plain: Scene) -> None:
    assert plain.planes.axial == PlanePositions(-54.0, 3.0, 37)
    assert volume(plain, "image-2").spacing_mm == (2.0, 2.0, 3.0)


def test_the_air_around_the_body_is_cropped(plain: Scene) -> None:
    wide = image_of(2, np.zeros(3), AXIAL_AXES)
    values = np.pad(wide.values, ((0, 0), (20, 30), (25, 15)), constant_values=-1000)
    affine = wide.geometry.affine.copy()
    affine[:3, 3] = wide.geometry.points_mm([0, -20, -25])
    n_k, n_j, n_i = values.shape
    padded = Image(values, GridGeometry((n_k, n_j, n_i), affine, FRAMES[2]), "CT")
    larger = replace(course(2), image=padded)
    again = volume(scene(patient_of([course(1), larger])), "image-2")
    # A centimetre around the body is what the image without that air has.
    shown = volume(plain, "image-2")
    assert again.origin_mm == pytest.approx(shown.origin_mm)
    np.testing.assert_array_equal(again.values, shown.values)


def test_without_images_doses_and_outlines_are_shown() -> None:
    patient = patient_of([course(n, with_image=False) for n in (1, 2)])
    shown = scene(patient)
    assert [v.name for v in shown.volumes if v.kind == "image"] == []
    np.testing.assert_allclose(
        centroid_mm(volume(shown, "dose-1"), 25.0), MARKER, atol=0.7
    )
    np.testing.assert_allclose(
        outlined_centre_mm(shown, "PTV"), [12.0, 6.0, -9.0], atol=0.5
    )


def test_a_rejected_registration_leaves_only_the_image_of_the_course(
    courses: tuple[Course, Course],
) -> None:
    patient = patient_of(courses, off_mm=45.0)
    assert patient.alignments[1].to_reference is None
    shown = scene(patient)
    assert [v.name for v in shown.volumes if v.course == 1] == ["image-1"]
    np.testing.assert_allclose(
        centroid_mm(volume(shown, "image-1"), 400.0),
        MARKER + np.array([45.0, 0.0, 0.0]),
        atol=0.7,
    )
    assert list(shown.levels_gy) == [2]
    assert all(o.course == 2 for o in shown.outlines)


def test_the_same_patient_gives_the_same_bytes(
    courses: tuple[Course, Course], plain: Scene
) -> None:
    again = scene(patient_of(courses))
    first, second = (packed_scene(one, display_only=False) for one in (plain, again))
    assert first.parts == second.parts
    assert first.manifest == second.manifest

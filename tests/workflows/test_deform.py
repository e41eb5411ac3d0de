from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.assessment import Assessment
from reirrad.core.courses import Course
from reirrad.core.geometry import FloatArray
from reirrad.core.sections import sections_of
from reirrad.core.structure_doses import PlacedStructure, structure_doses
from reirrad.core.structures import Role, Structure
from reirrad.core.transforms import RigidTransform, identity
from reirrad.dicom.write_reg import write_registration
from reirrad.phantoms.analytic import SliceStack, sphere_contours
from reirrad.phantoms.deformed_pair import DeformedPair
from reirrad.workflows.assess import assess
from tests.dicom.test_deformable_registration import deformable
from tests.workflows.deformed_patient import deformed_patient
from tests.workflows.exports import FEW_DRAWS, FRAMES, PATIENT, course, write_patient

LOW, STEP, N = -200.0, 50.0, 9


def assessed(*paths: Path, computed: bool = False) -> Assessment:
    return assess(
        list(paths),
        settings=replace(FEW_DRAWS, deformable=computed),
        with_views=False,
        progress=lambda _: None,
    )


def write_rigid(folder: Path, x: float) -> None:
    matrix = np.eye(4)
    matrix[0, 3] = x
    transform = RigidTransform(matrix, FRAMES[1], FRAMES[2])
    write_registration(transform, folder, patient=PATIENT, day=date(2024, 3, 1))


def write_vectors(
    folder: Path,
    vector: tuple[float, float],
    *,
    frames: tuple[str, str],
    name: str = "deform.dcm",
    after: FloatArray | None = None,
    grid: tuple[float, float, int] = (LOW, STEP, N),
) -> None:
    """An object whose vectors are all alike: a shift along x and y.

    The grid has a corner, a spacing and a number of points along y.
    """
    low, step, n_rows = grid
    vectors = np.zeros((N, n_rows, N, 3), dtype="<f4")
    vectors[..., :2] = vector
    dataset = deformable(
        frames=frames,
        uid=f"1.2.77.{len(name)}",
        after=after,
        ImagePositionPatient=[low, low, low],
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        GridDimensions=[N, n_rows, N],
        GridResolution=[step, step, step],
        VectorGridData=vectors.tobytes(),
    )
    dataset.PatientID, dataset.PatientName = PATIENT.id, PATIENT.name
    dataset.PatientBirthDate = ""
    folder.mkdir(exist_ok=True, parents=True)
    dataset.save_as(folder / name, enforce_file_format=True)


def codes(assessment: Assessment) -> list[str]:
    return [f.code for f in assessment.findings if f.code.startswith("deformable")]


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two")
    one, two = course(1, target_x=-20), course(2, target_x=20, offset_mm=15)
    write_patient(folder, one, two)
    write_rigid(folder, 15.0)
    return folder


@pytest.mark.slow
def test_an_object_that_says_the_same_changes_nothing(
    patient: Path, tmp_path: Path
) -> None:
    write_vectors(tmp_path, (-15.0, 0.0), frames=(FRAMES[2], FRAMES[1]))
    (result,) = assessed(patient, tmp_path).deformable
    assert (result.method, result.verdict) == ("dicom-deformable", "review")
    assert "no map back" in result.reason
    assert result.changed_verdicts == ()
    assert {m.structure for m in result.metrics} == {"Liver", "Duodenum"}
    for metric in result.metrics:
        assert metric.deformable_gy == pytest.approx(metric.rigid_gy, rel=1e-3)
        given = metric.sum_of_maxima_gy is not None
        assert given is (metric.metric != "Mean[Gy]")
    (pair,) = result.pairs
    for overlap in pair.overlap.values():
        assert overlap.deformable_organ_cc == pytest.approx(
            overlap.rigid_organ_cc, rel=5e-3
        )
        assert overlap.deformable_total_cc == pytest.approx(
            overlap.rigid_total_cc, rel=5e-3
        )


@pytest.mark.slow
def test_an_object_that_says_otherwise_stands_beside_the_rigid_result(
    patient: Path, tmp_path: Path
) -> None:
    # The duodenum of course 2 is laid on the target of course 1.
    forth = (FRAMES[2], FRAMES[1])
    write_vectors(tmp_path, (-35.0, -40.0), frames=forth)
    write_vectors(tmp_path, (35.0, 40.0), frames=forth[::-1], name="back.dcm")
    both, plain = assessed(patient, tmp_path), assessed(patient)
    assert [s.cumulative for s in both.structures] == [
        s.cumulative for s in plain.structures
    ]
    assert both.pairs == plain.pairs
    assert both.constraints == plain.constraints
    (result,) = both.deformable
    assert result.verdict == "review"
    assert "ot better than the rigid" in result.reason
    assert result.quality is not None
    assert result.quality.inverse_consistency_mean_mm == pytest.approx(0.0, abs=1e-3)
    assert result.not_compared == ("PTV (course 1)",)
    duodenum = {m.metric: m for m in result.metrics if m.structure == "Duodenum"}
    hottest = duodenum["D0.1cc[Gy]"]
    assert hottest.rigid_gy is not None
    assert hottest.deformable_gy is not None
    assert hottest.deformable_gy > hottest.rigid_gy + 100.0
    assert hottest.deformable_gy == pytest.approx(_shifted_d01cc_gy(), rel=0.01)
    changed = [c for c in result.changed_verdicts if c.structure == "Duodenum"]
    assert {c.deformable_verdict for c in changed} == {"exceeded"}
    assert codes(both).count("deformable-verdict-differs") == len(
        result.changed_verdicts
    )
    texts = [f.message for f in both.findings if f.code == "deformable-verdict-differs"]
    assert any("depends on the choice of registration: met (" in text for text in texts)


def _shifted_d01cc_gy() -> float:
    """The same as by a rigid shift of the whole of course 1."""
    matrix = np.eye(4)
    matrix[:3, 3] = [-35.0, -40.0, 0.0]
    first, second = course(1, target_x=-20), course(2, target_x=20, offset_mm=15)
    duodenum = second.structures[2]
    doses = structure_doses(
        PlacedStructure(
            duodenum,
            sections_of(duodenum, slice_spacing_mm=5.0),
            "Duodenum",
            2,
            transferred=False,
            alpha_beta_gy=3.0,
            alpha_beta_source="test",
        ),
        [
            PlacedCourse(first, RigidTransform(matrix, FRAMES[2], FRAMES[1])),
            PlacedCourse(second, identity(FRAMES[2])),
        ],
        [1, 2],
    )
    value = doses.metric("D0.1cc[Gy]", "cumulative", "EQD2", 3.0)
    assert value is not None
    return value


CORD_Y = 80.0
"""The cord begins 8 mm before; the liver ends at 60."""
SHORT, SHORTER = (-140.0, 35.0, 7), (-140.0, 35.0, 6)
"""Grids that end between liver and cord, at 70, and in the liver, at 35."""


def with_cord(one: Course, x: float) -> Course:
    slices = SliceStack(spacing_mm=5.0)
    contours = sphere_contours([x, CORD_Y, 0.0], 8.0, slices=slices, n_vertices=64)
    frame = one.frame_of_reference_uid
    cord = Structure(3, "SpinalCord", "SpinalCord", Role.ORGAN, contours, frame)
    return replace(one, structures=(*one.structures[:2], cord))


@pytest.fixture(scope="module")
def cord_patient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cord")
    one, two = course(1, target_x=-20), course(2, target_x=20, offset_mm=15)
    write_patient(folder, with_cord(one, 0.0), with_cord(two, 15.0))
    write_rigid(folder, 15.0)
    return folder


def said(assessment: Assessment, code: str) -> str:
    (message,) = [f.message for f in assessment.findings if f.code == code]
    return message


@pytest.mark.slow
def test_outside_the_vectors_dose_is_not_known_where_the_matrices_say_otherwise(
    cord_patient: Path, tmp_path: Path
) -> None:
    # The vectors carry the whole shift: beyond them the object is 15 mm off.
    write_vectors(tmp_path, (-15.0, 0.0), frames=(FRAMES[2], FRAMES[1]), grid=SHORT)
    found = assessed(cord_patient, tmp_path)
    (result,) = found.deformable
    for metric in result.metrics:
        if metric.structure == "SpinalCord":
            assert metric.rigid_gy is not None
            assert metric.deformable_gy is None
        else:
            assert metric.deformable_gy == pytest.approx(metric.rigid_gy, rel=1e-3)
    assert result.quality is not None
    assert [one.name for one in result.quality.structures] == ["Liver"]
    assert "nothing of it" in said(found, "deformable-organ-not-compared")
    outside = said(found, "deformable-outside-grid")
    assert "grid of vectors: SpinalCord." in outside
    assert "dose of course 1 is not known" in outside
    (pair,) = result.pairs
    for overlap in pair.overlap.values():
        assert overlap.deformable_total_cc == pytest.approx(
            overlap.rigid_total_cc, rel=5e-3
        )


@pytest.mark.slow
def test_outside_the_vectors_matrices_hold_that_are_the_rigid_registration(
    cord_patient: Path, tmp_path: Path
) -> None:
    after = np.eye(4)
    after[0, 3] = -15.0
    forth = (FRAMES[2], FRAMES[1])
    write_vectors(tmp_path, (0.0, 0.0), frames=forth, after=after, grid=SHORTER)
    found = assessed(cord_patient, tmp_path)
    (result,) = found.deformable
    assert {m.structure for m in result.metrics} == {"Liver", "SpinalCord"}
    for metric in result.metrics:
        assert metric.deformable_gy == pytest.approx(metric.rigid_gy, rel=1e-3)
    outside = said(found, "deformable-outside-grid")
    assert "grid of vectors: Liver, SpinalCord." in outside
    assert "agree with the rigid registration" in outside
    assert len(result.pairs) == 1
    assert "deformable-organ-not-compared" not in codes(found)


@pytest.mark.slow
def test_without_all_of_the_organ_no_overlap_is_compared(
    cord_patient: Path, tmp_path: Path
) -> None:
    write_vectors(tmp_path, (-15.0, 0.0), frames=(FRAMES[2], FRAMES[1]), grid=SHORTER)
    found = assessed(cord_patient, tmp_path)
    (result,) = found.deformable
    assert result.verdict == "review"
    assert result.pairs == ()
    assert "isodoses" in said(found, "deformable-overlap-not-compared")
    assert "deformable-type-differs" not in codes(found)


def test_an_object_of_the_other_direction_is_told_and_not_turned_round(
    patient: Path, tmp_path: Path
) -> None:
    write_vectors(tmp_path, (15.0, 0.0), frames=(FRAMES[1], FRAMES[2]))
    result = assessed(patient, tmp_path)
    assert result.deformable == ()
    assert codes(result) == ["deformable-not-used"]


def test_without_object_and_setting_nothing_is_deformed(patient: Path) -> None:
    result = assessed(patient)
    assert result.deformable == ()
    assert codes(result) == []


def test_courses_of_one_frame_without_images_have_nothing_to_deform(
    tmp_path: Path,
) -> None:
    one, two = course(1, target_x=-20, frame="1.9"), course(2, target_x=9, frame="1.9")
    write_patient(tmp_path, replace(one, image=None), replace(two, image=None))
    result = assessed(tmp_path, computed=True)
    assert result.deformable == ()
    assert codes(result) == ["deformable-not-used"]


def test_images_of_other_modalities_leave_the_rigid_result_alone(
    tmp_path: Path,
) -> None:
    one, two = course(1, target_x=-20), course(2, target_x=20, offset_mm=15)
    assert one.image is not None
    write_patient(tmp_path, replace(one, image=replace(one.image, modality="CT")), two)
    write_rigid(tmp_path, 15.0)
    result = assessed(tmp_path, computed=True)
    (failed,) = result.deformable
    assert (failed.verdict, failed.quality, failed.metrics) == ("rejected", None, ())
    assert "one modality" in failed.reason
    assert codes(result) == ["deformable-rejected"]
    assert result.pairs[0].overlap["2Gy"].organ_cc is not None


@dataclass(frozen=True)
class TrueWay:
    """The known deformation itself."""

    pair: DeformedPair

    @property
    def stretch(self) -> float:
        return 2.0

    def apply(self, points_mm: ArrayLike) -> FloatArray:
        return self.pair.true_mm(np.asarray(points_mm, dtype=np.float64))


@dataclass(frozen=True)
class TrulyPlaced:
    course: Course
    from_reference: TrueWay


@pytest.mark.slow
def test_a_computed_one_is_nearer_to_the_truth_than_the_rigid_one(
    tmp_path: Path,
) -> None:
    (first, second), pair = deformed_patient()
    write_patient(tmp_path, first, second)
    (result,) = assessed(tmp_path, computed=True).deformable
    assert (result.method, result.verdict) == ("deformable", "accepted")
    assert result.quality is not None
    for structure in result.quality.structures:
        assert structure.deformable["dice"] > structure.rigid["dice"]
        assert structure.deformable["dice"] > 0.98
        assert structure.deformable["centroid_distance_mm"] < 1.0
    liver = second.structures[0]
    truth = structure_doses(
        PlacedStructure(
            liver,
            sections_of(liver, slice_spacing_mm=5.0),
            "Liver",
            2,
            transferred=False,
            alpha_beta_gy=2.5,
            alpha_beta_source="test",
        ),
        [
            TrulyPlaced(first, TrueWay(pair)),
            PlacedCourse(second, identity(second.frame_of_reference_uid)),
        ],
        [1, 2],
    )
    compared = {m.metric: m for m in result.metrics if m.structure == "Liver"}
    for name in ("D0.1cc[Gy]", "Mean[Gy]"):
        known = truth.metric(name, "cumulative", "EQD2", compared[name].alpha_beta_gy)
        rigid, deformed = compared[name].rigid_gy, compared[name].deformable_gy
        assert known is not None
        assert rigid is not None
        assert deformed is not None
        assert abs(deformed - known) < abs(rigid - known)
        assert deformed == pytest.approx(known, rel=0.05)

"""The acceptance tests fail as soon as any one formula of the program is wrong."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reirrad.core import (
    accumulation,
    classification,
    dvh,
    overlap,
    radiobiology,
    regions,
    structure_doses,
)
from reirrad.core.assessment import PairAssessment
from reirrad.core.dose import DoseGrid, Interpolation, dose_there
from reirrad.core.registration_verdict import judge_registration
from reirrad.core.sampling import SamplePoints
from reirrad.core.sections import sections_of
from reirrad.core.structures import Structure
from reirrad.core.transforms import RigidTransform
from reirrad.dicom import (
    courses,
    dose_choice,
    importing,
    linking,
    pixel_spacing,
    plane,
    prescriptions,
    rtdose,
)
from reirrad.knowledge.alpha_beta import AlphaBetaTable
from reirrad.phantoms.checks import Check
from reirrad.registration.rigid import register_rigid
from reirrad.workflows import align, pairs, place
from reirrad.workflows.commission import EXAMINATIONS, finished
from reirrad.workflows.commissioning import registrations

pytestmark = pytest.mark.slow

Break = Callable[[pytest.MonkeyPatch], None]

GROUPS = {examination.title: examination for examination in EXAMINATIONS}
ROUND_TRIP = "DICOM round trip"
VOLUMES = "Volumes and DVH metrics"
EQD2 = "EQD2, BED and alpha/beta"
SUMS = "Accumulation of courses"
OVERLAP = "Overlap of isodoses"
CLASSES = "Class of re-irradiation"
TRANSFER = "Transfer of structures"
REGISTRATION = "Registration of images"
REFUSALS = "Refusal of unsafe input"


def bed_of_one_fraction(patch: pytest.MonkeyPatch) -> None:
    def bed(dose_gy: Any, *, n_fractions: int, alpha_beta_gy: float) -> Any:
        dose = np.asarray(dose_gy, dtype=np.float64)
        return dose + dose**2 / alpha_beta_gy + 0.0 * n_fractions

    patch.setattr(radiobiology, "bed", bed)


def equivalent_in_fractions_of_1_8_gy(patch: pytest.MonkeyPatch) -> None:
    def wrong(deliveries: Any, *, alpha_beta_gy: float) -> Any:
        summed = radiobiology.summed_bed(deliveries, alpha_beta_gy=alpha_beta_gy)
        return summed * alpha_beta_gy / (alpha_beta_gy + 1.8)

    patch.setattr(accumulation, "summed_eqd2", wrong)


def one_ratio_for_all(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AlphaBetaTable, "ratio_for", lambda *_: (3.0, "always"))


def fractions_of_the_plan_plus_one(patch: pytest.MonkeyPatch) -> None:
    read: Any = prescriptions.course_prescription

    def prescription(*arguments: Any, **options: Any) -> Any:
        right = read(*arguments, **options)
        return dataclasses.replace(right, n_fractions=right.n_fractions + 1)

    patch.setattr(courses, "course_prescription", prescription)


def physical_doses_added_first(patch: pytest.MonkeyPatch) -> None:
    """Add all courses' doses and convert the sum as if it were one course."""
    right = structure_doses.StructureDoses.known

    def known(self: Any, scope: Any, quantity: Any, ratio: Any) -> Any:
        if scope != "cumulative":
            return right(self, scope, quantity, ratio)
        physical = np.sum([d.physical_gy() for d in self.doses.values()], axis=0)
        fractions = sum(d.delivered_gy[0][1] for d in self.doses.values())
        values = radiobiology.eqd2(physical, n_fractions=fractions, alpha_beta_gy=ratio)
        covered = np.ones(len(values), dtype=np.bool_)
        return accumulation.known_dose(values, self.samples.volumes_cc, covered)

    patch.setattr(structure_doses.StructureDoses, "known", known)


def percentiles_from_the_cold_side(patch: pytest.MonkeyPatch) -> None:
    right = dvh.metric_value
    swapped = {"D98%[Gy]": "D2%[Gy]", "D2%[Gy]": "D98%[Gy]"}

    def metric(name: str, curve: Any) -> float:
        return right(swapped.get(name, name), curve)

    patch.setattr(accumulation, "metric_value", metric)


def volume_above_a_higher_dose(patch: pytest.MonkeyPatch) -> None:
    right = dvh._volumes_at
    patch.setattr(dvh, "_volumes_at", lambda levels, curve: right(levels * 1.02, curve))


def half_of_more_than_the_prescription(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(overlap, "ISO50_RATIO", 0.52)


def isodose_of_2_1_gy(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(overlap, "ISO2_GY", 2.1)


def overlap_of_either_course(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(overlap, "intersection", regions.union)


def cells_asked_at_their_centres(patch: pytest.MonkeyPatch) -> None:
    def centres(samples: SamplePoints) -> Any:
        return np.array([samples.points_mm, samples.points_mm])

    patch.setattr(SamplePoints, "scattered_mm", property(centres))


def trilinear_dose(patch: pytest.MonkeyPatch) -> None:
    def grid(values: Any, geometry: Any, _: Interpolation) -> DoseGrid:
        return DoseGrid(values, geometry, Interpolation.LINEAR)

    patch.setattr(courses, "DoseGrid", grid)


def dose_half_a_voxel_off(patch: pytest.MonkeyPatch) -> None:
    def shifted(grid: DoseGrid, points_mm: Any) -> Any:
        return dose_there(grid, np.asarray(points_mm) + np.array([1.5, 0.0, 0.0]))

    patch.setattr(accumulation, "dose_there", shifted)
    patch.setattr(regions, "dose_there", shifted)


def dose_scaled_wrongly(patch: pytest.MonkeyPatch) -> None:
    right = rtdose.read_dose

    def read(header: Any) -> Any:
        voxels = right(header)
        return dataclasses.replace(voxels, values_gy=voxels.values_gy * 1.0001)

    patch.setattr(dose_choice, "read_dose", read)


def spacings_exchanged(patch: pytest.MonkeyPatch) -> None:
    right = pixel_spacing.in_plane_spacing

    def spacing(*arguments: Any) -> pixel_spacing.InPlaneSpacing:
        rows, columns = right(*arguments)
        return pixel_spacing.InPlaneSpacing(columns, rows)

    patch.setattr(plane, "in_plane_spacing", spacing)


def last_slice_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Leave the last contour out, as a reader of n - 1 planes would."""
    right = sections_of

    def sections(structure: Structure, **options: Any) -> Any:
        top = max(c.points_mm[0, 2] for c in structure.contours)
        kept = tuple(c for c in structure.contours if c.points_mm[0, 2] < top)
        return right(dataclasses.replace(structure, contours=kept), **options)

    patch.setattr(place, "sections_of", sections)


def ends_taken_as_known(patch: pytest.MonkeyPatch) -> None:
    """No other solid than the reported one thought of."""
    patch.setattr(structure_doses, "plausible_volumes_cc", lambda _: [])


def transform_the_wrong_way(patch: pytest.MonkeyPatch) -> None:
    def inverse(self: RigidTransform) -> RigidTransform:
        return RigidTransform(self.matrix, self.to_frame, self.from_frame)

    patch.setattr(RigidTransform, "inverse", inverse)


def contours_not_carried(patch: pytest.MonkeyPatch) -> None:
    def stays(structure: Structure, transform: RigidTransform) -> Structure:
        frame = transform.to_frame
        return dataclasses.replace(structure, frame_of_reference_uid=frame)

    patch.setattr(place, "moved", stays)


def any_overlap_needs_a_tenth_of_a_cc(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(classification, "SMALLEST_OVERLAP_CC", 0.1)


def minimal_overlap_ignored(patch: pytest.MonkeyPatch) -> None:
    right = classification.resbrt_type

    def strict(ov2gy_cc: float, ov50_cc: float, *, minimal_ov2gy_cc: float) -> str:
        return right(ov2gy_cc, ov50_cc, minimal_ov2gy_cc=0.0 * minimal_ov2gy_cc)

    patch.setattr(classification, "resbrt_type", strict)


def interval_in_whole_months(patch: pytest.MonkeyPatch) -> None:
    right = PairAssessment

    def made(**values: Any) -> Any:
        days = round(values.pop("interval_days") / 30.4375) * 30
        return right(interval_days=days, **values)

    patch.setattr(pairs, "PairAssessment", made)


def registration_a_millimetre_off(patch: pytest.MonkeyPatch) -> None:
    right = register_rigid

    def shifted(*images: Any, **options: Any) -> RigidTransform:
        found = right(*images, **options)
        matrix = np.array(found.matrix)
        matrix[2, 3] += 1.0
        return RigidTransform(matrix, found.from_frame, found.to_frame)

    patch.setattr(align, "register_rigid", shifted)
    # These come first, take longest, and measure no accuracy.
    patch.setattr(registrations, "IMPOSSIBLE", ())


def every_registration_accepted(patch: pytest.MonkeyPatch) -> None:
    right = judge_registration

    def judged(*arguments: Any, **options: Any) -> Any:
        return dataclasses.replace(right(*arguments, **options), verdict="accepted")

    patch.setattr(align, "judge_registration", judged)


def patients_mixed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(importing, "check_one_patient", lambda found, audit: None)
    patch.setattr(importing, "by_patient", lambda found: {"all": list(found)})


def relative_dose_taken_as_gray(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(linking, "header_faults", lambda _: ())


BROKEN = [
    (bed_of_one_fraction, EQD2),
    (equivalent_in_fractions_of_1_8_gy, EQD2),
    (one_ratio_for_all, EQD2),
    (fractions_of_the_plan_plus_one, EQD2),
    (physical_doses_added_first, SUMS),
    (percentiles_from_the_cold_side, SUMS),
    (volume_above_a_higher_dose, SUMS),
    (half_of_more_than_the_prescription, OVERLAP),
    (isodose_of_2_1_gy, OVERLAP),
    (overlap_of_either_course, OVERLAP),
    (cells_asked_at_their_centres, OVERLAP),
    (trilinear_dose, OVERLAP),
    (dose_half_a_voxel_off, VOLUMES),
    (last_slice_forgotten, VOLUMES),
    (ends_taken_as_known, VOLUMES),
    (dose_scaled_wrongly, ROUND_TRIP),
    (spacings_exchanged, ROUND_TRIP),
    (transform_the_wrong_way, TRANSFER),
    (contours_not_carried, TRANSFER),
    (any_overlap_needs_a_tenth_of_a_cc, CLASSES),
    (minimal_overlap_ignored, CLASSES),
    (interval_in_whole_months, CLASSES),
    (registration_a_millimetre_off, REGISTRATION),
    (every_registration_accepted, REFUSALS),
    (patients_mixed, REFUSALS),
    (relative_dose_taken_as_gray, REFUSALS),
]


def first_failure(group: str, folder: Path) -> Check | None:
    """The first check of a group that does not hold; the rest is not run."""
    checks = finished(GROUPS[group].examine(folder))
    return next((check for check in checks if not check.holds), None)


@pytest.mark.parametrize(
    ("breaks", "group"), BROKEN, ids=lambda v: getattr(v, "__name__", v)
)
def test_a_wrong_formula_is_noticed(
    breaks: Break, group: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    breaks(monkeypatch)
    failed = first_failure(group, tmp_path)
    assert failed is not None
    assert failed.subject != "the group is finished", "broken, not merely wrong"

"""Which RT Dose objects make up the dose of one plan."""

from collections.abc import Collection, Sequence
from itertools import combinations

import numpy as np

from reirrad.core.uneven_planes import EVEN_TOLERANCE_MM
from reirrad.dicom.audit import Audit
from reirrad.dicom.dose_plausibility import DoseRules
from reirrad.dicom.elements import named
from reirrad.dicom.linking import LinkedPlan
from reirrad.dicom.loose_doses import same_dose
from reirrad.dicom.rtdose import (
    DoseHeader,
    DoseVoxels,
    objects_of,
    read_dose,
    spatial_transform,
)
from reirrad.dicom.rtplan import Plan
from reirrad.errors import DicomError

__all__ = ["chosen_doses"]


ChosenDose = tuple[DoseHeader, DoseVoxels]


def chosen_doses(
    linked: LinkedPlan, rules: DoseRules, audit: Audit
) -> tuple[ChosenDose, ...]:
    """Dose of the plan, or of every beam of the plan.

    A PLAN dose is taken before BEAM doses. BEAM doses are taken only if every treatment
    beam of the plan has one. Objects of equal content count once.

    Returns
    -------
    tuple of (DoseHeader, DoseVoxels)
        Empty where the dose of the plan is not known; `audit` then has the problem.
    """
    of_plan = [dose for dose in linked.doses if dose.summation == "PLAN"]
    of_beams = [dose for dose in linked.doses if dose.summation == "BEAM"]
    if of_plan:
        audit.ignore(
            objects_of(of_beams),
            f"dose of a beam; the dose of the whole plan is in {of_plan[0].found.path}",
        )
        different = _different(of_plan, rules, audit)
        if len(different) > 1:
            listed = " and ".join(dose.where for dose, _ in different)
            message = (
                f"{listed}: are different doses of the same plan ({linked.label!r}). "
                f"Leave only the one that was treated."
            )
            audit.refuse(objects_of(dose for dose, _ in different), message)
            audit.stop(message)
            return ()
        return tuple(different)
    return _all_beams(linked, of_beams, rules, audit)


def _different(
    doses: Sequence[DoseHeader], rules: DoseRules, audit: Audit
) -> list[ChosenDose]:
    """Readable doses, each content once."""
    kept: list[ChosenDose] = []
    for dose in doses:
        try:
            voxels = read_dose(dose)
            _require_near_planes(dose, voxels, rules)
        except DicomError as error:
            audit.refuse(dose.objects, str(error))
            audit.stop(*error.problems)
            continue
        twin = next((one for one, known in kept if same_dose(known, voxels)), None)
        if twin is not None:
            audit.ignore(dose.objects, f"holds the same dose as {twin.found.path}")
            continue
        kept.append((dose, voxels))
        _note_changes(dose, voxels, audit)
    return kept


def _require_near_planes(
    dose: DoseHeader, voxels: DoseVoxels, rules: DoseRules
) -> None:
    smallest, largest = voxels.steps_mm
    if _uneven(voxels) and largest > rules.widest_uneven_step_mm:
        msg = (
            f"{dose.where}: {named('GridFrameOffsetVector')} has steps from "
            f"{smallest:g} to {largest:g} mm; dose is interpolated between uneven "
            f"planes up to {rules.widest_uneven_step_mm:g} mm apart. Planes may be "
            f"missing; export the dose on a regular grid."
        )
        raise DicomError(msg)


def _uneven(voxels: DoseVoxels) -> bool:
    return bool(np.ptp(voxels.steps_mm) > 2 * EVEN_TOLERANCE_MM)


def _note_changes(dose: DoseHeader, voxels: DoseVoxels, audit: Audit) -> None:
    """What was done to the values on the way in."""
    if voxels.clipped_gy < 0:
        audit.note(
            "dose-below-zero",
            "warning",
            dose.found.path,
            f"{dose.where}: holds doses down to {voxels.clipped_gy:.3g} Gy; they were "
            f"taken as 0.",
        )
    if _uneven(voxels):
        smallest, largest = voxels.steps_mm
        audit.note(
            "dose-planes-uneven",
            "warning",
            dose.found.path,
            f"{dose.where}: its planes are {smallest:g} to {largest:g} mm apart; the "
            f"dose between them was interpolated every "
            f"{voxels.geometry.spacing_mm[0]:.4g} mm.",
        )
    if spatial_transform(dose) == "RIGID":
        audit.note(
            "dose-carried-over",
            "warning",
            dose.found.path,
            f"{dose.where}: {named('SpatialTransformOfDose')} is RIGID: it was carried "
            f"over from another image. How well was not checked; use the dose on its "
            f"own planning image where there is one.",
        )
    if len(dose.objects) > 1:
        audit.note(
            "dose-joined",
            "info",
            dose.found.path,
            f"{dose.where}: one plane in each of {len(dose.objects)} objects of one "
            f"series; they were put together, "
            f"{voxels.geometry.spacing_mm[0]:.4g} mm apart.",
        )


def _all_beams(
    linked: LinkedPlan, doses: Sequence[DoseHeader], rules: DoseRules, audit: Audit
) -> tuple[ChosenDose, ...]:
    message = _incomplete(linked, doses)
    if message:
        audit.refuse(objects_of(doses), message)
        audit.stop(message)
        return ()
    by_beams: dict[tuple[int, ...], list[DoseHeader]] = {}
    for dose in doses:
        by_beams.setdefault(tuple(sorted(set(dose.beams))), []).append(dose)
    chosen: list[ChosenDose] = []
    for beams, rivals in by_beams.items():
        different = _different(rivals, rules, audit)
        if len(different) > 1:
            listed = " and ".join(dose.where for dose, _ in different)
            message = (
                f"{listed}: are different doses of beam "
                f"{', '.join(map(str, beams))} of the same plan ({linked.label!r}). "
                f"Leave only the one that was treated."
            )
            audit.refuse(objects_of(dose for dose, _ in different), message)
            audit.stop(message)
            return ()
        if not different:
            return ()
        chosen.extend(different)
    return tuple(chosen)


def _incomplete(linked: LinkedPlan, doses: Sequence[DoseHeader]) -> str:
    """Why the beams do not make up the plan, or empty."""
    where = doses[0].where
    if linked.plan is None:
        return (
            f"{where}: holds the dose of a beam, and its plan is not in the export, so "
            f"it is unknown whether all beams are there. Export the dose of the plan, "
            f"or add the RTPLAN."
        )
    unnamed = next((dose for dose in doses if not dose.beams), None)
    if unnamed is not None:
        return (
            f"{unnamed.where}: holds the dose of a beam but does not name it "
            f"(Referenced Beam Number (300C,0006)). Export the dose of the whole plan."
        )
    groups = {frozenset(dose.beams) for dose in doses}
    for left, right in combinations(groups, 2):
        shared = left & right
        if shared:
            return (
                f"{where}: beam {', '.join(map(str, sorted(shared)))} of plan "
                f"{linked.label!r} is in more than one sum of beams. Export the dose "
                f"of the whole plan."
            )
    return _missing_beams(linked.plan, set().union(*groups), where)


def _missing_beams(plan: Plan, there: Collection[int], where: str) -> str:
    """Which beams of a plan have no dose, or empty."""
    if not plan.treatment_beams:
        return (
            f"{where}: holds the dose of a beam, and plan {plan.label!r} lists no "
            f"beams ({named('BeamSequence')}, or {named('ReferencedBeamSequence')} of "
            f"its fraction group), so it is unknown whether all are there. Export the "
            f"dose of the whole plan."
        )
    missing = set(plan.treatment_beams).difference(there)
    if missing:
        return (
            f"{where}: the beam doses of plan {plan.label!r} are incomplete; beam "
            f"{', '.join(map(str, sorted(missing)))} of {len(plan.treatment_beams)} "
            f"has none. Export the dose of the whole plan, or of every beam."
        )
    return ""

"""Dose-volume metrics of this program beside those of a planning system."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.courses import Course
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import (
    PlacedStructure,
    StructureDoses,
    structure_doses,
)
from reirrad.core.structures import Structure
from reirrad.core.transforms import identity
from reirrad.dicom.dvh_sequence import DvhFile, PlanningDvh, read_dvh_file
from reirrad.errors import InputError
from reirrad.knowledge.rules import Rule, load_rules
from reirrad.phantoms.checks import Check, CheckGroup
from reirrad.workflows.dvh_table import VOLUME, read_dvh_table
from reirrad.workflows.gather import Survey, survey
from reirrad.workflows.place import outlined

__all__ = ["compare_with_planning_system", "curve_metric"]

CURVE_METRICS = (
    VOLUME,
    "Mean[Gy]",
    "D98%[Gy]",
    "D95%[Gy]",
    "D50%[Gy]",
    "D2%[Gy]",
    "D0.1cc[Gy]",
)
# Half of what one decimal of a per cent can show.
LEAST_SHARE_TOLD = 0.0005
PROVES = (
    "Volumes and dose metrics of a patient agree with those of the planning system, as "
    "far as such systems agree among themselves. It is a comparison of two programs, "
    "not with the truth."
)


def compare_with_planning_system(
    paths: Sequence[Path],
    dvh_files: Sequence[Path],
    settings: Settings,
    *,
    progress: Callable[[str], None],
) -> list[CheckGroup]:
    """Compare one course of a patient with every given export of histograms.

    Parameters
    ----------
    paths
        DICOM export of one course: structures, dose, plan.
    dvh_files
        RT Doses with a DVH Sequence, or CSV tables.
    settings
        The user's decisions, such as linear interpolation.
    progress
        Told each step.

    Raises
    ------
    InputError
        If the export is not that of one course, a file of histograms cannot be used or
        belongs to another patient or frame, or no structure can be compared.
    """
    progress("reading the patient to compare with the planning system")
    # The settings may name structures of other courses than this one.
    lenient = replace(settings, of_many_patients=True)
    found = survey(paths, lenient, progress=progress)
    course = _one_course(found)
    patient = _Patient(course, found.patient.id if found.patient else "")
    groups = []
    for file in dvh_files:
        progress(f"comparing with {file.name}")
        groups.append(_compared(patient, file))
    return groups


def curve_metric(histogram: PlanningDvh, metric: str) -> float | None:
    """A metric of a planning system's histogram, or None where it cannot tell.

    Between its points the curve is straight; a histogram in per cent has neither a
    volume nor a dose to an absolute volume.
    """
    dose, volume = histogram.dose_gy, histogram.volume
    whole = float(volume[0])
    if metric == VOLUME:
        return whole if histogram.in_cc else None
    if metric == "Mean[Gy]":
        return float(np.trapezoid(volume, dose) / whole)
    at = metric[1 : metric.index("[")]
    if at.endswith("cc"):
        if not histogram.in_cc:
            return None
        wanted = float(at.removesuffix("cc"))
    else:
        wanted = whole * float(at.removesuffix("%")) / 100.0
    # Of doses with one volume the highest: a plateau ends where the volume falls.
    return float(np.interp(wanted, volume[::-1], dose[::-1]))


@dataclass(frozen=True, slots=True, eq=False)
class _Patient:
    """The course to compare, and whom it is of."""

    course: Course
    patient_id: str

    def doses(self, structure: Structure) -> StructureDoses | None:
        """Dose in a structure; None where its contours cannot be used."""
        drawn, _ = outlined(self.course)
        if structure.number not in drawn.sections:
            return None
        placed = PlacedStructure(
            structure,
            drawn.sections[structure.number],
            structure.name,
            self.course.number,
            transferred=False,
            alpha_beta_gy=3.0,
            alpha_beta_source="not used",
        )
        where = identity(self.course.frame_of_reference_uid)
        number = self.course.number
        return structure_doses(placed, [PlacedCourse(self.course, where)], [number])


def _one_course(found: Survey) -> Course:
    problems = list(found.problems)
    if not problems and len(found.courses) != 1:
        problems.append(
            f"The comparison needs the export of one course, found "
            f"{len(found.courses)}. Give the folder of the course to which the "
            f"histograms belong."
        )
    if problems:
        raise InputError(*problems)
    return found.courses[0]


def _compared(patient: _Patient, file: Path) -> CheckGroup:
    by_structure, remarks = _planned(patient, file)
    limits = load_rules("comparison_rules")
    checks: list[Check] = []
    for structure, planned in by_structure:
        doses = patient.doses(structure)
        if doses is None:
            remarks.append(f"{structure.name}: its contours cannot be used.")
            continue
        made = list(_checks(structure.name, planned, doses, limits))
        checks += made
        remarks += _explained_by_ends(made, planned, doses)
        outside = doses.uncovered_ratio(patient.course.number)
        if outside >= LEAST_SHARE_TOLD:
            remarks.append(
                f"{structure.name}: {100.0 * outside:.1f} % of it lies outside the "
                f"dose grid; planning systems differ in whether they count that part."
            )
    if not checks:
        msg = f"{file}: no structure can be compared."
        raise InputError(msg, *remarks)
    return CheckGroup(
        title=f"Planning system: {file.name}",
        proves=PROVES,
        checks=tuple(checks),
        seconds=0.0,
        remarks=tuple(remarks),
        known=False,
    )


def _planned(
    patient: _Patient, file: Path
) -> tuple[list[tuple[Structure, Mapping[str, float]]], list[str]]:
    """Each structure of the course with the planning system's metrics of it."""
    remarks: list[str] = []
    named: Mapping[str, Mapping[str, float]] = {}
    if file.suffix.lower() == ".csv":
        table = read_dvh_table(file)
        histograms, named = table.histograms, table.metrics
    else:
        stored = read_dvh_file(file)
        _require_same_patient(patient, stored, file)
        histograms, remarks = stored.histograms, list(stored.remarks)
    wanted: list[tuple[str | int | None, Mapping[str, float]]] = [
        (one.name or one.roi_number, _of_curve(one)) for one in histograms
    ]
    wanted += [(name, metrics) for name, metrics in named.items()]
    result = []
    for key, metrics in wanted:
        structure = _structure(patient.course, key)
        if structure is None:
            what = f"ROI number {key}" if isinstance(key, int) else repr(key)
            remarks.append(f"{what}: the course has no such structure with contours.")
        else:
            result.append((structure, metrics))
    return result, remarks


def _require_same_patient(patient: _Patient, stored: DvhFile, file: Path) -> None:
    problems = []
    if stored.patient_id.strip() != patient.patient_id.strip():
        problems.append(
            f"{file}: Patient ID (0010,0020) is not that of the export to compare "
            f"with. Give the histograms of the same patient."
        )
    if stored.frame_of_reference_uid != patient.course.frame_of_reference_uid:
        problems.append(
            f"{file}: Frame of Reference UID (0020,0052) is not that of the course. "
            f"Give the histograms of the same course."
        )
    if problems:
        raise InputError(*problems)


def _structure(course: Course, key: str | int | None) -> Structure | None:
    for structure in course.structures:
        if key == structure.number:
            return structure
        if isinstance(key, str) and key.casefold() == structure.name.casefold():
            return structure
    return None


def _of_curve(histogram: PlanningDvh) -> dict[str, float]:
    values = {metric: curve_metric(histogram, metric) for metric in CURVE_METRICS}
    return {metric: value for metric, value in values.items() if value is not None}


def _checks(
    name: str,
    planned: Mapping[str, float],
    doses: StructureDoses,
    limits: Mapping[str, Rule],
) -> Iterator[Check]:
    (number,) = doses.all_courses
    for metric, expected in planned.items():
        found = (
            doses.samples.volume_cc
            if metric == VOLUME
            else doses.metric(metric, number, "physical", None)
        )
        percent, absolute, unit = _rules(metric, limits)
        tolerance = max(
            percent.limit / 100.0 * expected,
            0.0 if absolute is None else absolute.limit,
        )
        basis = f"{percent.limit:g} %: {percent.source} ({percent.verification})"
        if absolute is not None:
            basis += f"; or {absolute.limit:g} {unit}: {absolute.source}"
        yield Check(f"{name}: {metric}", expected, found, tolerance, unit, basis)


def _explained_by_ends(
    checks: Sequence[Check], planned: Mapping[str, float], doses: StructureDoses
) -> Iterator[str]:
    """Differences no larger than what the contours leave open."""
    (number,) = doses.all_courses
    asked = [metric for metric in planned if metric != VOLUME]
    intervals = doses.intervals(asked, number, "physical", None)
    for check, (metric, expected) in zip(checks, planned.items(), strict=True):
        if check.holds or metric == VOLUME:
            continue
        interval = intervals[metric]
        if interval is not None and interval[0] <= expected <= interval[1]:
            yield (
                f"{check.subject}: the planning system's {expected:.4g} lies within "
                f"{interval[0]:.4g} to {interval[1]:.4g}, which the contours allow: "
                f"they do not show where the structure ends."
            )


def _rules(metric: str, limits: Mapping[str, Rule]) -> tuple[Rule, Rule | None, str]:
    """Relative limit, absolute limit and unit of a metric."""
    if metric == VOLUME or metric.endswith("[cc]"):
        relative = limits["volume_difference_percent"]
        return relative, limits["volume_difference_cc"], "cc"
    if metric.endswith("[%]"):
        return limits["volume_difference_percent"], None, "%"
    low = limits["dose_difference_gy"]
    if metric == "Mean[Gy]":
        return limits["mean_difference_percent"], low, "Gy"
    return limits["dose_difference_percent"], low, "Gy"

"""What a report says of each course, and under which assumptions."""

from collections.abc import Callable, Mapping, Sequence

from reirrad.core.assessment import (
    CourseSummary,
    DoseSummary,
    ImageSummary,
    OverlapVolume,
    PrescriptionSummary,
)
from reirrad.core.courses import Course, Prescription
from reirrad.core.findings import Finding, Severity
from reirrad.core.geometry import FloatArray
from reirrad.core.overlap import (
    ISO2_GY,
    CourseIsodoses,
    TargetLevel,
    iso50_levels,
    isodose_volumes,
    touches_border,
)
from reirrad.core.plan_quality import PrescriptionRules, plan_quality, prescription_mode
from reirrad.core.radiobiology import bed, eqd2
from reirrad.core.sampling import SamplePoints
from reirrad.core.settings import Settings
from reirrad.core.structures import Role
from reirrad.core.summed_grids import border_gy, highest_gy
from reirrad.knowledge.alpha_beta import load_alpha_beta
from reirrad.knowledge.recovery import NO_RECOVERY
from reirrad.knowledge.rules import rule_limits
from reirrad.workflows.align import OutlinedCourse
from reirrad.workflows.place import PlacedPatient

__all__ = ["assumptions", "course_findings", "course_summary", "dose_findings"]


def course_summary(
    outlined: OutlinedCourse,
    settings: Settings,
    isodoses: CourseIsodoses | None,
    organ: SamplePoints,
) -> CourseSummary:
    """One course as it is reported.

    Parameters
    ----------
    outlined, settings
        The course and what the user decided.
    isodoses
        Those of the course; None where it cannot be related to the reference frame.
    organ
        In which overlap is measured, centred, in the reference frame.
    """
    ratios, plan_limits = load_alpha_beta(), rule_limits("plan_rules")
    course = outlined.course
    ordered = course.prescription
    grids = [grid for delivery in course.deliveries for grid in delivery.doses]
    tumour_gy, _ = ratios.ratio_for(None, Role.PTV, settings.alpha_beta_gy)
    liver_gy, _ = ratios.ratio_for("Liver", Role.ORGAN, settings.alpha_beta_gy)
    quality = plan_quality(
        course,
        outlined.sections,
        liver=outlined.structure("Liver", "Liver"),
        liver_alpha_beta_gy=liver_gy,
    )
    max_gy = highest_gy(grids)
    rules = PrescriptionRules(
        isodose_percent=plan_limits["isodose_percent"],
        isodose_tolerance_percent=plan_limits["isodose_tolerance_percent"],
        mean_tolerance_percent=plan_limits["mean_tolerance_percent"],
        mean_v95_percent=plan_limits["mean_v95_percent"],
    )
    image = None
    if course.image is not None:
        geometry = course.image.geometry
        image = ImageSummary(
            course.image.modality, geometry.shape[0], geometry.spacing_mm
        )
    return CourseSummary(
        number=course.number,
        start_date=course.start_date.isoformat(),
        plan_label=course.plan_label,
        frame_of_reference_uid=course.frame_of_reference_uid,
        image=image,
        prescription=PrescriptionSummary(
            dose_gy=ordered.dose_gy,
            n_fractions=ordered.n_fractions,
            dose_per_fraction_gy=ordered.dose_gy / ordered.n_fractions,
            bed_gy=_tumour(bed, ordered, tumour_gy),
            eqd2_gy=_tumour(eqd2, ordered, tumour_gy),
            alpha_beta_gy=tumour_gy,
            source=ordered.source,
            mode=prescription_mode(quality.targets, max_gy, rules),
        ),
        dose=DoseSummary(
            max_gy=max_gy,
            grid_spacing_mm=grids[0].geometry.spacing_mm,
            border_gy=border_gy(grids),
            n_grids=len(grids),
        ),
        plan_quality=quality,
        isodoses=dict.fromkeys(("2Gy", "50%"), OverlapVolume(None, None))
        if isodoses is None
        else isodose_volumes(isodoses, organ),
    )


def _tumour(
    convert: Callable[..., FloatArray], ordered: Prescription, alpha_beta_gy: float
) -> float:
    return float(
        convert(
            ordered.dose_gy,
            n_fractions=ordered.n_fractions,
            alpha_beta_gy=alpha_beta_gy,
        )
    )


def course_findings(outlined: OutlinedCourse) -> list[Finding]:
    """What a reader must know about the isodoses of a course."""
    course = outlined.course
    about = f"course {course.number}"
    findings = []
    levels, simplified = iso50_levels(course)
    if touches_border(course, ISO2_GY):
        message = (
            "The 2 Gy isodose reaches the border of the dose grid; beyond it nothing "
            "is known, and Ov2Gy may be larger than reported. Export a larger grid."
        )
        findings.append(Finding("isodose-2gy-cut", "warning", about, message))
    if touches_border(course, min(level.level_gy for level in levels)):
        message = (
            "The 50 % isodose reaches the border of the dose grid; Ov50% may be larger "
            "than reported. Export a larger grid."
        )
        findings.append(Finding("isodose-50-cut", "warning", about, message))
    several = _several_prescriptions(course, levels, simplified=simplified)
    if several is not None:
        severity: Severity = "warning" if simplified else "info"
        findings.append(Finding("several-prescriptions", severity, about, several))
    return findings


def _several_prescriptions(
    course: Course, levels: Sequence[TargetLevel], *, simplified: bool
) -> str | None:
    """Which half dose holds where, if targets have different prescriptions."""
    if simplified:
        return (
            f"The targets have different prescriptions and not all of them are drawn: "
            f"the lowest half dose, {levels[0].level_gy:g} Gy, bounds the 50 % isodose "
            f"everywhere."
        )
    if len(levels) > 1:
        listed = ", ".join(f"{level.level_gy:g} Gy" for level in levels)
        return (
            f"The targets have different prescriptions: the 50 % isodose is {listed}, "
            f"each among the points nearest to its target's centre. Targets that lie "
            f"in each other or overlap have half of the highest dose among them."
        )
    ordered = sorted({target.dose_gy for target in course.prescription.targets})
    if len(ordered) > 1:
        listed = ", ".join(f"{dose_gy:g}" for dose_gy in reversed(ordered))
        return (
            f"The targets have different prescriptions ({listed} Gy) and lie in each "
            f"other or overlap: half of the highest, {levels[0].level_gy:g} Gy, "
            f"bounds the 50 % isodose everywhere."
        )
    return None


def dose_findings(
    patient: PlacedPatient, uncovered: Mapping[str, Mapping[int, float]]
) -> list[Finding]:
    """Which structures leave a dose grid, and which sums do not exist.

    Parameters
    ----------
    patient : PlacedPatient
    uncovered : mapping
        Structure label to course number to the share outside its dose grid.
    """
    findings = []
    inner = [
        s.label for s in patient.structures if s.structure.role is not Role.EXTERNAL
    ]
    for placed in patient.placed:
        number = placed.course.number
        outside = {
            label: 100.0 * uncovered[label][number]
            for label in inner
            if uncovered[label][number] > 0.0
        }
        if outside:
            listed = ", ".join(
                f"{label} {share:.2g} %" for label, share in outside.items()
            )
            message = (
                f"Partly outside the dose grid of course {number}: {listed}. The "
                f"nearest dose on the border of the grid stands for these parts. A "
                f"metric is not given where it would clearly change if they had no "
                f"dose, or twice as much."
            )
            findings.append(
                Finding(
                    "structure-outside-dose-grid",
                    "warning",
                    f"course {number}",
                    message,
                )
            )
    for number, alignment in patient.alignments.items():
        summary = alignment.summary
        about = f"registration {summary.from_course} to {summary.to_course}"
        if alignment.to_reference is None:
            message = (
                f"The registration of course {number} is rejected: {summary.reason} "
                f"Overlap, class and every cumulative dose are withheld, and so is the "
                f"dose of course {number} to the structures shown here."
            )
            findings.append(Finding("registration-rejected", "error", about, message))
        elif summary.verdict == "review":
            message = (
                f"The registration must be reviewed before any number is used: "
                f"{summary.reason}"
            )
            findings.append(Finding("registration-review", "warning", about, message))
    return findings


def _recovery(settings: Settings) -> str:
    """What is assumed of recovery; the doses and verdicts never contain any."""
    if settings.recovery_model == NO_RECOVERY:
        return "No recovery of tissue between the courses is assumed."
    return (
        f"Doses and verdicts assume no recovery of tissue between the courses. Beside "
        f"them stands what the model {settings.recovery_model} "
        f"({settings.recovery_form}) would change: it reduces the EQD2 of earlier "
        f"courses, never that of the latest, by the time between the starts of the "
        f"courses. The time since the end of a course is shorter by its duration, and "
        f"a start may be no better known than the date of a plan."
    )


def assumptions(settings: Settings) -> tuple[str, ...]:
    """Under which assumptions the numbers hold, in sentences."""
    sentences = f"""
EQD2 and BED follow the linear-quadratic model with equal fractions: every point
receives its total dose of a course divided by the number of fractions.

EQD2 is formed per course with the structure's own alpha/beta ratio, then added;
physical doses of different courses are not added.

{_recovery(settings)}

Dose between voxels is interpolated ({settings.interpolation.value}).

The anatomy of all courses is related by one rigid movement; organs that move or change
shape, above all bowel, stomach and duodenum, are not where it says.

Ov2Gy is where both courses give at least 2 Gy, Ov50% where each gives at least half of
its own prescribed dose, in physical dose.

Between its contours a structure is the solid that follows their outlines from slice
to slice. Beyond its first and last contour the trend of their areas decides: a round
end is followed, one that shrinks tapers to the next, empty slice, a flat one ends half
way to it, as does a structure of a single contour.
"""
    return tuple(" ".join(text.split()) for text in sentences.strip().split("\n\n"))

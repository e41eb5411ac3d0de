"""Assessments built by hand, with numbers a reader can follow.

The patient is an ellipse with a liver at its right; doses fall off smoothly around two
targets. Nothing is measured here: the volumes are plausible, the pictures analytic.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from reirrad.core.assessment import (
    Assessment,
    Classification,
    ClassStability,
    ConstraintResult,
    CourseMetrics,
    CourseSummary,
    CumulativeMetrics,
    DoseCurve,
    DoseSummary,
    ImageSummary,
    InputObject,
    Intervals,
    OverlapVolume,
    PairAssessment,
    PatientIdentity,
    PrescriptionSummary,
    RegistrationQuality,
    RegistrationSummary,
    Software,
    StructureAgreement,
    StructureAssessment,
)
from reirrad.core.findings import Finding
from reirrad.core.geometry import FloatArray
from reirrad.core.links import LinkNode
from reirrad.core.plan_results import NormalLiver, PlanQuality, TargetQuality
from reirrad.core.planar_view import PlanarView
from reirrad.reports.wording import ALPHA_BETA

__all__ = [
    "PATIENT_ID",
    "single_course",
    "three_courses",
    "two_courses",
    "undetermined",
]

PATIENT_ID = "RE-2041"
FloatImage = npt.NDArray[np.float32]
Plane = Literal["axial", "sagittal", "coronal"]

CENTRES_MM = {
    1: (-62.0, -8.0, 12.0),
    2: (-38.0, 2.0, 2.0),
    3: (-50.0, 6.0, 30.0),
}
CUT_MM = {"x": -45.0, "y": 0.0, "z": 6.0}
PRESCRIBED_GY = {1: 50.0, 2: 45.0, 3: 30.0}
FRACTIONS = {1: 5, 2: 3, 3: 5}
DATES = {1: "2024-02-12", 2: "2025-01-20", 3: "2026-03-02"}
METRICS = (
    "Mean[Gy]",
    "Max[Gy]",
    "D0.1cc[Gy]",
    "D2%[Gy]",
    "D50%[Gy]",
    "D95%[Gy]",
    "D98%[Gy]",
)
SHARES = (0.3, 1.0, 0.93, 0.9, 0.25, 0.05, 0.03)


def two_courses() -> Assessment:
    """Type 1B after eleven months, one cumulative limit exceeded."""
    return _assessment((1, 2))


def three_courses() -> Assessment:
    """A third course, set against each earlier one and against both together."""
    assessment = _assessment((1, 2, 3))
    united = replace(
        assessment.pairs[-1],
        earlier=(1, 2),
        overlap={
            "2Gy": OverlapVolume(612.4, 1490.2),
            "50%": OverlapVolume(31.7, 36.2),
        },
    )
    return replace(assessment, united_pairs=(united,))


def single_course() -> Assessment:
    """Nothing to compare with, nothing to draw."""
    return replace(
        _assessment((1,)), views=(), structures=(), constraints=(), findings=()
    )


def undetermined() -> Assessment:
    """The registration was rejected, so no class and no overlap may be given."""
    assessment = two_courses()
    (pair,) = assessment.pairs
    withheld = replace(
        pair,
        overlap={"2Gy": OverlapVolume(None, None), "50%": OverlapVolume(None, None)},
        targets={"PTV": None, "GTV": None},
        stability=(),
        classification=Classification(
            resbrt_type="undetermined",
            policy=pair.classification.policy,
            as_applied_type="undetermined",
            estro_eortc="undetermined",
            reasons=(
                "The registration between course 1 and course 2 was rejected.",
                (
                    "The overlap of the 2 Gy isodoses and the 50 % isodoses in the "
                    "Liver is not known."
                ),
            ),
        ),
    )
    registration = replace(
        assessment.registrations[0],
        matrix=None,
        verdict="rejected",
        reason="The two livers coincide with a Dice of 0.41 only, where at least "
        "0.80 is asked for.",
    )
    return replace(
        assessment,
        pairs=(withheld,),
        registrations=(registration,),
        structures=tuple(map(_without_sum, assessment.structures)),
        constraints=tuple(map(_not_evaluable, assessment.constraints)),
        views=tuple(
            replace(view, doses_gy={2: view.doses_gy[2]}, other_image=None)
            for view in assessment.views
        ),
        findings=(
            Finding(
                "registration-rejected",
                "error",
                "registration 1 to 2",
                "The courses cannot be related in space, so overlap, type and "
                "cumulative dose are withheld. Supply a DICOM registration object.",
            ),
            *assessment.findings,
        ),
    )


def _without_sum(structure: StructureAssessment) -> StructureAssessment:
    return replace(
        structure,
        cumulative=CumulativeMetrics(dict.fromkeys(METRICS), dict.fromkeys(METRICS)),
        curves=tuple(item for item in structure.curves if item.label != "cumulative"),
    )


def _not_evaluable(result: ConstraintResult) -> ConstraintResult:
    if result.scope != "cumulative":
        return result
    return replace(result, value=None, verdict="not evaluable")


def _assessment(numbers: tuple[int, ...]) -> Assessment:
    latest = numbers[-1]
    return Assessment(
        schema_version="1",
        created="2026-03-05T09:30:00+00:00",
        software=Software("reirrad", "0.1.0"),
        inputs=_inputs(numbers),
        links=tuple(_links(number) for number in numbers),
        patient=PatientIdentity(PATIENT_ID, "Żółć^Maëlle", "1957-06-30", "F"),
        organ="Liver",
        courses=tuple(map(_course, numbers)),
        reference_course=latest,
        registrations=tuple(_registration(n, latest) for n in numbers[:-1]),
        pairs=tuple(
            _pair(first, second)
            for second in numbers
            for first in numbers
            if first < second
        ),
        united_pairs=(),
        structures=_structures(numbers),
        constraints=_constraints(numbers),
        assumptions=(
            f"{ALPHA_BETA} is 3 Gy for organs and 10 Gy for targets.",
            "No recovery of tissue between courses is assumed.",
            "Dose between voxel centres follows a cubic interpolation.",
        ),
        findings=_findings(),
        views=tuple(
            _view(plane, numbers) for plane in ("axial", "sagittal", "coronal")
        ),
    )


def _links(number: int) -> LinkNode:
    image = LinkNode(
        "image", "MR, 100 slice(s)", f"course{number}/MR_001.dcm", "by reference"
    )
    structures = LinkNode(
        "structures",
        "RTSTRUCT",
        f"course{number}/RS.dcm",
        "by frame of reference",
        (image,),
    )
    dose = LinkNode("dose", "RTDOSE PLAN", f"course{number}/RD.dcm", "by reference")
    plan = LinkNode(
        "plan",
        f"RTPLAN PLAN{number}, dated by RT Plan Date (300A,0006)",
        f"course{number}/RP.dcm",
        "by date",
        (dose, structures),
    )
    return LinkNode(
        "course", f"course {number}, PLAN{number}", "", "by patient ID", (plan,)
    )


def _inputs(numbers: tuple[int, ...]) -> tuple[InputObject, ...]:
    def item(
        path: str, sop_class: str | None, status: str = "used", reason: str = ""
    ) -> InputObject:
        digest = hashlib.sha256(path.encode()).hexdigest()
        return InputObject(
            path,
            sop_class,
            None if sop_class is None else f"1.2.826.0.1.{len(path)}",
            digest,
            status,  # type: ignore[arg-type]
            reason,
        )

    found = [
        item("export/readme.txt", None, "ignored", "is not a DICOM file"),
        item(
            "export/course2/RD.relative.dcm",
            "RT Dose Storage",
            "refused",
            "Dose Units (3004,0002) is RELATIVE; GY is needed. Export absolute dose.",
        ),
    ]
    for number in numbers:
        folder = f"export/course{number}"
        found += [
            item(f"{folder}/CT.{index:04d}.dcm", "CT Image Storage")
            for index in range(112)
        ]
        found.append(item(f"{folder}/RD.plan.dcm", "RT Dose Storage"))
        found.append(item(f"{folder}/RS.set.dcm", "RT Structure Set Storage"))
        found.append(item(f"{folder}/RP.plan.dcm", "RT Plan Storage"))
    return tuple(found)


def _course(number: int) -> CourseSummary:
    dose, fractions = PRESCRIBED_GY[number], FRACTIONS[number]
    each = dose / fractions
    return CourseSummary(
        number=number,
        start_date=DATES[number],
        plan_label=f"LIVER_S{number + 5}",
        frame_of_reference_uid=f"1.2.826.0.1.3680043.8.498.{number}",
        image=ImageSummary("CT", 112, (3.0, 0.977, 0.977)),
        prescription=PrescriptionSummary(
            dose_gy=dose,
            n_fractions=fractions,
            dose_per_fraction_gy=each,
            bed_gy=dose * (1 + each / 10),
            eqd2_gy=dose * (10 + each) / 12,
            alpha_beta_gy=10.0,
            source="RT Plan",
            mode="isodose 80 %",
        ),
        dose=DoseSummary(dose * 1.24, (2.5, 2.5, 2.5), 0.31, 1),
        isodoses={
            "2Gy": OverlapVolume(820.0, 1430.0),
            "50%": OverlapVolume(96.0, 110.0),
        },
        plan_quality=PlanQuality(
            targets=(_target("GTV", number, 9.8), _target("PTV", number, 23.4)),
            normal_liver=NormalLiver(1480.0, 6.42, 5.13, 3.0),
        ),
    )


def _target(role: str, number: int, volume_cc: float) -> TargetQuality:
    dose = PRESCRIBED_GY[number]
    ptv = role == "PTV"
    return TargetQuality(
        name=f"{role}_{number}",
        role=role,
        prescription_gy=dose,
        volume_cc=volume_cc,
        metrics={
            "Mean[Gy]": dose * 1.12,
            "D2%[Gy]": dose * 1.22,
            "D50%[Gy]": dose * 1.13,
            "D95%[Gy]": dose * 1.01,
            "D98%[Gy]": dose * 0.98,
        },
        v95_percent=99.2,
        homogeneity_icru83=0.21,
        homogeneity_rtog=1.24,
        conformity_rtog=1.06 if ptv else None,
        conformity_paddick=0.88 if ptv else None,
        gradient_index=3.9 if ptv else None,
        r50=4.1 if ptv else None,
        gradient_cm=1.27 if ptv else None,
        margin_mm=5.0 if ptv else None,
    )


def _registration(first: int, second: int) -> RegistrationSummary:
    return RegistrationSummary(
        from_course=first,
        to_course=second,
        method="rigid",
        matrix=(
            (0.9998477, -0.0174524, 0.0, 4.2137),
            (0.0174524, 0.9998477, 0.0, -2.8),
            (0.0, 0.0, 1.0, 11.25),
            (0.0, 0.0, 0.0, 1.0),
        ),
        quality=RegistrationQuality(
            image_overlap_percent=93.4,
            similarity_metric="mutual information",
            similarity_before=0.412,
            similarity_after=0.871,
            rotation_degrees=1.0,
            translation_mm=12.34,
            structures=(
                StructureAgreement("Liver", 0.93, 1.8, 5.1, 2.2),
                StructureAgreement("Stomach", 0.71, 4.9, 14.0, 7.3),
            ),
        ),
        verdict="review",
        reason="The livers coincide (Dice 0.93); the stomachs do not (Dice 0.71). "
        "Look at the fused images.",
    )


def _pair(first: int, second: int) -> PairAssessment:
    return PairAssessment(
        first=first,
        second=second,
        earlier=(first,),
        interval_days=343 * (second - first),
        organ="Liver",
        overlap={
            "2Gy": OverlapVolume(412.62, 1283.44),
            "50%": OverlapVolume(18.37, 21.04),
        },
        targets={"PTV": 0.42, "GTV": 0.0},
        classification=Classification(
            resbrt_type="1B",
            policy="strict reading of the published table: any overlap of the 2 Gy "
            "isodoses in the organ counts",
            as_applied_type="1B",
            estro_eortc="type 1",
            reasons=(
                (
                    "In the Liver the 2 Gy isodoses of both courses share 412.6 cc and "
                    "the isodoses of half the prescribed dose share 18.4 cc."
                ),
                (
                    "In the whole body the 2 Gy isodoses share 1283.4 cc, a geometric "
                    "overlap: ESTRO-EORTC type 1."
                ),
            ),
        ),
        stability=(
            ClassStability(3.0, 100.0, {"1B": 26}, 12.1, 26.0, 380.5, 441.0),
            ClassStability(5.0, 92.3, {"1B": 24, "1A": 2}, 0.0, 33.9, 360.2, 466.1),
        ),
    )


def _metrics(
    largest_gy: float, *, extra: Mapping[str, float] | None = None
) -> dict[str, float | None]:
    doses: dict[str, float | None] = {
        name: largest_gy * share for name, share in zip(METRICS, SHARES, strict=True)
    }
    return {**doses, **(extra or {})}


def _structures(numbers: tuple[int, ...]) -> tuple[StructureAssessment, ...]:
    return (
        _structure("Liver", "ORGAN", (1503.2, 3.0, 60.0), numbers),
        _structure("Stomach", "ORGAN", (212.7, 3.0, 25.0), numbers),
        _structure("SpinalCord", "ORGAN", (48.3, 2.0, 9.0), numbers),
        _structure(f"GTV_{numbers[-1]}", "GTV", (9.8, 10.0, 55.0), numbers),
    )


def _near_maximum(name: str, numbers: tuple[int, ...]) -> float:
    (found,) = (item for item in _structures(numbers) if item.name == name)
    value = found.cumulative.eqd2["D0.1cc[Gy]"]
    assert value is not None
    return value


def _structure(
    name: str,
    role: str,
    values: tuple[float, float, float],
    numbers: tuple[int, ...],
) -> StructureAssessment:
    volume_cc, alpha_beta_gy, largest_gy = values
    largest = {n: largest_gy * (1.0 - 0.15 * (n - 1)) for n in numbers}
    eqd2 = {
        n: value * (alpha_beta_gy + value / FRACTIONS[n]) / (alpha_beta_gy + 2.0)
        for n, value in largest.items()
    }
    total = 0.8 * sum(eqd2.values())
    curves = [_curve(f"course {n}", value) for n, value in eqd2.items()]
    return StructureAssessment(
        name=name,
        standard_name=name if role == "ORGAN" else None,
        role=role,
        source_course=numbers[-1],
        transferred=False,
        volume_cc=volume_cc,
        volume_interval_cc=(0.96 * volume_cc, 1.05 * volume_cc),
        alpha_beta_gy=alpha_beta_gy,
        alpha_beta_source="default of the program",
        courses=tuple(
            CourseMetrics(
                n,
                _metrics(largest[n], extra={"V15Gy[cc]": 120.4}),
                _metrics(eqd2[n]),
                _intervals(largest[n]),
                _intervals(eqd2[n]),
            )
            for n in numbers
        ),
        cumulative=CumulativeMetrics(_metrics(total), _intervals(total)),
        curves=(*curves, _curve("cumulative", total)),
    )


def _intervals(largest_gy: float) -> Intervals:
    return {
        name: None if value is None else (0.98 * value, 1.03 * value)
        for name, value in _metrics(largest_gy).items()
    }


def _curve(label: str, largest_gy: float) -> DoseCurve:
    dose = np.linspace(0.0, largest_gy, 200)
    volume = 100.0 * np.clip(1.0 - dose / largest_gy, 0.0, 1.0) ** 2.2
    return DoseCurve(label, "EQD2", dose, volume)


def _constraints(numbers: tuple[int, ...]) -> tuple[ConstraintResult, ...]:
    latest = f"course {numbers[-1]}"
    met = ConstraintResult(
        structure="Liver",
        metric="Mean[Gy]",
        quantity="physical",
        scope=latest,
        alpha_beta_gy=None,
        relation="<",
        limit=13.0,
        value=6.42,
        interval=(6.38, 6.47),
        level="optimal",
        verdict="met",
        source="Diez P et al. UK 2022 consensus. Clin Oncol 2022;34:288-300",
        verification="secondary",
        set="uk2022",
        note="tested on the liver minus every GTV of the course",
    )
    cumulative = replace(
        met,
        structure="SpinalCord",
        metric="D0.1cc[Gy]",
        quantity="EQD2",
        scope="cumulative",
        alpha_beta_gy=2.0,
        limit=50.0,
        value=_near_maximum("SpinalCord", numbers),
        level="mandatory",
        source="Benedict SH et al. AAPM TG 101. Med Phys 2010;37:4078-4101",
        verification="paper",
        set="tg101",
        note="",
    )
    return (
        met,
        replace(
            met,
            metric="CV15Gy[cc]",
            relation=">=",
            limit=700.0,
            value=1382.8,
            verification="unverified",
        ),
        cumulative,
        replace(
            cumulative,
            structure="Stomach",
            alpha_beta_gy=3.0,
            limit=54.0,
            value=_near_maximum("Stomach", numbers),
            verdict="exceeded",
        ),
        *(
            replace(cumulative, structure=name, value=None, verdict="not evaluable")
            for name in ("Duodenum", "Kidney_L", "Bowel_Small")
        ),
    )


def _findings() -> tuple[Finding, ...]:
    return (
        Finding(
            "alpha-beta-assumed",
            "info",
            "Stomach",
            "No ratio is given for this structure, so 3 Gy is used.",
        ),
        Finding(
            "structure-disagrees",
            "warning",
            "registration 1 to 2",
            "The stomachs of the two courses coincide with a Dice of 0.71 only; doses "
            "to the stomach depend on its filling and are uncertain.",
        ),
    )


def _view(plane: Plane, numbers: tuple[int, ...]) -> PlanarView:
    """A cut at 2 mm through an elliptic patient, with the centre at the liver."""
    spans = {"x": (-190.0, 190.0), "y": (-130.0, 130.0), "z": (-110.0, 110.0)}
    pages = {"axial": ("x", "y"), "sagittal": ("y", "z"), "coronal": ("x", "z")}
    across, down = pages[plane]
    left, right = spans[across]
    # y grows downwards on the page, z upwards
    top, bottom = spans[down] if down == "y" else spans[down][::-1]
    columns, rows = int((right - left) / 2), int(abs(bottom - top) / 2)
    u = left + (np.arange(columns) + 0.5) * (right - left) / columns
    v = top + (np.arange(rows) + 0.5) * (bottom - top) / rows
    grid = {axis: np.full((rows, columns), CUT_MM[axis]) for axis in "xyz"}
    grid[across] = np.tile(u, (rows, 1))
    grid[down] = np.tile(v[:, np.newaxis], (1, columns))
    x, y, z = grid["x"], grid["y"], grid["z"]
    body = (x / 170) ** 2 + (y / 112) ** 2 < 1
    liver = _ball((x + 60) / 88, (y + 5) / 78, (z - 5) / 72)
    spine = _ball(x / 18, (y - 70) / 20, z * 0)
    image = np.where(body, 20.0 + 45.0 * liver + 420.0 * spine, -900.0)
    image += 6.0 * np.sin(x / 7) * np.cos(y / 9) * body
    structures = {
        "Liver": liver,
        "Stomach": _ball((x - 60) / 35, (y + 40) / 25, z / 40),
    }
    roles = {"Liver": "ORGAN", "Stomach": "ORGAN"}
    for n in numbers:
        cx, cy, cz = CENTRES_MM[n]
        structures[f"GTV_{n}"] = _ball((x - cx) / 13, (y - cy) / 13, (z - cz) / 13)
        roles[f"GTV_{n}"] = "GTV"
    return PlanarView(
        plane=plane,
        position_mm=CUT_MM[{"axial": "z", "sagittal": "x", "coronal": "y"}[plane]],
        extent_mm=(left, right, bottom, top),
        image=image.astype(np.float32),
        other_image=np.roll(image, 1, axis=1).astype(np.float32),
        doses_gy={n: _dose(n, (x, y, z)) for n in numbers},
        isodoses_gy={n: {"2Gy": 2.0, "50%": PRESCRIBED_GY[n] / 2} for n in numbers},
        structures=structures,
        roles=roles,
        organ="Liver",
    )


def _ball(u: FloatArray, v: FloatArray, w: FloatArray) -> FloatImage:
    """Share of a pixel inside a unit ball, with a soft edge."""
    radius = np.sqrt(u**2 + v**2 + w**2)
    share: FloatArray = np.clip((1.0 - radius) * 20.0 + 0.5, 0.0, 1.0)
    return share.astype(np.float32)


def _dose(number: int, points: tuple[FloatArray, ...]) -> FloatImage:
    """A peak with a broad low tail that is flat towards head and feet."""
    cx, cy, cz = CENTRES_MM[number]
    x, y, z = points
    radius = np.sqrt((x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2)
    slab = 1.0 / (1.0 + np.exp((np.abs(z - cz) - 32.0) / 2.0))
    peak = 1.18 * PRESCRIBED_GY[number] * np.exp(-((radius / 30.0) ** 2))
    tail = 7.0 * np.exp(-((radius / (80.0 + 12.0 * number)) ** 2)) * slab
    total: FloatArray = peak + tail
    return total.astype(np.float32)

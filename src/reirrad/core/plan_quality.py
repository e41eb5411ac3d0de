"""How a course's plan treats its targets and spares the normal liver.

Definitions: D2, D50, D95, D98 and HI = (D2 - D98) / D50 of ICRU 83; HI(RTOG) = maximum
/ prescription; CI(RTOG) = PIV / TV; Paddick CI = TV_PIV^2 / (TV PIV) (ICRU 91);
gradient index = PIV at half the prescription / PIV; R50 = PIV at half the prescription
/ TV; gradient in cm = difference of the radii of spheres of PIV at half and at full
prescription. PIV is the whole volume enclosed by the target's prescription isodose;
where a course has several PTVs that lie apart, the part nearest to the target's own
centre.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reirrad.core.accumulation import KnownDose, PlacedCourse, course_dose, known_dose
from reirrad.core.courses import Course
from reirrad.core.overlap import isodose_cells
from reirrad.core.plan_results import NormalLiver, PlanQuality, TargetQuality
from reirrad.core.regions import (
    Region,
    catchment,
    intersection,
    isodose_region,
    measured_volume,
)
from reirrad.core.sampling import SamplePoints, sample
from reirrad.core.sections import Sections, is_inside
from reirrad.core.solid_surface import distances_mm, surface_of, surface_points
from reirrad.core.structures import Role, Structure
from reirrad.core.target_places import encloses, lie_apart
from reirrad.core.transforms import identity

__all__ = [
    "PlanIndices",
    "PrescriptionRules",
    "gradient_cm",
    "homogeneity_icru83",
    "homogeneity_rtog",
    "plan_quality",
    "prescription_mode",
    "target_prescription_gy",
]

TARGET_METRICS = ("D2%[Gy]", "D50%[Gy]", "D95%[Gy]", "D98%[Gy]", "Mean[Gy]", "Max[Gy]")


@dataclass(frozen=True, slots=True)
class PrescriptionRules:
    """What tells the prescription modes of the paper apart.

    Parameters
    ----------
    isodose_percent, isodose_tolerance_percent
        Prescription as a share of the maximum: 80 %, give or take.
    mean_tolerance_percent
        How far the mean dose of the PTV may be from the prescription.
    mean_v95_percent
        Least V95% of the PTV of a prescription to the mean.
    """

    isodose_percent: float
    isodose_tolerance_percent: float
    mean_tolerance_percent: float
    mean_v95_percent: float


@dataclass(frozen=True, slots=True)
class PlanIndices:
    """Volumes that conformity and gradient are made of, in cc.

    Parameters
    ----------
    target_cc
        Volume of the target, TV.
    piv_cc
        Volume enclosed by the prescription isodose, PIV.
    covered_cc
        Volume of the target enclosed by it, TV_PIV.
    half_cc
        Volume enclosed by the isodose of half the prescription.
    """

    target_cc: float
    piv_cc: float
    covered_cc: float
    half_cc: float

    @property
    def conformity_rtog(self) -> float:
        """PIV / TV."""
        return self.piv_cc / self.target_cc

    @property
    def conformity_paddick(self) -> float | None:
        """TV_PIV^2 / (TV PIV)."""
        if not self.piv_cc:
            return None
        return self.covered_cc**2 / (self.target_cc * self.piv_cc)

    @property
    def gradient_index(self) -> float | None:
        """Half-prescription volume / PIV."""
        return self.half_cc / self.piv_cc if self.piv_cc else None

    @property
    def r50(self) -> float:
        """Half-prescription volume / TV."""
        return self.half_cc / self.target_cc


def homogeneity_icru83(d2_gy: float, d50_gy: float, d98_gy: float) -> float:
    """(D2 - D98) / D50, 0 for an even dose (ICRU 83)."""
    return (d2_gy - d98_gy) / d50_gy


def homogeneity_rtog(max_gy: float, prescription_gy: float) -> float:
    """Maximum / prescription, 1.25 for a prescription to the 80 % isodose."""
    return max_gy / prescription_gy


def gradient_cm(piv_cc: float, half_cc: float) -> float:
    """Difference of the radii of spheres of two volumes, in cm."""

    def radius_cm(volume_cc: float) -> float:
        return float((3.0 * volume_cc / (4.0 * math.pi)) ** (1.0 / 3.0))

    return radius_cm(half_cc) - radius_cm(piv_cc)


def target_prescription_gy(course: Course, target: Structure) -> float:
    """Dose ordered for a target: its own, else the course's."""
    for ordered in course.prescription.targets:
        if ordered.roi_number == target.number:
            return ordered.dose_gy
    return course.prescription.dose_gy


def prescription_mode(
    targets: Sequence[TargetQuality], max_gy: float, rules: PrescriptionRules
) -> str:
    """How the dose was prescribed, in words, as far as the dose shows it.

    "to the 80 % isodose" where the prescription is 80 % of the maximum; "to the mean
    dose of the PTV" where that equals it and 95 % of the prescription covers enough.
    """
    ptvs = [target for target in targets if target.role == Role.PTV.value]
    if not ptvs:
        return "not recognised: no PTV"
    main = max(ptvs, key=lambda target: target.prescription_gy)
    mean, v95 = main.metrics["Mean[Gy]"], main.v95_percent
    if mean is not None and v95 is not None and v95 >= rules.mean_v95_percent:
        off_percent = 100.0 * abs(mean / main.prescription_gy - 1.0)
        if off_percent <= rules.mean_tolerance_percent:
            return "to the mean dose of the PTV"
    isodose_percent = 100.0 * main.prescription_gy / max_gy
    off_percent = abs(isodose_percent - rules.isodose_percent)
    if off_percent <= rules.isodose_tolerance_percent:
        return f"to the {rules.isodose_percent:.0f} % isodose"
    return f"not recognised: the prescription is {isodose_percent:.0f} % of the maximum"


def plan_quality(
    course: Course,
    sections: Mapping[int, Sections],
    *,
    liver: Structure | None,
    liver_alpha_beta_gy: float,
) -> PlanQuality:
    """Target coverage and normal liver of one course, in its own frame.

    Parameters
    ----------
    course : Course
    sections : mapping
        ROI number to sections, for every usable structure of the course.
    liver : Structure or None
        The liver as drawn in this course.
    liver_alpha_beta_gy : float
        For the mean EQD2 of the normal liver.
    """
    placed = PlacedCourse(course, identity(course.frame_of_reference_uid))
    drawn = [s for s in course.structures if s.number in sections]
    ptvs = [s for s in drawn if s.role is Role.PTV]
    gtvs = [s for s in drawn if s.role is Role.GTV]
    targets = [_gtv_quality(placed, gtv, sections, ptvs=ptvs) for gtv in gtvs] + [
        _ptv_quality(placed, ptv, sections, ptvs=ptvs, gtvs=gtvs) for ptv in ptvs
    ]
    normal = None
    if liver is not None and liver.number in sections:
        normal = _normal_liver(
            placed,
            sections[liver.number],
            [sections[gtv.number] for gtv in gtvs],
            alpha_beta_gy=liver_alpha_beta_gy,
        )
    return PlanQuality(tuple(targets), normal)


def _known(placed: PlacedCourse, samples: SamplePoints) -> KnownDose:
    dose = course_dose(placed, samples.points_mm)
    return known_dose(dose.physical_gy(), samples.volumes_cc, dose.covered)


def _gtv_quality(
    placed: PlacedCourse,
    gtv: Structure,
    sections: Mapping[int, Sections],
    *,
    ptvs: Sequence[Structure],
) -> TargetQuality:
    samples = sample(sections[gtv.number])
    around = next((p for p in ptvs if encloses(sections[p.number], samples)), gtv)
    return _quality(
        placed,
        gtv,
        sections[gtv.number],
        prescription_gy=target_prescription_gy(placed.course, around),
        shape=None,
        margin_mm=None,
    )


def _ptv_quality(
    placed: PlacedCourse,
    ptv: Structure,
    sections: Mapping[int, Sections],
    *,
    ptvs: Sequence[Structure],
    gtvs: Sequence[Structure],
) -> TargetQuality:
    prescription_gy = target_prescription_gy(placed.course, ptv)
    own = _centre(sections[ptv.number])
    others = [_centre(sections[o.number]) for o in ptvs if lie_apart(o, ptv)]
    near = [catchment(own, others, to_course=placed.from_reference)] if others else []
    indices = _indices(placed, sections[ptv.number], prescription_gy, near=near)
    return _quality(
        placed,
        ptv,
        sections[ptv.number],
        prescription_gy=prescription_gy,
        shape=indices,
        margin_mm=_margin_mm(sections[ptv.number], [sections[g.number] for g in gtvs]),
    )


def _quality(
    placed: PlacedCourse,
    target: Structure,
    outline: Sections,
    *,
    prescription_gy: float,
    shape: PlanIndices | None,
    margin_mm: float | None,
) -> TargetQuality:
    samples = sample(outline)
    known = _known(placed, samples)
    metrics = {name: known.metric(name) for name in TARGET_METRICS}
    d2, d50, d98 = (metrics[name] for name in ("D2%[Gy]", "D50%[Gy]", "D98%[Gy]"))
    homogeneity = None
    if d2 is not None and d50 and d98 is not None:
        homogeneity = homogeneity_icru83(d2, d50, d98)
    maximum = metrics["Max[Gy]"]
    return TargetQuality(
        name=target.name,
        role=target.role.value,
        prescription_gy=prescription_gy,
        volume_cc=samples.volume_cc,
        metrics=metrics,
        v95_percent=known.metric(f"V{0.95 * prescription_gy:.6f}Gy[%]"),
        homogeneity_icru83=homogeneity,
        homogeneity_rtog=None
        if maximum is None
        else homogeneity_rtog(maximum, prescription_gy),
        conformity_rtog=shape.conformity_rtog if shape else None,
        conformity_paddick=shape.conformity_paddick if shape else None,
        gradient_index=shape.gradient_index if shape else None,
        r50=shape.r50 if shape else None,
        gradient_cm=gradient_cm(shape.piv_cc, shape.half_cc) if shape else None,
        margin_mm=margin_mm,
    )


def _indices(
    placed: PlacedCourse,
    outline: Sections,
    prescription_gy: float,
    *,
    near: Sequence[Region],
) -> PlanIndices:
    grids = [grid for delivery in placed.course.deliveries for grid in delivery.doses]

    def enclosed(level_gy: float) -> Region:
        isodose = isodose_region(
            grids, level_gy=level_gy, to_course=placed.from_reference
        )
        return intersection(isodose, *near)

    full, half = prescription_gy, prescription_gy / 2.0
    samples = sample(outline, centred=True)
    return PlanIndices(
        target_cc=samples.volume_cc,
        piv_cc=measured_volume(isodose_cells(placed, full), enclosed(full)).volume_cc,
        covered_cc=measured_volume(samples, enclosed(full)).volume_cc,
        half_cc=measured_volume(isodose_cells(placed, half), enclosed(half)).volume_cc,
    )


def _centre(outline: Sections) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    samples = sample(outline)
    return np.average(samples.points_mm, axis=0, weights=samples.volumes_cc)


def _margin_mm(ptv: Sections, gtvs: Sequence[Sections]) -> float | None:
    """Mean distance from the PTV's surface to the GTVs inside it."""
    within = [gtv for gtv in gtvs if encloses(ptv, sample(gtv))]
    if not within:
        return None
    inner = np.concatenate([surface_points(gtv) for gtv in within])
    outer = surface_of(ptv)
    to_gtv = distances_mm(outer.points_mm[outer.asked], inner)
    return float(np.average(to_gtv, weights=outer.weights))


def _normal_liver(
    placed: PlacedCourse,
    liver: Sections,
    gtvs: Sequence[Sections],
    *,
    alpha_beta_gy: float,
) -> NormalLiver:
    samples = sample(liver)
    tumour = np.zeros(len(samples.volumes_cc), dtype=np.bool_)
    for gtv in gtvs:
        tumour |= is_inside(gtv, samples.points_mm)
    normal = samples.where(~tumour)
    dose = course_dose(placed, normal.points_mm)
    physical = known_dose(dose.physical_gy(), normal.volumes_cc, dose.covered)
    equivalent = known_dose(
        dose.eqd2_gy(alpha_beta_gy),
        normal.volumes_cc,
        dose.covered,
        more_gy=lambda: dose.more_outside().eqd2_gy(alpha_beta_gy),
    )
    return NormalLiver(
        volume_cc=normal.volume_cc,
        mean_gy=physical.metric("Mean[Gy]"),
        mean_eqd2_gy=equivalent.metric("Mean[Gy]"),
        alpha_beta_gy=alpha_beta_gy,
    )

"""Doses of all courses in one structure, and the metrics asked of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from reirrad.core.accumulation import (
    CourseDose,
    Interval,
    KnownDose,
    Placed,
    course_dose,
    known_dose,
    summed_gy,
)
from reirrad.core.assessment import (
    CourseMetrics,
    CumulativeMetrics,
    DoseCurve,
    StructureAssessment,
)
from reirrad.core.dvh import STANDARD_METRICS, cumulative_curve
from reirrad.core.geometry import FloatArray
from reirrad.core.plan_results import Metrics
from reirrad.core.radiobiology import summed_eqd2
from reirrad.core.refinement import decisive_cells, halved, likely_cells
from reirrad.core.sampling import (
    SamplePoints,
    plausible_volumes_cc,
    sample,
)
from reirrad.core.sections import Sections
from reirrad.core.solid import BODY
from reirrad.core.structures import Contour, Structure
from reirrad.core.transforms import RigidTransform

__all__ = [
    "PlacedStructure",
    "Quantity",
    "Scope",
    "StructureDoses",
    "assessed_structure",
    "moved",
    "structure_doses",
]

MOST_PASSES = 4
"""Of splitting cells: each makes them eight times smaller."""

Quantity = Literal["physical", "EQD2", "BED"]
DrawnQuantity = Literal["physical", "EQD2"]
Scope = int | Literal["cumulative"]


@dataclass(frozen=True, slots=True, eq=False)
class PlacedStructure:
    """A structure in the reference frame, with where it comes from.

    ``label`` is unique among the structures of an assessment.
    """

    structure: Structure
    sections: Sections
    label: str
    source_course: int
    transferred: bool
    alpha_beta_gy: float
    alpha_beta_source: str


@dataclass(frozen=True, slots=True, eq=False)
class StructureDoses:
    """Dose of every course at the points of one structure.

    Parameters
    ----------
    samples
        The structure in the reference frame.
    doses
        Course number to dose, for the courses that could be related to that frame.
    all_courses
        Numbers of every course; where one has no dose here, no sum exists.
    """

    samples: SamplePoints
    doses: Mapping[int, CourseDose]
    all_courses: Sequence[int]
    _curves: dict[tuple[Scope, str, float | None], KnownDose] = field(
        default_factory=dict, repr=False
    )

    def known(
        self, scope: Scope, quantity: Quantity, alpha_beta_gy: float | None
    ) -> KnownDose | None:
        """Dose-volume curve of a course or of the sum; None where it does not exist."""
        key = (scope, quantity, alpha_beta_gy)
        wanted = self.all_courses if scope == "cumulative" else [scope]
        if any(number not in self.doses for number in wanted):
            return None
        if key not in self._curves:
            # Not this object itself: in a circle it would outlive its last use.
            samples = self.samples
            doses = [self.doses[number] for number in wanted]
            self._curves[key] = known_dose(
                summed_gy(doses, quantity, alpha_beta_gy),
                samples.volumes_cc,
                np.logical_and.reduce([dose.covered for dose in doses]),
                more_gy=lambda: summed_gy(
                    [dose.more_outside() for dose in doses], quantity, alpha_beta_gy
                ),
                plausible_cc=lambda: plausible_volumes_cc(samples),
            )
        return self._curves[key]

    def metric(
        self, name: str, scope: Scope, quantity: Quantity, alpha_beta_gy: float | None
    ) -> float | None:
        """One metric; None where it cannot be given."""
        known = self.known(scope, quantity, alpha_beta_gy)
        return None if known is None else known.metric(name)

    def intervals(
        self,
        names: Collection[str],
        scope: Scope,
        quantity: Quantity,
        alpha_beta_gy: float | None,
    ) -> Mapping[str, Interval | None]:
        """Intervals of metrics over all plausible solids; None where one has none."""
        known = self.known(scope, quantity, alpha_beta_gy)
        return dict.fromkeys(names) if known is None else known.intervals(names)

    def uncovered_ratio(self, number: int) -> float:
        """Share of the structure outside the dose grid of a course."""
        outside = ~self.doses[number].covered
        return float(self.samples.volumes_cc[outside].sum() / self.samples.volume_cc)

    def without(self, removed: npt.NDArray[np.bool_]) -> "StructureDoses":
        """The same structure with some points taken out, shape (n,)."""
        kept = ~removed
        doses = {number: dose.where(kept) for number, dose in self.doses.items()}
        return StructureDoses(self.samples.where(kept), doses, self.all_courses)

    def together_with(self, other: "StructureDoses") -> "StructureDoses":
        """Both structures, which do not overlap, as one.

        The cells of both keep their own axes: only their volumes are of use.
        """
        samples = _with_ends(self.samples).together_with(_with_ends(other.samples))
        doses = {
            number: dose.together_with(other.doses[number])
            for number, dose in self.doses.items()
        }
        return StructureDoses(samples, doses, self.all_courses)


def structure_doses(
    placed: PlacedStructure, courses: Sequence[Placed], all_courses: Sequence[int]
) -> StructureDoses:
    """Look up the dose of every placed course in a structure.

    Cells that are too coarse for the metrics that hang on them are halved.
    """
    samples = sample(placed.sections)
    doses = _looked_up(courses, samples.points_mm)
    volume_cc, ratio = samples.volume_cc, placed.alpha_beta_gy
    likely = likely_cells(samples, _asked_gy(doses, ratio), structure_cc=volume_cc)
    if likely.any():
        hot = _refined(samples.where(likely), placed, courses, structure_cc=volume_cc)
        hot_doses = _looked_up(courses, hot.points_mm)
        samples = samples.replaced(likely, hot)
        doses = {
            n: d.where(~likely).together_with(hot_doses[n]) for n, d in doses.items()
        }
    return StructureDoses(samples, doses, tuple(all_courses))


def _with_ends(samples: SamplePoints) -> SamplePoints:
    """The same points, said to be in no doubt where nothing is said of them."""
    if samples.largest_cc is not None and samples.ends is not None:
        return samples
    body = np.full(len(samples.volumes_cc), BODY, dtype=np.int8)
    return replace(samples, largest_cc=samples.volumes_cc, ends=body)


def _refined(
    hot: SamplePoints,
    placed: PlacedStructure,
    courses: Sequence[Placed],
    *,
    structure_cc: float,
) -> SamplePoints:
    """The hottest cells of a structure, halved where they are decisive."""

    def at_centres_gy(cells: SamplePoints) -> FloatArray:
        doses = _looked_up(courses, cells.centres_mm)
        return _asked_gy(doses, placed.alpha_beta_gy)

    centres_gy = at_centres_gy(hot)
    for _ in range(MOST_PASSES):
        coarse = decisive_cells(hot, centres_gy, structure_cc=structure_cc)
        if not coarse.any():
            break
        finer = halved(hot.where(coarse), placed.sections)
        hot = hot.replaced(coarse, finer)
        centres_gy = np.hstack([centres_gy[:, ~coarse], at_centres_gy(finer)])
    return hot


def _looked_up(
    courses: Sequence[Placed], points_mm: FloatArray
) -> dict[int, CourseDose]:
    return {p.course.number: course_dose(p, points_mm) for p in courses}


def _asked_gy(doses: Mapping[int, CourseDose], alpha_beta_gy: float) -> FloatArray:
    """Doses whose metrics are reported: of each course, and their equivalent sum."""
    values = [dose.physical_gy() for dose in doses.values()]
    if len(values) > 1:
        deliveries = [one for dose in doses.values() for one in dose.delivered_gy]
        values.append(summed_eqd2(deliveries, alpha_beta_gy=alpha_beta_gy))
    return np.array(values)


def assessed_structure(
    placed: PlacedStructure, doses: StructureDoses
) -> StructureAssessment:
    """Metrics and curves of one structure, as they are reported."""
    ratio = placed.alpha_beta_gy
    courses = tuple(
        CourseMetrics(
            number=number,
            physical=_metrics(doses, number, "physical", None),
            physical_interval=doses.intervals(
                STANDARD_METRICS, number, "physical", None
            ),
            eqd2=_metrics(doses, number, "EQD2", ratio),
            eqd2_interval=doses.intervals(STANDARD_METRICS, number, "EQD2", ratio),
        )
        for number in doses.all_courses
    )
    scopes: list[Scope] = [*doses.all_courses, "cumulative"]
    drawn: list[tuple[Scope, DrawnQuantity]] = [
        *((scope, "EQD2") for scope in scopes),
        *((number, "physical") for number in doses.all_courses),
    ]
    return StructureAssessment(
        name=placed.label,
        standard_name=placed.structure.standard_name,
        role=placed.structure.role.value,
        source_course=placed.source_course,
        transferred=placed.transferred,
        volume_cc=doses.samples.volume_cc,
        volume_interval_cc=placed.sections.volume_interval_cc(),
        alpha_beta_gy=ratio,
        alpha_beta_source=placed.alpha_beta_source,
        courses=courses,
        cumulative=CumulativeMetrics(
            _metrics(doses, "cumulative", "EQD2", ratio),
            doses.intervals(STANDARD_METRICS, "cumulative", "EQD2", ratio),
        ),
        curves=tuple(
            curve
            for scope, quantity in drawn
            if (curve := _curve(doses, scope, quantity, ratio)) is not None
        ),
    )


def moved(structure: Structure, transform: RigidTransform) -> Structure:
    """A structure carried into another frame of reference, contour by contour."""
    return Structure(
        number=structure.number,
        name=structure.name,
        standard_name=structure.standard_name,
        role=structure.role,
        contours=tuple(
            Contour(transform.apply(contour.points_mm), contour.kind)
            for contour in structure.contours
        ),
        frame_of_reference_uid=transform.to_frame,
    )


def _metrics(
    doses: StructureDoses, scope: Scope, quantity: Quantity, ratio: float | None
) -> Metrics:
    return {
        name: doses.metric(name, scope, quantity, ratio) for name in STANDARD_METRICS
    }


def _curve(
    doses: StructureDoses, scope: Scope, quantity: DrawnQuantity, ratio: float
) -> DoseCurve | None:
    known = doses.known(scope, quantity, ratio if quantity == "EQD2" else None)
    if known is None:
        return None
    label = "cumulative" if scope == "cumulative" else f"course {scope}"
    dose_gy, volume_percent = cumulative_curve(known.curve)
    return DoseCurve(label, quantity, dose_gy, volume_percent)

"""Doses at the points of one organ: earlier courses as background, a new one to scale.

With the new course multiplied by a factor s, EQD2, BED and physical dose of every point
are ``base + linear s + square s^2``, all three zero or more: nothing ever falls with s.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from reirrad.core.accumulation import CourseDose, KnownDose, known_dose
from reirrad.core.dvh import DoseVolume, dose_volume
from reirrad.core.geometry import FloatArray
from reirrad.core.organ_limits import BudgetScope
from reirrad.core.radiobiology import bed_from_eqd2, eqd2_from_bed
from reirrad.core.structure_doses import Quantity, StructureDoses

__all__ = ["OrganDoses", "ScaledDose", "kept_doses"]

KeptRatio = Mapping[int, float]


@dataclass(frozen=True, slots=True, eq=False)
class ScaledDose:
    """A dose at points that grows with the scale of the new course.

    Parameters
    ----------
    base_gy, linear_gy, square_gy
        ``(n,)`` each: the dose is ``base + linear s + square s^2``.
    volumes_cc
        ``(n,)`` what each point stands for.
    covered
        ``(n,)`` whether every dose in it was calculated at the point.
    more
        With twice the dose of each course where its grid does not cover the point; None
        where every point is covered.
    """

    base_gy: FloatArray
    linear_gy: FloatArray
    square_gy: FloatArray
    volumes_cc: FloatArray
    covered: npt.NDArray[np.bool_]
    more: "ScaledDose | None" = None
    _last: dict[float, KnownDose] = field(default_factory=dict, repr=False)

    @property
    def volume_cc(self) -> float:
        """Total volume."""
        return float(self.volumes_cc.sum())

    def inside_grids(self) -> "ScaledDose":
        """With no dose at points that are not covered: at least this is given."""
        parts = (self.base_gy, self.linear_gy, self.square_gy)
        base, linear, square = (np.where(self.covered, part, 0.0) for part in parts)
        return ScaledDose(base, linear, square, self.volumes_cc, self.covered)

    def at(self, scale: float) -> FloatArray:
        """Dose at each point, shape (n,)."""
        return np.asarray(
            self.base_gy + scale * (self.linear_gy + scale * self.square_gy)
        )

    def curve(self, scale: float) -> DoseVolume:
        """Dose-volume curve at a scale."""
        return dose_volume(self.at(scale), self.volumes_cc)

    def is_known(self, metric: str, scale: float) -> bool:
        """Whether a metric at a scale does not hang on dose outside a grid."""
        more = self.more
        if more is None:
            return True
        if scale not in self._last:
            # Many limits are asked at one scale; curves at others are not kept.
            self._last.clear()
            self._last[scale] = known_dose(
                self.at(scale),
                self.volumes_cc,
                self.covered,
                more_gy=lambda: more.at(scale),
            )
        return self._last[scale].metric(metric) is not None

    def scale_reaching(self, level_gy: float) -> FloatArray:
        """Scale at which each point reaches a level, shape (n,).

        0 where it is above it without the new course, infinite where it never is.
        """
        room = np.maximum(level_gy - self.base_gy, 0.0)
        # Positive root of square s^2 + linear s = room, without a difference.
        root = np.sqrt(self.linear_gy**2 + 4.0 * self.square_gy * room)
        below = self.linear_gy + root
        scale = np.full(len(room), np.inf)
        np.divide(2.0 * room, below, out=scale, where=below > 0.0)
        scale[room == 0.0] = 0.0
        return scale

    def mean_coefficients(self) -> tuple[float, float, float]:
        """Base, linear and square part of the mean dose."""
        base, linear, square = (
            float(np.average(part, weights=self.volumes_cc))
            for part in (self.base_gy, self.linear_gy, self.square_gy)
        )
        return base, linear, square


@dataclass(frozen=True, slots=True, eq=False)
class OrganDoses:
    """Dose of every course at the points of an organ.

    Parameters
    ----------
    label, standard_name
        Name as drawn, and what it means.
    alpha_beta_gy
        Ratio of the organ.
    points_mm
        ``(n, 3)`` in the reference frame.
    volumes_cc
        ``(n,)`` what each point stands for.
    courses
        Course number to dose, of every course.
    new_course
        Number of the course whose dose is scaled; None where none is planned.
    """

    label: str
    standard_name: str | None
    alpha_beta_gy: float
    points_mm: FloatArray
    volumes_cc: FloatArray
    courses: Mapping[int, CourseDose]
    new_course: int | None
    _known: dict[object, KnownDose] = field(default_factory=dict, repr=False)

    @property
    def volume_cc(self) -> float:
        """Total volume."""
        return float(self.volumes_cc.sum())

    @property
    def new(self) -> CourseDose | None:
        """Dose of the new course, None where none is planned."""
        return None if self.new_course is None else self.courses[self.new_course]

    def background_eqd2_gy(
        self, alpha_beta_gy: float, kept_ratio: KeptRatio | None = None
    ) -> FloatArray:
        """EQD2 of every course but the new one, shape (n,).

        Parameters
        ----------
        alpha_beta_gy
            Ratio to form it with.
        kept_ratio
            Course number to the share of its EQD2 that still counts; all of it where
            the number, or the mapping, is missing.
        """
        total = np.zeros(len(self.volumes_cc))
        for number, dose in self.courses.items():
            if number != self.new_course:
                kept = 1.0 if kept_ratio is None else kept_ratio.get(number, 1.0)
                total += kept * dose.eqd2_gy(alpha_beta_gy)
        return total

    def known_background(
        self, alpha_beta_gy: float, kept_ratio: KeptRatio | None = None
    ) -> KnownDose:
        """Dose-volume curve of the background, aware of what no grid covers."""
        kept = None if kept_ratio is None else tuple(sorted(kept_ratio.items()))
        key = ("background", alpha_beta_gy, kept)
        if key not in self._known:
            self._known[key] = known_dose(
                self.background_eqd2_gy(alpha_beta_gy, kept_ratio),
                self.volumes_cc,
                self._covered(n for n in self.courses if n != self.new_course),
                more_gy=lambda: self._more_outside().background_eqd2_gy(
                    alpha_beta_gy, kept_ratio
                ),
            )
        return self._known[key]

    def scaled(
        self,
        scope: BudgetScope,
        quantity: Quantity,
        alpha_beta_gy: float | None,
        *,
        n_fractions: int | None = None,
    ) -> ScaledDose:
        """The dose that a limit is about, as it grows with the new course.

        Parameters
        ----------
        scope, quantity, alpha_beta_gy
            Of the limit.
        n_fractions
            Gives the whole new course in this number; None as it was planned.
        """
        wanted = self.courses if scope == "cumulative" else (self.new_course,)
        covered = self._covered(n for n in wanted if n is not None)

        def grown(organ: OrganDoses, more: ScaledDose | None) -> ScaledDose:
            parts = _growth(
                organ, scope, quantity, alpha_beta_gy, n_fractions=n_fractions
            )
            return ScaledDose(*parts, self.volumes_cc, covered, more)

        more = None if covered.all() else grown(self._more_outside(), None)
        return grown(self, more)

    def where(self, chosen: npt.NDArray[np.bool_]) -> "OrganDoses":
        """The chosen points alone."""
        return OrganDoses(
            self.label,
            self.standard_name,
            self.alpha_beta_gy,
            self.points_mm[chosen],
            self.volumes_cc[chosen],
            {number: dose.where(chosen) for number, dose in self.courses.items()},
            self.new_course,
        )

    def _more_outside(self) -> "OrganDoses":
        """With twice the dose of each course where its grid does not reach."""
        courses = {n: dose.more_outside() for n, dose in self.courses.items()}
        return replace(self, courses=courses, _known={})

    def _covered(self, numbers: Iterable[int]) -> npt.NDArray[np.bool_]:
        covered = np.ones(len(self.volumes_cc), dtype=np.bool_)
        for number in numbers:
            covered &= self.courses[number].covered
        return covered


def _growth(
    organ: OrganDoses,
    scope: BudgetScope,
    quantity: Quantity,
    alpha_beta_gy: float | None,
    *,
    n_fractions: int | None,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Base, linear and square part of a dose that grows with the new course."""
    new = organ.new
    if new is None:
        msg = "no new course is planned, so there is nothing to scale"
        raise ValueError(msg)
    delivered = new.delivered_gy
    if n_fractions is not None:
        delivered = ((new.physical_gy(), n_fractions),)
    base, squares = np.zeros((2, len(organ.volumes_cc)))
    linear = np.asarray(np.sum([dose for dose, _ in delivered], axis=0))
    if quantity != "physical" and alpha_beta_gy is not None:
        ratio = alpha_beta_gy
        squares = np.sum([dose**2 / (n * ratio) for dose, n in delivered], axis=0)
        if scope == "cumulative":
            base = organ.background_eqd2_gy(ratio)
        if quantity == "BED":
            base = bed_from_eqd2(base, alpha_beta_gy=ratio)
        else:
            linear = eqd2_from_bed(linear, alpha_beta_gy=ratio)
            squares = eqd2_from_bed(squares, alpha_beta_gy=ratio)
    return base, linear, squares


def kept_doses(
    doses: StructureDoses,
    *,
    label: str,
    standard_name: str | None,
    alpha_beta_gy: float,
    new_course: int | None,
) -> OrganDoses | None:
    """What is kept of a structure's doses; None where a course has no dose there.

    Points of no volume, which stand for other solids that the contours allow, are left
    out: no metric counts them.
    """
    if any(number not in doses.doses for number in doses.all_courses):
        return None
    present = doses.samples.volumes_cc > 0.0
    return OrganDoses(
        label=label,
        standard_name=standard_name,
        alpha_beta_gy=alpha_beta_gy,
        points_mm=doses.samples.points_mm[present],
        volumes_cc=doses.samples.volumes_cc[present],
        courses={n: dose.where(present) for n, dose in doses.doses.items()},
        new_course=new_course,
    )

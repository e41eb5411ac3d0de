"""Dose-volume metrics of known solids in known doses, without points or grids.

A linear dose has planes as isodoses, a Gaussian one balls (or ellipsoids of the solid's
own shape): the volume at or above a dose is the solid's part in a half-space or a ball.
Doses at a volume are the inverse, found by bisection; the mean is the integral of the
volume curve.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq

from reirrad.core.geometry import FloatArray
from reirrad.phantoms.solids import Frustum, Solid, TiltedEllipsoid

__all__ = ["GaussianDose", "KnownDose", "LinearDose", "known_metric"]


@dataclass(frozen=True, slots=True, eq=False)
class LinearDose:
    """Dose that changes evenly along one direction: ``at_origin + gradient @ point``.

    Zero or more wherever it is asked.
    """

    at_origin_gy: float
    gradient_gy_per_mm: FloatArray

    def at(self, points_mm: FloatArray) -> FloatArray:
        """Dose in Gy at points ``(..., 3)``."""
        return np.asarray(self.at_origin_gy + points_mm @ self.gradient_gy_per_mm)

    def volume_cc(self, solid: Solid, level_gy: float) -> float:
        """Volume of a solid that receives a dose or more."""
        steepness = float(np.linalg.norm(self.gradient_gy_per_mm))
        return solid.beyond_plane_cc(
            self.gradient_gy_per_mm / steepness,
            (level_gy - self.at_origin_gy) / steepness,
        )

    def mean_gy(self, solid: Solid) -> float:
        """Mean dose: the dose at the centre of mass."""
        return float(self.at(solid.centroid_mm))


@dataclass(frozen=True, slots=True, eq=False)
class GaussianDose:
    """``peak * exp(-|u|^2 / (2 sigma^2))`` with u the offset in units of a shape.

    Parameters
    ----------
    peak_gy
        Highest dose.
    centre_mm
        Where it is.
    sigma
        Standard deviation in units of `axes_mm`.
    axes_mm
        ``(3, 3)`` rows: semi-axes of an isodose; the unit matrix for balls in mm.
    """

    peak_gy: float
    centre_mm: FloatArray
    sigma: float
    axes_mm: FloatArray

    def at(self, points_mm: FloatArray) -> FloatArray:
        """Dose in Gy at points ``(..., 3)``."""
        offset = (points_mm - self.centre_mm) @ np.linalg.inv(self.axes_mm)
        square = np.sum(offset**2, axis=-1)
        return np.asarray(self.peak_gy * np.exp(-square / (2.0 * self.sigma**2)))

    def volume_cc(self, solid: Solid, level_gy: float) -> float:
        """Volume of a solid that receives a dose or more."""
        if level_gy >= self.peak_gy:
            return 0.0
        if level_gy <= 0:
            return solid.volume_cc
        radius = self.sigma * math.sqrt(2.0 * math.log(self.peak_gy / level_gy))
        isodose = TiltedEllipsoid(self.centre_mm, radius * self.axes_mm)
        return solid.within_ellipsoid_cc(isodose)

    def mean_gy(self, solid: Solid) -> float:
        """Mean dose, from the volume curve."""
        low, high = _dose_range_gy(solid, self)
        above, _ = quad(
            lambda level: self.volume_cc(solid, level),
            low,
            high,
            limit=400,
            epsrel=1e-7,
        )
        return float(low + above / solid.volume_cc)


KnownDose = LinearDose | GaussianDose


def known_metric(name: str, solid: Solid, dose: KnownDose) -> float:
    """A metric in its TG-263 spelling, or the volume.

    Parameters
    ----------
    name : str
        ``volume[cc]``, ``Mean[Gy]``, ``D98%[Gy]``, ``D0.1cc[Gy]``, ``V28Gy[cc]``, ...
    """
    if name == "volume[cc]":
        return solid.volume_cc
    if name == "Mean[Gy]":
        return dose.mean_gy(solid)
    kind, at = name[0], name[1 : name.index("[")]
    if kind == "V":
        return dose.volume_cc(solid, float(at.removesuffix("Gy")))
    volume_cc = (
        float(at.removesuffix("cc"))
        if at.endswith("cc")
        else float(at.removesuffix("%")) * solid.volume_cc / 100.0
    )
    low, high = _dose_range_gy(solid, dose)
    volume_cc = min(volume_cc, solid.volume_cc * (1.0 - 1e-9))

    def missing_cc(level_gy: float) -> float:
        return dose.volume_cc(solid, level_gy) - volume_cc

    return float(brentq(missing_cc, low, high, xtol=1e-9, rtol=1e-12))


def _dose_range_gy(solid: Solid, dose: KnownDose) -> tuple[float, float]:
    """Doses between which the volume falls from all to nothing."""
    points = _surface_mm(solid)
    values = dose.at(points)
    if isinstance(dose, LinearDose):
        return float(values.min()) - 1.0, float(values.max()) + 1.0
    return float(values.min()) * 0.9, dose.peak_gy


def _surface_mm(solid: Solid) -> FloatArray:
    polar, around = np.meshgrid(
        np.linspace(0, np.pi, 61), np.linspace(0, 2 * np.pi, 121)
    )
    if isinstance(solid, TiltedEllipsoid):
        unit = np.stack(
            [
                np.sin(polar) * np.cos(around),
                np.sin(polar) * np.sin(around),
                np.cos(polar),
            ],
            axis=-1,
        )
        return np.asarray(solid.centre_mm + unit @ solid.axes_mm)
    return _rims_mm(solid, around)


def _rims_mm(solid: Frustum, around: FloatArray) -> FloatArray:
    ring = np.stack([np.cos(around), np.sin(around), np.zeros_like(around)], axis=-1)
    top = solid.base_mm + np.array([0.0, 0.0, solid.height_mm])
    return np.concatenate(
        [
            solid.base_mm + solid.lower_radius_mm * ring,
            top + solid.upper_radius_mm * ring,
        ]
    )

"""Biologically effective dose and equieffective dose, linear-quadratic model.

Doses are in gray and are *total* doses of one course unless a name says
``per_fraction``. Every function is elementwise: a scalar or an array of any shape goes
in, the broadcast shape comes out. NaN means that the dose is unknown (outside the dose
grid) and stays NaN.

Every conversion goes through BED, so that one quantity has one value to the last bit
whichever function was asked.

References
----------
.. [1] Fowler JF. The linear-quadratic formula and progress in fractionated
   radiotherapy. Br J Radiol 1989;62:679-694.
.. [2] Bentzen SM et al. Bioeffect modeling and equieffective dose concepts in
   radiation oncology: terminology, quantities and units. Radiother Oncol
   2012;105:266-268.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray

__all__ = [
    "bed",
    "bed_from_eqd2",
    "dose_for_bed",
    "dose_for_eqd2",
    "eqd2",
    "eqd2_from_bed",
    "eqdx",
    "summed_bed",
    "summed_eqd2",
]


def bed(
    dose_gy: npt.ArrayLike, *, n_fractions: int, alpha_beta_gy: float
) -> FloatArray:
    r"""Biologically effective dose of one course [1]_, point by point.

    With :math:`d = D/n` the dose per fraction at that point,

    .. math:: \mathrm{BED} = D + \frac{D\,d}{\alpha/\beta}

    Parameters
    ----------
    dose_gy : array_like, shape (...)
        Total physical dose D of the course, in Gy; zero or more, or NaN.
    n_fractions : int
        Number n of equal fractions in which it was delivered; one or more.
    alpha_beta_gy : float
        alpha/beta ratio of the tissue, in Gy; above zero.

    Returns
    -------
    ndarray, shape (...)
        BED in Gy, never below `dose_gy`; NaN where the dose is NaN.

    Raises
    ------
    ValueError
        If a dose is negative or infinite, or a parameter is out of range.

    Examples
    --------
    Thirty fractions of 2 Gy to a tissue with an alpha/beta ratio of 3 Gy:

    >>> float(bed(60.0, n_fractions=30, alpha_beta_gy=3.0))
    100.0
    """
    dose = _checked_gy(dose_gy, "dose_gy")
    _check_fractions(n_fractions)
    _check_ratio(alpha_beta_gy)
    return dose + dose**2 / (n_fractions * alpha_beta_gy)


def eqdx(
    dose_gy: npt.ArrayLike,
    *,
    n_fractions: int,
    alpha_beta_gy: float,
    reference_dose_per_fraction_gy: float,
) -> FloatArray:
    """Total dose in fractions of a reference size with the same effect [2]_, in Gy.

    Other parameters and errors are those of :func:`bed`.

    Parameters
    ----------
    reference_dose_per_fraction_gy : float
        Size x of the reference fraction, in Gy; above zero.

    Examples
    --------
    >>> round(
    ...     float(
    ...         eqdx(
    ...             30.0,
    ...             n_fractions=6,
    ...             alpha_beta_gy=2.5,
    ...             reference_dose_per_fraction_gy=1.5,
    ...         )
    ...     ),
    ...     2,
    ... )
    56.25
    """
    reference_gy = reference_dose_per_fraction_gy
    if not 0 < reference_gy < math.inf:
        msg = f"reference_dose_per_fraction_gy must be above 0 Gy, got {reference_gy}"
        raise ValueError(msg)
    course_bed = bed(dose_gy, n_fractions=n_fractions, alpha_beta_gy=alpha_beta_gy)
    return course_bed * alpha_beta_gy / (alpha_beta_gy + reference_gy)


def eqd2(
    dose_gy: npt.ArrayLike, *, n_fractions: int, alpha_beta_gy: float
) -> FloatArray:
    """Total dose in 2 Gy fractions with the same effect (EQD2 [2]_), in Gy.

    Parameters and errors are those of :func:`bed`.

    Examples
    --------
    >>> float(eqd2(60.0, n_fractions=30, alpha_beta_gy=3.0))
    60.0
    >>> float(eqd2(54.0, n_fractions=3, alpha_beta_gy=3.0))
    226.8
    """
    return eqdx(
        dose_gy,
        n_fractions=n_fractions,
        alpha_beta_gy=alpha_beta_gy,
        reference_dose_per_fraction_gy=2.0,
    )


def eqd2_from_bed(bed_gy: npt.ArrayLike, *, alpha_beta_gy: float) -> FloatArray:
    """EQD2 of a BED, both in Gy for the same alpha/beta; errors as in :func:`bed`.

    Examples
    --------
    >>> round(float(eqd2_from_bed(98.0, alpha_beta_gy=3.0)), 6)
    58.8
    """
    _check_ratio(alpha_beta_gy)
    return _checked_gy(bed_gy, "bed_gy") * alpha_beta_gy / (alpha_beta_gy + 2.0)


def bed_from_eqd2(eqd2_gy: npt.ArrayLike, *, alpha_beta_gy: float) -> FloatArray:
    """BED of an EQD2, both in Gy for the same alpha/beta; errors as in :func:`bed`."""
    _check_ratio(alpha_beta_gy)
    return _checked_gy(eqd2_gy, "eqd2_gy") * (alpha_beta_gy + 2.0) / alpha_beta_gy


def dose_for_bed(
    bed_gy: npt.ArrayLike, *, n_fractions: int, alpha_beta_gy: float
) -> FloatArray:
    r"""Physical total dose in n fractions that has a given BED; inverts :func:`bed`.

    The positive root of the quadratic in D, with r the alpha/beta ratio,

    .. math:: D = \frac{2\,\mathrm{BED}}{1 + \sqrt{1 + 4\,\mathrm{BED}/(n r)}}

    written so that no two nearly equal numbers are subtracted.

    Parameters
    ----------
    bed_gy : array_like, shape (...)
        BED in Gy; zero or more, or NaN.
    n_fractions, alpha_beta_gy
        As in :func:`bed`.

    Returns
    -------
    ndarray, shape (...)
        Total physical dose in Gy; NaN where the BED is NaN.
    """
    effect = _checked_gy(bed_gy, "bed_gy")
    _check_fractions(n_fractions)
    _check_ratio(alpha_beta_gy)
    root = np.sqrt(1.0 + 4.0 * effect / (n_fractions * alpha_beta_gy))
    return np.asarray(2.0 * effect / (1.0 + root), dtype=np.float64)


def dose_for_eqd2(
    eqd2_gy: npt.ArrayLike, *, n_fractions: int, alpha_beta_gy: float
) -> FloatArray:
    """Physical total dose in n fractions that has a given EQD2, in Gy.

    Parameters and errors are those of :func:`dose_for_bed`; inverts :func:`eqd2`.

    Examples
    --------
    >>> round(float(dose_for_eqd2(54.0, n_fractions=5, alpha_beta_gy=2.5)), 4)
    29.1627
    """
    effect = bed_from_eqd2(eqd2_gy, alpha_beta_gy=alpha_beta_gy)
    return dose_for_bed(effect, n_fractions=n_fractions, alpha_beta_gy=alpha_beta_gy)


def summed_bed(
    deliveries: Sequence[tuple[FloatArray, int]], *, alpha_beta_gy: float
) -> FloatArray:
    """Sum of the BED of several deliveries, point by point.

    Parameters
    ----------
    deliveries
        Total physical dose ``(n,)`` in Gy, and number of fractions, of each.
    alpha_beta_gy
        As in :func:`bed`, whose errors hold here too.
    """
    return _summed(deliveries, alpha_beta_gy, scale=1.0)


def summed_eqd2(
    deliveries: Sequence[tuple[FloatArray, int]], *, alpha_beta_gy: float
) -> FloatArray:
    """Sum of the EQD2 of several deliveries, point by point.

    Parameters are those of :func:`summed_bed`.

    Examples
    --------
    >>> summed_eqd2([(np.array([60.0]), 30), (np.array([54.0]), 3)], alpha_beta_gy=3.0)
    array([286.8])
    """
    scale = alpha_beta_gy / (alpha_beta_gy + 2.0)
    return _summed(deliveries, alpha_beta_gy, scale=scale)


def _summed(
    deliveries: Sequence[tuple[FloatArray, int]], alpha_beta_gy: float, *, scale: float
) -> FloatArray:
    _check_ratio(alpha_beta_gy)
    total = np.empty(deliveries[0][0].shape)
    for number, (dose, n_fractions) in enumerate(deliveries):
        _check_fractions(n_fractions)
        per_gy = 1.0 / (n_fractions * alpha_beta_gy)
        kept = 0.0 if number == 0 else 1.0
        if not _add_equivalent(total, dose, (kept, scale, per_gy)):
            _checked_gy(dose, "dose_gy")
    return total


@compiled
def _add_equivalent(
    total: FloatArray, dose: FloatArray, factors: tuple[float, float, float]
) -> bool:
    """Add ``scale (D + D^2 per_gy)`` in place; False if a dose is impossible.

    ``factors`` are 0 for a total that holds nothing yet, else 1; scale; per_gy.
    """
    kept, scale, per_gy = factors
    unsound = 0
    if kept == 0.0:
        for n in range(len(total)):
            unsound += (dose[n] < 0.0) | (dose[n] == np.inf)
            total[n] = scale * (dose[n] + dose[n] * dose[n] * per_gy)
    else:
        for n in range(len(total)):
            unsound += (dose[n] < 0.0) | (dose[n] == np.inf)
            total[n] += scale * (dose[n] + dose[n] * dose[n] * per_gy)
    return unsound == 0


def _checked_gy(values: npt.ArrayLike, name: str) -> FloatArray:
    checked = np.asarray(values, dtype=np.float64)
    if np.any(np.isinf(checked)):
        msg = f"{name} holds infinite values; an unknown dose is NaN"
        raise ValueError(msg)
    if np.any(checked < 0):
        msg = (
            f"{name} must be 0 Gy or more, lowest value is {np.nanmin(checked):.3g} Gy"
        )
        raise ValueError(msg)
    return checked


def _check_fractions(n_fractions: int) -> None:
    if n_fractions < 1:
        msg = f"n_fractions must be at least 1, got {n_fractions}"
        raise ValueError(msg)


def _check_ratio(alpha_beta_gy: float) -> None:
    if not 0 < alpha_beta_gy < math.inf:
        msg = f"alpha_beta_gy must be above 0 Gy, got {alpha_beta_gy}"
        raise ValueError(msg)

r"""BED and EQD2 in the linear-quadratic-linear model.

Below the transition dose per fraction :math:`d_T` the model is the linear-quadratic
one. Above it the effect grows in a straight line [1]_:

.. math::
    \mathrm{BED} = n \left[ d_T \left(1 + \frac{d_T}{\alpha/\beta}\right)
    + \frac{\gamma}{\alpha} (d - d_T) \right], \quad
    \frac{\gamma}{\alpha} = 1 + \frac{2 d_T}{\alpha/\beta}

The slope is that of the linear-quadratic curve at :math:`d_T`: there is no kink. Its
values are lower than the linear-quadratic ones and no limit was made for them:
they are for comparison and no constraint is ever tested on them.

References
----------
.. [1] Astrahan M. Some implications of linear-quadratic-linear radiation dose-response
   with regard to hypofractionation. Med Phys 2008;35:4161-4172.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray
from reirrad.core.radiobiology import bed

__all__ = ["bed_linear_above", "eqd2_linear_above", "summed_eqd2_linear_above"]

REFERENCE_GY = 2.0


def bed_linear_above(
    dose_gy: npt.ArrayLike,
    *,
    n_fractions: int,
    alpha_beta_gy: float,
    transition_gy: float,
) -> FloatArray:
    """BED that is linear above a dose per fraction, point by point, in Gy.

    Parameters
    ----------
    dose_gy : array_like, shape (...)
        Total physical dose in Gy; zero or more, or NaN.
    n_fractions : int
        Number of equal fractions.
    alpha_beta_gy : float
        alpha/beta ratio of the tissue, in Gy; above zero.
    transition_gy : float
        Dose per fraction above which the effect grows linearly, in Gy; above zero.

    Returns
    -------
    ndarray, shape (...)
        Never above :func:`reirrad.core.radiobiology.bed`.

    Raises
    ------
    ValueError
        If a dose is negative or infinite, or a parameter is out of range.

    Examples
    --------
    >>> float(
    ...     bed_linear_above(
    ...         54.0, n_fractions=3, alpha_beta_gy=3.0, transition_gy=6.0
    ...     )
    ... )
    234.0
    """
    if not 0.0 < transition_gy < np.inf:
        msg = f"transition_gy must be above 0 Gy, got {transition_gy}"
        raise ValueError(msg)
    quadratic = bed(dose_gy, n_fractions=n_fractions, alpha_beta_gy=alpha_beta_gy)
    # The straight line leaves the parabola by beta/alpha (d - dT)^2 in each fraction.
    beyond_gy = np.maximum(np.asarray(dose_gy) / n_fractions - transition_gy, 0.0)
    return np.asarray(quadratic - n_fractions * beyond_gy**2 / alpha_beta_gy)


def eqd2_linear_above(
    dose_gy: npt.ArrayLike,
    *,
    n_fractions: int,
    alpha_beta_gy: float,
    transition_gy: float,
) -> FloatArray:
    """Total dose in 2 Gy fractions of the same effect in the same model, in Gy.

    Parameters and errors are those of :func:`bed_linear_above`.
    """
    effect = bed_linear_above(
        dose_gy,
        n_fractions=n_fractions,
        alpha_beta_gy=alpha_beta_gy,
        transition_gy=transition_gy,
    )
    reference = bed_linear_above(
        REFERENCE_GY,
        n_fractions=1,
        alpha_beta_gy=alpha_beta_gy,
        transition_gy=transition_gy,
    )
    return np.asarray(effect * REFERENCE_GY / reference)


def summed_eqd2_linear_above(
    deliveries: Sequence[tuple[FloatArray, int]],
    *,
    alpha_beta_gy: float,
    transition_gy: float,
) -> FloatArray:
    """Sum over deliveries, point by point, shape (n,), in Gy.

    Parameters
    ----------
    deliveries
        Total physical dose ``(n,)`` in Gy, and number of fractions, of each.
    alpha_beta_gy, transition_gy
        As in :func:`bed_linear_above`, whose errors hold here too.
    """
    total = np.zeros(len(deliveries[0][0]))
    for dose, n_fractions in deliveries:
        total += eqd2_linear_above(
            dose,
            n_fractions=n_fractions,
            alpha_beta_gy=alpha_beta_gy,
            transition_gy=transition_gy,
        )
    return total

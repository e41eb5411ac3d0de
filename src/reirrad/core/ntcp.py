r"""Models of the probability of a complication from a dose-volume histogram.

Lyman-Kutcher-Burman (LKB), with the generalized equivalent uniform dose:

.. math::
    \mathrm{gEUD} = \left(\sum_i v_i D_i^{1/n}\right)^n, \quad
    \mathrm{NTCP} = \Phi\!\left(\frac{\mathrm{gEUD} - TD_{50}}{m\,TD_{50}}\right)

The older form reduces the histogram to the effective volume that receives a reference
dose and lets TD50 depend on that volume. Both give the same number.

References
----------
.. [1] Lyman JT. Complication probability as assessed from dose-volume histograms.
   Radiat Res Suppl 1985;8:S13-S19.
.. [2] Kutcher GJ, Burman C. Calculation of complication probability factors for
   non-uniform normal tissue irradiation. Int J Radiat Oncol Biol Phys 1989;16:1623.
.. [3] Niemierko A. A generalized concept of equivalent uniform dose. Med Phys
   1999;26:1100.
"""

import math

import numpy as np
import numpy.typing as npt

__all__ = [
    "effective_volume_share",
    "geud_gy",
    "lkb_ntcp",
    "lkb_ntcp_by_effective_volume",
    "m_from_gamma50",
    "probit_ntcp",
]


def geud_gy(doses_gy: npt.ArrayLike, volumes_cc: npt.ArrayLike, *, n: float) -> float:
    """Generalized equivalent uniform dose in Gy, with exponent 1/n.

    Parameters
    ----------
    doses_gy, volumes_cc : array_like, shape (k,)
        Dose of each part of the organ and its volume in any unit.
    n : float
        Volume parameter; 1 gives the mean, towards 0 the maximum.

    Raises
    ------
    ValueError
        If n is not above 0, there is no volume, or a dose is negative or not finite.

    Examples
    --------
    >>> geud_gy([10.0, 20.0, 30.0], [1.0, 1.0, 1.0], n=1.0)
    20.0
    """
    doses, shares = _parts(doses_gy, volumes_cc, n)
    highest = float(doses.max())
    if highest == 0.0:
        return 0.0
    # Scaled by the maximum: a power of a small n would overflow.
    mean_power = float(shares @ (doses / highest) ** (1.0 / n))
    return float(highest * mean_power**n)


def effective_volume_share(
    doses_gy: npt.ArrayLike, volumes_cc: npt.ArrayLike, *, n: float, reference_gy: float
) -> float:
    """Share of the organ that has the same effect if it receives a reference dose [2]_.

    Parameters and errors are those of :func:`geud_gy`; `reference_gy` is above 0 Gy.
    """
    doses, shares = _parts(doses_gy, volumes_cc, n)
    _require_positive(reference_gy=reference_gy)
    return float(shares @ (doses / reference_gy) ** (1.0 / n))


def lkb_ntcp(uniform_gy: float, *, td50_gy: float, m: float) -> float:
    """Probability, 0 to 1, of a complication at a uniform equivalent dose [1]_ [3]_.

    Parameters
    ----------
    uniform_gy
        gEUD in Gy.
    td50_gy
        Dose to the whole organ with a probability of one half, in Gy; above 0.
    m
        Inverse steepness; above 0.

    Examples
    --------
    >>> lkb_ntcp(45.8, td50_gy=45.8, m=0.12)
    0.5
    """
    _require_positive(td50_gy=td50_gy, m=m)
    # The complementary function keeps its digits where the probability is tiny.
    return 0.5 * math.erfc((td50_gy - uniform_gy) / (m * td50_gy * math.sqrt(2.0)))


def lkb_ntcp_by_effective_volume(
    volume_share: float, *, reference_gy: float, td50_gy: float, m: float, n: float
) -> float:
    """The same from an effective volume, with TD50(v) = TD50 v^(-n) [2]_."""
    _require_positive(volume_share=volume_share, n=n)
    td50_of_part = td50_gy * volume_share**-n
    return lkb_ntcp(reference_gy, td50_gy=td50_of_part, m=m)


def m_from_gamma50(gamma50: float) -> float:
    """Parameter m of the curve whose normalized slope at TD50 is gamma50."""
    _require_positive(gamma50=gamma50)
    return 1.0 / (gamma50 * math.sqrt(2.0 * math.pi))


def probit_ntcp(dose_gy: float, *, td50_gy: float, gamma50: float) -> float:
    """Probability, 0 to 1, on a probit curve stated by its slope at TD50.

    Examples
    --------
    >>> round(probit_ntcp(15.0, td50_gy=40.8, gamma50=0.95), 4)
    0.0661
    """
    return lkb_ntcp(dose_gy, td50_gy=td50_gy, m=m_from_gamma50(gamma50))


def _parts(
    doses_gy: npt.ArrayLike, volumes_cc: npt.ArrayLike, n: float
) -> tuple[
    np.ndarray[tuple[int], np.dtype[np.float64]],
    np.ndarray[tuple[int], np.dtype[np.float64]],
]:
    """Doses and shares of the volume, checked."""
    _require_positive(n=n)
    doses = np.asarray(doses_gy, dtype=np.float64).ravel()
    volumes = np.asarray(volumes_cc, dtype=np.float64).ravel()
    if doses.shape != volumes.shape or not len(doses):
        msg = (
            f"{len(doses)} doses and {len(volumes)} volumes; as many of both are needed"
        )
        raise ValueError(msg)
    if not np.all(np.isfinite(doses)) or doses.min() < 0.0:
        msg = "doses_gy must be finite and 0 Gy or more"
        raise ValueError(msg)
    if not np.all(np.isfinite(volumes)) or volumes.min() < 0.0 or not volumes.sum() > 0:
        msg = "volumes_cc must be 0 or more, and not all 0"
        raise ValueError(msg)
    return doses, volumes / volumes.sum()


def _require_positive(**values: float) -> None:
    for name, value in values.items():
        if not 0.0 < value < math.inf:
            msg = f"{name} must be above 0, got {value}"
            raise ValueError(msg)

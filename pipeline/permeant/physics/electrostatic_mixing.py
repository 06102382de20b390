"""The part of mixing that unlike charges of one sign owe to electrostatics alone.

Pitzer (1975), J. Solution Chem. 4:249, doi:10.1007/BF00646562: E-theta and its derivative
follow from J(x) = x/4 - 1 + (1/x) int_0^inf [1 - exp(-(x/y) exp(-y))] y² dy.
"""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

import numpy as np

# y = exp(t): the integrand in t falls off on both sides faster than any power, where the
# plain trapezoidal sum converges exponentially
_STEP = 0.05
_Y = np.exp(np.arange(-14.0, 4.0, _STEP))


def mixing_integral(x: float) -> tuple[float, float]:
    """Return J(x) and its derivative.

    Parameters
    ----------
    x : float
        6 z_i z_j A_phi sqrt(I), larger than 0.

    Returns
    -------
    integral, slope : float
        J and dJ/dx.
    """
    exponent = x / _Y * np.exp(-_Y)
    area = _STEP * float((-np.expm1(-exponent) * _Y**3).sum())
    area_slope = _STEP * float((np.exp(-exponent - _Y) * _Y**2).sum())
    return x / 4 - 1 + area / x, 0.25 - area / x**2 + area_slope / x


@lru_cache(maxsize=256)
def mixing_term(
    valence_first: int, valence_second: int, strength: float, a_phi: float
) -> tuple[float, float]:
    """Return E-theta of two ions of one sign and its derivative with ionic strength.

    Parameters
    ----------
    valence_first, valence_second : int
        Charge numbers of the same sign.
    strength : float
        Ionic strength (mol/kg), larger than 0.
    a_phi : float
        Debye-Hückel slope for osmotic coefficients.

    Returns
    -------
    theta, slope : float
        E-theta (kg/mol) and dE-theta/dI; both 0 for equal charges.
    """
    if valence_first == valence_second:
        return 0.0, 0.0
    unit = 6 * a_phi * sqrt(strength)
    products = (valence_first * valence_second, valence_first**2, valence_second**2)
    cross, first, second = (mixing_integral(unit * product) for product in products)
    theta = products[0] / (4 * strength) * (cross[0] - first[0] / 2 - second[0] / 2)
    weighted = [unit * p * j[1] for p, j in zip(products, (cross, first, second), strict=True)]
    bent = products[0] / (8 * strength**2) * (weighted[0] - weighted[1] / 2 - weighted[2] / 2)
    return theta, bent - theta / strength

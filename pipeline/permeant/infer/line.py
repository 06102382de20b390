"""The straight line through all points, fitted with lmfit."""

from __future__ import annotations

from dataclasses import replace

import lmfit
import numpy as np

from permeant.infer.points import Array
from permeant.infer.polynomial import Polynomial, solve_polynomial


def fit_line(v_mv: Array, i_pa: Array, sigma_pa: Array) -> Polynomial:
    """Fit a straight line with stated errors.

    Parameters
    ----------
    v_mv, i_pa, sigma_pa : array, shape (n,)
        Voltages in mV, currents and their standard errors in pA.

    Returns
    -------
    Polynomial
        Of degree 1 about the weighted mean voltage, with the covariance that the errors imply
        (not rescaled by the scatter: ``scale_covar=False``).

    Notes
    -----
    The line is fitted as ``a x + b``: ``g (x - e)`` does not converge on flat data.  The
    covariance is that of the linear equations: lmfit takes its own from differences in steps
    relative to the values, wrong by any factor where a coefficient is zero.
    """
    solved = solve_polynomial(v_mv, i_pa, sigma_pa, 1)
    x = v_mv - solved.centre_mv
    reach_mv = max(float(np.abs(x).max()), 1e-9)
    size_pa = max(float(np.abs(i_pa).max()), 1e-9)
    parameters = lmfit.Parameters()
    parameters.add("level", value=0.0)
    parameters.add("rise", value=1.0)

    def misses(given: lmfit.Parameters) -> Array:
        line_pa = size_pa * (given["level"].value + given["rise"].value * x / reach_mv)
        # lmfit squares what it is given: divided by sigma once, not weighted by it twice
        return np.asarray((line_pa - i_pa) / sigma_pa)

    result = lmfit.minimize(misses, parameters, method="leastsq", scale_covar=False)
    level, rise = (result.params[name].value for name in ("level", "rise"))
    coefficients = size_pa * np.array([level, rise / reach_mv])
    return replace(solved, coefficients=coefficients, chi_square=float(result.chisqr))

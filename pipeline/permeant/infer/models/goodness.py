"""Whether a model describes points, and which of several does so with least."""

from __future__ import annotations

from math import comb

import numpy as np
from scipy import special

from permeant.infer.points import SAME_LEVEL_MV, Array, Points

_ROUNDING = 1e-3
"""Residuals that are a smaller part of their errors have no sign worth counting."""


def fit_p(data: Points, chi_square: float, n_parameters: int) -> float | None:
    """Return the chance of a fit at least as bad if the model held; None without freedom.

    Parameters
    ----------
    data : Points
        The points, whose errors are either stated (``dof`` infinite) or hold the scatter
        around a smooth polynomial that leaves ``dof`` degrees of freedom.
    chi_square : float
        What the model leaves, by those errors.
    n_parameters : int
        Parameters of the model.

    Notes
    -----
    With stated errors the tail of chi-square.  With errors from the scatter, chi-square of the
    polynomial is its freedom by construction, and what the model leaves beyond that is held
    against it: the F test of lack of fit.  A model with no fewer parameters than the polynomial
    is held against the scatter as a whole.
    """
    freedom = data.v_mv.size - n_parameters
    if freedom < 1:
        return None
    if not np.isfinite(data.dof):
        return float(special.chdtrc(freedom, chi_square))
    fewer = freedom - int(data.dof)
    if fewer < 1:
        return float(special.fdtrc(freedom, data.dof, chi_square / freedom))
    return float(special.fdtrc(fewer, data.dof, max(chi_square - data.dof, 0.0) / fewer))


def scatter_pa(residual_pa: Array, stated_pa: Array, freedom: int) -> float:
    """Return the scatter that makes chi-square of residuals equal its freedom.

    0 where the stated errors suffice; for fixed residuals (Paule & Mandel 1982,
    doi:10.6028/jres.087.022).
    """
    extra = 0.0
    for _ in range(50):
        shares = residual_pa**2 / (stated_pa**2 + extra)
        chi_square = float(shares.sum())
        if chi_square <= freedom * (1.0 + 1e-9):
            break
        steepness = float((shares / (stated_pa**2 + extra)).sum()) / chi_square
        extra += (chi_square / freedom - 1.0) / steepness
    return float(np.sqrt(extra))


def aicc(chi_square: float, n_points: int, n_parameters: int) -> float | None:
    """Return Akaike's criterion for known errors with the correction for few points.

    ``chi² + 2 k + 2 k (k + 1) / (n - k - 1)`` (Hurvich & Tsai 1989,
    doi:10.1093/biomet/76.2.297); None where ``n`` is below ``k + 2``.
    """
    room = n_points - n_parameters - 1
    if room < 1:
        return None
    return chi_square + 2.0 * n_parameters + 2.0 * n_parameters * (n_parameters + 1) / room


def runs_p(data: Points, residual_pa: Array) -> float | None:
    """Return the chance of as few runs of one sign among the residuals, level by level.

    The exact distribution given how many levels lie above and below the curve (Wald &
    Wolfowitz 1940, doi:10.1214/aoms/1177731909); None where all lie on one side, or so close
    that their signs are those of rounding.
    """
    if float(np.abs(residual_pa / data.sigma_pa).max()) < _ROUNDING:
        return None
    above = np.array([mean > 0.0 for mean in _by_level(data, residual_pa)])
    n, m = int(above.sum()), int((~above).sum())
    if not n or not m:
        return None
    seen = 1 + int(np.count_nonzero(above[1:] != above[:-1]))
    ways = 0
    for runs in range(2, seen + 1):
        half = runs // 2
        if runs % 2 == 0:
            ways += 2 * comb(n - 1, half - 1) * comb(m - 1, half - 1)
        else:
            ways += comb(n - 1, half) * comb(m - 1, half - 1)
            ways += comb(n - 1, half - 1) * comb(m - 1, half)
    return min(1.0, ways / comb(n + m, n))


def _by_level(data: Points, residual_pa: Array) -> list[float]:
    """Return the weighted mean residual of each voltage."""
    starts, lowest = [], -np.inf
    for k, v_mv in enumerate(data.v_mv.tolist()):
        if v_mv - lowest > SAME_LEVEL_MV:
            starts.append(k)
            lowest = v_mv
    weights = 1.0 / data.sigma_pa**2
    sums = np.add.reduceat(weights * residual_pa, starts)
    means: list[float] = (sums / np.add.reduceat(weights, starts)).tolist()
    return means

"""How far every point lies off the fitted curves, for the picture under the curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

from permeant.records import Curve, IVFit, IVPoint, PointResidual

_RICHEST_DEGREE = 5
"""At least the degree of any curve that is drawn: through 41 points of it, it is exact."""


def with_residuals(fit: IVFit, points: Sequence[IVPoint]) -> IVFit:
    """Add to a fit the residual of every point that was used.

    Parameters
    ----------
    fit : IVFit
        The fit, rejected or not.
    points : sequence of IVPoint
        The points that it saw, in mV and pA.

    Returns
    -------
    IVFit
        With ``residuals`` in the order of the points: current minus curve, in pA; none where
        there is no line.
    """
    used = [point for point in points if point.used]
    if fit.curve is None or not used:
        return fit
    v_mv = np.array([point.v_membrane_mv for point in used])
    i_pa = np.array([point.i_pa for point in used])
    line_pa = i_pa - _follow(fit.curve, v_mv)
    near_pa: list[float | None] = [None] * len(used)
    if fit.reversal_curve is not None:
        left_pa = i_pa - _follow(fit.reversal_curve, v_mv)
        low, high = fit.reversal_curve.v_mv[0], fit.reversal_curve.v_mv[-1]
        room = 1e-5 * max(abs(low), abs(high))  # the curve's ends are rounded
        near_pa = [
            float(left) if low - room <= v <= high + room else None
            for v, left in zip(v_mv.tolist(), left_pa, strict=True)
        ]
    residuals = tuple(
        PointResidual(point.sweep, point.v_membrane_mv, point.i_sem_pa, float(off), near)
        for point, off, near in zip(used, line_pa, near_pa, strict=True)
    )
    return replace(fit, residuals=residuals)


def _follow(curve: Curve, v_mv: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a drawn polynomial at other voltages."""
    if curve.v_mv[-1] <= curve.v_mv[0]:
        return np.full(v_mv.shape, curve.i_pa[0])
    drawn = Polynomial.fit(np.array(curve.v_mv), np.array(curve.i_pa), _RICHEST_DEGREE)
    return np.asarray(drawn(v_mv), dtype=np.float64)

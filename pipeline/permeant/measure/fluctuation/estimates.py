"""From a fitted parabola to unitary current, number of channels and open probability."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np

from permeant.measure.fluctuation.parabola import Parabola
from permeant.records import RatioStatus

_CORRECTION_SD = 0.5
"""What was put back for the filter is known to half of it: the flicker may be of several kinds."""

_LEAST_P = 0.4
"""Below it a bend that looks sure is so by chance too often: of 200 runs at 0.1, in 10."""

_WIDEST = 2.0
"""An interval of the current that is wider than this factor to either side tells too little."""


@dataclass(frozen=True)
class Estimates:
    """Values with 95 % intervals; ``status`` and ``reason`` as in ``Noise``."""

    status: RatioStatus
    reason: str = ""
    i_unitary_pa: float | None = None
    i_low_pa: float | None = None
    i_high_pa: float | None = None
    n_channels: float | None = None
    n_low: float | None = None
    n_high: float | None = None
    p_max: float | None = None
    p_max_low: float | None = None
    p_max_high: float | None = None


def student(dof: float) -> float:
    """Return the two-sided 95 % quantile of Student's t."""
    from scipy import special  # noqa: PLC0415 - most jobs measure no noise, and it loads slowly

    return float(special.stdtrit(dof, 0.975))


def estimate(found: Parabola, i_max_pa: float, kept: float) -> Estimates:
    """Return what a parabola says, or why it says nothing.

    Parameters
    ----------
    found : Parabola
        Of the variance as recorded.
    i_max_pa : float
        Largest mean current of the window over its zero, with its sign.
    kept : float
        Part of the channels' variance that the filter left.

    Returns
    -------
    Estimates
        Intervals of the current and of N are even in the logarithm, as errors of a variance are.
        Of N the value is exp(-s²/2b²)/b for a curvature b with standard error s: of a b that
        scatters, 1/b is too large on average.
    """
    t = student(found.dof)
    slope_se, curve_se = (sqrt(max(v, 0.0)) for v in np.diag(found.covariance))
    if refused := _refuse(found, i_max_pa, slope_se, curve_se):
        return Estimates("rejected", refused)
    full = found.scaled(1.0 / kept)
    i_pa, b = full.slope_pa, full.curvature
    of_filter = _CORRECTION_SD * (1.0 - kept) / kept
    part = sqrt((slope_se / found.slope_pa) ** 2 + of_filter**2)
    if t * part > log(_WIDEST):
        return Estimates(
            "rejected",
            f"the unitary current is not known to a factor of {_WIDEST:g}; more sweeps tell it",
        )
    low_pa, high_pa = sorted((i_pa * exp(-t * part), i_pa * exp(t * part)))
    b_se = sqrt(full.covariance[1, 1] + (of_filter * b) ** 2)
    top = abs(i_max_pa)
    p_part = _part_of_ratio(found, t)
    if b - t * b_se <= 0.0 or p_part is None or b * top < _LEAST_P * abs(i_pa):
        # a parabola that bends the wrong way by chance allows no fewer channels than a line
        sharpest = max(b, 0.0) + t * b_se
        at_most = sharpest * top / min(abs(low_pa), abs(high_pa))
        return Estimates(
            "bound",
            "the variance does not bend enough to tell the number of channels: too few of them "
            "are open at once, or too few sweeps",
            i_unitary_pa=i_pa,
            i_low_pa=low_pa,
            i_high_pa=high_pa,
            n_low=1.0 / sharpest,
            p_max_high=min(1.0, at_most),
        )
    p_max = b * top / abs(i_pa)
    if p_max * exp(-p_part) > 1.0:
        return Estimates(
            "rejected",
            f"the parabola ends before the largest current (an open probability of {p_max:.2f}): "
            "the zero of the current is wrong, or the channels are not equal",
        )
    return Estimates(
        "ok",
        i_unitary_pa=i_pa,
        i_low_pa=low_pa,
        i_high_pa=high_pa,
        n_channels=exp(-0.5 * (b_se / b) ** 2) / b,
        n_low=exp(-t * b_se / b) / b,
        n_high=exp(t * b_se / b) / b,
        p_max=min(p_max, 1.0),
        p_max_low=p_max * exp(-p_part),
        p_max_high=min(1.0, p_max * exp(p_part)),
    )


def _part_of_ratio(found: Parabola, t: float) -> float | None:
    """Return half the interval of ln(curvature/slope); None where it cannot be told."""
    if found.curvature <= 0.0:
        return None
    way = np.array([-1.0 / found.slope_pa, 1.0 / found.curvature])
    half = t * sqrt(max(float(way @ found.covariance @ way), 0.0))
    return half if half < 1.5 else None


def _refuse(found: Parabola, i_max_pa: float, slope_se: float, curve_se: float) -> str:
    if found.slope_pa * i_max_pa <= 0.0 or abs(found.slope_pa) < 3.0 * slope_se:
        return (
            "the variance does not grow clearly with the mean current: what fluctuates is not "
            "this current, or there are too few sweeps"
        )
    if found.curvature < -3.0 * curve_se and found.curvature < 0.0:
        return (
            "the variance bends upwards: not the noise of one kind of independent channels, or "
            "the sweeps differ by more than chance"
        )
    return ""

"""The variance of a steady current: i (1 - p), so a limit of i where p is not stated.

Variance over mean of equal independent channels is i (1 - p) at any one open probability p
(Anderson & Stevens 1973, J. Physiol. 235:655, doi:10.1113/jphysiol.1973.sp010410).  The variance is
that between neighbouring sweeps, so that slow channels are not cut off by the window's length.
"""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np

from permeant.measure.fluctuation.estimates import Estimates, student
from permeant.measure.fluctuation.pairs import Ensemble, covariance_of_mean
from permeant.measure.fluctuation.parabola import PAIRS_PER_DOF

_STEADY = 0.25
_WIDEST = 2.0
_CORRECTION_SD = 0.5


def is_steady(ensemble: Ensemble) -> bool:
    """Tell whether the mean moves so little that no parabola can be drawn."""
    size = np.abs(ensemble.i_pa)
    return bool(np.ptp(ensemble.i_pa) < _STEADY * size.max())


def estimate_steady(
    ensemble: Ensemble, kept: float, leak_pa: float, open_probability: float | None
) -> Estimates:
    """Return what variance over mean tells, with the open probability stated or not.

    Parameters
    ----------
    ensemble : Ensemble
        Bins of the window.
    kept : float
        Part of the channels' variance that the filter left.
    leak_pa : float
        Standard error of the zero of the current (pA).
    open_probability : float or None
        Stated, and taken as exact; ``None``: only the least size of i is told.
    """
    share = ensemble.n_samples / ensemble.n_samples.sum()
    each = ensemble.by_pair @ share
    mean_pa = float(ensemble.i_pa @ share)
    excess = float(each.mean())
    se = sqrt(max(float(covariance_of_mean(each[:, None])[0, 0]), 0.0))
    if excess < 3.0 * se or abs(leak_pa) > 0.3 * abs(mean_pa):
        return Estimates(
            "rejected",
            "the variance of the steady current is not clearly above the background, or its zero "
            "is in doubt by a leak",
        )
    of_filter = _CORRECTION_SD * (1.0 - kept) / kept
    part = sqrt((se / excess) ** 2 + of_filter**2 + (leak_pa / mean_pa) ** 2)
    reach = student(max(each.size / PAIRS_PER_DOF, 2.0)) * part
    ratio_pa = excess / kept / mean_pa
    if open_probability is None:
        least_pa = ratio_pa * exp(-reach)
        return Estimates(
            "bound",
            "the current stands still in the window: its variance over its mean is i (1 − p), so "
            "i is at least this; state the open probability (measures: noise_open_probability), "
            "or take a window with the rise or the decay",
            i_low_pa=least_pa if mean_pa > 0 else None,
            i_high_pa=least_pa if mean_pa < 0 else None,
        )
    if reach > log(_WIDEST):
        return Estimates("rejected", "the unitary current is not known to a factor of 2")
    i_pa = ratio_pa / (1.0 - open_probability)
    low_pa, high_pa = sorted((i_pa * exp(-reach), i_pa * exp(reach)))
    many = mean_pa / (i_pa * open_probability)
    return Estimates(
        "ok",
        i_unitary_pa=i_pa,
        i_low_pa=low_pa,
        i_high_pa=high_pa,
        n_channels=many,
        n_low=many * exp(-reach),
        n_high=many * exp(reach),
    )

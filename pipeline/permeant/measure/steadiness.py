"""Whether a current stands still: by itself, and beside those of the other steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from permeant.measure.noise import WindowMean

_SURE = 2.5
"""Drifts beyond so many standard errors are taken for real."""
_SURE_TOGETHER = 3.0
"""The same for a drift that all currents share."""


def drift_scatter(drifts: Sequence[float]) -> float:
    """Return how much the drifts of neighbouring voltages differ, as a standard deviation.

    From the median second difference of drifts in the order of their voltages.  A relaxation
    varies smoothly with voltage and hardly counts; slow noise, of which the samples of one
    window know too little, differs from sweep to sweep and does.  0 for fewer than 6 drifts.
    """
    if len(drifts) < 6:
        return 0.0
    bends = np.abs(np.diff(np.asarray(drifts), n=2))
    return float(np.median(bends) / (0.6745 * np.sqrt(6.0)))


def size_that_counts(window: WindowMean, range_pa: float) -> float:
    """Return the current that a change is held against: not below a fifth of the range."""
    return min(max(abs(window.mean_pa), 0.2 * range_pa), range_pa)


def is_steady(
    window: WindowMean,
    length_ms: float,
    range_pa: float,
    drift_limit_fraction: float,
    scatter_pa_per_ms: float = 0.0,
) -> bool:
    """Whether the change over a length of time is within its error, or too small to matter.

    Too small to matter is ``drift_limit_fraction`` of the current, but no less than of a fifth
    of the currents' range and no more than of the range, which is what the slope rests on.
    The error is that of the window, or the scatter of the drifts of all windows where that is
    larger.
    """
    change_pa = abs(window.drift_pa_per_ms) * length_ms
    error_pa = _SURE * max(window.drift_se_pa_per_ms, scatter_pa_per_ms) * length_ms
    matters_pa = drift_limit_fraction * size_that_counts(window, range_pa)
    return change_pa <= max(error_pa, matters_pa)


def shared_relaxation(windows: Sequence[WindowMean], scatter_pa_per_ms: float) -> float:
    """Return the relative drift that all currents have in common, per ms; 0 if not clear.

    Currents that still rise or fall in proportion to their size do so together, which shows
    where each of them alone is too noisy to tell.
    """
    i_pa = np.array([window.mean_pa for window in windows])
    drift = np.array([window.drift_pa_per_ms for window in windows])
    error = np.array([max(window.drift_se_pa_per_ms, scatter_pa_per_ms) for window in windows])
    if not np.all(np.isfinite(error)) or not np.all(error > 0):
        return 0.0
    weight = i_pa / error**2
    precision = float(weight @ i_pa)
    if precision <= 0:
        return 0.0
    share = float(weight @ drift) / precision
    return share if abs(share) * precision**0.5 > _SURE_TOGETHER else 0.0


def drift_of_level(windows: Sequence[WindowMean]) -> float:
    """Return the drift that repeats of one level have in common, in pA/ms; 0 if not clear.

    A mean over sweeps whose error comes from the sweeps; 0 for fewer than 4.
    """
    if len(windows) < 4:
        return 0.0
    drifts = np.array([window.drift_pa_per_ms for window in windows])
    error = float(drifts.std(ddof=1)) / drifts.size**0.5
    mean = float(drifts.mean())
    return mean if abs(mean) > _SURE * error else 0.0

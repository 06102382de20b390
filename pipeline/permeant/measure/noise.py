"""The mean of correlated samples and what it is worth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_MAX_BLOCKS = 512
_MIN_BLOCKS = 8


class WindowMean(NamedTuple):
    """Mean of a window, its standard error, and the straight line through the window."""

    mean_pa: float
    sem_pa: float
    n_effective: float
    drift_pa_per_ms: float
    drift_se_pa_per_ms: float
    sd_pa: float


def block_means(
    samples: NDArray[np.floating], max_blocks: int = _MAX_BLOCKS
) -> NDArray[np.float64]:
    """Average neighbouring samples until at most ``max_blocks`` numbers are left.

    The variance of the overall mean is a property of the slow part of the noise, which
    block means keep, so everything below works on a few hundred numbers instead of on
    every sample.  A remainder that fills no block is left out at the start.
    """
    size = max(1, -(-samples.size // max_blocks))
    n_blocks = samples.size // size
    kept = samples[samples.size - n_blocks * size :]
    means: NDArray[np.float64] = kept.reshape(n_blocks, size).mean(axis=1, dtype=np.float64)
    return means


def integrated_autocorrelation(residuals: NDArray[np.float64]) -> float:
    """Return how many neighbouring values carry the information of one.

    Parameters
    ----------
    residuals : array, shape (n,)
        Values without their mean or trend.

    Returns
    -------
    float
        ``1 + 2 sum rho_k``, at least 1, summed while the sums of neighbouring pairs of
        autocorrelations stay positive (the initial positive sequence of Geyer 1992,
        doi:10.1214/ss/1177011137), which stops before the noise of the estimate adds up.
    """
    n = residuals.size
    spectrum = np.fft.rfft(residuals, 2 * n)
    covariance = np.fft.irfft(spectrum * np.conj(spectrum))[: n // 2]
    if covariance[0] <= 0:
        return 1.0
    rho = covariance / covariance[0]
    n_pairs = rho.size // 2
    pairs = rho[: 2 * n_pairs].reshape(n_pairs, 2).sum(axis=1)
    positive = np.flatnonzero(pairs <= 0)
    last = int(positive[0]) if positive.size else n_pairs
    return max(1.0, float(2.0 * pairs[:last].sum() - 1.0))


def mean_with_error(samples: NDArray[np.floating], interval_ms: float) -> WindowMean:
    """Mean of a window with a standard error that allows for correlated noise.

    Parameters
    ----------
    samples : array, shape (n,)
        Current in pA.
    interval_ms : float
        Sampling interval in ms.

    Returns
    -------
    WindowMean
        Mean and standard error in pA, the number of independent samples that the error
        amounts to, and the drift over the window in pA/ms with its standard error.

    Notes
    -----
    The standard error is ``s sqrt(tau / n)`` with the integrated autocorrelation ``tau``
    of the values around the straight line through the window.  Taking the line out keeps
    a slow drift, which is reported on its own, from posing as noise.
    """
    blocks = block_means(samples)
    n = blocks.size
    step_ms = interval_ms * (samples.size // n)
    mean = float(blocks.mean())
    if n < _MIN_BLOCKS:
        spread = float(blocks.std(ddof=1)) if n > 1 else 0.0
        return WindowMean(mean, spread / max(n, 1) ** 0.5, float(n), 0.0, np.inf, spread)
    time_ms = (np.arange(n) - (n - 1) / 2) * step_ms
    time_power = float(time_ms @ time_ms)
    drift = float(time_ms @ blocks) / time_power
    residuals = blocks - mean - drift * time_ms
    variance = float(residuals @ residuals) / (n - 2)
    tau = integrated_autocorrelation(residuals)
    sem = (variance * tau / n) ** 0.5
    drift_se = (variance * tau / time_power) ** 0.5
    sd = float(samples.std(dtype=np.float64))
    n_effective = min(float(samples.size), (sd / sem) ** 2) if sem > 0 else float(samples.size)
    return WindowMean(mean, sem, n_effective, drift, drift_se, sd)

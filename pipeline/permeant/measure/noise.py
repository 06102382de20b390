"""The mean of correlated samples and what it is worth."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_MAX_BLOCKS = 512
_MIN_BLOCKS = 8
_HARMONICS = 3
_CYCLES = 2.0
"""Shorter windows cannot tell hum from slow noise."""

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


class WindowMean(NamedTuple):
    """Mean of a window, its standard error, and the straight line through the window."""

    mean_pa: float
    sem_pa: float
    n_effective: float
    drift_pa_per_ms: float
    drift_se_pa_per_ms: float
    sd_pa: float


def _block_size(n_samples: int, interval_ms: float, mains_hz: float) -> int:
    """Return how many samples to average: far less than a cycle of the mains, or whole ones."""
    size = max(1, -(-n_samples // _MAX_BLOCKS))
    cycle = 1e3 / mains_hz / interval_ms if mains_hz else 0.0
    if cycle and size > cycle / 8 and n_samples >= _MIN_BLOCKS * 2 * cycle:
        return round(cycle * max(1, round(size / cycle)))
    return size


def _block_means(
    samples: NDArray[np.floating], keep: Mask | None, size: int
) -> tuple[Floats, Mask | None]:
    """Average neighbouring samples; a block counts where half of it is kept.

    The variance of the overall mean is a property of the slow part of the noise, which
    block means keep, so everything works on a few hundred numbers instead of on every
    sample.  A remainder that fills no block is left out at the start.
    """
    n_blocks = samples.size // size
    first = samples.size - n_blocks * size
    kept = samples[first:].reshape(n_blocks, size)
    if keep is None or bool(keep[first:].all()):
        return kept.mean(axis=1, dtype=np.float64), None
    mask = keep[first:].reshape(n_blocks, size)
    count = mask.sum(axis=1)
    means = np.where(mask, kept, 0.0).sum(axis=1, dtype=np.float64) / np.maximum(count, 1)
    counts = 2 * count >= size
    return (means, counts) if np.count_nonzero(counts) >= _MIN_BLOCKS else (means, count > 0)


@lru_cache(maxsize=256)
def _design(n: int, step_ms: float, mains_hz: float, least_cycles: float) -> Floats:
    """Return the columns of a line and of hum with its harmonics, where they can be told."""
    time_ms = (np.arange(n) - (n - 1) / 2) * step_ms
    columns = [np.ones(n), time_ms]
    if mains_hz and n * step_ms >= 0.98 * least_cycles * 1e3 / mains_hz and n >= 32:
        for harmonic in range(1, _HARMONICS + 1):
            turns = harmonic * mains_hz * 1e-3 * time_ms
            if harmonic * mains_hz * 1e-3 * step_ms < 0.4:
                columns += [np.cos(2 * np.pi * turns), np.sin(2 * np.pi * turns)]
    return np.stack(columns, axis=1)


@lru_cache(maxsize=256)
def _solver(n: int, step_ms: float, mains_hz: float, least_cycles: float) -> tuple[Floats, Floats]:
    design = _design(n, step_ms, mains_hz, least_cycles)
    inverse = np.asarray(np.linalg.inv(design.T @ design), dtype=np.float64)
    return inverse @ design.T, inverse


def integrated_autocorrelation(residuals: Floats) -> float:
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


def mean_with_error(
    samples: NDArray[np.floating],
    interval_ms: float,
    *,
    mains_hz: float = 0.0,
    keep: Mask | None = None,
    least_cycles: float = _CYCLES,
) -> WindowMean:
    """Mean of a window with a standard error that allows for correlated noise.

    Parameters
    ----------
    samples : array, shape (n,)
        Current in pA.
    interval_ms : float
        Sampling interval in ms.
    mains_hz : float, optional
        Mains frequency; hum at it and its second and third harmonic is taken out.
    keep : array of bool, shape (n,), optional
        The samples that count; default: all.
    least_cycles : float, optional
        Cycles of the mains that a window has to hold for hum to be told from slow noise.

    Returns
    -------
    WindowMean
        Mean and standard error in pA, the number of independent samples that the error
        amounts to, and the drift over the window in pA/ms with its standard error.

    Notes
    -----
    The standard error is ``s sqrt(tau / n)`` with the integrated autocorrelation ``tau``
    of the values around a straight line and the hum, fitted together.  Taking the line out
    keeps a slow drift, which is reported on its own, from posing as noise; hum, which comes
    back in every cycle, would pose as noise that never averages out.
    """
    size = _block_size(samples.size, interval_ms, mains_hz)
    blocks, counts = _block_means(samples, keep, size)
    seen = blocks if counts is None else blocks[counts]
    if seen.size < _MIN_BLOCKS:
        mean = float(seen.mean()) if seen.size else float(samples.mean(dtype=np.float64))
        spread = float(seen.std(ddof=1)) if seen.size > 1 else 0.0
        n_seen = max(seen.size, 1)
        return WindowMean(mean, spread / n_seen**0.5, float(n_seen), 0.0, np.inf, spread)
    layout = (blocks.size, interval_ms * size, float(mains_hz), least_cycles)
    design = _design(*layout)
    if counts is None:
        solve, inverse = _solver(*layout)
    else:
        inverse = np.asarray(np.linalg.pinv(design[counts].T @ design[counts]), dtype=np.float64)
        solve = inverse @ design[counts].T
    middle = float(seen.mean())
    known = solve @ (seen - middle)
    residuals = blocks - middle - design @ known
    if counts is not None:
        residuals = np.where(counts, residuals, 0.0)
    variance = float(residuals @ residuals) / max(seen.size - known.size, 1)
    worth = variance * integrated_autocorrelation(residuals)
    sem, drift_se = (worth * float(inverse[0, 0])) ** 0.5, (worth * float(inverse[1, 1])) ** 0.5
    hum = design[:, 2:] @ known[2:]
    counted = samples if keep is None else samples[keep]
    sd = float(counted.std(dtype=np.float64))
    noise = max(sd * sd - float(hum @ hum) / hum.size, 0.0)
    n_effective = min(float(counted.size), noise / sem**2) if sem > 0 else float(counted.size)
    return WindowMean(middle + float(known[0]), sem, n_effective, float(known[1]), drift_se, sd)

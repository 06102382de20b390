"""A Gaussian filter, what two filters in a row are, and which events pass them.

Colquhoun & Sigworth (1995), in Single-Channel Recording, chapter 19: a Bessel filter of four
poles or more is close to a Gaussian one of the same -3 dB frequency f; its step response is
(1 + erf(5.336 f t))/2, and a pulse of 0.179/f just reaches half of its height.
"""

from __future__ import annotations

from math import ceil, erf, log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEEPNESS = sqrt(2.0) * pi / sqrt(log(2.0))
"""Of the step response, per cycle of the -3 dB frequency: 5.336."""

RISE_10_90 = 0.3396
"""Time from 10 % to 90 % of a step, times the -3 dB frequency."""

_REACH_SD = 4.0


def gaussian_weights(cutoff_khz: float, interval_ms: float) -> Array:
    """Return a Gaussian low-pass as an odd number of weights with sum 1.

    Parameters
    ----------
    cutoff_khz : float
        -3 dB frequency.
    interval_ms : float
        Sampling interval.
    """
    sd = 1.0 / (STEEPNESS * sqrt(2.0) * cutoff_khz * interval_ms)
    reach = max(1, ceil(_REACH_SD * sd))
    at = np.arange(-reach, reach + 1)
    # the share of each sample, so that a narrow filter keeps its width
    edges = np.concatenate([at - 0.5, [reach + 0.5]]) / (sqrt(2.0) * sd)
    weights = np.diff([erf(edge) for edge in edges.tolist()])
    return np.asarray(weights / weights.sum())


def smooth(current_pa: NDArray[np.floating], weights: Array) -> Array:
    """Filter a trace without delay; at its ends it goes on as it ends.

    Parameters
    ----------
    current_pa : array (samples,)
        Current in pA.
    weights : array
        An odd number of them.
    """
    values = np.asarray(current_pa, dtype=np.float64)
    reach = weights.size // 2
    padded = np.pad(values, reach, mode="edge")
    if weights.size < 48:
        return np.convolve(padded, weights, "valid")
    return _by_fourier(padded, weights)


def _by_fourier(padded: Array, weights: Array) -> Array:
    size = 1 << (padded.size + weights.size - 2).bit_length()
    spectrum = np.fft.rfft(padded, size) * np.fft.rfft(weights, size)
    return np.asarray(np.fft.irfft(spectrum, size)[weights.size - 1 : padded.size])


def in_series_khz(*cutoffs_khz: float | None) -> float | None:
    """Return the -3 dB frequency of Gaussian filters in a row; None where there is none."""
    known = [cutoff for cutoff in cutoffs_khz if cutoff]
    return 1.0 / sqrt(sum(cutoff**-2 for cutoff in known)) if known else None


def seen_width_ms(width_ms: Array, cutoff_khz: float, up: float, down: float) -> Array:
    """Return how long a pulse stays over a threshold behind a Gaussian filter.

    Parameters
    ----------
    width_ms : array
        True lengths.
    cutoff_khz : float
        -3 dB frequency.
    up, down : float
        Thresholds, as parts of the pulse's height, that begin and end the event.

    Returns
    -------
    array
        Lengths in ms; 0 where the pulse does not reach ``up``.
    """
    slope = STEEPNESS * cutoff_khz
    top = np.array([erf(slope * w / 2) for w in width_ms.tolist()])
    seen = np.zeros_like(width_ms)
    for k, (width, height) in enumerate(zip(width_ms.tolist(), top.tolist(), strict=True)):
        if height > up:
            seen[k] = _crossing(width, slope, up) + _crossing(width, slope, down)
    return seen


def _crossing(width_ms: float, slope: float, threshold: float) -> float:
    """Return how far from the middle of a pulse its response falls to a threshold."""
    low, high = 0.0, width_ms + 3.0 / slope
    for _ in range(50):
        middle = 0.5 * (low + high)
        response = 0.5 * (
            erf(slope * (middle + width_ms / 2)) - erf(slope * (middle - width_ms / 2))
        )
        low, high = (middle, high) if response > threshold else (low, middle)
    return 0.5 * (low + high)


def true_width_ms(seen_ms: Array, cutoff_khz: float | None, up: float, down: float) -> Array:
    """Return the true length of events from the length at which they are seen."""
    if cutoff_khz is None:
        return np.asarray(seen_ms, dtype=np.float64)
    grid = np.linspace(0.1, 1.5, 281) / cutoff_khz
    seen = seen_width_ms(grid, cutoff_khz, up, down)
    there = seen > 0
    first = float(grid[there][0])
    true = np.interp(seen_ms, seen[there], grid[there], left=first)
    late = seen_ms > seen[-1]
    return np.where(late, seen_ms + (grid[-1] - seen[-1]), true)

"""The mean of correlated samples and what it is worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_MAX_BLOCKS = 512
_MIN_BLOCKS = 8
_PORTION = 2**17
"""Samples that are worked on at a time: many more no longer fit into a cache."""
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


class _Raster(NamedTuple):
    """How a window of some length is cut into blocks.

    The variance of the overall mean is a property of the slow part of the noise, which
    block means keep, so everything works on a few hundred numbers instead of on every
    sample.  A remainder that fills no block is left out at the start.
    """

    n_blocks: int
    size: int
    layout: tuple[int, float, float, float]

    @classmethod
    def of(
        cls, n_samples: int, interval_ms: float, mains_hz: float, least_cycles: float
    ) -> _Raster:
        size = _block_size(n_samples, interval_ms, mains_hz)
        n_blocks = n_samples // size
        return cls(n_blocks, size, (n_blocks, interval_ms * size, float(mains_hz), least_cycles))


def _block_means(samples: NDArray[np.floating], size: int) -> Floats:
    """Average neighbouring samples of windows (k, n); shape (k, n // size)."""
    k, n = samples.shape
    return np.asarray(samples.reshape(k, n // size, size).mean(axis=2, dtype=np.float64))


def _kept_block_means(samples: NDArray[np.floating], keep: Mask, size: int) -> tuple[Floats, Mask]:
    """Average neighbouring samples; a block counts where half of it is kept."""
    kept, mask = samples.reshape(-1, size), keep.reshape(-1, size)
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
    return float(integrated_autocorrelations(residuals[None, :])[0])


def integrated_autocorrelations(residuals: Floats) -> Floats:
    """Return ``integrated_autocorrelation`` of each row of residuals (k, n), shape (k,)."""
    n = residuals.shape[1]
    spectrum = np.fft.rfft(residuals, 2 * n)
    covariance = np.fft.irfft(spectrum * np.conj(spectrum))[:, : n // 2]
    n_pairs = covariance.shape[1] // 2
    sums = covariance[:, 0 : 2 * n_pairs : 2] + covariance[:, 1 : 2 * n_pairs : 2]
    taus = np.ones(residuals.shape[0])
    for k, (power, some) in enumerate(zip(covariance[:, 0].tolist(), sums, strict=True)):
        if power > 0:
            pairs = some / power
            positive = np.flatnonzero(pairs <= 0)
            last = int(positive[0]) if positive.size else n_pairs
            taus[k] = max(1.0, float(2.0 * pairs[:last].sum() - 1.0))
    return taus


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
    raster = _Raster.of(samples.size, interval_ms, mains_hz, least_cycles)
    if keep is None:
        return _whole_windows(samples[None, :], raster)[0]
    return _window_with_gaps(samples, keep, raster)


def means_with_errors(
    windows: Sequence[NDArray[np.floating]],
    interval_ms: float,
    *,
    mains_hz: float = 0.0,
    keeps: Sequence[Mask | None] | None = None,
    least_cycles: float = _CYCLES,
) -> list[WindowMean]:
    """Return ``mean_with_error`` of many windows: alike ones at once, which costs far less.

    Parameters
    ----------
    windows : sequence of array
        Currents in pA.
    keeps : sequence of array of bool or None, optional
        The samples that count, of each window.
    interval_ms, mains_hz, least_cycles
        As for one window.
    """
    found: dict[int, WindowMean] = {}
    alike: dict[int, list[int]] = {}
    for k, samples in enumerate(windows):
        keep = keeps[k] if keeps is not None else None
        if keep is None or bool(keep.all()):
            alike.setdefault(samples.size, []).append(k)
        else:
            raster = _Raster.of(samples.size, interval_ms, mains_hz, least_cycles)
            found[k] = _window_with_gaps(samples, keep, raster)
    for size, numbers in alike.items():
        raster = _Raster.of(size, interval_ms, mains_hz, least_cycles)
        for some in in_portions(numbers, size):
            rows = np.stack([windows[k] for k in some])
            found.update(zip(some, _whole_windows(rows, raster), strict=True))
    return [found[k] for k in range(len(windows))]


def block_means(windows: Sequence[NDArray[np.floating]], interval_ms: float) -> list[float]:
    """Return the means alone, as ``mean_with_error`` finds them without hum and gaps."""
    means = []
    for samples in windows:
        size = _block_size(samples.size, interval_ms, 0.0)
        first = samples.size % size
        means.append(float(_block_means(samples[None, first:], size).mean()))
    return means


def in_portions(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Split the numbers of stretches of some size so that each portion fits into a cache."""
    many = max(1, _PORTION // max(size, 1))
    for start in range(0, len(numbers), many):
        yield numbers[start : start + many]


def _whole_windows(samples: NDArray[np.floating], raster: _Raster) -> list[WindowMean]:
    """Return means and errors of windows (k, n) of which every sample counts."""
    n = samples.shape[1]
    blocks = _block_means(samples[:, n - raster.n_blocks * raster.size :], raster.size)
    if raster.n_blocks < _MIN_BLOCKS:
        return [_short_window(row, whole) for row, whole in zip(blocks, samples, strict=True)]
    design, (solve, inverse) = _design(*raster.layout), _solver(*raster.layout)
    middle = blocks.mean(axis=1)
    off = blocks - middle[:, None]
    known = off @ solve.T
    residuals = off - known @ design.T
    hum = known[:, 2:] @ design[:, 2:].T
    left = np.einsum("ij,ij->i", residuals, residuals)
    return [
        _window_mean(*parts, inverse, raster.n_blocks, n)
        for parts in zip(
            middle.tolist(),
            known,
            (left * integrated_autocorrelations(residuals)).tolist(),
            np.einsum("ij,ij->i", hum, hum).tolist(),
            samples.std(axis=1, dtype=np.float64).tolist(),
            strict=True,
        )
    ]


def _window_with_gaps(samples: NDArray[np.floating], keep: Mask, raster: _Raster) -> WindowMean:
    """Return mean and error of a window (n,) of which some samples count."""
    first = samples.size - raster.n_blocks * raster.size
    blocks, counts = _kept_block_means(samples[first:], keep[first:], raster.size)
    seen = blocks[counts]
    if seen.size < _MIN_BLOCKS:
        return _short_window(seen, samples)
    design = _design(*raster.layout)
    inverse = np.asarray(np.linalg.pinv(design[counts].T @ design[counts]), dtype=np.float64)
    middle = float(seen.mean())
    known = inverse @ design[counts].T @ (seen - middle)
    residuals = np.where(counts, blocks - middle - design @ known, 0.0)
    hum, counted = design[:, 2:] @ known[2:], samples[keep]
    return _window_mean(
        middle,
        known,
        float(residuals @ residuals) * integrated_autocorrelation(residuals),
        float(hum @ hum),
        float(counted.std(dtype=np.float64)),
        inverse,
        seen.size,
        counted.size,
        hum.size,
    )


def _window_mean(  # noqa: PLR0917 - the parts of one window
    middle: float,
    known: Floats,
    spread: float,
    hum: float,
    sd: float,
    inverse: Floats,
    n_seen: int,
    n_samples: int,
    n_blocks: int | None = None,
) -> WindowMean:
    """Put a window together from its parts; ``spread`` is the sum of squares times tau."""
    worth = spread / max(n_seen - known.size, 1)
    sem, drift_se = (worth * float(inverse[0, 0])) ** 0.5, (worth * float(inverse[1, 1])) ** 0.5
    noise = max(sd * sd - hum / (n_blocks or n_seen), 0.0)
    n_effective = min(float(n_samples), noise / sem**2) if sem > 0 else float(n_samples)
    return WindowMean(middle + float(known[0]), sem, n_effective, float(known[1]), drift_se, sd)


def _short_window(seen: Floats, samples: NDArray[np.floating]) -> WindowMean:
    """Return the mean of too few blocks for a line through them."""
    mean = float(seen.mean()) if seen.size else float(samples.mean(dtype=np.float64))
    spread = float(seen.std(ddof=1)) if seen.size > 1 else 0.0
    n_seen = max(seen.size, 1)
    return WindowMean(mean, spread / n_seen**0.5, float(n_seen), 0.0, np.inf, spread)

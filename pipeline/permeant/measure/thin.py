"""Traces small enough for a page, with every peak kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from permeant.records import Segment, Trace


def thin_indices(samples: NDArray[np.floating], max_points: int) -> NDArray[np.intp]:
    """Return the samples to draw: first, last, and the extremes of each small stretch."""
    n = samples.size
    if n <= max_points:
        return np.arange(n)
    size = -(-2 * n // max_points)
    n_bins = n // size
    kept = samples[: n_bins * size].reshape(n_bins, size)
    offsets = np.arange(n_bins) * size
    rest = np.arange(n_bins * size, n)
    ends = [0, n - 1]
    if rest.size:
        ends += [rest[samples[rest].argmin()], rest[samples[rest].argmax()]]
    chosen = np.concatenate([kept.argmin(axis=1) + offsets, kept.argmax(axis=1) + offsets, ends])
    return np.unique(chosen)


def thin_trace(
    sweep: int,
    current_pa: NDArray[np.floating],
    segments: tuple[Segment, ...],
    interval_ms: float,
    max_points: int,
) -> Trace:
    """Make the picture of one sweep: thinned current, and the command by its corners."""
    keep = thin_indices(current_pa, max_points)
    corners_ms: list[float] = []
    corners_mv: list[float] = []
    for segment in segments:
        corners_ms += [segment.start * interval_ms, segment.stop * interval_ms]
        corners_mv += [segment.start_mv, segment.stop_mv]
    return Trace(
        sweep=sweep + 1,
        time_ms=tuple(np.round(keep * interval_ms, 3).tolist()),
        current_pa=tuple(np.round(current_pa[keep].astype(np.float64), 2).tolist()),
        command_time_ms=tuple(round(t, 3) for t in corners_ms),
        command_mv=tuple(round(v, 2) for v in corners_mv),
    )

"""Traces small enough for a page, with every peak kept."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from permeant.measure.noise import in_portions
from permeant.records import Recording, Trace


def thin_indices(samples: NDArray[np.floating], max_points: int) -> NDArray[np.intp]:
    """Return the samples to draw: first, last, and the extremes of each small stretch."""
    return _thin_sweeps(samples[None, :], max_points)[0]


def _thin_sweeps(sweeps: NDArray[np.floating], max_points: int) -> list[NDArray[np.intp]]:
    """Return the samples to draw of each sweep (k, n)."""
    k, n = sweeps.shape
    if n <= max_points:
        return [np.arange(n)] * k
    size = -(-2 * n // max_points)
    n_bins = n // size
    kept = sweeps[:, : n_bins * size].reshape(k, n_bins, size)
    drawn = np.zeros((k, n), dtype=bool)
    drawn[:, [0, n - 1]] = True
    rows = np.arange(k)[:, None]
    for extremes in (kept.argmin(axis=2), kept.argmax(axis=2)):
        drawn[rows, extremes + np.arange(n_bins) * size] = True
    if n_bins * size < n:
        rest = sweeps[:, n_bins * size :]
        for extreme in (rest.argmin(axis=1), rest.argmax(axis=1)):
            drawn[rows[:, 0], extreme + n_bins * size] = True
    return [np.flatnonzero(row) for row in drawn]


def thin_sweeps(recording: Recording, max_points: int) -> Iterator[Trace]:
    """Make the picture of every sweep: thinned current, and the command by its corners."""
    info, current_pa = recording.info, recording.current_pa
    for some in in_portions(range(info.n_sweeps), info.n_samples):
        few = current_pa[some[0] : some[-1] + 1]
        for sweep, row, keep in zip(some, few, _thin_sweeps(few, max_points), strict=True):
            corners_ms: list[float] = []
            corners_mv: list[float] = []
            for segment in info.sweeps[sweep]:
                corners_ms += [segment.start * info.interval_ms, segment.stop * info.interval_ms]
                corners_mv += [segment.start_mv, segment.stop_mv]
            yield Trace(
                sweep=info.number_of(sweep),
                time_ms=tuple(np.round(keep * info.interval_ms, 3).tolist()),
                current_pa=tuple(np.round(row[keep].astype(np.float64), 2).tolist()),
                command_time_ms=tuple(round(t, 3) for t in corners_ms),
                command_mv=tuple(round(v, 2) for v in corners_mv),
            )

"""From a filtered trace to a sequence of levels: thresholds with hysteresis, a dead time.

Thresholds lie halfway between neighbouring levels (Colquhoun & Sigworth 1995).  A new level
begins beyond ``0.5 + HYSTERESIS`` of the way and holds until the trace comes back beyond
``0.5 - HYSTERESIS``, so that noise around one threshold makes no events.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

HYSTERESIS = 0.1


@dataclass(frozen=True)
class Events:
    """Sojourns one after the other: the level of each, and the sample at which it starts.

    ``stop`` is the sample after the last one.
    """

    level: Whole
    start: Whole
    stop: int

    @property
    def length(self) -> Whole:
        """Samples of every sojourn."""
        return np.diff(np.append(self.start, self.stop))


def follow_levels(trace_pa: Array, levels_pa: tuple[float, ...], before: int = -1) -> Whole:
    """Return the level (0 is shut) of every sample.

    Parameters
    ----------
    trace_pa : array (samples,)
        Filtered current in pA, baseline taken off.
    levels_pa : tuple of float
        Rising or falling, the shut level first.
    before : int
        The level before the first sample; -1: not known.

    Returns
    -------
    array of int
        Same length.
    """
    at = np.array(levels_pa)
    sign = 1.0 if at[-1] > at[0] else -1.0
    at = sign * at
    middle, reach = 0.5 * (at[1:] + at[:-1]), HYSTERESIS * np.diff(at)
    values = sign * trace_pa
    low = np.zeros(values.size, dtype=np.int8)
    high = np.zeros(values.size, dtype=np.int8)
    for threshold, half in zip(middle.tolist(), reach.tolist(), strict=True):
        low += values > threshold + half
        high += values > threshold - half
    if before < 0:
        before = int(np.abs(at - values[0]).argmin()) if values.size else 0
    return _carry(low, high, before)


def _carry(low: NDArray[np.int8], high: NDArray[np.int8], before: int) -> Whole:
    """Keep the level before wherever two are possible, run by run."""
    changes = np.flatnonzero((low[1:] != low[:-1]) | (high[1:] != high[:-1])) + 1
    starts = np.concatenate([[0], changes]).astype(np.int64)
    lows, highs = low[starts].tolist(), high[starts].tolist()
    chosen = []
    level = before
    for lowest, highest in zip(lows, highs, strict=True):
        level = lowest if level < lowest else min(level, highest)
        chosen.append(level)
    return np.repeat(
        np.array(chosen, dtype=np.int64), np.diff(np.append(starts, low.size)).astype(np.int64)
    )


def events_of(level: Whole) -> Events:
    """Return the sojourns in a sequence of levels, one a sample."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(level)) + 1]).astype(np.int64)
    return Events(level[starts], starts, int(level.size))


def impose_dead_time(events: Events, shortest: int) -> Events:
    """Give every sojourn shorter than ``shortest`` samples to the one before it."""
    kept = events.length >= shortest
    if not np.any(kept):
        return Events(events.level[:1], events.start[:1], events.stop)
    kept[: int(np.argmax(kept))] = False
    level, start = events.level[kept], events.start[kept]
    new = np.concatenate([[True], level[1:] != level[:-1]])
    start = start.copy()
    start[0] = events.start[0]
    return Events(level[new], start[new], events.stop)


def join(parts: list[Events]) -> Events:
    """Join what was found in blocks that follow each other."""
    offsets = np.concatenate([[0], np.cumsum([part.stop for part in parts])])
    level = np.concatenate([part.level for part in parts])
    start = np.concatenate(
        [part.start + offset for part, offset in zip(parts, offsets[:-1], strict=True)]
    )
    new = np.concatenate([[True], level[1:] != level[:-1]])
    return Events(level[new], start[new], int(offsets[-1]))

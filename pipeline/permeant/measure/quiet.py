"""Which samples of a stretch belong to no event, told quickly where nothing stands out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from permeant.measure.spikes import RobustWindow, robust_window

_PLAIN_SD = 4.6
_SMOOTH_SD = 3.8
"""Means over fixed milliseconds see less of an event than means that may start anywhere."""
_SMOOTH_MS = 1.0
_FEWEST = 64


class Kept(NamedTuple):
    """Which samples of a sweep from ``start`` on belong to no event."""

    start: int
    robust: RobustWindow

    def part(self, start: int, stop: int) -> NDArray[np.bool_]:
        """Return the mask of the samples ``start`` to ``stop`` of the sweep."""
        return self.robust.keep[start - self.start : stop - self.start]


def find_events(samples: NDArray[np.floating], interval_ms: float) -> RobustWindow:
    """Find spikes and synaptic events as ``robust_window`` does, if any sample stands out.

    Parameters
    ----------
    samples : array, shape (n,)
        Current in pA.
    interval_ms : float
        Sampling interval in ms.

    Returns
    -------
    RobustWindow
        The samples to keep: all, where neither single samples nor means over 1 ms are as far
        from the median as an event has to be.
    """
    if samples.size < _FEWEST or not _is_plain(samples, interval_ms):
        return robust_window(samples, interval_ms)
    return RobustWindow(np.ones(samples.size, dtype=bool), 0.0)


def _is_plain(samples: NDArray[np.floating], interval_ms: float) -> bool:
    width = max(1, round(_SMOOTH_MS / interval_ms))
    n = samples.size // width
    smooth = samples[samples.size - n * width :].reshape(n, width).mean(axis=1)
    return _inside(samples, _PLAIN_SD) and (n < 16 or _inside(smooth, _SMOOTH_SD))


def _inside(values: NDArray[np.floating], limit_sd: float) -> bool:
    half = values.size // 2
    away = np.abs(values - np.partition(values, half)[half])
    return bool(away.max() <= limit_sd * 1.4826 * np.partition(away, half)[half])

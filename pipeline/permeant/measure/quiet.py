"""Which samples of a stretch belong to no event, told quickly where nothing stands out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from permeant.measure.noise import in_portions
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
    return find_many_events([samples], interval_ms)[0]


def find_many_events(
    stretches: Sequence[NDArray[np.floating]], interval_ms: float
) -> list[RobustWindow]:
    """Return ``find_events`` of many stretches: alike ones at once, which costs far less."""
    alike: dict[int, list[int]] = {}
    for k, samples in enumerate(stretches):
        alike.setdefault(samples.size, []).append(k)
    plain: set[int] = set()
    for size, numbers in alike.items():
        for some in in_portions(numbers, size) if size >= _FEWEST else ():
            rows = np.stack([stretches[k] for k in some])
            plain.update(np.array(some)[_are_plain(rows, interval_ms)].tolist())
    return [
        RobustWindow(np.ones(samples.size, dtype=bool), 0.0)
        if k in plain
        else robust_window(samples, interval_ms)
        for k, samples in enumerate(stretches)
    ]


def _are_plain(samples: NDArray[np.floating], interval_ms: float) -> NDArray[np.bool_]:
    width = max(1, round(_SMOOTH_MS / interval_ms))
    k, size = samples.shape
    n = size // width
    inside = _inside(samples, _PLAIN_SD)
    if n >= 16:
        smooth = samples[:, size - n * width :].reshape(k, n, width).mean(axis=2)
        inside &= _inside(smooth, _SMOOTH_SD)
    return inside


def _inside(values: NDArray[np.floating], limit_sd: float) -> NDArray[np.bool_]:
    half = values.shape[1] // 2
    away = np.abs(values - np.partition(values, half, axis=1)[:, half, None])
    limit = limit_sd * 1.4826 * np.partition(away, half, axis=1)[:, half]
    return np.asarray(away.max(axis=1) <= limit)

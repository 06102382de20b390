"""Samples that belong to no steady current: spikes, synaptic events, a converter at its end."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from permeant.measure.transient import Floats

Mask = NDArray[np.bool_]

_SD = 5.0
_BACK_SD = 1.5
_ROUNDS = 3
_BASELINE_MS = 40.0
_SMOOTH_MS = 1.0
_BEFORE_MS = 0.5
_AFTER_MS = 1.0
_FEWEST = 32
_MOST = 0.5
_NODES = 64
_SHORTEST_RUN = 5
_CHANCE = 1e-4
_COARSE = 0.9


class RobustWindow(NamedTuple):
    """Which samples of a window to keep, and the share that is left out.

    Where more than half would go, nothing does: the events are then the current, and
    ``reason`` says so.
    """

    keep: Mask
    fraction_out: float
    reason: str = ""


def robust_window(samples: NDArray[np.floating], interval_ms: float) -> RobustWindow:
    """Find the samples of a measuring window that belong to spikes or synaptic events.

    Parameters
    ----------
    samples : array, shape (n,)
        Current in pA.
    interval_ms : float
        Sampling interval in ms.

    Returns
    -------
    RobustWindow
        The samples to keep.

    Notes
    -----
    An event starts where a sample, or a mean over 1 ms, is more than 5 robust SD (1.4826
    times the median absolute deviation; more where many samples make chance excursions
    likely) from the median of the surrounding 40 ms, and lasts, with some dead time, until
    the mean over 1 ms is within 1.5 SD again.  Baseline and SD are found again without the
    events.  Both sides count alike, so noise alone is never pushed to one side.
    """
    x = np.asarray(samples, dtype=np.float64)
    keep = np.ones(x.size, dtype=bool)
    if x.size < _FEWEST:
        return RobustWindow(keep, 0.0)
    width = min(max(1, round(_SMOOTH_MS / interval_ms)), x.size // 8)
    smooth = _running_mean(x, width)
    quantum = _quantum(x)
    for _ in range(_ROUNDS):
        base = _baseline(x, keep, interval_ms)
        events = _events(x - base, keep, quantum)
        late = _late_part(smooth - base, keep, quantum, width) if width > 1 else (events, events)
        fresh = ~_spread(events | late[0], late[1], interval_ms)
        out = 1.0 - float(np.count_nonzero(fresh)) / x.size
        if out > _MOST:
            why = f"events fill {100 * out:.0f} % of the window, so none of it can be called steady"
            return RobustWindow(np.ones(x.size, dtype=bool), 0.0, why)
        if np.array_equal(fresh, keep):
            break
        keep = fresh
    return RobustWindow(keep, 1.0 - float(np.count_nonzero(keep)) / x.size)


def clipped_samples(current_pa: NDArray[np.floating]) -> Mask:
    """Mark the samples of a sweep that sit where converter or amplifier ends.

    Parameters
    ----------
    current_pa : array, shape (n,)
        Current of one sweep.

    Returns
    -------
    array of bool, shape (n,)
        Samples of runs of the sweep's largest or smallest value.

    Notes
    -----
    A run has to be 5 samples long, and so long that noise would not make it by chance once
    in 10⁴ sweeps.  How often neighbours are equal by chance is taken from the other samples,
    so a file of low resolution needs longer runs, and one without noise, where nearly all
    neighbours are equal, cannot be judged and has none marked.
    """
    x = np.asarray(current_pa)
    clipped = np.zeros(x.size, dtype=bool)
    if x.size < 4 * _SHORTEST_RUN:
        return clipped
    lowest, highest = x.min(), x.max()
    for extreme in (lowest, highest):
        at_end = x == extreme
        starts, stops = _runs(at_end)
        if not starts.size or int((stops - starts).max()) < _SHORTEST_RUN or lowest == highest:
            continue
        inner = (x != lowest) & (x != highest)
        pairs = inner[1:] & inner[:-1]
        n_pairs = int(np.count_nonzero(pairs))
        if n_pairs < 4 * _SHORTEST_RUN:
            continue
        same = (np.count_nonzero(pairs & (x[1:] == x[:-1])) + 1) / (n_pairs + 2)
        if same > _COARSE:
            continue
        needed = max(_SHORTEST_RUN, 1 + int(np.ceil(np.log(_CHANCE / x.size) / np.log(same))))
        for start, stop in zip(starts, stops, strict=True):
            if stop - start >= needed:
                clipped[start:stop] = True
    return clipped


def _runs(mask: Mask) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where runs of True start and, half open, stop."""
    edges = np.flatnonzero(np.diff(np.pad(mask.astype(np.int8), 1)))
    return edges[::2], edges[1::2]


def _quantum(x: Floats) -> float:
    """Return the step of the converter, where it shows, as a floor of the noise."""
    steps = np.abs(np.diff(x[:4096]))
    steps = steps[steps > 0]
    return float(steps.min()) if steps.size else 0.0


def _running_mean(x: Floats, width: int) -> Floats:
    if width == 1:
        return x
    total = np.concatenate([[0.0], np.cumsum(x)])
    means = (total[width:] - total[:-width]) / width
    left = width // 2
    return np.asarray(np.pad(means, (left, width - 1 - left), mode="edge"))


def _baseline(x: Floats, keep: Mask, interval_ms: float) -> Floats:
    """Return the local level: medians of half-overlapping stretches, joined by lines."""
    half = max(_FEWEST // 2, round(0.5 * _BASELINE_MS / interval_ms), -(-x.size // _NODES))
    n_nodes = x.size // half
    if n_nodes < 3:
        return np.full(x.size, float(np.median(x[keep])))
    centres, levels = [], []
    for k in range(n_nodes - 1):
        start, stop = k * half, (k + 2) * half if k < n_nodes - 2 else x.size
        kept = x[start:stop][keep[start:stop]]
        if kept.size >= _FEWEST // 2:
            centres.append(0.5 * (start + stop - 1))
            levels.append(float(np.median(kept)))
    if not centres:
        return np.full(x.size, float(np.median(x[keep])))
    return np.interp(np.arange(x.size), centres, levels)


def _scale(deviation: Floats, keep: Mask, quantum: float) -> float:
    """Return the robust SD; where steps of the converter rule it, the SD within a few steps."""
    size = np.abs(deviation[keep])
    scale = 1.4826 * float(np.median(size))
    if scale < 2.0 * quantum:
        within = np.minimum(size, 3.0 * quantum)
        scale = max(scale, float(np.sqrt(np.mean(within * within))) + 0.1 * quantum)
    return max(scale, 1e-12)


def _threshold(n: int) -> float:
    """Return 5, or the SD that n Gaussian samples exceed once in 100 windows, if more.

    The SD of few samples is itself uncertain, so for few of them it takes more.
    """
    return max(_SD, float(np.sqrt(2.0 * np.log(50.0 * n)))) * (1.0 + 10.0 / n)


def _events(deviation: Floats, keep: Mask, quantum: float) -> Mask:
    return np.asarray(
        np.abs(deviation) > _threshold(deviation.size) * _scale(deviation, keep, quantum)
    )


def _late_part(deviation: Floats, keep: Mask, quantum: float, width: int) -> tuple[Mask, Mask]:
    """Return where the smoothed trace is far out, and where it is not back yet."""
    size = np.abs(deviation)
    scale = _scale(deviation, keep, quantum)
    return size > _threshold(size.size // width) * scale, size > _BACK_SD * scale


def _spread(events: Mask, away: Mask, interval_ms: float) -> Mask:
    """Widen events to the stretch in which the trace is away, and by the dead time."""
    out = np.zeros(events.size, dtype=bool)
    if not events.any():
        return out
    before = max(1, round(_BEFORE_MS / interval_ms))
    after = max(1, round(_AFTER_MS / interval_ms))
    for start, stop in zip(*_runs(events | away), strict=True):
        if events[start:stop].any():
            out[max(0, start - before) : stop + after] = True
    return out

"""Unitary currents and open probability: what the idealisation says of the samples.

A current is the mean of the samples well inside the sojourns at a level, less that of the shut
ones of the same stretch of the recording, so that a drift of the baseline cancels.  Its error is
the scatter between stretches.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from permeant.measure.single_channel.idealise import Events
from permeant.measure.single_channel.trace import Idealised, Traces, baseline_at, blocks_of

Array = NDArray[np.float64]

_STRETCHES = 30
_GUARD = 0.7
"""Left out on both sides of a transition, times the reciprocal of the filter's frequency."""

_INDEPENDENT = 0.6
"""Time after which 0.6 % of the noise of a Gaussian filter is still the same, likewise."""

_MEAN_HIDDEN = 0.48
"""Mean length of a sojourn that is missed, over the dead time: falling slowly towards it."""

_FEWEST_SAMPLES = 20
_FEWEST_STRETCHES = 4


@dataclass(frozen=True)
class Amplitude:
    """Current of one level over the shut one, with its standard error and degrees of freedom."""

    level: int
    i_pa: float
    se_pa: float
    dof: float


@dataclass(frozen=True)
class Sums:
    """Per stretch and level: interior samples, and their sum in pA.

    ``unrest`` is the scatter of all of them around their levels over that between neighbours: 1
    for noise alone, more where the baseline wanders in ways that were not followed.
    """

    count: Array
    total_pa: Array
    unrest: float


def sum_levels(traces: Traces, found: Idealised) -> Sums:
    """Add up the samples inside the sojourns at each level, stretch by stretch.

    Parameters
    ----------
    traces : sequence of arrays (samples,)
        Currents in pA at one voltage.
    found : Idealised
        Their events.
    """
    n_levels = len(found.sight.levels.at_pa)
    guard = round(_GUARD / found.total_khz / found.interval_ms) if found.total_khz else 2
    counts, totals, scatter = [], [], _Scatter(_lag(found))
    at_pa = np.array(found.sight.levels.at_pa)
    for trace, events, baseline in zip(traces, found.events, found.baseline_pa, strict=True):
        ends = _ends_of_stretches(events, max(1, _STRETCHES // len(traces)))
        n_parts = ends.size
        inside = interior(events, guard)
        count, total = np.zeros((n_parts, n_levels)), np.zeros((n_parts, n_levels))
        for start, block in blocks_of(trace, found.interval_ms, found.sight):
            where = slice(start, start + block.size)
            good = inside[where] >= 0
            number = np.searchsorted(ends[:-1], start + np.flatnonzero(good), side="right")
            index = number * n_levels + inside[where][good]
            length = n_parts * n_levels
            count += np.bincount(index, minlength=length).reshape(n_parts, n_levels)
            total += np.bincount(index, block[good], length).reshape(n_parts, n_levels)
            flat = block - baseline_at(start, block.size, baseline, trace.size)
            scatter.add(flat - at_pa[inside[where]], inside[where])
        counts.append(count)
        totals.append(total)
    return Sums(np.concatenate(counts), np.concatenate(totals), scatter.unrest)


def _ends_of_stretches(events: Events, n_parts: int) -> NDArray[np.int64]:
    """Return the samples after stretches that hold as much of the rarer of open and shut each."""
    is_open = (events.level > 0) == bool(events.length[events.level > 0].sum() * 2 <= events.stop)
    area = np.concatenate([[0], np.cumsum(is_open * events.length)]).astype(np.float64)
    edges = np.append(events.start, events.stop).astype(np.float64)
    # where nothing is added, the last sample with the same sum ends the stretch
    wanted = np.linspace(0.0, area[-1], n_parts + 1)[1:]
    grows = np.append(True, np.diff(area) > 0)
    ends = np.asarray(np.interp(wanted, area[grows], edges[grows]), dtype=np.int64)
    ends[-1] = events.stop
    return ends


def _lag(found: Idealised) -> int:
    """Return how many samples apart the noise behind the filters is independent."""
    if found.total_khz is None:
        return 2 * found.sight.step
    return max(1, ceil(_INDEPENDENT / found.total_khz / found.interval_ms))


class _Scatter:
    """Scatter of samples around their levels, and between neighbours some samples apart."""

    def __init__(self, lag: int) -> None:
        self.lag = lag
        self.around, self.between = [0.0, 0], [0.0, 0]

    def add(self, miss_pa: Array, level: NDArray[np.int8]) -> None:
        inside = level >= 0
        self.around[0] += float(np.sum(miss_pa[inside] ** 2))
        self.around[1] += int(inside.sum())
        near = inside[self.lag :] & (level[self.lag :] == level[: -self.lag])
        step = (miss_pa[self.lag :] - miss_pa[: -self.lag])[near]
        self.between[0] += 0.5 * float(np.sum(step**2))
        self.between[1] += int(near.sum())

    @property
    def unrest(self) -> float:
        if not self.around[1] or not self.between[1] or not self.between[0]:
            return 1.0
        ratio = self.around[0] / self.around[1] / (self.between[0] / self.between[1])
        return float(np.sqrt(ratio))


def interior(events: Events, guard: int) -> NDArray[np.int8]:
    """Return the level of each sample that is well inside a sojourn, -1 for the others."""
    level = np.full(events.stop, -1, dtype=np.int8)
    first = np.minimum(events.start + guard, events.stop)
    last = np.append(events.start[1:], events.stop) - guard
    kept = last > first
    for value, start, stop in zip(
        events.level[kept].tolist(), first[kept].tolist(), last[kept].tolist(), strict=True
    ):
        level[start:stop] = value
    return level


def amplitudes(sums: Sums, found: Idealised) -> list[Amplitude | None]:
    """Return the current of each open level; None where there are too few stretches with it.

    The mean over stretches is weighted with ``n_shut n_open/(n_shut + n_open)``, the error is
    that of the weighted mean from the scatter of the stretches.  What sojourns too short to be
    seen did to the means is put back (:func:`hidden_pull_pa`).
    """
    pull, pull_se = hidden_pull_pa(found)
    currents: list[Amplitude | None] = []
    for level in range(1, sums.count.shape[1]):
        shut, opened = sums.count[:, 0], sums.count[:, level]
        both = (shut >= _FEWEST_SAMPLES) & (opened >= _FEWEST_SAMPLES)
        if int(both.sum()) < _FEWEST_STRETCHES:
            currents.append(None)
            continue
        step = sums.total_pa[both, level] / opened[both] - sums.total_pa[both, 0] / shut[both]
        weight = shut[both] * opened[both] / (shut[both] + opened[both])
        i_pa, se_pa, dof = _weighted(step, weight)
        i_pa -= float(pull[level] - pull[0])
        se_pa = float(np.hypot(se_pa, np.hypot(pull_se[level], pull_se[0])))
        currents.append(Amplitude(level, i_pa, se_pa, dof))
    return currents


def hidden_pull_pa(found: Idealised) -> tuple[Array, Array]:
    """Return how far brief sojourns pull the mean of each level, and its standard error (pA).

    A closing too brief to be seen lies inside the time at an open level and draws its mean
    towards the level below; a brief opening draws that of any level towards the one above.
    """
    at = np.array(found.sight.levels.at_pa)
    pull, variance = np.zeros(at.size), np.zeros(at.size)
    for level in range(at.size):
        for beyond in range(at.size):
            if beyond != level:
                share, share_se = _hidden(found, level, beyond)
                pull[level] += share * (at[beyond] - at[level])
                variance[level] += (share_se * (at[beyond] - at[level])) ** 2
    return pull, np.sqrt(variance)


def _hidden(found: Idealised, level: int, beyond: int) -> tuple[float, float]:
    """Return the hidden time at ``beyond`` between sojourns at ``level``, over the time there.

    The number of hidden sojourns follows from those seen within one and two dead times more, as
    if their lengths fell exponentially there.
    """
    dead = found.dead_time_ms / found.interval_ms
    near, next_, time = 0, 0, 0.0
    for events in found.events:
        at, length = events.level, events.length
        brief = length[1:-1][(at[1:-1] == beyond) & (at[:-2] == level) & (at[2:] == level)]
        near += int(np.sum(brief < 2 * dead))
        next_ += int(np.sum((brief >= 2 * dead) & (brief < 3 * dead)))
        time += float(length[at == level].sum())
    if near == 0 or time == 0.0:
        return 0.0, 0.0
    growth = float(np.clip(near / max(next_, 1), 1.0, 2.0))
    share = near * growth * _MEAN_HIDDEN * dead / time
    return share, share * float(np.sqrt(1.0 / near + 0.1))


def _weighted(values: Array, weight: Array) -> tuple[float, float, float]:
    """Return a weighted mean, its standard error from the scatter, and degrees of freedom."""
    share = weight / weight.sum()
    mean = float(share @ values)
    effective = 1.0 / float(np.sum(share**2))
    dof = max(effective - 1.0, 1.0)
    # each stretch's own part in the error, with the leverage that its weight gives it
    parts = share * (values - mean) / np.sqrt(np.clip(1.0 - share, 0.05, 1.0))
    return mean, float(np.sqrt(np.sum(parts**2))), dof


def open_probability(
    events: tuple[Events, ...], n_channels: int, *, levels_are_channels: bool
) -> tuple[float, float, float]:
    """Return the open probability of a channel, its standard error and degrees of freedom.

    The error is the scatter between stretches of the recording, which are long against the
    sojourns or said not to be by few degrees of freedom.
    """
    shares, lengths = [], []
    parts = max(1, _STRETCHES // len(events))
    for some in events:
        weight = some.level if levels_are_channels else (some.level > 0).astype(np.int64)
        ends = np.append(some.start, some.stop).astype(np.float64)
        area = np.concatenate([[0.0], np.cumsum(weight * some.length)])
        edges = np.linspace(0, some.stop, parts + 1)
        shares += (np.diff(np.interp(edges, ends, area)) / np.diff(edges)).tolist()
        lengths += np.diff(edges).tolist()
    p, se, dof = _weighted(np.array(shares), np.array(lengths))
    scale = n_channels if levels_are_channels else 1
    return p / scale, se / scale, dof

"""One trace at one voltage, or several: filter, levels, baseline, idealisation, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, erf

import numpy as np
from numpy.typing import NDArray

from permeant.measure.single_channel.filtering import (
    STEEPNESS,
    gaussian_weights,
    in_series_khz,
    smooth,
    true_width_ms,
)
from permeant.measure.single_channel.idealise import (
    HYSTERESIS,
    Events,
    events_of,
    follow_levels,
    impose_dead_time,
    join,
)
from permeant.measure.single_channel.levels import Levels, find_levels
from permeant.measure.single_channel.rare_levels import count_beyond, equal_steps, with_more

Array = NDArray[np.float64]
Traces = Sequence[NDArray[np.floating]]

CUTOFFS_KHZ = (5.0, 3.5, 2.5, 1.8, 1.3, 0.9, 0.65, 0.45, 0.32, 0.22, 0.16, 0.11, 0.08, 0.055)
"""Frequencies that the added filter is tried at, from the widest."""

SIGNAL_TO_NOISE = 5.8
"""Smallest step over noise at which thresholds are set: 0.6 of it is 3.5 standard deviations."""

_BLOCK = 1 << 19
_SEARCHED_S = (10.0, 2.0, 0.5)
"""Lengths in which levels are looked for; the shorter where a baseline drifts through them."""

_MOST_SEARCHED = 8
_BASELINE_S = 0.5
_DEAD_TIME = 0.32
"""Length of the shortest events that are kept, times the -3 dB frequency."""

_WANDER = 0.3
_MOST_ADDED = 3


@dataclass(frozen=True)
class Sight:
    """How a patch is looked at: the filter that was added, and the levels behind it."""

    levels: Levels
    added_khz: float | None
    step: int
    """Samples between two that are nearly independent."""


@dataclass(frozen=True)
class Idealised:
    """Events of every trace, and the baseline that was taken off, by block."""

    sight: Sight
    events: tuple[Events, ...]
    baseline_pa: tuple[tuple[float, ...], ...]
    total_khz: float | None
    dead_samples: int
    dead_time_ms: float
    interval_ms: float


def list_sights(traces: Traces, interval_ms: float, direction: str) -> Iterator[Sight]:
    """Yield the least filter behind which the levels stand clear of the noise, and the levels.

    Parameters
    ----------
    traces : sequence of arrays (samples,)
        Currents in pA at one voltage.
    interval_ms : float
        Sampling interval.
    direction : {'auto', 'inward', 'outward'}
        As for :func:`find_levels`.

    Yields
    ------
    Sight
        From long stretches first, which hold the rare levels; from shorter ones after that, in
        which a baseline that moves has less time to.  Nothing where no filter shows two levels.
    """
    for seconds in _SEARCHED_S:
        found = _search(_searched(traces, interval_ms, seconds), interval_ms, direction)
        if found is not None:
            yield found
        if len(traces) > 1:
            return


def _search(
    searched: list[NDArray[np.floating]], interval_ms: float, direction: str
) -> Sight | None:
    top_khz = 0.5 / interval_ms
    for cutoff in (None, *(khz for khz in CUTOFFS_KHZ if khz < 0.6 * top_khz)):
        best: Levels | None = None
        step = max(1, round(0.3 / cutoff / interval_ms)) if cutoff else 2
        weights = gaussian_weights(cutoff, interval_ms) if cutoff else None
        for values in searched:
            seen = smooth(values, weights) if weights is not None else values.astype(float)
            found = find_levels(seen[::step], direction)
            if found and found.signal_to_noise >= SIGNAL_TO_NOISE:
                many = best is None or len(found.at_pa) > len(best.at_pa)
                best = found if many else best
        if best is not None:
            return Sight(best, cutoff, step)
    return None


def _searched(traces: Traces, interval_ms: float, seconds: float) -> list[NDArray[np.floating]]:
    """Return stretches in which the baseline can be taken to stand still."""
    samples = round(seconds * 1e3 / interval_ms)
    if len(traces) > 1:  # sweeps at one voltage
        return [np.concatenate([trace[:samples] for trace in traces])[: 20 * samples]]
    whole = traces[0]
    n_parts = max(1, whole.size // samples)
    chosen = np.unique(np.linspace(0, n_parts - 1, min(n_parts, _MOST_SEARCHED)).astype(int))
    return [whole[k * samples : (k + 1) * samples] for k in chosen.tolist()]


def idealise(
    traces: Traces, interval_ms: float, sight: Sight, filter_khz: float | None
) -> Idealised:
    """Follow the levels through all traces.

    Parameters
    ----------
    traces : sequence of arrays (samples,)
        Currents in pA at one voltage.
    interval_ms : float
        Sampling interval.
    sight : Sight
        Filter and levels.
    filter_khz : float or None
        -3 dB frequency of the amplifier's filter; None: measured on the transitions.

    Returns
    -------
    Idealised
        Events not shorter than the dead time.
    """
    raw, baselines = _follow_all(traces, interval_ms, sight)
    for _ in range(_MOST_ADDED):
        more = _add_levels(traces, interval_ms, sight, baselines, filter_khz)
        if more is sight:
            break
        sight = more
        raw, baselines = _follow_all(traces, interval_ms, sight)
    total = in_series_khz(filter_khz, sight.added_khz) if filter_khz else None
    if total is None:
        total = measure_filter_khz(traces, raw, interval_ms, sight)
    up, down = 0.5 + HYSTERESIS, 0.5 - HYSTERESIS
    shortest, dead_ms = 2, 1.5 * interval_ms
    if total is not None:
        grid = np.arange(1.5, 400.0) * interval_ms
        true = true_width_ms(grid, total, up, down)
        k = int(np.argmax(true >= _DEAD_TIME / total))
        shortest, dead_ms = k + 2, float(true[k])
    return Idealised(
        sight,
        tuple(impose_dead_time(events, shortest) for events in raw),
        tuple(baselines),
        total,
        shortest,
        dead_ms,
        interval_ms,
    )


def _follow_all(
    traces: Traces, interval_ms: float, sight: Sight
) -> tuple[list[Events], list[tuple[float, ...]]]:
    raw, baselines = [], list[tuple[float, ...]]()
    start_pa: float | None = None
    for trace in traces:
        events, baseline = _follow(trace, interval_ms, sight, start_pa)
        raw.append(events)
        baselines.append(tuple(baseline))
        start_pa = baseline[-1] if len(traces) == 1 else float(np.median([b[0] for b in baselines]))
    return raw, baselines


def _add_levels(
    traces: Traces,
    interval_ms: float,
    sight: Sight,
    baselines: Sequence[Sequence[float]],
    filter_khz: float | None,
) -> Sight:
    """Add a level one equal step beyond the outermost where the trace stays there for a while."""
    if not equal_steps(sight.levels):
        return sight
    total_khz = in_series_khz(filter_khz, sight.added_khz) or 0.1 / interval_ms
    shortest = max(3, ceil(2 * _DEAD_TIME / total_khz / interval_ms))
    below, beyond = 0, 0
    for trace, baseline in zip(traces, baselines, strict=True):
        for start, block in blocks_of(trace, interval_ms, sight):
            flat = block - baseline_at(start, block.size, baseline, trace.size)
            visits = count_beyond(flat, sight.levels, shortest)
            below, beyond = below + visits[0], beyond + visits[1]
    levels = with_more(sight.levels, below, beyond)
    return sight if levels is sight.levels or not below + beyond else replace(sight, levels=levels)


def baseline_at(start: int, size: int, baseline: Sequence[float], n_samples: int) -> Array:
    """Return the baseline (pA) of a block of samples from that of its windows."""
    offset = np.array(baseline)
    at = (start + np.arange(size)) / max(n_samples, 1) * offset.size - 0.5
    return np.asarray(np.interp(at, np.arange(offset.size), offset))


def blocks_of(
    trace: NDArray[np.floating], interval_ms: float, sight: Sight
) -> Iterator[tuple[int, Array]]:
    """Yield the filtered trace block by block, each with the sample at which it starts."""
    weights = gaussian_weights(sight.added_khz, interval_ms) if sight.added_khz else None
    reach = weights.size // 2 if weights is not None else 0
    for start in range(0, trace.size, _BLOCK):
        stop = min(start + _BLOCK, trace.size)
        first, last = max(0, start - reach), min(trace.size, stop + reach)
        part = np.asarray(trace[first:last], dtype=np.float64)
        if weights is not None:
            part = smooth(part, weights)
        yield start, part[start - first : stop - first]


def _follow(
    trace: NDArray[np.floating], interval_ms: float, sight: Sight, start_pa: float | None
) -> tuple[Events, list[float]]:
    """Idealise one trace with a baseline that follows it."""
    window = max(16 * sight.step, round(_BASELINE_S * 1e3 / interval_ms))
    parts, baseline, before, now = [], list[float](), -1, start_pa
    for _, block in blocks_of(trace, interval_ms, sight):
        offsets = []
        for start in range(0, block.size, window):
            some = block[start : start + window : sight.step]
            if now is None:
                now = first_offset(some, sight.levels)
            now = follow_offset(some, sight.levels, now)
            offsets.append(now)
        centres = np.minimum(window * (np.arange(len(offsets)) + 0.5), block.size)
        drift = np.interp(np.arange(block.size), centres, offsets)
        level = follow_levels(block - drift, sight.levels.at_pa, before)
        before = int(level[-1])
        parts.append(events_of(level))
        baseline += offsets
    return join(parts), baseline


def first_offset(values: Array, levels: Levels) -> float:
    """Return the shift of the levels, at most most of a step, under which they fit best."""
    shifts = np.linspace(-0.45, 0.45, 37) * levels.step_pa
    at = np.array(levels.at_pa)
    misses = [
        float(np.minimum(np.abs(values[:, None] - at - shift).min(axis=1), levels.noise_pa).mean())
        for shift in shifts.tolist()
    ]
    return float(shifts[int(np.argmin(misses))])


def follow_offset(values: Array, levels: Levels, before: float) -> float:
    """Return the baseline of a window from its distance to the nearest levels."""
    at, now = np.array(levels.at_pa), before
    reach = _WANDER * levels.step_pa
    for _ in range(3):
        distance = values[:, None] - at[None, :] - now
        nearest = distance[np.arange(values.size), np.abs(distance).argmin(axis=1)]
        close = nearest[np.abs(nearest) < reach]
        if close.size < 8:
            return before
        now += float(close.mean())
    return now


def measure_filter_khz(
    traces: Traces, events: Sequence[Events], interval_ms: float, sight: Sight
) -> float | None:
    """Return the -3 dB frequency of all filters, from how fast the mean transition rises.

    Transitions are taken alone: with no other for a while on both sides.
    """
    guess = sight.added_khz or 0.2 / interval_ms
    reach = max(8, round(1.2 / guess / interval_ms))
    total, count = np.zeros(2 * reach), 0
    at = np.array(sight.levels.at_pa)
    for trace, some in zip(traces, events, strict=True):
        length = some.length
        alone = np.flatnonzero((length[:-1] > 2 * reach) & (length[1:] > 2 * reach)) + 1
        wanted = some.start[alone[:4000]]
        levels = some.level
        where = dict(zip(wanted.tolist(), alone[:4000].tolist(), strict=True))
        for start, block in blocks_of(trace, interval_ms, sight):
            inside = wanted[(wanted >= start + reach) & (wanted < start + block.size - reach)]
            for sample in inside.tolist():
                event = where[sample]
                part = block[sample - start - reach : sample - start + reach]
                step = at[levels[event]] - at[levels[event - 1]]
                base = part[: reach // 3].mean()
                total += (part - base) / step
                count += 1
            if count >= 2000:
                break
    if count < 20:
        return None
    shape = total / count
    low, high = shape[: reach // 3].mean(), shape[-(reach // 3) :].mean()
    shape = (shape - low) / (high - low)
    return _fit_rise(shape, interval_ms)


def _fit_rise(shape: Array, interval_ms: float) -> float:
    """Return the frequency of the Gaussian filter whose step response lies nearest."""
    at = np.arange(shape.size) * interval_ms
    after = int(np.argmax(shape > 0.5))
    middle = float(np.interp(0.5, shape[after - 1 : after + 1], at[after - 1 : after + 1]))
    tried_khz = 0.5 / interval_ms * np.geomspace(0.003, 1.0, 120)
    misses = [
        sum(
            (value - 0.5 * (1.0 + erf(STEEPNESS * khz * (t - middle)))) ** 2
            for value, t in zip(shape.tolist(), at.tolist(), strict=True)
        )
        for khz in tried_khz.tolist()
    ]
    sd = 1.0 / (STEEPNESS * np.sqrt(2.0) * float(tried_khz[int(np.argmin(misses))]))
    # transitions are put one over the other to the nearest sample, which widens their mean
    narrower = np.sqrt(max(sd**2 - interval_ms**2 / 12.0, (0.3 * interval_ms) ** 2))
    return float(1.0 / (STEEPNESS * np.sqrt(2.0) * narrower))

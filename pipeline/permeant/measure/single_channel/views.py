"""What the pages show of an idealisation, and the counts that fits are made to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from permeant.measure.single_channel.filtering import true_width_ms
from permeant.measure.single_channel.idealise import HYSTERESIS
from permeant.measure.single_channel.stretches import Stretches
from permeant.measure.single_channel.trace import Idealised, baseline_at, blocks_of
from permeant.records import ChannelTrace, DwellCounts

_EDGES = 60
_BINS = 160
_DRAWN = 1500
_EVENTS_DRAWN = 14


def count_dwells(found: Idealised) -> tuple[DwellCounts, ...]:
    """Count shut and open times (all open levels together) between log-spaced edges.

    The first time of a stretch is left out, since its start is not seen; the last is cut off,
    and counted as such.
    """
    lengths: dict[bool, list[NDArray[np.int64]]] = {False: [], True: []}
    cut: dict[bool, list[int]] = {False: [], True: []}
    for events in found.events:
        is_open = events.level > 0
        first = np.concatenate([[True], is_open[1:] != is_open[:-1]])
        length = np.diff(np.append(events.start[first], events.stop))
        which = is_open[first]
        for kind in (False, True):
            lengths[kind].append(length[1:-1][which[1:-1] == kind])
        if which.size > 1 and length[-1] >= found.dead_samples:
            cut[bool(which[-1])].append(int(length[-1]))
    return tuple(
        _counts(np.concatenate(lengths[kind]), cut[kind], found, is_open=kind)
        for kind in (False, True)
    )


def _counts(
    samples: NDArray[np.int64], cut: list[int], found: Idealised, *, is_open: bool
) -> DwellCounts:
    shortest = found.dead_samples
    longest = max([int(samples.max()) if samples.size else 0, shortest + 1])
    edges = np.unique(np.round(np.geomspace(shortest, longest + 1, _EDGES))) - 0.5
    counts, _ = np.histogram(samples, edges)
    up, down = 0.5 + HYSTERESIS, 0.5 - HYSTERESIS
    true = true_width_ms(edges * found.interval_ms, found.total_khz, up, down)
    return DwellCounts(
        "open" if is_open else "shut",
        tuple(float(f"{edge:.8g}") for edge in true.tolist()),
        tuple(counts.tolist()),
        tuple(float(f"{one * found.interval_ms:.8g}") for one in cut),
    )


def histogram(
    traces: Sequence[NDArray[np.floating]], found: Idealised, sign: int
) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Return middles (pA) and counts of the histogram of all samples, behind the filter."""
    levels = found.sight.levels
    low, high = min(levels.at_pa), max(levels.at_pa)
    room = 6 * levels.noise_pa
    edges = np.linspace(low - room, high + room, _BINS + 1)
    counts = np.zeros(_BINS, dtype=np.int64)
    for trace, baseline in zip(traces, found.baseline_pa, strict=True):
        for start, block in blocks_of(trace, found.interval_ms, found.sight):
            flat = block - baseline_at(start, block.size, baseline, trace.size)
            counts += np.histogram(flat, edges)[0]
    middles = sign * 0.5 * (edges[1:] + edges[:-1]) - sign * levels.at_pa[0]
    order = np.argsort(middles)
    return (
        tuple(float(f"{one:.6g}") for one in middles[order].tolist()),
        tuple(counts[order].tolist()),
    )


def channel_trace(
    traces: Sequence[NDArray[np.floating]], found: Idealised, stretches: Stretches, sign: int
) -> ChannelTrace:
    """Cut out a stretch with a dozen transitions, thinned, with the idealisation beside it."""
    which = int(np.argmax([one.level.size for one in found.events]))
    events, trace = found.events[which], traces[which]
    middle = events.level.size // 2
    first = max(0, middle - _EVENTS_DRAWN // 2)
    last = min(events.level.size - 1, first + _EVENTS_DRAWN)
    start, stop = int(events.start[first]), int(events.start[last])
    if last == events.level.size - 1:
        stop = events.stop
    stop = min(stop, start + 200 * _DRAWN)
    part = np.concatenate(
        [
            block[max(0, start - at) : max(0, stop - at)]
            for at, block in blocks_of(trace, found.interval_ms, found.sight)
        ]
    )
    step = max(1, part.size // _DRAWN)
    added = found.sight.added_khz is not None
    raw = np.asarray(trace[start:stop:step] if added else [], dtype=np.float64)
    offset = float(np.median(found.baseline_pa[which])) + found.sight.levels.at_pa[0]
    at_ms = np.arange(0, part.size, step) * found.interval_ms
    inside = (events.start < stop) & (np.append(events.start[1:], events.stop) > start)
    corners_ms, corners_pa = [], []
    for level, begin, length in zip(
        events.level[inside].tolist(),
        events.start[inside].tolist(),
        events.length[inside].tolist(),
        strict=True,
    ):
        value = sign * (found.sight.levels.at_pa[level] - found.sight.levels.at_pa[0])
        for sample in (max(begin, start), min(begin + length, stop)):
            corners_ms.append((sample - start) * found.interval_ms)
            corners_pa.append(value)
    return ChannelTrace(
        (stretches.parts[which][1] + start) * found.interval_ms * 1e-3,
        *(
            tuple(float(f"{one:.6g}") for one in values)
            for values in (
                at_ms.tolist(),
                (sign * (part[::step] - offset)).tolist(),
                corners_ms,
                corners_pa,
                (sign * (raw - offset)).tolist(),
            )
        ),
    )

"""Steps and ramps found in a recorded command: pure, arrays in, segments out.

A sweep is first drawn as few straight lines as its noise allows (the split at the sample farthest
from the line, again and again), then the short lines on the way from one level to the next,
which are the filter's, are given to the segment that they lead to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from permeant.recording.lines import fit_line
from permeant.records import Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMALLEST_STEP_MV = 0.5
NOISE_FACTOR = 6.0
LONGEST_EDGE_MS = 3.0
MOST_SEGMENTS = 400
LARGEST_NOISE_SHARE = 0.05
FEWEST_STAIRS = 6
LARGEST_STAIR_MV = 2.0
LONGEST_STAIR_MS = 25.0
SAME_SLOPE = 0.25
FEWEST_SAMPLES = 3
"""A sweep whose first sample or two show the level before it did not step there."""


def find_segments(
    command_mv: NDArray[np.float32], interval_ms: float
) -> tuple[tuple[Segment, ...], ...] | None:
    """Find the steps and ramps of a recorded command.

    Parameters
    ----------
    command_mv : numpy.ndarray
        The recorded command, (sweeps, samples).
    interval_ms : float
        Time between samples.

    Returns
    -------
    tuple of tuples of Segment, or None
        Segments named ``1``, ``2``, …, that cover every sweep; ``None`` where the channel is no
        command (it never rests and never moves in a straight line).
    """
    tolerance = max(SMALLEST_STEP_MV, NOISE_FACTOR * estimate_noise(command_mv))
    span = float(np.ptp(command_mv))
    if 2 * tolerance < span < tolerance / LARGEST_NOISE_SHARE:
        return None
    edge = max(round(LONGEST_EDGE_MS / interval_ms), 3)
    found = []
    for sweep in command_mv:
        boundaries = find_boundaries(sweep, tolerance, edge)
        if boundaries is None:
            return None
        found.append(boundaries)
    shared = share_boundaries(found, edge)
    longest_stair = round(LONGEST_STAIR_MS / interval_ms)
    return tuple(
        tuple(join_stairs(measure_segments(sweep, bounds, tolerance, edge), longest_stair))
        for sweep, bounds in zip(command_mv, shared, strict=True)
    )


def estimate_noise(samples: NDArray[np.float32]) -> float:
    """Return the standard deviation of the noise, from changes between neighbours."""
    if samples.shape[-1] < 2:
        return 0.0
    changes = np.diff(samples, axis=-1)
    return 1.4826 * float(np.median(np.abs(changes))) / 2**0.5


def find_boundaries(sweep: NDArray[np.float32], tolerance: float, edge: int) -> list[int] | None:
    """Return where the command of one sweep changes its course, its end included."""
    knots = _draw_lines(sweep.astype(np.float64), tolerance)
    if knots is None:
        return None
    starts = _drop_edges(sweep, knots, tolerance, edge)
    starts = [start for start in starts if start == 0 or start >= FEWEST_SAMPLES]
    return _merge_straight(sweep, [*starts, len(sweep)], tolerance, edge)


def _draw_lines(sweep: NDArray[np.float64], tolerance: float) -> list[int] | None:
    knots = {0, len(sweep) - 1}
    open_lines = [(0, len(sweep) - 1)]
    while open_lines:
        first, last = open_lines.pop()
        if last - first < 2:
            continue
        line = np.linspace(sweep[first], sweep[last], last - first + 1)
        away = np.abs(sweep[first : last + 1] - line)
        split = first + int(np.argmax(away))
        if away[split - first] > tolerance:
            knots.add(split)
            if len(knots) > MOST_SEGMENTS:
                return None
            open_lines += [(first, split), (split, last)]
    return sorted(knots)


def _drop_edges(
    sweep: NDArray[np.float32], knots: list[int], tolerance: float, edge: int
) -> list[int]:
    """Return the starts of the segments that are left once the steep short lines are gone."""
    starts = [0]
    moving_from: int | None = None
    for first, last in pairwise(knots):
        steep = abs(float(sweep[last]) - float(sweep[first])) > tolerance
        if last - first <= edge and (steep or moving_from is not None):
            # The step was made at the first moving sample; the filter drags it out.
            moving_from = first + 1 if moving_from is None else moving_from
            continue
        start = first if moving_from is None else moving_from
        if start > starts[-1]:
            starts.append(start)
        moving_from = None
    return starts


def _merge_straight(
    sweep: NDArray[np.float32], boundaries: list[int], tolerance: float, edge: int
) -> list[int]:
    """Merge neighbours that one straight line describes as well."""
    merged = [boundaries[0]]
    for middle, stop in pairwise(boundaries[1:]):
        start = merged[-1]
        settled = _settled(start, middle, edge)
        joined = np.concatenate([np.arange(settled, middle), np.arange(middle, stop)])
        slope, level = fit_line(joined, sweep[joined])
        away = np.abs(sweep[joined] - (level + slope * joined))
        if float(np.max(away)) > tolerance:
            merged.append(middle)
    return [*merged[1:], boundaries[-1]]


def _settled(start: int, stop: int, edge: int) -> int:
    """Return where the filter's lag is over: at most half of a segment is given to it."""
    return start + min(edge, (stop - start) // 2)


def share_boundaries(found: Sequence[Sequence[int]], edge: int) -> list[list[int]]:
    """Return boundaries common to all sweeps where the protocol has such.

    A step is invisible in the sweep where it has the level before it, so the sweeps see
    different boundaries of one protocol: their union serves all.  Where times change from sweep
    to sweep the union would cut every sweep to pieces, and each keeps its own.
    """
    union: list[list[int]] = []
    for boundary in sorted(boundary for boundaries in found for boundary in boundaries):
        if union and boundary - union[-1][0] <= edge:
            union[-1].append(boundary)
        else:
            union.append([boundary])
    most = max(len(boundaries) for boundaries in found)
    if len(union) > most + 2:
        return [list(boundaries) for boundaries in found]
    # The earliest sighting is nearest to the true time: noise and filter can only delay it.
    common = [min(cluster) for cluster in union]
    common[-1] = found[0][-1]
    return [common] * len(found)


def measure_segments(
    sweep: NDArray[np.float32], boundaries: Sequence[int], tolerance: float, edge: int
) -> list[Segment]:
    """Return the segments between boundaries with the levels that the samples show."""
    segments: list[Segment] = []
    start = 0
    for stop in boundaries:
        if stop <= start:
            continue
        number = str(len(segments) + 1)
        first, last = measure_levels(sweep, start, stop, tolerance, edge)
        segments.append(Segment(number, start, stop, first, last))
        start = stop
    return segments


def measure_levels(
    sweep: NDArray[np.float32], start: int, stop: int, tolerance: float, edge: int
) -> tuple[float, float]:
    """Return the levels at both ends of a stretch; equal ones where it stands still."""
    settled = _settled(start, stop, edge)
    x = np.arange(settled, stop)
    slope, level = fit_line(x, sweep[settled:stop])
    if abs(slope) * (stop - start) <= tolerance:
        still = round(float(np.median(sweep[(start + stop) // 2 : stop])), 3)
        return still, still
    ends = (level + slope * (start - 0.5), level + slope * (stop - 0.5))
    return round(ends[0], 3), round(ends[1], 3)


def join_stairs(segments: Sequence[Segment], longest: int) -> list[Segment]:
    """Make one ramp of a row of small, short steps in one direction.

    Some amplifiers play a ramp as steps of a millivolt.  Nothing settles on such a step, and a
    curve must not be made of them.

    Parameters
    ----------
    segments : sequence of Segment
        The segments of one sweep.
    longest : int
        Samples that a stair lasts at most.
    """
    joined: list[Segment] = []
    k = 0
    while k < len(segments):
        stop = _end_of_stairs(segments, k, longest)
        if stop - k < FEWEST_STAIRS:
            joined.append(segments[k])
            k += 1
            continue
        first, last = segments[k], segments[stop - 1]
        stair_mv = (last.start_mv - first.start_mv) / (stop - 1 - k)
        ramp = Segment(
            first.epoch, first.start, last.stop, first.start_mv - stair_mv, last.start_mv
        )
        k = stop
        while k < len(segments) and _goes_on(ramp, segments[k]):
            ramp = Segment(
                ramp.epoch, ramp.start, segments[k].stop, ramp.start_mv, segments[k].stop_mv
            )
            k += 1
        joined.append(ramp)
    return [replace(one, epoch=str(n)) for n, one in enumerate(joined, start=1)]


def _end_of_stairs(segments: Sequence[Segment], first: int, longest: int) -> int:
    """Return behind which segment the row of stairs ends that begins at one."""
    stop = first
    direction = 0.0
    while stop < len(segments):
        one = segments[stop]
        if not one.is_step or one.stop - one.start > longest:
            break
        if stop > first:
            up_mv = one.start_mv - segments[stop - 1].start_mv
            if abs(up_mv) > LARGEST_STAIR_MV or up_mv * direction < 0:
                break
            direction = direction or up_mv
        stop += 1
    return stop


def _goes_on(ramp: Segment, after: Segment) -> bool:
    """Whether a segment is the same ramp, seen as a straight line."""
    if after.is_step or abs(after.start_mv - ramp.stop_mv) > LARGEST_STAIR_MV:
        return False
    slope = (ramp.stop_mv - ramp.start_mv) / (ramp.stop - ramp.start)
    other = (after.stop_mv - after.start_mv) / (after.stop - after.start)
    return abs(other - slope) <= SAME_SLOPE * abs(slope)

"""Small tests in the command, a pulse or a pair of ramps: where, and what the sweeps do there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from permeant.measure.transient import Floats, Tails, TailWindow, left_of_tail, noise_of_mean
from permeant.records import RecordingInfo, Segment

_LARGEST_STEP_MV = 20.0
_SMALLEST_STEP_MV = 1.0
_SAME_LEVEL_MV = 0.5
_SHORTEST_MS = 1.0
_SHORTEST_SAMPLES = 24
_SHORTEST_LEVEL = 8
_STEADY = 0.25
_LONGEST_LEVEL = 0.7


@dataclass(frozen=True)
class MembraneTest:
    """A small pulse that every sweep plays: samples ``before`` | ``on`` | ``off`` | ``end``.

    ``before`` is the first sample at the level from which the pulse starts, ``on`` and
    ``off`` are its own first sample and the one after its last, ``end`` closes the level
    to which it returns.  ``sweeps`` (from 0) are those that play it.
    """

    before: int
    on: int
    off: int
    end: int
    from_mv: float
    step_mv: float
    first_level: bool
    sweeps: tuple[int, ...]


@dataclass(frozen=True)
class Pulses:
    """The pulses of all sweeps per mV: both edges averaged, the steady change, the noise.

    ``step_window`` and ``back_window`` are where the steady levels were taken, in samples
    after their edge; ``back_share`` is the share of the latter in the level at rest.
    """

    edge_ns: Floats
    g_ns: Floats
    g_se_ns: Floats
    noise_ns: Floats
    n_edges: int
    step_window: tuple[int, int]
    back_window: tuple[int, int]
    back_share: float


def find_membrane_test(info: RecordingInfo) -> MembraneTest | None:
    """Find a small pulse at the resting level that the sweeps have in common.

    Parameters
    ----------
    info : RecordingInfo
        The command, sweep by sweep.

    Returns
    -------
    MembraneTest or None
        The first pulse of 1 to 20 mV from the level at which the sweep starts and back to
        it, at the same place in at least half of the sweeps; ``None`` where there is none.
    """
    found: Counter[tuple[int, int, int, int, float, float, bool]] = Counter()
    by_sweep = [_pulses(segments, info.interval_ms) for segments in info.sweeps]
    for pulses in by_sweep:
        found.update(pulses)
    common = [key for key, count in found.items() if count >= max(1, (info.n_sweeps + 1) // 2)]
    if not common:
        return None
    first = min(common, key=lambda key: key[1])
    sweeps = tuple(number for number, pulses in enumerate(by_sweep) if first in pulses)
    return MembraneTest(*first, sweeps=sweeps)


def capacitance_from_ramps(
    current_pa: NDArray[np.floating],
    turn: int,
    length: int,
    slope_mv_per_ms: float,
    *,
    skip: float = 0.3,
) -> tuple[Floats, Floats]:
    """Return the capacitance of each sweep from a ramp and its mirror image.

    At one voltage both ramps draw the same ionic current and opposite capacitive ones, so
    ``C = (I_first - I_second)/(2 dV/dt)`` with the slope of the first ramp (Golowasch et al.
    2009, doi:10.1152/jn.00160.2009).  Where Rs is not far below Rm the result is smaller
    than Cm by ``(Rm/(Rs + Rm))²``.

    Parameters
    ----------
    current_pa : array, shape (sweeps, samples)
        Current in pA.
    turn : int
        First sample of the second ramp.
    length : int
        Samples of each ramp.
    slope_mv_per_ms : float
        Slope of the first ramp; the second has the opposite one.
    skip : float, optional
        Share of each ramp, at both its ends, that is left out while the clamp settles.

    Returns
    -------
    c_pf, c_se_pf : arrays, shape (sweeps,)
        Capacitance and its standard error in pF.
    """
    current = np.asarray(current_pa, dtype=np.float64)
    first = current[:, turn - length : turn]
    second = current[:, turn : turn + length][:, ::-1]
    edge = round(skip * length)
    c_pf = (first - second)[:, edge : length - edge] / (2.0 * slope_mv_per_ms)
    return c_pf.mean(axis=1), noise_of_mean(c_pf) / np.sqrt(c_pf.shape[1])


def find_ramp_pair(info: RecordingInfo) -> tuple[int, int, float] | None:
    """Return turn, length and slope (mV/ms) of the first ramp whose mirror image follows.

    Only a pair at the same place in every sweep counts.
    """
    for one, two in zip(info.sweeps[0], info.sweeps[0][1:], strict=False):
        length = one.stop - one.start
        mirrored = (one.start_mv, one.stop_mv) == (two.stop_mv, two.start_mv)
        same_length = two.stop - two.start == length
        everywhere = all(one in sweep and two in sweep for sweep in info.sweeps)
        if not one.is_step and mirrored and same_length and everywhere:
            slope = (one.stop_mv - one.start_mv) / (length * info.interval_ms)
            return two.start, length, slope
    return None


def cut_pulses(current_pa: NDArray[np.floating], test: MembraneTest, cycle: int) -> Pulses:
    """Cut out the pulse, scale it by its step and average both edges.

    ``cycle`` is a cycle of the mains in samples: levels are means over whole cycles where
    there is room.  The error of the steady change is that of the noise within the levels or,
    if larger, what the levels before and after the pulse differ by, over all sweeps.
    """
    length = test.off - test.on
    settled = test.before if test.first_level else (test.before + test.on) // 2
    n_base = test.on - max(settled, test.on - length)
    n_base -= n_base % cycle if n_base >= cycle else 0
    back = min(test.end - test.off, length)
    step_window, back_window = _level_window(length, cycle), _level_window(back, cycle)
    has_back = back >= length // 2 and back_window[0] > 0
    base = _cut(current_pa, test.on - n_base, test.on)
    step = _cut(current_pa, *(test.on + k for k in step_window))
    rest = [base] if n_base >= _SHORTEST_LEVEL or not has_back else []
    if has_back:
        rest.append(_cut(current_pa, *(test.off + k for k in back_window)))
    sds = np.array([noise_of_mean(level) for level in (step, *rest)])
    shares = np.array([1.0, *(1.0 / len(rest) for _ in rest)])
    sizes = np.array([level.shape[1] for level in (step, *rest)])
    step_pa, rests_pa = step.mean(axis=1), [level.mean(axis=1) for level in rest]
    edge = _cut(current_pa, test.on, test.off) - rests_pa[0][:, None]
    if has_back:
        off = step_pa[:, None] - _cut(current_pa, test.off, test.off + back)
        edge = 0.5 * (edge[:, :back] + off)
    n_edges = 2 if has_back else 1
    g_var = (shares**2 / sizes) @ sds**2
    if len(rest) == 2:  # levels scatter by half of this, and 1 + 1/2 of them make the change
        g_var = np.maximum(g_var, 0.75 * np.mean((rests_pa[0] - rests_pa[1]) ** 2))
    return Pulses(
        edge_ns=edge / test.step_mv,
        g_ns=(step_pa - np.mean(rests_pa, axis=0)) / test.step_mv,
        g_se_ns=np.sqrt(g_var) / abs(test.step_mv),
        noise_ns=np.sqrt((sds**2).mean(axis=0) / n_edges) / abs(test.step_mv),
        n_edges=n_edges,
        step_window=step_window,
        back_window=back_window,
        back_share=1.0 / len(rest) if has_back else 0.0,
    )


def _level_window(length: int, cycle: int) -> tuple[int, int]:
    """Return where in a stretch its level is taken: its end, whole cycles where they fit."""
    size = max(round(_STEADY * length), _SHORTEST_LEVEL)
    if size < cycle <= _LONGEST_LEVEL * length:
        size = cycle
    size -= size % cycle if size >= cycle else 0
    return length - size, length


def _cut(current_pa: NDArray[np.floating], start: int, stop: int) -> Floats:
    return current_pa[:, start:stop].astype(np.float64)


def without_remainder(
    seen: Pulses, tails: Tails, tail: TailWindow, interval_ms: float
) -> tuple[Pulses, Tails]:
    """Take from the steady levels what the transient still adds to them."""
    step_ns = left_of_tail(tails, tail.start, seen.step_window, interval_ms)
    back_ns = np.zeros_like(step_ns)
    if seen.back_share:
        back_ns = left_of_tail(tails, tail.start, seen.back_window, interval_ms)
    g_ns = seen.g_ns - step_ns - seen.back_share * back_ns
    shift_ns = 0.5 * step_ns if seen.n_edges == 2 else np.zeros_like(step_ns)
    if seen.back_share == 1.0:  # the level before the pulse was that after it
        shift_ns = shift_ns + back_ns / seen.n_edges
    edge_ns = seen.edge_ns - shift_ns[:, None]
    return replace(seen, g_ns=g_ns, edge_ns=edge_ns), tails._replace(c_ns=tails.c_ns - shift_ns)


def _pulses(
    segments: Sequence[Segment], interval_ms: float
) -> list[tuple[int, int, int, int, float, float, bool]]:
    stretches: list[Segment] = []
    for segment in segments:
        last = stretches[-1] if stretches else None
        if last and last.is_step and segment.is_step and last.stop_mv == segment.start_mv:
            stretches[-1] = replace(last, stop=segment.stop)
        else:
            stretches.append(segment)
    shortest = max(_SHORTEST_SAMPLES, round(_SHORTEST_MS / interval_ms))
    pulses = []
    for number, (before, pulse, after) in enumerate(
        zip(stretches, stretches[1:], stretches[2:], strict=False)
    ):
        step_mv = pulse.start_mv - before.stop_mv
        if (
            before.is_step
            and pulse.is_step
            and _SMALLEST_STEP_MV <= abs(step_mv) <= _LARGEST_STEP_MV
            and abs(before.start_mv - stretches[0].start_mv) <= _SAME_LEVEL_MV
            and abs(after.start_mv - before.start_mv) <= _SAME_LEVEL_MV
            and pulse.stop - pulse.start >= shortest
            and _has_rest(before, pulse, after, number == 0)
        ):
            end = after.stop if after.is_step else pulse.stop
            place = (before.start, pulse.start, pulse.stop, end)
            pulses.append((*place, before.start_mv, step_mv, number == 0))
    return pulses


def _has_rest(before: Segment, pulse: Segment, after: Segment, first_level: bool) -> bool:
    """Whether the level at rest can be measured, before the pulse or behind it."""
    n_before = (before.stop - before.start) // (1 if first_level else 2)
    n_after = after.stop - after.start if after.is_step else 0
    return n_before >= _SHORTEST_LEVEL or 2 * n_after >= pulse.stop - pulse.start

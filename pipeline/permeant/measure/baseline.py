"""What the current does from sweep to sweep while the command is the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from permeant.measure.noise import WindowMean, mean_with_error
from permeant.measure.quiet import find_events
from permeant.measure.steps import SMALLEST_RANGE_MV, Step
from permeant.records import Recording, Segment

Floats = NDArray[np.float64]

_FEWEST_FOR_TREND = 6
_SHORTEST_REST_MS = 40.0
_MOST_BENT = 3
_DRIFTS = 0.6
_TREND_LEAVES = 0.2
_TREND_SD = 3.719
"""Standard deviations that noise exceeds once in ten thousand times."""
_IN_ORDER = 0.5
"""Correlation of level and sweep below which levels count as played in mixed order."""


def _baseline(recording: Recording, steps: Sequence[Step]) -> list[Segment]:
    """Return the longest stretch before the steps at one level in all sweeps, or nothing.

    After the steps a current may still remember them.  One at the level at which the sweeps
    rest goes before a longer prepulse: what runs down of the channels that a prepulse opens is
    no wander of the zero current.
    """
    first = {step.sweep: step.segment.start for step in steps}
    by_epoch: dict[str, list[Segment]] = {}
    for number, segments in enumerate(recording.info.sweeps):
        for segment in segments:
            if segment.is_step and segment.stop <= first.get(number, 0):
                by_epoch.setdefault(segment.epoch, []).append(segment)
    shared = [
        stretches
        for stretches in by_epoch.values()
        if len(stretches) == recording.info.n_sweeps
        and max(s.start_mv for s in stretches) - min(s.start_mv for s in stretches)
        < SMALLEST_RANGE_MV
    ]
    rest_mv = recording.info.sweeps[0][0].start_mv
    shortest = _SHORTEST_REST_MS / recording.info.interval_ms

    def preferred(found: list[Segment]) -> tuple[bool, int]:
        length = min(segment.stop - segment.start for segment in found)
        at_rest = abs(found[0].start_mv - rest_mv) < SMALLEST_RANGE_MV
        return at_rest and length >= shortest, length

    return max(shared, key=preferred, default=[])


def _quiet_end(segment: Segment, interval_ms: float, mains_hz: float) -> slice:
    """Return the second half of a stretch, in whole cycles of the mains; empty if too short."""
    length = segment.stop - segment.start
    cycle = round(1000.0 / mains_hz / interval_ms) if mains_hz else 1
    size = max(length // 2, min(cycle, length)) // cycle * cycle
    return slice(segment.stop - size, segment.stop)


def _mean(samples: NDArray[np.floating], interval_ms: float, mains_hz: float) -> WindowMean:
    keep = find_events(samples, interval_ms).keep
    return mean_with_error(samples, interval_ms, mains_hz=mains_hz, keep=keep, least_cycles=1.0)


def measure_baseline(
    recording: Recording, steps: Sequence[Step], mains_hz: float
) -> list[WindowMean]:
    """Return the current of each sweep at the level before the steps; nothing if it has none.

    Parameters
    ----------
    recording : Recording
        The samples and the command.
    steps : sequence of Step
        The steps that are measured.
    mains_hz : float
        Mains frequency; the windows hold whole cycles of it, since hum starts each sweep
        at another phase.

    Returns
    -------
    list of WindowMean
        In the order of the sweeps.
    """
    interval_ms = recording.info.interval_ms
    windows = []
    for sweep, segment in enumerate(_baseline(recording, steps)):
        part = _quiet_end(segment, interval_ms, mains_hz)
        if part.stop - part.start < 8:
            return []
        windows.append(_mean(recording.current_pa[sweep, part], interval_ms, mains_hz))
    return windows


def baseline_level_mv(recording: Recording, steps: Sequence[Step]) -> float | None:
    """Return the command in mV at which :func:`measure_baseline` measures."""
    stretches = _baseline(recording, steps)
    return stretches[0].start_mv if stretches else None


def _normal_of_f(ratio: float, n: int, m: int) -> float:
    """Return a variance ratio as standard deviations (Paulson 1942, 10.1214/aoms/1177731608)."""
    a, b, root = 2.0 / (9.0 * n), 2.0 / (9.0 * m), max(ratio, 0.0) ** (1.0 / 3.0)
    return float(((1.0 - b) * root - (1.0 - a)) / (b * root * root + a) ** 0.5)


class Trend(NamedTuple):
    """The smooth part over the sweeps, and the error of its change since the first of them."""

    pa: Floats
    se_pa: float
    sure: bool
    """Whether it leaves so little that slow noise could hardly have made it."""


def find_trend(baseline: Sequence[WindowMean]) -> Trend | None:
    """Return the smooth part of what the current does from sweep to sweep, if there is one.

    Parameters
    ----------
    baseline : sequence of WindowMean
        Windows at one level, in the order of the sweeps.

    Returns
    -------
    Trend or None
        A polynomial over the sweeps in pA, up to a cubic, each power no matter of chance
        (p < 10⁻⁴), where it leaves less than a fifth of the variance; ``None`` for fewer than
        6 sweeps.  Slow random noise, which it follows in part, rarely passes.
    """
    n = len(baseline)
    if n < _FEWEST_FOR_TREND:
        return None
    means = np.array([window.mean_pa for window in baseline])
    x = np.linspace(-1.0, 1.0, n)
    curve: Floats = np.full(n, means.mean(), dtype=np.float64)
    whole = left = float(np.sum((means - curve) ** 2))
    chosen = 0
    for degree in range(1, 1 + min(_MOST_BENT, n // 4)):
        known = np.polynomial.polynomial.polyfit(x, means, degree)
        tried = np.asarray(np.polynomial.polynomial.polyval(x, known), dtype=np.float64)
        fresh = float(np.sum((means - tried) ** 2))
        freedom = n - degree - 1
        ratio = (left - fresh) / (degree - chosen) / max(fresh / freedom, 1e-30)
        if _normal_of_f(ratio, degree - chosen, freedom) > _TREND_SD:
            curve, left, chosen = tried, fresh, degree
    if left >= _TREND_LEAVES * whole:
        return None
    # at its ends a polynomial has (degree + 1)² / n of the variance of one value
    worth = ((chosen + 1) ** 2 + 1) / n
    return Trend(
        curve, (left / (n - chosen - 1) * worth) ** 0.5, left < 0.5 * _TREND_LEAVES * whole
    )


def slow_noise_pa(
    baseline: Sequence[WindowMean],
    trend_pa: Floats | None = None,
    order: Sequence[int] | None = None,
) -> float:
    """Return how far the current wanders between sweeps beyond the errors of its windows.

    Parameters
    ----------
    baseline : sequence of WindowMean
        Windows at one level, in the order of the sweeps.
    trend_pa : array, optional
        A smooth trend over the sweeps, which is not random and is taken out first.
    order : sequence of int, optional
        The sweeps in the order of their levels, default: as they come.  Wander is together
        along a curve only where neighbouring levels were recorded one after the other.

    Returns
    -------
    float
        Standard deviation in pA that a window's mean has on top of its own standard error,
        counted up where neighbouring levels wander together, for then a curve over many
        sweeps averages less of it out, and where few sweeps tell it; 0 for fewer than 4 sweeps
        or where white noise would do.

    Notes
    -----
    1/f noise has most of its power below the frequency of a window, where the window itself
    cannot see it.
    """
    n = len(baseline)
    if n < 4:
        return 0.0
    means = np.array([window.mean_pa for window in baseline])
    own = np.array([window.sem_pa**2 for window in baseline])
    own = np.maximum(own, max(0.5 * float(np.median(own)), 1e-12))
    freedom = n - (1 if trend_pa is None else _MOST_BENT)
    excess = 0.0
    for _ in range(30):
        weight = 1.0 / (own + excess)
        middle = float(weight @ means / weight.sum()) if trend_pa is None else trend_pa
        away = means - middle
        squares = weight * away**2
        surplus = float(squares.sum()) / freedom - 1.0
        # variance of a variance: what white noise alone would show in one case of a hundred
        if excess == 0.0 and surplus <= 2.5 * (2.0 / freedom) ** 0.5:
            return 0.0
        if abs(surplus) < 1e-6:
            break
        excess = max(excess + surplus * float(squares.sum()) / float(squares @ weight), 1e-12)
    square = float(away @ away)
    lag = float(away[1:] @ away[:-1]) / square
    # the mean taken out makes neighbours look less alike than they are
    lag = min(max(lag + (1.0 + 3.0 * lag) / n, 0.0), 0.99)
    if order is not None and abs(np.corrcoef(order, np.arange(n))[0, 1]) < _IN_ORDER:
        lag = 0.0
    # even a steady drift leaves a curve over n sweeps some four independent parts, of which
    # that at the crossing may be as far from the first sweep as half of the drift
    drifts = trend_pa is None and np.corrcoef(means, np.arange(n))[0, 1] ** 2 > _DRIFTS
    together = min((1.0 + lag) / (1.0 - lag), max(n / (2.5 if drifts else 4.0), 1.0))
    # few sweeps tell it: what Student's t has over the normal distribution at 95 %
    return float((excess * together) ** 0.5) * (1.0 + 1.21 / freedom)

"""What the current does from sweep to sweep while the command is the same."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from permeant.measure.noise import WindowMean, means_with_errors
from permeant.measure.quiet import find_many_events
from permeant.measure.steps import SMALLEST_RANGE_MV, Step
from permeant.measure.window import StepMean
from permeant.records import Recording, Segment

Floats = NDArray[np.float64]

_FEWEST_FOR_TREND = 6
_SHORTEST_REST_MS = 40.0
_MOST_BENT = 3
_TREND_LEAVES = 0.2
_HALF = 0.5
_TREND_SD = 3.719
"""Standard deviations that noise exceeds once in ten thousand times."""


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
    """Return all but the start of a stretch, in whole cycles of the mains; empty if too short."""
    length = segment.stop - segment.start
    cycle = max(1, round(1000.0 / mains_hz / interval_ms)) if mains_hz else 1
    size = max(length * 4 // 5, min(cycle, length)) // cycle * cycle
    return slice(segment.stop - size, segment.stop)


def _means(
    stretches: Sequence[NDArray[np.floating]],
    firsts: Sequence[int],
    interval_ms: float,
    mains_hz: float,
) -> list[WindowMean]:
    """Return the means from the samples ``firsts`` on; events are sought in all samples.

    An event that began before the window is seen by its beginning, not by its tail.
    """
    quiet = find_many_events(stretches, interval_ms)
    return means_with_errors(
        [samples[first:] for samples, first in zip(stretches, firsts, strict=True)],
        interval_ms,
        mains_hz=mains_hz,
        keeps=[one.keep[first:] for one, first in zip(quiet, firsts, strict=True)],
        least_cycles=1.0,
    )


def _at_an_end(samples: NDArray[np.floating], ends: tuple[np.floating, np.floating]) -> bool:
    return any(np.count_nonzero(samples == end) > _HALF * samples.size for end in ends)


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
        In the order of the sweeps; nothing where a baseline is clipped, which then stands
        still and tells nothing.
    """
    interval_ms = recording.info.interval_ms
    stretches, firsts = [], []
    ends = recording.current_pa.min(), recording.current_pa.max()
    for sweep, segment in enumerate(_baseline(recording, steps)):
        part = _quiet_end(segment, interval_ms, mains_hz)
        if part.stop - part.start < 8:
            return []
        samples = recording.current_pa[sweep, segment.start : part.stop]
        if _at_an_end(samples, ends):
            return []
        stretches.append(samples)
        firsts.append(part.start - segment.start)
    return _means(stretches, firsts, interval_ms, mains_hz)


def baseline_level_mv(recording: Recording, steps: Sequence[Step]) -> float | None:
    """Return the command in mV at which :func:`measure_baseline` measures."""
    stretches = _baseline(recording, steps)
    return stretches[0].start_mv if stretches else None


def compare_windows(
    recording: Recording, steps: Sequence[Step], means: Sequence[StepMean], mains_hz: float
) -> tuple[float, float]:
    """Return how much shorter baselines and measured windows are than sweeps are apart."""
    interval_ms, starts_s = recording.info.interval_ms, recording.info.sweep_starts_s
    if len(starts_s) < 2 or not means:
        return 1.0, 1.0
    apart_ms = 1e3 * float(np.median(np.diff(starts_s)))
    stretches = _baseline(recording, steps)
    parts = [_quiet_end(segment, interval_ms, mains_hz) for segment in stretches]
    lengths = [part.stop - part.start for part in parts], [mean.stop - mean.start for mean in means]
    windows_ms = [float(np.median(sizes)) * interval_ms if sizes else apart_ms for sizes in lengths]
    return tuple(max(apart_ms / max(one, interval_ms), 1.0) for one in windows_ms)  # type: ignore[return-value]


def _normal_of_f(ratio: float, n: int, m: int) -> float:
    """Return a variance ratio as standard deviations (Paulson 1942, 10.1214/aoms/1177731608)."""
    a, b, root = 2.0 / (9.0 * n), 2.0 / (9.0 * m), max(ratio, 0.0) ** (1.0 / 3.0)
    return float(((1.0 - b) * root - (1.0 - a)) / (b * root * root + a) ** 0.5)


@lru_cache(maxsize=64)
def _polynomials(n: int) -> Floats:
    """Return orthonormal polynomials of degrees 0, 1, … at n sweeps, one a column."""
    powers = np.linspace(-1.0, 1.0, n)[:, None] ** np.arange(_MOST_BENT + 1)
    return np.asarray(np.linalg.qr(powers)[0])


class Trend(NamedTuple):
    """The smooth part over the sweeps, and the error of its change since the first of them."""

    pa: Floats
    se_pa: float
    sure: bool
    """Whether it leaves so little that slow noise could hardly have made it."""
    degree: int
    tilt_se_pa: float
    """Error of its whole change from the first sweep to the last."""


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
    curve_of = _polynomials(n)
    curve: Floats = np.full(n, means.mean(), dtype=np.float64)
    whole = left = float(np.sum((means - curve) ** 2))
    chosen = 0
    for degree in range(1, 1 + min(_MOST_BENT, n // 4)):
        tried = curve_of[:, : degree + 1] @ (curve_of[:, : degree + 1].T @ means)
        fresh = float(np.sum((means - tried) ** 2))
        freedom = n - degree - 1
        ratio = (left - fresh) / (degree - chosen) / max(fresh / freedom, 1e-30)
        if _normal_of_f(ratio, degree - chosen, freedom) > _TREND_SD:
            curve, left, chosen = tried, fresh, degree
    if left >= _TREND_LEAVES * whole:
        return None
    # at its ends a polynomial has (degree + 1)² / n of the variance of one value
    worth = ((chosen + 1) ** 2 + 1) / n
    one = left / (n - chosen - 1)
    sure = left < 0.5 * _TREND_LEAVES * whole
    return Trend(curve, (one * worth) ** 0.5, sure, chosen, (12.0 * one / n) ** 0.5)

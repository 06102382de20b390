"""What the current does from sweep to sweep while the command is the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from permeant.measure.noise import WindowMean, mean_with_error
from permeant.measure.steps import SAME_LEVEL_MV, Step
from permeant.records import Recording, Segment


def _baseline(recording: Recording, steps: Sequence[Step]) -> list[Segment]:
    """Return the longest stretch before the steps at one level in all sweeps, or nothing.

    After the steps a current may still remember them.
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
        and max(s.start_mv for s in stretches) - min(s.start_mv for s in stretches) < SAME_LEVEL_MV
    ]
    return max(shared, key=lambda found: min(s.stop - s.start for s in found), default=[])


def _quiet_end(segment: Segment, interval_ms: float, mains_hz: float) -> slice:
    """Return the second half of a stretch, in whole cycles of the mains; empty if too short."""
    length = segment.stop - segment.start
    cycle = round(1000.0 / mains_hz / interval_ms) if mains_hz else 1
    size = max(length // 2, min(cycle, length)) // cycle * cycle
    return slice(segment.stop - size, segment.stop)


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
        windows.append(mean_with_error(recording.current_pa[sweep, part], interval_ms))
    return windows


def slow_noise_pa(baseline: Sequence[WindowMean]) -> float:
    """Return how far the current wanders between sweeps beyond the errors of its windows.

    Parameters
    ----------
    baseline : sequence of WindowMean
        Windows at one level, in the order of the sweeps.

    Returns
    -------
    float
        Standard deviation in pA that a window's mean has on top of its own standard error,
        counted up where neighbouring sweeps wander together, for then a curve over many
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
    own = float(np.mean([window.sem_pa**2 for window in baseline]))
    away = means - means.mean()
    variance = float(away @ away) / (n - 1)
    excess = variance - own
    # variance of a variance: what white noise alone would show in one case of forty
    if excess <= 2.0 * own * (2.0 / (n - 1)) ** 0.5:
        return 0.0
    lag = float(away[1:] @ away[:-1]) / float(away @ away)
    # the mean taken out makes neighbours look less alike than they are
    lag = min(max(lag + (1.0 + 3.0 * lag) / n, 0.0), 0.99)
    # even a steady drift leaves a curve over n sweeps some four independent parts
    together = min((1.0 + lag) / (1.0 - lag), max(n / 4, 1.0))
    # few sweeps tell it: what Student's t has over the normal distribution at 95 %
    return float((excess * together) ** 0.5) * (1.0 + 1.21 / (n - 1))

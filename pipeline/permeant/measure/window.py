"""Where in a step the current has become steady."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from permeant.measure.noise import WindowMean, means_with_errors
from permeant.measure.quiet import Kept, find_many_events
from permeant.measure.steadiness import (
    drift_of_level,
    drift_scatter,
    is_steady,
    shared_relaxation,
    size_that_counts,
)
from permeant.measure.steps import SAME_LEVEL_MV, Step

_CANDIDATES = (0.5, 0.4, 0.3, 0.2, 0.15, 0.1)


@dataclass(frozen=True)
class StepMean:
    """The measured window of one step: samples ``start`` to ``stop`` (half open).

    ``left_out`` is the share of its samples that belong to spikes or synaptic events;
    ``events`` says that these are too many to leave a steady current.
    """

    step: Step
    start: int
    stop: int
    window: WindowMean
    steady: bool
    left_out: float = 0.0
    events: str = ""


class _Seen(NamedTuple):
    """A window, and the stretch over which the current must stand still for it.

    The stretch is the last quarter of the step where the window is shorter.  What an
    exponential relaxation has still before it shows in how far it went before; in a short
    window it would hide in the noise.
    """

    step: Step
    start: int
    stop: int
    window: WindowMean
    trend: WindowMean
    trend_samples: int
    left_out: float = 0.0
    events: str = ""


def window_samples(
    length: int,
    fraction: float,
    *,
    interval_ms: float,
    mains_hz: float,
    guard_ms: float,
    min_window_ms: float,
) -> tuple[int, int]:
    """Return how far before the end of a step the window starts and stops, in samples.

    The last ``guard_ms`` are left out: the command and the current may be a few samples
    apart.  A window that can hold whole cycles of the mains is cut to a whole number of
    them, so that hum averages out.
    """
    guard = min(round(guard_ms / interval_ms), length // 10)
    size = min(max(round(length * fraction), round(min_window_ms / interval_ms)), length - guard)
    cycle = round(1000.0 / mains_hz / interval_ms) if mains_hz else 0
    if cycle and size >= cycle:
        size -= size % cycle
    return guard + size, guard


def _levels(seen: Sequence[_Seen]) -> list[list[_Seen]]:
    """Group windows by the level of their step, in rising order."""
    by_voltage = sorted(
        seen, key=lambda one: (one.step.segment.start_mv, one.step.sweep, one.start)
    )
    groups: list[list[_Seen]] = []
    for one in by_voltage:
        level_mv = one.step.segment.start_mv
        if groups and level_mv - groups[-1][-1].step.segment.start_mv <= SAME_LEVEL_MV:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _judge(
    seen: Sequence[_Seen], interval_ms: float, drift_limit_fraction: float
) -> list[StepMean]:
    """Give each window its verdict, knowing the others."""
    means = [one.window.mean_pa for one in seen]
    range_pa = max(means) - min(means)
    levels = _levels(seen)
    trends = [one.trend for level in levels for one in level]
    scatter = drift_scatter([trend.drift_pa_per_ms for trend in trends])
    shared = abs(shared_relaxation(trends, scatter))
    verdicts = {}
    for level in levels:
        of_level = abs(drift_of_level([one.trend for one in level]))
        for one in level:
            length_ms = one.trend_samples * interval_ms
            limit_pa = drift_limit_fraction * size_that_counts(one.window, range_pa)
            together = (
                shared * length_ms > drift_limit_fraction
                and abs(one.window.mean_pa) > 0.2 * range_pa
            )
            steady = (
                is_steady(one.trend, length_ms, range_pa, drift_limit_fraction, scatter)
                and of_level * length_ms <= limit_pa
                and not together
            )
            verdicts[one.step] = StepMean(
                one.step, one.start, one.stop, one.window, steady, one.left_out, one.events
            )
    return [verdicts[one.step] for one in seen]


class _Window(NamedTuple):
    """What to measure of a step: a window, where its trend begins, and what of it counts."""

    step: Step
    start: int
    stop: int
    trend_from: int
    kept: Kept


def _see(
    current_pa: NDArray[np.floating],
    windows: Sequence[_Window],
    interval_ms: float,
    mains_hz: float,
) -> list[_Seen]:
    def means_from(some: Sequence[_Window], firsts: Sequence[int]) -> list[WindowMean]:
        at = list(zip(some, firsts, strict=True))
        return means_with_errors(
            [current_pa[one.step.sweep, first : one.stop] for one, first in at],
            interval_ms,
            mains_hz=mains_hz,
            keeps=[one.kept.part(first, one.stop) for one, first in at],
        )

    means = means_from(windows, [one.start for one in windows])
    apart = [k for k, one in enumerate(windows) if one.trend_from < one.start]
    trends = dict(enumerate(means))
    found = means_from([windows[k] for k in apart], [windows[k].trend_from for k in apart])
    trends.update(zip(apart, found, strict=True))
    seen = []
    for k, one in enumerate(windows):
        counts = float(np.count_nonzero(one.kept.part(one.start, one.stop)))
        out = 1.0 - counts / max(one.stop - one.start, 1)
        length, reason = one.stop - min(one.start, one.trend_from), one.kept.robust.reason
        seen.append(_Seen(one.step, one.start, one.stop, means[k], trends[k], length, out, reason))
    return seen


def _try_fraction(
    current_pa: NDArray[np.floating],
    kept: Sequence[tuple[Step, Kept]],
    fraction: float,
    interval_ms: float,
    layout: dict[str, float],
) -> list[_Seen]:
    windows = []
    for step, of_step in kept:
        length = step.segment.stop - step.segment.start
        before_end = window_samples(length, fraction, interval_ms=interval_ms, **layout)
        start, stop = (step.segment.stop - samples for samples in before_end)
        windows.append(_Window(step, start, stop, stop - length // 4, of_step))
    return _see(current_pa, windows, interval_ms, layout["mains_hz"])


def _keep_quiet(
    current_pa: NDArray[np.floating],
    steps: Sequence[Step],
    fraction: float,
    interval_ms: float,
    layout: dict[str, float],
) -> list[tuple[Step, Kept]]:
    """Look for events in the longest stretch of each step that any window or trend will use."""
    starts, stretches = [], []
    for step in steps:
        length = step.segment.stop - step.segment.start
        before, guard = window_samples(length, fraction, interval_ms=interval_ms, **layout)
        stop = step.segment.stop - guard
        starts.append(min(step.segment.stop - before, stop - length // 4))
        stretches.append(current_pa[step.sweep, starts[-1] : stop])
    quiet = find_many_events(stretches, interval_ms)
    return [(step, Kept(at, one)) for step, at, one in zip(steps, starts, quiet, strict=True)]


def choose_window(
    current_pa: NDArray[np.floating],
    steps: Sequence[Step],
    interval_ms: float,
    *,
    mains_hz: float,
    guard_ms: float,
    min_window_ms: float,
    max_fraction: float,
    min_fraction: float,
    drift_limit_fraction: float,
) -> tuple[list[StepMean], str]:
    """Take the longest end of the steps over which the current stands still.

    Parameters
    ----------
    current_pa : array, shape (sweeps, samples)
        Current in pA.
    steps : sequence of Step
        The steps to measure, one point each.
    interval_ms : float
        Sampling interval in ms.
    mains_hz, guard_ms, min_window_ms, max_fraction, min_fraction, drift_limit_fraction
        As in the section ``steady_state`` of the configuration.

    Returns
    -------
    list of StepMean
        One for each step, with its verdict.
    str
        Why this window, in words.
    """
    layout = {"mains_hz": mains_hz, "guard_ms": guard_ms, "min_window_ms": min_window_ms}
    fractions = [f for f in _CANDIDATES if min_fraction < f < max_fraction]
    kept = _keep_quiet(current_pa, steps, max_fraction, interval_ms, layout)
    for fraction in (max_fraction, *fractions, min_fraction):
        seen = _try_fraction(current_pa, kept, fraction, interval_ms, layout)
        means = _judge(seen, interval_ms, drift_limit_fraction)
        n_steady = sum(mean.steady for mean in means)
        if n_steady >= 0.9 * len(means):
            break
    state = (
        "the longest over which the current stands still"
        if n_steady >= 0.9 * len(means)
        else "the shortest allowed, since the current still changes in it"
    )
    return means, (
        f"last {100 * fraction:.0f} % of the step, {state} "
        f"({n_steady} of {len(means)} points steady)"
    )


def given_window(
    current_pa: NDArray[np.floating],
    steps: Sequence[Step],
    interval_ms: float,
    *,
    start_ms: float,
    end_ms: float,
    mains_hz: float,
    drift_limit_fraction: float,
) -> tuple[list[StepMean], str]:
    """Measure the window that the sheet gives, in ms from the start of the sweep."""
    start, stop = round(start_ms / interval_ms), round(end_ms / interval_ms)
    quiet = find_many_events([current_pa[step.sweep, start:stop] for step in steps], interval_ms)
    windows = [
        _Window(step, start, stop, start, Kept(start, one))
        for step, one in zip(steps, quiet, strict=True)
    ]
    means = _judge(
        _see(current_pa, windows, interval_ms, mains_hz), interval_ms, drift_limit_fraction
    )
    return means, f"the sheet says {start_ms:g} to {end_ms:g} ms"

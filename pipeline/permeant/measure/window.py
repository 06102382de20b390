"""Where in a step the current has become steady."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from permeant.measure.noise import WindowMean, mean_with_error
from permeant.measure.steps import SAME_LEVEL_MV, Step

_CANDIDATES = (0.5, 0.4, 0.3, 0.2, 0.15, 0.1)
_SURE = 2.5
"""Drifts beyond so many standard errors are taken for real."""
_SURE_TOGETHER = 3.0
"""The same for a drift that all currents share."""


@dataclass(frozen=True)
class StepMean:
    """The measured window of one step: samples ``start`` to ``stop`` (half open)."""

    step: Step
    start: int
    stop: int
    window: WindowMean
    steady: bool


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


def drift_scatter(drifts: Sequence[float]) -> float:
    """Return how much the drifts of neighbouring voltages differ, as a standard deviation.

    From the median second difference of drifts in the order of their voltages.  A relaxation
    varies smoothly with voltage and hardly counts; slow noise, of which the samples of one
    window know too little, differs from sweep to sweep and does.  0 for fewer than 6 drifts.
    """
    if len(drifts) < 6:
        return 0.0
    bends = np.abs(np.diff(np.asarray(drifts), n=2))
    return float(np.median(bends) / (0.6745 * np.sqrt(6.0)))


def _size_that_counts(window: WindowMean, range_pa: float) -> float:
    return min(max(abs(window.mean_pa), 0.2 * range_pa), range_pa)


def is_steady(
    window: WindowMean,
    length_ms: float,
    range_pa: float,
    drift_limit_fraction: float,
    scatter_pa_per_ms: float = 0.0,
) -> bool:
    """Whether the change over a length of time is within its error, or too small to matter.

    Too small to matter is ``drift_limit_fraction`` of the current, but no less than of a fifth
    of the currents' range and no more than of the range, which is what the slope rests on.
    The error is that of the window, or the scatter of the drifts of all windows where that is
    larger.
    """
    change_pa = abs(window.drift_pa_per_ms) * length_ms
    error_pa = _SURE * max(window.drift_se_pa_per_ms, scatter_pa_per_ms) * length_ms
    matters_pa = drift_limit_fraction * _size_that_counts(window, range_pa)
    return change_pa <= max(error_pa, matters_pa)


def shared_relaxation(windows: Sequence[WindowMean], scatter_pa_per_ms: float) -> float:
    """Return the relative drift that all currents have in common, per ms; 0 if not clear.

    Currents that still rise or fall in proportion to their size do so together, which shows
    where each of them alone is too noisy to tell.
    """
    i_pa = np.array([window.mean_pa for window in windows])
    drift = np.array([window.drift_pa_per_ms for window in windows])
    error = np.array([max(window.drift_se_pa_per_ms, scatter_pa_per_ms) for window in windows])
    if not np.all(np.isfinite(error)) or not np.all(error > 0):
        return 0.0
    weight = i_pa / error**2
    precision = float(weight @ i_pa)
    if precision <= 0:
        return 0.0
    share = float(weight @ drift) / precision
    return share if abs(share) * precision**0.5 > _SURE_TOGETHER else 0.0


def drift_of_level(windows: Sequence[WindowMean]) -> float:
    """Return the drift that repeats of one level have in common, in pA/ms; 0 if not clear.

    A mean over sweeps whose error comes from the sweeps; 0 for fewer than 4.
    """
    if len(windows) < 4:
        return 0.0
    drifts = np.array([window.drift_pa_per_ms for window in windows])
    error = float(drifts.std(ddof=1)) / drifts.size**0.5
    mean = float(drifts.mean())
    return mean if abs(mean) > _SURE * error else 0.0


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
            limit_pa = drift_limit_fraction * _size_that_counts(one.window, range_pa)
            together = (
                shared * length_ms > drift_limit_fraction
                and abs(one.window.mean_pa) > 0.2 * range_pa
            )
            steady = (
                is_steady(one.trend, length_ms, range_pa, drift_limit_fraction, scatter)
                and of_level * length_ms <= limit_pa
                and not together
            )
            verdicts[one.step] = StepMean(one.step, one.start, one.stop, one.window, steady)
    return [verdicts[one.step] for one in seen]


def _see(
    current_pa: NDArray[np.floating], step: Step, before_end: tuple[int, int], interval_ms: float
) -> _Seen:
    start, stop = (step.segment.stop - samples for samples in before_end)
    sweep = current_pa[step.sweep]
    window = mean_with_error(sweep[start:stop], interval_ms)
    quarter = (step.segment.stop - step.segment.start) // 4
    if stop - start >= quarter:
        return _Seen(step, start, stop, window, window, stop - start)
    trend = mean_with_error(sweep[stop - quarter : stop], interval_ms)
    return _Seen(step, start, stop, window, trend, quarter)


def _try_fraction(  # noqa: PLR0917 - what choose_window was given
    current_pa: NDArray[np.floating],
    steps: Sequence[Step],
    fraction: float,
    interval_ms: float,
    drift_limit_fraction: float,
    layout: dict[str, float],
) -> list[StepMean]:
    seen = []
    for step in steps:
        length = step.segment.stop - step.segment.start
        before_end = window_samples(length, fraction, interval_ms=interval_ms, **layout)
        seen.append(_see(current_pa, step, before_end, interval_ms))
    return _judge(seen, interval_ms, drift_limit_fraction)


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
    for fraction in (max_fraction, *fractions, min_fraction):
        means = _try_fraction(
            current_pa, steps, fraction, interval_ms, drift_limit_fraction, layout
        )
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
    drift_limit_fraction: float,
) -> tuple[list[StepMean], str]:
    """Measure the window that the sheet gives, in ms from the start of the sweep."""
    start, stop = round(start_ms / interval_ms), round(end_ms / interval_ms)
    seen = []
    for step in steps:
        window = mean_with_error(current_pa[step.sweep, start:stop], interval_ms)
        seen.append(_Seen(step, start, stop, window, window, stop - start))
    means = _judge(seen, interval_ms, drift_limit_fraction)
    return means, f"the sheet says {start_ms:g} to {end_ms:g} ms"

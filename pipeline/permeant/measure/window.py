"""Where in a step the current has become steady."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from permeant.measure.noise import WindowMean, mean_with_error
from permeant.measure.steps import Step

_CANDIDATES = (0.5, 0.4, 0.3, 0.2, 0.15, 0.1)


@dataclass(frozen=True)
class StepMean:
    """The measured window of one step: samples ``start`` to ``stop`` (half open)."""

    step: Step
    start: int
    stop: int
    window: WindowMean
    steady: bool


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


def _measure(
    current_pa: NDArray[np.floating], step: Step, before_end: tuple[int, int], interval_ms: float
) -> tuple[int, int, WindowMean]:
    start = step.segment.stop - before_end[0]
    stop = step.segment.stop - before_end[1]
    return start, stop, mean_with_error(current_pa[step.sweep, start:stop], interval_ms)


def is_steady(
    window: WindowMean, length_ms: float, range_pa: float, drift_limit_fraction: float
) -> bool:
    """Whether the change over the window is within its error, or too small to matter.

    Too small to matter is ``drift_limit_fraction`` of the current, or of a fifth of the
    currents' range where the current itself is near zero.
    """
    change_pa = abs(window.drift_pa_per_ms) * length_ms
    error_pa = 2.0 * window.drift_se_pa_per_ms * length_ms
    matters_pa = drift_limit_fraction * max(abs(window.mean_pa), 0.2 * range_pa)
    return change_pa <= max(error_pa, matters_pa)


def _try_fraction(
    current_pa: NDArray[np.floating],
    steps: Sequence[Step],
    fraction: float,
    interval_ms: float,
    drift_limit_fraction: float,
    layout: dict[str, float],
) -> list[StepMean]:
    measured = []
    for step in steps:
        length = step.segment.stop - step.segment.start
        before_end = window_samples(length, fraction, interval_ms=interval_ms, **layout)
        measured.append((step, *_measure(current_pa, step, before_end, interval_ms)))
    means = [window.mean_pa for *_, window in measured]
    range_pa = max(means) - min(means)
    return [
        StepMean(
            step,
            start,
            stop,
            window,
            is_steady(window, (stop - start) * interval_ms, range_pa, drift_limit_fraction),
        )
        for step, start, stop, window in measured
    ]


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
    start_ms: float,
    end_ms: float,
    drift_limit_fraction: float,
) -> tuple[list[StepMean], str]:
    """Measure the window that the sheet gives, in ms from the start of the sweep."""
    start, stop = round(start_ms / interval_ms), round(end_ms / interval_ms)
    measured = [
        (step, mean_with_error(current_pa[step.sweep, start:stop], interval_ms)) for step in steps
    ]
    means = [window.mean_pa for _, window in measured]
    range_pa = max(means) - min(means)
    length_ms = (stop - start) * interval_ms
    return [
        StepMean(step, start, stop, window, is_steady(window, length_ms, range_pa, drift_limit_fraction))
        for step, window in measured
    ], f"the sheet says {start_ms:g} to {end_ms:g} ms"

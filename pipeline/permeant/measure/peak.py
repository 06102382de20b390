"""Peak currents: how far the current goes after a step before it turns back.

The largest sample is no measure of a peak: noise always adds to it. (:mod:`permeant.measure.tops`).
The first moments, while the clamp settles, are left out; what is left of the capacitive
transient at the peak is estimated from the smallest steps, scaled, and is part of the error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from permeant.errors import RecordingError
from permeant.measure.kinds import Seen
from permeant.measure.noise import WindowMean
from permeant.measure.step_starts import StepStarts, cut_starts
from permeant.measure.steps import Step
from permeant.measure.tops import FEWEST, Top, find_tops, fit_cubic
from permeant.measure.transient import Floats
from permeant.measure.window import StepMean
from permeant.records import Finding, Recording, SheetRow, StepStart

_SETTLED_SHARE = 0.02
_SMALLEST = 3
_CLEAR = 5.0
_LATEST_DELAY = 0.3
_DRAWN = 160


def measure_peaks(
    recording: Recording,
    row: SheetRow,
    steps: Sequence[Step],
    *,
    guard_ms: float,
    settings: Mapping[str, Any],
) -> Seen:
    """Measure the peak current of every step of a family.

    Parameters
    ----------
    recording : Recording
        The samples and the command.
    row : SheetRow
        A window in the sheet is where the peak is looked for.
    steps : sequence of Step
        The steps.
    guard_ms : float
        End of a step that is left out.
    settings : mapping
        The section ``measures`` of the configuration.

    Returns
    -------
    Seen
        One peak for each step: the one of either sign that is farthest from the current at the
        end of the step.

    Raises
    ------
    RecordingError
        If no step has a start, the window is not inside the steps, or nothing peaks.
    """
    starts = cut_starts(recording, steps, guard_ms)
    if starts is None:
        raise RecordingError(
            "no_step_start",
            "measure = peak needs steps into which the command jumps; here the sweeps start at "
            "the levels, or ramps lead to them",
        )
    interval_ms = recording.info.interval_ms
    first, stop, why = _where(starts, row, interval_ms, settings["peak_delay_ms"])
    tops, clear = find_tops(starts.rows_pa, starts.jumps_mv, first, stop)
    if not clear.any():
        raise RecordingError(
            "no_peak",
            f"in none of the {len(tops)} steps the current clearly turns back between "
            f"{first * interval_ms:.3g} and {stop * interval_ms:.3g} ms after its start, so there "
            "is no peak; measure = steady or instantaneous may be what is meant, or peaks are "
            "earlier (measures: peak_delay_ms)",
        )
    left_pa = left_of_transient(starts, first, [top.at for top in tops])
    means = [
        _mean(step, top, float(left))
        for step, top, left in zip(starts.steps, tops, left_pa, strict=True)
    ]
    return Seen(
        means,
        f"peak between {first * interval_ms:.3g} and {stop * interval_ms:.3g} ms after the start "
        f"of the step ({why}), by a cubic around it",
        tuple(_findings(tops, clear, left_pa, interval_ms)),
        _tops_to_draw(recording, starts, tops),
    )


def _where(
    starts: StepStarts, row: SheetRow, interval_ms: float, stated_ms: float | None
) -> tuple[int, int, str]:
    """Return where peaks are looked for, in samples after the start of the step, and why."""
    length = starts.rows_pa.shape[1]
    if row.window_start_ms is not None and row.window_end_ms is not None:
        begins = [step.segment.start for step in starts.steps]
        first = round(row.window_start_ms / interval_ms) - max(begins)
        stop = round(row.window_end_ms / interval_ms) - min(begins)
        why = "the sheet's window"
    elif stated_ms is not None:
        first, stop = max(round(stated_ms / interval_ms), 1), length
        why = "the delay is stated in the configuration"
    else:
        first, stop = find_settled(starts), length
        why = "before it the transient of the smallest steps is above 2 % of its height"
    if first < 0 or stop > length or stop - first < FEWEST:
        raise RecordingError(
            "window_outside_step",
            f"peaks cannot be looked for from {first * interval_ms:.3g} to "
            f"{stop * interval_ms:.3g} ms after the start of steps that last "
            f"{length * interval_ms:.3g} ms; at least {FEWEST} samples inside every step are "
            "needed",
        )
    return first, stop, why


def smallest_steps(starts: StepStarts) -> tuple[Floats, float]:
    """Return the transient per mV of the smallest jumps, and the noise of one of its samples.

    The smallest jumps are the least likely to open channels that gate.
    """
    size = np.abs(starts.jumps_mv)
    chosen = [k for k in np.argsort(size, kind="stable") if size[k] >= 5.0][:_SMALLEST]
    rows = starts.rows_pa[chosen]
    late = rows[:, -max(rows.shape[1] // 4, 2) :]
    away = rows - late.mean(axis=1, keepdims=True)
    jumps = starts.jumps_mv[chosen]
    power = float(jumps @ jumps)
    if power == 0.0:
        return np.zeros(starts.rows_pa.shape[1]), 0.0
    noise = float(np.sqrt((jumps**2 @ late.var(axis=1)) / power**2))
    return np.asarray(jumps @ away / power), noise


def find_settled(starts: StepStarts) -> int:
    """Return the first sample from which the transient of the smallest steps is all but over."""
    per_mv, noise = smallest_steps(starts)
    latest = max(round(_LATEST_DELAY * per_mv.size), 2)
    size = np.abs(per_mv[: 2 * latest])
    if float(size.max()) <= _CLEAR * noise:
        # a leak subtraction took the transient off; what stands out by chance is no end of one
        return 2
    limit = max(_SETTLED_SHARE * float(size.max()), 3.0 * noise)
    above = np.flatnonzero(size > limit)
    runs = above[above < latest]
    if not runs.size:
        return 2
    # what comes after a stretch of quiet is no transient, but channels that open
    quiet = np.flatnonzero(np.diff(runs) > max(4, round(0.5 * int(runs[0]) + 1)))
    return max(int(runs[quiet[0] if quiet.size else -1]) + 1, 2)


def left_of_transient(starts: StepStarts, first: int, at: Sequence[float]) -> Floats:
    """Return what of the capacitive transient may be left at moments of every step, in pA.

    From the smallest steps, in proportion to the jump, where it is clear of their noise.
    """
    per_mv, noise = smallest_steps(starts)
    left = []
    for jump, moment in zip(starts.jumps_mv, at, strict=True):
        a, b = max(round(0.85 * moment), first), round(1.15 * moment) + 1
        part = per_mv[a : max(b, a + 3)]
        size = abs(float(part.mean()))
        se = 2.0 * noise / part.size**0.5
        left.append((size**2 - se**2) ** 0.5 * abs(float(jump)) if size > 1.5 * se else 0.0)
    return np.array(left)


def _mean(step: Step, top: Top, left_pa: float) -> StepMean:
    sem_pa = float(np.hypot(top.sem_pa, left_pa))
    window = WindowMean(
        mean_pa=top.i_pa,
        sem_pa=sem_pa,
        n_effective=max((top.sd_pa / sem_pa) ** 2, 1.0) if sem_pa > 0 else 1.0,
        drift_pa_per_ms=0.0,
        drift_se_pa_per_ms=0.0,
        sd_pa=top.sd_pa,
    )
    begin = step.segment.start
    return StepMean(step, begin + top.start, begin + top.stop, window, steady=True)


def _tops_to_draw(
    recording: Recording, starts: StepStarts, tops: Sequence[Top]
) -> tuple[StepStart, ...]:
    """Return what a picture of the peaks needs, one for each step."""
    interval_ms = recording.info.interval_ms
    longest = min(round(2.0 * max(top.stop for top in tops)), starts.rows_pa.shape[1])
    drawn = []
    for step, row, top in zip(starts.steps, starts.rows_pa, tops, strict=True):
        begin, every = step.segment.start, max(1, longest // _DRAWN)
        known, _, _ = fit_cubic(row, top.start, top.stop)
        x = np.linspace(-1.0, 1.0, 15)
        curve_at = top.start + 0.5 * (top.stop - top.start - 1) * (1.0 + x)
        drawn.append(
            StepStart(
                sweep=step.sweep + 1,
                start_ms=begin * interval_ms,
                read_ms=(begin + top.at) * interval_ms,
                read_pa=float(f"{top.i_pa:.6g}"),
                time_ms=_short((begin + np.arange(0, longest, every)) * interval_ms),
                current_pa=_short(row[:longest:every]),
                curve_time_ms=_short((begin + curve_at) * interval_ms),
                curve_pa=_short(np.polynomial.polynomial.polyval(x, known)),
            )
        )
    return tuple(drawn)


def _short(values: NDArray[np.floating]) -> tuple[float, ...]:
    return tuple(float(f"{value:.6g}") for value in values.tolist())


def _findings(
    tops: Sequence[Top], clear: NDArray[np.bool_], left_pa: Floats, interval_ms: float
) -> list[Finding]:
    times = [top.at * interval_ms for top, own in zip(tops, clear, strict=True) if own]
    n_other = int(np.count_nonzero(~clear))
    others = (
        f"; {n_other} without a clear peak are read where their neighbours peak" if n_other else ""
    )
    found = [
        Finding(
            "peaks",
            "info",
            f"the current of {len(times)} of {len(tops)} steps peaks {min(times):.3g} to "
            f"{max(times):.3g} ms after their start{others}",
            float(len(times)),
            unit="steps",
        )
    ]
    worst = int(np.argmax(left_pa))
    range_pa = float(np.ptp([top.i_pa for top in tops]))
    if left_pa[worst] > 0.02 * range_pa:
        found.append(
            Finding(
                "peak_transient",
                "warning",
                f"the transient of the smallest steps, scaled, still has {left_pa[worst]:.3g} pA "
                "where the current peaks (the most of all steps): it is part of the errors; better "
                "compensation, or a peak that comes later, would make them smaller",
                float(left_pa[worst]),
                0.02 * range_pa,
                "pA",
            )
        )
    return found

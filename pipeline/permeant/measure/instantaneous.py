"""Measure = instantaneous: the current at the start of every step, as points of a curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from permeant.errors import RecordingError
from permeant.measure.kinds import Seen
from permeant.measure.noise import WindowMean
from permeant.measure.step_starts import StepStarts, cut_starts, prepulse_mv
from permeant.measure.steps import Step
from permeant.measure.tails import (
    TailStart,
    extrapolate,
    find_delay,
    find_lag,
    looks_capacitive,
    read_at_lag,
    with_choice_of_delay,
)
from permeant.measure.window import StepMean
from permeant.records import Finding, Recording, SharedError, SheetRow, StepStart

_BEFORE = 0.1
_RAW_POINTS = 160


def measure_tails(
    recording: Recording,
    row: SheetRow,
    steps: Sequence[Step],
    *,
    guard_ms: float,
    settings: Mapping[str, Any],
) -> Seen:
    """Measure the current at the start of every step of a family.

    Parameters
    ----------
    recording : Recording
        The samples and the command.
    row : SheetRow
        A window in the sheet is the stretch from which the start is extrapolated.
    steps : sequence of Step
        The steps.
    guard_ms : float
        End of a step that is left out.
    settings : mapping
        The section ``measures`` of the configuration.

    Returns
    -------
    Seen
        One mean for each step; its error holds noise, the choice among exponentials and the
        choice of the delay.

    Raises
    ------
    RecordingError
        If no step has a start, or one too short to tell its current from the transient.
    """
    starts = cut_starts(recording, steps, guard_ms)
    if starts is None:
        raise RecordingError(
            "no_step_start",
            "measure = instantaneous needs steps into which the command jumps; here the sweeps "
            "start at the levels, or ramps lead to them",
        )
    interval_ms = recording.info.interval_ms
    tails, settled, why = _extrapolate(starts, row, interval_ms, settings["tail_delay_ms"])
    extrapolated = settings["tail_extrapolated"]
    lag, lag_se = find_lag(starts.rows_pa, starts.jumps_mv, tails) if extrapolated else (0.0, 0.0)
    tails = read_at_lag(tails, lag)
    means = [_mean(starts, tails, k, extrapolated, interval_ms) for k in range(len(starts.steps))]
    where = (
        "extrapolated to the start of the step from"
        if extrapolated
        else "read at the first moment of"
    )
    return Seen(
        means,
        f"{where} {tails.first * interval_ms:.3g} to {tails.stop * interval_ms:.3g} ms after it "
        f"({why}; none, one or two exponentials by AICc)",
        tuple(_findings(starts, tails, settled, lag * interval_ms, interval_ms)),
        _starts_to_draw(recording, starts, tails, lag if extrapolated else None),
        (_lag_error(starts, tails, lag_se),) if extrapolated else (),
    )


def _lag_error(starts: StepStarts, tails: TailStart, lag_se: float) -> SharedError:
    """Return what the error of the time at which the steps arrive does to all points."""
    moved = (tails.at_delay_pa - tails.i_pa) / tails.first * lag_se
    order = sorted(
        range(len(starts.steps)), key=lambda k: (starts.steps[k].sweep, starts.steps[k].level)
    )
    return SharedError(
        "moment at which the step arrives", "recording", i_pa=tuple(float(moved[k]) for k in order)
    )


def _extrapolate(
    starts: StepStarts, row: SheetRow, interval_ms: float, stated_ms: float | None
) -> tuple[TailStart, bool, str]:
    rows_pa = starts.rows_pa
    if row.window_start_ms is not None and row.window_end_ms is not None:
        return _in_window(starts, row, interval_ms)
    if stated_ms is None:
        found = find_delay(rows_pa, starts.jumps_mv)
        if found is None:
            raise _too_short(rows_pa.shape[1] * interval_ms, 2 * interval_ms)
        tails, settled = found
        why = "the shortest delay from which a longer one changes nothing that counts"
        return tails, settled, why if settled else "the longest delay that the step allows"
    first = max(round(stated_ms / interval_ms), 1)
    stated, later = extrapolate(rows_pa, first), extrapolate(rows_pa, 2 * first)
    if stated is None:
        raise _too_short(rows_pa.shape[1] * interval_ms, stated_ms)
    if later is not None:
        stated = with_choice_of_delay(stated, later, starts.jumps_mv)
    return stated, True, "the delay is stated in the configuration"


def _in_window(
    starts: StepStarts, row: SheetRow, interval_ms: float
) -> tuple[TailStart, bool, str]:
    """Extrapolate from the window of the sheet, which has to lie inside every step."""
    assert row.window_start_ms is not None
    assert row.window_end_ms is not None
    begins = {step.segment.start for step in starts.steps}
    first = round(row.window_start_ms / interval_ms) - max(begins)
    stop = round(row.window_end_ms / interval_ms) - min(begins)
    if len(begins) > 1 or first < 1 or stop > starts.rows_pa.shape[1]:
        earliest, length_ms = min(begins) * interval_ms, starts.rows_pa.shape[1] * interval_ms
        raise RecordingError(
            "window_outside_step",
            f"window {row.window_start_ms:g} to {row.window_end_ms:g} ms is not inside the step of "
            f"every sweep, behind its start: the earliest starts at {earliest:g} ms and the "
            f"shortest lasts {length_ms:g} ms",
        )
    tails = extrapolate(starts.rows_pa, first, stop)
    if tails is None:
        raise _too_short((stop - first) * interval_ms, first * interval_ms)
    return tails, True, f"the sheet says {row.window_start_ms:g} to {row.window_end_ms:g} ms"


def _too_short(length_ms: float, delay_ms: float) -> RecordingError:
    return RecordingError(
        "step_too_short",
        f"the step is too short: of {length_ms:g} ms fewer than 12 samples are left behind a delay "
        f"of {delay_ms:g} ms, too few to extrapolate from",
    )


def _mean(
    starts: StepStarts, tails: TailStart, k: int, extrapolated: bool, interval_ms: float
) -> StepMean:
    step = starts.steps[k]
    i_pa = tails.i_pa if extrapolated else tails.at_delay_pa
    var = tails.var if extrapolated else tails.at_delay_var
    sem_pa, sd_pa = float(var[k] ** 0.5), float(tails.sd_pa[k])
    window = WindowMean(
        mean_pa=float(i_pa[k]),
        sem_pa=sem_pa,
        n_effective=max((sd_pa / sem_pa) ** 2, 1.0) if sem_pa > 0 else 1.0,
        drift_pa_per_ms=float(tails.slope[k]) / interval_ms,
        drift_se_pa_per_ms=0.0,
        sd_pa=sd_pa,
    )
    begin = step.segment.start
    return StepMean(step, begin + tails.first, begin + tails.stop, window, steady=True)


def _findings(
    starts: StepStarts, tails: TailStart, settled: bool, lag_ms: float, interval_ms: float
) -> list[Finding]:
    found = []
    level_mv = prepulse_mv(starts)
    if not settled:
        found.append(
            Finding(
                "tail_not_settled",
                "warning",
                "the extrapolated currents depend on how much of the beginning is left out, up to "
                f"{tails.first * interval_ms:.3g} ms: clamp or capacitance settle as slowly as the "
                "channels, or the decay is no sum of exponentials; the errors hold that",
                tails.first * interval_ms,
                unit="ms",
            )
        )
    if looks_capacitive(starts, tails):
        found.append(
            Finding(
                "tail_capacitive",
                "warning",
                "what relaxes during the steps is in proportion to how far the command jumps, and "
                "zero where it does not jump: so charges a capacitance (processes that the clamp "
                "does not hold), and so would not close channels with a reversal elsewhere; these "
                "currents are then no instantaneous currents of channels",
            )
        )
    moved_pa = np.abs(tails.i_pa - tails.at_delay_pa)
    share = float(np.median(moved_pa) / max(float(np.ptp(tails.i_pa)), 1e-12))
    before = f"after {level_mv:g} mV" if level_mv is not None else "after levels that differ"
    found.append(
        Finding(
            "tails",
            "info",
            f"instantaneous currents {before}: {tails.first * interval_ms:.3g} ms of each step are "
            f"left out for the clamp; over them the current changes by {100 * share:.2g} % of the "
            "range of the curve (median of the steps), which the extrapolation adds back; the "
            f"voltage arrives {lag_ms:.2g} ms after the command",
            tails.first * interval_ms,
            unit="ms",
        )
    )
    return found


def _starts_to_draw(
    recording: Recording, starts: StepStarts, tails: TailStart, lag: float | None
) -> tuple[StepStart, ...]:
    """Return what a picture of the steps' first moments needs, one for each step."""
    interval_ms = recording.info.interval_ms
    read_at, read_pa = (tails.first, tails.at_delay_pa) if lag is None else (lag, tails.i_pa)
    lead = max(round(_BEFORE * tails.stop), 3)
    keep = tails.curve_at >= read_at
    curve_at = np.concatenate([[read_at], tails.curve_at[keep]])
    drawn = []
    for k, step in enumerate(starts.steps):
        begin = step.segment.start
        at = np.arange(max(begin - lead, 0), min(begin + tails.stop, recording.info.n_samples))
        if at.size > _RAW_POINTS:  # all of the start, where it matters, and few of the rest
            near = at[at < begin + 4 * tails.first][: _RAW_POINTS // 2]
            far = at[near.size :: max(1, -(-(at.size - near.size) // (_RAW_POINTS // 2)))]
            at = np.concatenate([near, far])
        drawn.append(
            StepStart(
                sweep=step.sweep + 1,
                start_ms=begin * interval_ms,
                read_ms=(begin + read_at) * interval_ms,
                read_pa=float(f"{read_pa[k]:.6g}"),
                time_ms=_short(at * interval_ms),
                current_pa=_short(recording.current_pa[step.sweep, at]),
                curve_time_ms=_short((begin + curve_at) * interval_ms),
                curve_pa=_short(np.concatenate([[read_pa[k]], tails.curves_pa[k][keep]])),
            )
        )
    return tuple(drawn)


def _short(values: NDArray[np.floating]) -> tuple[float, ...]:
    return tuple(float(f"{value:.6g}") for value in values.tolist())

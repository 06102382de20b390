"""What else could be measured: a remark where a steady state is not what the data show best.

Nothing here changes what the sheet asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from permeant.measure.peak import find_settled
from permeant.measure.ramps import choose_ramp, find_ramps
from permeant.measure.step_starts import StepStarts, cut_starts, prepulse_mv
from permeant.measure.steps import SAME_LEVEL_MV
from permeant.measure.tails import find_delay, looks_capacitive
from permeant.measure.tops import find_tops
from permeant.measure.transient import Floats
from permeant.measure.ways import Stretch
from permeant.measure.window import StepMean
from permeant.records import Finding, Recording, RecordingInfo, SheetRow

_CLEAR_SD = 5.0
_MANY = 0.4
_SOME = 0.15
_WIDER = 3.0
_STEEPER = 1.25
_SHORTEST_PREPULSE = 24
_BLOCKS = 48
_FEWEST = 3
_RISES = 0.25
_REMAINS = 0.3


def propose_measure(
    recording: Recording,
    row: SheetRow,
    stretch: Stretch,
    means: Sequence[StepMean],
    guard_ms: float,
) -> Finding | None:
    """Say where tails or peaks would show what a steady state does not.

    Parameters
    ----------
    recording : Recording
        The samples and the command.
    row : SheetRow
        Only a row that asks for the steady state gets a proposal.
    stretch : Stretch
        What is measured.
    means : sequence of StepMean
        The steady currents of the good sweeps.
    guard_ms : float
        End of a step that is left out.

    Returns
    -------
    Finding or None
        ``None`` where the steady state is as good as anything.
    """
    if row.measure != "steady":
        return None
    if stretch.family.kind == "levels":
        return _propose_ramp(recording.info, stretch)
    if len(means) < _FEWEST:
        return None
    starts = cut_starts(recording, [mean.step for mean in means], guard_ms)
    if starts is None or len(starts.steps) < len(means):
        return None
    steady_pa = np.array([mean.window.mean_pa for mean in means])
    sd_pa = np.array([max(mean.window.sem_pa, 1e-9) for mean in means])
    if not _moves(starts, steady_pa):
        return None
    return _propose_peak(starts, steady_pa, recording.info.interval_ms) or _propose_tails(
        recording, starts, steady_pa, sd_pa, stretch
    )


def _propose_ramp(info: RecordingInfo, stretch: Stretch) -> Finding | None:
    """Propose a ramp that covers far more voltages than the levels do."""
    ramps = find_ramps(info)
    if not ramps:
        return None
    best, _ = choose_ramp(ramps, None)
    ramp, levels = best.family, stretch.family
    span_mv, levels_mv = ramp.v_max_mv - ramp.v_min_mv, levels.v_max_mv - levels.v_min_mv
    if span_mv < _WIDER * levels_mv:
        return None
    return Finding(
        "measure_proposed",
        "warning",
        f"the steps of this protocol span {levels_mv:g} mV, its ramp at epoch "
        f"{', '.join(ramp.epochs)} goes from {ramp.v_min_mv:g} to {ramp.v_max_mv:g} mV: the "
        "current–voltage curve is in the ramp; measure: ramp would measure it",
        span_mv,
        levels_mv,
        "mV",
    )


def _moves(starts: StepStarts, steady_pa: Floats) -> bool:
    """Whether the currents of some steps change clearly before their end; cheap."""
    rows = starts.rows_pa
    size = max(1, rows.shape[1] // _BLOCKS)
    n = rows.shape[1] // size
    blocks = rows[:, : n * size].reshape(len(rows), n, size).mean(axis=2)
    late = blocks[:, n // 2 :]
    noise = np.median(np.abs(np.diff(late, axis=1)), axis=1) * 1.05 + 1e-9
    early = blocks[:, 1 : max(2, n // 2)]
    away = np.abs(early - steady_pa[:, None]).max(axis=1)
    n_moving = int(np.count_nonzero(away > _CLEAR_SD * noise))
    return n_moving >= max(_FEWEST, _MANY * len(rows))


def _propose_peak(starts: StepStarts, steady_pa: Floats, interval_ms: float) -> Finding | None:
    """Propose peaks where the current rises, turns back and all but vanishes."""
    rows = starts.rows_pa
    first = find_settled(starts)
    if rows.shape[1] - first < 4 * first or rows.shape[1] < 60:
        return None
    tops, clear = find_tops(rows, starts.jumps_mv, first, rows.shape[1])
    rises = []
    for row, top, end_pa, own in zip(rows, tops, steady_pa, clear, strict=True):
        size = abs(top.i_pa - end_pa)
        begins = float(np.median(row[first : first + max(3, first // 4)]))
        rises.append(
            own
            and abs(end_pa) < _REMAINS * abs(top.i_pa)
            and abs(top.i_pa - begins) > _RISES * size
        )
    n_rises = sum(rises)
    if n_rises < max(_FEWEST, _SOME * len(rises)):
        return None
    times = [top.at * interval_ms for top, is_peak in zip(tops, rises, strict=True) if is_peak]
    return Finding(
        "measure_proposed",
        "warning",
        f"this current inactivates during the step: in {n_rises} of {len(rises)} steps it peaks "
        f"({min(times):.3g} to {max(times):.3g} ms after the start) and falls below a third of the "
        "peak, so its steady state does not show the channel's reversal; measure: peak would",
        float(n_rises),
        unit="steps",
    )


def _propose_tails(
    recording: Recording,
    starts: StepStarts,
    steady_pa: Floats,
    sem_pa: Floats,
    stretch: Stretch,
) -> Finding | None:
    """Propose tails where a prepulse opens channels that close during the step."""
    level_mv = prepulse_mv(starts)
    if level_mv is None or not _is_prepulse(recording, starts):
        return None
    found = find_delay(starts.rows_pa, starts.jumps_mv)
    if found is None:
        return None
    tails, settled = found
    # a capacitance that charges slowly looks like channels that close
    if not settled or looks_capacitive(starts, tails):
        return None
    away = np.abs(tails.i_pa - steady_pa)
    clear = away > _CLEAR_SD * np.sqrt(tails.var + sem_pa**2)
    if np.count_nonzero(clear) < max(_FEWEST, _MANY * clear.size):
        return None
    at_start_ns = float(np.polyfit(starts.jumps_mv, tails.i_pa, 1)[0])
    steady_ns = float(np.polyfit(starts.jumps_mv, steady_pa, 1)[0])
    if at_start_ns < _STEEPER * max(steady_ns, 0.0) or at_start_ns <= 0:
        return None
    family = stretch.family
    return Finding(
        "measure_proposed",
        "warning",
        "this current deactivates during the step: its steady state does not show the channel's "
        f"reversal; tails found at epoch {', '.join(family.epochs)} (from {family.start_ms:.0f} "
        f"ms, after {level_mv:g} mV): the conductance is {at_start_ns:.3g} nS at the start of the "
        f"step and at its end {steady_ns:.3g} nS; measure: instantaneous would measure the tails",
        at_start_ns,
        steady_ns,
        "nS",
    )


def _is_prepulse(recording: Recording, starts: StepStarts) -> bool:
    """Whether the level before the steps is one that the sweeps go to, not where they rest."""
    for step, before in zip(starts.steps, starts.before, strict=True):
        rest_mv = recording.info.sweeps[step.sweep][0].start_mv
        brief = before.stop - before.start < _SHORTEST_PREPULSE
        if brief or abs(rest_mv - before.start_mv) <= SAME_LEVEL_MV:
            return False
    return True

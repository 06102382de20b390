"""A recording, from its samples to charges, ions and ATP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from permeant.errors import RecordingError
from permeant.measure.charge.account import account
from permeant.measure.charge.command import Floats, alike, command_of, departure
from permeant.records import (
    Correction,
    Cost,
    CostTrace,
    Family,
    Finding,
    Measurement,
    Recording,
    SheetRow,
)

_TAIL_MS = 5.0
_FEWEST_BEFORE = 10
_MOST_ROWS = 100
_MOST_POINTS = 600


@dataclass(frozen=True)
class _Group:
    """Sweeps with one command, and the window in which their charge is taken."""

    sweeps: tuple[int, ...]
    command_mv: Floats | None
    start: int
    stop: int
    why: str


def measure_charge(
    recording: Recording, row: SheetRow, controls: Sequence[Recording] = ()
) -> Measurement:
    """Measure the charge of a window and what its sodium costs.

    Parameters
    ----------
    recording : Recording
        Any command; sweeps with the same one are repeats.
    row : SheetRow
        Window, part of the current that sodium carries, capacitance and configuration.
    controls : sequence of Recording
        Recordings with the sodium current blocked, whose mean is taken off sample by sample.

    Returns
    -------
    Measurement
        Without points; its ``costs`` are one account of the charge for every command, and one
        against the capacitive minimum where the command is an action potential.

    Raises
    ------
    RecordingError
        If no window can be told, or a control is no repeat of the recording.
    """
    groups = _groups(recording, row)
    sign = -1 if row.configuration in ("inside-out", "cell-attached") else 1
    costs: list[Cost] = []
    for group in groups[:_MOST_ROWS]:
        current_pa, before = _over_zero(recording, group, controls)
        costs += account(
            sign * current_pa[:, group.start - before : group.stop - before],
            interval_ms=recording.info.interval_ms,
            command_mv=_around(group),
            sodium_fraction=row.sodium_fraction,
            c_m_pf=row.c_m_pf or recording.info.c_m_pf,
            said=_said(recording, row, group),
            trace=_trace(recording, group, sign * current_pa, before),
        )
    family = _family(groups, recording.info.interval_ms)
    taken = "; ".join(row.controls)
    return Measurement(
        families=(family,),
        family=family,
        window_reason=groups[0].why,
        points=(),
        corrections=(
            Correction("control current", None, "pA", bool(controls), f"taken off: {taken}"),
        )
        if controls
        else (),
        findings=tuple(_findings(costs)),
        costs=tuple(costs),
    )


def _findings(costs: Sequence[Cost]) -> list[Finding]:
    """Say where sodium alone could not have depolarised the membrane as far as it was."""
    return [
        Finding(
            "excess_below_one",
            "warning",
            f"the sodium that entered is {cost.excess_factor:.2g} times the least that could "
            "depolarise the membrane: the capacitance is too large, part of the sodium current is "
            "missing, or something else depolarises",
            cost.excess_factor,
            1.0,
        )
        for cost in costs
        if cost.excess_factor is not None and (cost.excess_high or cost.excess_factor) < 1.0
    ]


def _groups(recording: Recording, row: SheetRow) -> list[_Group]:
    """Put sweeps of one command together and find their window."""
    n_sweeps = recording.info.n_sweeps
    commands = [command_of(recording, sweep) for sweep in range(n_sweeps)]
    together: list[list[int]] = []
    for sweep in range(n_sweeps):
        same = (one for one in together if alike(commands[one[0]], commands[sweep]))
        found = next(same, None)
        if found is None:
            together.append([sweep])
        else:
            found.append(sweep)
    return [_group(recording, row, tuple(sweeps), commands[sweeps[0]]) for sweeps in together]


def _group(
    recording: Recording, row: SheetRow, sweeps: tuple[int, ...], command_mv: Floats | None
) -> _Group:
    interval_ms, n = recording.info.interval_ms, recording.info.n_samples
    away = departure(command_mv) if command_mv is not None else None
    start, stop, why = 0, n, ""
    if away is not None:
        start, stop = away[0], min(n, away[1] + 1 + round(_TAIL_MS / interval_ms))
        why = (
            "from where the command leaves its first level to "
            f"{_TAIL_MS:g} ms after it is back, or the end of the sweep"
        )
    if row.window_start_ms is not None:
        start, why = round(row.window_start_ms / interval_ms), "the window of the sheet"
    if row.window_end_ms is not None:
        stop, why = min(n, round(row.window_end_ms / interval_ms)), "the window of the sheet"
    if not why:
        raise RecordingError(
            "no_charge_window",
            "measure = charge needs a window: the command is not known, or never leaves its first "
            "level; give window_start_ms and window_end_ms",
        )
    if start < _FEWEST_BEFORE or stop - start < _FEWEST_BEFORE:
        raise RecordingError(
            "no_charge_baseline",
            f"the window, {start * interval_ms:g} to {stop * interval_ms:g} ms, has fewer than "
            f"{_FEWEST_BEFORE} samples before it or in it; the current before it is its zero",
        )
    return _Group(sweeps, command_mv, start, stop, why)


def _over_zero(
    recording: Recording, group: _Group, controls: Sequence[Recording]
) -> tuple[Floats, int]:
    """Return the sweeps of a group less their controls and less the current before the window.

    The second value is the number of the first sample.
    """
    first = max(0, group.start - (group.stop - group.start))
    current_pa = np.asarray(
        recording.current_pa[list(group.sweeps), first : group.stop], dtype=np.float64
    )
    blocked = [
        _mean_of_control(control, recording, group)[first : group.stop] for control in controls
    ]
    if blocked:
        current_pa = current_pa - np.mean(blocked, axis=0)
    zero_pa = current_pa[:, : group.start - first].mean(axis=1)
    return current_pa - zero_pa[:, None], first


def _mean_of_control(control: Recording, recording: Recording, group: _Group) -> Floats:
    same = [
        sweep
        for sweep in range(control.info.n_sweeps)
        if alike(command_of(control, sweep), group.command_mv)
    ]
    ours, its = recording.info, control.info
    if not same or its.interval_ms != ours.interval_ms or its.n_samples < group.stop:
        raise RecordingError(
            "control_differs",
            "the control that is subtracted has another command, sampling interval or length than "
            "the recording; a charge is taken off sample by sample",
        )
    return np.asarray(control.current_pa[same].mean(axis=0, dtype=np.float64))


def _around(group: _Group) -> Floats | None:
    """Return the level before the window and the command in it, one after the other."""
    if group.command_mv is None:
        return None
    resting_mv = float(np.median(group.command_mv[: group.start]))
    return np.concatenate([[resting_mv], group.command_mv[group.start : group.stop]])


def _said(recording: Recording, row: SheetRow, group: _Group) -> Cost:
    """Return the part of an account that says what was looked at."""
    interval_ms = recording.info.interval_ms
    numbers = [recording.info.number_of(sweep) for sweep in group.sweeps]
    whole = len(numbers) == recording.info.n_sweeps
    blocked = f"; {', '.join(row.controls)} taken off sample by sample" if row.controls else ""
    return Cost(
        "charge",
        "ok",
        sweeps="all" if whole else ",".join(str(number) for number in numbers[:20]),
        n_sweeps=len(numbers),
        window_start_ms=group.start * interval_ms,
        window_end_ms=group.stop * interval_ms,
        sodium_fraction=row.sodium_fraction,
        assumptions=(f"zero is the current before the window of each sweep{blocked}",),
    )


def _trace(recording: Recording, group: _Group, current_pa: Floats, first: int) -> CostTrace:
    """Return the mean current, the command and the charge that has flowed, to be drawn."""
    interval_ms = recording.info.interval_ms
    mean_pa = current_pa.mean(axis=0)
    flowing = np.where(np.arange(mean_pa.size) + first >= group.start, mean_pa, 0.0)
    charge_pc = np.cumsum(flowing) * interval_ms * 1e-3
    begin = max(0, group.start - first - (group.stop - group.start) // 4)
    step = -(-(mean_pa.size - begin) // _MOST_POINTS)
    kept = np.arange(begin, mean_pa.size, step)
    command = group.command_mv
    return CostTrace(
        time_ms=tuple(((kept + first) * interval_ms).round(4).tolist()),
        i_pa=tuple(float(f"{v:.5g}") for v in mean_pa[kept]),
        v_mv=() if command is None else tuple(command[kept + first].round(2).tolist()),
        charge_pc=tuple(float(f"{v:.5g}") for v in charge_pc[kept]),
    )


def _family(groups: Sequence[_Group], interval_ms: float) -> Family:
    levels = [
        float(v)
        for group in groups
        if group.command_mv is not None
        for v in (group.command_mv.min(), group.command_mv.max())
    ] or [0.0]
    return Family(
        number=1,
        kind="levels",
        epochs=("window",),
        start_ms=min(group.start for group in groups) * interval_ms,
        end_ms=max(group.stop for group in groups) * interval_ms,
        v_min_mv=round(min(levels), 1),
        v_max_mv=round(max(levels), 1),
        n_levels=len(groups),
    )

"""What small test pulses and leak ramps beside a family say of pipette, seal and cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from permeant.measure.leak import Leak
from permeant.measure.leak_ramp import find_leak_ramp, fit_leak_ramp, without_capacitive
from permeant.measure.membrane_test import (
    SweepCircuit,
    find_membrane_test,
    measure_mean_membrane_test,
    measure_membrane_test,
)
from permeant.measure.seal import check_leak, check_leak_change, check_r_s_change
from permeant.records import Finding, Recording, SheetRow, SweepTest

_SURE = 3.0


@dataclass(frozen=True)
class CellState:
    """The circuits and leaks of the sweeps that have a test; empty without one.

    ``mean_circuit`` stands for all sweeps where each alone is too noisy.
    """

    circuits: tuple[SweepCircuit, ...] = ()
    mean_circuit: SweepCircuit | None = None
    leaks: tuple[Leak, ...] = ()
    ramp: str = ""
    capacitive_se_pa: float | None = 0.0
    """Error of the leaks' zero from the capacitive current of the ramp; None: not to be told."""

    def conductance_ns(self, n_sweeps: int) -> list[float | None]:
        """Return the conductance at rest of every sweep: by pulse, or else by ramp."""
        by_pulse = {one.sweep: 1e3 / one.r_input_mohm for one in self.circuits if one.r_input_mohm}
        found = by_pulse or {leak.sweep: leak.g_ns for leak in self.leaks}
        return [found.get(number) for number in range(1, n_sweeps + 1)]


@dataclass(frozen=True)
class TestedResistance:
    """Series resistance in MΩ, sweep by sweep (from 1), its error, and how it came about.

    ``of_the_curve`` says that the measured curve is the test pulse itself: its slope is the
    input conductance, 1 / (R_s + R_m), as the field reports it, and stays that.
    """

    by_sweep: Mapping[int, float]
    typical_mohm: float
    se_mohm: float
    reason: str
    of_the_curve: bool = False


def read_cell_state(recording: Recording, row: SheetRow, mains_hz: float) -> CellState:
    """Measure the membrane test and the leak ramp of every sweep, where there are any."""
    info, current_pa = recording.info, recording.current_pa
    circuits: tuple[SweepCircuit, ...] = ()
    mean: SweepCircuit | None = None
    test = find_membrane_test(info)
    if test is not None:
        c_pf = row.c_m_pf if row.c_m_pf is not None else info.c_m_pf
        given = (current_pa, test, info.interval_ms)
        circuits = measure_membrane_test(*given, known_c_pf=c_pf, mains_hz=mains_hz)
        if not _told_often(circuits):
            mean = measure_mean_membrane_test(*given, known_c_pf=c_pf, mains_hz=mains_hz)
    ramp = find_leak_ramp(info)
    if ramp is None:
        return CellState(circuits, mean)
    leaks = fit_leak_ramp(current_pa, ramp, info.interval_ms)
    se_pa: float | None = 0.0
    if not ramp.has_return:
        leaks, se_pa = without_capacitive(leaks, ramp, recording)
    return CellState(circuits, mean, leaks, ramp.title, se_pa)


def tested_resistance(state: CellState) -> TestedResistance | None:
    """Return the series resistance that the membrane tests tell, or nothing.

    One value for all sweeps where these agree within their errors, for then differences are
    noise; each sweep's own where they do not.
    """
    told = [one for one in state.circuits if one.r_s_mohm is not None]
    if not _told_often(state.circuits):
        one = state.mean_circuit
        if one is None or one.r_s_mohm is None:
            return None
        why = "from the membrane test, the mean of all sweeps"
        return TestedResistance({}, one.r_s_mohm, one.r_s_se_mohm or 0.0, why)
    values = np.array([one.r_s_mohm or 0.0 for one in told])
    errors = np.array([one.r_s_se_mohm or 0.0 for one in told])
    typical, n = float(np.median(values)), len(told)
    scatter = 1.4826 * float(np.median(np.abs(values - typical)))
    # the part of the stated error that all sweeps share does not average out
    shared = float(np.median(errors))
    spread = float(np.ptp(values))
    if n >= 2 and spread > 2 * _SURE * max(scatter / 2, shared):
        own = {one.sweep: float(one.r_s_mohm or 0.0) for one in told}
        why = f"from the membrane test, each sweep's own ({values.min():.3g} to {values.max():.3g})"
        return TestedResistance(own, typical, shared, why)
    se_mohm = float(np.hypot(1.25 * scatter / n**0.5, shared / n**0.5))
    se_mohm = max(se_mohm, 0.003 * typical)
    why = f"from the membrane test, median of {n} sweeps that agree"
    return TestedResistance({}, typical, se_mohm, why)


def sweep_tests(state: CellState) -> tuple[SweepTest, ...]:
    """Return what the membrane test of every sweep tells, as the records keep it."""
    return tuple(
        SweepTest(**{part.name: getattr(one, part.name) for part in fields(SweepTest)})
        for one in state.circuits
    )


def _told_often(circuits: Sequence[SweepCircuit]) -> bool:
    """Whether enough sweeps tell the resistance for these not to be the lucky ones."""
    n_told = sum(one.r_s_mohm is not None for one in circuits)
    return n_told > 0 and 2 * n_told >= len(circuits)


def _reason(state: CellState) -> str:
    reasons = [one.reason for one in (*state.circuits, state.mean_circuit) if one and one.reason]
    return max(reasons, key=reasons.count) if reasons else "no sweep tells it"


def check_state(
    state: CellState, quality: Mapping[str, Any], n_good: int, *, subtracted: bool = False
) -> list[Finding]:
    """Return what tests and ramps of the good sweeps have to say.

    ``subtracted`` tells that the leak is taken off.
    """
    circuits = [one for one in state.circuits if one.sweep <= n_good]
    leaks = [leak for leak in state.leaks if leak.sweep <= n_good]
    found = [
        _cannot_tell(state),
        check_r_s_change(circuits, quality["r_s_change_fraction"]),
        check_leak(leaks, quality["leak_conductance_limit_ns"], subtracted=subtracted)
        or (None if subtracted else _say_leak(leaks, state.ramp, quality)),
        check_leak_change(state.leaks, subtracted=subtracted),
    ]
    return [finding for finding in found if finding is not None]


def _cannot_tell(state: CellState) -> Finding | None:
    if not state.circuits or _told_often(state.circuits):
        return None
    if state.mean_circuit is not None and state.mean_circuit.r_s_mohm is not None:
        return None
    return Finding(
        "membrane_test",
        "info",
        "the membrane test does not tell the series resistance and its drift over the sweeps: "
        f"{_reason(state)}",
    )


def _say_leak(leaks: Sequence[Leak], ramp: str, quality: Mapping[str, Any]) -> Finding | None:
    if not leaks:
        return None
    limit_ns = quality["leak_conductance_limit_ns"]
    g_ns = float(np.median([leak.g_ns for leak in leaks]))
    at_mv = [leak.e_rev_mv for leak in leaks if leak.e_rev_mv is not None]
    where = f", reversing at {float(np.median(at_mv)):+.1f} mV of the command" if at_mv else ""
    return Finding(
        "leak",
        "info",
        f"the {ramp} in the sweeps shows {g_ns:.3g} nS{where}; it is part of every "
        "point, and nothing is subtracted, since nobody can see from the numbers whether the "
        "channels were closed there; if they were, corrections: leak: ramp takes it off",
        g_ns,
        limit_ns,
        "nS",
    )

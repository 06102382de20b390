"""Repeats of one command in a simulated project: many channels, and a sodium current alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from permeant.physics.energy import atp_from_sodium_charge
from permeant.simulate.abf import write_abf1
from permeant.simulate.cells import membrane_current_pa
from permeant.simulate.protocol import count_holding_samples, played_commands_mv

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from permeant.simulate.ensemble import Ensemble
    from permeant.simulate.project import Plan
    from permeant.simulate.sodium import SodiumCurrent


def write_ensemble(
    path: Path, plan: Plan, ensemble: Ensemble, offset_mv: float, acquired: datetime
) -> None:
    """Simulate repeated steps of many channels: shut before the last epoch, at once after it."""
    v_mv = played_commands_mv(plan.protocol, plan.n_samples)[:1] - offset_mv
    start, stop = step_samples(plan)
    still = np.ones(v_mv.shape)
    unitary_pa = membrane_current_pa(v_mv, plan.membrane, still)[0, start]
    write_abf1(
        path,
        ensemble.record(
            float(unitary_pa),
            n_sweeps=plan.protocol.n_sweeps,
            n_before=start,
            n_step=stop - start,
            n_after=plan.n_samples - stop,
            interval_ms=plan.interval_ms,
            seed=plan.seed,
        ),
        plan.protocol,
        plan.interval_ms,
        comment=f"(cell {plan.cell})",
        acquired=acquired,
        sweep_interval_s=plan.sweep_interval_s,
        full_scale_pa=plan.full_scale_pa,
    )


def write_sodium(
    path: Path, plan: Plan, sodium: SodiumCurrent, offset_mv: float, acquired: datetime
) -> None:
    """Simulate the sodium current under the waveform of the protocol."""
    command_mv = played_commands_mv(plan.protocol, plan.n_samples)
    temperature_c = plan.membrane.temperature_c
    write_abf1(
        path,
        sodium.record(command_mv - offset_mv, plan.interval_ms, temperature_c, plan.seed),
        plan.protocol,
        plan.interval_ms,
        recorded_command_mv=command_mv if plan.records_command else None,
        comment=f"(cell {plan.cell})",
        acquired=acquired,
        sweep_interval_s=plan.sweep_interval_s,
        full_scale_pa=plan.full_scale_pa,
    )


def step_samples(plan: Plan) -> tuple[int, int]:
    """Return the first sample of the last epoch of a plan's protocol, and that after its last."""
    epochs = plan.protocol.epochs
    start = count_holding_samples(plan.n_samples)
    start += sum(epoch.duration_samples for epoch in epochs[:-1])
    return start, start + epochs[-1].duration_samples


def ensemble_truth(
    plan: Plan, ensemble: Ensemble, offset_mv: float
) -> list[tuple[str, float, str]]:
    """Return what noise analysis should find: unitary current, channels, open probability."""
    v_mv = np.array([plan.protocol.epochs[-1].level_mv - offset_mv])
    unitary_pa = float(membrane_current_pa(v_mv, plan.membrane, np.ones(1))[0])
    start, stop = step_samples(plan)
    return [
        ("i_unitary_pa", unitary_pa, "pA"),
        ("n_channels", ensemble.n_channels * (1.0 - 0.5 * ensemble.run_down), ""),
        ("p_max", ensemble.largest_open_probability((stop - start) * plan.interval_ms), ""),
    ]


def sodium_truth(
    plan: Plan, sodium: SodiumCurrent, offset_mv: float
) -> list[tuple[str, float, str]]:
    """Return the charge of the sodium current over its first value, and what it costs."""
    command_mv = played_commands_mv(plan.protocol, plan.n_samples)[0]
    current_pa = sodium.current_pa(
        command_mv - offset_mv, plan.interval_ms, plan.membrane.temperature_c
    )
    charge_pc = float((current_pa - current_pa[0]).sum()) * plan.interval_ms * 1e-3
    height_mv = max(one.level_mv for one in plan.protocol.epochs) - plan.protocol.holding_mv
    return [
        ("sodium_charge_pc", charge_pc, "pC"),
        ("atp", float(atp_from_sodium_charge(charge_pc)), ""),
        ("excess_factor", -1e3 * charge_pc / (plan.rig.c_m_pf * height_mv), ""),
    ]

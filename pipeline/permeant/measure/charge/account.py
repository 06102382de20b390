"""From the current of a window to sodium, ATP and the capacitive minimum, each step said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from permeant.measure.charge.command import Floats, spike_height_mv
from permeant.physics.energy import (
    NA_PER_ATP,
    atp_from_sodium_charge,
    ions_from_charge,
    minimal_sodium_ions,
)
from permeant.records import Cost, CostTrace

_FEWEST_SWEEPS = 3


def account(
    current_pa: Floats,
    *,
    interval_ms: float,
    command_mv: Floats | None,
    sodium_fraction: float | None,
    c_m_pf: float | None,
    said: Cost,
    trace: CostTrace | None = None,
) -> list[Cost]:
    """Return the account of a charge and, of an action potential, that against its minimum.

    Parameters
    ----------
    current_pa : array (sweeps, samples)
        Current over its zero, outward positive, in the window (pA).
    interval_ms : float
        Sampling interval.
    command_mv : array (samples + 1,) or None
        Command of the window and of the sample before it.
    sodium_fraction : float or None
        Sodium's part of the charge; above 1 where another ion leaves meanwhile.
    c_m_pf : float or None
        Capacitance (pF).
    said : Cost
        What of the account is known before.
    trace : CostTrace, optional
        To be drawn.

    Notes
    -----
    Q = sum(I) dt; ions = |Q|/e; ATP = ions/3 (Attwell & Laughlin 2001,
    doi:10.1097/00004647-200110000-00001).  The interval is Student's over sweeps, each with a
    zero of its own, so that errors of the zero are in it.
    """
    charges_pc = current_pa.sum(axis=1) * interval_ms * 1e-3
    base = replace(said, charge_pc=float(charges_pc.mean()), trace=trace)
    if sodium_fraction is None:
        why = (
            "which part of the charge sodium carried is not in the data: state sodium_fraction (1 "
            "for a current that a sodium channel blocker took away)"
        )
        return [replace(base, status="rejected", reason=why)]
    mean_pc, half_pc = _mean_with_interval(sodium_fraction * charges_pc)
    low_pc = None if half_pc is None else mean_pc - half_pc
    high_pc = None if half_pc is None else mean_pc + half_pc
    if mean_pc >= 0.0 or (high_pc is not None and high_pc >= 0.0):
        why = (
            f"the charge ({base.charge_pc:+.3g} pC) is not clearly inward: no sodium entry can be "
            "told from it"
        )
        return [replace(base, status="rejected", reason=why)]
    charge = replace(
        base,
        sodium_charge_pc=mean_pc,
        sodium_charge_low_pc=low_pc,
        sodium_charge_high_pc=high_pc,
        sodium_ions=float(ions_from_charge(mean_pc)),
        atp=float(atp_from_sodium_charge(mean_pc)),
        atp_low=None if high_pc is None else float(atp_from_sodium_charge(high_pc)),
        atp_high=None if low_pc is None else float(atp_from_sodium_charge(low_pc)),
        assumptions=(
            *said.assumptions,
            f"sodium carries {100 * sodium_fraction:g} % of the charge (stated)",
            f"the pump moves {NA_PER_ATP:g} Na⁺ an ATP",
        ),
    )
    spike = _against_minimum(charge, command_mv, interval_ms, c_m_pf)
    return [charge, spike] if spike else [charge]


def _mean_with_interval(charges_pc: Floats) -> tuple[float, float | None]:
    n = charges_pc.size
    if n < _FEWEST_SWEEPS:
        return float(charges_pc.mean()), None
    from scipy import special  # noqa: PLC0415 - most jobs measure no charge, and it loads slowly

    se_pc = float(charges_pc.std(ddof=1)) / np.sqrt(n)
    return float(charges_pc.mean()), float(special.stdtrit(n - 1, 0.975)) * se_pc


def _against_minimum(
    charge: Cost, command_mv: Floats | None, interval_ms: float, c_m_pf: float | None
) -> Cost | None:
    """Hold the sodium of an action potential against C dV; nothing where none was played."""
    if command_mv is None:
        return None
    height_mv, _ = spike_height_mv(command_mv, interval_ms)
    if height_mv is None:
        return None
    base = replace(charge, kind="action_potential", depolarisation_mv=height_mv, trace=None)
    if c_m_pf is None:
        why = (
            "the capacitance is not known, so neither is the least charge: give c_m_pf in the sheet"
        )
        return replace(
            base, status="rejected", reason=why, atp=None, atp_low=None, atp_high=None,
            sodium_ions=None, sodium_charge_pc=None, sodium_charge_low_pc=None,
            sodium_charge_high_pc=None,
        )  # fmt: skip
    least = float(minimal_sodium_ions(c_m_pf, height_mv))
    assert charge.sodium_ions is not None

    def over_least(atp: float | None) -> float | None:
        return None if atp is None else atp * NA_PER_ATP / least

    return replace(
        base,
        c_m_pf=c_m_pf,
        minimal_sodium_ions=least,
        excess_factor=charge.sodium_ions / least,
        excess_low=over_least(charge.atp_low),
        excess_high=over_least(charge.atp_high),
        assumptions=(
            *charge.assumptions,
            f"the membrane follows the command, which rises by {height_mv:.1f} mV",
            f"a capacitance of {c_m_pf:g} pF, taken as exact; the least is C·dV/e",
        ),
    )

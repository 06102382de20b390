"""What ion flow costs a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from permeant.records.findings import Status


@dataclass(frozen=True)
class Cost:
    """One account of what sodium costs; intervals 95 %, ``None`` where there is none.

    ``kind`` is ``charge`` (what flowed in a window), ``action_potential`` (the same held against
    the least that could depolarise the membrane) or ``rest`` (a steady current).  Ions and ATP are
    those of one window, at rest those of a second: ``per`` says which.  ``assumptions`` is what the
    numbers suppose and the data do not show.
    """

    kind: Literal["charge", "action_potential", "rest"]
    status: Status
    reason: str = ""
    per: Literal["window", "second"] = "window"
    sweeps: str = ""
    n_sweeps: int | None = None
    window_start_ms: float | None = None
    window_end_ms: float | None = None
    charge_pc: float | None = None
    """Charge of the whole current over its zero, outward positive."""
    sodium_fraction: float | None = None
    v_membrane_mv: float | None = None
    sodium_current_pa: float | None = None
    sodium_charge_pc: float | None = None
    sodium_charge_low_pc: float | None = None
    sodium_charge_high_pc: float | None = None
    sodium_ions: float | None = None
    atp: float | None = None
    atp_low: float | None = None
    atp_high: float | None = None
    c_m_pf: float | None = None
    depolarisation_mv: float | None = None
    minimal_sodium_ions: float | None = None
    excess_factor: float | None = None
    excess_low: float | None = None
    excess_high: float | None = None
    pump_work_kj_per_mol: float | None = None
    assumptions: tuple[str, ...] = ()
    trace: CostTrace | None = None


@dataclass(frozen=True)
class CostTrace:
    """Mean current over its zero and the command, with the window, to be drawn."""

    time_ms: tuple[float, ...]
    i_pa: tuple[float, ...]
    v_mv: tuple[float, ...]
    charge_pc: tuple[float, ...]

"""What a cell at rest pays for the sodium that leaks in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from permeant.physics.electrochemistry import nernst_mv
from permeant.physics.energy import (
    NA_PER_ATP,
    atp_from_sodium_charge,
    ions_from_charge,
    sodium_pump_work_j_per_mol,
)
from permeant.physics.ghk import ghk_current_per_permeability
from permeant.records import Cost, ModelFit, Solution

_PA_PER_A = 1e12
_PC_PER_PA_S = 1.0
_SIDES = "free concentrations of the two solutions"


def resting_cost(
    v_rest_mv: float,
    inside: Solution | None,
    outside: Solution | None,
    temperature_c: float | None,
    *,
    g_na_ns: float | None = None,
    models: Sequence[ModelFit] = (),
) -> Cost:
    """Return the sodium current at rest, and the ATP that pumps it back, per second.

    Parameters
    ----------
    v_rest_mv : float
        Resting potential (mV), stated.
    inside, outside : Solution or None
        Concentrations on the two sides (mM).
    temperature_c : float or None
        Temperature (°C).
    g_na_ns : float, optional
        Sodium conductance at rest (nS), stated; ohmic: I = g (V - E_Na).
    models : sequence of ModelFit, optional
        Models that were held against the curve of the recording: where no conductance is stated
        and the GHK equation stands, I = P_Na A f_Na(V) with its permeability of sodium.

    Returns
    -------
    Cost
        Rejected with the reason where the sodium current cannot be told.
    """
    base = Cost("rest", "ok", per="second", v_membrane_mv=v_rest_mv)
    if inside is None or outside is None or temperature_c is None:
        return _rejected(base, "pipette, bath and temperature_c have to be in the sheet")
    na_in, na_out = inside.ions_mm.get("Na", 0.0), outside.ions_mm.get("Na", 0.0)
    if na_out <= 0.0:
        return _rejected(base, "there is no sodium outside")
    base = replace(base, pump_work_kj_per_mol=_pump_work(v_rest_mv, inside, outside, temperature_c))
    pump = f"the pump moves {NA_PER_ATP:g} Na⁺ an ATP"
    if g_na_ns is not None:
        if na_in <= 0.0:
            why = "without sodium inside there is no equilibrium potential for g (V − E)"
            return _rejected(base, why)
        e_na_mv = float(nernst_mv(na_out, na_in, 1, temperature_c))
        said: tuple[str, ...] = (
            f"a sodium conductance of {g_na_ns:g} nS at rest (stated, taken as exact and ohmic)",
            f"E_Na = {e_na_mv:.1f} mV from the {_SIDES}",
            "no exchanger or other path brings sodium in at rest",
            pump,
        )
        current_pa = g_na_ns * (v_rest_mv - e_na_mv)
        return _account(replace(base, assumptions=said), current_pa, None, None)
    found = _sodium_permeability(models)
    if isinstance(found, str):
        return _rejected(base, found)
    per_pa = _PA_PER_A * float(
        ghk_current_per_permeability(v_rest_mv, na_in, na_out, 1, temperature_c)
    )
    value, low, high = found
    said = (
        "the pores of this recording are as open at rest as when their curve was recorded, and "
        "no other path lets sodium in",
        f"P_Na·A = {value:.3g} m³/s from the GHK fit of the curve, with the {_SIDES}",
        pump,
    )
    ends = [None if end is None else end * per_pa for end in (low, high)]
    return _account(replace(base, assumptions=said), value * per_pa, ends[0], ends[1])


def _rejected(base: Cost, reason: str) -> Cost:
    return replace(base, status="rejected", reason=reason)


def _account(base: Cost, current_pa: float, small_pa: float | None, large_pa: float | None) -> Cost:
    """Return ions and ATP of a second; ``small`` and ``large`` are the ends of the current."""
    if current_pa >= 0.0:
        return _rejected(
            base,
            f"sodium leaves at {base.v_membrane_mv:g} mV (a current of {current_pa:+.3g} pA): "
            "there is nothing to pump out",
        )

    def atp(pa: float | None) -> float | None:
        return None if pa is None else float(atp_from_sodium_charge(pa * _PC_PER_PA_S))

    return replace(
        base,
        sodium_current_pa=current_pa,
        sodium_charge_pc=current_pa * _PC_PER_PA_S,
        sodium_charge_low_pc=large_pa,
        sodium_charge_high_pc=small_pa,
        sodium_ions=float(ions_from_charge(current_pa * _PC_PER_PA_S)),
        atp=atp(current_pa),
        atp_low=atp(small_pa),
        atp_high=atp(large_pa),
    )


def _pump_work(
    v_mv: float, inside: Solution, outside: Solution, temperature_c: float
) -> float | None:
    """Return the work of a pump cycle (kJ/mol) where both ions are on both sides."""
    sides = [side.ions_mm.get(ion, 0.0) for ion in ("Na", "K") for side in (outside, inside)]
    if min(sides) <= 0.0:
        return None
    work = sodium_pump_work_j_per_mol(
        v_mv,
        na_outside_mm=sides[0],
        na_inside_mm=sides[1],
        k_outside_mm=sides[2],
        k_inside_mm=sides[3],
        temperature_c=temperature_c,
    )
    return 1e-3 * float(work)


def _sodium_permeability(
    models: Sequence[ModelFit],
) -> tuple[float, float | None, float | None] | str:
    """Return P_Na A (m³/s) with its interval from the GHK fit, or why there is none."""
    ghk = next((one for one in models if one.model == "ghk"), None)
    ask = "state g_na_ns, the sodium conductance at rest"
    if ghk is None:
        return f"no GHK equation was fitted to a curve of this recording; {ask}"
    if ghk.status != "ok":
        return f"the GHK equation does not describe the curve ({ghk.reason or ghk.status}); {ask}"
    found = next((one for one in ghk.parameters if one.name == "pa_Na"), None)
    if found is None or found.value <= 0.0:
        return f"the GHK fit gives no permeability to sodium; {ask}"
    return found.value, found.low, found.high

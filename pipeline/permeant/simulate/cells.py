"""Membranes: which current flows at which membrane voltage, and where it reverses.

A membrane is an ohmic leak beside one kind of channel.  The channel is ohmic or passes ions
after Goldman, Hodgkin and Katz, and may be gated.  Outward current is positive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from permeant.physics.ghk import ghk_current_per_permeability

if TYPE_CHECKING:
    from numpy.typing import NDArray

PA_PER_A = 1e12
SECTIONS, SECTION_ROUNDS = 64, 10
REVERSAL_TOLERANCE_MV = 1e-10

SLOPE_STEP_MV = 1e-3


@dataclass(frozen=True)
class Ohmic:
    """A conductance with a fixed reversal potential."""

    g_ns: float
    e_rev_mv: float


@dataclass(frozen=True)
class Carrier:
    """One ion that passes the channel; permeability times area, for the whole cell."""

    ion: str
    valence: int
    permeability_m3_per_s: float
    inside_mm: float
    outside_mm: float


@dataclass(frozen=True)
class Gate:
    """Part of the channels that is open, relaxing exponentially to a Boltzmann curve.

    A negative ``slope_mv`` closes with depolarisation; ``floor`` stays open at any voltage;
    ``tau_ms`` 0 is a gate that follows at once, such as a voltage-dependent block.
    """

    v_half_mv: float
    slope_mv: float
    tau_ms: float
    floor: float = 0.0


@dataclass(frozen=True)
class Membrane:
    """What a cell's membrane passes; the parts are added, only the channel is gated."""

    temperature_c: float
    ohmic: tuple[Ohmic, ...] = ()
    carriers: tuple[Carrier, ...] = ()
    gates: tuple[Gate, ...] = ()
    leak: Ohmic | None = None


def ohmic_current_pa(v_mv: NDArray[np.float64], ohmic: Ohmic) -> NDArray[np.float64]:
    """Return the current of a fixed conductance."""
    return ohmic.g_ns * (v_mv - ohmic.e_rev_mv)


def ghk_current_pa(
    v_mv: NDArray[np.float64], carriers: tuple[Carrier, ...], temperature_c: float
) -> NDArray[np.float64]:
    """Return the summed GHK current of independent ions of any valence."""
    if not carriers:
        return np.zeros_like(v_mv)
    per_permeability = ghk_current_per_permeability(
        v_mv,
        _column([one.inside_mm for one in carriers], v_mv),
        _column([one.outside_mm for one in carriers], v_mv),
        _column([one.valence for one in carriers], v_mv),
        temperature_c,
    )
    total_pa = np.zeros_like(v_mv)
    for one, per_one in zip(carriers, per_permeability, strict=True):
        total_pa += PA_PER_A * one.permeability_m3_per_s * per_one
    return total_pa


def steady_open_fraction(v_mv: NDArray[np.float64], gate: Gate) -> NDArray[np.float64]:
    """Return where the gate ends up at a voltage that is held."""
    boltzmann = 0.5 * (1.0 + np.tanh((v_mv - gate.v_half_mv) / (2.0 * gate.slope_mv)))
    return gate.floor + (1.0 - gate.floor) * boltzmann


def relax_open_fraction(
    now: NDArray[np.float64], v_mv: NDArray[np.float64], gate: Gate, duration_ms: float
) -> NDArray[np.float64]:
    """Return the open fraction after some time at a voltage."""
    target = steady_open_fraction(v_mv, gate)
    left = float(np.exp(-duration_ms / gate.tau_ms)) if gate.tau_ms > 0 else 0.0
    return target + (now - target) * left


def channel_current_pa(v_mv: NDArray[np.float64], membrane: Membrane) -> NDArray[np.float64]:
    """Return the current of the channels with every gate open."""
    total_pa = ghk_current_pa(v_mv, membrane.carriers, membrane.temperature_c)
    for one in membrane.ohmic:
        total_pa = total_pa + ohmic_current_pa(v_mv, one)
    return total_pa


def membrane_current_pa(
    v_mv: NDArray[np.float64],
    membrane: Membrane,
    open_fraction: NDArray[np.float64] | float = 1.0,
    extra_leak_ns: NDArray[np.float64] | float = 0.0,
) -> NDArray[np.float64]:
    """Return the whole ionic current; ``extra_leak_ns`` is a seal that gives way, at 0 mV."""
    total_pa = open_fraction * channel_current_pa(v_mv, membrane) + extra_leak_ns * v_mv
    if membrane.leak is not None:
        total_pa = total_pa + ohmic_current_pa(v_mv, membrane.leak)
    return total_pa


def steady_current_pa(v_mv: NDArray[np.float64], membrane: Membrane) -> NDArray[np.float64]:
    """Return the current after all gates have settled."""
    open_fraction: NDArray[np.float64] = np.ones_like(v_mv)
    for gate in membrane.gates:
        open_fraction = open_fraction * steady_open_fraction(v_mv, gate)
    return membrane_current_pa(v_mv, membrane, open_fraction)


def slope_conductance_ns(v_mv: float, membrane: Membrane) -> float:
    """Return dI/dV of the steady current, by a central difference."""
    around = np.array([v_mv - SLOPE_STEP_MV, v_mv + SLOPE_STEP_MV])
    below, above = steady_current_pa(around, membrane)
    return float((above - below) / (2 * SLOPE_STEP_MV))


def find_reversal_mv(membrane: Membrane, low_mv: float = -200.0, high_mv: float = 200.0) -> float:
    """Return where the steady current is zero, to the last bits, by cutting into sections."""
    for _ in range(SECTION_ROUNDS):
        grid_mv = np.linspace(low_mv, high_mv, SECTIONS + 1)
        outward = steady_current_pa(grid_mv, membrane) > 0
        if outward[0] or not outward[-1]:
            raise ValueError(f"no reversal between {low_mv:g} and {high_mv:g} mV")
        first = int(np.argmax(outward))
        low_mv, high_mv = float(grid_mv[first - 1]), float(grid_mv[first])
        if high_mv - low_mv < REVERSAL_TOLERANCE_MV:
            break
    return 0.5 * (low_mv + high_mv)


def _column(values: list[float], like: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give one number an ion along a new first axis, to be combined with all voltages."""
    return np.array(values, dtype=float).reshape(-1, *([1] * like.ndim))

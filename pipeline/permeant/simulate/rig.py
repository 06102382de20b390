"""The pipette and the amplifier: from a command and a membrane to a recorded current.

The series resistance is part of the circuit, not a correction made afterwards: the membrane
voltage follows ``C dV/dt = (V_clamp - V) / R - I(V)``, where R is what the compensation
leaves of the series resistance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from permeant.simulate.cells import (
    Membrane,
    membrane_current_pa,
    relax_open_fraction,
    steady_open_fraction,
)
from permeant.simulate.noise import (
    bessel_response,
    epscs_pa,
    low_pass,
    mains_hum_pa,
    pink_noise_pa,
    spikes_pa,
    times_s,
    white_noise_pa,
)
from permeant.simulate.protocol import Protocol, played_commands_mv

if TYPE_CHECKING:
    from numpy.typing import NDArray

SETTLED_MV = 1e-9
SLOPE_STEP_MV = 1e-3
NEWTON_STEPS = 200
PA_PER_MV_MOHM = 1e3
"""A millivolt over a megohm is 1000 pA."""


@dataclass(frozen=True)
class Rig:
    """What stands between the command and the membrane, and between the current and the file.

    Parameters
    ----------
    r_s_mohm, r_s_compensation : float
        Series resistance and the fraction of it that the correction circuit takes away.
    c_m_pf : float
        Membrane capacitance.
    transient_cancelled : float
        Fraction of the capacitive current that the amplifier cancels.
    voltage_offset_mv : float
        Command minus membrane voltage at zero current: junction potential, electrode shift
        and any error of the command, added up.
    low_pass_khz, low_pass_poles
        Bessel filter; ``None``: no filter.
    white_pa : float
        White noise, rms before the filter.
    pink_pa : float
        1/f noise at 1 Hz, pA/√Hz.
    mains_pa, mains_hz : float
        Amplitude and frequency of hum.
    drift_pa_per_s : float
        Linear drift of the zero current, from the start of the recording.
    run_down_per_sweep : float
        Fraction of the channels lost from one sweep to the next.
    seal_lost_at_sweep, seal_leak_ns
        First sweep (from 0) and size of a leak at 0 mV that opens for good.
    spikes_per_s, spike_pa : float
        Rate and height of glitches.
    epscs_per_s, epsc_pa : float
        Rate and median peak of inward synaptic events.
    saturation_pa : float, optional
        Where the amplifier's output stops.
    command_noise_mv : float
        White noise of the channel that records the command.
    command_error_mv : float
        What is played, and recorded, beyond the command that the protocol asks for.
    """

    r_s_mohm: float = 0.0
    r_s_compensation: float = 0.0
    c_m_pf: float = 20.0
    transient_cancelled: float = 0.0
    voltage_offset_mv: float = 0.0
    low_pass_khz: float | None = 2.0
    low_pass_poles: int = 4
    white_pa: float = 0.0
    pink_pa: float = 0.0
    mains_pa: float = 0.0
    mains_hz: float = 50.0
    drift_pa_per_s: float = 0.0
    run_down_per_sweep: float = 0.0
    seal_lost_at_sweep: int | None = None
    seal_leak_ns: float = 0.0
    spikes_per_s: float = 0.0
    spike_pa: float = 0.0
    epscs_per_s: float = 0.0
    epsc_pa: float = 0.0
    saturation_pa: float | None = None
    command_noise_mv: float = 0.0
    command_error_mv: float = 0.0

    @property
    def residual_r_s_mohm(self) -> float:
        """Series resistance that is left after compensation."""
        return self.r_s_mohm * (1.0 - self.r_s_compensation)


@dataclass(frozen=True)
class Sweeps:
    """The membrane as the sweeps of a recording see it: run-down and seal differ by sweep."""

    membrane: Membrane
    channels_left: NDArray[np.float64]
    extra_leak_ns: NDArray[np.float64]

    def current_pa(
        self, v_mv: NDArray[np.float64], open_fraction: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the membrane's current at one voltage and open fraction a sweep."""
        return membrane_current_pa(
            v_mv, self.membrane, open_fraction * self.channels_left, self.extra_leak_ns
        )

    def current_and_slope(
        self, v_mv: NDArray[np.float64], open_fraction: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the current and how it changes with the voltage at that open fraction."""
        both = self.current_pa(np.stack([v_mv, v_mv + SLOPE_STEP_MV]), open_fraction)
        return both[0], (both[1] - both[0]) / SLOPE_STEP_MV


def settle_voltage_mv(
    sweeps: Sweeps, clamp_mv: NDArray[np.float64], residual_mohm: float
) -> NDArray[np.float64]:
    """Return the membrane voltage at which gates and circuit stand still, sweep by sweep."""
    v_mv = clamp_mv.copy()
    if residual_mohm == 0:
        return v_mv
    for _ in range(NEWTON_STEPS):
        i_pa, slope_ns = sweeps.current_and_slope(v_mv, steady_gates(sweeps.membrane, v_mv))
        excess_pa = PA_PER_MV_MOHM * (clamp_mv - v_mv) / residual_mohm - i_pa
        change = excess_pa / (PA_PER_MV_MOHM / residual_mohm + np.maximum(slope_ns, 0.0))
        v_mv = v_mv + change
        if np.abs(change).max() < SETTLED_MV:
            break
    return v_mv


def clamp_membrane(
    membrane: Membrane, command_mv: NDArray[np.float64], interval_ms: float, rig: Rig
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Solve the circuit: the pipette's current and the membrane voltage, before any noise.

    Each sample is one step of an exponential integrator, exact for a linear membrane, and
    the current is its mean over the sample, so that no charge of a transient is lost.  Where
    nothing moves any more, the rest of the stretch is filled in.

    Returns
    -------
    current_pa, membrane_mv : arrays (sweeps, samples)
    """
    n_sweeps, n_samples = command_mv.shape
    clamp_mv = command_mv - rig.voltage_offset_mv
    sweeps = see_by_sweep(membrane, n_sweeps, rig)
    residual_mohm = rig.residual_r_s_mohm
    v_mv = settle_voltage_mv(sweeps, clamp_mv[:, 0], residual_mohm)
    gates = [steady_open_fraction(v_mv, gate) for gate in membrane.gates]
    current_pa, membrane_mv = np.empty_like(clamp_mv), np.empty_like(clamp_mv)
    changes = np.flatnonzero(np.any(np.diff(clamp_mv, axis=1) != 0, axis=0)) + 1
    ends = np.append(changes, n_samples)
    stretch_ends = ends[np.searchsorted(changes, np.arange(n_samples), "right")]
    k = 0
    while k < n_samples:
        open_fraction = np.prod(gates, axis=0) if gates else np.ones(n_sweeps)
        before_mv = v_mv
        if residual_mohm == 0:
            v_mv = clamp_mv[:, k]
            current_pa[:, k] = sweeps.current_pa(v_mv, open_fraction)
        else:
            v_mv, current_pa[:, k] = _step_circuit(
                sweeps, v_mv, open_fraction, clamp_mv[:, k], interval_ms=interval_ms, rig=rig
            )
        membrane_mv[:, k] = v_mv
        moved_mv = np.abs(v_mv - before_mv).max()
        moving_gates = [
            relax_open_fraction(now, v_mv, gate, interval_ms)
            for now, gate in zip(gates, membrane.gates, strict=True)
        ]
        moved_gates = max(
            (np.abs(a - b).max() for a, b in zip(gates, moving_gates, strict=True)), default=0.0
        )
        gates = moving_gates
        if moved_mv < SETTLED_MV and moved_gates < SETTLED_MV:
            stop = int(stretch_ends[k])
            current_pa[:, k + 1 : stop] = current_pa[:, k : k + 1]
            membrane_mv[:, k + 1 : stop] = v_mv[:, None]
            k = stop
        else:
            k += 1
    return current_pa, membrane_mv


def record(
    membrane: Membrane,
    protocol: Protocol,
    rig: Rig,
    *,
    interval_ms: float,
    n_samples: int,
    sweep_interval_s: float,
    seed: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Play a protocol to a cell and return what the amplifier puts out.

    Returns
    -------
    current_pa, recorded_command_mv : arrays (sweeps, samples)
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    command_mv = played_commands_mv(protocol, n_samples) + rig.command_error_mv
    current_pa, _ = clamp_membrane(membrane, command_mv, interval_ms, rig)
    shape = (command_mv.shape[0], n_samples)
    at_s = times_s(shape, interval_ms, sweep_interval_s)
    current_pa += rig.drift_pa_per_s * at_s
    if rig.white_pa:
        current_pa += white_noise_pa(shape, rig.white_pa, generator)
    if rig.pink_pa:
        current_pa += pink_noise_pa(shape, rig.pink_pa, interval_ms, generator)
    if rig.mains_pa:
        phase = 2 * np.pi * generator.random()
        current_pa += mains_hum_pa(at_s, rig.mains_pa, rig.mains_hz, phase)
    if rig.spikes_per_s:
        current_pa += spikes_pa(shape, rig.spikes_per_s, rig.spike_pa, interval_ms, generator)
    if rig.epscs_per_s:
        current_pa += epscs_pa(shape, rig.epscs_per_s, rig.epsc_pa, interval_ms, generator)
    if rig.low_pass_khz is not None:
        weights = bessel_response(rig.low_pass_khz, interval_ms, rig.low_pass_poles)
        current_pa = low_pass(current_pa, weights)
    if rig.saturation_pa is not None:
        current_pa = np.clip(current_pa, -rig.saturation_pa, rig.saturation_pa)
    if rig.command_noise_mv:
        command_mv = command_mv + rig.command_noise_mv * generator.standard_normal(shape)
    return current_pa, command_mv


def see_by_sweep(membrane: Membrane, n_sweeps: int, rig: Rig) -> Sweeps:
    """Return the membrane with what run-down leaves and the lost seal adds, sweep by sweep."""
    number = np.arange(n_sweeps)
    lost = n_sweeps if rig.seal_lost_at_sweep is None else rig.seal_lost_at_sweep
    return Sweeps(
        membrane,
        np.power(1.0 - rig.run_down_per_sweep, number, dtype=np.float64),
        np.where(number >= lost, rig.seal_leak_ns, 0.0).astype(np.float64),
    )


def steady_gates(membrane: Membrane, v_mv: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the product of all gates once they have settled."""
    open_fraction = np.ones_like(v_mv)
    for gate in membrane.gates:
        open_fraction = open_fraction * steady_open_fraction(v_mv, gate)
    return open_fraction


def _step_circuit(
    sweeps: Sweeps,
    v_mv: NDArray[np.float64],
    open_fraction: NDArray[np.float64],
    clamp_mv: NDArray[np.float64],
    *,
    interval_ms: float,
    rig: Rig,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Advance the circuit by one sample: new membrane voltage, mean measured current."""
    pipette_ns = PA_PER_MV_MOHM / rig.residual_r_s_mohm
    i_pa, slope_ns = sweeps.current_and_slope(v_mv, open_fraction)
    speed = (pipette_ns * (clamp_mv - v_mv) - i_pa) / rig.c_m_pf
    z = -(pipette_ns + slope_ns) / rig.c_m_pf * interval_ms
    end_mv = v_mv + speed * interval_ms * np.expm1(z) / z
    mean_mv = v_mv + speed * interval_ms * (np.expm1(z) - z) / (z * z)
    capacitive_pa = rig.c_m_pf * (end_mv - v_mv) / interval_ms
    pipette_pa = pipette_ns * (clamp_mv - mean_mv)
    return end_mv, pipette_pa - rig.transient_cancelled * capacitive_pa

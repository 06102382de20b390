"""What the scenarios of the calibration study are made of: a cell, its recordings, its truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scenarios_truth import INTERVAL_MS, SWEEP_MS, Truth, find_truth, step_levels_mv

from permeant.recording.abf_header import Adc
from permeant.recording.channels import judge_channels
from permeant.recording.clipping import find_clipping
from permeant.recording.recorded_command import use_recorded
from permeant.records import Recording, SheetRow, Solution
from permeant.simulate.abf import ADC_STEPS, choose_full_scale_pa
from permeant.simulate.cells import Carrier, Membrane
from permeant.simulate.in_memory import build_recording
from permeant.simulate.protocol import Protocol, plan_steps
from permeant.simulate.rig import Rig, record

Array = NDArray[np.float64]

SWEEP_INTERVAL_S = 2.0
STEP_MS = 200.0
TEMPERATURE_C = 22.0
PERMEABILITY_M3_PER_S = 1.2e-17
"""Gives a cell with 140 mM of a monovalent ion on both sides about 6 nS."""

USUAL_RIG = Rig(
    r_s_mohm=8.0,
    r_s_compensation=0.6,
    c_m_pf=22.0,
    transient_cancelled=0.9,
    low_pass_khz=2.0,
    white_pa=6.0,
    pink_pa=0.3,
    mains_pa=0.3,
)

EXACT_SHEET = {"sigma_r_s_fraction": 0.0}
"""Where the sheet says the true series resistance, no error of it is allowed for."""

Kind = Literal["ordinary", "nasty", "no answer"]
ANSWERS = {"e_rev": True, "g": True, "g_at_reversal": True}


@dataclass(frozen=True)
class Simulated:
    """One recording with its row of the sheet and its truth."""

    recording: Recording
    row: SheetRow
    truth: Truth


@dataclass(frozen=True)
class Case:
    """One simulated cell: its recordings, and where ratios are sought what is true of them."""

    recordings: tuple[Simulated, ...]
    solutions: Mapping[str, Solution] = field(default_factory=dict)
    permeability: Mapping[str, object] = field(default_factory=dict)
    ratios: Mapping[str, float] = field(default_factory=dict)
    corrections: Mapping[str, object] = field(default_factory=lambda: dict(EXACT_SHEET))


@dataclass(frozen=True)
class Scenario:
    """A named kind of cell and what may be asked of it.

    ``answers`` says of each quantity whether it can be known; one that is not named is not
    judged.  ``reasons`` are expressions that the right reason for a refusal matches,
    ``flag`` a finding that must be raised.
    """

    name: str
    kind: Kind
    make: Callable[[int], Case]
    shows: str
    answers: Mapping[str, bool] = field(default_factory=lambda: dict(ANSWERS))
    reasons: Mapping[str, str] = field(default_factory=dict)
    flag: str = ""


def draw(seed: int) -> np.random.Generator:
    """Return the generator of a cell; its noise takes another."""
    return np.random.Generator(np.random.PCG64([20_240, seed]))


def steps(first_mv: float = -100.0, last_mv: float = 60.0, **changed: float) -> Protocol:
    """Plan the usual family of the study: 17 sweeps of 300 ms, steps of 200 ms."""
    return plan_steps(interval_ms=INTERVAL_MS, first_mv=first_mv, last_mv=last_mv, **changed)


def ion_carriers(
    permeabilities: Mapping[str, float],
    inside_mm: Mapping[str, float],
    outside_mm: Mapping[str, float],
    scale: float = 1.0,
) -> tuple[Carrier, ...]:
    """Return the carriers of a channel from relative permeabilities and two solutions."""
    valences = {"Ca": 2, "Mg": 2, "Cl": -1}
    return tuple(
        Carrier(
            ion,
            valences.get(ion, 1),
            ratio * scale * PERMEABILITY_M3_PER_S,
            inside_mm.get(ion, 0.0),
            outside_mm.get(ion, 0.0),
        )
        for ion, ratio in permeabilities.items()
    )


def simulate(
    seed: int,
    membrane: Membrane,
    *,
    rig: Rig = USUAL_RIG,
    protocol: Protocol | None = None,
    row: SheetRow | None = None,
    nominal_offset_mv: float = 0.0,
    full_scale_pa: float | None = None,
    records_command: bool = False,
    n_sweeps: int | None = None,
    valid: slice | None = None,
    steady: bool = True,
    oracle_fraction: float = 0.5,
    r_s_error_fraction: float = 0.0,
) -> Simulated:
    """Record one cell and work out its truth.

    Parameters
    ----------
    seed : int
    membrane, rig, protocol
        What is recorded; ``rig.voltage_offset_mv`` is all of the voltage offset.
    row : SheetRow, optional
        What the sheet says; default: the rig's true series resistance and a junction
        potential that the amplifier has corrected.
    nominal_offset_mv : float
        The part of the offset that solutions and sheet explain; the rest is an error of the
        voltage axis that nobody can see, so that the truth is said on the axis with it.
    full_scale_pa, records_command, n_sweeps
        As in ``build_recording``.
    valid : slice, optional
        The sweeps that are fit to be used; default: those whose currents are not clipped.
    steady : bool
        Whether there is a steady current, whose slope can be true.
    oracle_fraction : float
        The part of the step that an oracle would average.
    r_s_error_fraction : float
        Standard error of the series resistance in the sheet, as a fraction of it.
    """
    protocol = protocol or steps()
    n_samples = round(SWEEP_MS / INTERVAL_MS)
    current_pa, command_mv = record(
        membrane,
        protocol,
        rig,
        interval_ms=INTERVAL_MS,
        n_samples=n_samples,
        sweep_interval_s=SWEEP_INTERVAL_S,
        seed=seed + 1_000_003,
    )
    recording = build_recording(
        current_pa,
        protocol,
        INTERVAL_MS,
        sweep_interval_s=SWEEP_INTERVAL_S,
        full_scale_pa=full_scale_pa,
        recorded_command_mv=command_mv if records_command else None,
        n_sweeps=n_sweeps,
    )
    recording = _as_read(recording, full_scale_pa or choose_full_scale_pa(np.abs(current_pa).max()))
    axis_error_mv = rig.voltage_offset_mv - nominal_offset_mv
    truth = find_truth(
        membrane,
        rig,
        step_levels_mv(protocol),
        axis_error_mv=axis_error_mv,
        recording=recording,
        limit_pa=full_scale_pa,
        valid=valid,
        steady=steady,
        window_ms=oracle_fraction * STEP_MS,
    )
    row = row or SheetRow(2, "cell", "iv", "iv.abf", temperature_c=TEMPERATURE_C, ljp_applied=True)
    # the amplifier takes off what it was told to, so all of the error is left
    said = 1.0 + r_s_error_fraction * float(draw(seed + 700_000).standard_normal())
    row = replace(row, r_s_mohm=said * rig.r_s_mohm, r_s_compensation=rig.r_s_compensation / said)
    if r_s_error_fraction:
        truth = _with_resistance_error(truth, rig, r_s_error_fraction)
    return Simulated(recording, row, replace(truth, offset_mv=nominal_offset_mv))


def _with_resistance_error(truth: Truth, rig: Rig, fraction: float) -> Truth:
    """Let the oracle know what an error of the series resistance does to the points."""
    moved_mv = truth.i_pa * rig.r_s_mohm * fraction * 1e-3
    moved_pa = moved_mv * np.gradient(truth.i_pa, truth.v_mv)
    return replace(truth, covariance_pa2=truth.covariance_pa2 + np.outer(moved_pa, moved_pa))


def _as_read(recording: Recording, full_scale_pa: float) -> Recording:
    """Give a recording what our reader would add: clipping, and the recorded command's say."""
    info = recording.info
    raw = np.rint(recording.current_pa * (ADC_STEPS / full_scale_pa)).astype(np.int16)
    findings = (*info.findings, *find_clipping(raw, "channel 0 ('IN 0', pA)"))
    if recording.command_mv is None:
        return replace(recording, info=replace(info, findings=findings))
    adc = Adc(1, "Vcmd", "mV", 1.0, 0.0)
    (candidate,) = judge_channels([adc], [recording.command_mv])
    verdict = use_recorded(
        candidate, recording.command_mv, info.sweeps, info.interval_ms, wanted=False
    )
    assert verdict.sweeps is not None
    return replace(
        recording,
        info=replace(
            info,
            sweeps=verdict.sweeps,
            command_source="recorded in channel 1 ('Vcmd')",
            findings=(*findings, *verdict.findings),
        ),
    )

"""Simulated cells whose leak can be told: a gated channel, a leak, a ramp where it is closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from recordings_by_hand import CORRECTIONS, measure

from permeant.infer.iv import fit_iv
from permeant.infer.subtract import without_leak
from permeant.records import IVFit, Measurement, Recording, SharedError
from permeant.simulate.cells import Gate, Membrane, Ohmic
from permeant.simulate.in_memory import build_recording
from permeant.simulate.noise import bessel_response, low_pass, pink_noise_pa, white_noise_pa
from permeant.simulate.protocol import Epoch, Protocol, played_commands_mv
from permeant.simulate.rig import Rig, clamp_membrane

INTERVAL_MS = 0.2
CHANNEL = Ohmic(8.0, 15.0)
LEAK = Ohmic(2.0, -5.0)
GATE = Gate(-45.0, 3.0, 1.0)
GATED = Membrane(22.0, ohmic=(CHANNEL,), gates=(GATE,), leak=LEAK)
UNGATED = Membrane(22.0, ohmic=(CHANNEL,), leak=LEAK)
RIG = Rig(r_s_mohm=6.0, c_m_pf=20.0, low_pass_khz=None)
N_SAMPLES = 2600


def protocol(both_ways: bool = True) -> Protocol:
    """Hold at -70, ramp to -110 (and back), hold, step to -120 … 60 mV."""
    back = Epoch(-70.0, 500, kind="ramp" if both_ways else "step")
    return Protocol(
        "leak_ramp",
        -70.0,
        (
            Epoch(-70.0, 300),
            Epoch(-110.0, 500, kind="ramp"),
            back,
            Epoch(-70.0, 200),
            Epoch(-120.0, 900, level_increment_mv=10.0),
        ),
        n_sweeps=19,
    )


@cache
def clean_pa(membrane: Membrane, both_ways: bool = True) -> np.ndarray:
    command_mv = played_commands_mv(protocol(both_ways), N_SAMPLES)
    return clamp_membrane(membrane, command_mv, INTERVAL_MS, RIG)[0]


def recorded(
    membrane: Membrane, seed: int, *, both_ways: bool = True, pink_pa: float = 0.3
) -> Recording:
    random = np.random.Generator(np.random.PCG64(seed))
    clean = clean_pa(membrane, both_ways)
    noise = white_noise_pa(clean.shape, 5.0, random)
    noise += pink_noise_pa(clean.shape, pink_pa, INTERVAL_MS, random)
    current = low_pass(clean + noise, bessel_response(1.5, INTERVAL_MS))
    return build_recording(current, protocol(both_ways), INTERVAL_MS, sweep_interval_s=2.0)


def without(recording: Recording, row=None, **corrections: object) -> Measurement:
    return measure(recording, row, corrections={**CORRECTIONS, **corrections})


def fit(measured: Measurement) -> IVFit:
    """Fit the points at which every channel is open: there the channel's curve is straight."""
    points = without_leak(measured.points)
    return fit_iv([point for point in points if point.v_membrane_mv > -25.0])


def shared_at(errors: Sequence[SharedError], measured: Measurement, v_mv: float) -> float:
    """One standard error of the currents at a voltage, from the errors that all points share."""
    v = np.array([point.v_membrane_mv for point in measured.points])
    order = np.argsort(v)
    moved = [np.interp(v_mv, v[order], np.array(error.i_pa)[order]) for error in errors]
    return float(np.linalg.norm(moved))


def held(measured: Measurement, found: IVFit, truth: Mapping[str, float]) -> dict[str, bool]:
    """Whether the 95 % intervals hold the truth, the shared errors added as independent."""
    at_pa = shared_at(measured.shared_errors, measured, truth["e_rev_mv"])
    widths = {"e_rev_mv": 1.96 * at_pa / found.g_at_reversal_ns}
    names = {"e_rev_mv": ("e_rev_low_mv", "e_rev_high_mv")}
    result = {}
    for name, more in widths.items():
        low, high = (getattr(found, end) for end in names[name])
        value = getattr(found, name)
        half = np.hypot(0.5 * (high - low), more)
        result[name] = bool(abs(value - truth[name]) <= half)
    return result

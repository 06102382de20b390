"""Simulated cells whose leak can be told: a gated channel, a leak, a ramp where it is closed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from recordings_by_hand import CORRECTIONS, measure

from permeant.infer.iv import fit_iv
from permeant.infer.shared import include_shared_errors
from permeant.infer.subtract import without_leak
from permeant.records import IVFit, Measurement, Recording
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
    """Measure with corrections changed; the series resistance of the sheet is exact here."""
    given = {**CORRECTIONS, "sigma_r_s_fraction": 0.0, **corrections}
    return measure(recording, row, corrections=given)


def fit(measured: Measurement) -> IVFit:
    """Fit the points at which every channel is open: there the channel's curve is straight."""
    points = [
        replace(point, used=point.used and point.v_membrane_mv > -25.0)
        for point in without_leak(measured.points)
    ]
    return include_shared_errors(fit_iv(points), points, measured.shared_errors)

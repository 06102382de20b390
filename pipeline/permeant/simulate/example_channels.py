"""The cells of the example project whose channels or costs are looked at."""

from __future__ import annotations

from permeant.simulate.cells import Membrane, Ohmic
from permeant.simulate.channels import ChannelScheme
from permeant.simulate.ensemble import Ensemble
from permeant.simulate.example_setup import TEMPERATURE_C, USUAL_RIG
from permeant.simulate.project import Plan
from permeant.simulate.protocol import Epoch, Protocol
from permeant.simulate.sodium import SodiumCurrent

_OPENS_AND_INACTIVATES = ChannelScheme(
    ((0.0, 1.0, 0.0), (0.1, 0.0, 0.12), (0.0, 0.004, 0.0)), (0.0, 1.0, 0.0)
)

_G_NA_NS = 950.0


def plan_noise() -> Plan:
    """Return repeated steps of many channels that open and inactivate."""
    interval_ms = 0.1
    return Plan(
        cell="noise",
        pipette="KCl_in",
        bath="bath_Na",
        membrane=Membrane(TEMPERATURE_C, ohmic=(Ohmic(0.015, 0.0),)),
        protocol=Protocol(
            "noise_steps",
            -90.0,
            (Epoch(-90.0, round(8.0 / interval_ms)), Epoch(-40.0, round(30.0 / interval_ms))),
            n_sweeps=200,
        ),
        rig=USUAL_RIG,
        seed=260,
        interval_ms=interval_ms,
        n_samples=448,
        records_command=False,
        is_steady=False,
        tells_series_resistance=False,
        measure="noise",
        ensemble=Ensemble(
            _OPENS_AND_INACTIVATES, n_channels=900, noise_pa=1.5, filter_khz=4.0, run_down=0.06
        ),
        shows="200 equal steps of 900 channels that open and inactivate: unitary current, number "
        "of channels and open probability from the variance between sweeps",
    )


def plan_energy() -> Plan:
    """Return the sodium current under the waveform of an action potential."""
    interval_ms = 0.02
    course = ((-50.0, 3.0), (30.0, 0.35), (25.0, 0.15), (-55.0, 0.9), (-72.0, 1.5), (-70.0, 6.0))
    epochs = tuple(
        Epoch(level_mv, round(duration_ms / interval_ms), kind="ramp")
        for level_mv, duration_ms in course
    )
    return Plan(
        cell="energy",
        pipette="K_Na_in",
        bath="bath_Na_K",
        membrane=Membrane(TEMPERATURE_C, ohmic=(Ohmic(1.0, 0.0),)),
        protocol=Protocol(
            "action_potential",
            -70.0,
            (Epoch(-70.0, round(4.0 / interval_ms)), *epochs),
            n_sweeps=12,
        ),
        rig=USUAL_RIG,
        seed=270,
        interval_ms=interval_ms,
        n_samples=1000,
        records_command=False,
        is_steady=False,
        measure="charge",
        sodium=SodiumCurrent(g_max_ns=_G_NA_NS, e_na_mv=67.0, noise_pa=8.0, filter_khz=10.0),
        sheet={"sodium_fraction": "1", "v_rest_mv": "-70", "g_na_ns": "0.15"},
        note="blocker-subtracted: what the sodium channel blocker took away",
        shows="the sodium current under the waveform of an action potential: charge, ions and ATP "
        "against the least that could depolarise the cell, and the cost of its rest",
    )

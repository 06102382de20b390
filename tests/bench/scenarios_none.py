"""Cells that hold no answer: a number here is made up."""

from __future__ import annotations

from dataclasses import replace

from scenarios_ordinary import selective, straight
from scenarios_parts import TEMPERATURE_C, USUAL_RIG, Case, Scenario, simulate, steps

from permeant.simulate.cells import Gate, Membrane, Ohmic


def _closing(seed: int) -> Case:
    membrane = replace(
        straight(seed, 15.0, low_mv=-90.0, high_mv=-80.0), gates=(Gate(-15.0, 7.0, 8.0),)
    )
    return Case((simulate(seed, membrane, protocol=steps(-120.0, 40.0)),))


def _outside(seed: int) -> Case:
    return Case((simulate(seed, selective(seed, 1.0), protocol=steps(-40.0, 60.0)),))


def _dead(seed: int) -> Case:
    return Case((simulate(seed, Membrane(TEMPERATURE_C, ohmic=(Ohmic(0.0, 0.0),))),))


def _offset(seed: int) -> Case:
    """Noise around a current that no voltage changes."""
    rig = replace(USUAL_RIG, pink_pa=2.0)
    return Case((simulate(seed, Membrane(TEMPERATURE_C, ohmic=(Ohmic(0.0, 0.0),)), rig=rig),))


def _all_clipped(seed: int) -> Case:
    membrane = straight(seed, 80.0, low_mv=-32.0, high_mv=-28.0)
    protocol = steps(-105.0, 55.0, step_mv=20.0)
    return Case((simulate(seed, membrane, protocol=protocol, full_scale_pa=100.0),))


NO_E = {"e_rev": False}
NONE = {"e_rev": False, "g": False}

SCENARIOS = (
    Scenario(
        "closing K channel",
        "no answer",
        _closing,
        "steady state of a channel that is closed at its reversal",
        answers=NO_E,
        reasons={"e_rev": r"clos|gated|off zero|conduct|slope"},
    ),
    Scenario(
        "reversal outside",
        "no answer",
        _outside,
        "a K channel tested from -40 mV up",
        answers={"e_rev": False, "g": True},
        reasons={"e_rev": r"outside the tested"},
    ),
    Scenario(
        "dead cell",
        "no answer",
        _dead,
        "noise alone",
        answers=NO_E,
        reasons={"e_rev": r"does not clearly|no current|flat"},
    ),
    Scenario(
        "dead cell, 1/f",
        "no answer",
        _offset,
        "slow noise alone",
        answers=NO_E,
        reasons={"e_rev": r"does not clearly|no current|flat"},
    ),
    Scenario(
        "all clipped",
        "no answer",
        _all_clipped,
        "every step beyond the converter's range",
        answers=NONE,
        reasons={"e_rev": r"converter|clip", "g": r"converter|clip"},
    ),
)

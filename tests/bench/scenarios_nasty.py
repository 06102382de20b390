"""Cells with a trouble that an answer must survive, or be judged by."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scenarios_ordinary import selective, straight
from scenarios_parts import (
    TEMPERATURE_C,
    USUAL_RIG,
    Case,
    Scenario,
    draw,
    simulate,
    steps,
)

from permeant.simulate.cells import Gate, Membrane, Ohmic

SEAL_LOST_AT = 8


def _pink(seed: int) -> Case:
    return Case((simulate(seed, straight(seed), rig=replace(USUAL_RIG, pink_pa=4.0)),))


def _mains(seed: int) -> Case:
    return Case((simulate(seed, straight(seed), rig=replace(USUAL_RIG, mains_pa=40.0)),))


def _drift(seed: int) -> Case:
    rig = replace(USUAL_RIG, drift_pa_per_s=float(draw(seed + 500_000).normal(0.0, 0.3)))
    return Case((simulate(seed, straight(seed), rig=rig),))


def _run_down(seed: int) -> Case:
    lost = float(draw(seed + 500_000).uniform(0.01, 0.03))
    return Case((simulate(seed, straight(seed), rig=replace(USUAL_RIG, run_down_per_sweep=lost)),))


def _glitches(seed: int) -> Case:
    rig = replace(USUAL_RIG, spikes_per_s=8.0, spike_pa=400.0)
    return Case((simulate(seed, straight(seed, 3.0), rig=rig),))


def _epscs(seed: int) -> Case:
    rig = replace(USUAL_RIG, epscs_per_s=4.0, epsc_pa=50.0)
    return Case((simulate(seed, straight(seed, 3.0), rig=rig),))


def gated(seed: int, gates: tuple[Gate, ...], g_ns: float = 10.0) -> Membrane:
    """Return an ohmic cell behind gates; where nothing else flows they do not move E."""
    return replace(straight(seed, g_ns), gates=gates)


def _slow(seed: int) -> Case:
    membrane = gated(seed, (Gate(-30.0, 15.0, 200.0 / 3.0, floor=0.25),))
    return Case((simulate(seed, membrane, oracle_fraction=0.1),))


def _inactivating(seed: int) -> Case:
    membrane = gated(seed, (Gate(-75.0, -9.0, 400.0, floor=0.1),))
    return Case((simulate(seed, membrane, steady=False, oracle_fraction=0.1),))


def _blocked(seed: int) -> Case:
    random = draw(seed)
    channel = Ohmic(float(8.0 * random.lognormal(0.0, 0.25)), float(random.uniform(-6.0, 6.0)))
    membrane = Membrane(TEMPERATURE_C, ohmic=(channel,), gates=(Gate(-22.0, 16.0, 0.0),))
    return Case((simulate(seed, membrane),))


def _seal_lost(seed: int) -> Case:
    leak_ns = float(draw(seed + 500_000).uniform(5.0, 15.0))
    rig = replace(USUAL_RIG, seal_lost_at_sweep=SEAL_LOST_AT, seal_leak_ns=leak_ns)
    membrane = straight(seed, low_mv=-75.0, high_mv=-50.0)
    protocol = steps(test_mv=-10.0, before_ms=10.0)
    valid = slice(0, SEAL_LOST_AT)
    return Case((simulate(seed, membrane, rig=rig, protocol=protocol, valid=valid),))


def _clipped(seed: int) -> Case:
    membrane = straight(seed, 12.0, low_mv=-30.0, high_mv=-10.0)
    return Case((simulate(seed, membrane, full_scale_pa=500.0),))


def _saturated(seed: int) -> Case:
    rig = replace(USUAL_RIG, saturation_pa=300.0, white_pa=20.0)
    return Case((simulate(seed, selective(seed, 3.0), rig=rig, protocol=steps(-120.0, 40.0)),))


def _mixed(seed: int) -> Case:
    random = draw(seed + 500_000)
    rig = replace(
        USUAL_RIG,
        r_s_mohm=float(random.uniform(6.0, 18.0)),
        r_s_compensation=float(random.uniform(0.0, 0.8)),
        pink_pa=float(random.uniform(0.3, 2.0)),
        mains_pa=float(random.uniform(0.0, 10.0)),
        run_down_per_sweep=float(random.uniform(0.0, 0.01)),
        epscs_per_s=1.0,
        epsc_pa=30.0,
    )
    protocol = steps(-120.0, 40.0, step_mv=float(np.array([10.0, 20.0])[seed % 2]))
    membrane = selective(seed, 3.0, leak_ns=1.0)
    return Case((simulate(seed, membrane, rig=rig, protocol=protocol),))


E_ONLY = {"e_rev": True}

SCENARIOS = (
    Scenario("1/f noise", "nasty", _pink, "4 pA/√Hz at 1 Hz on 6 nS"),
    Scenario("mains hum", "nasty", _mains, "40 pA of 50 Hz with its third harmonic"),
    Scenario("slow drift", "nasty", _drift, "the zero drifts by 0.3 pA/s (sd) for 34 s"),
    Scenario("run-down", "nasty", _run_down, "1–3 % of the channels lost from sweep to sweep"),
    Scenario("glitches", "nasty", _glitches, "8 a second, 400 pA, decaying in 1 ms; 3 nS"),
    Scenario("EPSCs", "nasty", _epscs, "4 a second, 50 pA, decaying in 5 ms; 3 nS"),
    Scenario(
        "slow activation",
        "nasty",
        _slow,
        "tau a third of the step: 5 % still to come at its end",
        answers=E_ONLY,
        flag="not_steady",
    ),
    Scenario(
        "inactivating",
        "nasty",
        _inactivating,
        "tau twice the step: there is no steady current, but a reversal",
        answers=E_ONLY,
        flag="not_steady",
    ),
    Scenario("Mg block", "nasty", _blocked, "N-shaped: falling between -80 and -40 mV"),
    Scenario("seal lost", "nasty", _seal_lost, "5–15 nS of leak from sweep 9 of 17 on"),
    Scenario("converter clipped", "nasty", _clipped, "12 nS, range ±500 pA: a third is clipped"),
    Scenario("amplifier clipped", "nasty", _saturated, "rectifying, output stops at ±300 pA"),
    Scenario("all together", "nasty", _mixed, "GHK, leak, Rs, 1/f, hum, EPSCs, run-down"),
)

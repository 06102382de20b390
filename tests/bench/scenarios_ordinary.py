"""Cells as a good day gives them: straight and rectifying curves, one trouble at a time."""

from __future__ import annotations

from dataclasses import replace

from scenarios_parts import (
    TEMPERATURE_C,
    USUAL_RIG,
    Case,
    Scenario,
    draw,
    ion_carriers,
    simulate,
    steps,
)

from permeant.simulate.cells import Membrane, Ohmic

K_IN, K_OUT = {"K": 140.0}, {"K": 5.0}
MIXED_IN = {"K": 135.0, "Na": 10.0, "Cs": 5.0, "Cl": 30.0}
MIXED_OUT = {"K": 5.0, "Na": 110.0, "Cs": 30.0, "Ca": 2.0, "Cl": 150.0}


def straight(
    seed: int, g_ns: float = 6.0, low_mv: float = -45.0, high_mv: float = 15.0
) -> Membrane:
    """Return an ohmic cell whose size and reversal differ from seed to seed."""
    random = draw(seed)
    size = float(g_ns * random.lognormal(0.0, 0.25))
    return Membrane(TEMPERATURE_C, ohmic=(Ohmic(size, float(random.uniform(low_mv, high_mv))),))


def selective(seed: int, scale: float = 1.5, leak_ns: float = 0.0) -> Membrane:
    """Return a K channel between 140 and 5 mM; its reversal moves with the K outside."""
    random = draw(seed)
    size, outside = random.lognormal(0.0, 0.25), random.uniform(4.0, 8.0)
    carriers = ion_carriers({"K": 1.0}, K_IN, {"K": float(outside)}, float(scale * size))
    leak = Ohmic(leak_ns * float(random.lognormal(0.0, 0.25)), 0.0) if leak_ns else None
    return Membrane(TEMPERATURE_C, carriers=carriers, leak=leak)


def several(seed: int, ratios: dict[str, float], scale: float = 1.2) -> Membrane:
    """Return a channel that several ions pass, with ratios that differ from seed to seed."""
    random = draw(seed)
    spread = {ion: float(p * random.lognormal(0.0, 0.3)) for ion, p in ratios.items()}
    size = float(scale * random.lognormal(0.0, 0.25))
    return Membrane(TEMPERATURE_C, carriers=ion_carriers(spread, MIXED_IN, MIXED_OUT, size))


def _ohmic(seed: int) -> Case:
    return Case((simulate(seed, straight(seed)),))


def _small(seed: int) -> Case:
    rig = replace(USUAL_RIG, white_pa=10.0, pink_pa=0.5)
    return Case((simulate(seed, straight(seed, 0.3), rig=rig),))


def _ghk_one(seed: int) -> Case:
    return Case((simulate(seed, selective(seed), protocol=steps(-120.0, 40.0)),))


def _ghk_two(seed: int) -> Case:
    membrane = several(seed, {"K": 1.0, "Na": 0.05})
    return Case((simulate(seed, membrane, protocol=steps(-110.0, 50.0)),))


def _ghk_three(seed: int) -> Case:
    membrane = several(seed, {"K": 1.0, "Na": 0.3, "Cl": 0.2})
    return Case((simulate(seed, membrane, protocol=steps(-110.0, 50.0)),))


def _ghk_calcium(seed: int) -> Case:
    membrane = several(seed, {"K": 1.0, "Na": 0.8, "Ca": 8.0})
    return Case((simulate(seed, membrane),))


def _leak(seed: int) -> Case:
    membrane = selective(seed, leak_ns=1.0)
    return Case((simulate(seed, membrane, protocol=steps(-120.0, 40.0)),))


def _resistance(seed: int) -> Case:
    rig = replace(USUAL_RIG, r_s_mohm=15.0, r_s_compensation=0.0)
    return Case((simulate(seed, straight(seed, 12.0), rig=rig),))


def _resistance_errs(seed: int) -> Case:
    rig = replace(USUAL_RIG, r_s_mohm=10.0, r_s_compensation=0.5)
    one = simulate(seed, straight(seed, 8.0), rig=rig, r_s_error_fraction=0.1)
    return Case((one,), corrections={"sigma_r_s_fraction": 0.1})


def _compensated(seed: int) -> Case:
    rig = replace(USUAL_RIG, r_s_mohm=14.0, r_s_compensation=0.7)
    return Case((simulate(seed, straight(seed, 15.0), rig=rig),))


def _transients(seed: int) -> Case:
    rig = replace(USUAL_RIG, r_s_mohm=10.0, c_m_pf=60.0, transient_cancelled=0.0)
    return Case((simulate(seed, straight(seed, 4.0), rig=rig),))


def _white(seed: int) -> Case:
    rig = replace(USUAL_RIG, white_pa=40.0, pink_pa=0.0, mains_pa=0.0)
    return Case((simulate(seed, straight(seed, 3.0), rig=rig),))


def _command_off(seed: int) -> Case:
    error_mv = float(draw(seed + 500_000).uniform(2.5, 8.0))
    rig = replace(USUAL_RIG, command_error_mv=error_mv, command_noise_mv=0.1)
    return Case((simulate(seed, straight(seed), rig=rig, records_command=True),))


def _coarse(seed: int) -> Case:
    protocol = steps(-120.0, 60.0, step_mv=20.0)
    membrane = several(seed, {"K": 1.0, "Na": 0.05})
    return Case((simulate(seed, membrane, protocol=protocol),))


def _few(seed: int) -> Case:
    protocol = steps(-80.0, 40.0, step_mv=20.0)
    return Case((simulate(seed, straight(seed), protocol=protocol),))


def _few_bent(seed: int) -> Case:
    protocol = steps(-90.0, 30.0, step_mv=20.0)
    membrane = several(seed, {"K": 1.0, "Na": 0.2})
    return Case((simulate(seed, membrane, protocol=protocol),))


def _truncated(seed: int) -> Case:
    membrane = straight(seed, low_mv=-65.0, high_mv=-45.0)
    return Case((simulate(seed, membrane, n_sweeps=9),))


def _random_order(seed: int) -> Case:
    levels = (10, -70, 50, -20, -100, 30, -40, 60, -80, 0, -50, 20, -90, 40, -10, -60, -30)
    return Case((simulate(seed, straight(seed), protocol=steps(levels_mv=levels)),))


SCENARIOS = (
    Scenario("ohmic", "ordinary", _ohmic, "a straight curve of about 6 nS"),
    Scenario("small current", "nasty", _small, "0.3 nS in 10 pA of white and some 1/f noise"),
    Scenario("GHK one ion", "ordinary", _ghk_one, "K 140 against 4–8 mM: strongly rectifying"),
    Scenario("GHK two ions", "ordinary", _ghk_two, "K and a little Na"),
    Scenario("GHK three ions", "ordinary", _ghk_three, "K, Na and Cl"),
    Scenario("GHK with Ca", "ordinary", _ghk_calcium, "K, Na and Ca (2 mM, P 8)"),
    Scenario("leak added", "ordinary", _leak, "a K channel and 1 nS of leak; truth is the total"),
    Scenario("Rs known", "ordinary", _resistance, "15 MΩ uncompensated, in the sheet; 12 nS"),
    Scenario("Rs errs", "ordinary", _resistance_errs, "10 MΩ, half compensated, known to 10 %"),
    Scenario("Rs compensated", "ordinary", _compensated, "14 MΩ compensated by 70 %; 15 nS"),
    Scenario("transients", "ordinary", _transients, "60 pF, 4 MΩ left, nothing cancelled"),
    Scenario("white noise", "ordinary", _white, "40 pA of white noise on 3 nS"),
    Scenario("command off", "ordinary", _command_off, "2.5–8 mV off the header's, recorded"),
    Scenario("coarse steps", "ordinary", _coarse, "a rectifying curve every 20 mV"),
    Scenario("few sweeps", "ordinary", _few, "7 sweeps, every 20 mV, straight"),
    Scenario("few sweeps, bent", "ordinary", _few_bent, "7 sweeps, every 20 mV, rectifying"),
    Scenario("truncated", "ordinary", _truncated, "the file ends after 9 of 17 sweeps"),
    Scenario("random order", "ordinary", _random_order, "levels in mixed order"),
)

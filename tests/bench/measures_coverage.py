"""How often the intervals of tails, peaks and ramps hold the truth, over many simulated cells.

Run with ``python tests/bench/measures_coverage.py [cells]``: one line for each case, with the
share of the 95 % intervals that hold the truth and the median error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from permeant.config import Settings
from permeant.infer.iv import fit_iv
from permeant.infer.shared import include_shared_errors
from permeant.measure import measure_recording
from permeant.records import IVFit, Recording, SheetRow
from permeant.simulate.cells import Gate, Membrane, Ohmic
from permeant.simulate.in_memory import build_recording
from permeant.simulate.noise import bessel_response, low_pass, pink_noise_pa, white_noise_pa
from permeant.simulate.protocol import Epoch, Protocol, plan_steps, played_commands_mv
from permeant.simulate.rig import Rig, clamp_membrane

SETTINGS = Settings().model_dump(mode="json")
LINE = {name: value for name, value in SETTINGS["fit"].items() if name != "models"}
HCN = Membrane(
    temperature_c=25.0,
    ohmic=(Ohmic(8.0, -20.0),),
    gates=(Gate(v_half_mv=-85.0, slope_mv=-10.0, tau_ms=150.0),),
    leak=Ohmic(1.0, -10.0),
)
SODIUM = Membrane(
    temperature_c=25.0,
    ohmic=(Ohmic(60.0, 45.0),),
    gates=(
        Gate(v_half_mv=-25.0, slope_mv=7.0, tau_ms=0.4),
        Gate(v_half_mv=-70.0, slope_mv=-6.0, tau_ms=2.0),
    ),
    leak=Ohmic(0.5, 45.0),
)
PASSIVE = Membrane(temperature_c=25.0, leak=Ohmic(2.0, -40.0))


@dataclass(frozen=True)
class Case:
    """A cell under a protocol, how it is measured, and what the right answer is."""

    name: str
    measure: str
    membrane: Membrane
    protocol: Protocol
    rig: Rig
    interval_ms: float
    n_samples: int
    g_ns: float
    e_rev_mv: float
    epoch: str | None = None


def clean_pa(case: Case) -> NDArray[np.float64]:
    """Return the case's currents before any noise, the same for all its cells."""
    command_mv = played_commands_mv(case.protocol, case.n_samples)
    return clamp_membrane(case.membrane, command_mv, case.interval_ms, case.rig)[0]


def noisy(case: Case, clean: NDArray[np.float64], seed: int) -> Recording:
    """Return one cell of a case: the clean currents, noise, the filter and the converter."""
    random = np.random.Generator(np.random.PCG64(seed))
    rig, current_pa = case.rig, clean.copy()
    current_pa += white_noise_pa(clean.shape, rig.white_pa, random)
    if rig.pink_pa:
        current_pa += pink_noise_pa(clean.shape, rig.pink_pa, case.interval_ms, random)
    if rig.low_pass_khz is not None:
        current_pa = low_pass(
            current_pa, bessel_response(rig.low_pass_khz, case.interval_ms, rig.low_pass_poles)
        )
    sweep_s = case.n_samples * case.interval_ms * 1e-3
    return build_recording(
        current_pa, case.protocol, case.interval_ms, sweep_interval_s=sweep_s + 1.0
    )


def fit_case(
    case: Case, recording: Recording, measures: Mapping[str, object] | None = None
) -> IVFit:
    """Measure and fit a recording as a run would."""
    row = SheetRow(
        line=0,
        cell="simulated",
        recording="one",
        file="",
        measure=case.measure,  # type: ignore[arg-type]
        epoch=case.epoch,
        r_s_mohm=case.rig.r_s_mohm or None,
        r_s_compensation=case.rig.r_s_compensation,
    )
    measurement = measure_recording(
        recording,
        row,
        {},
        steady_state=SETTINGS["steady_state"],
        corrections=SETTINGS["corrections"],
        quality=SETTINGS["quality"],
        extra_ions={},
        measures=SETTINGS["measures"] | dict(measures or {}),
    )
    fit = fit_iv(measurement.points, **LINE)
    return include_shared_errors(fit, measurement.points, measurement.shared_errors)


def open_after_prepulse(rig: Rig, command_mv: float) -> float:
    """Return the open fraction of the HCN gate, settled, behind the series resistance.

    Eight time constants leave 1 part in 3000 of what was missing.
    """
    v_mv = command_mv
    for _ in range(100):
        is_open = 0.5 * (1.0 + np.tanh((v_mv + 85.0) / (2.0 * -10.0)))
        i_pa = 8.0 * is_open * (v_mv + 20.0) + (v_mv + 10.0)
        v_mv = 0.5 * v_mv + 0.5 * (command_mv - i_pa * rig.residual_r_s_mohm * 1e-3)
    return float(is_open * (1.0 - np.exp(-8.0)))


def tail_case(name: str, *, tau_ms: float, interval_ms: float, rig: Rig) -> Case:
    """Return HCN-like tails after an activating prepulse; the slower, the longer the steps."""
    gate = replace(HCN.gates[0], tau_ms=tau_ms)
    membrane = replace(HCN, gates=(gate,))
    protocol = plan_steps(
        interval_ms=interval_ms,
        first_mv=-85.0,
        last_mv=50.0,
        step_mv=15.0,
        holding_mv=-35.0,
        before_ms=100.0,
        step_ms=5.0 * tau_ms,
        prepulse_mv=-120.0,
        prepulse_ms=8.0 * tau_ms,
    )
    n_samples = round((1.04 * (100.0 + 13.0 * tau_ms) + 20.0) / interval_ms)
    is_open = open_after_prepulse(rig, -120.0)
    g_ns = 8.0 * is_open + 1.0
    e_rev_mv = (8.0 * is_open * -20.0 - 10.0) / g_ns
    return Case(
        name, "instantaneous", membrane, protocol, rig, interval_ms, n_samples, g_ns, e_rev_mv
    )


def ramp_case(name: str, *, both_ways: bool, rig: Rig) -> Case:
    """Return a passive cell under a ramp of 160 mV in 600 ms, perhaps with its mirror image."""
    interval_ms = 0.1
    epochs = [Epoch(-100.0, 500), Epoch(60.0, 6000, kind="ramp")]
    if both_ways:
        epochs.append(Epoch(-100.0, 6000, kind="ramp"))
    protocol = Protocol("ramp", -80.0, tuple(epochs), 6)
    n_samples = 15_000 if both_ways else 8_000
    return Case(name, "ramp", PASSIVE, protocol, rig, interval_ms, n_samples, 2.0, -40.0)


def peak_case(name: str, rig: Rig) -> Case:
    """Return a sodium-like current; the truth of its peaks comes from the clean currents."""
    interval_ms = 0.05
    protocol = plan_steps(
        interval_ms=interval_ms,
        first_mv=-80.0,
        last_mv=80.0,
        step_mv=5.0,
        holding_mv=-120.0,
        before_ms=10.0,
        step_ms=30.0,
    )
    n_samples = round(45.0 / interval_ms)
    return Case(name, "peak", SODIUM, protocol, rig, interval_ms, n_samples, 0.0, 0.0)


def cases() -> list[Case]:
    """List the cases of the study."""
    quiet = Rig(c_m_pf=15.0, r_s_mohm=8.0, white_pa=10.0)
    wandering = replace(quiet, pink_pa=3.0)
    slow_clamp = replace(quiet, r_s_mohm=20.0, c_m_pf=40.0)
    return [
        tail_case("tails, tau 150 ms, white noise", tau_ms=150.0, interval_ms=0.5, rig=quiet),
        tail_case("tails, tau 150 ms, 1/f noise", tau_ms=150.0, interval_ms=0.5, rig=wandering),
        tail_case("tails, tau 20 ms, white noise", tau_ms=20.0, interval_ms=0.1, rig=quiet),
        tail_case("tails, tau 20 ms, slow clamp", tau_ms=20.0, interval_ms=0.1, rig=slow_clamp),
        ramp_case("ramp, both ways, white noise", both_ways=True, rig=quiet),
        ramp_case("ramp, both ways, 1/f noise", both_ways=True, rig=wandering),
        ramp_case("ramp, one way, white noise", both_ways=False, rig=quiet),
        ramp_case("ramp, one way, 1/f noise", both_ways=False, rig=wandering),
        peak_case("sodium peaks, white noise", replace(quiet, r_s_mohm=2.0)),
        peak_case(
            "sodium peaks, transient half cancelled",
            replace(quiet, r_s_mohm=2.0, transient_cancelled=0.5),
        ),
    ]


def score(case: Case, n_cells: int, first_seed: int = 1) -> dict[str, float]:
    """Return how often the intervals of a case hold the truth, and how far off the answers are."""
    clean = clean_pa(case)
    held_e, held_g, off_mv, widths = [], [], [], []
    e_mv = case.e_rev_mv if case.measure != "peak" else SODIUM.ohmic[0].e_rev_mv
    for seed in range(first_seed, first_seed + n_cells):
        fit = fit_case(case, noisy(case, clean, seed))
        if fit.e_rev_mv is None or fit.e_rev_low_mv is None or fit.e_rev_high_mv is None:
            continue
        held_e.append(fit.e_rev_low_mv <= e_mv <= fit.e_rev_high_mv)
        off_mv.append(abs(fit.e_rev_mv - e_mv))
        widths.append(fit.e_rev_high_mv - fit.e_rev_low_mv)
        if case.g_ns and fit.g_low_ns is not None and fit.g_high_ns is not None:
            held_g.append(fit.g_low_ns <= case.g_ns <= fit.g_high_ns)
    return {
        "told": len(held_e) / n_cells,
        "e_rev": float(np.mean(held_e)) if held_e else np.nan,
        "g": float(np.mean(held_g)) if held_g else np.nan,
        "median_error_mv": float(np.median(off_mv)) if off_mv else np.nan,
        "median_width_mv": float(np.median(widths)) if widths else np.nan,
    }


def main(n_cells: int, say: Callable[[str], object] = print, only: str = "") -> None:
    """Print the study."""
    say(f"{'case':42} told   E_rev  g      median |E error|, width (mV)")
    for case in (one for one in cases() if only in one.name):
        s = score(case, n_cells)
        say(
            f"{case.name:42} {s['told']:.3f}  {s['e_rev']:.3f}  {s['g']:.3f}  "
            f"{s['median_error_mv']:.3f}  {s['median_width_mv']:.3f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300, only="".join(sys.argv[2:3]))

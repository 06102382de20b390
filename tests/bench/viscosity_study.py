"""How often the verdict of pore or gate is wrong, over many simulated experiments.

    python tests/bench/viscosity_study.py recordings [runs] [scenario ...]
    python tests/bench/viscosity_study.py records [runs]

``recordings`` simulates single channels in two solutions and goes the whole way: samples,
idealisation, times, exponents, verdict.  ``records`` starts at currents and times with errors and
does the same for many patches: paired, and in groups that each saw one solution.  Printed are
the verdicts, the errors of the exponents and how often their 95 % intervals hold the truth.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass

import numpy as np

from permeant.infer.dwell.results import describe_times
from permeant.infer.limits.groups import compare_patches
from permeant.infer.limits.states import patch_state
from permeant.infer.limits.viscosity import compare_patch
from permeant.measure.single_channel.patch import measure_patch
from permeant.records import (
    IVFit,
    PatchState,
    PatchVoltage,
    Provenance,
    Recording,
    RecordingInfo,
    Segment,
    SheetRow,
    Solution,
)
from permeant.simulate.channels import record_channels, two_state

INTERVAL_MS = 0.1
FILTER_KHZ = 1.5
G_NS = 0.04
LEVELS_MV = (-90.0, 90.0)
OPEN_MS, SHUT_MS = 3.0, 4.0
SIGMA = 0.02
CORRECTIONS = {
    "junction_potential": "none",
    "reference_electrode": "none",
    "series_resistance": False,
}
BATH, PIPETTE = Solution("bath", {"Na": 145.0, "Cl": 145.0}), Solution("in", {"K": 145.0})


@dataclass(frozen=True)
class Experiment:
    """What is true of a channel and its two solutions, and the verdict that is right."""

    alpha_i: float
    alpha_gate: float
    right: str
    viscosity: float = 2.5
    seconds: float = 6.0
    sigma_stated: float = SIGMA


SCENARIOS = {
    "diffusion-limited": Experiment(0.95, 0.0, "diffusion-limited"),
    "gating-limited": Experiment(0.0, 0.7, "gating-limited"),
    "both": Experiment(0.95, 0.7, "both"),
    "neither": Experiment(0.0, 0.0, "neither"),
    "weak: 1.3-fold viscosity": Experiment(0.95, 0.7, "not to be told", viscosity=1.3),
    "weak: few events": Experiment(0.95, 0.0, "not to be told", seconds=0.25),
    "weak: powers between": Experiment(0.35, 0.2, "not to be told"),
}


def stated(truth: Experiment, generator: np.random.Generator) -> float:
    """Return the viscosity ratio as the sheet says it, with its error."""
    return float(truth.viscosity * np.exp(truth.sigma_stated * generator.standard_normal()))


def record_solution(
    truth: Experiment, name: str, viscosity: float, told: float, seed: int
) -> PatchState:
    """Record one patch in one solution and measure it."""
    slower = viscosity**truth.alpha_gate
    scheme = two_state(OPEN_MS * slower, SHUT_MS * slower)
    g_ns = G_NS * viscosity**-truth.alpha_i
    n_samples = round(truth.seconds * 1e3 / INTERVAL_MS)
    sweeps = [
        record_channels(
            scheme,
            unitary_pa=g_ns * level,
            n_samples=n_samples,
            interval_ms=INTERVAL_MS,
            filter_khz=FILTER_KHZ,
            noise_pa=0.12,
            seed=seed * 100 + k,
        )
        for k, level in enumerate(LEVELS_MV)
    ]
    values = np.asarray(sweeps, dtype=np.float32)
    info = RecordingInfo(
        Provenance("simulated", "", 0, "permeant.simulate", "", "in memory", simulated=True),
        (),
        INTERVAL_MS,
        len(LEVELS_MV),
        n_samples,
        tuple(float(k) for k in range(len(LEVELS_MV))),
        "simulated",
        tuple((Segment("A", 0, n_samples, level, level),) for level in LEVELS_MV),
    )
    row = SheetRow(
        1, "patch", name, "patch.abf", measure="single_channel", configuration="outside-out",
        viscosity_ratio=told, temperature_c=22.0,
    )  # fmt: skip
    measured = measure_patch(
        Recording(info, values),
        row,
        {},
        corrections=CORRECTIONS,
        measures={"channel_filter_khz": FILTER_KHZ, "channel_direction": "auto"},
        extra_ions={},
    )
    times = tuple(one for patch in measured.single_channels for one in describe_times(patch))
    state = patch_state(row, measured, IVFit.rejected("", dwell_times=times), BATH, PIPETTE)
    assert state is not None
    return state


def recorded_experiment(truth: Experiment, seed: int):
    """Return the comparison of one patch in two solutions, from samples on."""
    told = stated(truth, np.random.default_rng(seed))
    states = [
        record_solution(truth, "control", 1.0, 1.0, 2 * seed),
        record_solution(truth, "viscous", truth.viscosity, told, 2 * seed + 1),
    ]
    return compare_patch(states, SIGMA)


def drawn_state(truth, cell, name, viscosity, told, generator, scatter=(0.0, 0.0)):
    """Draw what one recording would say: errors as from so many events, and the patch's own."""
    own_i, own_open, own_shut = generator.standard_normal(3) * np.array(
        [scatter[0], scatter[1], scatter[1]]
    )
    slower = viscosity**truth.alpha_gate
    times = truth.seconds * 1e3 / ((OPEN_MS + SHUT_MS) * slower)
    se_time, se_i = 1.25 / np.sqrt(times), 0.008
    voltages = []
    for level in LEVELS_MV:
        size = G_NS * viscosity**-truth.alpha_i * abs(level)
        drawn = generator.standard_normal(3)
        few = times < 50
        voltages.append(
            PatchVoltage(
                level,
                i_pa=float(np.sign(level) * size * np.exp(own_i + se_i * drawn[0])),
                i_ln_se=se_i,
                open_ms=None
                if few
                else float(OPEN_MS * slower * np.exp(own_open + se_time * drawn[1])),
                open_ln_se=None if few else float(se_time),
                n_open=int(times),
                shut_ms=None
                if few
                else float(SHUT_MS * slower * np.exp(own_shut + se_time * drawn[2])),
                shut_ln_se=None if few else float(se_time),
                n_shut=int(times),
                why_no_times=f"{int(times)} times, fewer than 50: too few to fit" if few else "",
            )
        )
    return PatchState(
        cell, name, "", "outside-out", told, temperature_c=22.0,
        bath_mm=BATH.ions_mm, pipette_mm=PIPETTE.ions_mm, voltages=tuple(voltages),
    )  # fmt: skip


def drawn_experiment(truth: Experiment, seed: int, design: str, n_patches: int = 6):
    """Return the comparison of one patch, of paired patches, or of groups, from drawn records."""
    generator = np.random.default_rng(seed)
    told = stated(truth, generator)
    scatter = (0.04, 0.2)
    if design == "one patch":
        states = [
            drawn_state(truth, "a", "control", 1.0, 1.0, generator),
            drawn_state(truth, "a", "viscous", truth.viscosity, told, generator),
        ]
        return compare_patch(states, SIGMA)
    if design == "groups of patches":
        states = [
            drawn_state(truth, f"{name}{k}", name, viscosity, label, generator, scatter)
            for k in range(2 * n_patches)
            for name, viscosity, label in (("c", 1.0, 1.0), ("v", truth.viscosity, told))
        ]
        return compare_patches(states, [], SIGMA)[0]
    single, states = [], []
    for k in range(n_patches):
        patch = Experiment(
            truth.alpha_i + 0.05 * generator.standard_normal(),
            truth.alpha_gate + 0.08 * generator.standard_normal(),
            truth.right,
            truth.viscosity,
            truth.seconds,
        )
        both = [
            drawn_state(patch, f"p{k}", "control", 1.0, 1.0, generator),
            drawn_state(patch, f"p{k}", "viscous", truth.viscosity, told, generator),
        ]
        single.append(compare_patch(both, SIGMA))
        states += both
    return compare_patches(states, single, SIGMA)[0]


def score(truth: Experiment, limits) -> dict[str, object]:
    """Count verdicts, and hold the exponents against the truth."""
    verdicts = Counter(one.verdict for one in limits)
    said = {truth.right, "not to be told"}
    told: dict[str, object] = {
        "right": verdicts[truth.right] / len(limits),
        "not to be told": verdicts["not to be told"] / len(limits),
        "wrong": sum(n for verdict, n in verdicts.items() if verdict not in said) / len(limits),
    }
    true = {"i": truth.alpha_i, "open": truth.alpha_gate, "shut": truth.alpha_gate}
    for name, value in true.items():
        found = [
            tuple(getattr(one, f"alpha_{name}{end}") for end in ("", "_low", "_high"))
            for one in limits
            if getattr(one, f"alpha_{name}") is not None
        ]
        if found:
            middle, low, high = np.array(found).T
            held = float(np.mean((low <= value) & (value <= high)))
            told[name] = (float(middle.mean() - value), float(middle.std()), held)
    return told


def line(name: str, told: dict[str, object]) -> str:
    """Write one row of the table."""
    parts = [f"{100 * float(told[key]):5.1f} %" for key in ("right", "not to be told", "wrong")]
    for key in ("i", "open", "shut"):
        if key in told:
            off, sd, held = told[key]
            parts.append(f"{off:+.3f} ± {sd:.3f}, {100 * held:.1f} %")
        else:
            parts.append("–")
    return f"| {name} | " + " | ".join(parts) + " |"


def main() -> None:
    """Run what was asked for."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "records"
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    names = sys.argv[3:] or list(SCENARIOS)
    print("| experiment | right | not to be told | wrong | alpha_i off, held | open | shut |")
    print("|---|---|---|---|---|---|---|")
    if kind == "recordings":
        for name in names:
            limits = [recorded_experiment(SCENARIOS[name], 1000 + k) for k in range(runs)]
            print(line(name, score(SCENARIOS[name], limits)), flush=True)
        return
    for design in ("one patch", "patches paired", "groups of patches"):
        for name in names:
            truth = SCENARIOS[name]
            limits = [drawn_experiment(truth, 5000 + k, design) for k in range(runs)]
            print(line(f"{design}: {name}", score(truth, limits)), flush=True)


if __name__ == "__main__":
    main()

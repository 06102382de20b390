"""How well noise analysis tells unitary currents and numbers of channels, over many runs.

    python tests/bench/noise_coverage.py [runs] [scenario ...]

Prints, for every scenario: how far the mean unitary current, number of channels and largest open
probability are from the truth, how often their 95 % intervals hold it, and what was refused.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace

import numpy as np

from permeant.measure.fluctuation.sweeps import measure_noise
from permeant.measure.ways import DEFAULT_MEASURES
from permeant.records import Provenance, Recording, RecordingInfo, Segment, SheetRow
from permeant.simulate.channels import ChannelScheme, two_state
from permeant.simulate.ensemble import Ensemble

CORRECTIONS = {
    "junction_potential": "none",
    "reference_electrode": "none",
    "series_resistance": False,
}
OPENS = two_state(8.0, 4.0)
INACTIVATES = ChannelScheme(((0, 0.8, 0), (0.15, 0, 0.25), (0, 0.01, 0)), (0, 1, 0))
AGONIST = ChannelScheme(((0, 1.0, 0), (0.1, 0, 0.12), (0, 0.004, 0)), (0, 1, 0))
SELDOM = two_state(2.0, 18.0)


@dataclass(frozen=True)
class Scenario:
    """Channels, amplifier and protocol of one kind of experiment."""

    scheme: ChannelScheme
    n_channels: int
    unitary_pa: float
    noise_pa: float
    n_sweeps: int = 200
    filter_khz: float = 5.0
    interval_ms: float = 0.05
    step_ms: float = 25.0
    before_ms: float = 5.0
    run_down: float = 0.0
    drift_pa: float = 0.0

    @property
    def p_max(self) -> float:
        """Largest open probability during the step, by the rates."""
        from permeant.simulate.ensemble import transition_probabilities  # noqa: PLC0415

        way = transition_probabilities(self.scheme, 0.01)
        share = np.zeros(len(way))
        share[0] = 1.0
        levels, best = np.array(self.scheme.levels), 0.0
        for _ in range(round(self.step_ms / 0.01)):
            share = share @ way
            best = max(best, float(share @ levels))
        return best


INACTIVATING = Scenario(INACTIVATES, 1500, -0.4, 2.0)
SCENARIOS = {
    "inactivating": INACTIVATING,
    "desensitising": Scenario(AGONIST, 600, -1.5, 3.0, step_ms=40.0),
    "opens-and-stays": Scenario(OPENS, 800, 1.2, 4.0, interval_ms=0.1, step_ms=40.0),
    "100-sweeps": replace(INACTIVATING, n_sweeps=100),
    "40-sweeps": replace(INACTIVATING, n_sweeps=40),
    "run-down-30": replace(INACTIVATING, run_down=0.3, drift_pa=3.0),
    "slow-filter": Scenario(OPENS, 800, 1.2, 4.0, filter_khz=1.5, interval_ms=0.1, step_ms=40.0),
    "few-channels": Scenario(AGONIST, 40, -1.5, 1.0, step_ms=40.0),
    "seldom-open": Scenario(SELDOM, 3000, -1.0, 3.0, step_ms=30.0),
}


def recording_of(scenario, seed, voltage_mv=-20.0, level_mv=-80.0):
    """Return the simulated sweeps of a scenario as a recording."""
    before = round(scenario.before_ms / scenario.interval_ms)
    step = round(scenario.step_ms / scenario.interval_ms)
    current_pa = Ensemble(
        scenario.scheme,
        scenario.n_channels,
        scenario.noise_pa,
        scenario.filter_khz,
        scenario.run_down,
        scenario.drift_pa,
    ).record(
        scenario.unitary_pa,
        n_sweeps=scenario.n_sweeps,
        n_before=before,
        n_step=step,
        interval_ms=scenario.interval_ms,
        seed=seed,
    )
    n = before + step
    segments = (
        Segment("A", 0, before, level_mv, level_mv),
        Segment("B", before, n, voltage_mv, voltage_mv),
    )
    info = RecordingInfo(
        Provenance("simulated", "", 0, "permeant.simulate", "", "in memory", simulated=True),
        (),
        scenario.interval_ms,
        scenario.n_sweeps,
        n,
        tuple(2.0 * k for k in range(scenario.n_sweeps)),
        "simulated",
        (segments,) * scenario.n_sweeps,
    )
    return Recording(info, current_pa.astype(np.float32))


def measure(recording, row=None, **measures):
    """Analyse the noise of a recording at its one voltage."""
    sheet = SheetRow(1, "cell", "cell", "cell.abf", measure="noise", **(row or {}))
    measured = measure_noise(
        recording,
        sheet,
        {},
        corrections=CORRECTIONS,
        measures={**DEFAULT_MEASURES, "noise_delay_ms": 0.3, **measures},
        extra_ions={},
    )
    return measured.noise[0], measured.findings


def study(name, runs):
    """Run one scenario and return a line for each quantity."""
    scenario = SCENARIOS[name]
    many = scenario.n_channels * (1 - scenario.run_down / 2)
    truth = {"i_unitary_pa": scenario.unitary_pa, "n_channels": many, "p_max": scenario.p_max}
    ends = {
        "i_unitary_pa": ("i_low_pa", "i_high_pa"),
        "n_channels": ("n_low", "n_high"),
        "p_max": ("p_max_low", "p_max_high"),
    }
    seen = {quantity: [] for quantity in truth}
    refused, bounds = {}, []
    for seed in range(runs):
        found, _ = measure(recording_of(scenario, 5000 + seed))
        if found.status != "ok":
            refused[found.reason[:70]] = refused.get(found.reason[:70], 0) + 1
        if found.status == "bound":
            bounds.append(found.n_low <= many)
        for quantity, names in ends.items():
            if getattr(found, quantity) is not None:
                values = (getattr(found, key) for key in (quantity, *names))
                seen[quantity].append(tuple(values))
    lines = []
    for quantity, value in truth.items():
        if seen[quantity]:
            found = np.array(seen[quantity])
            held = np.mean((found[:, 1] <= value) & (value <= found[:, 2]))
            off = 100 * (found[:, 0].mean() / value - 1)
            middle = 100 * (np.median(found[:, 0]) / value - 1)
            lines.append(
                f"{name:16s} {quantity:12s} true {value:8.4g}  mean off by {off:+6.2f} %  "
                f"median {middle:+6.2f} %  scatter {100 * abs(found[:, 0].std() / value):5.1f} %  "
                f"holds {100 * held:5.1f} %  of {len(found)}"
            )
    if bounds:
        lines.append(f"{name:16s} bound on N holds {100 * np.mean(bounds):5.1f} % of {len(bounds)}")
    return lines + [f"{name:16s} not ok {count}: {why}" for why, count in refused.items()]


if __name__ == "__main__":
    N_RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    for chosen in sys.argv[2:] or SCENARIOS:
        print("\n".join(study(chosen, N_RUNS)), flush=True)

"""Projects of any size with a known truth, for load tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from permeant.simulate.cells import Membrane
from permeant.simulate.example_setup import SOLUTIONS, TEMPERATURE_C, USUAL_RIG
from permeant.simulate.project import (
    Plan,
    build_carriers,
    write_recordings,
    write_sheet,
    write_solutions,
    write_truth,
)
from permeant.simulate.protocol import Protocol, plan_steps

INTERVAL_MS = 0.05
N_SAMPLES = 6000

RIG = replace(USUAL_RIG, low_pass_khz=2.0, white_pa=6.0, pink_pa=0.0, mains_pa=0.0)
"""Without what takes long to make."""

CONFIG = f"""# Simulated by permeant.simulate: a project for load tests.
recordings: config/recordings.csv
solutions: config/solutions.csv
defaults:
  temperature_c: {TEMPERATURE_C:g}
permeability:
  permeant: [Na, K]
  reference: K
"""


def plan_batch(n_cells: int, seed: int) -> list[Plan]:
    """Return the recordings of a batch: one a cell, 13 sweeps of 300 ms at 20 kHz.

    Every third cell is selective for K; conductances and ratios scatter between the cells.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    steps = plan_steps(name="iv_load", interval_ms=INTERVAL_MS, first_mv=-100.0, last_mv=20.0)
    return [_plan_cell(number, generator, steps) for number in range(n_cells)]


def simulate_batch(folder: Path | str, n_cells: int, seed: int = 0) -> None:
    """Write a whole project: config, sheets, one file a cell in ``data/`` and the truth."""
    folder = Path(folder)
    plans = plan_batch(n_cells, seed)
    write_recordings(folder / "data", plans, SOLUTIONS)
    write_truth(folder / "data" / "truth.csv", plans, SOLUTIONS)
    write_sheet(folder / "config" / "recordings.csv", plans, "data")
    write_solutions(folder / "config" / "solutions.csv", SOLUTIONS)
    (folder / "config" / "config.yaml").write_bytes(CONFIG.encode())


def _plan_cell(number: int, generator: np.random.Generator, steps: Protocol) -> Plan:
    selective = number % 3 == 2
    pipette, bath = ("KCl_in", "bath_Na_K") if selective else ("KCl_in", "bath_Na")
    size, spread = np.exp(0.25 * generator.standard_normal(2))
    ratios = {"K": 1.0, "Na": float((0.03 if selective else 0.9) * spread)}
    carriers = build_carriers(ratios, SOLUTIONS[pipette], SOLUTIONS[bath], float(1.2e-17 * size))
    return Plan(
        cell=f"cell_{number + 1:05d}",
        pipette=pipette,
        bath=bath,
        condition="selective" if selective else "nonselective",
        membrane=Membrane(TEMPERATURE_C, carriers=carriers),
        ratios=ratios,
        protocol=steps,
        rig=RIG,
        seed=int(generator.integers(2**31)),
        interval_ms=INTERVAL_MS,
        n_samples=N_SAMPLES,
        records_command=False,
    )

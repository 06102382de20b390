"""How long the ratios of one cell take: 6 baths, 4 permeant ions, 10,000 draws, one core.

python tests/bench/bench_ratios.py [--rounds 30]
"""

from __future__ import annotations

import argparse
import os
import time

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402

from permeant.infer.permeability import Observation, Uncertainty, infer_ratios  # noqa: E402
from permeant.infer.ratio_details import describe_ratios  # noqa: E402
from permeant.physics.ghk_reversal import ghk_reversal_mv  # noqa: E402

INSIDE = {"K": 140.0, "Na": 10.0, "Ca": 1e-4, "Cl": 150.0}
BATHS = (
    {"K": 4.0, "Na": 145.0, "Ca": 2.0, "Cl": 153.0},
    {"K": 145.0, "Na": 4.0, "Ca": 2.0, "Cl": 153.0},
    {"Cs": 145.0, "Na": 4.0, "Ca": 2.0, "Cl": 153.0},
    {"Na": 100.0, "Ca": 20.0, "Cl": 140.0},
    {"K": 75.0, "Cs": 75.0, "Ca": 1.0, "Cl": 152.0},
    {"Ca": 60.0, "Na": 60.0, "Cl": 180.0},
)
RATIOS = {"K": 1.0, "Na": 0.4, "Cs": 0.7, "Ca": 3.0}
VALENCES = (1, 1, 1, 2)


def observe() -> list[Observation]:
    """Return the reversals of the cell, exact."""
    found = []
    for k, bath in enumerate(BATHS):
        e_mv = ghk_reversal_mv(
            list(RATIOS.values()),
            [INSIDE.get(ion, 0.0) for ion in RATIOS],
            [bath.get(ion, 0.0) for ion in RATIOS],
            VALENCES,
            22.0,
        )
        found.append(
            Observation(
                f"r{k}", float(e_mv), 0.3, 22.0, INSIDE, bath, bath=f"bath {k}", zeroed_in="bath 0"
            )
        )
    return found


def main() -> None:
    """Time the Monte Carlo, and what stands beside the ratios."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=30, help="repeats (default 30)")
    rounds = parser.parse_args().rounds
    observations = observe()
    asked = {
        "permeant": list(RATIOS), "reference": "K", "fixed": {}, "activities": "none",
        "uncertainty": Uncertainty(),
    }  # fmt: skip
    wall, processor, beside = [], [], []
    for _ in range(rounds):
        started, used = time.perf_counter(), time.process_time()
        answer = infer_ratios(observations, **asked)
        wall.append(time.perf_counter() - started)
        processor.append(time.process_time() - used)
        used = time.process_time()
        describe_ratios(answer, **asked)
        beside.append(time.process_time() - used)
    for name, seconds in (
        ("ratios, wall time", wall),
        ("ratios, processor", processor),
        ("beside them, processor", beside),
    ):
        print(
            f"{name:24} median {1e3 * np.median(seconds):6.1f} ms, least {1e3 * min(seconds):.1f}"
        )


if __name__ == "__main__":
    main()

"""Time the GHK current of four ions along a long trace, against the bare exponentials.

Run as ``python tests/bench/bench_ghk.py``.  Both are timed alternately in one process, so that
what else the machine does falls on both; the ratio of the medians is what counts (goal: at
most 3).  Nothing here is asserted by a test: times are looked at, not tested.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter

import numpy as np

from permeant.physics import ghk_current_density, ghk_current_pa

GOAL = 3.0

#: Name, valence, inside and outside (mM).
IONS = (("K", 1, 140.0, 5.0), ("Na", 1, 15.0, 145.0), ("Ca", 2, 1e-4, 2.0), ("Cl", -1, 10.0, 110.0))
TEMPERATURE_C = 25.0
PERMEABILITY_M_PER_S = 1e-8
AREA_M2 = 1e-9


def traces(n: int) -> dict[str, np.ndarray]:
    """Return voltages (mV) as they come: a ramp, noisy steps, and noise about zero."""
    random = np.random.default_rng(1)
    steps = np.repeat(np.linspace(-120.0, 80.0, 20), -(-n // 20))[:n]
    return {
        "ramp": np.linspace(-120.0, 80.0, n),
        "steps with noise": steps + random.normal(0.0, 0.5, n),
        "noise about 0 mV": random.normal(0.0, 40.0, n),
    }


def bare(v_mv: np.ndarray) -> None:
    """Evaluate np.expm1 on the same array once an ion."""
    for _ in IONS:
        np.expm1(v_mv)


def each_ion(v_mv: np.ndarray) -> None:
    """Evaluate the current of each ion by a call of its own."""
    for _, z, inside, outside in IONS:
        ghk_current_density(v_mv, PERMEABILITY_M_PER_S, inside, outside, z, TEMPERATURE_C)


def whole_current(v_mv: np.ndarray) -> None:
    """Evaluate the summed current of the four ions by one call."""
    _, z, inside, outside = zip(*IONS, strict=True)
    ghk_current_pa(
        v_mv, [PERMEABILITY_M_PER_S * AREA_M2] * len(z), inside, outside, z, TEMPERATURE_C
    )


def seconds(work: Callable[[np.ndarray], object], v_mv: np.ndarray) -> float:
    """Time one call."""
    start = perf_counter()
    work(v_mv)
    return perf_counter() - start


def measure(n: int, rounds: int) -> dict[str, tuple[float, float, float]]:
    """Return median times (s) by trace: bare exponentials, each ion, the four in one call."""
    found = {}
    for name, v_mv in traces(n).items():
        reduced = v_mv / 25.7
        work = ((bare, reduced), (each_ion, v_mv), (whole_current, v_mv))
        for function, trace in work:
            function(trace)  # once to warm up
        times = [[seconds(function, trace) for function, trace in work] for _ in range(rounds)]
        exponentials, apart, together = (median(row) for row in zip(*times, strict=True))
        found[name] = exponentials, apart, together
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Print the times and ratios; the status is 0 whatever they are."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--voltages", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=21)
    arguments = parser.parse_args(argv)
    print(f"{len(IONS)} ions, {arguments.voltages} voltages, medians of {arguments.rounds} rounds")
    print(f"goal: at most {GOAL:g} times np.expm1 on the same array for each ion")
    for name, (exponentials, apart, together) in measure(
        arguments.voltages, arguments.rounds
    ).items():
        print(f"{name:17} np.expm1 {1e3 * exponentials:6.2f} ms", end="")
        for way, time in (("one call an ion", apart), ("one call for all", together)):
            ratio = time / exponentials
            mark = "" if ratio <= GOAL else ", ABOVE the goal"
            print(f"   {way} {1e3 * time:6.2f} ms (ratio {ratio:.2f}{mark})", end="")
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How often the intervals over cells hold the truth, for the page on groups.

    python tests/bench/coverage_groups.py [--groups 4000]

Every group is drawn with its own cells, errors and one error that all cells share; the
functions are those of the program.
"""

from __future__ import annotations

import argparse
import math
import random
from itertools import product

from permeant.cohort import CellValue
from permeant.infer.groups import group_values
from permeant.infer.pairs import paired_differences
from permeant.infer.pooling import scatter_beyond_errors, student_95

TRUTH_MV, CHANGE_MV, ERROR_MV, SIGMA_LJP_MV = -20.0, 5.0, 0.3, 1.0


def draw_value(
    draw: random.Random, cell: int, condition: str, truth_mv: float, shared_mv: float, spread: float
) -> CellValue:
    """Draw what is measured of one cell, with an error of its own and the one all share."""
    se = ERROR_MV * math.exp(spread * draw.gauss(0, 1))
    seen = truth_mv + shared_mv + draw.gauss(0, se)
    return CellValue(
        f"c{cell:03d}", condition, "bath", "pipette", "steady", "e_rev_mv", seen, None, None,
        "mV", 1, "r1", se=se,
    )  # fmt: skip


def weighed_holds(values: list[CellValue], truth_mv: float) -> bool:
    """Whether the interval of the weighed mean (Hartung & Knapp) holds the truth."""
    seen = [one.value for one in values if one.value is not None]
    errors = [one.se for one in values if one.se is not None]
    tau = scatter_beyond_errors(seen, errors)
    weights = [1 / (error**2 + tau**2) for error in errors]
    mean = sum(w * y for w, y in zip(weights, seen, strict=True)) / sum(weights)
    squares = sum(w * (y - mean) ** 2 for w, y in zip(weights, seen, strict=True))
    n = len(seen)
    half_width = student_95(n - 1) * math.sqrt(squares / (n - 1) / sum(weights))
    return abs(mean - truth_mv) <= half_width


def hold(n: int, tau: float, spread: float, groups: int) -> list[float]:
    """Return how many in 100 hold: over cells, total, within cells, and the weighed mean."""
    draw = random.Random(f"{n} {tau} {spread}")
    held = [0, 0, 0, 0]
    for _ in range(groups):
        shared_mv = draw.gauss(0, SIGMA_LJP_MV)
        values = []
        for cell in range(n):
            own_mv = tau * ERROR_MV * draw.gauss(0, 1)
            moved_mv = CHANGE_MV + tau * ERROR_MV * draw.gauss(0, 1)
            level_mv = TRUTH_MV + own_mv
            for condition, truth_mv in (("a", level_mv), ("b", level_mv + moved_mv)):
                values.append(draw_value(draw, cell, condition, truth_mv, shared_mv, spread))
        first = [one for one in values if one.condition == "a"]
        group = group_values(first, sigma_ljp_mv=SIGMA_LJP_MV)[0]
        change = paired_differences(values)[0]
        assert group.low is not None
        assert group.high is not None
        assert group.low_total is not None
        assert group.high_total is not None
        assert change.low is not None
        assert change.high is not None
        held[0] += group.low <= TRUTH_MV + shared_mv <= group.high
        held[1] += group.low_total <= TRUTH_MV <= group.high_total
        held[2] += change.low <= CHANGE_MV <= change.high
        held[3] += weighed_holds(first, TRUTH_MV + shared_mv)
    return [100 * many / groups for many in held]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=4000)
    groups = parser.parse_args().groups
    print("| cells | scatter / error | errors | over cells | total | within cells | weighed |")
    print("|--:|--:|---|--:|--:|--:|--:|")
    for spread, n, tau in product((0.0, 0.9), (3, 5, 10, 30), (0.0, 1.0, 2.0, 5.0)):
        found = " | ".join(f"{value:.1f}" for value in hold(n, tau, spread, groups))
        print(f"| {n} | {tau:g} | {'unequal' if spread else 'equal'} | {found} |", flush=True)


if __name__ == "__main__":
    main()

"""How well times come back behind dead times of several lengths, without any trace.

    python tests/bench/dead_time_ratios.py [runs]

Shut and open times are drawn one after the other, and what is shorter than the dead time is
joined to the sojourn before it.  Prints, for every ratio of dead time to the faster time
constant: how far mean times are from the truth with and without what the dead time hides put
back, how often their intervals hold it, and how often the number of components was right.
"""

from __future__ import annotations

import os
import sys

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402

from permeant.infer.dwell.apparent import Mixture  # noqa: E402
from permeant.infer.dwell.mixtures import fit_times  # noqa: E402
from permeant.infer.dwell.results import mean_limits_ms  # noqa: E402
from permeant.records import DwellCounts  # noqa: E402

N_TIMES = 1500
OPEN = Mixture(np.array([4.0]), np.array([1.0]))
SHUTS = {
    "one shut time, 12 ms": Mixture(np.array([12.0]), np.array([1.0])),
    "two, 4 (70 %) and 60 ms": Mixture(np.array([4.0, 60.0]), np.array([0.7, 0.3])),
}
RATIOS = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5)


def observe(shut, opened, dead_ms, generator):
    """Return apparent shut and open times."""
    which = generator.choice(shut.tau_ms.size, N_TIMES, p=shut.area)
    pairs = [generator.exponential(shut.tau_ms[which]), generator.exponential(4.0, N_TIMES)]
    times, kind = np.column_stack(pairs).ravel(), np.tile([0, 1], N_TIMES)
    starts = np.cumsum(times) - times
    kept = times >= dead_ms
    begins, kinds = starts[kept], kind[kept]
    new = np.append(True, kinds[1:] != kinds[:-1])
    begins, kinds = begins[new], kinds[new]
    lengths = np.diff(begins)[1:]
    return [lengths[kinds[1:-1] == one] for one in (0, 1)]


def counted(kind, times, dead_ms):
    """Count times between log-spaced edges."""
    edges = np.geomspace(dead_ms, times.max() * 1.001, 60)
    return DwellCounts(kind, tuple(edges.tolist()), tuple(np.histogram(times, edges)[0].tolist()))


def study(shut, ratio, runs):
    """Return, for shut and open: what is off with and without correction, held, right number."""
    dead_ms, found = 4.0 * ratio, []
    for seed in range(runs):
        generator = np.random.default_rng([seed, round(1000 * ratio)])
        seen = observe(shut, OPEN, dead_ms, generator)
        data = [
            counted(kind, one, dead_ms) for kind, one in zip(("shut", "open"), seen, strict=True)
        ]
        fit = fit_times(*data)
        if fit.covariance is None:
            continue
        row = []
        for truth, own, some, k in ((shut, fit.shut, seen[0], 0), (OPEN, fit.open, seen[1], 1)):
            low, high = mean_limits_ms(fit, k)
            held = low <= truth.mean_ms <= high
            right = own.tau_ms.size == truth.tau_ms.size
            plain = (some - dead_ms).mean() / truth.mean_ms - 1
            row.append((own.mean_ms / truth.mean_ms - 1, plain, held, right))
        found.append(row)
    return 100 * np.mean(found, axis=0), len(found)


if __name__ == "__main__":
    RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print("| times | dead time over 4 ms | kind | off | uncorrected | held | right number | runs |")
    print("|---|---|---|---|---|---|---|---|")
    for name, mixture in SHUTS.items():
        for part in RATIOS:
            means, count = study(mixture, part, RUNS)
            for which, (off, plain, held, right) in zip(
                ("shut", "open"), means.tolist(), strict=True
            ):
                print(
                    f"| {name} | {part:g} | {which} | {off:+.1f} % | {plain:+.0f} % | {held:.1f} % "
                    f"| {right:.0f} % | {count} |",
                    flush=True,
                )

"""What somebody without this package would write for a folder of recordings: the yardstick.

For each ABF file: pyabf, the mean of the last tenth of the step, a line by scipy, a PNG with traces
and curve by matplotlib, a row in a CSV file.  One process, no intervals, no corrections, no
checks, no ratios.  Run as ``python plain_script.py FOLDER_OF_ABF OUTPUT N``.
"""

from __future__ import annotations

import csv
import sys
import time
from itertools import islice
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pyabf
from scipy.optimize import curve_fit

mpl.use("Agg")
import matplotlib.pyplot as plt

STEP_MS = (35.0, 230.0)
"""Where the simulated cells' step is; a user knows that of the own protocol."""


def line(v_mv: np.ndarray, g_ns: float, i_0_pa: float) -> np.ndarray:
    return g_ns * v_mv + i_0_pa


def analyse(path: Path, output: Path) -> list[object]:
    abf = pyabf.ABF(str(path))
    first, stop = (round(abf.dataRate * ms / 1e3) for ms in STEP_MS)
    last_tenth = slice(stop - (stop - first) // 10, stop)
    v_mv, i_pa = [], []
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 4))
    for sweep in abf.sweepList:
        abf.setSweep(sweep)
        v_mv.append(abf.sweepC[last_tenth].mean())
        i_pa.append(abf.sweepY[last_tenth].mean())
        left.plot(abf.sweepX, abf.sweepY, linewidth=0.5)
    (g_ns, i_0_pa), _ = curve_fit(line, np.array(v_mv), np.array(i_pa))
    right.plot(v_mv, i_pa, "o")
    right.plot(v_mv, line(np.array(v_mv), g_ns, i_0_pa))
    left.set(xlabel="s", ylabel="pA")
    right.set(xlabel="mV", ylabel="pA")
    figure.savefig(output / f"{path.stem}.png")
    plt.close(figure)
    return [path.stem, g_ns, -i_0_pa / g_ns]


def main() -> None:
    folder, output, n_cells = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    output.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    with (output / "fits.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["cell", "g_ns", "e_rev_mv"])
        for path in islice(sorted(folder.glob("*.abf")), n_cells):
            writer.writerow(analyse(path, output))
    print(time.perf_counter() - began)


if __name__ == "__main__":
    main()

"""How well single channels are measured, over many simulated patches.

    python tests/bench/single_channel_coverage.py [runs] [--keep FILE] [--only SCENARIO ...]

Prints, for every scenario: how far the mean unitary current, open probability and mean open and
shut times are from the truth, how much they scatter, and how often their 95 % intervals hold it,
and the same as the table in pipeline/docs/single_channels.md.  What was run is kept in FILE, so
that a study can be stopped and taken up again, or shared by processes (each with its own
``--every`` and ``--first``).
"""

from __future__ import annotations

import argparse
import csv
import os
from collections import Counter
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402

from permeant.infer.dwell.results import describe_times  # noqa: E402
from permeant.measure.single_channel.patch import measure_patch  # noqa: E402
from permeant.records import (  # noqa: E402
    Provenance,
    Recording,
    RecordingInfo,
    Segment,
    SheetRow,
)
from permeant.simulate.channels import ChannelScheme, record_channels, two_state  # noqa: E402

INTERVAL_MS = 0.05
FILTER_KHZ = 2.0
UNITARY_PA = -2.0
SECONDS = 8.0
CORRECTIONS = {
    "junction_potential": "none",
    "reference_electrode": "none",
    "series_resistance": False,
}
BURSTS = ChannelScheme(((0, 0.02, 0), (0.05, 0, 0.2), (0, 0.25, 0)), (0, 0, 1))
SUBLEVEL = ChannelScheme(((0, 0.05, 0), (0.08, 0, 0.08), (0, 0.1, 0)), (0, 0.6, 1))

TWO_STATE = two_state(4.0, 12.0)

SCENARIOS = {
    "two-state-15": (TWO_STATE, 1, 15.0),
    "two-state-8": (TWO_STATE, 1, 8.0),
    "two-state-5": (TWO_STATE, 1, 5.0),
    "two-state-3": (TWO_STATE, 1, 3.0),
    "bursts-15": (BURSTS, 1, 15.0),
    "bursts-5": (BURSTS, 1, 5.0),
    "bursts-3": (BURSTS, 1, 3.0),
    "sublevel-15": (SUBLEVEL, 1, 15.0),
    "sublevel-5": (SUBLEVEL, 1, 5.0),
    "sublevel-3": (SUBLEVEL, 1, 3.0),
    "two-channels-10": (TWO_STATE, 2, 10.0),
    "two-channels-3": (TWO_STATE, 2, 3.0),
    "three-channels-15": (TWO_STATE, 3, 15.0),
    "three-channels-5": (TWO_STATE, 3, 5.0),
    "three-channels-3": (TWO_STATE, 3, 3.0),
    "bursts-two-channels-8": (BURSTS, 2, 8.0),
    "bursts-three-channels-8": (BURSTS, 3, 8.0),
}
"""Scheme, channels in the patch, and the smallest step between levels over the noise."""


def patch_recording(current_pa, level_mv=-80.0, interval_ms=INTERVAL_MS):
    """Return a gap-free recording at one voltage."""
    values = np.asarray(current_pa, dtype=np.float32)[None, :]
    segments = ((Segment("1", 0, values.shape[1], level_mv, level_mv),),)
    info = RecordingInfo(
        Provenance("simulated", "", 0, "permeant.simulate", "", "in memory", simulated=True),
        (),
        interval_ms,
        1,
        values.shape[1],
        (0.0,),
        "simulated",
        segments,
    )
    return Recording(info, values)


def measure(current_pa, filter_khz=FILTER_KHZ, interval_ms=INTERVAL_MS, direction="auto"):
    """Measure a patch and fit its times."""
    row = SheetRow(
        1, "patch", "patch", "patch.abf", measure="single_channel", configuration="outside-out"
    )
    measured = measure_patch(
        patch_recording(current_pa, interval_ms=interval_ms),
        row,
        {},
        corrections=CORRECTIONS,
        measures={"channel_filter_khz": filter_khz, "channel_direction": direction},
        extra_ions={},
    )
    (patch,) = measured.single_channels
    return patch, describe_times(patch)


def truth_of(scheme):
    """Return what the measurement should find."""
    open_part = float(np.sum(scheme.occupancy[np.array(scheme.levels) > 0]))
    open_levels = sorted({level for level in scheme.levels if level > 0})
    truth = {f"i_{k}_pa": UNITARY_PA * level for k, level in enumerate(open_levels, 1)}
    return truth | {
        "p_open": open_part,
        "open_ms": scheme.mean_dwell_ms(is_open=True),
        "shut_ms": scheme.mean_dwell_ms(is_open=False),
    }


def simulate(name, seed, seconds=SECONDS):
    """Return the current of one patch of a scenario, with a drifting baseline."""
    scheme, n_channels, snr = SCENARIOS[name]
    steps = np.diff(sorted(set(scheme.levels)))
    return record_channels(
        scheme,
        unitary_pa=UNITARY_PA,
        n_channels=n_channels,
        n_samples=round(seconds * 1e3 / INTERVAL_MS),
        interval_ms=INTERVAL_MS,
        filter_khz=FILTER_KHZ,
        noise_pa=abs(UNITARY_PA) * float(steps.min()) / snr,
        seed=seed,
        drift_pa_per_s=0.01,
    )


def run(name, seed):
    """Measure one patch; return rows of quantity, value, limits, or a reason."""
    scheme, n_channels, _ = SCENARIOS[name]
    truth = truth_of(scheme)
    patch, times = measure(simulate(name, 1000 + seed))
    if patch.status != "ok":
        return [("refused", "", "", "", patch.reason)]
    rows = [("p_open", patch.p_open, patch.p_open_low, patch.p_open_high, "")]
    for level in patch.levels:
        if f"i_{level.level}_pa" in truth and level.i_pa is not None:
            rows.append((f"i_{level.level}_pa", level.i_pa, level.i_low_pa, level.i_high_pa, ""))
    if patch.n_channels != n_channels:
        wrong = f"{patch.n_channels} channels instead of {n_channels}"
        rows.append(("refused", "", "", "", wrong))
    for one in times:
        ok = one.status == "ok"
        quantity = f"{one.kind}_ms" if ok else "refused"
        rows.append((quantity, one.mean_ms, one.mean_low_ms, one.mean_high_ms, one.reason))
    return rows


def work(names, seeds, keep):
    """Run what the file does not hold yet, scenario by scenario for every seed."""
    done = {(row[0], int(row[1])) for row in read(keep)}
    with keep.open("a", newline="") as out:
        writer = csv.writer(out)
        for seed in seeds:
            for name in names:
                if (name, seed) not in done:
                    writer.writerows((name, seed, *row) for row in run(name, seed))
                    out.flush()


def read(keep):
    """Return the rows that were kept."""
    if not keep.exists():
        return []
    with keep.open(newline="") as kept:
        return [row for row in csv.reader(kept) if len(row) == 7]


def tally(name, rows):
    """Return, for every quantity, what is off, its scatter, how often it is held, and of how many.

    ``rows`` are those of one scenario.
    """
    found = {}
    for quantity, value in truth_of(SCENARIOS[name][0]).items():
        some = np.array([row[3:6] for row in rows if row[2] == quantity], dtype=float)
        if some.size:
            held = np.mean((some[:, 1] <= value) & (value <= some[:, 2]))
            off, scatter = some[:, 0].mean() / value - 1, some[:, 0].std() / abs(value)
            found[quantity] = (100 * off, 100 * scatter, 100 * held, len(some))
    return found


def report(rows):
    """Print the table of the documentation, and below it why some gave nothing."""
    quantities = ("i_1_pa", "i_2_pa", "p_open", "open_ms", "shut_ms")
    print("| patch | runs | " + " | ".join(f"{one} off | held" for one in quantities) + " |")
    print("|---" * (2 + 2 * len(quantities)) + "|")
    for name in SCENARIOS:
        own = [row for row in rows if row[0] == name]
        found = tally(name, own) if own else {}
        cells = [
            f"{found[one][0]:+.2f} % | {found[one][2]:.1f} %" if one in found else "– | –"
            for one in quantities
        ]
        print(f"| {name} | {len({row[1] for row in own})} | {' | '.join(cells)} |")
    for name in SCENARIOS:
        own = [row for row in rows if row[0] == name]
        for quantity, (_, scatter, _, count) in (tally(name, own) if own else {}).items():
            print(f"{name:22s} {quantity:8s} scatter {scatter:5.2f} % of {count}")
        why = Counter(row[6] for row in own if row[2] == "refused")
        print("".join(f"{name:22s} refused {count}: {one}\n" for one, count in why.items()), end="")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", type=int, nargs="?", default=200)
    parser.add_argument("--keep", type=Path, default=Path("single_channel_runs.csv"))
    parser.add_argument("--only", nargs="*", default=list(SCENARIOS))
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--every", type=int, default=1)
    given = parser.parse_args()
    work(given.only, range(given.first, given.runs, given.every), given.keep)
    report(read(given.keep))

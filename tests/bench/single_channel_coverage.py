"""How well single channels are measured, over many simulated patches.

    python tests/bench/single_channel_coverage.py [runs] [scenario ...]

Prints, for every scenario: how far the mean unitary current, open probability and mean open and
shut times are from the truth, how much they scatter, and how often their 95 % intervals hold it.
The rows are those of the table in pipeline/docs/single_channels.md.
"""

from __future__ import annotations

import os
import sys

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


def simulate(name, seed, seconds):
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


def study(name, runs, seconds=12.0):
    """Run one scenario and return a line for each quantity."""
    scheme, n_channels, _ = SCENARIOS[name]
    truth = truth_of(scheme)
    seen = {quantity: [] for quantity in truth}
    refused = {}
    for seed in range(runs):
        patch, times = measure(simulate(name, 1000 + seed, seconds))
        if patch.status == "ok":
            for level in patch.levels:
                if f"i_{level.level}_pa" in seen and level.i_pa is not None:
                    limits = (level.i_pa, level.i_low_pa, level.i_high_pa)
                    seen[f"i_{level.level}_pa"].append(limits)
            seen["p_open"].append((patch.p_open, patch.p_open_low, patch.p_open_high))
            if patch.n_channels != n_channels:
                why = f"{patch.n_channels} channels instead of {n_channels}"
                refused[why] = refused.get(why, 0) + 1
        else:
            refused[patch.reason] = refused.get(patch.reason, 0) + 1
        for one in times:
            if one.status == "ok":
                seen[f"{one.kind}_ms"].append((one.mean_ms, one.mean_low_ms, one.mean_high_ms))
            else:
                refused[one.reason] = refused.get(one.reason, 0) + 1
    lines = []
    for quantity, value in truth.items():
        if seen[quantity]:
            found = np.array(seen[quantity])
            held = np.mean((found[:, 1] <= value) & (value <= found[:, 2]))
            off = 100 * (found[:, 0].mean() / value - 1)
            lines.append(
                f"{name:23s} {quantity:8s} true {value:8.4g}  mean off by {off:+5.2f} %  "
                f"scatter {100 * abs(found[:, 0].std() / value):5.2f} %  holds {100 * held:5.1f} %"
                f"  of {len(found)}"
            )
    return lines + [f"{name:23s} refused {count}: {why}" for why, count in refused.items()]


if __name__ == "__main__":
    N_RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    for scenario in sys.argv[2:] or SCENARIOS:
        print("\n".join(study(scenario, N_RUNS)), flush=True)

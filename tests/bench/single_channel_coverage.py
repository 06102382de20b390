"""How well single channels are measured, over many simulated patches.

    python tests/bench/single_channel_coverage.py [runs] [scenario ...]

Prints, for every scenario: how far the mean unitary current, open probability and mean open and
shut times are from the truth, and how often their 95 % intervals hold it.
"""

from __future__ import annotations

import sys

import numpy as np

from permeant.infer.dwell.results import describe_times
from permeant.measure.single_channel.patch import measure_patch
from permeant.records import (
    Provenance,
    Recording,
    RecordingInfo,
    Segment,
    SheetRow,
)
from permeant.simulate.channels import ChannelScheme, record_channels, two_state

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

SCENARIOS = {
    "two-state-15": (two_state(4.0, 12.0), 1, 15.0),
    "two-state-5": (two_state(4.0, 12.0), 1, 5.0),
    "two-state-3": (two_state(4.0, 12.0), 1, 3.0),
    "bursts-8": (BURSTS, 1, 8.0),
    "two-channels-6": (two_state(4.0, 12.0), 2, 6.0),
    "three-channels-10": (two_state(4.0, 12.0), 3, 10.0),
    "sublevel-12": (SUBLEVEL, 1, 12.0),
}


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


def study(name, runs, seconds=12.0):
    """Run one scenario and return a line for each quantity."""
    scheme, n_channels, snr = SCENARIOS[name]
    open_part = float(np.sum(scheme.occupancy[np.array(scheme.levels) > 0]))
    smallest = min(level for level in scheme.levels if level > 0)
    truth = {
        "i_pa": UNITARY_PA * smallest,
        "p_open": open_part,
        "open_ms": scheme.mean_dwell_ms(is_open=True),
        "shut_ms": scheme.mean_dwell_ms(is_open=False),
    }
    seen = {quantity: [] for quantity in truth}
    refused = {}
    for seed in range(runs):
        current_pa = record_channels(
            scheme,
            unitary_pa=UNITARY_PA,
            n_channels=n_channels,
            n_samples=round(seconds * 1e3 / INTERVAL_MS),
            interval_ms=INTERVAL_MS,
            filter_khz=FILTER_KHZ,
            noise_pa=abs(UNITARY_PA) * smallest / snr,
            seed=1000 + seed,
            drift_pa_per_s=0.01,
        )
        patch, times = measure(current_pa)
        if patch.status == "ok":
            seen["i_pa"].append((patch.i_unitary_pa, patch.i_low_pa, patch.i_high_pa))
            if patch.n_channels == n_channels:
                seen["p_open"].append((patch.p_open, patch.p_open_low, patch.p_open_high))
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
                f"{name:18s} {quantity:8s} true {value:8.4g}  mean off by {off:+5.2f} %  "
                f"scatter {100 * abs(found[:, 0].std() / value):5.2f} %  holds {100 * held:5.1f} %"
                f"  of {len(found)}"
            )
    return lines + [f"{name:18s} refused {count}: {why}" for why, count in refused.items()]


if __name__ == "__main__":
    N_RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    for scenario in sys.argv[2:] or SCENARIOS:
        print("\n".join(study(scenario, N_RUNS)), flush=True)

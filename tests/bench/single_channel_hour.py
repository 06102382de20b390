"""Time and memory for an hour of gap-free recording at 20 kHz, idealised on one core.

python tests/bench/single_channel_hour.py [minutes]
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
from single_channel_coverage import measure

from permeant.simulate.channels import record_channels, two_state

INTERVAL_MS = 0.05


def main() -> None:
    """Simulate minute by minute, so that the simulation needs no memory, then measure."""
    minutes = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    per_minute = round(60e3 / INTERVAL_MS)
    current_pa = np.empty(minutes * per_minute, dtype=np.float32)
    for minute in range(minutes):
        part = record_channels(
            two_state(4.0, 12.0),
            unitary_pa=2.0,
            n_samples=per_minute,
            interval_ms=INTERVAL_MS,
            filter_khz=2.0,
            noise_pa=0.4,
            seed=minute,
        )
        current_pa[minute * per_minute : (minute + 1) * per_minute] = part
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, started_cpu = time.perf_counter(), time.process_time()
    patch, times = measure(current_pa)
    took_s, cpu_s = time.perf_counter() - started, time.process_time() - started_cpu
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"{minutes} min: {took_s:.1f} s ({cpu_s:.1f} s of one core), peak {after / 1024:.0f} MB "
        f"({before / 1024:.0f} MB before); {patch.n_openings} openings, "
        f"i {patch.i_unitary_pa} pA, open {[one.mean_ms for one in times]} ms; {times[0].reason}"
    )


if __name__ == "__main__":
    main()

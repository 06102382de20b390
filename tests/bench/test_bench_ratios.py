"""The benchmark of the ratios runs; what it measures is looked at, not asserted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_bench_runs() -> None:
    script = Path(__file__).with_name("bench_ratios.py")
    found = subprocess.run(
        [sys.executable, script, "--rounds", "1"], capture_output=True, text=True, check=True
    )
    assert found.stdout.count("median") == 3

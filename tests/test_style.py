"""The code is checked and formatted as CONTRIBUTING.md says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "."),
        ("ruff", "check", "--preview", "--select", "PLW1514", "."),  # open() without an encoding
        ("ruff", "format", "--check", "."),
        ("mypy",),
        (
            "snakefmt",
            "--check",
            "Snakefile",
            "pipeline/figures.smk",
            "pipeline/shown.smk",
            "pipeline/told.smk",
        ),
    ],
    ids=["ruff check", "encodings", "ruff format", "mypy", "snakefmt"],
)
def test_checks_find_nothing(command: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr

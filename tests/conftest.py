"""What all tests share: how a project is run, and the same random examples in the automated run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("automated", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("automated" if os.environ.get("CI") else "desk")


@pytest.fixture(scope="session")
def run_project() -> Callable[[Path], Path]:
    """Give a function that runs a project as a user would and returns its reports."""

    def run(project: Path) -> Path:
        command = [sys.executable, "-m", "permeant.cli", "run", str(project)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return project / "reports"

    return run

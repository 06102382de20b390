"""Where the real recordings are: beside the repository, or where PERMEANT_RECORDINGS says."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def recordings_folder() -> Path:
    default = REPOSITORY.parent / "shared" / "recordings"
    return Path(os.environ.get("PERMEANT_RECORDINGS", default))


@pytest.fixture(scope="session")
def recordings() -> Callable[[str], Path]:
    """Give the path of a real recording, or skip the test by the file's name."""
    folder = recordings_folder()

    def find(name: str) -> Path:
        path = folder / name
        if not path.exists():
            pytest.skip(f"{name} is absent: no such file in {folder} (set PERMEANT_RECORDINGS)")
        return path

    return find

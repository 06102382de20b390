"""The versions that a result rests on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

_LIBRARIES = ("permeant", "neo", "numpy", "scipy", "lmfit", "snakemake")


def installed_versions() -> dict[str, str]:
    """Return the versions of this program, of Python and of the libraries that compute."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found

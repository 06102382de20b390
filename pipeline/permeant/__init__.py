"""From patch-clamp recordings to conductances, reversal potentials and permeability ratios.

The stages as functions: ``from permeant import open_recording, measure_steady_state, fit_iv,
observe, permeability_ratios``; see :mod:`permeant.library`.  Nothing is loaded before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "fit_iv",
    "measure_recording",
    "measure_steady_state",
    "observe",
    "open_recording",
    "permeability_ratios",
    "read_table",
    "to_frame",
    "to_model_result",
]

if TYPE_CHECKING:
    from permeant.library import (
        fit_iv,
        measure_recording,
        measure_steady_state,
        observe,
        open_recording,
        permeability_ratios,
        to_frame,
        to_model_result,
    )
    from permeant.tables import read_table


def __getattr__(name: str) -> Any:
    """Load a name of the library when it is asked for."""
    if name not in __all__:
        raise AttributeError(f"module 'permeant' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    room = "permeant.tables" if name == "read_table" else "permeant.library"
    return getattr(import_module(room), name)


def __dir__() -> list[str]:
    """List what can be imported."""
    return sorted(__all__)

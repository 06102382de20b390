"""Everything that samples tell against themselves, the same for every format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from permeant.recording.clipping import find_clipping, find_frozen
from permeant.recording.jumps import find_jumps
from permeant.recording.too_quiet import find_too_quiet
from permeant.records import Finding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from permeant.recording.command import Command


def find_odd_samples(
    raw: NDArray[Any],
    current_pa: NDArray[np.float32],
    command: Command,
    interval_ms: float,
    title: str,
) -> tuple[Finding, ...]:
    """Return what is odd about the samples of a current: cut off, lost, misplaced, too quiet.

    Parameters
    ----------
    raw : numpy.ndarray
        The samples as stored, (sweeps, samples).
    current_pa : numpy.ndarray
        The same in pA.
    command : Command
        What was played.
    interval_ms : float
        Time between samples.
    title : str
        The channel in words.
    """
    return (
        *find_clipping(raw, title),
        *find_frozen(raw, title),
        *find_jumps(current_pa, command, interval_ms, title),
        *find_too_quiet(current_pa, interval_ms, title),
    )

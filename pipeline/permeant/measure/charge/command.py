"""The command of a sweep sample by sample, and what kind of waveform it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from permeant.records import Recording

Floats = NDArray[np.float64]

_SAME_MV = 2.0
_SHORTEST_SPIKE_MV = 20.0
_JUMP_SHARE = 0.5
_JUMP_MS = 0.05


def command_of(recording: Recording, sweep: int) -> Floats | None:
    """Return the command of a sweep in mV: recorded, else rebuilt; None where it is not known."""
    if recording.command_mv is not None:
        return np.asarray(recording.command_mv[sweep], dtype=np.float64)
    info = recording.info
    if not info.sweeps or any(one.check == "command_unknown" for one in info.findings):
        return None
    out = np.full(info.n_samples, np.nan)
    for segment in info.sweeps[sweep]:
        stop = min(segment.stop, info.n_samples)
        ways = np.arange(1, stop - segment.start + 1) / (segment.stop - segment.start)
        moved = 0.0 if segment.is_step else (segment.stop_mv - segment.start_mv) * ways
        out[segment.start : stop] = segment.start_mv + moved
    return None if np.isnan(out).any() else out


def alike(one: Floats | None, other: Floats | None) -> bool:
    """Tell whether two sweeps were given the same command."""
    if one is None or other is None:
        return one is other
    return bool(np.quantile(np.abs(one - other), 0.99) < _SAME_MV)


def departure(command_mv: Floats) -> tuple[int, int] | None:
    """Return the first and the last sample away from the level that a sweep begins with."""
    begin = max(1, command_mv.size // 200)
    away = np.flatnonzero(np.abs(command_mv - np.median(command_mv[:begin])) > _SAME_MV)
    return (int(away[0]), int(away[-1])) if away.size else None


def spike_height_mv(command_mv: Floats, interval_ms: float) -> tuple[float | None, str]:
    """Return the height of an action potential that is played, or why it is none.

    Parameters
    ----------
    command_mv : array (samples,)
        Command of the window, from before it departs until it is back.
    interval_ms : float
        Sampling interval.
    """
    start, end = float(command_mv[0]), float(command_mv[-1])
    height = float(command_mv.max()) - start
    if height < _SHORTEST_SPIKE_MV:
        return None, "the command of the window is no depolarisation"
    if abs(end - start) > 0.25 * height:
        return None, "the command does not come back within the window"
    within = max(1, round(_JUMP_MS / interval_ms))
    rise = float((command_mv[within:] - command_mv[:-within]).max())
    if rise > _JUMP_SHARE * height:
        return None, "the command is a step, not the waveform of an action potential"
    return height, ""

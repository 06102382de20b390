"""Currents that jump where nothing makes them: what a misplaced block of a file looks like.

A recorded current went through a filter, so within one sample it moves little more than its
noise, unless the command steps.  A block of samples that belongs elsewhere begins and ends with a
jump within one sample; one that was shifted by a byte is noise of any height.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from permeant.recording.command import Command
from permeant.records import Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGE = 30.0
"""How many times the usual change from one sample to the next a jump must be."""
ALONE = 5.0
"""How many times the changes next to it: a filtered step takes several samples."""
BESIDE = 20
"""Samples on either side whose levels must differ: an artefact comes back."""
STAYS = 0.5
"""The part of a jump by which those levels must differ."""
AFTER_STEP_MS = 3.0
"""How long after a change of the command nothing is looked for."""
BURST, BURST_SHARE = 64, 0.5
"""Samples of a burst, and which share of their changes must be large."""
TURNS = 0.25
"""Which share of the large changes of a burst must turn back."""
LONGEST_INTERVAL_MS = 1.0
"""At longer ones channels open and solutions change between two samples."""
SEEN_SAMPLES = 20_000
CHUNK = 1_000_000


def find_jumps(
    current_pa: NDArray[np.float32],
    command: Command,
    interval_ms: float,
    title: str,
) -> list[Finding]:
    """Return a finding where the current jumps while the command rests.

    Parameters
    ----------
    current_pa : numpy.ndarray
        The current in pA, (sweeps, samples).
    command : Command
        What was played; where that is unknown nothing can be said.
    interval_ms : float
        Time between samples.
    title : str
        The channel in words.
    """
    if command.source == "unknown" or interval_ms > LONGEST_INTERVAL_MS:
        return []
    usual = usual_change(current_pa)
    if not usual > 0:
        return []
    after = max(round(AFTER_STEP_MS / interval_ms), BESIDE)
    places: list[tuple[int, int, float]] = []
    for number, (samples, segments) in enumerate(zip(current_pa, command.sweeps, strict=True)):
        steps = np.array([segment.start for segment in segments])
        for at, size in _jumps_of(samples, steps, after, LARGE * usual):
            places.append((number, at, size))
    if not places:
        return []
    number, at, _ = places[0]
    most = max(size for _, _, size in places)
    message = (
        f"{title}: the current jumps by up to {most:.3g} pA within one sample while the command "
        f"rests, {len(places)} times (first in sweep {number + 1} at {at * interval_ms:.1f} ms), "
        f"{most / usual:.0f} times its usual change, which no filter lets through: a part of the "
        "file belongs elsewhere, the command stepped unsaid, or the seal or the amplifier jumped"
    )
    return [Finding("current_jumps", "warning", message, most, LARGE * usual, "pA")]


def usual_change(current_pa: NDArray[np.float32]) -> float:
    """Return the median change from sample to sample, of some thousand samples of all sweeps."""
    n_sweeps, n_samples = current_pa.shape
    length = min(n_samples, max(SEEN_SAMPLES // n_sweeps, 64))
    start = (n_samples - length) // 2
    return float(np.median(np.abs(np.diff(current_pa[:, start : start + length], axis=1))))


def _jumps_of(
    samples: NDArray[np.float32], steps: NDArray[np.int64], after: int, limit: float
) -> Iterator[tuple[int, float]]:
    """Yield where a sweep jumps, and by how much, in pieces so that long ones cost no memory."""
    for start in range(0, len(samples), CHUNK):
        shift = max(start - BURST, 0)
        piece = samples[shift : start + CHUNK + BURST]
        changes = np.diff(piece)
        large = np.flatnonzero(np.abs(changes) > limit)
        place = large + shift
        since = place - steps[np.searchsorted(steps, place + 3, side="right") - 1]
        wanted = (since > after) & (place >= start) & (place < start + CHUNK)
        if not np.any(wanted):
            continue
        burst = wanted & _are_bursts(changes, large)
        alone = wanted & ~burst & _stand_alone(changes, large)
        for number in np.flatnonzero(burst | alone):
            at = int(large[number])
            if burst[number] or _stays_changed(piece, at):
                yield at + 1 + shift, float(abs(changes[at]))


def _stand_alone(changes: NDArray[np.float32], large: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the changes on both sides of each large one are small."""
    beside = np.stack([large + k for k in (-2, -1, 1, 2)])
    sizes = np.abs(changes[np.clip(beside, 0, len(changes) - 1)])
    inside = (large >= 2) & (large < len(changes) - 2)
    alone: NDArray[np.bool_] = inside & (ALONE * sizes.max(axis=0) <= np.abs(changes[large]))
    return alone


def _stays_changed(piece: NDArray[np.float32], at: int) -> bool:
    """Whether the level behind a jump is another than before it."""
    before, behind = piece[max(at + 1 - BESIDE, 0) : at + 1], piece[at + 1 : at + 1 + BESIDE]
    moved = abs(float(np.median(behind) - np.median(before)))
    return moved > STAYS * abs(float(piece[at + 1] - piece[at]))


def _are_bursts(changes: NDArray[np.float32], large: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether large changes crowd around each one, up and down: an edge goes one way."""
    up = changes[large] > 0
    turns = np.concatenate([[0], np.cumsum(up[1:] != up[:-1])])
    first = np.searchsorted(large, large - BURST // 2)
    last = np.searchsorted(large, large + BURST // 2) - 1
    crowd = last - first + 1
    bursts: NDArray[np.bool_] = (crowd >= BURST_SHARE * BURST) & (
        turns[last] - turns[first] >= TURNS * crowd
    )
    return bursts

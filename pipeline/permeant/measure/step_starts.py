"""The beginnings of steps, cut out and laid on one time axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from permeant.measure.steps import SAME_LEVEL_MV, Step
from permeant.measure.transient import Floats
from permeant.records import Recording, Segment


@dataclass(frozen=True)
class StepStarts:
    """The currents of steps from their start on, and the levels they come from.

    ``rows_pa`` is (steps, samples), as long as the shortest step; ``before`` are the stretches
    before the steps, ``jumps_mv`` how far the command jumps into them.
    """

    steps: tuple[Step, ...]
    before: tuple[Segment, ...]
    jumps_mv: Floats
    rows_pa: Floats


def cut_starts(recording: Recording, steps: Sequence[Step], guard_ms: float) -> StepStarts | None:
    """Cut out the steps into which the command jumps; nothing where there is none.

    Parameters
    ----------
    recording : Recording
        The samples and the command.
    steps : sequence of Step
        The steps of a family.  One at the very beginning of a sweep has no start that was seen.
    guard_ms : float
        End of a step that is left out.
    """
    kept, before = [], []
    for step in steps:
        earlier = _stretch_before(recording.info.sweeps[step.sweep], step.segment)
        if earlier is not None and earlier.is_step:
            kept.append(step)
            before.append(earlier)
    if not kept:
        return None
    guard = round(guard_ms / recording.info.interval_ms)
    length = min(step.segment.stop - step.segment.start for step in kept)
    length -= min(guard, length // 10)
    rows = [
        recording.current_pa[step.sweep, step.segment.start : step.segment.start + length]
        for step in kept
    ]
    jumps = [step.segment.start_mv - one.stop_mv for step, one in zip(kept, before, strict=True)]
    return StepStarts(
        tuple(kept), tuple(before), np.array(jumps), np.stack(rows).astype(np.float64)
    )


def _stretch_before(segments: Sequence[Segment], segment: Segment) -> Segment | None:
    earlier = [one for one in segments if one.stop == segment.start]
    return earlier[0] if earlier else None


def prepulse_mv(starts: StepStarts) -> float | None:
    """Return the level before the steps where it is one in all sweeps, in mV."""
    levels = [one.stop_mv for one in starts.before]
    return float(np.median(levels)) if np.ptp(levels) <= 2 * SAME_LEVEL_MV else None

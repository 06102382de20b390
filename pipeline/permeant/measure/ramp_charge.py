"""How much capacitance the step into a ramp shows: what the ramp itself cannot tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from permeant.records import Recording, Segment

_SMALLEST_JUMP_MV = 5.0
_SETTLED_MS = 5.0
_FEWEST_SAMPLES = 8


def charge_of_step_pf(
    recording: Recording,
    places: Sequence[tuple[int, Segment, Segment | None]],
    interval_ms: float,
) -> float:
    """Return the charge that the step into a ramp moved, over the step.

    Parameters
    ----------
    recording : Recording
        The samples and the command.
    places : sequence of (sweep, ramp, mirror image or None)
        Where the ramp is.
    interval_ms : float
        Time between samples.

    Returns
    -------
    float
        Capacitance that compensation left, in pF (pA ms / mV): the area between the current and
        the straight line of the ramp behind it, followed back to the step.  0 where no step
        leads into the ramp.
    """
    found = []
    for sweep, ramp, _ in places:
        before = [one for one in recording.info.sweeps[sweep] if one.stop == ramp.start]
        jump_mv = ramp.start_mv - before[0].stop_mv if before else 0.0
        length = ramp.stop - ramp.start
        settle = min(round(_SETTLED_MS / interval_ms), length // 10)
        if abs(jump_mv) < _SMALLEST_JUMP_MV or settle < _FEWEST_SAMPLES:
            continue
        samples = recording.current_pa[sweep, ramp.start : ramp.start + 3 * settle]
        line = np.polynomial.Polynomial.fit(np.arange(settle, 3 * settle), samples[settle:], 1)
        above = samples[:settle] - line(np.arange(settle))
        found.append(float(above.sum()) * interval_ms / jump_mv)
    return max(float(np.mean(found)), 0.0) if found else 0.0

"""Whether what opens and shuts is a channel, or the mains."""

from __future__ import annotations

import numpy as np

from permeant.measure.single_channel.trace import Idealised

MAINS_HZ = (50, 60, 100, 120)
_STRETCH_MS = 1000.0
"""In which the mains keeps its phase, to within a few hundredths of a turn."""


def locked_share(found: Idealised, hertz: float) -> float:
    """Return how closely openings keep to one phase of a frequency: 0 not at all, 1 exactly.

    Parameters
    ----------
    found : Idealised
        Events of all traces.
    hertz : float
        The frequency.

    Returns
    -------
    float
        Mean resultant length of the phases within stretches of a second, less what chance gives.
    """
    period = 1e3 / hertz / found.interval_ms
    stretch = _STRETCH_MS / found.interval_ms
    squares, n = 0.0, 0
    for events in found.events:
        rises = events.start[1:][np.diff(events.level) > 0].astype(np.float64)
        part = (rises // stretch).astype(np.int64)
        turns = np.exp(2j * np.pi * rises / period)
        count = np.bincount(part)
        total = np.bincount(part, turns.real) + 1j * np.bincount(part, turns.imag)
        # the square of a sum of n random phases is n on average
        squares += float(np.sum((np.abs(total) ** 2 - count)[count > 1] / count[count > 1]))
        n += int(np.sum(count[count > 1] - 1))
    return float(np.sqrt(max(squares / n, 0.0))) if n >= 10 else 0.0

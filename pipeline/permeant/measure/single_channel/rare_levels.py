"""Levels that a patch visits too seldom to make a peak: one equal step beyond the outermost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from permeant.measure.single_channel.levels import Levels

Array = NDArray[np.float64]

_FROM, _TO = 0.6, 1.4
"""Where a visit's mean may lie, in steps beyond the outermost level."""

_UNEVEN = 0.1
_MOST_LEVELS = 12


def equal_steps(levels: Levels) -> bool:
    """Return whether the levels stand at equal steps, as those of equal channels do."""
    steps = np.abs(np.diff(levels.at_pa))
    return bool(np.all(np.abs(steps - steps.mean()) < _UNEVEN * steps.mean()))


def count_beyond(flat: Array, levels: Levels, shortest: int) -> tuple[int, int]:
    """Count visits that last, one step beyond the shut level and beyond the outermost.

    Parameters
    ----------
    flat : array (samples,)
        Filtered current in pA, baseline taken off.
    levels : Levels
        The levels so far.
    shortest : int
        Samples of the shortest visit that counts.

    Returns
    -------
    tuple of int
        Below the shut level, beyond the last open one.
    """
    at = np.array(levels.at_pa)
    step = float(np.diff(at).mean())
    return (
        _visits((at[0] - flat) / step, shortest),
        _visits((flat - at[-1]) / step, shortest),
    )


def _visits(steps_beyond: Array, shortest: int) -> int:
    outside = np.concatenate([[False], steps_beyond > _FROM, [False]])
    edges = np.flatnonzero(outside[1:] != outside[:-1])
    starts, stops = edges[::2], edges[1::2]
    lasting = stops - starts >= shortest
    means = [
        float(np.median(steps_beyond[a:b]))
        for a, b in zip(starts[lasting].tolist(), stops[lasting].tolist(), strict=True)
    ]
    return sum(_FROM < mean < _TO for mean in means)


def with_more(levels: Levels, below: int, beyond: int) -> Levels:
    """Return the levels with one more on the sides where visits were seen.

    Parameters
    ----------
    levels : Levels
        Equal steps.
    below, beyond : int
        Visits below the shut level and beyond the last open one.
    """
    at = np.array(levels.at_pa)
    step = float(np.diff(at).mean())
    if at.size >= _MOST_LEVELS:
        return levels
    more = (
        *([float(at[0] - step)] if below else []),
        *levels.at_pa,
        *([float(at[-1] + step)] if beyond else []),
    )
    shares = (*([0.0] if below else []), *levels.shares, *([0.0] if beyond else []))
    return replace(levels, at_pa=more, shares=shares)

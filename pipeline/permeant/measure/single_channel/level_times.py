"""Lengths of sojourns at the levels of several channels, counted for the fit of their times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from permeant.measure.single_channel.filtering import true_width_ms
from permeant.measure.single_channel.idealise import HYSTERESIS
from permeant.measure.single_channel.trace import Idealised
from permeant.records import LevelTimes

Whole = NDArray[np.int64]

_EDGES = 36
_STRETCHES = 24
_CUT_OFF = -1


def count_level_times(found: Idealised) -> tuple[LevelTimes, ...]:
    """Count sojourns by their level, the level before and the level after.

    The first sojourn of a stretch is left out, since its start is not seen; the last is cut off.

    Parameters
    ----------
    found : Idealised
        Events of all traces at one voltage.
    """
    kind, length, number = _sojourns(found)
    shortest = found.dead_samples
    longest = max(int(length.max()), shortest + 1)
    bins = np.unique(np.round(np.geomspace(shortest, longest + 1, _EDGES))) - 0.5
    place = np.searchsorted(bins, length, side="right") - 1
    counted = []
    for level, before, after in sorted({tuple(one) for one in kind.tolist()}):
        own = np.all(kind == (level, before, after), axis=1) & (place >= 0)
        counts = np.zeros((_STRETCHES, bins.size - 1), dtype=np.int64)
        np.add.at(counts, (number[own], place[own]), 1)
        edges = bins * found.interval_ms
        if before == after:  # a pulse, which filter and thresholds lengthen; a stair is not
            up, down = 0.5 + HYSTERESIS, 0.5 - HYSTERESIS
            edges = true_width_ms(edges, found.total_khz, up, down)
        counted.append(
            LevelTimes(
                level,
                before,
                None if after == _CUT_OFF else after,
                tuple(float(f"{edge:.8g}") for edge in edges.tolist()),
                tuple(tuple(row) for row in counts.tolist()),
            )
        )
    return tuple(counted)


def _sojourns(found: Idealised) -> tuple[Whole, Whole, Whole]:
    """Return level, level before and after of every sojourn; its length; its stretch."""
    kinds, lengths, numbers = [], [], []
    total, done = sum(events.stop for events in found.events), 0
    for events in found.events:
        level = events.level
        if level.size > 1:
            after = np.append(level[2:], _CUT_OFF)
            kinds.append(np.column_stack([level[1:], level[:-1], after]))
            lengths.append(events.length[1:])
            numbers.append((done + events.start[1:]) * _STRETCHES // total)
        done += events.stop
    return np.concatenate(kinds), np.concatenate(lengths), np.concatenate(numbers)

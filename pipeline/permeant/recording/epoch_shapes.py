"""The shapes an epoch can take, as straight pieces."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from permeant.recording.abf_header import Epoch

STEP, RAMP, PULSES, TRIANGLE, COSINE, RESISTANCE, BIPHASIC = 1, 2, 3, 4, 5, 6, 7
PIECES_PER_COSINE = 16


class Piece(NamedTuple):
    """A straight stretch of the command: its epoch, its length in samples, its two ends."""

    epoch: str
    length: int
    start: float
    stop: float


def draw_epoch(
    epoch: Epoch, duration: int, previous: float, target: float, holding: float
) -> Iterator[Piece]:
    """Yield the pieces of one epoch.

    Parameters
    ----------
    epoch : Epoch
        Its kind, and period and width of its pulses.
    duration : int
        Its length in this sweep, in samples.
    previous, target, holding : float
        The level before it, its own level in this sweep, and the level before the first epoch.
    """
    letter = epoch.letter
    if epoch.kind == RAMP:
        yield Piece(letter, duration, previous, target)
    elif epoch.kind == RESISTANCE:
        yield Piece(letter, duration // 2, holding, holding)
        yield Piece(letter, duration - duration // 2, target, target)
    elif epoch.kind in {PULSES, TRIANGLE, COSINE, BIPHASIC} and epoch.period > 0:
        yield from _draw_train(epoch, duration, previous, target)
    else:
        yield Piece(letter, duration, target, target)


def _draw_train(epoch: Epoch, duration: int, previous: float, target: float) -> Iterator[Piece]:
    count, rest = divmod(duration, epoch.period)
    # A last pulse that would be cut off is not played; one that only lacks its gap is.
    whole_pulse_fits = epoch.kind in {PULSES, BIPHASIC} and rest >= epoch.width > 0
    for _ in range(count):
        yield from _draw_period(epoch, epoch.period, previous, target)
    if whole_pulse_fits:
        yield from _draw_period(epoch, rest, previous, target)
    elif rest:
        yield Piece(epoch.letter, rest, previous, previous)


def _draw_period(epoch: Epoch, length: int, previous: float, target: float) -> Iterator[Piece]:
    letter, width = epoch.letter, min(epoch.width, length)
    if epoch.kind == COSINE:
        yield from _draw_cosine(letter, length, previous, target)
        return
    if epoch.kind == TRIANGLE:
        yield Piece(letter, width, previous, target)
        yield Piece(letter, length - width, target, previous)
        return
    if epoch.kind == BIPHASIC:
        half = width // 2
        yield Piece(letter, half, target, target)
        opposite = 2 * previous - target
        yield Piece(letter, width - half, opposite, opposite)
    else:
        yield Piece(letter, width, target, target)
    yield Piece(letter, length - width, previous, previous)


def _draw_cosine(letter: str, length: int, previous: float, target: float) -> Iterator[Piece]:
    knots = [round(length * i / PIECES_PER_COSINE) for i in range(PIECES_PER_COSINE + 1)]
    levels = [
        previous + (target - previous) * (0.5 - 0.5 * math.cos(2 * math.pi * knot / length))
        for knot in knots
    ]
    for i in range(PIECES_PER_COSINE):
        yield Piece(letter, knots[i + 1] - knots[i], levels[i], levels[i + 1])

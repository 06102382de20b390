"""Turning points of currents, without the bias of picking the largest sample.

A cubic is laid through the samples around the turning point and read at its top, whose own
bias of ``var(slope) / (2 |curvature|)`` is taken off.  A step on which nothing clearly turns,
as near the reversal, is read at the time at which its neighbours peak, so that no noise is
picked there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from permeant.measure.noise import integrated_autocorrelation
from permeant.measure.transient import Floats

FEWEST = 9
"""Samples that a cubic is laid through, at least."""

_CLEAR_SD = 4.0
_WIDTH = 0.3
_SMOOTH = 0.12
_REST = 0.15
_LATER, _EARLIER = 1.3, 0.6
_NEIGHBOURS = 3


class Top(NamedTuple):
    """The current of one sweep around one moment, by a cubic through its samples."""

    at: float
    i_pa: float
    sem_pa: float
    sd_pa: float
    n: int
    start: int
    stop: int


def find_tops(
    rows_pa: Floats, jumps_mv: Floats, first: int, stop: int
) -> tuple[list[Top], NDArray[np.bool_]]:
    """Find the turning point of every step; where none is clear, read where neighbours turn.

    Parameters
    ----------
    rows_pa : array, shape (sweeps, samples)
        Currents in pA from the start of the step on.
    jumps_mv : array, shape (sweeps,)
        How far the command jumps.
    first, stop : int
        Where to look.

    Returns
    -------
    list of Top
        One for each step.
    array of bool, shape (sweeps,)
        Whether the step has a turning point of its own.

    Notes
    -----
    Gates are the faster the farther a step goes, so beyond the largest peak a turning point
    that comes clearly later than those of smaller steps is none, nor one far before them; such
    a step is read when its neighbours are.
    """
    tops = [_turning_point(row, first, stop) for row in rows_pa]
    order = np.argsort(jumps_mv if jumps_mv.sum() > 0 else -jumps_mv, kind="stable")
    rest_pa = rows_pa[:, -max(round(_REST * rows_pa.shape[1]), 4) :].mean(axis=1)
    size = np.array(
        [abs(top.i_pa - rest) if top else 0.0 for top, rest in zip(tops, rest_pa, strict=True)]
    )
    largest = int(np.argmax(size[order]))
    recent: list[float] = []
    times = np.full(order.size, np.nan)
    for place, k in enumerate(order):
        top = tops[k]
        if top is not None and place > largest and recent:
            usual = float(np.median(recent[-_NEIGHBOURS:]))
            if not _EARLIER * usual <= top.at <= _LATER * usual:
                tops[k] = top = None
        if top is not None:
            recent.append(top.at)
        times[place] = top.at if top is not None else np.nan
    own = np.isfinite(times)
    if not own.any():
        middle = 0.5 * (first + stop)
        return [_read_at(row, middle, first, stop) for row in rows_pa], np.zeros(order.size, bool)
    at = np.interp(np.arange(order.size), np.flatnonzero(own), times[own])
    read: list[Top] = []
    time_of = dict(zip(order.tolist(), at.tolist(), strict=True))
    for k, (row, top) in enumerate(zip(rows_pa, tops, strict=True)):
        read.append(top if top is not None else _read_at(row, time_of[k], first, stop))
    return read, np.array([top is not None for top in tops])


def _turning_point(row: Floats, first: int, stop: int) -> Top | None:
    end = max(round(_REST * row.size), 4)
    rest, noise = float(row[-end:].mean()), float(row[-end:].std())
    part = row[first:stop]
    # smooth the more, the later: what is fast early may be slow later
    best: Top | None = None
    size = 1
    away = np.abs(part - rest)
    for _ in range(2):
        smooth = np.convolve(part, np.ones(size) / size, mode="valid") if size > 1 else part
        away = np.abs(smooth - rest)
        top = int(np.argmax(away)) + (size - 1) // 2
        at = first + top
        size = max(1, 2 * round(0.5 * _SMOOTH * at) + 1)
        size = min(size, max(1, part.size // 4))
    best = _read_top(row, at, first, stop, rest)
    if best is None or abs(best.i_pa - rest) < _CLEAR_SD * max(
        best.sem_pa, noise / max(size, 1) ** 0.5
    ):
        return None
    return best


def _read_top(row: Floats, at: int, first: int, stop: int, rest: float) -> Top | None:
    """Lay a cubic around a moment and read its top; nothing where it has none inside."""
    start, end = _around(at, first, stop)
    known, covariance, sd = fit_cubic(row, start, end)
    x = np.linspace(-1.0, 1.0, 201)
    curve = np.polynomial.polynomial.polyval(x, known)
    k = int(np.argmax(np.abs(curve - rest)))
    if not 10 <= k <= 190:
        return None
    bend = 2.0 * known[2] + 6.0 * known[3] * x[k]
    slope_by = np.array([0.0, 1.0, 2.0 * x[k], 3.0 * x[k] ** 2])
    by = np.array([1.0, x[k], x[k] ** 2, x[k] ** 3])
    if bend * (curve[k] - rest) >= 0:
        return None
    bias = -float(slope_by @ covariance @ slope_by) / (2.0 * bend)
    half = 0.5 * (end - start - 1)
    return Top(
        at=start + half * (1.0 + float(x[k])),
        i_pa=float(curve[k]) - bias,
        sem_pa=float(np.hypot(float(by @ covariance @ by) ** 0.5, bias)),
        sd_pa=sd,
        n=end - start,
        start=start,
        stop=end,
    )


def _read_at(row: Floats, at: float, first: int, stop: int) -> Top:
    start, end = _around(round(at), first, stop)
    known, covariance, sd = fit_cubic(row, start, end)
    half = max(0.5 * (end - start - 1), 0.5)
    x = min(max((at - start) / half - 1.0, -1.0), 1.0)
    by = np.array([1.0, x, x * x, x**3])
    sem = float(by @ covariance @ by) ** 0.5
    return Top(at, float(by @ known), sem, sd, end - start, start, end)


def _around(at: int, first: int, stop: int) -> tuple[int, int]:
    half = max(round(_WIDTH * at), FEWEST // 2)
    start = max(first, at - half)
    end = min(stop, max(at + half + 1, start + FEWEST))
    return max(first, min(start, end - FEWEST)), end


def fit_cubic(row: Floats, start: int, stop: int) -> tuple[Floats, Floats, float]:
    """Fit a cubic; returns coefficients over -1…1, their covariance, the scatter around it."""
    part = row[start:stop]
    x = np.linspace(-1.0, 1.0, part.size)
    design = np.vander(x, 4, increasing=True)
    inverse = np.linalg.inv(design.T @ design)
    known: Floats = np.asarray(inverse @ (design.T @ part), dtype=np.float64)
    residuals = part - design @ known
    variance = float(residuals @ residuals) / max(part.size - 4, 1)
    # a cubic takes slow noise with it: what few residuals show of correlation is too little
    worth = integrated_autocorrelation(residuals) * (1.0 + 4.0 / part.size)
    covariance: Floats = np.asarray(inverse * (variance * worth), dtype=np.float64)
    return known, covariance, float(variance**0.5)

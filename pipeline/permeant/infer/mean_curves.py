"""The mean current–voltage curve of a group of cells, for the picture of the batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from permeant.cohort import CellCurve, GroupCurve
from permeant.infer.pooling import pool_values
from permeant.infer.repeats import of_the_channel
from permeant.records import CellResult

MOST_MEMBERS = 60
"""Cells of a group that are kept for the picture; all of them are in the mean."""

_STEPS = 41
_LEAST_SHARED = 0.25
"""A mean over less than this part of the tested voltages says little of the curves."""

_DIGITS = 5

Key = tuple[str, str, str, str]


def cell_curves(cell: CellResult) -> tuple[CellCurve, ...]:
    """Return the points that the fits of a cell saw, recording by recording.

    Parameters
    ----------
    cell : CellResult
        The cell.  Recordings that are excluded, rejected or only subtracted do not count.

    Returns
    -------
    tuple of CellCurve
        In mV and pA; points at the same voltage are averaged.
    """
    curves = []
    for one in of_the_channel(cell):
        points = one.subtracted_points or (one.measurement.points if one.measurement else ())
        used = [(p.v_membrane_mv, p.i_pa) for p in points if p.used]
        if one.fit.status != "ok" or not used:
            continue
        v_mv, i_pa = _averaged(np.array(used))
        row = one.row
        state = (row.condition, row.bath or "", row.pipette or "", row.measure)
        curves.append(CellCurve(cell.cell, *state, _rounded(v_mv), _rounded(i_pa)))
    return tuple(curves)


def group_curves(curves: Iterable[CellCurve]) -> list[GroupCurve]:
    """Return the mean curve of every condition, pair of solutions and measure.

    Parameters
    ----------
    curves : iterable of CellCurve
        Of any cells in any order.

    Returns
    -------
    list of GroupCurve
        In the order of their names.

    Notes
    -----
    Between its points a curve is a straight line; recordings of one cell are averaged first.
    At each voltage the interval is that of the mean over cells (Student's t), one voltage at a
    time.  The mean ends where the first cell ends, for a mean of ever other cells would jump.
    """
    groups: dict[Key, list[CellCurve]] = {}
    for one in curves:
        groups.setdefault((one.condition, one.bath, one.pipette, one.measure), []).append(one)
    return [_mean_curve(key, groups[key]) for key in sorted(groups)]


def _mean_curve(key: Key, curves: list[CellCurve]) -> GroupCurve:
    curves = sorted(curves, key=lambda one: (one.cell, one.v_mv, one.i_pa))
    cells = sorted({one.cell for one in curves})
    kept = [cells[k * len(cells) // MOST_MEMBERS] for k in range(MOST_MEMBERS)]
    shown = set(cells if len(cells) <= MOST_MEMBERS else kept)
    members = tuple(one for one in curves if one.cell in shown)
    low, high = max(one.v_mv[0] for one in curves), min(one.v_mv[-1] for one in curves)
    widest = max(one.v_mv[-1] for one in curves) - min(one.v_mv[0] for one in curves)
    if high - low < _LEAST_SHARED * widest or high <= low:
        reason = "no mean: the cells were tested at too different voltages"
        return GroupCurve(*key, n_cells=len(cells), members=members, reason=reason)
    v_mv = np.linspace(low, high, _STEPS)
    by_cell = {
        cell: np.mean([np.interp(v_mv, c.v_mv, c.i_pa) for c in curves if c.cell == cell], axis=0)
        for cell in cells
    }
    return _with_interval(key, v_mv, [by_cell[cell] for cell in cells], members)


def _with_interval(
    key: Key,
    v_mv: NDArray[np.float64],
    rows: Sequence[NDArray[np.float64]],
    members: tuple[CellCurve, ...],
) -> GroupCurve:
    pooled = [pool_values(column.tolist(), [None] * len(rows)) for column in np.array(rows).T]
    low = [one.low for one in pooled if one.low is not None]
    high = [one.high for one in pooled if one.high is not None]
    return GroupCurve(
        *key,
        n_cells=len(rows),
        v_mv=_rounded(v_mv),
        i_pa=_rounded([one.mean for one in pooled]),
        low_pa=_rounded(low) if len(low) == len(pooled) else (),
        high_pa=_rounded(high) if len(high) == len(pooled) else (),
        members=members,
    )


def _averaged(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the points in rising voltage, those at one voltage (to 0.5 mV) as their mean."""
    points = points[np.argsort(points[:, 0], kind="stable")]
    starts = [0]
    for k in range(1, len(points)):
        if points[k, 0] - points[starts[-1], 0] > 0.5:
            starts.append(k)
    parts = np.split(points, starts[1:])
    return np.array([p[:, 0].mean() for p in parts]), np.array([p[:, 1].mean() for p in parts])


def _rounded(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(float(f"{value:.{_DIGITS}g}") for value in values)

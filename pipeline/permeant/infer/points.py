"""The points a curve may be fitted to, with errors that include the scatter they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from permeant.infer.polynomial import extra_scatter_pa, refutes_degree
from permeant.records import IVPoint

Array = NDArray[np.float64]

SAME_LEVEL_MV = 1.0
"""Voltages closer than this are one level."""


@dataclass(frozen=True)
class Points:
    """The points a fit may see, in rising voltage, with errors that include the scatter."""

    v_mv: Array
    i_pa: Array
    sigma_pa: Array
    dof: float
    n_levels: int

    def near(self, low_mv: float, high_mv: float) -> Points:
        """Return the points between two voltages."""
        inside = (self.v_mv >= low_mv) & (self.v_mv <= high_mv)
        v_mv = self.v_mv[inside]
        return Points(v_mv, self.i_pa[inside], self.sigma_pa[inside], self.dof, count_levels(v_mv))

    def refute(self, degree: int, *, chance: float) -> bool:
        """Whether the points refute a polynomial of a degree in favour of a cubic."""
        return refutes_degree(
            self.v_mv,
            self.i_pa,
            self.sigma_pa,
            self.dof,
            simple=degree,
            rich=min(3, self.n_levels - 1),
            chance=chance,
        )


def count_levels(v_mv: Array) -> int:
    """Count the voltages in rising order that are more than 1 mV from the one before."""
    return int(np.count_nonzero(np.diff(v_mv) > SAME_LEVEL_MV)) + 1 if v_mv.size else 0


def gather_points(points: Sequence[IVPoint]) -> Points:
    """Collect the used points and widen their errors by the scatter they show.

    The standard error of a window knows nothing of what happens between the windows (slow
    noise, a seal that changes).  The scatter of the points around a smooth curve does: what
    it has beyond the stated errors is added to each of them in quadrature.
    """
    used = sorted(
        (point for point in points if point.used),
        key=lambda point: (point.v_membrane_mv, point.sweep, point.level, point.i_pa),
    )
    v_mv = np.array([point.v_membrane_mv for point in used])
    i_pa = np.array([point.i_pa for point in used])
    sem_pa = np.array([point.i_sem_pa for point in used])
    floor_pa = 1e-4 * float(np.ptp(i_pa)) + 1e-6 if used else 0.0
    sem_pa = np.maximum(sem_pa, floor_pa)
    n_levels = count_levels(v_mv)
    degree = max(1, min(6, n_levels // 2, n_levels - 3))
    extra_pa = extra_scatter_pa(v_mv, i_pa, sem_pa, degree) if n_levels > 1 else 0.0
    sigma_pa = np.hypot(sem_pa, extra_pa)
    # once the scatter decides, it decides all of sigma, and few points stand behind it
    dof = float(max(v_mv.size - degree - 1, 1)) if extra_pa else np.inf
    return Points(v_mv, i_pa, sigma_pa, dof, n_levels)

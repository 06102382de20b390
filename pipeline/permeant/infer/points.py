"""The points a curve may be fitted to, with errors that include the scatter they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from permeant.infer.polynomial import chi_square_left, extra_scatter_pa, refutes_degree
from permeant.records import IVPoint

Array = NDArray[np.float64]

SAME_LEVEL_MV = 1.0
"""Voltages closer than this are one level."""

_RICHEST = 10
_RICHER_CHANCE = 0.02
_LEAST_SPREAD = 1e-3
"""Points on a curve to within a thirtieth of their errors tell no further bend."""


@dataclass(frozen=True)
class Points:
    """The points a fit may see, in rising voltage.

    ``stated_pa`` are the errors that came with the points, ``sigma_pa`` those and the scatter.
    """

    v_mv: Array
    i_pa: Array
    stated_pa: Array
    sigma_pa: Array
    dof: float
    n_levels: int
    calm: float = 1.0
    """The most that the points scatter (95 %), as a share of what their errors say."""

    def between(self, start: int, stop: int) -> Points:
        """Return the points from one index to before another."""
        v_mv = self.v_mv[start:stop]
        return replace(
            self,
            v_mv=v_mv,
            i_pa=self.i_pa[start:stop],
            stated_pa=self.stated_pa[start:stop],
            sigma_pa=self.sigma_pa[start:stop],
            n_levels=count_levels(v_mv),
        )

    def near(self, low_mv: float, high_mv: float) -> Points:
        """Return the points between two voltages."""
        start, stop = (
            np.searchsorted(self.v_mv, low_mv),
            np.searchsorted(self.v_mv, high_mv, "right"),
        )
        return self.between(int(start), int(stop))

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
    """Count the voltages in rising order; those within 1 mV of a group's lowest are one."""
    count, lowest = 0, -np.inf
    for level_mv in v_mv.tolist():
        if level_mv - lowest > SAME_LEVEL_MV:
            count, lowest = count + 1, level_mv
    return count


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
    v_command_mv = np.array([point.v_command_mv for point in used])
    i_pa = np.array([point.i_pa for point in used])
    sem_pa = np.array([point.i_sem_pa for point in used])
    floor_pa = 1e-4 * float(np.ptp(i_pa)) + 1e-6 if used else 0.0
    sem_pa = np.maximum(sem_pa, floor_pa)
    n_levels = count_levels(v_mv)
    if n_levels < 2:
        return Points(v_mv, i_pa, sem_pa, sem_pa, np.inf, n_levels)
    degree = _smooth_degree(v_mv, i_pa, sem_pa, n_levels)
    sem_pa = sem_pa * _grow_by_resistance(v_mv, v_command_mv, i_pa, degree)
    extra_pa = extra_scatter_pa(v_mv, i_pa, sem_pa, degree)
    sigma_pa = np.hypot(sem_pa, extra_pa)
    # once the scatter decides, it decides all of sigma, and few points stand behind it
    freedom = v_mv.size - degree - 1
    dof = float(max(freedom, 1)) if extra_pa else np.inf
    calm = _calm(chi_square_left(v_mv, i_pa, sigma_pa, degree), freedom)
    return Points(v_mv, i_pa, sem_pa, sigma_pa, dof, n_levels, calm)


def _smooth_degree(v_mv: Array, i_pa: Array, sem_pa: Array, n_levels: int) -> int:
    """Return the lowest degree that neither of the next two clearly improves on.

    By the variance ratio of what they gain to what they leave.  The scatter is told from this
    polynomial: one with fewer bends would take bends for scatter, one with more would follow
    the noise and leave few degrees of freedom.
    """
    most = max(1, min(_RICHEST, n_levels - 3))
    left = [chi_square_left(v_mv, i_pa, sem_pa, degree) for degree in range(1, most + 1)]
    for degree in range(1, most):
        chances = []
        for richer in range(degree + 1, min(degree + 2, most) + 1):
            more, dof = richer - degree, v_mv.size - richer - 1
            gained = max(left[degree - 1] - left[richer - 1], 0.0) / more
            ratio = gained / max(_LEAST_SPREAD, left[richer - 1] / dof)
            chances.append(special.fdtrc(more, dof, ratio))
        if min(chances) >= _RICHER_CHANCE:
            return degree
    return most


def _grow_by_resistance(v_mv: Array, v_command_mv: Array, i_pa: Array, degree: int) -> Array:
    """Return by how much noise of the current grows because it moves the voltage too.

    Where a series resistance was corrected, ``v = v_command - R i``: an error ``e`` of the
    current is one of ``-R e`` in the voltage, which together are ``(1 + R dI/dV) e`` off the
    curve.  The points themselves tell R.
    """
    off_pa = i_pa - i_pa.mean()
    power = float(off_pa @ off_pa)
    resistance_gohm = float(off_pa @ (v_command_mv - v_mv)) / power if power > 0 else 0.0
    if resistance_gohm <= 0.0:
        return np.ones_like(i_pa)
    slope_ns = np.polynomial.Polynomial.fit(v_mv, i_pa, degree).deriv()(v_mv)
    grown: Array = 1.0 + resistance_gohm * np.maximum(slope_ns, 0.0)
    return grown


def _calm(chi_square: float, freedom: int) -> float:
    """Return the most that points scatter (95 %) over what their errors say, at most 1.

    Errors that are common to all points, such as a slow drift of the zero, do not show as
    scatter, and bends much smaller than they are can be seen nevertheless.
    """
    if freedom < 1:
        return 1.0
    spread = max(chi_square, _LEAST_SPREAD * freedom) / special.chdtri(freedom, 0.95)
    return float(min(1.0, spread) ** 0.5)

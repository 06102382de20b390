"""The points a curve may be fitted to, with errors that include the scatter they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from permeant.infer.polynomial import chi_squares_left, refutes_degree
from permeant.infer.scatter import likely_scatter
from permeant.records import IVPoint, SharedError

Array = NDArray[np.float64]

SAME_LEVEL_MV = 1.0
"""Voltages closer than this are one level."""

_RICHEST = 10
_RICHER_CHANCE = 0.02
_LEAST_SPREAD = 1e-3
"""Points on a curve to within a thirtieth of their errors tell no further bend."""
_SCATTER_DECIDES = 0.05


@dataclass(frozen=True)
class Points:
    """The points a fit may see, in rising voltage.

    ``stated_pa`` are the errors that came with the points, ``sigma_pa`` those and the scatter;
    ``errors_pa`` is the covariance behind ``sigma_pa`` where points err together, else it is
    ``sigma_pa`` itself.
    """

    v_mv: Array
    i_pa: Array
    stated_pa: Array
    sigma_pa: Array
    errors_pa: Array
    dof: float
    """Degrees of freedom behind the errors; ``sigma_pa`` is counted up for them already."""
    n_levels: int

    def between(self, start: int, stop: int) -> Points:
        """Return the points from one index to before another."""
        inside = slice(start, stop)
        whole = self.errors_pa.ndim == 1
        v_mv = self.v_mv[inside]
        return replace(
            self,
            v_mv=v_mv,
            i_pa=self.i_pa[inside],
            stated_pa=self.stated_pa[inside],
            sigma_pa=self.sigma_pa[inside],
            errors_pa=self.errors_pa[inside] if whole else self.errors_pa[inside, inside],
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
            self.errors_pa,
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


def gather_points(points: Sequence[IVPoint], wander: Sequence[SharedError] = ()) -> Points:
    """Collect the used points and widen their errors by the scatter they show.

    Parameters
    ----------
    points : sequence of IVPoint
        Those not ``used`` are left out.
    wander : sequence of SharedError
        What part of the points' standard errors neighbouring sweeps have in common.

    Returns
    -------
    Points
        The standard error of a window knows nothing of what happens between the windows
        (slow noise, a seal that changes).  The scatter of the points around a smooth curve
        does: what it has beyond the stated errors is added to each of them.
    """
    order = sorted(
        (k for k, point in enumerate(points) if point.used),
        key=lambda k: (points[k].v_membrane_mv, points[k].sweep, points[k].level, points[k].i_pa),
    )
    used = [points[k] for k in order]
    v_mv = np.array([point.v_membrane_mv for point in used])
    v_command_mv = np.array([point.v_command_mv for point in used])
    i_pa = np.array([point.i_pa for point in used])
    stated_pa = np.array([point.i_sem_pa for point in used])
    floor_pa = 1e-4 * float(np.ptp(i_pa)) + 1e-6 if used else 0.0
    stated_pa = np.maximum(stated_pa, floor_pa)
    n_levels = count_levels(v_mv)
    if n_levels < 2:
        return Points(v_mv, i_pa, stated_pa, stated_pa, stated_pa, np.inf, n_levels)
    together = np.array([mode.i_pa for mode in wander]).reshape(len(wander), len(points))[:, order]
    errors_pa2 = _covariance(stated_pa, together, floor_pa)
    degree = _smooth_degree(v_mv, i_pa, errors_pa2, n_levels)
    grown = _grow_by_resistance(v_mv, v_command_mv, i_pa, degree)
    errors_pa2, stated_pa = errors_pa2 * np.outer(grown, grown), stated_pa * grown
    scatter = likely_scatter(v_mv, i_pa, errors_pa2, degree, between=len(wander) > 0)
    sigma_pa = np.hypot(scatter.scale**0.5 * stated_pa, scatter.extra_pa)
    errors_pa = sigma_pa
    if len(wander):
        errors_pa = scatter.scale * errors_pa2 + scatter.extra_pa**2 * np.eye(v_mv.size)
    # once the scatter decides, few points stand behind the errors
    freedom = max(v_mv.size - degree - 1, 1)
    dof = freedom / scatter.share**2 if scatter.share > _SCATTER_DECIDES else np.inf
    return Points(v_mv, i_pa, stated_pa, sigma_pa, errors_pa, dof, n_levels)


def _covariance(stated_pa: Array, together_pa: Array, floor_pa: float) -> Array:
    """Return the covariance of points, of whose errors some part is common to many."""
    common = together_pa.T @ together_pa
    own = np.maximum(stated_pa**2 - np.diag(common), floor_pa**2)
    return np.asarray(np.diag(own) + common)


def _smooth_degree(v_mv: Array, i_pa: Array, errors_pa2: Array, n_levels: int) -> int:
    """Return the lowest degree that neither of the next two clearly improves on.

    By the variance ratio of what they gain to what they leave.  The scatter is told from this
    polynomial: one with fewer bends would take bends for scatter, one with more would follow
    the noise and leave few degrees of freedom.
    """
    most = max(1, min(_RICHEST, n_levels - 3))
    left = chi_squares_left(v_mv, i_pa, errors_pa2, most)
    for degree in range(1, most):
        richer = np.arange(degree + 1, min(degree + 2, most) + 1)
        dof = v_mv.size - richer - 1
        gained = np.maximum(left[degree] - left[richer], 0.0) / (richer - degree)
        ratio = gained / np.maximum(_LEAST_SPREAD, left[richer] / dof)
        if np.min(special.fdtrc(richer - degree, dof, ratio)) >= _RICHER_CHANCE:
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

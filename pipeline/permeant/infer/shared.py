"""Errors that all points of a curve share, and what each source adds to g and E_rev.

A wrong series resistance, a leak line or a drift of the zero moves all points together.  Such
an error does not show as scatter and does not average out over points, so a fit cannot see it:
it is carried through the fitted curve.  Where the points move by ``dv(V)`` and ``di(V)``, the
curve ``f`` through them moves along, and its crossing by

    dE = dv(E) - di(E) / f'(E),

its slope there by ``di'(E) - f'(E) dv'(E) - f''(E) di(E) / f'(E)``.  The slope of the line
through all points is that of the moved points.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from permeant.records import Contribution, Correction, IVFit, IVPoint, SharedError

Array = NDArray[np.float64]

POINTS = "noise and scatter of the points"
JUNCTION = "junction potential"
_NORMAL_95 = 1.959964
_NEGLIGIBLE = 0.01
"""What is a hundredth of the points' own error adds a ten-thousandth of their variance."""
_DEGREE = 5

Quantity = Literal["g_ns", "e_rev_mv", "g_at_reversal_ns", "line_e_rev_mv"]
QUANTITIES: tuple[Quantity, ...] = ("g_ns", "e_rev_mv", "g_at_reversal_ns")
"""What the sources are told of; ``line_e_rev_mv`` has its interval widened alike, untold."""
_UNITS: dict[Quantity, str] = {
    "g_ns": "nS", "e_rev_mv": "mV", "g_at_reversal_ns": "nS", "line_e_rev_mv": "mV"
}  # fmt: skip


_Shifts = dict[tuple[str, str], dict[Quantity, float]]


@dataclass(frozen=True)
class MovedCurve:
    """What the fitted curves of a recording do when their points are moved.

    Built once for a fit; ``shift`` then costs some tens of microseconds.
    """

    v_mv: Array
    i_pa: Array
    weights: Array
    used: NDArray[np.bool_]
    near: NDArray[np.bool_]
    basis: Array
    at_crossing: Array
    """The basis at the reversal, its value and its slope."""
    slope_ns: float
    bend: float

    def shift(self, error: SharedError) -> dict[Quantity, float]:
        """Return by how much one standard error of a source moves each quantity."""
        dv_mv, di_pa = self.of_points(error.v_mv), self.of_points(error.i_pa)
        ahead = _line(self.v_mv + dv_mv, self.i_pa + di_pa, self.weights)
        behind = _line(self.v_mv - dv_mv, self.i_pa - di_pa, self.weights)
        shifts: dict[Quantity, float] = {
            "g_ns": 0.5 * (ahead[0] - behind[0]),
            "line_e_rev_mv": 0.5 * (ahead[1] - behind[1]),
        }
        if self.slope_ns > 0:
            dv, dv_slope = self.at_reversal(dv_mv)
            di, di_slope = self.at_reversal(di_pa)
            shifts["e_rev_mv"] = dv - di / self.slope_ns
            shifts["g_at_reversal_ns"] = (
                di_slope - self.slope_ns * dv_slope - self.bend * di / self.slope_ns
            )
        return shifts

    def of_points(self, moved: Sequence[float]) -> Array:
        """Return how far the used points move, from how far all of them do; empty: not at all."""
        return np.array(moved, dtype=np.float64)[self.used] if moved else np.zeros_like(self.v_mv)

    def at_reversal(self, moved: Array) -> tuple[float, float]:
        """Return how far points move at the reversal, and how that changes with voltage."""
        known = np.linalg.lstsq(self.basis, moved[self.near], rcond=1e-9)[0]
        value, slope = self.at_crossing @ known
        return float(value), float(slope)


def moved_curve(fit: IVFit, points: Sequence[IVPoint]) -> MovedCurve:
    """Prepare the fitted curves of a recording for moves of their points.

    Parameters
    ----------
    fit : IVFit
        A fit that is ``ok``.
    points : sequence of IVPoint
        The points that it saw, used or not.

    Returns
    -------
    MovedCurve
        With a slope of 0 where the reversal was not measured, and g alone can be moved.
    """
    used = np.array([point.used for point in points])
    v_mv = np.array([point.v_membrane_mv for point in points])[used]
    i_pa = np.array([point.i_pa for point in points])[used]
    sem_pa = np.array([point.i_sem_pa for point in points])[used]
    weights = _line_weights(v_mv, i_pa, sem_pa)
    drawn, e_mv = fit.reversal_curve, fit.e_rev_mv
    if fit.e_rev_status != "measured" or drawn is None or e_mv is None:
        none = np.zeros(v_mv.size, dtype=bool)
        empty = np.zeros((0, 0))
        return MovedCurve(v_mv, i_pa, weights, used, none, empty, empty, 0.0, 0.0)
    near = (v_mv >= drawn.v_mv[0] - 1e-3) & (v_mv <= drawn.v_mv[-1] + 1e-3)
    half_mv = 0.5 * (drawn.v_mv[-1] - drawn.v_mv[0])
    x_drawn = (np.array(drawn.v_mv) - e_mv) / half_mv
    curve = np.polynomial.polynomial.polyfit(x_drawn, np.array(drawn.i_pa), _DEGREE)
    slope_ns, bend = float(curve[1] / half_mv), float(2.0 * curve[2] / half_mv**2)
    # an error moves the points by a constant, in proportion to the voltage (a leak) or to the
    # current (a resistance); these three carry it to the crossing without following the noise
    x = (v_mv[near] - e_mv) / half_mv
    size_pa = max(float(np.abs(drawn.i_pa).max()), 1e-12)
    currents = np.polynomial.polynomial.polyval(x, curve) / size_pa
    basis = np.stack([np.ones_like(x), x, currents], axis=1)
    at_crossing = np.array([[1.0, 0.0, 0.0], [0.0, 1.0 / half_mv, slope_ns / size_pa]])
    return MovedCurve(v_mv, i_pa, weights, used, near, basis, at_crossing, slope_ns, bend)


def _line_weights(v_mv: Array, i_pa: Array, sem_pa: Array) -> Array:
    """Return the weights of the line through all points: by what they miss it, all alike."""
    sem_pa = np.maximum(sem_pa, 1e-4 * float(np.ptp(i_pa)) + 1e-6)
    slope, offset = np.polyfit(v_mv, i_pa, 1, w=1.0 / sem_pa)
    misses = float(np.mean((i_pa - slope * v_mv - offset) ** 2 - sem_pa**2))
    weights: Array = 1.0 / (sem_pa**2 + max(misses, 0.0))
    return weights


def line_slope_ns(v_mv: Array, i_pa: Array, weights: Array) -> float:
    """Return the slope of the weighted straight line through points, in nS."""
    return _line(v_mv, i_pa, weights)[0]


def _line(v_mv: Array, i_pa: Array, weights: Array) -> tuple[float, float]:
    """Return slope in nS and zero in mV of the weighted straight line through points."""
    centre_mv = float(np.average(v_mv, weights=weights))
    x = v_mv - centre_mv
    slope_ns = float((weights * x) @ i_pa / ((weights * x) @ x))
    level_pa = float(np.average(i_pa, weights=weights))
    return slope_ns, centre_mv - level_pa / slope_ns if slope_ns else 0.0


def include_shared_errors(
    fit: IVFit, points: Sequence[IVPoint], errors: Sequence[SharedError]
) -> IVFit:
    """Widen the intervals of a fit by the errors its points share, and say what adds what.

    Parameters
    ----------
    fit : IVFit
        The fit, its intervals those of the points' own errors.
    points : sequence of IVPoint
        The points that it saw, used or not.
    errors : sequence of SharedError
        Of the same points.

    Returns
    -------
    IVFit
        Errors of scope ``recording`` are added to both sides of each interval in quadrature;
        those of scope ``rig`` and ``supposed`` are only told.  ``contributions`` lists both.
    """
    if fit.status == "rejected":
        return fit
    curve = moved_curve(fit, points)
    shifts: _Shifts = {}
    for error in errors:
        sums = shifts.setdefault((error.source, error.scope), {})
        for quantity, shift in curve.shift(error).items():
            sums[quantity] = float(np.hypot(sums.get(quantity, 0.0), shift))
    told: list[Contribution] = []
    for quantity in QUANTITIES:
        fit, rows = _include(fit, quantity, shifts)
        told += rows
    fit, _ = _include(fit, "line_e_rev_mv", shifts)
    return replace(fit, contributions=tuple(told))


def _include(fit: IVFit, quantity: Quantity, shifts: _Shifts) -> tuple[IVFit, list[Contribution]]:
    """Widen one interval, and return what it is made of."""
    stem, unit = quantity.rsplit("_", 1)
    names = quantity, f"{stem}_low_{unit}", f"{stem}_high_{unit}"
    value, low, high = (getattr(fit, name) for name in names)
    if value is None or low is None or high is None:
        return fit, []
    own = (high - low) / (2 * _NORMAL_95)
    found = [
        (source, scope, moved[quantity])
        for (source, scope), moved in shifts.items()
        if abs(moved.get(quantity, 0.0)) > _NEGLIGIBLE * own
    ]
    shared = float(np.linalg.norm([sigma for _, scope, sigma in found if scope == "recording"]))
    variance = own**2 + sum(sigma**2 for _, scope, sigma in found if scope != "supposed")
    rows = [
        Contribution(
            quantity,
            source,
            sigma,
            _UNITS[quantity],
            None if scope == "supposed" else sigma**2 / variance,
            scope == "recording",
        )
        for source, scope, sigma in [(POINTS, "recording", own), *found]
        if variance > 0
    ]
    widened = {
        names[1]: value - float(np.hypot(value - low, _NORMAL_95 * shared)),
        names[2]: value + float(np.hypot(high - value, _NORMAL_95 * shared)),
    }
    return (replace(fit, **widened) if shared else fit), rows


def junction_error(
    corrections: Iterable[Correction], n_points: int, sigma_mv: float, *, by_amplifier: bool
) -> SharedError | None:
    """Return the error of the junction potential, which all recordings of a rig share.

    Parameters
    ----------
    corrections : iterable of Correction
        Of the measurement.
    n_points : int
        Points of the measurement.
    sigma_mv : float
        Standard error of a junction potential in mV.
    by_amplifier : bool
        Whether the amplifier applied the correction; its error is the same.

    Returns
    -------
    SharedError or None
        None where no junction potential was corrected for: what is missing then is the whole
        potential, not its error.
    """
    applied = any(one.name == JUNCTION and one.applied for one in corrections)
    if not (applied or by_amplifier) or sigma_mv <= 0:
        return None
    return SharedError(JUNCTION, "rig", v_mv=(sigma_mv,) * n_points)


def errors_after_subtraction(
    points: Sequence[IVPoint],
    control: Sequence[IVPoint],
    errors: Sequence[SharedError],
    control_errors: Sequence[SharedError],
    control_name: str,
) -> tuple[SharedError, ...]:
    """Return the shared errors of the difference of two recordings.

    Parameters
    ----------
    points, control : sequence of IVPoint
        Points of the two recordings before the subtraction.
    errors, control_errors : sequence of SharedError
        Their shared errors.
    control_name : str
        The recording that is subtracted.

    Returns
    -------
    tuple of SharedError
        Those of the first recording, and those that move the control's currents, with the
        opposite sign.  The voltages are the first recording's alone.
    """
    partners = [
        [
            k
            for k, other in enumerate(control)
            if other.used and abs(other.v_command_mv - point.v_command_mv) <= 1.0
        ]
        for point in points
    ]
    carried = [
        replace(
            error,
            source=f"{error.source} of {control_name}",
            v_mv=(),
            i_pa=tuple(
                -sum(error.i_pa[k] for k in some) / len(some) if some else 0.0 for some in partners
            ),
        )
        for error in control_errors
        if error.i_pa
    ]
    return (*errors, *carried)

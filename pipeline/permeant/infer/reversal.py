"""Where a current reverses, and how that is known: measured, extrapolated or not at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from permeant.infer.average import average_curves
from permeant.infer.closed import find_closed_range
from permeant.infer.points import SAME_LEVEL_MV, Array, Points
from permeant.infer.polynomial import (
    Polynomial,
    crossing_interval_mv,
    rising_roots_mv,
    solve_polynomial,
    student_quantile,
)
from permeant.records import ReversalStatus

_APART_MV = 0.5
"""Points nearer than this in voltage do not bracket a crossing: they are one level."""

_FLAT_CHANCE = 0.002
"""How often noise alone may pass for a current that depends on voltage."""


@dataclass(frozen=True)
class Reversal:
    """Where the current reverses, how sure that is, and the curve that says so."""

    status: ReversalStatus
    reason: str
    e_rev_mv: float | None = None
    low_mv: float | None = None
    high_mv: float | None = None
    curve: Polynomial | None = None
    near: Points | None = None


def find_reversal(data: Points, line: Polynomial, span_mv: float) -> Reversal:
    """Find the reversal potential and say how it is known.

    Parameters
    ----------
    data : Points
        The points of the curve.
    line : Polynomial
        The straight line through all of them.
    span_mv : float
        An extrapolation starts from the points within this distance of the nearest one.

    Returns
    -------
    Reversal
        ``measured`` when points on both sides are clearly off zero with a rising current
        between them, ``extrapolated`` when the current only heads for zero, else ``none``.
    """
    if not data.refute(0, chance=_FLAT_CHANCE):
        return Reversal(
            "none",
            f"over {data.v_mv[0]:.0f} to {data.v_mv[-1]:.0f} mV the current does not clearly "
            "change with voltage, so it has no reversal that these points could tell",
        )
    closed = find_closed_range(data)
    if closed is not None:
        return Reversal(
            "none",
            "closed (no conductance) where it would reverse: the current is zero from "
            f"{closed[0]:.0f} to {closed[1]:.0f} mV; measure tails (measure: instantaneous)",
        )
    slope_ns, slope_se_ns = line.slope_ns(line.centre_mv)
    sign = np.sign(data.i_pa) * (np.abs(data.i_pa) > 2.0 * data.sigma_pa)
    clear = np.flatnonzero(sign)
    changes = [
        (int(a), int(b))
        for a, b in pairwise(clear)
        if sign[a] != sign[b] and data.v_mv[b] - data.v_mv[a] > _APART_MV
    ]
    rising = [(a, b) for a, b in changes if sign[a] < 0]
    if not rising:
        return _not_measured(data, slope_ns, slope_se_ns, bool(changes), span_mv)
    a, b = max(rising, key=lambda pair: _support(data, sign, pair))
    reversal = _local_reversal(data, float(data.v_mv[a]), float(data.v_mv[b]))
    if len(changes) > 1 and reversal.status == "measured":
        others = ", ".join(
            f"{0.5 * (data.v_mv[x] + data.v_mv[y]):.0f}" for x, y in changes if (x, y) != (a, b)
        )
        return replace(
            reversal,
            reason=f"{reversal.reason}; the current also changes sign near {others} mV, "
            "the crossing with most points on its two sides is taken",
        )
    return reversal


def _support(data: Points, sign: Array, pair: tuple[int, int]) -> tuple[int, float]:
    """Rank a crossing by the points that agree with it, inward below and outward above."""
    a, b = pair
    agree = int(np.count_nonzero(sign[: a + 1] < 0) + np.count_nonzero(sign[b:] > 0))
    return agree, float(data.i_pa[b] - data.i_pa[a])


def _around(data: Points, middle_mv: float, span_mv: float, fewest: int) -> Points:
    """Take the points within the span, or a wider one until it holds the fewest voltages."""
    reach_mv = span_mv
    while True:
        near = data.near(middle_mv - reach_mv, middle_mv + reach_mv)
        if near.n_levels >= min(fewest, data.n_levels):
            return near
        reach_mv *= 1.25


def _local_reversal(data: Points, low_mv: float, high_mv: float) -> Reversal:
    middle_mv = 0.5 * (low_mv + high_mv)
    average = average_curves(data, low_mv - SAME_LEVEL_MV, high_mv + SAME_LEVEL_MV)
    curve, best = average.curve, average.best
    near = data.between(best.start, best.stop)
    roots = rising_roots_mv(curve, low_mv, high_mv)
    if not roots:
        return Reversal(
            "none",
            f"the points around the sign change between {low_mv:.0f} and {high_mv:.0f} mV scatter "
            "too much for a curve through them to cross zero there",
        )
    e_rev_mv = min(roots, key=lambda root: abs(root - middle_mv))
    low, high = crossing_interval_mv(curve, e_rev_mv, float(np.ptp(data.v_mv)))
    if low is None or high is None:
        return Reversal(
            "none",
            f"the current changes sign near {e_rev_mv:.0f} mV, but its slope there is not clearly "
            "different from zero, so no interval can be given",
        )
    shape = ("straight line", "parabola", "cubic", "quartic")[best.degree - 1]
    reason = (
        f"{shape} through the {near.v_mv.size} points from {near.v_mv[0]:.0f} to "
        f"{near.v_mv[-1]:.0f} mV"
    )
    if average.n_others:
        reason += f", averaged with {average.n_others} more that describe the points about as well"
    return Reversal("measured", reason, e_rev_mv, low, high, curve, near)


def _not_measured(
    data: Points, slope_ns: float, slope_se_ns: float, falls: bool, span_mv: float
) -> Reversal:
    """Say why there is no crossing, and extrapolate where the current heads for zero."""
    tested = f"{data.v_mv[0]:.0f} to {data.v_mv[-1]:.0f} mV"
    if falls:
        return Reversal("none", f"over {tested} the current crosses zero only with a falling slope")
    if slope_ns < student_quantile(data.dof) * slope_se_ns:
        return Reversal(
            "none",
            f"over {tested} the current does not clearly rise with voltage, so it has no reversal "
            "that these points could tell",
        )
    nearest = int(np.argmin(np.abs(data.i_pa)))
    near = _around(data, float(data.v_mv[nearest]), span_mv, 4)
    curve = solve_polynomial(near.v_mv, near.i_pa, near.errors_pa, 1)
    slope = curve.coefficients[1]
    if slope <= 0:
        return Reversal("none", f"over {tested} the current does not head for zero")
    e_rev_mv = float(curve.centre_mv - curve.coefficients[0] / slope)
    distance_mv = max(abs(e_rev_mv - data.v_mv[0]), abs(e_rev_mv - data.v_mv[-1]))
    low, high = crossing_interval_mv(curve, e_rev_mv, 4.0 * distance_mv)
    if low is None or high is None:
        return Reversal(
            "none",
            f"reversal lies outside the tested voltages ({tested}), and too far: where the current "
            "is least it does not clearly change with voltage, be it that the channels close there",
        )
    outside = e_rev_mv < data.v_mv[0] or e_rev_mv > data.v_mv[-1]
    where = (
        f"reversal lies outside the tested voltages ({tested})"
        if outside
        else f"no point is clearly off zero on both sides of the crossing (tested: {tested})"
    )
    reason = (
        f"{where}; straight line through the {near.v_mv.size} points nearest to it, without an "
        "interval, since nothing tells how straight the curve goes on"
    )
    return Reversal("extrapolated", reason, e_rev_mv, None, None, curve, near)

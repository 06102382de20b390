"""Conductance and reversal potential from the points of a current–voltage curve.

Two questions, two fits.  The conductance is the slope of the weighted straight line
through all points: the mean slope conductance over the tested voltages.  The reversal
potential comes from the points around the crossing alone, since one line through a
rectifying curve misses the crossing by many millivolts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from permeant.infer.polynomial import (
    Polynomial,
    chi_square_p,
    crossing_interval_mv,
    extra_scatter_pa,
    fit_polynomial,
    rising_roots_mv,
    student_quantile,
)
from permeant.records import Curve, Finding, IVFit, IVPoint, ReversalStatus

Array = NDArray[np.float64]

_SAME_LEVEL_MV = 1.0
_POOR_LINE_P = 0.01
_POOR_LINE_SHARE = 0.05


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


def count_levels(v_mv: Array) -> int:
    """Count the voltages in rising order that are more than 1 mV from the one before."""
    return int(np.count_nonzero(np.diff(v_mv) > _SAME_LEVEL_MV)) + 1 if v_mv.size else 0


def gather_points(points: Sequence[IVPoint]) -> Points:
    """Collect the used points and widen their errors by the scatter they show.

    The standard error of a window knows nothing of what happens between the windows (slow
    noise, a seal that changes).  The scatter of the points around a smooth curve does: what
    it has beyond the stated errors is added to each of them in quadrature.
    """
    used = sorted(
        (point for point in points if point.used),
        key=lambda point: (point.v_membrane_mv, point.sweep, point.level),
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
    # Satterthwaite: only the part of the variance that was estimated from the scatter has
    # few degrees of freedom behind it
    share = float(np.mean(extra_pa**2 / sigma_pa**2)) if used and extra_pa else 0.0
    dof = max(v_mv.size - degree - 1, 1) / share**2 if share else np.inf
    return Points(v_mv, i_pa, sigma_pa, dof, n_levels)


def fit_iv(
    points: Sequence[IVPoint],
    *,
    min_points: int = 4,
    min_levels: int = 2,
    reversal_span_mv: float = 30.0,
) -> IVFit:
    """Fit conductance and reversal potential of one recording.

    Parameters
    ----------
    points : sequence of IVPoint
        Points in mV and pA; those not ``used`` are left out.
    min_points, min_levels, reversal_span_mv
        As in the section ``fit`` of the configuration.

    Returns
    -------
    IVFit
        With 95 % intervals, or rejected with a reason.
    """
    data = gather_points(points)
    if data.v_mv.size < min_points or data.n_levels < min_levels:
        return _too_few(points, data, min_points, min_levels)
    line, line_p, misfit_pa = _fit_line(data)
    reversal = find_reversal(data, line, reversal_span_mv)
    g_ns, g_se_ns = line.slope_ns(line.centre_mv)
    half_ns = student_quantile(line.dof) * g_se_ns
    at_reversal = _slope_at_reversal(reversal)
    fit = IVFit(
        status="ok",
        model="line",
        g_ns=g_ns,
        g_low_ns=g_ns - half_ns,
        g_high_ns=g_ns + half_ns,
        e_rev_mv=reversal.e_rev_mv,
        e_rev_low_mv=reversal.low_mv,
        e_rev_high_mv=reversal.high_mv,
        e_rev_status=reversal.status,
        e_rev_reason=reversal.reason,
        n_points=data.v_mv.size,
        v_min_mv=float(data.v_mv[0]),
        v_max_mv=float(data.v_mv[-1]),
        chi2_p=line_p,
        rectification=_rectification(data, reversal),
        g_at_reversal_ns=at_reversal[0],
        g_at_reversal_low_ns=at_reversal[1],
        g_at_reversal_high_ns=at_reversal[2],
        curve=_draw(line, data.v_mv[0], data.v_mv[-1]),
        reversal_curve=_draw_reversal(reversal),
    )
    return replace(fit, findings=tuple(_findings(fit, data, misfit_pa)))


def _too_few(
    points: Sequence[IVPoint], data: Points, min_points: int, min_levels: int
) -> IVFit:
    left_out = sorted({point.reason for point in points if not point.used and point.reason})
    why = f" ({len(points) - data.v_mv.size} left out: {'; '.join(left_out)})" if left_out else ""
    return IVFit.rejected(
        f"{data.v_mv.size} usable points at {data.n_levels} voltages{why}; a fit takes at least "
        f"{min_points} points at {min_levels} voltages",
        n_points=int(data.v_mv.size),
    )


def _fit_line(data: Points) -> tuple[Polynomial, float | None, float]:
    """Fit the straight line; where it misses the points, its errors hold the miss as well."""
    stated = fit_polynomial(data.v_mv, data.i_pa, data.sigma_pa, 1, data.dof)
    dof = data.v_mv.size - 2
    line_p = chi_square_p(stated.chi_square, dof)
    misfit_pa = extra_scatter_pa(data.v_mv, data.i_pa, data.sigma_pa, 1)
    if not misfit_pa:
        return stated, line_p, 0.0
    sigma_pa = np.hypot(data.sigma_pa, misfit_pa)
    share = float(np.mean(misfit_pa**2 / sigma_pa**2))
    line_dof = min(data.dof, max(dof, 1) / share**2)
    return fit_polynomial(data.v_mv, data.i_pa, sigma_pa, 1, line_dof), line_p, misfit_pa


def find_reversal(data: Points, line: Polynomial, span_mv: float) -> Reversal:
    """Find the reversal potential and say how it is known.

    Parameters
    ----------
    data : Points
        The points of the curve.
    line : Polynomial
        The straight line through all of them.
    span_mv : float
        Points within this distance of the crossing speak for it.

    Returns
    -------
    Reversal
        ``measured`` when points on both sides are clearly off zero with a rising current
        between them, ``extrapolated`` when the current only heads for zero, else ``none``.
    """
    slope_ns, slope_se_ns = line.slope_ns(line.centre_mv)
    sign = np.sign(data.i_pa) * (np.abs(data.i_pa) > 2.0 * data.sigma_pa)
    clear = np.flatnonzero(sign)
    changes = [
        (int(a), int(b))
        for a, b in zip(clear[:-1], clear[1:], strict=True)
        if sign[a] != sign[b] and data.v_mv[b] - data.v_mv[a] > _SAME_LEVEL_MV
    ]
    rising = [(a, b) for a, b in changes if sign[a] < 0]
    if not rising:
        return _not_measured(data, slope_ns, slope_se_ns, bool(changes), span_mv)
    a, b = max(rising, key=lambda pair: _support(data, sign, pair))
    reversal = _local_reversal(data, float(data.v_mv[a]), float(data.v_mv[b]), span_mv)
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


def _local_fit(near: Points) -> Polynomial:
    """Fit a line, or a parabola where the points are enough and clearly ask for one."""
    line = fit_polynomial(near.v_mv, near.i_pa, near.sigma_pa, 1, near.dof)
    if near.n_levels < 4:
        return line
    parabola = fit_polynomial(near.v_mv, near.i_pa, near.sigma_pa, 2, near.dof)
    bend, bend_se = parabola.coefficients[2], float(np.sqrt(parabola.covariance[2, 2]))
    if abs(bend) < student_quantile(near.dof) * bend_se:
        return line
    if near.n_levels < 6:
        return parabola
    cubic = fit_polynomial(near.v_mv, near.i_pa, near.sigma_pa, 3, near.dof)
    turn, turn_se = cubic.coefficients[3], float(np.sqrt(cubic.covariance[3, 3]))
    return cubic if abs(turn) > student_quantile(near.dof) * turn_se else parabola


def _around(data: Points, middle_mv: float, span_mv: float, fewest: int) -> Points:
    """Take the points within the span, or a wider one until it holds the fewest voltages."""
    reach_mv = span_mv
    while True:
        near = data.near(middle_mv - reach_mv, middle_mv + reach_mv)
        if near.n_levels >= min(fewest, data.n_levels):
            return near
        reach_mv *= 1.25


def _local_reversal(data: Points, low_mv: float, high_mv: float, span_mv: float) -> Reversal:
    middle_mv = 0.5 * (low_mv + high_mv)
    near = _around(data, middle_mv, max(span_mv, 0.5 * (high_mv - low_mv) + _SAME_LEVEL_MV), 3)
    curve = _local_fit(near)
    roots = rising_roots_mv(curve, low_mv, high_mv)
    if not roots and curve.degree > 1:
        curve = fit_polynomial(near.v_mv, near.i_pa, near.sigma_pa, 1, near.dof)
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
    shape = {1: "straight line", 2: "parabola", 3: "cubic"}[curve.degree]
    reason = (
        f"{shape} through the {near.v_mv.size} points from {near.v_mv[0]:.0f} to "
        f"{near.v_mv[-1]:.0f} mV"
    )
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
    curve = fit_polynomial(near.v_mv, near.i_pa, near.sigma_pa, 1, near.dof)
    slope = curve.coefficients[1]
    if slope <= 0:
        return Reversal("none", f"over {tested} the current does not head for zero")
    e_rev_mv = float(curve.centre_mv - curve.coefficients[0] / slope)
    distance_mv = max(abs(e_rev_mv - data.v_mv[0]), abs(e_rev_mv - data.v_mv[-1]))
    low, high = crossing_interval_mv(curve, e_rev_mv, 4.0 * distance_mv)
    if low is None or high is None:
        return Reversal("none", f"reversal lies outside the tested voltages ({tested}), and too far")
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


def _slope_at_reversal(reversal: Reversal) -> tuple[float | None, float | None, float | None]:
    """Return the slope conductance at the measured reversal and its interval, in nS."""
    if reversal.status != "measured" or reversal.curve is None or reversal.e_rev_mv is None:
        return None, None, None
    slope_ns, se_ns = reversal.curve.slope_ns(reversal.e_rev_mv)
    half_ns = student_quantile(reversal.curve.dof) * se_ns
    return slope_ns, slope_ns - half_ns, slope_ns + half_ns


def _rectification(data: Points, reversal: Reversal) -> float | None:
    """Outward over inward current at the same distance from the reversal; 1 is ohmic.

    The distance is the largest that was tested on both sides, at least 10 mV; currents
    between the tested voltages are interpolated.
    """
    if reversal.status != "measured" or reversal.e_rev_mv is None:
        return None
    reach_mv = min(reversal.e_rev_mv - data.v_mv[0], data.v_mv[-1] - reversal.e_rev_mv)
    if reach_mv < 10.0:
        return None
    outward, inward = np.interp(
        [reversal.e_rev_mv + reach_mv, reversal.e_rev_mv - reach_mv], data.v_mv, data.i_pa
    )
    return float(-outward / inward) if inward < 0 < outward else None


def _draw(curve: Polynomial, low_mv: float, high_mv: float) -> Curve:
    v_mv = np.linspace(low_mv, high_mv, 41)
    i_pa, half_pa = curve.current_pa(v_mv), curve.half_width_pa(v_mv)
    return Curve(
        *(
            tuple(float(f"{value:.6g}") for value in values)
            for values in (v_mv, i_pa, i_pa - half_pa, i_pa + half_pa)
        )
    )


def _draw_reversal(reversal: Reversal) -> Curve | None:
    if reversal.curve is None or reversal.near is None or reversal.e_rev_mv is None:
        return None
    low = min(float(reversal.near.v_mv[0]), reversal.e_rev_mv)
    high = max(float(reversal.near.v_mv[-1]), reversal.e_rev_mv)
    return _draw(reversal.curve, low, high)


def _findings(fit: IVFit, data: Points, misfit_pa: float) -> list[Finding]:
    found = []
    if fit.e_rev_status != "measured":
        found.append(
            Finding(
                "no_crossing",
                "warning",
                f"E_rev is not measured: {fit.e_rev_reason}. It feeds no permeability ratio",
            )
        )
    poor = fit.chi2_p is not None and fit.chi2_p < _POOR_LINE_P
    if poor and misfit_pa > _POOR_LINE_SHARE * float(np.abs(data.i_pa).max()):
        at_reversal = (
            f"; the slope at the reversal is {fit.g_at_reversal_ns:.3g} nS"
            if fit.g_at_reversal_ns is not None
            else ""
        )
        found.append(
            Finding(
                "line_poor",
                "warning",
                f"a straight line is a poor model: it misses the points by {misfit_pa:.3g} pA; g is "
                f"the mean slope over the tested voltages, not a constant{at_reversal}",
                fit.chi2_p,
                _POOR_LINE_P,
                "p",
            )
        )
    if fit.g_ns is not None and fit.g_high_ns is not None and fit.g_high_ns < 0:
        found.append(
            Finding(
                "negative_slope",
                "warning",
                "the current falls with voltage over the tested range: a blocked or gated "
                "channel, or a wrong sign of current or command",
                fit.g_ns,
                0.0,
                "nS",
            )
        )
    if data.n_levels == 2:
        found.append(
            Finding(
                "two_levels",
                "info",
                "only two voltages: g is exact for a straight line, but these points cannot tell "
                "whether the current is ohmic",
            )
        )
    return found

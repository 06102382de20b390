"""Conductance and reversal potential from the points of a current–voltage curve.

Two questions, two fits.  The conductance is the slope of the weighted straight line
through all points: the mean slope conductance over the tested voltages.  The reversal
potential, and the slope there, come from an average of polynomials around the crossing
(:mod:`permeant.infer.average`), since one line through a rectifying curve misses the crossing
by many millivolts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from permeant.infer.line import fit_line
from permeant.infer.points import Points, gather_points
from permeant.infer.polynomial import (
    Polynomial,
    chi_square_left,
    chi_square_p,
    crossing_interval_mv,
    extra_scatter_pa,
    student_quantile,
)
from permeant.infer.reversal import Reversal, find_reversal
from permeant.records import Curve, Finding, IVFit, IVPoint, SharedError

_POOR_LINE_P = 0.01
_POOR_LINE_SHARE = 0.05


def fit_iv(
    points: Sequence[IVPoint],
    *,
    wander: Sequence[SharedError] = (),
    min_points: int = 4,
    min_levels: int = 2,
    reversal_span_mv: float = 30.0,
) -> IVFit:
    """Fit conductance and reversal potential of one recording.

    Parameters
    ----------
    points : sequence of IVPoint
        Points in mV and pA; those not ``used`` are left out.
    wander : sequence of SharedError
        What part of the points' standard errors neighbouring sweeps have in common, as in
        ``Measurement.wander``.
    min_points, min_levels, reversal_span_mv
        As in the section ``fit`` of the configuration.

    Returns
    -------
    IVFit
        With 95 % intervals, or rejected with a reason.
    """
    data = gather_points(points, wander)
    if data.v_mv.size < min_points or data.n_levels < min_levels:
        return _too_few(points, data, min_points, min_levels)
    line, line_p, misfit_pa = _fit_line(data)
    reversal = find_reversal(data, line, reversal_span_mv)
    g_ns, g_se_ns = line.slope_ns(line.centre_mv)
    half_ns = student_quantile(line.dof) * g_se_ns
    at_reversal = _slope_at_reversal(reversal)
    zero = _zero_of_line(line, data)
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
        line_e_rev_mv=zero[0],
        line_e_rev_low_mv=zero[1],
        line_e_rev_high_mv=zero[2],
        curve=_draw(line, data.v_mv[0], data.v_mv[-1]),
        reversal_curve=_draw_reversal(reversal),
    )
    return replace(fit, findings=tuple(_findings(fit, data, misfit_pa)))


def _too_few(points: Sequence[IVPoint], data: Points, min_points: int, min_levels: int) -> IVFit:
    left_out = sorted({point.reason for point in points if not point.used and point.reason})
    why = f" ({len(points) - data.v_mv.size} left out: {'; '.join(left_out)})" if left_out else ""
    return IVFit.rejected(
        f"{data.v_mv.size} usable points at {data.n_levels} voltages{why}; a fit takes at least "
        f"{min_points} points at {min_levels} voltages",
        n_points=int(data.v_mv.size),
    )


def _fit_line(data: Points) -> tuple[Polynomial, float | None, float]:
    """Fit the straight line through all points.

    Where it misses them the misses are weighed in, so that no part of a curve pulls the line
    because it was recorded with less noise; the errors stay those of the points.
    """
    line_p = chi_square_p(
        chi_square_left(data.v_mv, data.i_pa, data.errors_pa, 1), data.v_mv.size - 2
    )
    misfit_pa = extra_scatter_pa(data.v_mv, data.i_pa, data.sigma_pa, 1)
    even_pa = np.hypot(data.sigma_pa, misfit_pa)
    line = fit_line(data.v_mv, data.i_pa, even_pa)
    return line.with_errors(data.v_mv, even_pa, data.errors_pa), line_p, misfit_pa


def _zero_of_line(
    line: Polynomial, data: Points
) -> tuple[float | None, float | None, float | None]:
    """Return where the straight line crosses zero, with its interval; None if beyond the points.

    It is what a line drawn by hand gives, and the reversal potential only if nothing bends.
    """
    level_pa, slope_ns = (float(value) for value in line.coefficients)
    if slope_ns <= 0:
        return None, None, None
    zero_mv = line.centre_mv - level_pa / slope_ns
    if not data.v_mv[0] <= zero_mv <= data.v_mv[-1]:
        return None, None, None
    reach_mv = float(np.ptp(data.v_mv))
    return zero_mv, *crossing_interval_mv(line, zero_mv, reach_mv)


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
    missed = fit.chi2_p is not None and fit.chi2_p < _POOR_LINE_P
    # points that scatter much hide a misfit from chi-square, but not a bend they agree on
    poor = missed or data.refute(1, chance=_POOR_LINE_P)
    if poor and misfit_pa > _POOR_LINE_SHARE * float(np.abs(data.i_pa).max()):
        at_reversal = (
            f"; the slope at the reversal is {fit.g_at_reversal_ns:.3g} nS"
            if fit.g_at_reversal_ns is not None
            else ""
        )
        if fit.e_rev_status == "measured" and fit.line_e_rev_mv is not None:
            at_reversal += (
                f". The line crosses zero at {fit.line_e_rev_mv:.1f} mV, the points at "
                f"{fit.e_rev_mv:.1f} mV, which is E_rev"
            )
        found.append(
            Finding(
                "line_poor",
                "warning",
                f"a straight line is a poor model: it misses the points by {misfit_pa:.3g} pA; g "
                f"is the mean slope over the tested voltages, not a constant{at_reversal}",
                fit.chi2_p if missed else None,
                _POOR_LINE_P if missed else None,
                "p" if missed else "",
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

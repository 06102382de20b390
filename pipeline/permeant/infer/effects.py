"""What every correction changed: g and E_rev with and without it, one correction at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from permeant.infer.shared import MovedCurve, line_slope_ns, moved_curve
from permeant.records import Correction, CorrectionEffect, IVFit, IVPoint, RawCurve

Refit = Callable[[Sequence[IVPoint]], IVFit]


def include_effects(
    fit: IVFit, points: Sequence[IVPoint], corrections: Sequence[Correction], refit: Refit
) -> IVFit:
    """Add to a fit what every correction changed, and the points as they were before all.

    Parameters
    ----------
    fit : IVFit
        The fit, rejected or not.
    points : sequence of IVPoint
        The points that it saw.
    corrections : sequence of Correction
        With how far each moved every point.
    refit : callable
        The fit as a function of points, for corrections of the current; those of the voltage
        alone leave the curve its shape and are taken back along it.

    Returns
    -------
    IVFit
        With ``effects``, one a correction, and ``raw``.
    """
    curve = moved_curve(fit, points) if fit.status == "ok" else None
    effects = tuple(_effect(fit, curve, points, one, refit) for one in corrections)
    return replace(fit, effects=effects, raw=_raw(points, corrections))


def _effect(
    fit: IVFit,
    curve: MovedCurve | None,
    points: Sequence[IVPoint],
    row: Correction,
    refit: Refit,
) -> CorrectionEffect:
    said = CorrectionEffect(row.name, row.value, row.unit, row.applied, row.reason)
    if curve is None or not row.applied or not (row.v_mv or row.i_pa):
        return said
    if any(row.i_pa):
        without = refit(_taken_back(points, [row]))
        if without.status != "ok":
            return said
        measured = without.e_rev_status == "measured"
        return _with_changes(said, fit, without.g_ns, without.e_rev_mv if measured else None)
    dv_mv = curve.of_points(row.v_mv)
    g_change_ns = line_slope_ns(curve.v_mv, curve.i_pa, curve.weights) - line_slope_ns(
        curve.v_mv - dv_mv, curve.i_pa, curve.weights
    )
    g_ns = None if fit.g_ns is None else fit.g_ns - g_change_ns
    return _with_changes(said, fit, g_ns, _reversal_without(fit, curve, row))


def _reversal_without(fit: IVFit, curve: MovedCurve, row: Correction) -> float | None:
    """Return where the current is zero when the voltages are those without the correction."""
    if fit.e_rev_mv is None:
        return None
    if len(set(row.v_mv)) == 1:
        return fit.e_rev_mv - row.v_mv[0]
    if fit.e_rev_status != "measured":
        return None
    return fit.e_rev_mv - curve.at_reversal(curve.of_points(row.v_mv))[0]


def _with_changes(
    said: CorrectionEffect, fit: IVFit, g_ns: float | None, e_rev_mv: float | None
) -> CorrectionEffect:
    def change(value: float | None, without: float | None) -> float | None:
        if value is None or without is None:
            return None
        # differences of equal numbers are rounding, whatever the platform makes of it
        return value - without if abs(value - without) > 1e-9 * max(abs(value), 1.0) else 0.0

    return replace(
        said,
        e_rev_without_mv=e_rev_mv,
        e_rev_change_mv=change(fit.e_rev_mv, e_rev_mv),
        g_without_ns=g_ns,
        g_change_ns=change(fit.g_ns, g_ns),
    )


def _taken_back(points: Sequence[IVPoint], rows: Sequence[Correction]) -> list[IVPoint]:
    nothing = (0.0,) * len(points)
    dv_mv = np.sum([row.v_mv or nothing for row in rows], axis=0)
    di_pa = np.sum([row.i_pa or nothing for row in rows], axis=0)
    return [
        replace(point, v_membrane_mv=point.v_membrane_mv - float(v), i_pa=point.i_pa - float(i))
        for point, v, i in zip(points, dv_mv, di_pa, strict=True)
    ]


def _raw(points: Sequence[IVPoint], corrections: Sequence[Correction]) -> RawCurve | None:
    rows = [row for row in corrections if row.applied and (row.v_mv or row.i_pa)]
    if not rows:
        return None
    before = _taken_back(points, rows)
    return RawCurve(
        tuple(point.v_membrane_mv for point in before), tuple(point.i_pa for point in before)
    )

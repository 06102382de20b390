"""How far each correction moved every point, and how far the error of one moves them.

With these displacements at hand a later room can take one correction back, or carry its error
through a fit, and needs to know nothing of how the correction came about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from permeant.measure.corrections import SUPPOSED_FRACTION, VoltageCorrection
from permeant.measure.drift import Drift
from permeant.records import Correction, IVPoint, SharedError

_OFFSETS = ("junction potential", "reference electrode after the bath change")
_RESISTANCE = "series resistance"


def corrections_with_displacements(
    correction: VoltageCorrection, points: Sequence[IVPoint], drift: Drift
) -> tuple[Correction, ...]:
    """Return the corrections of a recording with what each did to every point.

    Parameters
    ----------
    correction : VoltageCorrection
        What turned commands into membrane voltages.
    points : sequence of IVPoint
        The points with their whole current, before any leak is subtracted.
    drift : Drift
        What was taken from the current of each sweep.
    """
    rows = (*correction.corrections, *drift.rows)
    return tuple(_displace(row, correction, points, drift) for row in rows)


def _displace(
    row: Correction, correction: VoltageCorrection, points: Sequence[IVPoint], drift: Drift
) -> Correction:
    if not row.applied:
        return row
    if row.name in _OFFSETS and row.value is not None:
        return replace(row, v_mv=(-correction.sign * row.value,) * len(points))
    if row.name == _RESISTANCE:
        left = [_left_mohm(correction, point) for point in points]
        return replace(row, v_mv=_drops(points, left))
    if row in drift.rows and drift.offset_pa is not None:
        moved_pa = [-correction.sign * drift.of_sweep(point.sweep - 1) for point in points]
        # the drop over the series resistance was taken from the current less its drift
        drops_mv = [
            -1e-3 * pa * _left_mohm(correction, point)
            for pa, point in zip(moved_pa, points, strict=True)
        ]
        return replace(row, v_mv=tuple(drops_mv), i_pa=tuple(moved_pa))
    return row


def _left_mohm(correction: VoltageCorrection, point: IVPoint) -> float:
    return correction.r_s_by_sweep.get(point.sweep, correction.r_s_mohm)


def _drops(points: Sequence[IVPoint], r_mohm: Sequence[float]) -> tuple[float, ...]:
    """Return how far resistances move the membrane voltage, which is the same for any sign."""
    return tuple(-1e-3 * point.i_pa * r for point, r in zip(points, r_mohm, strict=True))


def resistance_error(
    correction: VoltageCorrection, points: Sequence[IVPoint]
) -> tuple[SharedError, ...]:
    """Return the error of the series resistance, which all points share; nothing without one.

    Parameters
    ----------
    correction : VoltageCorrection
        With the error of the uncompensated resistance, stated or supposed.
    points : sequence of IVPoint
        The points with their whole current.
    """

    def error(source: str, scope: Literal["recording", "supposed"], r_mohm: float) -> SharedError:
        return SharedError(source, scope, v_mv=_drops(points, [r_mohm] * len(points)))

    if correction.r_s_se_mohm:
        return (error(_RESISTANCE, "recording", correction.r_s_se_mohm),)
    if correction.r_s_supposed_mohm:
        source = f"{_RESISTANCE}, if {100 * SUPPOSED_FRACTION:.0f} % off"
        return (error(source, "supposed", correction.r_s_supposed_mohm),)
    return ()

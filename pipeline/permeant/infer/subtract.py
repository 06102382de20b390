"""What is fitted, out of what was measured: less the leak, and less the control recordings.

The difference of two current–voltage curves is what a blocker takes away or an agonist adds.
With a control before and one after (a wash), the control is taken to move from one to the other
in proportion to time; what it does otherwise nobody sees, so their difference is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from permeant.records import Correction, IVPoint

_SAME_LEVEL_MV = 1.0
_SAME_PLACE_MV = 1e-3
_NEAR_MV = 25.0


@dataclass(frozen=True)
class Control:
    """A recording with its points, the leak taken off, and when each was recorded.

    ``times_s`` has one time a point, from the same zero in all recordings of a cell; ``None``
    where the file does not tell.
    """

    name: str
    points: tuple[IVPoint, ...]
    times_s: tuple[float, ...] | None = None


def without_leak(points: Sequence[IVPoint]) -> tuple[IVPoint, ...]:
    """Take from the current of each point the leak that was found for it.

    Parameters
    ----------
    points : sequence of IVPoint
        Points of any measure, with their whole current.

    Returns
    -------
    tuple of IVPoint
        ``i_pa`` less ``i_leak_pa``, the errors that are the point's own in quadrature.  The
        membrane voltage stays: it follows from the whole current.
    """
    return tuple(
        point
        if point.i_leak_pa is None
        else replace(
            point,
            i_pa=point.i_pa - point.i_leak_pa,
            i_sem_pa=float(np.hypot(point.i_sem_pa, point.i_leak_sem_pa or 0.0)),
        )
        for point in points
    )


def subtract_points(
    points: Sequence[IVPoint], control: Sequence[IVPoint], control_name: str
) -> tuple[IVPoint, ...]:
    """Subtract from each point the control's mean current at the same command.

    Parameters
    ----------
    points, control : sequence of IVPoint
        Points of the two recordings.
    control_name : str
        The control's recording, for the reason of a point without a partner.

    Returns
    -------
    tuple of IVPoint
        The points with the difference as current and both errors in quadrature.  The
        membrane voltage stays that of the first recording, whose whole current it holds; the
        control is taken at that voltage, with its own slope from where it was recorded.
        A point whose command the control lacks is not used, and says so.
    """
    only = Control(control_name, tuple(control))
    return _subtract(points, [only], lambda _k, _point: (1.0,))


@dataclass(frozen=True)
class Difference:
    """The points less their controls, and how that was done."""

    points: tuple[IVPoint, ...]
    corrections: tuple[Correction, ...]
    weights: tuple[tuple[float, ...], ...] = ()
    """Of every point, how much of each control was taken from it."""


def subtract_controls(whole: Control, controls: Sequence[Control]) -> Difference:
    """Subtract one control, or one before and one after interpolated in time.

    Parameters
    ----------
    whole : Control
        The recording to subtract from.
    controls : sequence of Control
        One, or two.

    Returns
    -------
    Difference
        Points matched by command; with two controls weighted by how near in time each of
        their points is, or alike where the files do not tell the time or the recording does
        not lie between them.
    """
    names = " and ".join(one.name for one in controls)
    if len(controls) == 1:
        points = subtract_points(whole.points, controls[0].points, names)
        why = f"{names}, matched by command; errors of both in quadrature"
        return _difference(whole, points, why, ((1.0,),) * len(points))
    first, second = controls
    doubt = _why_not_in_time(whole, first, second)

    def weights(k: int, point: IVPoint) -> tuple[float, ...]:
        if doubt or whole.times_s is None:
            return 0.5, 0.5
        before, after = _time_at(first, point), _time_at(second, point)
        if before is None or after is None:
            return 0.5, 0.5
        share = (whole.times_s[k] - before) / (after - before)
        share = min(max(share, 0.0), 1.0)
        return 1.0 - share, share

    points = _subtract(whole.points, controls, weights)
    how = f"the plain mean, since {doubt}" if doubt else "interpolated linearly in time"
    why = f"{names}, matched by command, {how}; errors of all in quadrature"
    shares = tuple(weights(k, point) for k, point in enumerate(whole.points))
    return _difference(whole, points, why, shares)


def _difference(
    whole: Control, points: tuple[IVPoint, ...], why: str, weights: tuple[tuple[float, ...], ...]
) -> Difference:
    moved = tuple(
        after.i_pa - before.i_pa for before, after in zip(whole.points, points, strict=True)
    )
    return Difference(points, (Correction("control", None, "", True, why, i_pa=moved),), weights)


def _why_not_in_time(whole: Control, first: Control, second: Control) -> str:
    if whole.times_s is None or first.times_s is None or second.times_s is None:
        return "the files do not all tell when they were recorded"
    starts = [float(np.mean(one.times_s or (0.0,))) for one in (first, whole, second)]
    if not min(starts[0], starts[2]) < starts[1] < max(starts[0], starts[2]):
        return f"{whole.name} was not recorded between them"
    return ""


def find_partners(control: Control, point: IVPoint) -> list[int]:
    """Return which points of a control were recorded at the command of a point."""
    return [
        k
        for k, other in enumerate(control.points)
        if other.used and abs(other.v_command_mv - point.v_command_mv) <= _SAME_LEVEL_MV
    ]


def _time_at(control: Control, point: IVPoint) -> float | None:
    found = find_partners(control, point)
    if not found or control.times_s is None:
        return None
    return sum(control.times_s[k] for k in found) / len(found)


def _current_of(control: Control, own: Sequence[int], v_mv: float) -> float:
    """Return the current of a control at the membrane voltage of the point it is taken from.

    At one command the two membranes differ by what the difference of their currents drops
    over the series resistance; the slope of the control there bridges that.
    """
    i_pa = sum(control.points[k].i_pa for k in own) / len(own)
    at_mv = sum(control.points[k].v_membrane_mv for k in own) / len(own)
    if abs(v_mv - at_mv) < _SAME_PLACE_MV:
        return i_pa
    near = [
        (point.v_membrane_mv, point.i_pa)
        for point in control.points
        if point.used and abs(point.v_membrane_mv - at_mv) <= _NEAR_MV
    ]
    v, i = np.array(near).T
    off = v - v.mean()
    power = float(off @ off)
    slope_ns = float(off @ i) / power if power > _SAME_LEVEL_MV else 0.0
    return i_pa + slope_ns * (v_mv - at_mv)


def _subtract(
    points: Sequence[IVPoint],
    controls: Sequence[Control],
    weights: Callable[[int, IVPoint], tuple[float, ...]],
) -> tuple[IVPoint, ...]:
    found = []
    for k, point in enumerate(points):
        partners = [find_partners(control, point) for control in controls]
        lacking = [control.name for control, own in zip(controls, partners, strict=True) if not own]
        if lacking:
            why = f"{' and '.join(lacking)} has no point at {point.v_command_mv:g} mV to subtract"
            found.append(replace(point, used=False, reason=point.reason or why))
            continue
        i_pa, variance = point.i_pa, point.i_sem_pa**2
        for control, own, weight in zip(controls, partners, weights(k, point), strict=True):
            i_pa -= weight * _current_of(control, own, point.v_membrane_mv)
            variance += (weight / len(own)) ** 2 * sum(control.points[j].i_sem_pa ** 2 for j in own)
        found.append(replace(point, i_pa=i_pa, i_sem_pa=variance**0.5))
    return tuple(found)

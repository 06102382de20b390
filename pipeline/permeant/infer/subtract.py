"""One current–voltage curve minus another: what a blocker takes away, an agonist adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from permeant.records import IVPoint

_SAME_LEVEL_MV = 1.0


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
        membrane voltage stays that of the first recording, whose whole current it holds.
        A point whose command the control lacks is not used, and says so.
    """
    return tuple(_subtract(point, control, control_name) for point in points)


def _subtract(point: IVPoint, control: Sequence[IVPoint], control_name: str) -> IVPoint:
    partners = [
        other
        for other in control
        if other.used and abs(other.v_command_mv - point.v_command_mv) <= _SAME_LEVEL_MV
    ]
    if not partners:
        return replace(
            point,
            used=False,
            reason=f"{control_name} has no point at {point.v_command_mv:g} mV to subtract",
        )
    n = len(partners)
    mean_pa = sum(other.i_pa for other in partners) / n
    sem_pa = sum(other.i_sem_pa**2 for other in partners) ** 0.5 / n
    return replace(
        point, i_pa=point.i_pa - mean_pa, i_sem_pa=(point.i_sem_pa**2 + sem_pa**2) ** 0.5
    )

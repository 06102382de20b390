"""Linear leak: the line, from a stretch of the I–V, and its subtraction.

A leak is ``I = g (V - E)``.  It may be taken away only where it was measured with the channels
under study closed, blocked or without their agonist; whether that is so nobody can see from
the numbers, and callers refuse unless they are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from permeant.errors import RecordingError
from permeant.records import IVPoint

_SAME_LEVEL_MV = 1.0


@dataclass(frozen=True)
class Leak:
    """A straight line ``i = i_at_0_pa + g_ns v`` with the covariance of its two numbers.

    ``sweep`` counts from 1, 0 where the line belongs to no single sweep.  ``c_pf`` is the
    capacitance that a ramp shows where it goes both ways.
    """

    g_ns: float
    i_at_0_pa: float
    var_g: float
    var_i: float
    cov: float
    v_low_mv: float
    v_high_mv: float
    sweep: int = 0
    c_pf: float | None = None

    @property
    def e_rev_mv(self) -> float | None:
        """Where the leak is zero, in mV; ``None`` where its conductance is not clear of 0."""
        return -self.i_at_0_pa / self.g_ns if abs(self.g_ns) > 2 * self.g_se_ns else None

    @property
    def g_se_ns(self) -> float:
        """Standard error of the conductance in nS."""
        return float(self.var_g**0.5)

    @property
    def e_rev_se_mv(self) -> float | None:
        """Standard error of the reversal potential in mV, to first order."""
        e_mv = self.e_rev_mv
        return None if e_mv is None else self.current_se_pa(e_mv) / abs(self.g_ns)

    def current_pa(self, v_mv: float) -> float:
        """Return the leak at a voltage."""
        return self.i_at_0_pa + self.g_ns * v_mv

    def current_se_pa(self, v_mv: float) -> float:
        """Return its standard error, which grows with the distance from where it was measured."""
        variance = self.var_i + 2.0 * v_mv * self.cov + v_mv * v_mv * self.var_g
        return float(max(variance, 0.0) ** 0.5)

    def across_membrane(self, offset_mv: float, r_s_mohm: float, sign: int = 1) -> Leak:
        """Return the line over membrane voltage instead of command.

        ``V_m = sign (V - offset - I Rs)``, so ``g' = g/(1 - g Rs)``: Rs is in series with the
        leak, and a line in V stays a line in V_m.
        """
        gain = 1.0 / (1.0 - 1e-3 * self.g_ns * r_s_mohm)
        # di = di0 (1 + g' Rs) and the like are second order: errors are scaled by the gain.
        shifted_pa = self.i_at_0_pa + self.g_ns * offset_mv
        var_i = self.var_i + 2 * offset_mv * self.cov + offset_mv**2 * self.var_g
        cov = self.cov + offset_mv * self.var_g
        return replace(
            self,
            g_ns=self.g_ns * gain,
            i_at_0_pa=sign * shifted_pa * gain,
            var_g=self.var_g * gain**4,
            var_i=var_i * gain**2,
            cov=sign * cov * gain**3,
            v_low_mv=min(sign * (v - offset_mv) for v in (self.v_low_mv, self.v_high_mv)),
            v_high_mv=max(sign * (v - offset_mv) for v in (self.v_low_mv, self.v_high_mv)),
        )


def leak_from_points(points: Sequence[IVPoint], low_mv: float, high_mv: float) -> Leak:
    """Fit a leak to the points of a curve in a range where the channels are closed.

    Parameters
    ----------
    points : sequence of IVPoint
        Points of the curve; those not used are left out.
    low_mv, high_mv : float
        Range of membrane voltage.

    Returns
    -------
    Leak
        The weighted straight line.  The covariance is that of the points' errors, made
        larger where they scatter by more than those.

    Raises
    ------
    RecordingError
        If the range holds fewer than two voltages.
    """
    inside = [p for p in points if p.used and low_mv <= p.v_membrane_mv <= high_mv]
    v_mv = np.array([point.v_membrane_mv for point in inside])
    if v_mv.size < 2 or float(np.ptp(v_mv)) <= _SAME_LEVEL_MV:
        raise RecordingError(
            "leak_range",
            f"the leak range {low_mv:g} to {high_mv:g} mV holds {v_mv.size} usable points, and a "
            "line needs two voltages; state a range in which the channels are closed and the "
            "protocol has at least two levels",
        )
    i_pa = np.array([point.i_pa for point in inside])
    sem_pa = np.array([point.i_sem_pa for point in inside])
    weights = 1.0 / np.maximum(sem_pa, max(1e-3 * float(sem_pa.max()), 1e-9))
    design = np.stack([np.ones_like(v_mv), v_mv], axis=1) * weights[:, None]
    covariance = np.linalg.inv(design.T @ design)
    known = covariance @ design.T @ (i_pa * weights)
    left = i_pa * weights - design @ known
    if v_mv.size > 2:
        covariance *= max(1.0, float(left @ left) / (v_mv.size - 2))
    return Leak(
        g_ns=float(known[1]),
        i_at_0_pa=float(known[0]),
        var_g=float(covariance[1, 1]),
        var_i=float(covariance[0, 0]),
        cov=float(covariance[0, 1]),
        v_low_mv=float(v_mv.min()),
        v_high_mv=float(v_mv.max()),
    )

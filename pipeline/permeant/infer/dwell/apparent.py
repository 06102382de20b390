"""What a dead time makes of open and shut times: sojourns that are missed lengthen others.

Open and shut times are mixtures of exponentials, one drawn after the other.  A sojourn shorter
than the dead time t_d is missed and counts to the one before.  An apparent shut time then begins
with a shut sojourn longer than t_d and goes on through openings that are missed.  With the
missed openings taken at their mean length (their Laplace transform to first order), what follows
after t_d is a phase-type density with as many exponentials as there are shut components, after
Hawkes, Jalali & Colquhoun (1992), doi:10.1098/rstb.1992.0116.  For one component of each kind
its mean is t_d + (tau_s + tau_o) exp(t_d/tau_o) - tau_o - t_d.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Mixture:
    """A mixture of exponentials: time constants in ms, rising, and areas with sum 1."""

    tau_ms: Array
    area: Array

    @property
    def mean_ms(self) -> float:
        """Mean of all sojourns, however short."""
        return float(self.tau_ms @ self.area)

    def missed(self, dead_ms: float) -> tuple[float, float]:
        """Return the chance that a sojourn is missed, and chance times mean length (ms)."""
        left = self.area * np.exp(-dead_ms / self.tau_ms)
        return 1.0 - float(left.sum()), self.mean_ms - float(left @ (self.tau_ms + dead_ms))


@dataclass(frozen=True)
class Apparent:
    """Density of apparent times beyond the dead time: exponentials with rates and weights."""

    rate_per_ms: Array
    weight: Array

    def survival(self, beyond_ms: Array) -> Array:
        """Return the chance of lasting longer than the dead time by more than this (ms)."""
        return np.clip(np.exp(-np.outer(beyond_ms, self.rate_per_ms)) @ self.weight, 1e-300, 1.0)


def apparent_times(own: Mixture, other: Mixture, dead_ms: float) -> Apparent:
    """Return the distribution of apparent times of one kind, given what of the other is missed.

    Parameters
    ----------
    own, other : Mixture
        True times of this kind and of the other.
    dead_ms : float
        Dead time.
    """
    chance, length = other.missed(dead_ms)
    leave = 1.0 / own.tau_ms
    back = np.outer(leave, own.area)
    standing = np.eye(own.tau_ms.size) + length * back
    generator = np.linalg.solve(standing, chance * back - np.diag(leave))
    rates, right = np.linalg.eig(generator)
    # only the ratio of what outlives the dead time matters, which may be very little
    start = own.area * np.exp(dead_ms / own.tau_ms.max() - dead_ms / own.tau_ms)
    start = start / start.sum()
    weight = (start @ right) * np.linalg.solve(right, np.ones(rates.size))
    return Apparent(-np.real(rates), np.real(weight))

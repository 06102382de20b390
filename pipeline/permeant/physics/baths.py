"""Reversal potentials measured in several baths, and what a set of permeabilities predicts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import ArgumentError, Array, charged, finite, positive
from permeant.physics.ghk import ghk_current_per_permeability, ghk_slope_per_permeability
from permeant.physics.ghk_reversal import ghk_reversal_mv


@dataclass(frozen=True)
class Baths:
    """Reversals with errors (mV, shape (m,)), solutions (mM, shape (m, n)), valences (n,)."""

    e: Array
    sigma: Array
    inside: Array
    outside: Array
    z: Array
    celsius: Array

    @classmethod
    def of(
        cls,
        *,
        e_rev_mv: ArrayLike,
        sigma_e_mv: ArrayLike,
        inside_mm: ArrayLike,
        outside_mm: ArrayLike,
        valences: ArrayLike,
        temperature_c: ArrayLike,
    ) -> Baths:
        """Return the baths with every argument brought to full shape.

        Parameters
        ----------
        e_rev_mv, sigma_e_mv : array_like
            Reversals and standard deviations (mV), shape (m,) or scalar.
        inside_mm, outside_mm : array_like
            Concentrations (mM), shape (m, n) or (n,).
        valences : array_like
            Signed charge numbers, shape (n,).
        temperature_c : array_like
            Temperature (°C), shape (m,) or scalar.

        Returns
        -------
        Baths
            All arrays of full shape.

        Raises
        ------
        ArgumentError
            If shapes or values do not fit.
        """
        z, e = charged("valences", valences), np.atleast_1d(finite("e_rev_mv", e_rev_mv))
        sigma = positive("sigma_e_mv", sigma_e_mv)
        celsius = finite("temperature_c", temperature_c)
        try:
            return cls(
                e=e,
                sigma=np.broadcast_to(sigma, e.shape),
                inside=np.broadcast_to(finite("inside_mm", inside_mm), (e.size, z.size)),
                outside=np.broadcast_to(finite("outside_mm", outside_mm), (e.size, z.size)),
                z=z,
                celsius=np.broadcast_to(celsius, e.shape)[:, np.newaxis],
            )
        except ValueError as error:
            raise ArgumentError(f"{e.size} reversals and {z.size} ions: {error}") from error

    def currents(self, e: Array) -> Array:
        """Return f_j at the voltages ``e`` (C/m³), shape (m, n)."""
        at = e[:, np.newaxis]
        f = ghk_current_per_permeability(at, self.inside, self.outside, self.z, self.celsius)
        return np.asarray(f)

    def conductance(self, e: Array, p: Array) -> Array:
        """Return the total slope at ``e`` (C/m³ per mV), shape (m,)."""
        at = e[:, np.newaxis]
        slope = ghk_slope_per_permeability(at, self.inside, self.outside, self.z, self.celsius)
        return np.asarray((slope * p).sum(axis=-1))

    def sensitivity(self, e: Array, p: Array) -> Array:
        """Return dE/dP_j at the reversals ``e`` (mV), shape (m, n)."""
        return np.asarray(-self.currents(e) / self.conductance(e, p)[:, np.newaxis])

    def gross(self, e: Array, p: Array) -> Array:
        """Return the same as :meth:`sensitivity` without cancellation of the two fluxes."""
        at, nothing = e[:, np.newaxis], np.zeros_like(self.inside)
        efflux = ghk_current_per_permeability(at, self.inside, nothing, self.z, self.celsius)
        influx = ghk_current_per_permeability(at, nothing, self.outside, self.z, self.celsius)
        return np.asarray((np.abs(efflux) + np.abs(influx)) / self.conductance(e, p)[:, np.newaxis])

    def model(self, p: Array) -> Array:
        """Return the reversals that permeabilities ``p`` imply (mV), NaN where there is none."""
        stacked = np.broadcast_to(p, self.inside.shape)
        e = ghk_reversal_mv(stacked, self.inside, self.outside, self.z, self.celsius[:, 0])
        return np.asarray(e)

    def chi2(self, p: Array) -> float:
        """Return the weighted sum of squares, infinite where a bath has no reversal."""
        misfit = (self.e - self.model(p)) / self.sigma
        return float(misfit @ misfit) if np.isfinite(misfit).all() else float("inf")

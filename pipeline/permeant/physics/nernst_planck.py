"""Junction potential of the stationary Nernst-Planck equations, exact for any ions.

Between two electroneutral solutions, with constant fluxes J_i and no current,

    c_i' = -J_i/u_i - z_i c_i phi',   phi' = -(sum z J/u)/(sum z² c),   sum z J = 0.

Measured along s, with dx = (sum z² c) ds, these are linear in c with constant coefficients,
dc/ds = M c with M_ij = -q_i z_j² + k z_i delta_ij, q = J/u and k = sum z q.  So the bath is
exp(M) times the pipette, the potential falls by k in units of RT/F, and what remains is to
find the n numbers q: Newton's method with an exact derivative, following the bath from the
pipette's composition to its own.  The thickness of the junction drops out.  The equations are
those of Marino et al. (2014), arXiv:1403.3640; this way of solving them is our own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from permeant.errors import PermeantError
from permeant.physics.arguments import Array, charged, not_negative, positive
from permeant.physics.constants import thermal_voltage_mv
from permeant.physics.ions import Ion
from permeant.physics.mobilities import junction_arrays
from permeant.physics.solutions import ChargeBalanceError, balanced_by

_NEUTRAL_FRACTION = 1e-9
_SMALLEST_STEP = 1e-4
_COMPLEX_STEP = 1e-30
_TAYLOR_TERMS = 18
_PLACES = 48


class JunctionSolverError(PermeantError, ArithmeticError):
    """A junction whose equations could not be solved."""


def nernst_planck_mv(
    pipette_mm: Mapping[str, float],
    bath_mm: Mapping[str, float],
    temperature_c: float,
    extra: Mapping[str, Ion] | None = None,
    *,
    absorbed_by: str | None = None,
) -> float:
    """Return the junction potential V_bath - V_pipette of two solutions (Nernst-Planck).

    Parameters
    ----------
    pipette_mm, bath_mm : mapping of str to float
        Concentration of each ion (mM); both solutions must be electroneutral.
    temperature_c : float
        Temperature of the recording (°C).
    extra : mapping of str to Ion, optional
        Further ions, which come before the table.
    absorbed_by : str, optional
        The ion that makes up for a residual charge, in both solutions.

    Returns
    -------
    float
        Junction potential (mV), to about 1e-9 mV.

    Raises
    ------
    ChargeBalanceError
        If a solution is not electroneutral and no ion is named to absorb the residual; none
        is chosen silently.
    MissingMobilityError
        If an ion has no known mobility.
    JunctionSolverError
        If the equations could not be solved.

    Notes
    -----
    Equal to Henderson's for a single salt and for two salts of equal concentration with a
    common ion; otherwise the difference is a lower bound of the model uncertainty.
    """
    if absorbed_by is not None:
        pipette_mm = balanced_by(pipette_mm, absorbed_by, extra)
        bath_mm = balanced_by(bath_mm, absorbed_by, extra)
    return nernst_planck_from_arrays_mv(
        *junction_arrays(pipette_mm, bath_mm, extra), temperature_c=temperature_c
    )


def nernst_planck_from_arrays_mv(
    pipette_mm: ArrayLike,
    bath_mm: ArrayLike,
    valences: ArrayLike,
    mobilities: ArrayLike,
    temperature_c: float,
) -> float:
    """Return the stationary Nernst-Planck potential V_bath - V_pipette.

    Parameters
    ----------
    pipette_mm, bath_mm : array_like
        Concentrations (mM), shape (n,), both electroneutral.
    valences : array_like
        Signed charge numbers, shape (n,).
    mobilities : array_like
        Generalised mobilities u = lambda/(|z| lambda_K), shape (n,).
    temperature_c : float
        Temperature (°C).

    Returns
    -------
    float
        Junction potential (mV).

    Raises
    ------
    ChargeBalanceError
        If a solution is not electroneutral.
    JunctionSolverError
        If the equations could not be solved.
    """
    pipette, bath = not_negative("pipette_mm", pipette_mm), not_negative("bath_mm", bath_mm)
    z, u = charged("valences", valences), positive("mobilities", mobilities)
    for name, side in (("pipette_mm", pipette), ("bath_mm", bath)):
        _require_neutral(name, side, z)
    present = (pipette > 0) | (bath > 0)
    # from the thinner solution to the stronger one: what decays to a millionth would be lost
    # in the rounding errors of what does not
    upwards = bath.sum() >= pipette.sum()
    thin, strong = (pipette, bath) if upwards else (bath, pipette)
    fall = float(z[present] @ _follow(thin[present], strong[present], z[present], u[present]))
    return 0.0 - float(thermal_voltage_mv(temperature_c)) * (fall if upwards else -fall)


def _require_neutral(name: str, side: Array, z: Array) -> None:
    total, residual = float(np.abs(z) @ side), float(z @ side)
    if total == 0:
        raise ChargeBalanceError(f"{name} has no ions: there is no junction potential")
    if abs(residual) > _NEUTRAL_FRACTION * total:
        raise ChargeBalanceError(
            f"{name} has a residual charge of {residual:+.4g} mM; the Nernst-Planck equations "
            "need electroneutral solutions: name the ion that absorbs it (absorbed_by)"
        )


def _follow(start: Array, end: Array, z: Array, u: Array) -> Array:
    """Return q at the end of a way from one composition to the other.

    Along it the proportions of the ions change linearly and their total geometrically.
    """
    factor = end.sum() / start.sum()
    start, end = start / start.sum(), end / end.sum()
    q, slope, done, step = np.zeros(z.size), np.zeros(z.size), 0.0, 0.5
    while done < 1:
        step = min(step, 1 - done)
        way = done + step
        target = (start + way * (end - start)) * factor**way
        found = _newton(q + step * slope, start, target, z, u)
        if found is None or not _positive_between(found, start, z):
            step /= 2
            if step < _SMALLEST_STEP:
                raise JunctionSolverError(
                    f"the Nernst-Planck equations could not be followed beyond {done:.3g} of the "
                    "way between the two solutions; use Henderson's equation"
                )
            continue
        slope, q = (found - q) / step, found
        done, step = done + step, 2 * step
    return q


def _newton(q: Array, start: Array, target: Array, z: Array, u: Array) -> Array | None:
    for _ in range(20):
        misfit, derivative = _misfit(q, start, target, z, u)
        change = np.linalg.lstsq(derivative, -misfit, rcond=1e-14)[0]
        if not np.isfinite(change).all() or np.abs(change).max() > 50:
            return None
        q = q + change
        if np.abs(change).max() <= 1e-13 * max(1.0, float(np.abs(q).max())):
            return q
    return q if np.abs(change).max() < 1e-10 else None


def _positive_between(q: Array, start: Array, z: Array) -> bool:
    """Say whether all concentrations stay positive along the junction.

    Solutions by which the profile swings below zero exist too, thousands of mV away; a step
    of the continuation that is too long may land on one.
    """
    part = _matrix_exponential(_generator(q[np.newaxis] / _PLACES, z).astype(complex))[0].real
    c, lowest = start, 0.0
    for _ in range(_PLACES):
        c = part @ c
        lowest = min(lowest, float(c.min() / c.sum()))
    return lowest > -1e-9


def _misfit(q: Array, start: Array, target: Array, z: Array, u: Array) -> tuple[Array, Array]:
    """Return where q leads, less where it should, and the derivative by complex steps."""
    stacked = q + 1j * _COMPLEX_STEP * np.eye(q.size)
    ends = _matrix_exponential(_generator(stacked, z)) @ start.astype(complex)
    current = stacked @ (z * u)
    misfit = (ends - target) / target.sum()
    lead = np.concatenate([misfit, current[:, np.newaxis]], axis=1)
    return lead[0].real, (lead.imag / _COMPLEX_STEP).T


def _generator(q: NDArray[Any], z: Array) -> NDArray[Any]:
    """Return M for each row of q, shape (rows, n, n)."""
    fall = q @ z
    drift = fall[:, np.newaxis, np.newaxis] * np.diag(z)
    return np.asarray(drift - q[:, :, np.newaxis] * z**2)


def _matrix_exponential(matrices: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Return exp of each matrix of a stack: Taylor series of M/2^k, squared k times."""
    size = float(np.abs(matrices).sum(axis=-1).max())
    halvings = max(0, int(np.ceil(np.log2(max(size, 1e-300) / 0.25))))
    part = matrices / 2.0**halvings
    identity = np.broadcast_to(np.eye(matrices.shape[-1], dtype=complex), matrices.shape)
    total = identity
    for order in range(_TAYLOR_TERMS, 0, -1):
        total = identity + part @ total / order
    for _ in range(halvings):
        total = total @ total
    return np.asarray(total)

"""The zero-current equation of many draws at once: rows, and their least-squares solution.

At a reversal the currents of all ions cancel, sum_j P_j f_j(E) = 0, which is linear in the
permeabilities.  Draws stand on the last axis, so that every step is one pass over numbers that
lie side by side: a Monte Carlo of a cell takes milliseconds.
"""

from __future__ import annotations

import numpy as np

from permeant.physics.arguments import Array
from permeant.physics.constants import (
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
    ZERO_CELSIUS_K,
)
from permeant.physics.ghk_terms import decline

_RT_OVER_F_MV_PER_K = 1e3 * GAS_CONSTANT_J_PER_MOL_K / FARADAY_C_PER_MOL
RIDGE = 1e-14
"""Added to the diagonal of the scaled normal equations: a draw that hits a singular system
lands far out instead of nowhere, and is counted there."""


def unit_currents(
    e_mv: Array, inside_mm: Array, outside_mm: Array, valences: Array, temperature_c: Array
) -> Array:
    """Return z [c_in phi(x) - c_out phi(-x)] of every ion in every bath, draw by draw.

    Parameters
    ----------
    e_mv : ndarray
        Reversal potentials (mV), shape (m, d).
    inside_mm, outside_mm : ndarray
        Concentrations or activities (mM), shape (n, m, d) or broadcasting to it.
    valences : ndarray
        Signed charge numbers, shape (n,).
    temperature_c : ndarray
        Temperature (°C), broadcasting to (m, d).

    Returns
    -------
    ndarray
        GHK current over P F (mM), shape (n, m, d); the Faraday constant, common to all ions,
        is left out.

    Notes
    -----
    phi depends on the valence alone, so ions of one valence share its evaluation.
    """
    # not checked: drawn temperatures may leave the range that a stated one must keep to
    reduced = e_mv / (_RT_OVER_F_MV_PER_K * (temperature_c + ZERO_CELSIUS_K))
    found = np.empty((valences.size, *reduced.shape))
    for size in np.unique(np.abs(valences)):
        x = size * reduced
        falling = decline(x)
        onward = {1.0: falling + np.maximum(x, 0.0), -1.0: falling + np.maximum(-x, 0.0)}
        for j in np.flatnonzero(np.abs(valences) == size):
            sign = float(np.sign(valences[j]))
            leaving, entering = onward[sign], onward[-sign]
            found[j] = valences[j] * (inside_mm[j] * leaving - outside_mm[j] * entering)
    return found


def solve_zero_current(currents: Array, known: Array, weights: Array) -> tuple[Array, Array]:
    """Return the unknown permeabilities that come nearest to zero current in all baths.

    Parameters
    ----------
    currents : ndarray
        Current of each ion per unit permeability, shape (n, m, d).
    known : ndarray
        Permeabilities over that of the reference, NaN where unknown, shape (n,).
    weights : ndarray
        Weight of each bath, 1/(sigma_E G), shape (m,).

    Returns
    -------
    ratios : ndarray
        The unknown ones in their order, shape (u, d); negative where a draw is infeasible.
    soundness : ndarray
        Smallest pivot of the scaled normal equations, shape (d,): near 1 where the baths tell
        the ions apart, below 1e-14 where a draw leaves them undetermined.

    Notes
    -----
    Weighted least squares by the normal equations with columns scaled to unit length, solved by
    Cholesky decomposition for all draws together (Golub & Van Loan, Matrix Computations, ch. 5).
    """
    unknown = np.isnan(known)
    rows = currents[unknown] * weights[:, np.newaxis]
    settled = (known[~unknown, np.newaxis, np.newaxis] * currents[~unknown]).sum(axis=0)
    target = -settled * weights[:, np.newaxis]
    length = np.sqrt((rows**2).sum(axis=1))
    length = np.where(length > 0, length, 1.0)
    rows = rows / length[:, np.newaxis]
    scaled, soundness = _solve_normal(rows, target)
    return scaled / length, soundness


def _solve_normal(rows: Array, target: Array) -> tuple[Array, Array]:
    """Solve (A^T A) x = A^T b by Cholesky for rows (u, m, d) and target (m, d)."""
    u = rows.shape[0]
    lower: dict[tuple[int, int], Array] = {}
    partly: list[Array] = []
    soundness = np.full(target.shape[-1], np.inf)
    for i in range(u):
        for j in range(i):
            off = (rows[i] * rows[j]).sum(axis=0)
            lower[i, j] = (off - sum(lower[i, k] * lower[j, k] for k in range(j))) / lower[j, j]
        pivot = (rows[i] ** 2).sum(axis=0) - sum(lower[i, k] ** 2 for k in range(i))
        soundness = np.minimum(soundness, pivot)
        lower[i, i] = np.sqrt(np.maximum(pivot, 0.0) + RIDGE)
        side = (rows[i] * target).sum(axis=0)
        partly.append((side - sum(lower[i, k] * partly[k] for k in range(i))) / lower[i, i])
    solved: list[Array] = [np.zeros(0)] * u
    for i in reversed(range(u)):
        rest = sum(lower[k, i] * solved[k] for k in range(i + 1, u))
        solved[i] = (partly[i] - rest) / lower[i, i]
    return np.array(solved), soundness

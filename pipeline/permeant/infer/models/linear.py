"""Models that are linear in their parameters: the straight line and the GHK curve.

Their least squares are solved, not searched, and their intervals are exact: Student's for a
coefficient, and for a reversal the voltages at which the band of the curve holds zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from permeant.infer.models.basis import GRID_MV, Basis, Line, Pore
from permeant.infer.points import Array, Points
from permeant.infer.polynomial import crossing_interval_mv, solve_polynomial, student_quantile
from permeant.physics.identifiability import Identifiability, assess_identifiability
from permeant.physics.nonnegative import nonnegative_least_squares

_BETWEEN = 41


@dataclass(frozen=True)
class LinearFit:
    """Coefficients of a basis; those of a pore are not negative.

    ``free`` are the coefficients without that bound; ``covariance`` is theirs, and every
    interval rests on the two: within the bound it holds the truth no less often.
    """

    basis: Basis
    beta: Array
    free: Array
    covariance: Array
    chi_square: float
    n_parameters: int
    told: Identifiability | None
    quantile: float

    @property
    def at_points_pa(self) -> Array:
        """The curve at the points."""
        return self.basis.tested @ self.beta

    @property
    def drawn_pa(self) -> Array:
        """The curve at the voltages of a picture."""
        return self.basis.drawn @ self.beta

    def interval(self, weights: Array) -> tuple[float, float]:
        """Return the interval of a weighted sum of the coefficients."""
        middle = float(weights @ self.free)
        half = self.quantile * max(float(weights @ self.covariance @ weights), 0.0) ** 0.5
        return middle - half, middle + half


def fit_linear(data: Points, basis: Basis) -> LinearFit:
    """Solve the weighted least squares of a basis.

    Directions that the points do not tell (a thousand times weaker than the strongest) count
    as no parameter.
    """
    weighed = basis.tested / data.sigma_pa[:, None]
    target = data.i_pa / data.sigma_pa
    length = np.linalg.norm(weighed, axis=0)
    length = np.where(length > 0.0, length, 1.0)
    gain = np.linalg.pinv(weighed / length, rcond=1e-3 if isinstance(basis, Pore) else 1e-12)
    free = gain @ target / length
    covariance = gain @ gain.T / np.outer(length, length)
    beta, told, rank = free, None, free.size
    if isinstance(basis, Pore):
        beta = nonnegative_least_squares(weighed, target)
        # per unit permeability: the words name the permeabilities, not the coefficients
        gross = basis.gross_pa(data.v_mv) / data.sigma_pa[:, None]
        told = assess_identifiability(weighed / basis.scale, basis.names, gross / basis.scale)
        rank = told.rank
    residuals = weighed @ beta - target
    return LinearFit(
        basis=basis,
        beta=beta,
        free=free,
        covariance=covariance,
        chi_square=float(residuals @ residuals),
        n_parameters=max(rank, 1),
        told=told,
        quantile=student_quantile(data.dof),
    )


def line_reversal_mv(data: Points) -> tuple[float | None, float | None, float | None]:
    """Return where the straight line crosses zero, and Fieller's interval."""
    line = solve_polynomial(data.v_mv, data.i_pa, data.sigma_pa, 1, data.dof)
    slope_ns, se_ns = line.slope_ns(line.centre_mv)
    if slope_ns <= student_quantile(data.dof) * se_ns:
        return None, None, None
    e_rev_mv = float(line.centre_mv - line.coefficients[0] / slope_ns)
    return (e_rev_mv, *crossing_interval_mv(line, e_rev_mv, 1e4))


def pore_reversal_mv(
    fit: LinearFit, near_mv: float
) -> tuple[float | None, float | None, float | None]:
    """Return where the GHK curve crosses zero, and the voltages around at which it may.

    One ion alone crosses at its Nernst potential, which no point has a say in: no interval.
    """
    e_rev_mv = fit.basis.reversal_mv(fit.beta, near_mv)
    if e_rev_mv is None or fit.n_parameters < 2:
        return e_rev_mv, None, None
    excess = _off_zero(fit, fit.basis.on_grid)
    below, above = e_rev_mv > GRID_MV, e_rev_mv < GRID_MV
    low = _band_end(fit, e_rev_mv, GRID_MV[below][::-1], excess[below][::-1])
    high = _band_end(fit, e_rev_mv, GRID_MV[above], excess[above])
    return e_rev_mv, low, high


def _band_end(fit: LinearFit, start_mv: float, walk_mv: Array, excess: Array) -> float | None:
    """Return the first voltage of a walk at which the band no longer holds zero."""
    beyond = np.flatnonzero(excess > 0.0)
    if not beyond.size:
        return None
    k = int(beyond[0])
    cell_mv = np.linspace(walk_mv[k - 1] if k else start_mv, walk_mv[k], _BETWEEN)
    excess = _off_zero(fit, fit.basis.current_pa(cell_mv))
    k = int(np.flatnonzero(excess > 0.0)[0])
    if k == 0:
        return float(cell_mv[0])
    part = excess[k - 1] / (excess[k - 1] - excess[k])
    return float(cell_mv[k - 1] + part * (cell_mv[k] - cell_mv[k - 1]))


def _off_zero(fit: LinearFit, currents: Array) -> Array:
    """Return how far the curve is off zero, less half its 95 % band."""
    variance = np.einsum("ij,jk,ik->i", currents, fit.covariance, currents)
    off: Array = np.abs(currents @ fit.free) - fit.quantile * np.sqrt(np.maximum(variance, 0.0))
    return off


def slope_at_reversal_ns(
    fit: LinearFit, e_rev_mv: float | None
) -> tuple[float | None, float | None, float | None]:
    """Return the slope conductance at the reversal and its interval.

    Of a line exactly; of a GHK curve with the shift of the reversal to first order.
    """
    basis = fit.basis
    if isinstance(basis, Line):
        scale = basis.size_pa / basis.reach_mv
        low, high = fit.interval(np.array([scale, 0.0]))
        return float(scale * fit.beta[0]), low, high
    if e_rev_mv is None:
        return None, None, None
    slope_ns, gradient = open_slope_ns(basis, fit.beta, e_rev_mv)
    half = fit.quantile * max(float(gradient @ fit.covariance @ gradient), 0.0) ** 0.5
    return slope_ns, max(slope_ns - half, 0.0), slope_ns + half


def open_slope_ns(basis: Basis, beta: Array, e_rev_mv: float) -> tuple[float, Array]:
    """Return the slope of the open pore at its reversal and its gradient by the coefficients.

    ``dg/db = f'(E) + (b · f''(E)) dE/db`` with ``dE/db = -f(E) / (b · f'(E))``.
    """
    step_mv = 0.5
    at = np.array([e_rev_mv - step_mv, e_rev_mv, e_rev_mv + step_mv])
    slopes = basis.slope_ns(at)
    bend = float((slopes[2] - slopes[0]) @ beta) / (2.0 * step_mv)
    slope_ns = float(slopes[1] @ beta)
    shift = basis.current_pa(at[1:2])[0] / max(slope_ns, 1e-300)
    return slope_ns, slopes[1] - bend * shift

"""A Boltzmann gate times an open pore's current, which is linear in its coefficients.

``I(V) = sum_j b_j f_j(V) / (1 + exp(-(V - v_half) / k))``, k positive where depolarisation
opens.  The coefficients follow from gate and points by linear least squares (variable
projection, Golub & Pereyra 1973, doi:10.1137/0710036), so that a coarse look over all gates
costs as much as one fit and no starting value is guessed.  The best of them lmfit fits in
full, without bounds: behind lmfit's bounds stands a transform that makes the covariance
meaningless.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import special

from permeant.infer.models.basis import Basis
from permeant.infer.points import Array, Points

if TYPE_CHECKING:
    import lmfit

STEEPEST_MV = 1.0
_SHALLOWEST_MV = 50.0

_START_SLOPES_MV = (3.0, 7.0, 14.0, 28.0)
_START_HALVES = 13
_STARTS_KEPT = 4
_FIRST_STEPS, _LAST_STEPS = 5, 40
_NO_GAIN, _NO_SHARE = 1e-7, 1e-6
_LEAST_GATING = 0.2
"""A gate whose open probability changes by less over the points cannot be told from none."""


def slope_size_mv(u: float) -> float:
    """Return |k| in mV of the parameter that stands for it."""
    return STEEPEST_MV + float(np.exp(min(max(u, -20.0), 20.0)))


@dataclass(frozen=True)
class GatedModel:
    """Weighted residuals of ``theta = (b_1 … b_m, v_half, u)`` with ``|k| = 1 mV + exp(u)``.

    ``sign`` is that of k.  A gate of less than 1 mV would move 25 elementary charges, and is a
    step between two points that leaves nothing for its midpoint to follow.
    """

    v_mv: Array
    target: Array
    columns: Array
    sign: Array | float

    def evaluate(self, theta: Array) -> tuple[Array, Array]:
        """Return residuals (b, n) and their Jacobian (b, n, m + 2) at parameters (b, m + 2)."""
        m = self.columns.shape[1]
        growth = np.exp(np.minimum(np.maximum(theta[:, m + 1, None], -20.0), 20.0))
        size_mv = STEEPEST_MV + growth
        x = self.sign * (self.v_mv - theta[:, m, None]) / size_mv
        gate = special.expit(x)
        pore = theta[:, :m] @ self.columns.T
        bend = pore * gate * (1.0 - gate)
        jacobian = np.empty((*gate.shape, m + 2))
        np.multiply(gate[..., None], self.columns, out=jacobian[..., :m])
        jacobian[..., m] = -self.sign * bend / size_mv
        jacobian[..., m + 1] = -x * bend * growth / size_mv
        return gate * pore - self.target, jacobian


@dataclass(frozen=True)
class GatedFit:
    """The fitted gate and coefficients, with the covariance of ``theta``."""

    basis: Basis
    model: GatedModel
    theta: Array
    covariance: Array | None
    chi_square: float
    sign: float

    @property
    def beta(self) -> Array:
        """Coefficients of the open pore."""
        return self.theta[:-2]

    @property
    def v_half_mv(self) -> float:
        """Voltage at which half of the gates are open."""
        return float(self.theta[-2])

    @property
    def k_mv(self) -> float:
        """Slope factor, positive where depolarisation opens."""
        return self.sign * slope_size_mv(float(self.theta[-1]))

    def open_probability(self, v_mv: Array) -> Array:
        """Return the gate's open probability at voltages."""
        return np.asarray(special.expit((v_mv - self.v_half_mv) / self.k_mv))

    @property
    def at_points_pa(self) -> Array:
        """The curve at the points."""
        return self.open_probability(self.model.v_mv) * (self.basis.tested @ self.beta)

    @property
    def drawn_pa(self) -> Array:
        """The curve at the voltages of a picture."""
        return self.open_probability(self.basis.drawn_mv) * (self.basis.drawn @ self.beta)


def search_gate(data: Points, basis: Basis) -> GatedFit | str:
    """Find the gate and coefficients of the least chi-square.

    Returns
    -------
    GatedFit or str
        The fit, yet without covariance, or in words why there is no gate to be told.
    """
    columns = basis.tested / data.sigma_pa[:, None]
    target = data.i_pa / data.sigma_pa
    starts, signs = _look_over_gates(data.v_mv, columns, target)
    theta, sign, chi_square = _descend(data.v_mv, target, columns, starts, signs)
    model = GatedModel(data.v_mv, target, columns, sign)
    fit = GatedFit(basis, model, theta, None, chi_square, sign)
    return _why_no_gate(fit, data) or fit


def fit_gate(fit: GatedFit) -> GatedFit | str:
    """Fit all parameters with lmfit from where the search ended, for their covariance."""
    theta, covariance = _fit_in_full(fit.model, fit.theta)
    if covariance is None:
        return "no gate can be told: these points do not determine all its parameters"
    left, _ = fit.model.evaluate(theta[None, :])
    return replace(fit, theta=theta, covariance=covariance, chi_square=float((left**2).sum()))


def _look_over_gates(v_mv: Array, columns: Array, target: Array) -> tuple[Array, Array]:
    """Return the most promising parameters (s, m + 2), and the signs of their gates (s,)."""
    m, span_mv = columns.shape[1], float(np.ptp(v_mv))
    halves = np.linspace(v_mv[0] - 0.15 * span_mv, v_mv[-1] + 0.15 * span_mv, _START_HALVES)
    half, size, sign = (
        part.ravel() for part in np.meshgrid(halves, _START_SLOPES_MV, (1.0, -1.0), indexing="ij")
    )
    gate = special.expit(sign[:, None] * (v_mv - half[:, None]) / size[:, None])
    weighed = gate[..., None] * columns
    normal = np.swapaxes(weighed, 1, 2) @ weighed
    # a hair of ridge for gates that leave too few points; they cost more and drop out
    diagonal = np.einsum("bii->b", normal)
    normal[:, range(m), range(m)] += (1e-9 * diagonal + 1e-300)[:, None]
    right = np.swapaxes(weighed, 1, 2) @ target
    beta = np.linalg.solve(normal, right[..., None])[..., 0]
    left = (weighed @ beta[..., None])[..., 0] - target
    cost = (left**2).sum(axis=1)
    chosen = [
        k
        for way in (1.0, -1.0)
        for k in np.flatnonzero(sign == way)[np.argsort(cost[sign == way], kind="stable")][
            :_STARTS_KEPT
        ]
    ]
    return np.column_stack([beta, half, np.log(size - STEEPEST_MV)])[chosen], sign[chosen]


def _descend(
    v_mv: Array, target: Array, columns: Array, theta: Array, signs: Array
) -> tuple[Array, float, float]:
    """Go down from all starts, the last part from the best of each sign only.

    Returns
    -------
    theta : array, shape (m + 2,)
        The parameters of the least chi-square.
    sign, chi_square : float
        The gate's sign, and what is left.
    """
    for steps, keep in ((_FIRST_STEPS, 1), (_LAST_STEPS, 0)):
        model = GatedModel(v_mv, target, columns, signs[:, None])
        theta, cost = _step_down(model, theta, steps)
        if keep:
            best = [k for way in (1.0, -1.0) for k in _cheapest(cost, signs == way)]
            theta, signs = theta[best], signs[best]
    k = int(np.argmin(cost))
    return theta[k], float(signs[k]), float(cost[k])


def _cheapest(cost: Array, among: NDArray[np.bool_]) -> list[int]:
    return [int(np.argmin(np.where(among, cost, np.inf)))]


def _step_down(model: GatedModel, theta: Array, steps: int) -> tuple[Array, Array]:
    """Take damped Gauss–Newton steps from several starts until none gains any more."""
    residuals, jacobian = model.evaluate(theta)
    cost, damping = (residuals**2).sum(axis=1), np.full(theta.shape[0], 1e-3)
    p = theta.shape[1]
    for _ in range(steps):
        turned = jacobian.transpose(0, 2, 1)
        normal, steep = turned @ jacobian, turned @ residuals[..., None]
        diagonal = normal.reshape(-1, p * p)[:, :: p + 1]
        tiny = 1e-12 * diagonal.max(axis=1, keepdims=True) + 1e-300
        diagonal += damping[:, None] * diagonal + tiny
        trial = theta - np.linalg.solve(normal, steep)[..., 0]
        trial_residuals, trial_jacobian = model.evaluate(trial)
        trial_cost = (trial_residuals**2).sum(axis=1)
        better = trial_cost < cost
        if better.all():
            gained = cost - trial_cost
            theta, residuals, jacobian, cost = trial, trial_residuals, trial_jacobian, trial_cost
            damping *= 0.1
        else:
            gained = np.where(better, cost - trial_cost, np.where(damping > 1e6, 0.0, np.inf))
            theta = np.where(better[:, None], trial, theta)
            residuals = np.where(better[:, None], trial_residuals, residuals)
            jacobian = np.where(better[:, None, None], trial_jacobian, jacobian)
            cost = np.where(better, trial_cost, cost)
            damping = np.where(better, damping * 0.1, np.maximum(damping, 1e-6) * 10.0)
        if (gained < _NO_GAIN + _NO_SHARE * cost).all():
            break
    return theta, cost


def _fit_in_full(model: GatedModel, start: Array) -> tuple[Array, Array | None]:
    """Fit with lmfit; return the parameters and their covariance by the stated errors."""
    import lmfit  # noqa: PLC0415 - takes most of a second to load, and few curves are gated

    parameters = lmfit.Parameters()
    for k, value in enumerate(start.tolist()):
        parameters.add(f"p{k}", value=value)

    def values(given: lmfit.Parameters) -> Array:
        return np.array([one.value for one in given.values()])[None, :]

    result = lmfit.minimize(
        lambda given: model.evaluate(values(given))[0][0],
        parameters,
        method="leastsq",
        scale_covar=False,
        Dfun=lambda given: model.evaluate(values(given))[1][0],
        max_nfev=200,
    )
    covariance = getattr(result, "covar", None)
    sound = covariance is not None and bool(np.all(np.isfinite(covariance)))
    return values(result.params)[0], np.asarray(covariance) if sound else None


def _why_no_gate(fit: GatedFit, data: Points) -> str:
    """Say why a fitted gate is none; empty where it is one."""
    low_mv, high_mv = float(data.v_mv[0]), float(data.v_mv[-1])
    gate = fit.open_probability(np.array([low_mv, high_mv]))
    if abs(gate[1] - gate[0]) < _LEAST_GATING:
        return (
            f"no gate can be told: its open probability would change only from {gate[0]:.2f} to "
            f"{gate[1]:.2f} over the tested voltages"
        )
    if abs(fit.k_mv) > _SHALLOWEST_MV:
        return (
            f"no gate can be told: with a slope factor of {fit.k_mv:.0f} mV it would move less "
            "than half an elementary charge"
        )
    span_mv = high_mv - low_mv
    if not low_mv - 0.5 * span_mv <= fit.v_half_mv <= high_mv + 0.5 * span_mv:
        return (
            "no gate can be told: it would be half open at "
            f"{fit.v_half_mv:.0f} mV, far from the tested voltages"
        )
    return ""

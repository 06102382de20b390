"""What a gated fit says, with profile-likelihood intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from permeant.infer.models.basis import Line
from permeant.infer.models.gated import GatedFit, slope_size_mv
from permeant.infer.models.linear import open_slope_ns
from permeant.infer.models.profile import Wanted, profile_intervals
from permeant.infer.points import Array

Interval = tuple[float | None, float | None]

_FARTHEST_E_MV = 300.0
_FARTHEST_HALF = 3.0
_LOG_SLOPE_REACH = 5.0
_LOG_SLOPE_STRIDE = 0.7
_FARTHEST_SE = 40.0


@dataclass(frozen=True)
class GatedIntervals:
    """Intervals of a gated fit, in the units of its parameters."""

    beta: tuple[Interval, ...]
    v_half_mv: Interval
    k_mv: Interval
    e_rev_mv: float | None
    e_rev: Interval
    g_ns: float | None
    g: Interval


def gated_intervals(fit: GatedFit, quantile: float, v_mv: Array) -> GatedIntervals:
    """Find the 95 % intervals of all parameters, the reversal and the open slope there.

    Parameters
    ----------
    fit : GatedFit
        The fit, with a covariance.
    quantile : float
        Student's quantile.
    v_mv : array, shape (n,)
        The tested voltages.
    """
    assert fit.covariance is not None
    p, m = fit.theta.size, fit.beta.size
    middle_mv, span_mv = float(v_mv.mean()), float(np.ptp(v_mv))
    se = np.sqrt(np.maximum(np.diag(fit.covariance), 0.0))
    reach = [float(_FARTHEST_SE * x) for x in se[:m]]
    reach += [_FARTHEST_HALF * span_mv, _LOG_SLOPE_REACH]
    strides = np.array([np.inf] * m + [0.3 * span_mv, _LOG_SLOPE_STRIDE])
    wanted = [_parameter(fit, k, float(se[k]), (reach[k], float(strides[k]))) for k in range(p)]
    e_rev_mv = fit.basis.reversal_mv(fit.beta, middle_mv)
    moves = m > 1 and e_rev_mv is not None
    if moves:
        assert e_rev_mv is not None
        wanted.append(_reversal(fit, e_rev_mv))
    found = profile_intervals(fit.model, fit.theta, wanted, quantile**2, strides)
    log_low, log_high = found[m + 1]
    ends = [None if one is None else fit.sign * slope_size_mv(one) for one in (log_low, log_high)]
    g_ns, g = _open_slope(fit, e_rev_mv, quantile, found[0])
    if any(high is None for _, high in found[:m]):  # a part without limit leaves none to the whole
        g = (g[0], None)
    return GatedIntervals(
        beta=tuple(found[:m]),
        v_half_mv=found[m],
        k_mv=(ends[0], ends[1]) if fit.sign > 0 else (ends[1], ends[0]),
        e_rev_mv=e_rev_mv,
        e_rev=found[p] if moves else (None, None),
        g_ns=g_ns,
        g=g,
    )


def _parameter(fit: GatedFit, k: int, se: float, far: tuple[float, float]) -> Wanted:
    """Fix one parameter; ``far`` is how far to look for an end, and how far to go at once."""
    value, p, (reach, stride) = float(fit.theta[k]), fit.theta.size, far

    def row(values: Array) -> tuple[Array, Array]:
        rows = np.zeros((values.size, p))
        rows[:, k] = 1.0
        return rows, values

    return Wanted(value, se, value - reach, value + reach, row, stride)


def _reversal(fit: GatedFit, e_rev_mv: float) -> Wanted:
    """Fix the reversal: the open pore's current is zero there, linear in its coefficients."""
    assert fit.covariance is not None
    m = fit.beta.size
    slope_ns, _ = open_slope_ns(fit.basis, fit.beta, e_rev_mv)
    here = fit.basis.current_pa(np.array([e_rev_mv]))[0]
    se_pa = float(here @ fit.covariance[:m, :m] @ here) ** 0.5

    def row(values: Array) -> tuple[Array, Array]:
        rows = np.zeros((values.size, fit.theta.size))
        rows[:, :m] = fit.basis.current_pa(values)
        return rows, np.zeros(values.size)

    low, high = min(-_FARTHEST_E_MV, e_rev_mv - 50.0), max(_FARTHEST_E_MV, e_rev_mv + 50.0)
    return Wanted(e_rev_mv, se_pa / slope_ns, low, high, row)


def _open_slope(
    fit: GatedFit, e_rev_mv: float | None, quantile: float, first: Interval
) -> tuple[float | None, Interval]:
    """Return the slope of the open pore at the reversal: of a line its first coefficient."""
    basis = fit.basis
    if isinstance(basis, Line):
        scale = basis.size_pa / basis.reach_mv
        low, high = (None if end is None else scale * end for end in first)
        return float(scale * fit.beta[0]), (low, high)
    if e_rev_mv is None:
        return None, (None, None)
    assert fit.covariance is not None
    m = fit.beta.size
    slope_ns, gradient = open_slope_ns(basis, fit.beta, e_rev_mv)
    # on a logarithmic scale, on which the profile of a conductance is nearly straight
    spread = float(gradient @ fit.covariance[:m, :m] @ gradient) ** 0.5 / slope_ns
    factor = float(np.exp(min(quantile * spread, 50.0)))
    return slope_ns, (slope_ns / factor, slope_ns * factor)

"""Weighted polynomials, fitted with lmfit, and where they cross zero.

A polynomial is linear in its coefficients, so its covariance and its confidence band are
exact and the band's own zeros are the exact interval of the crossing: the set of voltages
at which a current of zero is not refuted (Fieller 1954, doi:10.1111/j.2517-6161.1954.tb00159.x,
for the straight line).
"""

from __future__ import annotations

from dataclasses import dataclass

import lmfit
import numpy as np
from numpy.typing import NDArray
from scipy import special

Array = NDArray[np.float64]


def student_quantile(dof: float) -> float:
    """Return the two-sided 95 % quantile of Student's t; 1.96 where ``dof`` is infinite."""
    return float(special.stdtrit(dof, 0.975)) if np.isfinite(dof) else float(special.ndtri(0.975))


def chi_square_p(chi_square: float, dof: int) -> float | None:
    """Return the chance of a chi-square at least as large, or None without freedom."""
    return float(special.chdtrc(dof, chi_square)) if dof > 0 else None


@dataclass(frozen=True)
class Polynomial:
    """A fitted polynomial in ``v - centre_mv``, lowest power first, with its covariance."""

    coefficients: Array
    covariance: Array
    centre_mv: float
    chi_square: float
    n_points: int
    dof: float
    """Degrees of freedom behind the errors, for Student's t; infinite for stated errors."""

    @property
    def degree(self) -> int:
        """Highest power."""
        return self.coefficients.size - 1

    def current_pa(self, v_mv: Array | float) -> Array:
        """Return the fitted current at a voltage."""
        return self._powers(v_mv) @ self.coefficients

    def slope_ns(self, v_mv: float) -> tuple[float, float]:
        """Return the slope dI/dV at a voltage in nS, and its standard error."""
        x = v_mv - self.centre_mv
        powers = np.arange(self.degree + 1)
        gradient = np.where(powers > 0, powers * x ** np.maximum(powers - 1, 0), 0.0)
        variance = gradient @ self.covariance @ gradient
        return float(gradient @ self.coefficients), float(np.sqrt(max(variance, 0.0)))

    def half_width_pa(self, v_mv: Array | float) -> Array:
        """Return half the width of the 95 % band at a voltage."""
        powers = self._powers(v_mv)
        variance = np.einsum("...i,ij,...j->...", powers, self.covariance, powers)
        return student_quantile(self.dof) * np.sqrt(np.maximum(variance, 0.0))

    def _powers(self, v_mv: Array | float) -> Array:
        x = np.asarray(v_mv, dtype=np.float64) - self.centre_mv
        return x[..., None] ** np.arange(self.degree + 1)


def _residual(parameters: lmfit.Parameters, powers: Array, i_pa: Array, sigma_pa: Array) -> Array:
    coefficients = np.array([parameter.value for parameter in parameters.values()])
    # lmfit squares what it is given: the residual is divided by sigma, not weighted by it twice
    residual: Array = (powers @ coefficients - i_pa) / sigma_pa
    return residual


def fit_polynomial(
    v_mv: Array, i_pa: Array, sigma_pa: Array, degree: int, dof: float = np.inf
) -> Polynomial:
    """Fit a polynomial with stated errors.

    Parameters
    ----------
    v_mv, i_pa, sigma_pa : array, shape (n,)
        Voltages in mV, currents in pA and their standard errors in pA.
    degree : int
        Highest power; at most n - 1.
    dof : float
        Degrees of freedom behind ``sigma_pa``; infinite when the errors are known.

    Returns
    -------
    Polynomial
        Coefficients with the covariance that ``sigma_pa`` implies (not rescaled by the
        scatter: ``scale_covar=False``).

    Notes
    -----
    The line is fitted as ``a x + b``: ``g (x - e)`` does not converge on flat data.
    """
    centre_mv = float(np.average(v_mv, weights=1.0 / sigma_pa**2))
    powers = (v_mv - centre_mv)[:, None] ** np.arange(degree + 1)
    start = np.polynomial.polynomial.polyfit(v_mv - centre_mv, i_pa, degree, w=1.0 / sigma_pa)
    parameters = lmfit.Parameters()
    for power, value in enumerate(start):
        parameters.add(f"c{power}", value=float(value))
    result = lmfit.minimize(
        _residual, parameters, args=(powers, i_pa, sigma_pa), scale_covar=False, method="leastsq"
    )
    coefficients = np.array([parameter.value for parameter in result.params.values()])
    covariance = getattr(result, "covar", None)
    if covariance is None or not np.all(np.isfinite(covariance)):
        # without a residual degree of freedom lmfit gives no covariance; the linear one is exact
        weighted = powers / sigma_pa[:, None]
        covariance = np.linalg.pinv(weighted.T @ weighted)
    return Polynomial(
        coefficients, covariance, centre_mv, float(result.chisqr), v_mv.size, dof
    )


def extra_scatter_pa(v_mv: Array, i_pa: Array, sigma_pa: Array, degree: int) -> float:
    """Return the scatter beyond the stated errors that makes chi-square equal its freedom.

    Parameters
    ----------
    v_mv, i_pa, sigma_pa : array, shape (n,)
        Points and their stated standard errors.
    degree : int
        Degree of the polynomial that the points are held against.

    Returns
    -------
    float
        Standard deviation in pA, 0 where the stated errors suffice (the estimator of
        Paule & Mandel 1982, doi:10.6028/jres.087.022).
    """
    dof = v_mv.size - degree - 1
    if dof < 1:
        return 0.0
    powers = (v_mv - v_mv.mean())[:, None] ** np.arange(degree + 1)
    powers = powers / np.abs(powers).max(axis=0)

    def excess(extra_pa: float) -> float:
        weight = 1.0 / np.sqrt(sigma_pa**2 + extra_pa**2)
        solution = np.linalg.lstsq(powers * weight[:, None], i_pa * weight, rcond=None)[0]
        residual = (powers @ solution - i_pa) * weight
        return float(residual @ residual) - dof

    if excess(0.0) <= 0.0:
        return 0.0
    low, high = 0.0, float(np.ptp(i_pa)) + float(sigma_pa.max())
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if excess(middle) > 0.0 else (low, middle)
        if high - low < 1e-6 * high:
            break
    return 0.5 * (low + high)


def rising_roots_mv(curve: Polynomial, low_mv: float, high_mv: float) -> list[float]:
    """Return the voltages in a range at which the curve crosses zero upwards."""
    roots = np.polynomial.polynomial.polyroots(curve.coefficients)
    real = roots[np.abs(roots.imag) < 1e-9].real + curve.centre_mv
    inside = np.sort(real[(real >= low_mv) & (real <= high_mv)])
    return [float(root) for root in inside if curve.slope_ns(float(root))[0] > 0]


def crossing_interval_mv(
    curve: Polynomial, e_rev_mv: float, reach_mv: float
) -> tuple[float | None, float | None]:
    """Return the voltages around a crossing at which zero current is not refuted.

    Parameters
    ----------
    curve : Polynomial
        The fitted curve.
    e_rev_mv : float
        Where it crosses zero.
    reach_mv : float
        How far from the crossing to look on either side.

    Returns
    -------
    tuple of float or None
        Low and high end in mV; None where the band still holds zero at the end of reach.
    """

    def refuted(v_mv: Array) -> NDArray[np.bool_]:
        return np.abs(curve.current_pa(v_mv)) > curve.half_width_pa(v_mv)

    ends: list[float | None] = []
    for side in (-1.0, 1.0):
        # closely spaced near the crossing, widely far from it
        distance_mv = reach_mv * np.linspace(0.0, 1.0, 801) ** 3
        outside = np.flatnonzero(refuted(e_rev_mv + side * distance_mv))
        if not outside.size:
            ends.append(None)
            continue
        low, high = distance_mv[max(outside[0] - 1, 0)], distance_mv[outside[0]]
        for _ in range(40):
            middle = 0.5 * (low + high)
            if refuted(np.array([e_rev_mv + side * middle]))[0]:
                high = middle
            else:
                low = middle
        ends.append(float(e_rev_mv + side * high))
    return ends[0], ends[1]

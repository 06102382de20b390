"""Weighted polynomials, and where they cross zero.

A polynomial is linear in its coefficients, so these are solved for, not searched; lmfit comes to
the same numbers, which a test holds.  The covariance and the confidence band are exact and the
band's own zeros are the exact interval of the crossing: the set of voltages at which a current
of zero is not refuted (Fieller 1954, doi:10.1111/j.2517-6161.1954.tb00159.x, for the straight
line).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import comb

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
        variance = float(gradient @ self.covariance @ gradient)
        return float(gradient @ self.coefficients), max(variance, 0.0) ** 0.5

    def half_width_pa(self, v_mv: Array | float) -> Array:
        """Return half the width of the 95 % band at a voltage."""
        powers = self._powers(v_mv)
        variance = np.einsum("...i,ij,...j->...", powers, self.covariance, powers)
        half_pa: Array = student_quantile(self.dof) * np.sqrt(np.maximum(variance, 0.0))
        return half_pa

    def shifted_powers(self, v_mv: float) -> Array:
        """Return the matrix that turns the coefficients into those about another voltage."""
        x = v_mv - self.centre_mv
        size = self.degree + 1
        return np.array(
            [[comb(k, j) * x ** max(k - j, 0) for k in range(size)] for j in range(size)]
        )

    def with_errors(self, v_mv: Array, weighed_pa: Array, errors_pa: Array) -> Polynomial:
        """Return the same curve with the covariance of points whose errors are ``errors_pa``.

        For a fit that was weighted with other errors, ``weighed_pa``: the coefficients are
        linear in the currents, and their errors follow from that.
        """
        gain = self.covariance @ (self._powers(v_mv) / weighed_pa[:, None] ** 2).T
        whole = np.diag(errors_pa**2) if errors_pa.ndim == 1 else errors_pa
        return replace(self, covariance=gain @ whole @ gain.T)

    def _powers(self, v_mv: Array | float) -> Array:
        x = np.asarray(v_mv, dtype=np.float64) - self.centre_mv
        return x[..., None] ** np.arange(self.degree + 1)


def whiten(errors_pa: Array, columns: Array) -> Array:
    """Return columns over points divided by their errors, so that these become alike.

    Parameters
    ----------
    errors_pa : array, shape (n,) or (n, n)
        Standard errors in pA, or where points err together their covariance in pA².
    columns : array, shape (n, k)
        Anything that is linear in the currents of the points.
    """
    if errors_pa.ndim == 1:
        divided: Array = columns / errors_pa[:, None]
        return divided
    return np.asarray(np.linalg.solve(np.linalg.cholesky(errors_pa), columns))


@dataclass(frozen=True)
class Nested:
    """The polynomials of all degrees through the same points, by one decomposition.

    Whitened powers are ``Q R`` with R upper triangular, and the inverse of R's leading block is
    the leading block of its inverse: each degree is a corner of the richest.
    """

    centre_mv: float
    scales: Array
    upper: Array
    along: Array
    """What the currents have of each of Q's columns."""
    left: Array
    """The chi-squares that the degrees leave, shape (most + 1,)."""
    n_points: int
    dof: float

    @cached_property
    def inverse(self) -> Array:
        """The inverse of R."""
        return np.asarray(np.linalg.inv(self.upper))

    def solve(self, degree: int) -> Polynomial:
        """Return the polynomial of a degree."""
        size = degree + 1
        corner = self.inverse[:size, :size]
        scales = self.scales[:size]
        return Polynomial(
            corner @ self.along[:size] / scales,
            corner @ corner.T / np.outer(scales, scales),
            self.centre_mv,
            float(self.left[degree]),
            self.n_points,
            self.dof,
        )


def solve_degrees(
    v_mv: Array, i_pa: Array, errors_pa: Array, most: int, dof: float = np.inf
) -> Nested:
    """Solve the linear equations of the polynomials of degrees 0 to ``most`` at once.

    Parameters
    ----------
    v_mv, i_pa : array, shape (n,)
        Points in mV and pA.
    errors_pa : array, shape (n,) or (n, n)
        Their standard errors in pA, or covariance in pA².
    most : int
        Highest degree, below the number of different voltages.
    dof : float
        Degrees of freedom behind the errors; infinite when they are known.
    """
    weights = 1.0 / (errors_pa**2 if errors_pa.ndim == 1 else np.diag(errors_pa))
    centre_mv = float(v_mv @ weights / weights.sum())
    return _solve_about(centre_mv, v_mv, i_pa, errors_pa, most, dof)


def _solve_about(  # noqa: PLR0917 - as solve_degrees
    centre_mv: float, v_mv: Array, i_pa: Array, errors_pa: Array, most: int, dof: float = np.inf
) -> Nested:
    scales = _scales(v_mv, centre_mv, most)
    powers, currents = _whitened(v_mv, i_pa, errors_pa, centre_mv, scales)
    directions, upper = np.linalg.qr(powers)
    along = directions.T @ currents
    residuals = currents[:, None] - np.cumsum(directions * along, axis=1)
    left = np.einsum("ij,ij->j", residuals, residuals)
    return Nested(centre_mv, scales, upper, along, left, v_mv.size, dof)


def solve_polynomial(
    v_mv: Array, i_pa: Array, errors_pa: Array, degree: int, dof: float = np.inf
) -> Polynomial:
    """Return the polynomial with stated errors that leaves the least chi-square.

    Parameters
    ----------
    v_mv, i_pa : array, shape (n,)
        Voltages in mV and currents in pA.
    errors_pa : array, shape (n,) or (n, n)
        Standard errors of the currents in pA, or their covariance in pA².
    degree : int
        Highest power; below the number of different voltages.
    dof : float
        Degrees of freedom behind the errors; infinite when they are known.

    Returns
    -------
    Polynomial
        Coefficients with the covariance that the errors imply (not rescaled by the scatter:
        lmfit's ``scale_covar=False``).

    Notes
    -----
    The line is ``a x + b``: a search for ``g (x - e)`` does not converge on flat data.
    """
    return solve_degrees(v_mv, i_pa, errors_pa, degree, dof).solve(degree)


def _whitened(
    v_mv: Array, i_pa: Array, errors_pa: Array, centre_mv: float, scales: Array
) -> tuple[Array, Array]:
    powers = (v_mv - centre_mv)[:, None] ** np.arange(scales.size) / scales
    both = whiten(errors_pa, np.column_stack([powers, i_pa]))
    return both[:, :-1], both[:, -1]


def _scales(v_mv: Array, centre_mv: float, degree: int) -> Array:
    """Return by what to divide the powers of a voltage so that all are of order 1."""
    reach_mv = max(float(np.abs(v_mv - centre_mv).max()), 1e-9)
    return np.asarray(reach_mv ** np.arange(degree + 1), dtype=np.float64)


def chi_squares_left(v_mv: Array, i_pa: Array, errors_pa: Array, most: int) -> Array:
    """Return the chi-squares that the best polynomials of degrees 0 to ``most`` leave.

    Parameters
    ----------
    v_mv, i_pa : array, shape (n,)
        Points in mV and pA.
    errors_pa : array, shape (n,) or (n, n)
        Their standard errors in pA, or covariance in pA².
    most : int
        Highest degree, below the number of different voltages.
    """
    # about the middle of the voltages, where high powers are told apart best
    return _solve_about(float(v_mv.mean()), v_mv, i_pa, errors_pa, most).left


def chi_square_left(v_mv: Array, i_pa: Array, errors_pa: Array, degree: int) -> float:
    """Return the chi-square that the best polynomial of a degree leaves."""
    return float(chi_squares_left(v_mv, i_pa, errors_pa, degree)[-1])


def refutes_degree(
    v_mv: Array,
    i_pa: Array,
    errors_pa: Array,
    dof: float,
    *,
    simple: int,
    rich: int,
    chance: float,
) -> bool:
    """Whether points refute a simple polynomial in favour of a richer one.

    Parameters
    ----------
    v_mv, i_pa : array, shape (n,)
        Points in mV and pA.
    errors_pa : array, shape (n,) or (n, n)
        Their standard errors in pA, or covariance in pA².
    dof : float
        Degrees of freedom behind the errors; infinite when they are known.
    simple, rich : int
        Degrees of the two polynomials.
    chance : float
        How often the simple one may be refuted although it holds.

    Returns
    -------
    bool
        By the variance ratio of what each further coefficient gains; False where there is
        no further one.
    """
    freedom = rich - simple
    if freedom < 1:
        return False
    left = chi_squares_left(v_mv, i_pa, errors_pa, rich)
    gained = float(left[simple] - left[rich])
    known = not np.isfinite(dof)
    limit = (
        special.chdtri(freedom, chance) / freedom
        if known
        else special.fdtri(freedom, dof, 1.0 - chance)
    )
    return bool(gained / freedom > limit)


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
    middle_mv, extra = float(v_mv.mean()), 0.0
    scales = _scales(v_mv, middle_mv, degree)
    for _ in range(50):
        variance = sigma_pa**2 + extra
        powers, currents = _whitened(v_mv, i_pa, np.sqrt(variance), middle_mv, scales)
        squares = (powers @ np.linalg.lstsq(powers, currents, rcond=None)[0] - currents) ** 2
        chi_square = float(squares.sum())
        if chi_square <= dof * (1.0 + 1e-9):
            break
        # Newton on dof / chi-square, which is straight in the variance when all errors are
        # alike and bends downwards otherwise, so that no step goes too far
        steepness = float((squares / variance).sum()) / chi_square
        extra += (chi_square / dof - 1.0) / steepness
    return float(np.sqrt(extra))


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
    # about the crossing the curve is sum b_k x^k and its variance sum C_jk x^(j+k); zero is
    # refuted where the square of the curve exceeds t^2 times the variance
    shift = curve.shifted_powers(e_rev_mv)
    near = shift @ curve.coefficients
    near[0] = 0.0
    spread = shift @ curve.covariance @ shift.T
    excess = np.convolve(near, near)
    for power in range(excess.size):
        anti_diagonal = np.fliplr(spread).diagonal(curve.degree - power)
        excess[power] -= student_quantile(curve.dof) ** 2 * float(anti_diagonal.sum())
    excess *= reach_mv ** np.arange(excess.size)
    roots = np.polynomial.polynomial.polyroots(np.trim_zeros(excess, "b"))
    ends = roots[np.abs(roots.imag) <= 1e-7 * np.abs(roots)].real
    below, above = ends[(ends < 0) & (ends >= -1)], ends[(ends > 0) & (ends <= 1)]
    return (
        float(e_rev_mv + reach_mv * below.max()) if below.size else None,
        float(e_rev_mv + reach_mv * above.min()) if above.size else None,
    )

"""Least squares with coefficients that cannot be negative, as permeabilities are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import ArgumentError, Array, finite


def nonnegative_least_squares(matrix: ArrayLike, target: ArrayLike) -> Array:
    """Return the x >= 0 that makes matrix x come closest to the target.

    Parameters
    ----------
    matrix : array_like
        Shape (m, n).
    target : array_like
        Shape (m,).

    Returns
    -------
    ndarray
        x, shape (n,); exactly 0 where the bound holds.

    Raises
    ------
    ArgumentError
        If the shapes do not fit or a value is not finite.

    Notes
    -----
    The active-set method of Lawson & Hanson (1974), Solving Least Squares Problems, ch. 23,
    with columns scaled to unit length.
    """
    a, b = finite("matrix", matrix), finite("target", target)
    if a.ndim != 2 or b.shape != a.shape[:1]:
        raise ArgumentError(f"matrix {a.shape} and target {b.shape} do not fit")
    length = np.linalg.norm(a, axis=0)
    scale = np.where(length > 0, length, 1.0)
    height = float(np.linalg.norm(b)) or 1.0
    a, b = a / scale, b / height
    x = np.zeros(a.shape[1])
    free = np.zeros(a.shape[1], dtype=bool)
    for _ in range(3 * a.shape[1] + 3):
        gain = np.where(free, -np.inf, a.T @ (b - a @ x))
        if free.all() or gain.max() <= 1e-13:
            break
        free[int(np.argmax(gain))] = True
        x = _solve_free(a, b, x, free)
    return x * height / scale


def covariance_inside_bounds(weighted: ArrayLike, solution: ArrayLike, determined: bool) -> Array:
    """Return the covariance of the coefficients that are not at the bound 0.

    Parameters
    ----------
    weighted : array_like
        Sensitivities over standard deviations, shape (m, n).
    solution : array_like
        The coefficients, shape (n,).
    determined : bool
        Whether the matrix determines them at all.

    Returns
    -------
    ndarray
        Shape (n, n); NaN for coefficients at 0, and throughout if not determined.

    Raises
    ------
    ArgumentError
        If a value is not finite.
    """
    matrix, x = finite("weighted", weighted), finite("solution", solution)
    covariance = np.full((x.size, x.size), np.nan)
    inner = np.flatnonzero(x > 0)
    if inner.size and determined:
        columns = matrix[:, inner]
        scale = np.linalg.norm(columns, axis=0)
        normal = np.linalg.inv((columns / scale).T @ (columns / scale))
        covariance[np.ix_(inner, inner)] = normal / np.outer(scale, scale)
    return covariance


def _solve_free(a: Array, b: Array, x: Array, free: np.ndarray) -> Array:
    """Step towards the free solution, pinning what would turn negative on the way."""
    while free.any():
        wanted = np.zeros_like(x)
        wanted[free] = np.linalg.lstsq(a[:, free], b, rcond=None)[0]
        blocking = free & (wanted <= 0)
        if not blocking.any():
            return wanted
        step = (x[blocking] / (x[blocking] - wanted[blocking] + 1e-300)).min()
        x = x + step * (wanted - x)
        free &= ~(blocking & (x <= 1e-15 * max(1.0, float(np.abs(x).max()))))
        x = np.where(free, x, 0.0)
    return x

"""The one place where the exponentials of constant-field theory are evaluated.

Everything follows from s(a) = a/(exp(a) - 1) with a = |x| >= 0, which is smooth, lies in
0…1 and loses no digit anywhere: phi(x) = x/(1 - exp(-x)) is s + max(x, 0), and phi(-x) is
s + max(-x, 0).  No branch at V = 0 and no overflow at large V is left.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import Array, FloatOrArray, float_or_array

_TINY = 1e-300  # expm1(1e-300) is 1e-300 exactly, so that s(0) comes out as 1
_SERIES_BELOW = 0.2
_BLOCK = 8192  # long traces go through in pieces that stay in the processor's cache


def decline(x: Array) -> Array:
    """Return s = |x|/(exp(|x|) - 1), which falls from 1 at 0 towards 0.

    Parameters
    ----------
    x : ndarray
        Reduced voltage zFV/RT.

    Returns
    -------
    ndarray
        s, shape of ``x``.
    """
    size = np.abs(x)
    np.maximum(size, _TINY, out=size)
    with np.errstate(over="ignore"):
        below = np.expm1(size)
    return np.divide(size, below, out=size)


def decline_slope(x: Array) -> Array:
    """Return ds/d|x|, which rises from -1/2 at 0 towards 0.

    Parameters
    ----------
    x : ndarray
        Reduced voltage zFV/RT.

    Returns
    -------
    ndarray
        The derivative, shape of ``x``.

    Notes
    -----
    s' = (1 - a - s)/(exp(a) - 1); below a = 0.2 its Taylor series (Bernoulli numbers), whose
    first omitted term is 1e-16 there.
    """
    a = np.abs(x)
    large = np.maximum(a, _SERIES_BELOW)
    with np.errstate(over="ignore"):
        closed = (1.0 - large - decline(large)) / np.expm1(large)
    small = np.minimum(a, _SERIES_BELOW)
    square = small * small
    odd = 1 / 6 + square * (
        -1 / 180 + square * (1 / 5040 + square * (-1 / 151200 + square / 4790016))
    )
    return np.where(a < _SERIES_BELOW, small * odd - 0.5, closed)


def phi(x: ArrayLike) -> FloatOrArray:
    """Return x/(1 - exp(-x)), the weight of the efflux in the constant-field current.

    Parameters
    ----------
    x : array_like
        Reduced voltage zFV/RT.

    Returns
    -------
    float or ndarray
        phi, 1 at 0; phi(x) - phi(-x) = x.
    """
    array = np.asarray(x, dtype=np.float64)
    return float_or_array(decline(array) + np.maximum(array, 0.0))


def phi_slope(x: ArrayLike) -> FloatOrArray:
    """Return the derivative of phi, which rises from 0 through 1/2 at 0 to 1.

    Parameters
    ----------
    x : array_like
        Reduced voltage zFV/RT.

    Returns
    -------
    float or ndarray
        dphi/dx, shape of ``x``.
    """
    array = np.asarray(x, dtype=np.float64)
    slope = decline_slope(array)
    return float_or_array(np.where(array > 0, 1.0 + slope, -slope))


def net_term(x: Array, inside_mm: Array, outside_mm: Array) -> Array:
    """Return c_in phi(x) - c_out phi(-x), the signed heart of the current.

    Parameters
    ----------
    x : ndarray
        Reduced voltage zFV/RT.
    inside_mm, outside_mm : ndarray
        Concentrations (mM), broadcast against ``x``.

    Returns
    -------
    ndarray
        Broadcast shape.
    """
    if x.size <= _BLOCK or inside_mm.ndim or outside_mm.ndim:
        return _net_term(x, inside_mm, outside_mm)
    flat = x.ravel()
    net = np.empty_like(flat)
    for start in range(0, flat.size, _BLOCK):
        part = slice(start, start + _BLOCK)
        net[part] = _net_term(flat[part], inside_mm, outside_mm)
    return net.reshape(x.shape)


def _net_term(x: Array, inside_mm: Array, outside_mm: Array) -> Array:
    return (
        (inside_mm - outside_mm) * decline(x)
        + inside_mm * np.maximum(x, 0.0)
        + outside_mm * np.minimum(x, 0.0)
    )


def net_term_slope(x: Array, inside_mm: Array, outside_mm: Array) -> Array:
    """Return the derivative of :func:`net_term` with respect to x, never negative.

    Parameters
    ----------
    x : ndarray
        Reduced voltage zFV/RT.
    inside_mm, outside_mm : ndarray
        Concentrations (mM), broadcast against ``x``.

    Returns
    -------
    ndarray
        c_in phi'(x) + c_out phi'(-x), broadcast shape.
    """
    minus = -decline_slope(x)
    with_field = np.where(x > 0, inside_mm, outside_mm)
    against = np.where(x > 0, outside_mm, inside_mm)
    return with_field * (1.0 - minus) + against * minus

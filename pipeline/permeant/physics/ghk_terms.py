"""The one place where the exponentials of constant-field theory are evaluated.

Everything follows from s(a) = a/(exp(a) - 1) with a = |x| >= 0, which is smooth, lies in
0…1 and loses no digit anywhere: phi(x) = x/(1 - exp(-x)) is s + max(x, 0), and phi(-x) is
s + max(-x, 0).  No branch at V = 0 and no overflow at large V is left.
"""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import Array, FloatOrArray, finite, float_or_array

_TINY = 1e-300  # expm1(1e-300) is 1e-300 exactly, so that s(0) comes out as 1
_SERIES_BELOW = 0.2
_BLOCK = 16384
_ONE_SIGN_ABOVE_MV = 1e-6  # smaller |V| take the general way


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
    size = np.maximum(np.abs(x), _TINY)
    with np.errstate(over="ignore"):
        return np.asarray(size / np.expm1(size))


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
    return np.asarray(
        (inside_mm - outside_mm) * decline(x)
        + inside_mm * np.maximum(x, 0.0)
        + outside_mm * np.minimum(x, 0.0)
    )


def net_term_of_trace(v_mv: Array, per_mv: float, inside_mm: float, outside_mm: float) -> Array:
    """Return :func:`net_term` of a long trace of voltages, fast.

    The trace goes through in pieces that stay in the processor's cache.  Where a piece keeps
    one sign, the term is |x| [(c_near - c_far)/(exp|x| - 1) + c_near] up to that sign, with
    one exponential and five passes.

    Parameters
    ----------
    v_mv : ndarray
        Membrane potentials (mV), any shape.
    per_mv : float
        zF/RT (1/mV).
    inside_mm, outside_mm : float
        Concentrations (mM), times any common factor.

    Returns
    -------
    ndarray
        Shape of ``v_mv``.

    Raises
    ------
    ArgumentError
        If a voltage is not finite; looked for piece by piece, to save a pass.
    """
    flat = np.ascontiguousarray(v_mv).ravel()
    net = np.empty_like(flat)
    size, growth = np.empty(_BLOCK), np.empty(_BLOCK)
    with np.errstate(over="ignore"):
        for start in range(0, flat.size, _BLOCK):
            v, out = flat[start : start + _BLOCK], net[start : start + _BLOCK]
            low, high = float(v.min()), float(v.max())
            if low > _ONE_SIGN_ABOVE_MV and high < inf:
                outward = per_mv > 0
            elif high < -_ONE_SIGN_ABOVE_MV and low > -inf:
                outward = per_mv < 0
            else:
                x = finite("v_mv", v_mv if not low <= high < inf else v) * per_mv
                out[:] = net_term(x, np.asarray(inside_mm), np.asarray(outside_mm))
                continue
            a, e = size[: v.size], growth[: v.size]
            np.multiply(v, per_mv if outward else -per_mv, out=a)
            np.expm1(a, out=e)
            np.divide(inside_mm - outside_mm, e, out=e)
            np.add(e, inside_mm if outward else -outside_mm, out=e)
            np.multiply(a, e, out=out)
    return net.reshape(v_mv.shape)


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


def is_trace(v_mv: Array, *others: Array) -> bool:
    """Say whether one long trace meets one ion, the case worth a way of its own.

    Parameters
    ----------
    v_mv : ndarray
        Membrane potentials.
    *others : ndarray
        Everything else that goes into the current.

    Returns
    -------
    bool
        True for a long trace and scalars.
    """
    return v_mv.size > _BLOCK and all(other.ndim == 0 for other in others)

"""The one place where the exponentials of constant-field theory are evaluated.

Everything follows from s(a) = a/(exp(a) - 1) with a = |x| >= 0, which is smooth, lies in
0…1 and loses no digit anywhere: phi(x) = x/(1 - exp(-x)) is s + max(x, 0), and phi(-x) is
s + max(-x, 0).  No branch at V = 0 and no overflow at large V is left.  Long traces take
:func:`current_along_trace`, the same numbers in fewer passes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import Array, FloatOrArray, finite, float_or_array

_TINY = 1e-300  # expm1(1e-300) is 1e-300 exactly, so that s(0) comes out as 1
_SERIES_BELOW = 0.2
_BLOCK = 16384
_FEW = 64
_NOTHING_MV = 1e-280  # stands in for 0, where the current is that of this voltage to the last bit


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


def current_along_trace(
    v_mv: Array,
    per_mv: Array,
    scale: Array,
    inside_mm: Array,
    outside_mm: Array,
    *,
    into: Array | None = None,
) -> Array:
    """Return the sum over ions of scale times :func:`net_term`, fast along a long trace.

    Parameters
    ----------
    v_mv : ndarray
        Membrane potentials (mV), any shape.
    per_mv : ndarray
        zF/RT of each ion (1/mV), shape (n,).
    scale : ndarray
        Factor of each ion's term, shape (n,).
    inside_mm, outside_mm : ndarray
        Concentrations (mM), shape (n,).
    into : ndarray, optional
        Where to put the result: contiguous, of the shape of ``v_mv``.

    Returns
    -------
    ndarray
        Shape of ``v_mv``.

    Raises
    ------
    ArgumentError
        If a voltage is not finite.

    Notes
    -----
    With y = x or y = -x, whichever leaves the smaller of the two concentrations as c_small,
    an ion's term is x [(c_small - c_large)/expm1(y) + c_small]: no branch on the sign of V,
    and nothing cancels but influx against efflux.  Ions of one y share the exponential.  The
    trace goes through in blocks that stay in the processor's cache; only a block in which
    something is 0 or not finite is looked at closely.
    """
    outward = inside_mm > outside_mm
    smaller = np.where(outward, outside_mm, inside_mm)
    weight = scale * per_mv
    constant = float(weight @ smaller)
    exponents: dict[float, float] = {}
    steepness = np.where(outward, -per_mv, per_mv).tolist()
    for y, pull in zip(steepness, (-weight * np.abs(inside_mm - outside_mm)).tolist(), strict=True):
        exponents[y] = exponents.get(y, 0.0) + pull
    terms = tuple((y, pull) for y, pull in exponents.items() if pull)
    flat = np.ascontiguousarray(v_mv).ravel()
    room = np.empty((2, _BLOCK))
    current = np.empty_like(flat) if into is None else into.reshape(-1)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        for start in range(0, flat.size, _BLOCK):
            v, out = flat[start : start + _BLOCK], current[start : start + _BLOCK]
            _fill(out, v, terms, constant, room)
            if not np.isfinite(out.sum()):
                finite("v_mv", v_mv)
                _fill(out, np.where(np.abs(v) < _NOTHING_MV, _NOTHING_MV, v), terms, constant, room)
    return current.reshape(v_mv.shape)


def _fill(
    out: Array, v_mv: Array, terms: tuple[tuple[float, float], ...], constant: float, room: Array
) -> None:
    """Put V [sum pull/expm1(y V) + constant] into ``out``."""
    exponent, growth = room[:, : v_mv.size]  # apart: numpy's expm1 is slow in place
    sum_so_far: Array | float = constant
    for y, pull in terms:
        np.multiply(v_mv, y, out=exponent)
        np.expm1(exponent, out=growth)
        np.divide(pull, growth, out=growth)
        sum_so_far = np.add(growth, sum_so_far, out=out)
    np.multiply(v_mv, sum_so_far, out=out)


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


def is_long(v_mv: Array, *others: Array) -> bool:
    """Say whether a long trace of voltages meets a few ions, the case worth a way of its own.

    Parameters
    ----------
    v_mv : ndarray
        Membrane potentials.
    *others : ndarray
        Everything else that goes into the current.

    Returns
    -------
    bool
        True for a long trace and small others.
    """
    return v_mv.size > _BLOCK and all(other.size <= _FEW for other in others)

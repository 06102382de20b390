"""What may come into a formula, and in which shape its answer goes out."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from permeant.errors import PermeantError

Array: TypeAlias = NDArray[np.float64]

#: A Python float where every argument was a scalar, otherwise a float array. It is ``Any``
#: to the type checker, as in numpy's own stubs: which of the two it is depends on shapes.
FloatOrArray: TypeAlias = Any


_FEW = 1000


class ArgumentError(PermeantError, ValueError):
    """An argument outside the range in which an equation means something."""


class ReversalError(PermeantError, ValueError):
    """A reversal potential, or what is derived from one, that does not exist."""


def float_or_array(value: ArrayLike) -> FloatOrArray:
    """Return a zero-dimensional result as a Python float and any other as it is.

    Parameters
    ----------
    value : array_like
        The result of a formula.

    Returns
    -------
    float or ndarray
        A float for a zero-dimensional value, else a float64 array.
    """
    array = np.asarray(value, dtype=np.float64)
    return float(array) if array.ndim == 0 else array


def finite(name: str, value: ArrayLike) -> Array:
    """Return ``value`` as a float array, refusing NaN and infinity.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : array_like
        What was given.

    Returns
    -------
    ndarray
        The value as float64, of the same shape.

    Raises
    ------
    ArgumentError
        If any element is not finite.
    """
    array = np.asarray(value, dtype=np.float64)
    if array.size < _FEW:
        sound = bool(np.isfinite(array).all())
    else:
        with np.errstate(over="ignore", invalid="ignore"):
            # one pass over long arrays; only trouble is looked at closely
            sound = bool(np.isfinite(array.sum()))
    if not sound:
        _refuse(name, array, ~np.isfinite(array), "must be a finite number")
    return array


def not_negative(name: str, value: ArrayLike) -> Array:
    """Return ``value`` as a float array, refusing negative or non-finite numbers.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : array_like
        What was given; zero is allowed.

    Returns
    -------
    ndarray
        The value as float64, of the same shape.

    Raises
    ------
    ArgumentError
        If any element is negative or not finite.
    """
    array = finite(name, value)
    _refuse(name, array, array < 0, "must be 0 or larger")
    return array


def positive(name: str, value: ArrayLike, why: str = "") -> Array:
    """Return ``value`` as a float array, refusing zero, negative or non-finite numbers.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : array_like
        What was given.
    why : str, optional
        What goes wrong at zero, added to the message.

    Returns
    -------
    ndarray
        The value as float64, of the same shape.

    Raises
    ------
    ArgumentError
        If any element is zero, negative or not finite.
    """
    array = finite(name, value)
    _refuse(name, array, array <= 0, f"must be larger than 0{': ' + why if why else ''}")
    return array


def charged(name: str, valence: ArrayLike) -> Array:
    """Return ionic valences as a float array, refusing 0, fractions and more than 4.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    valence : array_like
        Signed charge numbers.

    Returns
    -------
    ndarray
        The valences as float64, of the same shape.

    Raises
    ------
    ArgumentError
        If any is 0, not a whole number, or beyond -4…4.
    """
    array = finite(name, valence)
    wrong = (array == 0) | (array != np.round(array)) | (np.abs(array) > 4)
    _refuse(name, array, wrong, "must be a whole number in -4…-1 or 1…4")
    return array


def amounts(where: str, ions_mm: Mapping[str, float]) -> dict[str, float]:
    """Return a composition as floats, refusing negative or non-finite concentrations.

    Parameters
    ----------
    where : str
        What the composition is of, for the message.
    ions_mm : mapping of str to float
        Concentration of each ion (mM).

    Returns
    -------
    dict
        The same, as plain floats.

    Raises
    ------
    ArgumentError
        If a concentration is negative or not finite.
    """
    return {
        name: mm
        if type(mm) is float and 0.0 <= mm < inf
        else float(not_negative(f"{where}[{name!r}]", mm))
        for name, mm in ions_mm.items()
    }


def _refuse(name: str, array: Array, wrong: NDArray[np.bool_], allowed: str) -> None:
    if not wrong.any():
        return
    if array.ndim == 0:
        raise ArgumentError(f"{name} = {float(array):g} {allowed}")
    where = tuple(int(index[0]) for index in np.nonzero(wrong))
    seen = f"{name}[{', '.join(map(str, where))}] = {array[where]:g}"
    raise ArgumentError(f"{seen} {allowed} ({int(wrong.sum())} of {array.size} elements are not)")

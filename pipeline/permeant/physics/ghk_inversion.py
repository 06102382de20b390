"""From a reversal potential back to a permeability ratio, for one unknown ion.

At a measured reversal the currents cancel, sum_j P_j f_j(E) = 0, and that is linear in the
permeabilities, whatever the valences: no equation has to be solved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import (
    ArgumentError,
    Array,
    FloatOrArray,
    ReversalError,
    charged,
    finite,
    float_or_array,
    positive,
)
from permeant.physics.constants import thermal_voltage_mv
from permeant.physics.ghk import ghk_current_per_permeability, ghk_slope_per_permeability


@dataclass(frozen=True)
class Inversion:
    """A permeability that a reversal potential implies, in the unit of the known ones.

    Each field is a scalar, or an array over draws.  A ``ratio`` that is not positive is a
    number all the same, but ``feasible`` is false: another ion is permeant, the junction
    potential has the wrong sign, or a solution is not what it is said to be.  Close to the
    ion's own equilibrium potential the ratio runs away to infinity; in arrays it is NaN
    where f_x(E) is exactly 0.
    """

    ratio: FloatOrArray
    feasible: FloatOrArray
    slope_per_mv: FloatOrArray


def invert_ghk(  # noqa: PLR0917 - as in the equation
    e_rev_mv: ArrayLike,
    permeabilities: ArrayLike,
    inside_mm: ArrayLike,
    outside_mm: ArrayLike,
    valences: ArrayLike,
    temperature_c: ArrayLike,
    unknown: int,
) -> Inversion:
    """Return the one unknown permeability that a reversal potential implies.

    Parameters
    ----------
    e_rev_mv : array_like
        Measured reversal potential (mV), shape (...).
    permeabilities : array_like
        Permeabilities relative to the reference, ions on the last axis, shape (..., n); the
        entry of the unknown ion is ignored and may be NaN.
    inside_mm, outside_mm : array_like
        Concentrations or activities (mM), shape (..., n).
    valences : array_like
        Signed charge numbers, shape (n,).
    temperature_c : array_like
        Temperature (°C), shape (...).
    unknown : int
        Index of the unknown ion on the last axis.

    Returns
    -------
    Inversion
        Its permeability, whether it is positive, and dP/dE (per mV), each of shape (...).

    Raises
    ------
    ReversalError
        For a single inversion where f_x(E) is 0: the ion is absent from both sides, or E is
        its own equilibrium potential, and only a bound exists.
    ArgumentError
        If an argument is out of range.

    Notes
    -----
    P_x = -sum_known P_j f_j(E)/f_x(E) and, by the implicit function theorem,
    dP_x/dE = -sum_j P_j f_j'(E)/f_x(E) with x included.  For monovalents and for Ca against
    monovalents this is Lewis (1979), doi:10.1113/jphysiol.1979.sp012629, and Fatt &
    Ginsborg (1958), doi:10.1113/jphysiol.1958.sp006037, without their restrictions.
    """
    z = charged("valences", valences)
    position = _position(unknown, z)
    known = np.array(permeabilities, dtype=np.float64)
    known[..., position] = 0.0
    e = finite("e_rev_mv", e_rev_mv)[..., np.newaxis]
    celsius = np.asarray(temperature_c, dtype=np.float64)[..., np.newaxis]
    f: Array = np.asarray(ghk_current_per_permeability(e, inside_mm, outside_mm, z, celsius))
    slope: Array = np.asarray(ghk_slope_per_permeability(e, inside_mm, outside_mm, z, celsius))
    own = f[..., position]
    if own.ndim == 0 and own == 0 and known.ndim == 1:
        raise ReversalError(_why_unbounded(inside_mm, outside_mm, position))
    safe = np.where(own == 0, np.nan, own)
    ratio = np.asarray(0.0 - (known * f).sum(axis=-1) / safe)
    total_slope = (known * slope).sum(axis=-1) + ratio * slope[..., position]
    feasible = ratio > 0
    return Inversion(
        ratio=float_or_array(ratio),
        feasible=bool(feasible) if feasible.ndim == 0 else feasible,
        slope_per_mv=float_or_array(-total_slope / safe),
    )


def biionic_ratio_from_shift(
    shift_mv: ArrayLike, temperature_c: ArrayLike, valence: int = 1
) -> FloatOrArray:
    """Return P_X/P_ref from the shift of the reversal when X replaces the reference.

    Parameters
    ----------
    shift_mv : array_like
        E_rev with X minus E_rev with the reference (mV), corrected by the difference of the
        junction potentials of the two baths.
    temperature_c : array_like
        Temperature (°C).
    valence : int, optional
        +1 for cations, -1 for anions.

    Returns
    -------
    float or ndarray
        exp(zF dE/RT).

    Raises
    ------
    ArgumentError
        If the valence is not +1 or -1, or the temperature is out of range.

    Notes
    -----
    Valid when X stands at the same concentration as the reference did, on the outside, and
    nothing else outside is permeant; the inside cancels.  Hille (1971), J. Gen. Physiol.
    58:599, doi:10.1085/jgp.58.6.599.
    """
    return float_or_array(np.exp(_monovalent(valence) * _in_thermal(shift_mv, temperature_c)))


def shift_from_ratio(ratio: ArrayLike, temperature_c: ArrayLike, valence: int = 1) -> FloatOrArray:
    """Return the shift of the reversal that a bi-ionic permeability ratio makes.

    Parameters
    ----------
    ratio : array_like
        P_X/P_ref, larger than 0.
    temperature_c : array_like
        Temperature (°C).
    valence : int, optional
        +1 for cations, -1 for anions.

    Returns
    -------
    float or ndarray
        (RT/zF) ln(P_X/P_ref) (mV).

    Raises
    ------
    ArgumentError
        If the ratio is not positive, or another argument is out of range.
    """
    logarithm = np.log(positive("ratio", ratio, "an impermeant ion has no reversal of its own"))
    return float_or_array(_monovalent(valence) * thermal_voltage_mv(temperature_c) * logarithm)


def _in_thermal(shift_mv: ArrayLike, temperature_c: ArrayLike) -> Array:
    return np.asarray(finite("shift_mv", shift_mv) / thermal_voltage_mv(temperature_c))


def _monovalent(valence: int) -> float:
    if valence not in (1, -1):
        raise ArgumentError(f"valence = {valence} must be 1 or -1; use invert_ghk for others")
    return float(valence)


def _position(unknown: int, z: Array) -> int:
    if z.ndim != 1 or not -z.size <= unknown < z.size:
        raise ArgumentError(f"unknown = {unknown} is no index of valences of shape {z.shape}")
    return unknown % z.size


def _why_unbounded(inside_mm: ArrayLike, outside_mm: ArrayLike, position: int) -> str:
    inside = np.broadcast_to(np.asarray(inside_mm, dtype=np.float64), np.shape(outside_mm))
    outside = np.asarray(outside_mm, dtype=np.float64)
    if inside[position] == 0 and outside[position] == 0:
        return "the unknown ion is absent from both sides: its permeability has no effect"
    return (
        "e_rev_mv is the equilibrium potential of the unknown ion: its permeability is beyond "
        "measure here, only a lower bound exists"
    )

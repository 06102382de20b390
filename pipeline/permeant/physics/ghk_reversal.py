"""The potential at which the constant-field currents of several ions cancel.

Every ion's current rises strictly with V, so there is at most one reversal potential, and
there is one exactly when some ion can carry current inward and some ion outward.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from permeant.physics.arguments import (
    ArgumentError,
    Array,
    FloatOrArray,
    ReversalError,
    charged,
    float_or_array,
    not_negative,
)
from permeant.physics.constants import thermal_voltage_mv
from permeant.physics.ghk_terms import net_term

_FARTHEST = 700.0  # |FV/RT|, 18 V: beyond it exp() itself leaves the range of a float
_BISECTIONS = 64


def ghk_reversal_mv(
    permeabilities: ArrayLike,
    inside_mm: ArrayLike,
    outside_mm: ArrayLike,
    valences: ArrayLike,
    temperature_c: ArrayLike,
) -> FloatOrArray:
    """Return the reversal potential of any mixture of permeant ions.

    Parameters
    ----------
    permeabilities : array_like
        Permeabilities in any common unit, ions on the last axis, shape (..., n).
    inside_mm, outside_mm : array_like
        Concentrations or activities (mM), 0 or larger, shape (..., n).
    valences : array_like
        Signed charge numbers, shape (n,).
    temperature_c : array_like
        Temperature (°C), shape (...).

    Returns
    -------
    float or ndarray
        Reversal potential (mV), shape (...).  In an array, NaN means that this element has
        no reversal potential, or a permeability that is negative or NaN (an infeasible
        draw): count them, they are findings.

    Raises
    ------
    ReversalError
        For a single mixture that has no reversal potential.
    ArgumentError
        For a single mixture with a negative permeability, and for any concentration,
        valence or temperature out of range.

    Notes
    -----
    For |z| <= 2 the root of a quadratic in exp(FV/RT), exact for every mix of mono- and
    divalent cations and anions: Spangler (1972), Ala. J. Med. Sci. 9:218; the implicit form
    of Lewis (1979), J. Physiol. 286:417, doi:10.1113/jphysiol.1979.sp012629, is the same
    equation.  Divalents count four times (z²): leaving that out is the commonest mistake in
    published code.  Other valences: bisection to the last bit.
    """
    p, inside, outside, z = _mixtures(permeabilities, inside_mm, outside_mm, valences)
    usable = np.asarray((np.isfinite(p) & (p >= 0)).all(axis=-1))
    p = np.where(usable[..., np.newaxis], p, 0.0)
    solve = _quadratic_root if np.all(np.abs(z) <= 2) else _bisected_root
    reduced = np.where(usable, solve(p, inside, outside, z), np.nan)
    e_rev = np.asarray(reduced * thermal_voltage_mv(temperature_c))
    if e_rev.ndim == 0 and np.isnan(e_rev):
        raise ReversalError(_why_none(p, inside, outside, z))
    return float_or_array(e_rev)


def ghk_voltage_mv(
    permeabilities: ArrayLike,
    inside_mm: ArrayLike,
    outside_mm: ArrayLike,
    valences: ArrayLike,
    temperature_c: ArrayLike,
) -> FloatOrArray:
    """Return the reversal potential of monovalent ions by the classical voltage equation.

    Parameters
    ----------
    permeabilities : array_like
        Permeabilities in any common unit, ions on the last axis, shape (..., n).
    inside_mm, outside_mm : array_like
        Concentrations or activities (mM), 0 or larger, shape (..., n).
    valences : array_like
        +1 or -1 for each ion, shape (n,).
    temperature_c : array_like
        Temperature (°C), shape (...).

    Returns
    -------
    float or ndarray
        (RT/F) ln[(sum P_c c_out + sum P_a a_in)/(sum P_c c_in + sum P_a a_out)] (mV), shape
        (...); NaN in arrays as for :func:`ghk_reversal_mv`.

    Raises
    ------
    ArgumentError
        If an ion is not monovalent (use :func:`ghk_reversal_mv`), or as there.
    ReversalError
        For a single mixture that has no reversal potential.

    Notes
    -----
    Goldman (1943), doi:10.1085/jgp.27.1.37; Hodgkin & Katz (1949),
    doi:10.1113/jphysiol.1949.sp004310.
    """
    z = charged("valences", valences)
    if np.any(np.abs(z) != 1):
        raise ArgumentError("valences must all be 1 or -1 here; ghk_reversal_mv takes any")
    return ghk_reversal_mv(permeabilities, inside_mm, outside_mm, valences, temperature_c)


def has_reversal(
    permeabilities: ArrayLike, inside_mm: ArrayLike, outside_mm: ArrayLike, valences: ArrayLike
) -> NDArray[np.bool_]:
    """Say whether a mixture has a reversal potential at all.

    Parameters
    ----------
    permeabilities : array_like
        Permeabilities, 0 or larger, shape (..., n).
    inside_mm, outside_mm : array_like
        Concentrations (mM), shape (..., n).
    valences : array_like
        Signed charge numbers, shape (n,).

    Returns
    -------
    ndarray of bool
        Shape (...): true where some permeant ion can carry current outward (a cation
        inside, an anion outside) and some ion inward.

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    p, inside, outside, z = _mixtures(permeabilities, inside_mm, outside_mm, valences)
    outward, inward = _carriers(p, inside, outside, z)
    return np.asarray((outward > 0).any(axis=-1) & (inward > 0).any(axis=-1))


def _mixtures(
    permeabilities: ArrayLike, inside_mm: ArrayLike, outside_mm: ArrayLike, valences: ArrayLike
) -> tuple[Array, Array, Array, Array]:
    p = np.asarray(permeabilities, dtype=np.float64)
    inside, outside = not_negative("inside_mm", inside_mm), not_negative("outside_mm", outside_mm)
    z = charged("valences", valences)
    if p.ndim == 0 or z.ndim != 1:
        raise ArgumentError("permeabilities and valences need one entry an ion on the last axis")
    if p.ndim == 1:
        not_negative("permeabilities", p)
    try:
        np.broadcast_shapes(p.shape, inside.shape, outside.shape, z.shape)
    except ValueError:
        raise ArgumentError(
            f"shapes do not fit: permeabilities {p.shape}, inside_mm {inside.shape}, outside_mm "
            f"{outside.shape}, valences {z.shape}; ions belong on the last axis"
        ) from None
    return p, inside, outside, z


def _carriers(p: Array, inside: Array, outside: Array, z: Array) -> tuple[Array, Array]:
    """Return what each ion can carry outward (towards high V) and inward (towards low V)."""
    cation = z > 0
    return p * np.where(cation, inside, outside), p * np.where(cation, outside, inside)


def _quadratic_root(p: Array, inside: Array, outside: Array, z: Array) -> Array:
    """FV/RT at the reversal for |z| <= 2: (Mi + 4Di) xi² + (Mi - Mo) xi - (Mo + 4Do) = 0."""
    outward, inward = _carriers(p, inside, outside, z)
    mono = np.abs(z) == 1
    leaves, enters = (np.where(mono, side, 0.0).sum(axis=-1) for side in (outward, inward))
    a = leaves + 4 * np.where(mono, 0.0, outward).sum(axis=-1)
    c = enters + 4 * np.where(mono, 0.0, inward).sum(axis=-1)
    b = leaves - enters
    exists = (a > 0) & (c > 0)
    a, c = np.where(exists, a, 1.0), np.where(exists, c, 1.0)
    root = np.hypot(b, 2 * np.sqrt(a) * np.sqrt(c))
    # of the two ways to write the root, the one that adds numbers of equal sign
    xi = np.where(b > 0, 2 * c, root - b) / np.where(b > 0, root + b, 2 * a)
    return np.where(exists, np.log(xi), np.nan)


def _bisected_root(p: Array, inside: Array, outside: Array, z: Array) -> Array:
    """FV/RT at the reversal for any valences, all mixtures at once."""
    outward, inward = _carriers(p, inside, outside, z)
    exists = (outward > 0).any(axis=-1) & (inward > 0).any(axis=-1)

    def current(x: Array) -> Array:
        terms: Array = p * z * net_term(x[..., np.newaxis] * z, inside, outside)
        return np.asarray(terms.sum(axis=-1))

    reach = np.ones(exists.shape)
    while True:
        outside_bracket = exists & ((current(-reach) > 0) | (current(reach) < 0))
        if not outside_bracket.any() or reach.max() >= _FARTHEST:
            break
        reach = np.where(outside_bracket, np.minimum(2 * reach, _FARTHEST), reach)
    low, high = -reach, reach
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        too_high = current(middle) > 0
        high, low = np.where(too_high, middle, high), np.where(too_high, low, middle)
    return np.where(exists & ~outside_bracket, 0.5 * (low + high), np.nan)


def _why_none(p: Array, inside: Array, outside: Array, z: Array) -> str:
    outward, inward = _carriers(p, inside, outside, z)
    if not np.any(outward > 0) and not np.any(inward > 0):
        return "no reversal potential: no ion is both permeant and present"
    if not np.any(outward > 0):
        return (
            "no reversal potential: nothing permeant can carry outward current "
            "(a cation inside or an anion outside is needed)"
        )
    if not np.any(inward > 0):
        return (
            "no reversal potential: nothing permeant can carry inward current "
            "(a cation outside or an anion inside is needed)"
        )
    return "no reversal potential within 18 V of zero"

"""Ohm's law for a membrane: conductances, and what they say about a reversal potential.

Voltages are inside minus outside and an outward current is positive; nS times mV is pA.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import (
    ArgumentError,
    FloatOrArray,
    ReversalError,
    charged,
    finite,
    float_or_array,
    not_negative,
    positive,
)
from permeant.physics.constants import FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K, to_kelvin


@dataclass(frozen=True)
class TwoPointFit:
    """The line through two points: it has no degree of freedom left to test linearity.

    ``extrapolated`` says that the reversal lies outside the two voltages.
    """

    g_ns: float
    g_sigma_ns: float
    e_rev_mv: float
    e_rev_sigma_mv: float
    extrapolated: bool


def ohmic_current_pa(g_ns: ArrayLike, v_mv: ArrayLike, e_rev_mv: ArrayLike) -> FloatOrArray:
    """Return the current of a constant conductance, I = g (V - E).

    Parameters
    ----------
    g_ns : array_like
        Conductance (nS), 0 or larger.
    v_mv : array_like
        Membrane potential (mV).
    e_rev_mv : array_like
        Reversal potential (mV).

    Returns
    -------
    float or ndarray
        Current (pA), broadcast shape; outward positive.

    Raises
    ------
    ArgumentError
        If the conductance is negative or anything is not finite.
    """
    g = not_negative("g_ns", g_ns)
    return float_or_array(g * (finite("v_mv", v_mv) - finite("e_rev_mv", e_rev_mv)))


def fit_two_points(
    v_mv: tuple[float, float],
    i_pa: tuple[float, float],
    i_sigma_pa: tuple[float, float] = (0.0, 0.0),
) -> TwoPointFit:
    """Return conductance and reversal from two points, with the errors they carry.

    Parameters
    ----------
    v_mv, i_pa : tuple of float
        The two membrane potentials (mV) and currents (pA).
    i_sigma_pa : tuple of float, optional
        Standard deviations of the two currents (pA), independent of each other.

    Returns
    -------
    TwoPointFit
        Conductance, reversal, their standard deviations, and whether the reversal is an
        extrapolation, where its error grows with the distance.

    Raises
    ------
    ArgumentError
        If the two voltages or the two currents are equal.

    Notes
    -----
    g = (I2 - I1)/(V2 - V1), E = V1 - I1/g and, to first order,
    sigma_E = sqrt(s1² (V2 - E)² + s2² (V1 - E)²)/|I2 - I1|.
    """
    v1, v2 = (float(v) for v in finite("v_mv", v_mv))
    i1, i2 = (float(i) for i in finite("i_pa", i_pa))
    s1, s2 = (float(s) for s in not_negative("i_sigma_pa", i_sigma_pa))
    if v1 == v2:
        raise ArgumentError(f"v_mv = {v1:g} twice: two points need two different voltages")
    if i1 == i2:
        raise ArgumentError(f"i_pa = {i1:g} twice: a flat line has no reversal potential")
    g = (i2 - i1) / (v2 - v1)
    e_rev = v1 - i1 / g
    return TwoPointFit(
        g_ns=g,
        g_sigma_ns=float(np.hypot(s1, s2)) / abs(v2 - v1),
        e_rev_mv=e_rev,
        e_rev_sigma_mv=float(np.hypot(s1 * (v2 - e_rev), s2 * (v1 - e_rev))) / abs(i2 - i1),
        extrapolated=not min(v1, v2) <= e_rev <= max(v1, v2),
    )


def chord_conductance_ns(i_pa: ArrayLike, v_mv: ArrayLike, e_rev_mv: ArrayLike) -> FloatOrArray:
    """Return I/(V - E), the conductance that multiplies the driving force.

    Parameters
    ----------
    i_pa, v_mv, e_rev_mv : array_like
        Current (pA), membrane potential and reversal potential (mV).

    Returns
    -------
    float or ndarray
        Chord conductance (nS), broadcast shape.

    Raises
    ------
    ArgumentError
        If V = E anywhere: there the chord is the slope at E, use a slope conductance.
    """
    force = finite("v_mv", v_mv) - finite("e_rev_mv", e_rev_mv)
    if np.any(force == 0):
        raise ArgumentError("v_mv equals e_rev_mv: the chord is undefined there, use the slope")
    return float_or_array(finite("i_pa", i_pa) / force)


def slope_conductance_ns(i_pa: ArrayLike, v_mv: ArrayLike) -> FloatOrArray:
    """Return dI/dV along a curve, by differences of second order (uneven steps allowed).

    Parameters
    ----------
    i_pa, v_mv : array_like
        Currents (pA) and strictly monotonic voltages (mV), shape (k,), k >= 2.

    Returns
    -------
    ndarray
        Slope conductance (nS), shape (k,); may be negative, unlike a chord.

    Raises
    ------
    ArgumentError
        If the shapes differ, there are fewer than two points, or voltages turn back.
    """
    v, i = finite("v_mv", v_mv), finite("i_pa", i_pa)
    if v.ndim != 1 or v.shape != i.shape or v.size < 2:
        raise ArgumentError(f"v_mv {v.shape} and i_pa {i.shape} must be two equally long rows")
    steps = np.diff(v)
    if not (np.all(steps > 0) or np.all(steps < 0)):
        raise ArgumentError("v_mv must rise or fall from point to point")
    return float_or_array(np.gradient(i, v, edge_order=2 if v.size > 2 else 1))


def conductance_weighted_reversal_mv(
    g_ns: ArrayLike, e_mv: ArrayLike, axis: int = -1
) -> FloatOrArray:
    """Return the reversal potential of several ohmic pathways in parallel.

    Parameters
    ----------
    g_ns : array_like
        Chord conductances (nS), 0 or larger, pathways along ``axis``.
    e_mv : array_like
        Equilibrium potential of each pathway (mV).
    axis : int, optional
        The axis that is summed over.

    Returns
    -------
    float or ndarray
        sum(g E)/sum(g) (mV), which lies between the smallest and the largest E.

    Raises
    ------
    ArgumentError
        If a conductance is negative.
    ReversalError
        If all conductances are zero.

    Notes
    -----
    An identity with chord conductances taken at the reversal itself; with constant ones it
    is the ohmic model, which disagrees with GHK between asymmetric solutions.
    """
    g, e = np.broadcast_arrays(not_negative("g_ns", g_ns), finite("e_mv", e_mv))
    total = g.sum(axis=axis)
    if np.any(total == 0):
        raise ReversalError("g_ns are all 0: a membrane that conducts nothing has no reversal")
    return float_or_array((g * e).sum(axis=axis) / total)


def conductance_ratio_from_reversal(
    e_rev_mv: ArrayLike, e_first_mv: ArrayLike, e_second_mv: ArrayLike
) -> FloatOrArray:
    """Return g_first/g_second of two ohmic pathways from their common reversal.

    Parameters
    ----------
    e_rev_mv : array_like
        Measured reversal potential (mV).
    e_first_mv, e_second_mv : array_like
        Equilibrium potentials of the two pathways (mV).

    Returns
    -------
    float or ndarray
        (E_second - E_rev)/(E_rev - E_first); negative where the reversal lies outside the
        two equilibrium potentials, which no pair of conductances can do.

    Raises
    ------
    ReversalError
        If E_rev equals E_first: only a bound exists (the ratio is infinite).
    """
    e_rev = finite("e_rev_mv", e_rev_mv)
    below = e_rev - finite("e_first_mv", e_first_mv)
    if np.any(below == 0):
        raise ReversalError("e_rev_mv equals e_first_mv: g_first/g_second has no upper bound")
    return float_or_array((finite("e_second_mv", e_second_mv) - e_rev) / below)


def symmetric_conductance_s_per_m2(
    permeability_m_per_s: ArrayLike,
    concentration_mm: ArrayLike,
    valence: ArrayLike,
    temperature_c: ArrayLike,
) -> FloatOrArray:
    """Return the GHK conductance between equal solutions, which is ohmic and goes with z².

    Parameters
    ----------
    permeability_m_per_s : array_like
        Permeability (m/s), 0 or larger.
    concentration_mm : array_like
        Concentration on both sides (mM), 0 or larger.
    valence : array_like
        Signed charge number.
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        P z² F² c/(RT) (S/m²), broadcast shape.

    Raises
    ------
    ArgumentError
        If an argument is out of range.

    Notes
    -----
    Equal P and c give a divalent exactly four times the conductance of a monovalent: one z
    from the charge it carries, one from the force on it.  Real pores bind divalents, P
    falls, and the measured conductance is usually smaller.
    """
    p = not_negative("permeability_m_per_s", permeability_m_per_s)
    c = not_negative("concentration_mm", concentration_mm)
    z = charged("valence", valence)
    rt = GAS_CONSTANT_J_PER_MOL_K * to_kelvin(temperature_c)
    return float_or_array(p * z**2 * FARADAY_C_PER_MOL**2 * c / rt)


def resistance_mohm(g_ns: ArrayLike) -> FloatOrArray:
    """Return the resistance of a conductance, 1000/g.

    Parameters
    ----------
    g_ns : array_like
        Conductance (nS), larger than 0.

    Returns
    -------
    float or ndarray
        Resistance (MΩ).

    Raises
    ------
    ArgumentError
        If the conductance is not positive.
    """
    return float_or_array(1e3 / positive("g_ns", g_ns, "the resistance is infinite"))

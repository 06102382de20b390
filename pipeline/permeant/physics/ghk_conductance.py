"""The two conductances of a rectifying pore: slope and chord.

They agree only at the reversal potential; the chord multiplies the driving force, the slope
is what a small test pulse measures.
"""
# ruff: noqa: PLR0917 - the arguments of the current equation are six, in the formula's order

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import FloatOrArray, finite, float_or_array, not_negative
from permeant.physics.electrochemistry import nernst_mv
from permeant.physics.ghk import ghk_current_density, ghk_slope_per_permeability


def ghk_slope_conductance_s_per_m2(
    v_mv: ArrayLike,
    permeability_m_per_s: ArrayLike,
    inside_mm: ArrayLike,
    outside_mm: ArrayLike,
    valence: ArrayLike,
    temperature_c: ArrayLike,
) -> FloatOrArray:
    """Return dJ/dV of one ion, the conductance that a small step measures.

    Parameters
    ----------
    v_mv : array_like
        Membrane potential (mV).
    permeability_m_per_s : array_like
        Permeability (m/s), 0 or larger.
    inside_mm, outside_mm : array_like
        Concentrations or activities (mM), 0 or larger.
    valence : array_like
        Signed charge number.
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        Slope conductance (S/m²), broadcast shape.

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    p = not_negative("permeability_m_per_s", permeability_m_per_s)
    slope = ghk_slope_per_permeability(v_mv, inside_mm, outside_mm, valence, temperature_c)
    return float_or_array(1e3 * p * slope)


def ghk_chord_conductance_s_per_m2(
    v_mv: ArrayLike,
    permeability_m_per_s: ArrayLike,
    inside_mm: ArrayLike,
    outside_mm: ArrayLike,
    valence: ArrayLike,
    temperature_c: ArrayLike,
) -> FloatOrArray:
    """Return J/(V - E) of one ion, the conductance that multiplies its driving force.

    Parameters
    ----------
    v_mv : array_like
        Membrane potential (mV).
    permeability_m_per_s : array_like
        Permeability (m/s), 0 or larger.
    inside_mm, outside_mm : array_like
        Concentrations or activities (mM), larger than 0 (E must exist).
    valence : array_like
        Signed charge number.
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        Chord conductance (S/m²), broadcast shape; within 1e-3 mV of E it is the slope
        conductance, which is its limit there.

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    arguments = (permeability_m_per_s, inside_mm, outside_mm, valence, temperature_c)
    force = finite("v_mv", v_mv) - nernst_mv(outside_mm, inside_mm, valence, temperature_c)
    near = np.abs(force) < 1e-3
    chord = 1e3 * ghk_current_density(v_mv, *arguments) / np.where(near, 1.0, force)
    return float_or_array(np.where(near, ghk_slope_conductance_s_per_m2(v_mv, *arguments), chord))

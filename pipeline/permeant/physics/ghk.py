"""Constant-field (Goldman-Hodgkin-Katz) current, conductance and reversal potential.

One mM is one mol/m³, so permeabilities in m/s give A/m² (= pA/µm²) and permeabilities times
area, in m³/s, give A.  Every valence is allowed, cation or anion.  Goldman (1943), J. Gen.
Physiol. 27:37, doi:10.1085/jgp.27.1.37; Hodgkin & Katz (1949), J. Physiol. 108:37,
doi:10.1113/jphysiol.1949.sp004310.
"""

# ruff: noqa: PLR0917 - the arguments of the current equation are six, in the formula's order

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import (
    ArgumentError,
    Array,
    FloatOrArray,
    charged,
    finite,
    float_or_array,
    not_negative,
)
from permeant.physics.constants import FARADAY_C_PER_MOL, thermal_voltage_mv
from permeant.physics.ghk_terms import (
    current_along_trace,
    is_long,
    net_term,
    net_term_slope,
    phi,
)


def ghk_current_per_permeability(
    v_mv: ArrayLike,
    inside_mm: ArrayLike,
    outside_mm: ArrayLike,
    valence: ArrayLike,
    temperature_c: ArrayLike,
) -> FloatOrArray:
    """Return the constant-field current of one ion per unit of its permeability.

    Parameters
    ----------
    v_mv : array_like
        Membrane potential (mV).
    inside_mm, outside_mm : array_like
        Concentrations or activities (mM), 0 or larger.
    valence : array_like
        Signed charge number.
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        f (C/m³): A/m² per m/s, or A per m³/s; broadcast shape; outward positive.

    Raises
    ------
    ArgumentError
        If an argument is out of range.

    Notes
    -----
    f = zF [c_in phi(x) - c_out phi(-x)], phi(x) = x/(1 - exp(-x)), x = zFV/RT.
    """
    return _current(v_mv, np.ones(()), inside_mm, outside_mm, valence, temperature_c)


def ghk_slope_per_permeability(
    v_mv: ArrayLike,
    inside_mm: ArrayLike,
    outside_mm: ArrayLike,
    valence: ArrayLike,
    temperature_c: ArrayLike,
) -> FloatOrArray:
    """Return df/dV, the slope conductance of one ion per unit of its permeability.

    Parameters
    ----------
    v_mv : array_like
        Membrane potential (mV).
    inside_mm, outside_mm : array_like
        Concentrations or activities (mM), 0 or larger.
    valence : array_like
        Signed charge number.
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        df/dV (C/m³ per mV), never negative; times 1000 it is S/m² per m/s.

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    z = charged("valence", valence)
    per_mv = z / thermal_voltage_mv(temperature_c)
    x = np.asarray(finite("v_mv", v_mv) * per_mv)
    inside, outside = not_negative("inside_mm", inside_mm), not_negative("outside_mm", outside_mm)
    return float_or_array(z * FARADAY_C_PER_MOL * per_mv * net_term_slope(x, inside, outside))


def ghk_current_density(
    v_mv: ArrayLike,
    permeability_m_per_s: ArrayLike,
    inside_mm: ArrayLike,
    outside_mm: ArrayLike,
    valence: ArrayLike,
    temperature_c: ArrayLike,
) -> FloatOrArray:
    """Return the constant-field current density of one ion.

    Parameters
    ----------
    v_mv : array_like
        Membrane potential (mV).
    permeability_m_per_s : array_like
        Permeability (m/s; 1 cm/s is 0.01 m/s), 0 or larger.
    inside_mm, outside_mm : array_like
        Concentrations or activities (mM), 0 or larger.
    valence : array_like
        Signed charge number.
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        J (A/m² = pA/µm²), broadcast shape; outward positive.

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    p = not_negative("permeability_m_per_s", permeability_m_per_s)
    return _current(v_mv, p, inside_mm, outside_mm, valence, temperature_c)


def one_way_flux_densities(
    v_mv: ArrayLike,
    permeability_m_per_s: ArrayLike,
    inside_mm: ArrayLike,
    outside_mm: ArrayLike,
    valence: ArrayLike,
    temperature_c: ArrayLike,
) -> tuple[FloatOrArray, FloatOrArray]:
    """Return the two opposite fluxes of which the current is the difference.

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
    influx, efflux : float or ndarray
        Flux densities (mol/m²/s), both 0 or larger, equal at the Nernst potential; their
        ratio is Ussing's.

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    z = charged("valence", valence)
    x = np.asarray(finite("v_mv", v_mv) * (z / thermal_voltage_mv(temperature_c)))
    p = not_negative("permeability_m_per_s", permeability_m_per_s)
    influx = p * not_negative("outside_mm", outside_mm) * phi(-x)
    efflux = p * not_negative("inside_mm", inside_mm) * phi(x)
    return float_or_array(influx), float_or_array(efflux)


def ghk_current_pa(
    v_mv: ArrayLike,
    permeability_area_m3_per_s: ArrayLike,
    inside_mm: ArrayLike,
    outside_mm: ArrayLike,
    valences: ArrayLike,
    temperature_c: ArrayLike,
) -> FloatOrArray:
    """Return the whole current of several ions through one cell.

    Parameters
    ----------
    v_mv : array_like
        Membrane potential (mV), shape (...).
    permeability_area_m3_per_s : array_like
        Permeability times area of each ion (m³/s), ions on the last axis, shape (..., n).
    inside_mm, outside_mm : array_like
        Concentrations or activities (mM), shape (..., n).
    valences : array_like
        Signed charge numbers, shape (n,).
    temperature_c : array_like
        Temperature (°C), shape (...).

    Returns
    -------
    float or ndarray
        Current (pA), shape (...); outward positive.

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    pa = not_negative("permeability_area_m3_per_s", permeability_area_m3_per_s)
    z = charged("valences", valences)
    inside, outside = not_negative("inside_mm", inside_mm), not_negative("outside_mm", outside_mm)
    ions = np.broadcast_shapes(inside.shape[-1:], outside.shape[-1:], z.shape[-1:])
    if ions != pa.shape[-1:]:
        raise ArgumentError(
            f"permeability_area_m3_per_s has {_count(pa.shape)} ions, the solutions {_count(ions)}"
        )
    v, celsius = np.asarray(v_mv, dtype=np.float64), np.asarray(temperature_c, dtype=np.float64)
    if is_long(v, pa) and celsius.ndim == 0 and max(pa.ndim, inside.ndim, outside.ndim) == 1:
        per_mv = z / thermal_voltage_mv(celsius)
        scale = 1e12 * FARADAY_C_PER_MOL * z * pa
        return current_along_trace(v, *np.broadcast_arrays(per_mv, scale, inside, outside))
    v, celsius = v[..., np.newaxis], celsius[..., np.newaxis]
    each: Array = np.asarray(_current(v, pa, inside, outside, z, celsius))
    return float_or_array(1e12 * each.sum(axis=-1))


def _current(
    v_mv: ArrayLike,
    permeability: Array,
    inside_mm: ArrayLike,
    outside_mm: ArrayLike,
    valence: ArrayLike,
    temperature_c: ArrayLike,
) -> FloatOrArray:
    """Return the current of each ion, long traces one ion at a time."""
    z = charged("valence", valence)
    inside, outside = not_negative("inside_mm", inside_mm), not_negative("outside_mm", outside_mm)
    per_mv = np.asarray(z / thermal_voltage_mv(temperature_c))
    scale = np.asarray(permeability * z * FARADAY_C_PER_MOL)
    v = np.asarray(v_mv, dtype=np.float64)
    if not is_long(v, per_mv, scale, inside, outside):
        x = np.asarray(finite("v_mv", v) * per_mv)
        return float_or_array(net_term(x, scale * inside, scale * outside))
    one_shape = np.broadcast_shapes(per_mv.shape, scale.shape, inside.shape, outside.shape)
    shape = np.broadcast_shapes(v.shape, one_shape)
    spread = (1,) * (len(shape) - len(one_shape)) + one_shape
    ions = [np.broadcast_to(each, spread) for each in (per_mv, scale, inside, outside)]
    current, traces = np.empty(shape), np.broadcast_to(v, shape)
    for place in np.ndindex(*spread):
        part = tuple(k if size > 1 else slice(None) for k, size in zip(place, spread, strict=True))
        per, factor, ins, out = (each[place][np.newaxis] for each in ions)
        if current[part].flags.c_contiguous:
            current_along_trace(traces[part], per, factor, ins, out, into=current[part])
        else:
            current[part] = current_along_trace(traces[part], per, factor, ins, out)
    return current


def _count(shape: tuple[int, ...]) -> int:
    return shape[0] if shape else 1

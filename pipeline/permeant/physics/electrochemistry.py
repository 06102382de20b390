"""The two forces on an ion, and the potential at which they balance.

Voltages are inside minus outside.  Concentrations stand for activities: give activities
where the two sides differ in activity coefficient.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import FloatOrArray, charged, finite, float_or_array, positive
from permeant.physics.constants import (
    AVOGADRO_PER_MOL,
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
    thermal_voltage_mv,
    to_kelvin,
)

_NO_ZERO = "an ion that is absent from one side has no equilibrium potential"


def nernst_mv(
    outside_mm: ArrayLike, inside_mm: ArrayLike, valence: ArrayLike, temperature_c: ArrayLike
) -> FloatOrArray:
    """Return the equilibrium potential of one ion.

    Parameters
    ----------
    outside_mm, inside_mm : array_like
        Concentrations or activities (mM), larger than 0.
    valence : array_like
        Signed charge number.
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        E = (RT/zF) ln(outside/inside) (mV), broadcast shape.

    Raises
    ------
    ArgumentError
        If a concentration is 0 or negative, in an array too: the potential is undefined
        there, and a floor would only hide that.  Also for valence 0 or a temperature
        outside 260…330 K.

    Notes
    -----
    Nernst (1888), Z. Phys. Chem. 2:613.  Logarithms are subtracted, so that a ratio of
    1e-7 to 2e-3 stays exact.
    """
    outside = positive("outside_mm", outside_mm, _NO_ZERO)
    inside = positive("inside_mm", inside_mm, _NO_ZERO)
    z = charged("valence", valence)
    return float_or_array(
        thermal_voltage_mv(temperature_c) / z * (np.log(outside) - np.log(inside))
    )


def driving_force_mv(v_mv: ArrayLike, e_nernst_mv: ArrayLike) -> FloatOrArray:
    """Return V - E, the voltage that drives an ion's current.

    Parameters
    ----------
    v_mv, e_nernst_mv : array_like
        Membrane potential and equilibrium potential (mV).

    Returns
    -------
    float or ndarray
        V - E (mV); positive drives outward current, whatever the sign of the ion.

    Raises
    ------
    ArgumentError
        If a value is not finite.
    """
    return float_or_array(finite("v_mv", v_mv) - finite("e_nernst_mv", e_nernst_mv))


def chemical_driving_force_j_per_mol(
    outside_mm: ArrayLike, inside_mm: ArrayLike, temperature_c: ArrayLike
) -> FloatOrArray:
    """Return RT ln(outside/inside), the pull of the gradient from outside to inside.

    Parameters
    ----------
    outside_mm, inside_mm : array_like
        Concentrations or activities (mM), larger than 0.
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        Affinity (J/mol), positive when the gradient favours entry.  It is minus the
        chemical part of :func:`free_energy_j_per_mol`.

    Raises
    ------
    ArgumentError
        If a concentration is 0 or negative.
    """
    outside = positive("outside_mm", outside_mm, _NO_ZERO)
    inside = positive("inside_mm", inside_mm, _NO_ZERO)
    rt = GAS_CONSTANT_J_PER_MOL_K * to_kelvin(temperature_c)
    return float_or_array(rt * (np.log(outside) - np.log(inside)))


def electrical_free_energy_j_per_mol(v_mv: ArrayLike, valence: ArrayLike) -> FloatOrArray:
    """Return zFV, the electrical work of moving a mole of an ion from outside to inside.

    Parameters
    ----------
    v_mv : array_like
        Membrane potential (mV).
    valence : array_like
        Signed charge number.

    Returns
    -------
    float or ndarray
        zFV (J/mol); negative when the field favours entry.

    Raises
    ------
    ArgumentError
        If the valence is 0 or a value is not finite.
    """
    z = charged("valence", valence)
    return float_or_array(z * FARADAY_C_PER_MOL * finite("v_mv", v_mv) * 1e-3)


def free_energy_j_per_mol(
    v_mv: ArrayLike,
    outside_mm: ArrayLike,
    inside_mm: ArrayLike,
    valence: ArrayLike,
    temperature_c: ArrayLike,
) -> FloatOrArray:
    """Return the electrochemical potential difference, inside minus outside.

    Parameters
    ----------
    v_mv : array_like
        Membrane potential (mV).
    outside_mm, inside_mm : array_like
        Concentrations or activities (mM), larger than 0.
    valence : array_like
        Signed charge number.
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        dG of entry = RT ln(inside/outside) + zFV = zF (V - E) (J/mol), broadcast shape;
        negative when the ion enters by itself.

    Raises
    ------
    ArgumentError
        If a concentration is 0 or negative, or another argument is out of range.
    """
    chemical = chemical_driving_force_j_per_mol(outside_mm, inside_mm, temperature_c)
    return float_or_array(electrical_free_energy_j_per_mol(v_mv, valence) - chemical)


def free_energy_j_per_ion(
    v_mv: ArrayLike,
    outside_mm: ArrayLike,
    inside_mm: ArrayLike,
    valence: ArrayLike,
    temperature_c: ArrayLike,
) -> FloatOrArray:
    """Return the free energy of entry of a single ion.

    Parameters
    ----------
    v_mv : array_like
        Membrane potential (mV).
    outside_mm, inside_mm : array_like
        Concentrations or activities (mM), larger than 0.
    valence : array_like
        Signed charge number.
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        dG of entry (J), broadcast shape; negative when the ion enters by itself.

    Raises
    ------
    ArgumentError
        If a concentration is 0 or negative, or another argument is out of range.
    """
    per_mole = free_energy_j_per_mol(v_mv, outside_mm, inside_mm, valence, temperature_c)
    return float_or_array(per_mole / AVOGADRO_PER_MOL)


def direction_of_movement(
    v_mv: float, e_nernst_mv: float, valence: int, tolerance_mv: float = 1e-9
) -> str:
    """Say in words which way the ion itself moves, and which current that is.

    Parameters
    ----------
    v_mv, e_nernst_mv : float
        Membrane potential and equilibrium potential (mV).
    valence : int
        Signed charge number.
    tolerance_mv : float, optional
        A smaller driving force counts as equilibrium (mV).

    Returns
    -------
    str
        For example ``"into the cell (inward current)"``.

    Raises
    ------
    ArgumentError
        If the valence is 0 or a value is not finite.
    """
    z = float(charged("valence", valence))
    force = driving_force_mv(v_mv, e_nernst_mv)
    if abs(force) <= tolerance_mv:
        return "at equilibrium (equal one-way fluxes, no net current)"
    way = "out of" if z * force > 0 else "into"
    current = "outward" if force > 0 else "inward"
    return f"{way} the cell ({current} current)"


def ussing_flux_ratio(
    v_mv: ArrayLike,
    e_nernst_mv: ArrayLike,
    valence: ArrayLike,
    temperature_c: ArrayLike,
    single_file_exponent: ArrayLike = 1.0,
) -> FloatOrArray:
    """Return the ratio of the one-way fluxes, influx over efflux.

    Parameters
    ----------
    v_mv, e_nernst_mv : array_like
        Membrane potential and equilibrium potential (mV).
    valence : array_like
        Signed charge number.
    temperature_c : array_like
        Temperature (°C).
    single_file_exponent : array_like, optional
        1 for independent ions; 2 to 3 where ions queue in a long pore.

    Returns
    -------
    float or ndarray
        exp(-n zF (V - E)/RT), broadcast shape; 1 at equilibrium, where both one-way
        fluxes go on.

    Raises
    ------
    ArgumentError
        If an argument is out of range.

    Notes
    -----
    Ussing (1949), Acta Physiol. Scand. 19:43, doi:10.1111/j.1748-1716.1949.tb00633.x; the
    exponent (2.5 in squid axon) after Hodgkin & Keynes (1955), J. Physiol. 128:61,
    doi:10.1113/jphysiol.1955.sp005291.
    """
    z = charged("valence", valence)
    n = positive("single_file_exponent", single_file_exponent)
    force = driving_force_mv(v_mv, e_nernst_mv)
    return float_or_array(np.exp(-n * z * force / thermal_voltage_mv(temperature_c)))

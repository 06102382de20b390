"""What ionic currents cost: charge to ions to ATP, and the work of the pumps."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import (
    FloatOrArray,
    charged,
    finite,
    float_or_array,
    not_negative,
    positive,
)
from permeant.physics.constants import AVOGADRO_PER_MOL, ELEMENTARY_CHARGE_C
from permeant.physics.electrochemistry import free_energy_j_per_mol

NA_PER_ATP = 3.0
K_PER_ATP = 2.0


def ions_from_charge(charge_pc: ArrayLike, valence: ArrayLike = 1) -> FloatOrArray:
    """Return how many ions carry a charge.

    Parameters
    ----------
    charge_pc : array_like
        Charge (pC); its size counts, not its sign.
    valence : array_like, optional
        Signed charge number of the ion.

    Returns
    -------
    float or ndarray
        Number of ions, |Q|/(|z| e).

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    z = np.abs(charged("valence", valence))
    charge = np.abs(finite("charge_pc", charge_pc)) * 1e-12
    return float_or_array(charge / (z * ELEMENTARY_CHARGE_C))


def moles_from_charge(charge_pc: ArrayLike, valence: ArrayLike = 1) -> FloatOrArray:
    """Return how many moles of an ion carry a charge.

    Parameters
    ----------
    charge_pc : array_like
        Charge (pC); its size counts, not its sign.
    valence : array_like, optional
        Signed charge number of the ion.

    Returns
    -------
    float or ndarray
        Amount (mol), |Q|/(|z| F).

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    return float_or_array(ions_from_charge(charge_pc, valence) / AVOGADRO_PER_MOL)


def atp_from_sodium_charge(
    sodium_charge_pc: ArrayLike, na_per_atp: float = NA_PER_ATP
) -> FloatOrArray:
    """Return the ATP molecules that pump a sodium charge back out.

    Parameters
    ----------
    sodium_charge_pc : array_like
        Charge that Na+ alone carried (pC), not the total current's: K+ and Cl- cost
        nothing directly.
    na_per_atp : float, optional
        Na+ pumped per ATP.

    Returns
    -------
    float or ndarray
        Number of ATP molecules.

    Raises
    ------
    ArgumentError
        If an argument is out of range.

    Notes
    -----
    Attwell & Laughlin (2001), J. Cereb. Blood Flow Metab. 21:1133,
    doi:10.1097/00004647-200110000-00001.
    """
    per_atp = positive("na_per_atp", na_per_atp)
    return float_or_array(ions_from_charge(sodium_charge_pc) / per_atp)


def atp_from_calcium_charge(
    calcium_charge_pc: ArrayLike, atp_per_calcium: float = 1.0
) -> FloatOrArray:
    """Return the ATP molecules that remove a calcium charge.

    Parameters
    ----------
    calcium_charge_pc : array_like
        Charge that Ca2+ alone carried (pC).
    atp_per_calcium : float, optional
        1 for the plasma-membrane pump and for 3 Na+ : 1 Ca2+ exchange followed by the
        sodium pump; 0.5 for uptake into the endoplasmic reticulum.

    Returns
    -------
    float or ndarray
        Number of ATP molecules.

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    cost = not_negative("atp_per_calcium", atp_per_calcium)
    return float_or_array(cost * ions_from_charge(calcium_charge_pc, 2))


def atp_per_second_at_rest(sodium_current_pa: ArrayLike) -> FloatOrArray:
    """Return the ATP that a steady sodium leak costs.

    Parameters
    ----------
    sodium_current_pa : array_like
        Sodium current at rest (pA); its size counts.

    Returns
    -------
    float or ndarray
        ATP molecules per second.

    Raises
    ------
    ArgumentError
        If the current is not finite.
    """
    return atp_from_sodium_charge(sodium_current_pa)


def minimal_sodium_ions(capacitance_pf: ArrayLike, depolarisation_mv: ArrayLike) -> FloatOrArray:
    """Return the fewest Na+ that can depolarise a membrane.

    Parameters
    ----------
    capacitance_pf : array_like
        Membrane capacitance (pF), 0 or larger.
    depolarisation_mv : array_like
        Height of the potential change (mV), 0 or larger.

    Returns
    -------
    float or ndarray
        C dV/e, the count without any overlap of Na+ and K+ currents.

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    c = not_negative("capacitance_pf", capacitance_pf)
    charge_pc = c * not_negative("depolarisation_mv", depolarisation_mv) * 1e-3
    return ions_from_charge(charge_pc)


def action_potential_atp(
    capacitance_pf: ArrayLike, depolarisation_mv: ArrayLike, excess_factor: ArrayLike = 1.3
) -> FloatOrArray:
    """Return the ATP that one action potential costs.

    Parameters
    ----------
    capacitance_pf : array_like
        Membrane capacitance (pF).
    depolarisation_mv : array_like
        Height of the action potential (mV).
    excess_factor : array_like, optional
        Na+ entry over its minimum, 1 or larger: 1.3 in mossy fibres, 4 in squid axon.

    Returns
    -------
    float or ndarray
        Number of ATP molecules.

    Raises
    ------
    ArgumentError
        If an argument is out of range.

    Notes
    -----
    Alle, Roth & Geiger (2009), Science 325:1405, doi:10.1126/science.1174331.
    """
    sodium = minimal_sodium_ions(capacitance_pf, depolarisation_mv)
    excess = 1.0 + not_negative("excess_factor - 1", finite("excess_factor", excess_factor) - 1.0)
    return float_or_array(sodium * excess / NA_PER_ATP)


def synaptic_current_atp(charge_pc: ArrayLike, sodium_fraction: ArrayLike) -> FloatOrArray:
    """Return the ATP that undoes the sodium entry of a synaptic current.

    Parameters
    ----------
    charge_pc : array_like
        Charge of the whole current (pC); its size counts.
    sodium_fraction : array_like
        Na+ charge over total charge, 0 or larger; above 1 where K+ leaves at the same time.

    Returns
    -------
    float or ndarray
        Number of ATP molecules.

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    fraction = not_negative("sodium_fraction", sodium_fraction)
    return float_or_array(fraction * atp_from_sodium_charge(charge_pc))


def sodium_pump_work_j_per_mol(
    v_mv: ArrayLike,
    *,
    na_outside_mm: ArrayLike,
    na_inside_mm: ArrayLike,
    k_outside_mm: ArrayLike,
    k_inside_mm: ArrayLike,
    temperature_c: ArrayLike,
) -> FloatOrArray:
    """Return the work of one cycle of the sodium pump, 3 Na+ out and 2 K+ in.

    Parameters
    ----------
    v_mv : array_like
        Membrane potential (mV).
    na_outside_mm, na_inside_mm, k_outside_mm, k_inside_mm : array_like
        Concentrations or activities (mM), larger than 0.
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        -3F(V - E_Na) + 2F(V - E_K) (J/mol); must stay below the 50-60 kJ/mol that ATP gives.

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    sodium = free_energy_j_per_mol(v_mv, na_outside_mm, na_inside_mm, 1, temperature_c)
    potassium = free_energy_j_per_mol(v_mv, k_outside_mm, k_inside_mm, 1, temperature_c)
    return float_or_array(-NA_PER_ATP * sodium + K_PER_ATP * potassium)

"""The physics of ions across membranes: numbers in, numbers out, numpy only.

Voltages are inside minus outside, an outward current is positive.  Units are in the names:
mV, mM, °C, pA, nS; m/s for permeabilities and A/m² for current densities.
"""

from __future__ import annotations

from permeant.physics.activity import (
    ActivityCoefficients,
    activity_coefficients,
    mean_activity_coefficient,
)
from permeant.physics.arguments import ArgumentError, ReversalError
from permeant.physics.constants import (
    AVOGADRO_PER_MOL,
    BOLTZMANN_J_PER_K,
    ELEMENTARY_CHARGE_C,
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
    thermal_voltage_mv,
    to_kelvin,
)
from permeant.physics.debye_huckel import bates_guggenheim, davies, guntelberg, limiting_law
from permeant.physics.electrochemistry import (
    chemical_driving_force_j_per_mol,
    direction_of_movement,
    driving_force_mv,
    electrical_free_energy_j_per_mol,
    free_energy_j_per_ion,
    free_energy_j_per_mol,
    nernst_mv,
    ussing_flux_ratio,
)
from permeant.physics.energy import (
    action_potential_atp,
    atp_from_calcium_charge,
    atp_from_sodium_charge,
    atp_per_second_at_rest,
    ions_from_charge,
    minimal_sodium_ions,
    moles_from_charge,
    sodium_pump_work_j_per_mol,
    synaptic_current_atp,
)
from permeant.physics.ghk import (
    ghk_current_density,
    ghk_current_pa,
    ghk_current_per_permeability,
    ghk_slope_per_permeability,
    one_way_flux_densities,
)
from permeant.physics.ghk_conductance import (
    ghk_chord_conductance_s_per_m2,
    ghk_slope_conductance_s_per_m2,
)
from permeant.physics.ghk_curve import (
    CurveFit,
    absolute_permeability_m_per_s,
    area_from_capacitance_um2,
    fit_curve_permeabilities,
    permeability_from_symmetric_conductance,
)
from permeant.physics.ghk_inversion import (
    Inversion,
    biionic_ratio_from_shift,
    invert_ghk,
    shift_from_ratio,
)
from permeant.physics.ghk_joint import JointSolution, solve_permeabilities, solve_permeability_draws
from permeant.physics.ghk_reversal import ghk_reversal_mv, ghk_voltage_mv, has_reversal
from permeant.physics.ghk_terms import phi
from permeant.physics.hamer_wu import hamer_wu_mean_activity_coefficient
from permeant.physics.identifiability import Identifiability, assess_identifiability
from permeant.physics.ions import IONS, Ion, UnknownIonError, find_ion
from permeant.physics.junction import (
    bath_change_shift_mv,
    henderson_from_arrays_mv,
    henderson_mv,
    membrane_potential_mv,
)
from permeant.physics.kinetics import boltzmann, effective_gating_charge, q10_factor, q10_from_rates
from permeant.physics.mobilities import MissingMobilityError
from permeant.physics.nernst_planck import (
    JunctionSolverError,
    nernst_planck_from_arrays_mv,
    nernst_planck_mv,
)
from permeant.physics.ohmic import (
    TwoPointFit,
    chord_conductance_ns,
    conductance_ratio_from_reversal,
    conductance_weighted_reversal_mv,
    fit_two_points,
    ohmic_current_pa,
    resistance_mohm,
    slope_conductance_ns,
    symmetric_conductance_s_per_m2,
)
from permeant.physics.pitzer import (
    MissingParametersError,
    pitzer_activity_coefficients,
    pitzer_mean_activity_coefficient,
)
from permeant.physics.solutions import (
    ChargeBalanceError,
    balanced_by,
    charge_residual_mm,
    check_electroneutrality,
    composition,
    ionic_strength_mm,
    osmolarity_mosm,
)
from permeant.physics.viscosity import ViscosityExponent, assess_viscosity, viscosity_exponent
from permeant.physics.water import debye_huckel_slope, dielectric_constant

__all__ = [
    "AVOGADRO_PER_MOL",
    "BOLTZMANN_J_PER_K",
    "ELEMENTARY_CHARGE_C",
    "FARADAY_C_PER_MOL",
    "GAS_CONSTANT_J_PER_MOL_K",
    "IONS",
    "ActivityCoefficients",
    "ArgumentError",
    "ChargeBalanceError",
    "CurveFit",
    "Identifiability",
    "Inversion",
    "Ion",
    "JointSolution",
    "JunctionSolverError",
    "MissingMobilityError",
    "MissingParametersError",
    "ReversalError",
    "TwoPointFit",
    "UnknownIonError",
    "ViscosityExponent",
    "absolute_permeability_m_per_s",
    "action_potential_atp",
    "activity_coefficients",
    "area_from_capacitance_um2",
    "assess_identifiability",
    "assess_viscosity",
    "atp_from_calcium_charge",
    "atp_from_sodium_charge",
    "atp_per_second_at_rest",
    "balanced_by",
    "bates_guggenheim",
    "bath_change_shift_mv",
    "biionic_ratio_from_shift",
    "boltzmann",
    "charge_residual_mm",
    "check_electroneutrality",
    "chemical_driving_force_j_per_mol",
    "chord_conductance_ns",
    "composition",
    "conductance_ratio_from_reversal",
    "conductance_weighted_reversal_mv",
    "davies",
    "debye_huckel_slope",
    "dielectric_constant",
    "direction_of_movement",
    "driving_force_mv",
    "effective_gating_charge",
    "electrical_free_energy_j_per_mol",
    "find_ion",
    "fit_curve_permeabilities",
    "fit_two_points",
    "free_energy_j_per_ion",
    "free_energy_j_per_mol",
    "ghk_chord_conductance_s_per_m2",
    "ghk_current_density",
    "ghk_current_pa",
    "ghk_current_per_permeability",
    "ghk_reversal_mv",
    "ghk_slope_conductance_s_per_m2",
    "ghk_slope_per_permeability",
    "ghk_voltage_mv",
    "guntelberg",
    "hamer_wu_mean_activity_coefficient",
    "has_reversal",
    "henderson_from_arrays_mv",
    "henderson_mv",
    "invert_ghk",
    "ionic_strength_mm",
    "ions_from_charge",
    "limiting_law",
    "mean_activity_coefficient",
    "membrane_potential_mv",
    "minimal_sodium_ions",
    "moles_from_charge",
    "nernst_mv",
    "nernst_planck_from_arrays_mv",
    "nernst_planck_mv",
    "ohmic_current_pa",
    "one_way_flux_densities",
    "osmolarity_mosm",
    "permeability_from_symmetric_conductance",
    "phi",
    "pitzer_activity_coefficients",
    "pitzer_mean_activity_coefficient",
    "q10_factor",
    "q10_from_rates",
    "resistance_mohm",
    "shift_from_ratio",
    "slope_conductance_ns",
    "sodium_pump_work_j_per_mol",
    "solve_permeabilities",
    "solve_permeability_draws",
    "symmetric_conductance_s_per_m2",
    "synaptic_current_atp",
    "thermal_voltage_mv",
    "to_kelvin",
    "ussing_flux_ratio",
    "viscosity_exponent",
]

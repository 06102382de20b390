"""What the simulated cells have in common: solutions, channels, the usual rig."""

from __future__ import annotations

from typing import TYPE_CHECKING

from permeant.simulate.cells import Gate, Membrane
from permeant.simulate.project import Solutions, build_carriers
from permeant.simulate.rig import Rig

if TYPE_CHECKING:
    from collections.abc import Mapping

TEMPERATURE_C = 22.0

SOLUTIONS: Solutions = {
    "K_gluconate_in": {"K": 140, "Mg": 2, "Cl": 29, "gluconate": 110, "HEPES": 5},
    "KCl_in": {"K": 140, "Mg": 1, "Cl": 137, "HEPES": 5},
    "bath_Na_K": {"Na": 140, "K": 5, "Mg": 2, "Cl": 144, "HEPES": 5},
    "bath_Na": {"Na": 145, "Mg": 2, "Cl": 144, "HEPES": 5},
    "bath_Na_sucrose": {"Na": 145, "Mg": 2, "Cl": 144, "HEPES": 5},
    "bath_Li": {"Li": 145, "Mg": 2, "Cl": 144, "HEPES": 5},
    "bath_Cs": {"Cs": 145, "Mg": 2, "Cl": 144, "HEPES": 5},
    "bath_Ca": {"NMDG": 105, "Ca": 20, "Cl": 140, "HEPES": 5},
    "K_Na_in": {"K": 140, "Na": 10, "Mg": 1, "Cl": 147, "HEPES": 5},
}
"""Free concentrations in mM; HEPES stands for its charged half."""

NONSELECTIVE = {"K": 1.0, "Na": 0.9, "Li": 0.65, "Cs": 1.1, "Ca": 8.0}
POTASSIUM = {"K": 1.0, "Na": 0.02}
PERMEABILITY_K_M3_PER_S = 1.2e-17
"""Gives a cell with 140 mM K on both sides about 6 nS."""

USUAL_RIG = Rig(
    r_s_mohm=8.0,
    r_s_compensation=0.6,
    c_m_pf=22.0,
    transient_cancelled=0.9,
    low_pass_khz=1.0,
    white_pa=3.0,
    pink_pa=0.5,
    mains_pa=0.3,
    command_noise_mv=0.05,
)


def pass_ions(
    ratios: Mapping[str, float],
    pipette: str,
    bath: str,
    scale: float = 1.0,
    *,
    gates: tuple[Gate, ...] = (),
    temperature_c: float = TEMPERATURE_C,
) -> Membrane:
    """Return a membrane that passes the ions of two solutions, without a leak.

    Parameters
    ----------
    ratios : mapping of str to float
        Permeability of each ion over that of K.
    pipette, bath : str
        Names of solutions.
    scale : float
        Permeability to K in units of ``PERMEABILITY_K_M3_PER_S``.
    gates, temperature_c
        As in ``Membrane``.
    """
    carriers = build_carriers(
        ratios, SOLUTIONS[pipette], SOLUTIONS[bath], scale * PERMEABILITY_K_M3_PER_S
    )
    return Membrane(temperature_c, carriers=carriers, gates=gates)

"""Which way every ion of the solutions is driven, and how hard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from permeant.physics.arguments import ReversalError
from permeant.physics.electrochemistry import (
    driving_force_mv,
    free_energy_j_per_mol,
    nernst_mv,
    ussing_flux_ratio,
)
from permeant.physics.ghk_reversal import ghk_reversal_mv
from permeant.physics.ions import Ion, find_ion
from permeant.records import DrivingForce, Solution


def driving_forces(
    pipette: Solution,
    bath: Solution,
    voltages_mv: Sequence[float],
    temperature_c: float,
    *,
    inside_is_pipette: bool = True,
    extra_ions: Mapping[str, Ion] | None = None,
    places: Sequence[str] = (),
) -> tuple[DrivingForce, ...]:
    """Nernst potential and driving force of every ion at some voltages.

    Parameters
    ----------
    pipette, bath : Solution
        Concentrations in mM.
    voltages_mv : sequence of float
        Membrane voltages in mV, inside minus outside.
    temperature_c : float
        Temperature in °C.
    inside_is_pipette : bool
        False where the pipette faces the outside of the membrane.
    extra_ions : mapping of str to Ion, optional
        Ions that the configuration adds.
    places : sequence of str, optional
        What each of the voltages is, in words.

    Returns
    -------
    tuple of DrivingForce
        Ion by ion; an ion that is missing on one side has no Nernst potential, and its
        numbers are None.
    """
    inside, outside = (pipette, bath) if inside_is_pipette else (bath, pipette)
    names = sorted({name for s in (pipette, bath) for name, mm in s.ions_mm.items() if mm > 0})
    found = []
    for name in names:
        valence = find_ion(name, extra_ions).valence
        in_mm, out_mm = inside.ions_mm.get(name, 0.0), outside.ions_mm.get(name, 0.0)
        if in_mm <= 0.0 or out_mm <= 0.0:
            found.append(DrivingForce(name, valence, None, None, None, None, None))
            continue
        e_mv = nernst_mv(out_mm, in_mm, valence, temperature_c)
        found += [
            DrivingForce(
                ion=name,
                valence=valence,
                e_nernst_mv=e_mv,
                v_mv=v_mv,
                driving_force_mv=driving_force_mv(v_mv, e_mv),
                delta_g_j_per_mol=free_energy_j_per_mol(
                    v_mv, out_mm, in_mm, valence, temperature_c
                ),
                flux_ratio=ussing_flux_ratio(v_mv, e_mv, valence, temperature_c),
                at=at,
            )
            for v_mv, at in zip(voltages_mv, places or [""] * len(voltages_mv), strict=True)
        ]
    return tuple(found)


def estimate_rest_mv(
    pipette: Solution,
    bath: Solution,
    permeabilities: Mapping[str, float],
    temperature_c: float,
    *,
    inside_is_pipette: bool = True,
    extra_ions: Mapping[str, Ion] | None = None,
) -> float | None:
    """Estimate the potential at which a membrane of known permeabilities rests.

    Parameters
    ----------
    pipette, bath : Solution
        Concentrations in mM; the one inside stands for the cytosol.
    permeabilities : mapping of str to float
        Relative permeability of each ion at rest: an assumption, not a measurement.
    temperature_c : float
        Temperature in °C.
    inside_is_pipette : bool
        False where the pipette faces the outside of the membrane.
    extra_ions : mapping of str to Ion, optional
        Ions that the configuration adds.

    Returns
    -------
    float or None
        Zero-current potential in mV (Goldman 1943, doi:10.1085/jgp.27.1.37; Hodgkin & Katz 1949,
        doi:10.1113/jphysiol.1949.sp004310); None where these ions have none in these solutions.
    """
    inside, outside = (pipette, bath) if inside_is_pipette else (bath, pipette)
    names = sorted(permeabilities)
    try:
        rest_mv = ghk_reversal_mv(
            [permeabilities[name] for name in names],
            [inside.ions_mm.get(name, 0.0) for name in names],
            [outside.ions_mm.get(name, 0.0) for name in names],
            [find_ion(name, extra_ions).valence for name in names],
            temperature_c,
        )
    except ReversalError:
        return None
    return float(rest_mv)

"""``permeant forces``: the two forces on an ion, and which way it goes."""

from __future__ import annotations

import argparse

from permeant.calculators.answers import Answer, Quantity
from permeant.calculators.given import read_mm, read_number, read_temperature, require
from permeant.calculators.liquids import Shelf
from permeant.physics import (
    chemical_driving_force_j_per_mol,
    direction_of_movement,
    driving_force_mv,
    electrical_free_energy_j_per_mol,
    find_ion,
    free_energy_j_per_ion,
    free_energy_j_per_mol,
    nernst_mv,
    one_way_flux_densities,
    ussing_flux_ratio,
)

EQUATION = (
    "dG of entry = RT ln(inside/outside) + zFV = zF (V - E); flux ratio = exp(-n zF (V - E)/RT)"
)


def answer(arguments: argparse.Namespace) -> Answer:
    """Return the forces on one ion at one membrane potential."""
    shelf = Shelf.of(arguments)
    name = require(arguments.ion_name, "ION", "say which, for example K")
    ion = find_ion(name, shelf.extra)
    z = ion.valence
    if arguments.pipette is not None or arguments.bath is not None:
        pipette = shelf.liquid(require(arguments.pipette, "--pipette", "the solution inside"))
        bath = shelf.liquid(require(arguments.bath, "--bath", "the solution outside"))
        inside, outside = (shelf.concentration_mm(side, ion) for side in (pipette, bath))
    else:
        why = "give both concentrations (mM), or --pipette and --bath"
        inside = read_mm(require(arguments.inside, "--in", why), "--in")
        outside = read_mm(require(arguments.outside, "--out", why), "--out")
    v = read_number(require(arguments.at, "--at", "the membrane potential (mV)"), "--at")
    n = read_number(arguments.exponent, "--exponent")
    celsius, said = read_temperature(arguments, shelf.temperature_c)
    parts = _forces(v, outside, inside, z, celsius, n)
    if arguments.p is not None:
        p = read_number(arguments.p, "-P")
        influx, efflux = one_way_flux_densities(v, p, inside, outside, z, celsius)
        parts += [
            Quantity("influx_mol_per_m2_s", "influx", influx, "mol/m²/s", "one way, GHK"),
            Quantity("efflux_mol_per_m2_s", "efflux", efflux, "mol/m²/s", "one way, GHK"),
        ]
    return Answer(
        title=f"Forces on {name}, valence {z:+d}, at {v:g} mV",
        shown_inputs=(f"{inside:g} mM inside, {outside:g} mM outside, {said}",),
        equation=EQUATION,
        inputs={
            "ion": ion.name,
            "valence": z,
            "inside_mm": inside,
            "outside_mm": outside,
            "v_mv": v,
            "temperature_c": celsius,
            "single_file_exponent": n,
        },
        parts=parts,
        notes=["V is inside minus outside; an outward current is positive"],
    )


def _current(force: float) -> str:
    if force == 0:
        return "no net current"
    return f"drives {'outward' if force > 0 else 'inward'} current"


def _way(inwards: float) -> str:
    if inwards == 0:
        return "neither way"
    return "the ion in" if inwards > 0 else "the ion out"


def _exponent(n: float) -> str:
    return "Ussing, independent ions" if n == 1 else f"Ussing, single file with n = {n:g}"


def _forces(  # noqa: PLR0917 - the arguments of the equations, in their order
    v: float, outside: float, inside: float, z: int, celsius: float, n: float
) -> list[Quantity]:
    """Return both forces, their sum and what follows from it."""
    e = nernst_mv(outside, inside, z, celsius)
    force = driving_force_mv(v, e)
    chemical = chemical_driving_force_j_per_mol(outside, inside, celsius)
    electrical = electrical_free_energy_j_per_mol(v, z)
    total = free_energy_j_per_mol(v, outside, inside, z, celsius)
    ratio = ussing_flux_ratio(v, e, z, celsius, n)
    return [
        Quantity("e_nernst_mv", "E (Nernst)", e, "mV"),
        Quantity("driving_force_mv", "V - E", force, "mV", _current(force)),
        Quantity(
            "chemical_j_per_mol",
            "chemical force",
            chemical,
            "J/mol",
            f"RT ln(outside/inside): the gradient pulls {_way(chemical)}",
        ),
        Quantity(
            "electrical_j_per_mol",
            "electrical energy",
            electrical,
            "J/mol",
            f"zFV: the field pulls {_way(-electrical)}",
        ),
        Quantity(
            "free_energy_of_entry_j_per_mol",
            "dG of entry",
            total,
            "J/mol",
            "electrical minus chemical; negative: enters by itself",
        ),
        Quantity(
            "free_energy_of_entry_j_per_ion",
            "dG of entry, one ion",
            free_energy_j_per_ion(v, outside, inside, z, celsius),
            "J",
        ),
        Quantity("direction", "the ion moves", direction_of_movement(v, e, z)),
        Quantity("flux_ratio", "influx / efflux", ratio, "", _exponent(n)),
    ]

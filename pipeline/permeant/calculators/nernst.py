"""``permeant nernst``: the potential at which one ion is at equilibrium."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from permeant.calculators.answers import Answer, Quantity, Table, Value, solution_text
from permeant.calculators.given import UsageError, read_mm, read_temperature, require
from permeant.calculators.liquids import Liquid, Shelf, inputs_of
from permeant.physics import Ion, activity_coefficients, find_ion, nernst_mv
from permeant.physics.activity import Model

EQUATION = "Nernst: E = (RT/zF) ln(outside/inside), inside minus outside"
_WHY = "give both concentrations (mM), or --pipette and --bath"
_COLUMNS = {
    "ion": "ion",
    "valence": "z",
    "inside_mm": "inside mM",
    "outside_mm": "outside mM",
    "e_nernst_mv": "E mV",
    "note": "",
}


def answer(arguments: argparse.Namespace) -> Answer:
    """Return the equilibrium potential of one ion, or of all that two solutions share."""
    shelf = Shelf.of(arguments)
    if arguments.pipette is not None or arguments.bath is not None:
        return _of_solutions(arguments, shelf)
    name = require(arguments.ion_name, "ION", "say which, for example K")
    ion = find_ion(name, shelf.extra)
    inside = read_mm(require(arguments.inside, "--in", _WHY), "--in")
    outside = read_mm(require(arguments.outside, "--out", _WHY), "--out")
    celsius, said = read_temperature(arguments)
    e = nernst_mv(outside, inside, ion.valence, celsius)
    return Answer(
        title=f"Equilibrium potential of {name}, valence {ion.valence:+d}",
        shown_inputs=(f"{inside:g} mM inside, {outside:g} mM outside, {said}",),
        equation=EQUATION,
        inputs={
            "ion": ion.name,
            "valence": ion.valence,
            "inside_mm": inside,
            "outside_mm": outside,
            "temperature_c": celsius,
        },
        parts=[Quantity("e_nernst_mv", f"E_{ion.name}", e, "mV", _meaning(e))],
        notes=[
            "concentrations stand for activities: exact where both sides have equal coefficients"
        ],
    )


def _meaning(e_mv: float) -> str:
    return f"above {e_mv:.1f} mV its current is outward, below inward"


def _of_solutions(arguments: argparse.Namespace, shelf: Shelf) -> Answer:
    if arguments.inside is not None or arguments.outside is not None:
        raise UsageError("--in/--out and --pipette/--bath: give concentrations one way only")
    inside = shelf.liquid(require(arguments.pipette, "--pipette", "the solution inside"))
    outside = shelf.liquid(require(arguments.bath, "--bath", "the solution outside"))
    celsius, said = read_temperature(arguments, shelf.temperature_c)
    names = dict.fromkeys([*inside.ions_mm, *outside.ions_mm])
    ions = dict.fromkeys(find_ion(name, shelf.extra) for name in names)
    if arguments.ion_name is not None:
        ions = dict.fromkeys([find_ion(arguments.ion_name, shelf.extra)])
    gamma, warnings = _coefficients((inside, outside), arguments.activities, celsius, shelf)
    rows = [
        _row(
            ion,
            gamma[inside.name].get(ion, 1.0) * shelf.concentration_mm(inside, ion),
            gamma[outside.name].get(ion, 1.0) * shelf.concentration_mm(outside, ion),
            celsius,
        )
        for ion in ions
        if ion.valence != 0
    ]
    model = arguments.activities
    return Answer(
        title="Equilibrium potentials between two solutions",
        shown_inputs=(
            f"inside       {inside.name}: {solution_text(inside.ions_mm)}",
            f"outside      {outside.name}: {solution_text(outside.ions_mm)}",
            f"temperature  {said}",
        ),
        equation=EQUATION,
        inputs={
            "temperature_c": celsius,
            "activities": model,
            **inputs_of({"pipette": inside, "bath": outside}),
        },
        parts=[Table("ions", _COLUMNS, rows)],
        notes=[
            "concentrations stand for activities"
            if model == "none"
            else f"mM are single-ion activities ({model}), a convention"
        ],
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _coefficients(
    sides: Sequence[Liquid], model: Model, celsius: float, shelf: Shelf
) -> tuple[dict[str, dict[Ion, float]], list[str]]:
    """Return the activity coefficients of each side by ion, and what the model warns of."""
    gamma: dict[str, dict[Ion, float]] = {}
    warnings: list[str] = []
    for side in sides:
        found = activity_coefficients(side.ions_mm, model, celsius, extra=shelf.extra)
        gamma[side.name] = {find_ion(n, shelf.extra): value for n, value in found.gamma.items()}
        warnings += [f"{side.name}: {each}" for each in found.warnings]
    return gamma, warnings


def _row(ion: Ion, inside: float, outside: float, celsius: float) -> dict[str, Value]:
    """Return one ion's row; an ion absent on one side has no equilibrium potential."""
    both = inside > 0 and outside > 0
    absent = "inside" if inside == 0 else "outside"
    return {
        "ion": ion.name,
        "valence": ion.valence,
        "inside_mm": inside,
        "outside_mm": outside,
        "e_nernst_mv": nernst_mv(outside, inside, ion.valence, celsius) if both else None,
        "note": "" if both else f"undefined: absent {absent}",
    }

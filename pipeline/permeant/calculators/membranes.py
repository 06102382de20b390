"""The ions on the two sides of a membrane, written out or taken from two solutions."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from permeant.calculators.answers import solution_text
from permeant.calculators.given import (
    Permeant,
    UsageError,
    read_assignments,
    read_number,
    read_permeant,
    read_temperature,
)
from permeant.calculators.liquids import Liquid, Shelf
from permeant.physics import Ion, activity_coefficients, find_ion


@dataclass(frozen=True)
class Membrane:
    """Permeant ions, temperature, and how to say both."""

    permeants: tuple[Permeant, ...]
    temperature_c: float
    shown: tuple[str, ...]
    activities: str = "none"
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def inputs(self) -> dict[str, object]:
        """Return what went in, for JSON."""
        return {
            "temperature_c": self.temperature_c,
            "activities": self.activities,
            "ions": [
                {
                    "ion": each.name,
                    "valence": each.ion.valence,
                    "permeability": each.permeability,
                    "inside_mm": each.inside_mm,
                    "outside_mm": each.outside_mm,
                }
                for each in self.permeants
            ],
        }

    @property
    def arrays(self) -> tuple[list[float], list[float], list[float], list[int]]:
        """Return permeabilities, inside, outside (mM) and valences."""
        return (
            [each.permeability for each in self.permeants],
            [each.inside_mm for each in self.permeants],
            [each.outside_mm for each in self.permeants],
            [each.ion.valence for each in self.permeants],
        )


def read_membrane(
    arguments: argparse.Namespace, shelf: Shelf, ions: Sequence[str], permeabilities: Sequence[str]
) -> Membrane:
    """Return the membrane of ``ION=P:IN/OUT`` terms, or of two solutions and ``-P ION=P``."""
    if arguments.pipette is None and arguments.bath is None:
        if permeabilities:
            raise UsageError("-P goes with --pipette and --bath; without them write K=1:140/5")
        if arguments.activities != "none":
            raise UsageError(
                "--activities needs whole solutions (--pipette and --bath): a coefficient depends "
                "on every ion that is there"
            )
        celsius, said = read_temperature(arguments)
        found = tuple(read_permeant(text, shelf.extra) for text in ions)
        _refuse_twice(found)
        return Membrane(found, celsius, (f"temperature  {said}",))
    if arguments.pipette is None or arguments.bath is None:
        raise UsageError("--pipette and --bath go together: the inside and the outside solution")
    if ions:
        raise UsageError(f"{ions[0]!r} and --pipette/--bath: give concentrations one way only")
    inside = shelf.liquid(arguments.pipette)
    outside = shelf.liquid(arguments.bath)
    celsius, said = read_temperature(arguments, shelf.temperature_c)
    given = read_assignments(permeabilities, "-P", "Na=0.04")
    named = {name: find_ion(name, shelf.extra) for name in given}
    sides, warnings = [], []
    for liquid in (inside, outside):
        amounts, more = _effective(
            liquid, list(named.values()), arguments.activities, celsius, shelf
        )
        sides.append(amounts)
        warnings += [f"{liquid.name}: {each}" for each in more]
    found = tuple(
        Permeant(name, ion, read_number(given[name], f"P of {name}"), *amounts)
        for (name, ion), *amounts in zip(named.items(), *sides, strict=True)
    )
    _refuse_twice(found)
    held = {find_ion(name, shelf.extra) for each in (inside, outside) for name in each.ions_mm}
    others = sorted(ion.name for ion in held - set(named.values()) if ion.valence)
    notes = [f"taken as impermeant: {', '.join(others)}"] if others else []
    if arguments.activities != "none":
        notes.append(
            f"single-ion activities ({arguments.activities}), a convention: compare only with "
            "numbers of the same convention"
        )
    shown = (
        f"inside       {inside.name}: {solution_text(inside.ions_mm)}",
        f"outside      {outside.name}: {solution_text(outside.ions_mm)}",
        f"temperature  {said}",
    )
    return Membrane(
        found, celsius, shown, arguments.activities, tuple(notes), tuple(dict.fromkeys(warnings))
    )


def _effective(
    liquid: Liquid, ions: Sequence[Ion], model: str, celsius: float, shelf: Shelf
) -> tuple[list[float], tuple[str, ...]]:
    """Return concentrations, or activities, of some ions of a solution (mM)."""
    amounts = [shelf.concentration_mm(liquid, ion) for ion in ions]
    if model == "none":
        return amounts, ()
    found = activity_coefficients(
        liquid.ions_mm,
        "davies" if model == "davies" else "pitzer",
        celsius,
        extra=shelf.extra,
    )
    gamma = {find_ion(name, shelf.extra): value for name, value in found.gamma.items()}
    return [gamma.get(ion, 1.0) * mm for ion, mm in zip(ions, amounts, strict=True)], found.warnings


def _refuse_twice(permeants: Sequence[Permeant]) -> None:
    seen: set[Ion] = set()
    for each in permeants:
        if each.ion in seen:
            raise UsageError(f"{each.name} is given twice; keep one")
        seen.add(each.ion)

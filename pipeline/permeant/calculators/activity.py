"""``permeant activity``: activity coefficients by two models, side by side."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from itertools import product
from typing import Literal

from permeant.calculators.answers import Answer, Quantity, Table, Value, solution_text
from permeant.calculators.given import UsageError, read_assignments, read_temperature
from permeant.calculators.liquids import Liquid, Shelf
from permeant.physics import (
    ActivityCoefficients,
    activity_coefficients,
    find_ion,
    mean_activity_coefficient,
    osmolarity_mosm,
)
from permeant.physics.pitzer import MissingParametersError

_NAMES = {"davies": "Davies", "pitzer": "Pitzer"}
EQUATIONS = {
    "davies": "Davies: log10 g = -A z² (sqrt(I)/(1 + sqrt(I)) - 0.3 I)",
    "pitzer": "Pitzer with the mixing terms of Harvie, Møller & Weare (1984)",
}


def answer(arguments: argparse.Namespace) -> Answer:
    """Return coefficients and activities of the ions of one solution."""
    shelf = Shelf.of(arguments)
    liquid = _liquid(arguments, shelf)
    celsius, said = read_temperature(arguments, shelf.temperature_c)
    substitute = _substitute(arguments, shelf)
    models: list[Literal["davies", "pitzer"]] = (
        ["davies", "pitzer"] if arguments.model == "both" else [arguments.model]
    )
    found: dict[str, ActivityCoefficients] = {}
    warnings: list[str] = []
    for model in models:
        try:
            found[model] = activity_coefficients(
                liquid.ions_mm,
                model,
                celsius,
                extra=shelf.extra,
                substitute=substitute if model == "pitzer" else None,
            )
        except MissingParametersError as error:
            why = (
                f"no Pitzer parameters for {', '.join(error.pairs)}; let an ion stand in with "
                "--substitute, for example gluconate=Cl"
            )
            if len(models) == 1:
                raise UsageError(why) from None
            warnings.append(f"Pitzer is left out: {why}")
        else:
            warnings += [f"{_NAMES[model]}: {each}" for each in found[model].warnings]
    strength = next(iter(found.values())).ionic_strength_mm
    return Answer(
        title=f"Activity coefficients in {liquid.name}",
        shown_inputs=(
            f"composition  {solution_text(liquid.ions_mm)}",
            f"temperature  {said}",
        ),
        equation="; ".join(EQUATIONS[model] for model in found),
        inputs={"name": liquid.name, "ions_mm": liquid.ions_mm, "temperature_c": celsius},
        parts=[
            Quantity("ionic_strength_mm", "ionic strength", strength, "mM"),
            Quantity(
                "osmolarity_mosm",
                "osmolarity",
                osmolarity_mosm(liquid.ions_mm, shelf.extra),
                "mOsm/l",
                "sum of what is listed, ideal",
            ),
            Quantity("charge_residual_mm", "residual charge", shelf.residual_mm(liquid), "mM"),
            _single(liquid, found, shelf),
            *_means(liquid, found, shelf),
        ],
        notes=[
            "single-ion coefficients are a convention; only the means of neutral salts can be "
            "measured. Never compare ratios across conventions",
            "concentrations are read as mmol per kg of water, right to 1 % below 200 mM",
        ],
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _liquid(arguments: argparse.Namespace, shelf: Shelf) -> Liquid:
    given = list(arguments.composition)
    if not given:
        raise UsageError("no solution is given: write Na=145 Cl=145, a file, or a name")
    if len(given) == 1:
        return shelf.liquid(given[0])
    if not all("=" in text for text in given):
        raise UsageError(f"{' '.join(given)!r}: give ions as NAME=MM, or one solution by its name")
    return shelf.liquid(",".join(given))


def _substitute(arguments: argparse.Namespace, shelf: Shelf) -> dict[str, str]:
    given = read_assignments(arguments.substitute, "--substitute", "gluconate=acetate")
    return {
        find_ion(name, shelf.extra).name: find_ion(other, shelf.extra).name
        for name, other in given.items()
    }


def _single(liquid: Liquid, found: dict[str, ActivityCoefficients], shelf: Shelf) -> Table:
    columns = {"ion": "ion", "valence": "z", "concentration_mm": "mM"}
    for model in found:
        columns[f"gamma_{model}"] = f"gamma {_NAMES[model]}"
        columns[f"activity_{model}_mm"] = "activity mM"
    rows = []
    for name, mm in liquid.ions_mm.items():
        row: dict[str, float | int | str | None] = {
            "ion": name,
            "valence": find_ion(name, shelf.extra).valence,
            "concentration_mm": mm,
        }
        for model, each in found.items():
            row[f"gamma_{model}"] = each.gamma[name]
            row[f"activity_{model}_mm"] = each.gamma[name] * mm
        rows.append(row)
    return Table("ions", columns, rows, "Single ions (by convention):")


def _means(liquid: Liquid, found: dict[str, ActivityCoefficients], shelf: Shelf) -> list[Table]:
    ions = {name: find_ion(name, shelf.extra) for name in liquid.ions_mm}
    cations = [name for name, ion in ions.items() if ion.valence > 0]
    anions = [name for name, ion in ions.items() if ion.valence < 0]
    if not cations or not anions:
        return []
    columns = {"salt": "salt", **{f"mean_{m}": f"mean gamma {_NAMES[m]}" for m in found}}
    rows: list[Mapping[str, Value]] = [
        {
            "salt": f"{cation}-{anion}",
            **{
                f"mean_{model}": mean_activity_coefficient(
                    each.gamma[cation],
                    each.gamma[anion],
                    ions[cation].valence,
                    ions[anion].valence,
                )
                for model, each in found.items()
            },
        }
        for cation, anion in product(cations, anions)
    ]
    return [Table("salts", columns, rows, "Salts (measurable):")]

"""The same ratios under the three conventions of activities, side by side.

Concentrations, Davies' and Pitzer's activities give ratios of divalents that differ by factors;
none is more right than the others, but a ratio means something only beside its convention.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from permeant.errors import PermeantError
from permeant.infer.ghk_system import Observation
from permeant.ratio_records import ConventionRatio
from permeant.records import PermeabilityRatio

MODELS = ("none", "davies", "pitzer")


def convention_name(
    model: str, observations: Sequence[Observation], substitutes: Mapping[str, str] | None
) -> str:
    """Say in words what stands for the concentrations.

    Parameters
    ----------
    model : {'none', 'davies', 'pitzer'}
        As in the configuration.
    observations : sequence of Observation
        The recordings, whose solutions tell which substitutes were needed.
    substitutes : mapping of str to str, optional
        Ions whose Pitzer parameters stand in for those of others.

    Returns
    -------
    str
        For example ``single-ion activities, Pitzer (HEPES as Cl)``.
    """
    if model == "none":
        return "concentrations"
    if model == "davies":
        return "single-ion activities, Davies"
    held = {
        ion
        for seen in observations
        for solution in (seen.inside_mm, seen.outside_mm)
        for ion, mm in solution.items()
        if mm > 0
    }
    used = [
        f"{ion} as {other}" for ion, other in sorted((substitutes or {}).items()) if ion in held
    ]
    return "single-ion activities, Pitzer" + (f" ({', '.join(used)})" if used else "")


def compare_conventions(
    ratios: Sequence[PermeabilityRatio],
    observations: Sequence[Observation],
    chosen: str,
    substitutes: Mapping[str, str],
    infer: Callable[[str], Any],
) -> tuple[ConventionRatio, ...]:
    """Put the ratios of a cell under all three conventions side by side.

    Parameters
    ----------
    ratios : sequence of PermeabilityRatio
        The answer proper, under the chosen convention.
    observations : sequence of Observation
        The recordings behind it.
    chosen : str
        The convention of the configuration.
    substitutes : mapping of str to str
        Ions whose Pitzer parameters stand in for those of others.
    infer : callable
        Gives the answer under another convention, errors propagated linearly.

    Returns
    -------
    tuple of ConventionRatio
        Ion by ion; a convention that cannot be had says why.  Fixed ratios are left out.
    """
    answers: dict[str, dict[str, PermeabilityRatio]] = {}
    refused: dict[str, str] = {}
    for model in MODELS:
        try:
            found = ratios if model == chosen else infer(model).ratios
        except PermeantError as trouble:
            refused[model] = str(trouble)
            found = ()
        answers[model] = {one.ion: one for one in found}
    rows = []
    for ratio in ratios:
        if ratio.method == "fixed":
            continue
        for model in MODELS:
            name = convention_name(model, observations, substitutes)
            one = answers[model].get(ratio.ion)
            rows.append(
                ConventionRatio(
                    ratio.ion, ratio.reference_ion, model, name,
                    one.status if one else "rejected",
                    one.reason if one else refused.get(model, ""),
                    one.ratio if one else None,
                    one.ratio_low if one else None,
                    one.ratio_high if one else None,
                    chosen=model == chosen,
                )
            )  # fmt: skip
    return tuple(rows)

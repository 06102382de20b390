"""``permeant design``: which baths would tell the permeability ratios best."""

from __future__ import annotations

import argparse
import math

from permeant.calculators.answers import Answer, Quantity, Table, Value
from permeant.calculators.given import (
    UsageError,
    read_assignments,
    read_number,
    read_temperature,
    require,
)
from permeant.calculators.liquids import Liquid, Shelf
from permeant.physics import find_ion
from permeant.physics.bath_design import BathSet, ExpectedErrors, rank_bath_sets

EQUATION = (
    "cov(ln P) = (AᵀC⁻¹A)⁻¹, A = dE_rev/d ln P by GHK at the guessed ratios, C from all errors"
)


def answer(arguments: argparse.Namespace) -> Answer:
    """Return the sets of baths, the best first, with the intervals to expect."""
    shelf = Shelf.of(arguments)
    pipette = shelf.balanced(
        require(arguments.pipette, "--pipette", "what is inside decides every reversal")
    )
    baths = _baths(arguments, shelf, pipette)
    reference = require(arguments.reference, "--reference", "the ion whose permeability is 1")
    base = find_ion(reference, shelf.extra).name
    ratios = _guesses(arguments, shelf, base)
    celsius, said = read_temperature(arguments, shelf.temperature_c)
    errors = _errors(arguments)
    fixed = [find_ion(name, shelf.extra).name for name in arguments.fixed]
    strangers = [name for name in fixed if name not in ratios]
    if strangers:
        raise UsageError(f"--fixed {', '.join(strangers)} has no ratio; give it with -P ION=RATIO")
    sets = rank_bath_sets(
        _by_ion(pipette, shelf),
        {bath.name: _by_ion(bath, shelf) for bath in baths},
        ratios,
        {ion: find_ion(ion, shelf.extra).valence for ion in ratios},
        celsius,
        reference=base,
        fixed=fixed,
        errors=errors,
        largest=_count(arguments.largest, "--largest") if arguments.largest else None,
        first=_first(arguments, shelf, baths),
    )
    shown = _count(arguments.show, "--show")
    return Answer(
        title=f"Which baths tell {_wanted(ratios, base, fixed)} best",
        shown_inputs=(
            f"pipette {pipette.name}; {len(baths)} candidate baths, {len(sets)} sets; {said}",
            f"errors (1 sd): E_rev {errors.sigma_e_mv:g} mV, junction potential "
            f"{errors.sigma_ljp_mv:g} mV, temperature {errors.sigma_temperature_c:g} °C, "
            f"concentrations {100 * errors.sigma_concentration_fraction:g} %",
        ),
        equation=EQUATION,
        inputs={
            "pipette": {"name": pipette.name, "ions_mm": pipette.ions_mm},
            "baths": {bath.name: bath.ions_mm for bath in baths},
            "ratios": ratios,
            "reference_ion": base,
            "fixed": fixed,
            "temperature_c": celsius,
            "sigma_e_mv": errors.sigma_e_mv,
            "sigma_ljp_mv": errors.sigma_ljp_mv,
            "sigma_temperature_c": errors.sigma_temperature_c,
            "sigma_concentration_fraction": errors.sigma_concentration_fraction,
        },
        parts=_parts(sets, shown, ratios, base),
        notes=(
            "the intervals are those to expect if the guessed ratios hold; other guesses, other "
            "best sets: try a few",
            "the junction potential is the same in all baths zeroed in one: over a reference ion "
            "in the bath it nearly cancels, over one in the pipette it does not",
        ),
        warnings=_warnings(sets),
    )


def _errors(arguments: argparse.Namespace) -> ExpectedErrors:
    return ExpectedErrors(
        sigma_e_mv=_positive(arguments.sigma, "--sigma"),
        sigma_ljp_mv=_not_negative(arguments.sigma_ljp, "--sigma-ljp"),
        sigma_temperature_c=_not_negative(arguments.sigma_temperature, "--sigma-temperature"),
        sigma_concentration_fraction=_not_negative(
            arguments.sigma_concentration, "--sigma-concentration"
        ),
    )


def _baths(arguments: argparse.Namespace, shelf: Shelf, pipette: Liquid) -> list[Liquid]:
    named = list(arguments.bath)
    if arguments.all:
        named += [name for name in shelf.load() if name not in (pipette.name, *named)]
    if not named:
        raise UsageError("--bath is missing: name each bath that could be used, or give --all")
    if len(set(named)) < len(named):
        raise UsageError("--bath names one bath twice; keep one")
    return [shelf.balanced(name) for name in named]


def _guesses(arguments: argparse.Namespace, shelf: Shelf, reference: str) -> dict[str, float]:
    ratios = {reference: 1.0}
    for name, text in read_assignments(arguments.permeability, "-P", "Na=0.9").items():
        ion, ratio = find_ion(name, shelf.extra).name, read_number(text, f"-P {name}")
        if ion == reference and ratio != 1:
            raise UsageError(f"-P {name}={text}: the reference is 1 by definition; leave it out")
        if ratio <= 0:
            raise UsageError(f"-P {name}={text}: a guess must be larger than 0")
        ratios[ion] = ratio
    if len(ratios) < 2:
        raise UsageError("-P is missing: guess the ratio of each permeant ion, -P Na=0.9")
    return ratios


def _by_ion(liquid: Liquid, shelf: Shelf) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, mm in liquid.ions_mm.items():
        ion = find_ion(name, shelf.extra).name
        found[ion] = found.get(ion, 0.0) + mm
    return found


def _first(arguments: argparse.Namespace, shelf: Shelf, baths: list[Liquid]) -> str | None:
    if arguments.first is None:
        return None
    name = shelf.liquid(arguments.first).name
    if name not in [bath.name for bath in baths]:
        raise UsageError(f"--first {arguments.first} is none of the baths; add it with --bath")
    return name


def _positive(text: str, option: str) -> float:
    value = read_number(text, option)
    if value <= 0:
        raise UsageError(f"{option} = {value:g} must be larger than 0")
    return value


def _not_negative(text: str, option: str) -> float:
    value = read_number(text, option)
    if value < 0:
        raise UsageError(f"{option} = {value:g} must be 0 or larger")
    return value


def _count(text: str, option: str) -> int:
    value = read_number(text, option)
    if value < 1 or value != int(value):
        raise UsageError(f"{option} = {text} must be a whole number from 1")
    return int(value)


def _wanted(ratios: dict[str, float], reference: str, fixed: list[str]) -> str:
    unknown = [ion for ion in ratios if ion != reference and ion not in fixed]
    return ", ".join(f"P_{ion}/P_{reference}" for ion in unknown)


def _parts(
    sets: list[BathSet], shown: int, ratios: dict[str, float], reference: str
) -> list[Quantity | Table]:
    good = [one for one in sets if math.isfinite(one.worst)]
    if not good:
        return [Quantity("best_set", "best set", None, "", "no set determines all of the ratios")]
    best = good[0]
    intervals: list[dict[str, Value]] = []
    for ion, sd in best.sd_ln.items():
        low, high = best.interval(ion, ratios[ion])
        intervals.append(
            {
                "ratio": f"P_{ion}/P_{reference}",
                "guess": ratios[ion],
                "expected_low": low,
                "expected_high": high,
                "relative_error_percent": 100 * sd,
            }
        )
    listed: list[dict[str, Value]] = [
        {
            "baths": " + ".join(one.baths),
            "worst_error_percent": 100 * one.worst,
            "condition": one.identifiability.condition,
        }
        for one in good[:shown]
    ]
    reversals: list[dict[str, Value]] = [
        {"bath": bath, "e_rev_mv": e} for bath, e in zip(best.baths, best.e_rev_mv, strict=True)
    ]
    return [
        Quantity(
            "best_set",
            "best set",
            " + ".join(best.baths),
            "",
            f"{len(good)} of {len(sets)} sets tell all of the ratios",
        ),
        Table(
            "expected",
            {
                "ratio": "ratio", "guess": "guess", "expected_low": "95 % from",
                "expected_high": "to", "relative_error_percent": "error (1 sd, %)",
            },
            intervals,
            "What the best set would give",
        ),
        Table(
            "reversals", {"bath": "bath", "e_rev_mv": "E_rev (mV)"}, reversals,
            "Reversals to expect in it: the voltages must reach beyond them on both sides",
        ),
        Table(
            "sets",
            { "baths": "baths",
                "worst_error_percent": "largest error (1 sd, %)", "condition": "condition",
            },
            listed,
            "The best sets",
        ),
    ]  # fmt: skip


def _warnings(sets: list[BathSet]) -> list[str]:
    open_sets = [one for one in sets if not math.isfinite(one.worst)]
    if not sets:
        return ["no bath has a reversal with these ions: a permeant ion must be on either side"]
    if len(open_sets) < len(sets):
        return []
    fullest = max(sets, key=lambda one: (len(one.baths), one.baths))
    return [
        f"all of {' + '.join(fullest.baths)}: {'; '.join(fullest.identifiability.undetermined)}"
    ]

"""``permeant ratio``: a permeability ratio from a reversal potential."""

from __future__ import annotations

import argparse
import math
from contextlib import suppress
from dataclasses import dataclass

from permeant.calculators.answers import Answer, Quantity
from permeant.calculators.given import (
    UsageError,
    read_assignments,
    read_number,
    read_temperature,
    require,
)
from permeant.calculators.liquids import Shelf
from permeant.calculators.membranes import Membrane, read_membrane
from permeant.physics import (
    Ion,
    ReversalError,
    biionic_ratio_from_shift,
    conductance_ratio_from_reversal,
    find_ion,
    ghk_reversal_mv,
    invert_ghk,
    nernst_mv,
)

EQUATION = "GHK, zero net current at E_rev: P_X = -sum over known ions of P f(E)/f_X(E)"
SHIFT_EQUATION = "bi-ionic shift: P_X/P_ref = exp(zF dE/RT), dE = E_rev(X) - E_rev(ref)"
CAUSES = (
    "likely causes: another ion permeates, the junction potential has the wrong sign or is applied "
    "twice, or a solution is not what it is said to be"
)
_Z_95 = 1.959963984540054


@dataclass(frozen=True)
class _Bound:
    """One end of an interval: a number, or why there is none."""

    value: float
    open_end: bool


def answer(arguments: argparse.Namespace) -> Answer:
    """Return P_X/P_ref with what can be said about its error."""
    shelf = Shelf.of(arguments)
    top, slash, bottom = arguments.ratio.partition("/")
    if not (slash and top and bottom):
        raise UsageError(f"{arguments.ratio!r} must be ION/REFERENCE, for example Na/K")
    if arguments.shift is not None:
        return _from_shift(arguments, shelf, top, bottom)
    membrane, place = _membrane(arguments, shelf, top, bottom)
    e = read_number(require(arguments.e_rev, "--e-rev", "the reversal potential (mV)"), "--e-rev")
    sigma = _sigma(arguments)
    arrays = membrane.arrays
    found = invert_ghk(e, *arrays, membrane.temperature_c, place)
    label = f"P_{top}/P_{bottom}"
    allowed = _allowed(membrane, place)
    inputs = {**membrane.inputs, "ion": top, "reference_ion": bottom, "e_rev_mv": e}
    interval = _interval(membrane, place, e, sigma, label)
    if not found.feasible:
        parts = [
            Quantity("ratio", label, None, "", f"infeasible: the equation gives {found.ratio:.4g}"),
            Quantity("status", "status", _status(interval, "infeasible")),
            *interval,
            *allowed,
        ]
    else:
        parts = [
            Quantity("ratio", label, found.ratio, "", _words(found.ratio, top, bottom)),
            Quantity("status", "status", _status(interval, "ok")),
            Quantity(
                "relative_change_per_mv",
                "change per mV",
                100 * found.slope_per_mv / found.ratio,
                "%/mV",
                "of the ratio with E_rev: how an error of 1 mV comes through",
            ),
            *interval,
            *allowed,
            *_conductances(membrane, place, e, top, bottom),
        ]
    return Answer(
        title=f"Permeability ratio {label} from E_rev = {e:g} mV",
        shown_inputs=(*membrane.shown, *_sides(membrane)),
        equation=EQUATION,
        inputs={**inputs, **({} if sigma is None else {"sigma_mv": sigma})},
        parts=parts,
        notes=(
            *membrane.notes,
            "E_rev must be corrected for the junction potential, and be measured, not extrapolated",
        ),
        warnings=(*membrane.warnings, *([] if found.feasible else [CAUSES])),
    )


def _membrane(
    arguments: argparse.Namespace, shelf: Shelf, top: str, bottom: str
) -> tuple[Membrane, int]:
    """Return the membrane with the unknown ion among its ions, at P = 1, and its place."""
    named = {top, bottom}
    if arguments.pipette is None and arguments.bath is None:
        given = read_assignments(arguments.terms, "ion", "Na=15/145")
        missing = sorted(named - set(given))
        if missing:
            raise UsageError(
                f"{', '.join(missing)} has no concentrations; write "
                f"{missing[0]}=INSIDE/OUTSIDE, or give --pipette and --bath"
            )
        terms = [_term(name, text, name in named) for name, text in given.items()]
        membrane = read_membrane(arguments, shelf, terms, arguments.permeability)
    else:
        known = read_assignments(arguments.permeability, "-P", "Cl=0.1")
        if named & set(known):
            raise UsageError("-P gives the other ions: the ratio's own are 1 and unknown")
        listed = [f"{name}=1" for name in (top, bottom)] + list(arguments.permeability)
        membrane = read_membrane(arguments, shelf, arguments.terms, listed)
    ion, reference = find_ion(top, shelf.extra), find_ion(bottom, shelf.extra)
    if ion == reference:
        raise UsageError(f"{arguments.ratio!r} is a ratio of one ion to itself")
    for each in membrane.permeants:
        if each.ion == reference and each.inside_mm == 0 == each.outside_mm:
            raise UsageError(f"the reference {bottom} is on neither side; name one that is there")
    return membrane, [each.ion for each in membrane.permeants].index(ion)


def _term(name: str, text: str, in_ratio: bool) -> str:
    if in_ratio and ":" in text:
        raise UsageError(f"{name}={text}: {name} is in the ratio itself; give only INSIDE/OUTSIDE")
    if not in_ratio and ":" not in text:
        raise UsageError(f"{name}={text}: {name} needs its ratio too: {name}=RATIO:INSIDE/OUTSIDE")
    return f"{name}=1:{text}" if in_ratio else f"{name}={text}"


def _sides(membrane: Membrane) -> list[str]:
    return [
        f"{each.name:11}  {each.inside_mm:g} mM inside, {each.outside_mm:g} mM outside"
        for each in membrane.permeants
    ]


def _status(interval: list[Quantity], otherwise: str) -> str:
    """Return ``bound`` where the interval has an open end, as in permeability.csv."""
    return "bound" if any(each.words.startswith("no ") for each in interval) else otherwise


def _sigma(arguments: argparse.Namespace) -> float | None:
    if arguments.sigma is None:
        return None
    sigma = read_number(arguments.sigma, "--sigma")
    if sigma <= 0:
        raise UsageError(f"--sigma = {sigma:g} must be larger than 0 mV")
    return sigma


def _interval(
    membrane: Membrane, place: int, e: float, sigma: float | None, label: str
) -> list[Quantity]:
    """Return the 95 % interval: the ratio goes one way with E, so its ends are those of E."""
    if sigma is None:
        return []
    ends = sorted(
        (_end(membrane, place, e + side * _Z_95 * sigma) for side in (-1, 1)),
        key=lambda end: end.value,
    )
    low, high = ends
    if low.open_end and high.open_end and low.value == high.value:
        return []  # both ends lie on the same impossible side
    words = f"95 %, from sigma = {sigma:g} mV alone"
    low_words = "no lower limit: zero is possible" if low.open_end else words
    high_words = (
        "no upper limit: at the equilibrium potential of the ion" if high.open_end else words
    )
    return [
        Quantity("ratio_low", f"{label} low", low.value, "", low_words),
        Quantity(
            "ratio_high", f"{label} high", None if high.open_end else high.value, "", high_words
        ),
    ]


def _end(membrane: Membrane, place: int, e: float) -> _Bound:
    """Return the ratio at one end, or the limit beyond which the equation has none."""
    try:
        found = invert_ghk(e, *membrane.arrays, membrane.temperature_c, place)
    except ReversalError:
        return _Bound(math.inf, True)
    if found.feasible:
        return _Bound(float(found.ratio), False)
    zero, infinite = _limits(membrane, place)
    if infinite is None:
        return _Bound(0.0, True)
    if zero is None:
        return _Bound(math.inf, True)
    return _Bound(math.inf if (e - infinite) * (infinite - zero) > 0 else 0.0, True)


def _limits(membrane: Membrane, place: int) -> tuple[float | None, float | None]:
    """Return the reversals at which the ratio would be 0 and infinite, where they exist."""
    p, inside, outside, z = membrane.arrays
    without = [0.0 if k == place else each for k, each in enumerate(p)]
    zero = infinite = None
    with suppress(ReversalError):
        zero = float(ghk_reversal_mv(without, inside, outside, z, membrane.temperature_c))
    if inside[place] > 0 and outside[place] > 0:
        infinite = float(nernst_mv(outside[place], inside[place], z[place], membrane.temperature_c))
    return zero, infinite


def _allowed(membrane: Membrane, place: int) -> list[Quantity]:
    """Return the two reversals between which the equation has a solution."""
    zero, infinite = _limits(membrane, place)
    name = membrane.permeants[place].name
    said = "the reversal that the other ions alone would give"
    told = f"the equilibrium potential of {name}"
    return [
        Quantity(
            "e_rev_at_ratio_zero_mv",
            "E_rev at ratio 0",
            zero,
            "mV",
            "no limit: the other ions alone have no reversal" if zero is None else said,
        ),
        Quantity(
            "e_rev_at_ratio_infinite_mv",
            "E_rev at infinity",
            infinite,
            "mV",
            f"no limit: {name} is on one side only" if infinite is None else told,
        ),
    ]


def _conductances(
    membrane: Membrane, place: int, e: float, top: str, bottom: str
) -> list[Quantity]:
    """Return the ohmic counterpart, where two ions alone make up the current."""
    if len(membrane.permeants) != 2:
        return []
    unknown, other = membrane.permeants[place], membrane.permeants[1 - place]
    if 0 in (unknown.inside_mm, unknown.outside_mm, other.inside_mm, other.outside_mm):
        return []
    own, reference = (
        nernst_mv(each.outside_mm, each.inside_mm, each.ion.valence, membrane.temperature_c)
        for each in (unknown, other)
    )
    return [
        Quantity(
            "conductance_ratio",
            f"g_{top}/g_{bottom}",
            float(conductance_ratio_from_reversal(e, own, reference)),
            "",
            "chord conductances at E_rev: another question, another number",
        )
    ]


def _words(ratio: float, top: str, bottom: str) -> str:
    if abs(ratio - 1) < 0.005:
        return f"{top} and {bottom} are equally permeant"
    if ratio >= 1:
        return f"{top} is {ratio:.3g} times as permeant as {bottom}"
    return f"{bottom} is {1 / ratio:.3g} times as permeant as {top}"


def _from_shift(arguments: argparse.Namespace, shelf: Shelf, top: str, bottom: str) -> Answer:
    for given, option in (
        (arguments.e_rev, "--e-rev"),
        (arguments.pipette or arguments.bath, "--pipette/--bath"),
        (arguments.terms, "concentrations"),
        (arguments.permeability, "-P"),
    ):
        if given:
            raise UsageError(f"--shift and {option}: the shift alone gives the bi-ionic ratio")
    ion, reference = find_ion(top, shelf.extra), find_ion(bottom, shelf.extra)
    _require_like(ion, reference)
    shift = read_number(arguments.shift, "--shift")
    sigma = _sigma(arguments)
    celsius, said = read_temperature(arguments, shelf.temperature_c)
    ratio = biionic_ratio_from_shift(shift, celsius, ion.valence)
    label = f"P_{top}/P_{bottom}"
    parts = [
        Quantity("ratio", label, ratio, "", _words(ratio, top, bottom)),
        Quantity("status", "status", "ok"),
    ]
    if sigma is not None:
        low, high = sorted(
            biionic_ratio_from_shift(shift + side * _Z_95 * sigma, celsius, ion.valence)
            for side in (-1, 1)
        )
        words = f"95 %, from sigma = {sigma:g} mV of the shift"
        parts += [
            Quantity("ratio_low", f"{label} low", low, "", words),
            Quantity("ratio_high", f"{label} high", high, "", words),
        ]
    return Answer(
        title=f"Permeability ratio {label} from a shift of {shift:+g} mV",
        shown_inputs=(said,),
        equation=SHIFT_EQUATION,
        inputs={
            "ion": top,
            "reference_ion": bottom,
            "shift_mv": shift,
            "temperature_c": celsius,
            **({} if sigma is None else {"sigma_mv": sigma}),
        },
        parts=parts,
        notes=(
            f"{top} replaces {bottom} outside at the same concentration, nothing else outside is "
            "permeant; the shift is corrected by the difference of the two junction potentials",
        ),
    )


def _require_like(ion: Ion, reference: Ion) -> None:
    if abs(ion.valence) != 1 or ion.valence != reference.valence:
        raise UsageError(
            f"--shift needs two monovalent ions of one sign; {ion.name} has {ion.valence:+d} and "
            f"{reference.name} {reference.valence:+d}. Give --e-rev and the solutions"
        )

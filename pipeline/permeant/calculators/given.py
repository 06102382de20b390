"""What was given on the command line, as numbers, ions and solutions."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from permeant.errors import PermeantError, did_you_mean
from permeant.physics import Ion, find_ion, to_kelvin

ASSUMED_C = 25.0

#: How many of each unit make a mM (whole numbers, so that 100 nM is 1e-4 mM to the last bit).
_IN_A_MM = {"M": 1e-3, "mM": 1.0, "uM": 1e3, "µM": 1e3, "μM": 1e3, "nM": 1e6, "pM": 1e9}
_AMOUNT = re.compile(r"(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(?P<unit>\D*)$")
_T = TypeVar("_T")


class UsageError(PermeantError, ValueError):
    """A command line that cannot be understood."""


@dataclass(frozen=True)
class Permeant:
    """An ion that may pass: its share of the permeability and its two concentrations."""

    name: str
    ion: Ion
    permeability: float
    inside_mm: float
    outside_mm: float


def read_number(text: str, what: str) -> float:
    """Return a plain number; ``what`` names the argument."""
    try:
        value = float(text)
    except ValueError:
        raise UsageError(f"{what} = {text!r} is no number") from None
    if not math.isfinite(value):
        raise UsageError(f"{what} = {text} must be a finite number")
    return value


def read_numbers(text: str, what: str) -> list[float]:
    """Return numbers separated by commas."""
    return [read_number(part, what) for part in text.split(",")]


def read_mm(text: str, what: str) -> float:
    """Return a concentration in mM, written as such or with M, mM, uM, nM, pM behind it."""
    match = _AMOUNT.match(text.strip())
    unit = match["unit"].strip() if match else ""
    if match is None or (unit and unit not in _IN_A_MM):
        raise UsageError(
            f"{what} = {text!r} is no concentration; write a number in mM, or with M, uM or nM "
            "behind it"
        )
    return float(match["number"]) / _IN_A_MM.get(unit, 1.0)


def read_sides(text: str, what: str) -> tuple[float, float]:
    """Return the inside and outside concentration of ``IN/OUT`` (mM)."""
    inside, slash, outside = text.partition("/")
    if not slash:
        raise UsageError(f"{what} = {text!r} needs two concentrations, inside/outside: 140/5")
    return read_mm(inside, f"{what} inside"), read_mm(outside, f"{what} outside")


def read_ion_definitions(texts: Sequence[str]) -> dict[str, Ion]:
    """Return the ions given as ``NAME:VALENCE`` or ``NAME:VALENCE:MOBILITY``."""
    extra = {}
    for text in texts:
        name, *numbers = text.split(":")
        if not name or not 1 <= len(numbers) <= 2 or not re.fullmatch(r"[-+]?\d", numbers[0]):
            raise UsageError(
                f"--ion = {text!r} must be NAME:VALENCE or NAME:VALENCE:MOBILITY (K = 1), "
                "for example MES:-1:0.37"
            )
        mobility = read_number(numbers[1], f"--ion {name}: mobility") if numbers[1:] else None
        extra[name] = Ion(name, int(numbers[0]), mobility, None, "--ion")
    return extra


def read_permeant(text: str, extra: Mapping[str, Ion]) -> Permeant:
    """Return the ion of ``NAME=P:IN/OUT``."""
    name, equals, rest = text.partition("=")
    permeability, colon, sides = rest.partition(":")
    if not (name and equals and colon):
        raise UsageError(
            f"{text!r} must be ION=P:INSIDE/OUTSIDE, for example K=1:140/5 (permeability in any "
            "unit, mM inside, mM outside)"
        )
    inside, outside = read_sides(sides, name)
    return Permeant(
        name, find_ion(name, extra), read_number(permeability, f"P of {name}"), inside, outside
    )


def read_assignments(texts: Sequence[str], what: str, example: str) -> dict[str, str]:
    """Return ``NAME=VALUE`` pairs; a name may come once."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise UsageError(f"{what} {text!r} must be NAME=VALUE, for example {example}")
        if name in found:
            raise UsageError(f"{what} {name} is given twice; keep one")
        found[name] = value
    return found


def read_temperature(
    arguments: argparse.Namespace, project_c: float | None = None
) -> tuple[float, str]:
    """Return the temperature (°C) and, for reading, where it comes from."""
    if arguments.temperature is not None:
        celsius, origin = read_number(arguments.temperature, "--temperature"), ""
    elif project_c is not None:
        celsius, origin = project_c, " (default of the project)"
    else:
        celsius, origin = ASSUMED_C, " (assumed; set it with --temperature)"
    to_kelvin(celsius)
    return celsius, f"{celsius:g} °C{origin}"


def require(value: _T | None, option: str, why: str) -> _T:
    """Return a value that this calculation cannot do without."""
    if value is None:
        raise UsageError(f"{option} is missing: {why}")
    return value


def choose(name: str, known: Mapping[str, _T], what: str, where: str) -> _T:
    """Return the entry of a name, or refuse it with the nearest ones."""
    if name in known:
        return known[name]
    listed = ", ".join(known) or "nothing"
    raise UsageError(
        f"{what} {name!r} is not in {where}.{did_you_mean(name, known)} There: {listed}"
    )

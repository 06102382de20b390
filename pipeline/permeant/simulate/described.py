"""A project of simulated cells from a short description: what is not said is as in the example."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from permeant.errors import PermeantError, did_you_mean
from permeant.physics.ions import find_ion
from permeant.simulate.cells import Membrane, Ohmic
from permeant.simulate.example_setup import (
    PERMEABILITY_K_M3_PER_S,
    SOLUTIONS,
    TEMPERATURE_C,
    USUAL_RIG,
)
from permeant.simulate.project import (
    REFERENCE,
    VALENCES,
    Plan,
    Solutions,
    build_carriers,
    write_recordings,
    write_sheet,
    write_solutions,
    write_truth,
)
from permeant.simulate.protocol import plan_steps
from permeant.simulate.rig import Rig

DEFAULTS: Mapping[str, Any] = {
    "cells": 6,
    "seed": 0,
    "temperature_c": TEMPERATURE_C,
    "pipette": "KCl_in",
    "bath": "bath_Na",
    "baths": None,
    "ratios": {"K": 1.0, "Na": 0.9},
    "scatter": 0.25,
    "leak_ns": 0.0,
    "leak_e_rev_mv": 0.0,
    "protocol": {},
    "rig": {},
    "solutions": {},
}
"""Every key of a description: ``scatter`` is the standard deviation of ln of conductances and
ratios between cells, ``baths`` a list of baths that each cell is recorded in."""

_PROTOCOL = ("first_mv", "last_mv", "step_mv", "holding_mv", "test_mv")
_RIG = tuple(field.name for field in fields(Rig))
_MOST_CELLS = 10_000

_CONFIG = """\
# Simulated by permeant: data/truth.csv holds what was put in.
recordings: config/recordings.csv
solutions: config/solutions.csv
defaults:
  temperature_c: {temperature_c:g}
permeability:
  permeant: [{ions}]
  reference: K
report:
  notice: "Simulated data: every recording of this project was written by permeant's own simulator"
"""


def write_described(
    folder: Path, given: Mapping[str, Any], tell: Callable[[int, int, str], None] = lambda *_: None
) -> list[Plan]:
    """Write a project of simulated cells: sheets, settings, recordings and the truth.

    Parameters
    ----------
    folder : Path
        Where it goes; must not hold a project.
    given : mapping
        Some of the keys of ``DEFAULTS``.
    tell : callable, optional
        Is told of the progress: files written, files in all, the file at hand.

    Returns
    -------
    list of Plan
        What was written.

    Raises
    ------
    PermeantError
        If a key or a value cannot be used, or the folder holds a project already.
    """
    if (folder / "config").exists() or (folder / "data").exists():
        raise PermeantError(
            f"{folder} holds config or data already; nothing was written: name another folder"
        )
    said = _checked(given)
    solutions = {**SOLUTIONS, **said["solutions"]}
    plans = plan_described(said, solutions)
    used = {name for plan in plans for name in (plan.pipette, plan.bath)}
    used_solutions = {name: ions for name, ions in solutions.items() if name in used}
    write_recordings(folder / "data", plans, solutions, tell)
    write_truth(folder / "data" / "truth.csv", plans, solutions)
    write_sheet(folder / "config" / "recordings.csv", plans, "data")
    write_solutions(folder / "config" / "solutions.csv", used_solutions)
    text = _CONFIG.format(temperature_c=said["temperature_c"], ions=", ".join(said["ratios"]))
    (folder / "config" / "config.yaml").write_bytes(text.encode())
    return plans


def plan_described(said: Mapping[str, Any], solutions: Solutions) -> list[Plan]:
    """Return the recordings of a checked description; the same seed gives the same cells."""
    generator = np.random.Generator(np.random.PCG64(said["seed"]))
    protocol = plan_steps(**said["protocol"])
    rig = replace(USUAL_RIG, **said["rig"])
    leak = Ohmic(said["leak_ns"], said["leak_e_rev_mv"]) if said["leak_ns"] else None
    plans = []
    for number in range(1, said["cells"] + 1):
        size = float(np.exp(said["scatter"] * generator.standard_normal()))
        ratios = {
            ion: ratio
            * (1.0 if ion == REFERENCE else _own(said["scatter"], generator.standard_normal()))
            for ion, ratio in said["ratios"].items()
        }
        for bath in said["baths"]:
            carriers = build_carriers(
                ratios, solutions[said["pipette"]], solutions[bath], size * PERMEABILITY_K_M3_PER_S
            )
            several = len(said["baths"]) > 1
            plans.append(
                Plan(
                    cell=f"cell_{number:03d}",
                    recording=bath if several else "",
                    condition=bath if several else "",
                    pipette=said["pipette"],
                    bath=bath,
                    zeroed_in=said["baths"][0] if several else "",
                    membrane=Membrane(said["temperature_c"], carriers=carriers, leak=leak),
                    ratios=ratios,
                    protocol=protocol,
                    rig=rig,
                    seed=int(generator.integers(2**31)),
                )
            )
    return plans


def _own(scatter: float, draw: float) -> float:
    """Return the factor of one cell's ratio; ratios scatter less than sizes do."""
    return float(np.exp(0.2 * scatter * draw))


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    _refuse_unknown("", given, DEFAULTS)
    said = {**DEFAULTS, **{key: value for key, value in given.items() if value is not None}}
    _refuse_unknown("protocol.", _mapping(said, "protocol"), _PROTOCOL)
    _refuse_unknown("rig.", _mapping(said, "rig"), _RIG)
    cells = said["cells"]
    if not isinstance(cells, int) or not 1 <= cells <= _MOST_CELLS:
        raise PermeantError(f"cells = {cells!r} is not a whole number from 1 to {_MOST_CELLS}")
    if not isinstance(said["seed"], int) or said["seed"] < 0:
        raise PermeantError(f"seed = {said['seed']!r} is not a whole number from 0")
    for key in ("temperature_c", "scatter", "leak_ns", "leak_e_rev_mv"):
        said[key] = _number(key, said[key])
    said["protocol"] = {k: _number(f"protocol.{k}", v) for k, v in said["protocol"].items()}
    said["ratios"] = {k: _number(f"ratios.{k}", v) for k, v in _mapping(said, "ratios").items()}
    said["solutions"] = {
        name: {
            find_ion(ion).name: _number(f"solutions.{name}.{ion}", mm) for ion, mm in ions.items()
        }
        for name, ions in _mapping(said, "solutions").items()
    }
    _refuse_ratios(said["ratios"])
    said["baths"] = said["baths"] or [said["bath"]]
    known = {**SOLUTIONS, **said["solutions"]}
    for name in (said["pipette"], *said["baths"]):
        if name not in known:
            raise PermeantError(
                f"{name!r} is no solution; known are {', '.join(known)}."
                f"{did_you_mean(str(name), known)} Others go into the section solutions"
            )
    return said


def _refuse_ratios(ratios: Mapping[str, float]) -> None:
    strange = [ion for ion in ratios if ion not in VALENCES]
    if strange or ratios.get(REFERENCE) != 1.0 or min(ratios.values()) < 0:
        raise PermeantError(
            f"ratios = {dict(ratios)}: permeabilities over that of K are needed, with K: 1, for "
            f"ions of {', '.join(VALENCES)}, none negative"
        )


def _mapping(said: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = said[key]
    if not isinstance(value, Mapping):
        raise PermeantError(f"{key} = {value!r} is no section of key: value lines")
    return value


def _number(key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
        raise PermeantError(f"{key} = {value!r} is not a number")
    return float(value)


def _refuse_unknown(where: str, given: Mapping[str, Any], known: Any) -> None:
    for key in given:
        if key not in known:
            raise PermeantError(
                f"{where}{key} is not known; allowed are {', '.join(known)}."
                f"{did_you_mean(str(key), known)}"
            )

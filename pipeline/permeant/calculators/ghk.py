"""``permeant ghk``: reversal and currents of several permeant ions."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

import numpy as np

from permeant.calculators.answers import Answer, Quantity, Table, Value
from permeant.calculators.given import Permeant, UsageError, read_number, read_numbers
from permeant.calculators.liquids import Shelf
from permeant.calculators.membranes import Membrane, read_membrane
from permeant.physics import (
    ReversalError,
    direction_of_movement,
    ghk_current_density,
    ghk_current_per_permeability,
    ghk_reversal_mv,
    ghk_slope_conductance_s_per_m2,
    nernst_mv,
)

VOLTAGE_EQUATION = "Goldman-Hodgkin-Katz voltage equation (monovalent ions)"
ANY_VALENCE = (
    "Goldman-Hodgkin-Katz, zero net current: sum of P z F [c_in phi(x) - c_out phi(-x)] = 0"
)
CURRENT_EQUATION = "; current I = P z F [c_in phi(x) - c_out phi(-x)], x = zFV/RT, outward positive"


def answer(arguments: argparse.Namespace) -> Answer:
    """Return the reversal of a mixture, and its currents at the voltages asked for."""
    shelf = Shelf.of(arguments)
    membrane = read_membrane(arguments, shelf, arguments.terms, arguments.permeability)
    if not membrane.permeants:
        raise UsageError(
            "no permeant ion is given: write K=1:140/5, or -P K=1 with --pipette and --bath"
        )
    scale = _scale(arguments)
    parts: list[Quantity | Table] = [_ions(membrane)]
    reason = ""
    try:
        e_rev = ghk_reversal_mv(*membrane.arrays, membrane.temperature_c)
        words = "the net current is zero here, inward below, outward above"
    except ReversalError as error:
        e_rev, words = None, ""
        reason = str(error)
    if reason:
        parts.append(Quantity("e_rev_mv", "E_rev", None, "mV", "there is none"))
    else:
        parts.append(Quantity("e_rev_mv", "E_rev", e_rev, "mV", words))
    monovalent = all(abs(each.ion.valence) == 1 for each in membrane.permeants)
    equation = VOLTAGE_EQUATION if monovalent else ANY_VALENCE
    if arguments.at is not None:
        voltages = read_numbers(arguments.at, "--at")
        parts += _currents(membrane, voltages, scale, e_rev)
        equation += CURRENT_EQUATION
    elif scale is not None:
        raise UsageError("--p-unit gives currents; say at which voltage with --at")
    notes = [*membrane.notes]
    if scale is None and arguments.at is not None:
        notes.append(
            "currents are shares of the sum of their sizes: permeabilities are relative; give "
            "--p-unit (m/s) for A/m², and --area (µm²) for pA"
        )
    return Answer(
        title="Constant-field (GHK) current and reversal",
        shown_inputs=membrane.shown,
        equation=equation,
        inputs={
            **membrane.inputs,
            **({"p_unit_m_per_s": scale[0], "area_um2": scale[1]} if scale else {}),
        },
        parts=parts,
        notes=notes,
        warnings=(*membrane.warnings, *([reason] if reason else [])),
    )


def _scale(arguments: argparse.Namespace) -> tuple[float, float | None] | None:
    """Return what a relative permeability of 1 is (m/s), and the area (µm²)."""
    area = None if arguments.area is None else read_number(arguments.area, "--area")
    if area is not None and area <= 0:
        raise UsageError(f"--area = {area:g} must be larger than 0 µm²")
    if arguments.p_unit is not None:
        return read_number(arguments.p_unit, "--p-unit"), area
    if area is not None:
        raise UsageError("--area needs --p-unit too: what a permeability of 1 stands for (m/s)")
    return None


def _equilibrium(each: Permeant, celsius: float) -> float | None:
    if each.inside_mm > 0 and each.outside_mm > 0:
        return float(nernst_mv(each.outside_mm, each.inside_mm, each.ion.valence, celsius))
    return None


def _ions(membrane: Membrane) -> Table:
    columns = {
        "ion": "ion",
        "valence": "z",
        "permeability": "P",
        "inside_mm": "inside mM",
        "outside_mm": "outside mM",
        "e_nernst_mv": "E mV",
    }
    rows = [
        {
            "ion": each.name,
            "valence": each.ion.valence,
            "permeability": each.permeability,
            "inside_mm": each.inside_mm,
            "outside_mm": each.outside_mm,
            "e_nernst_mv": _equilibrium(each, membrane.temperature_c),
        }
        for each in membrane.permeants
    ]
    return Table("ions", columns, rows)


def _currents(
    membrane: Membrane,
    voltages: list[float],
    scale: tuple[float, float | None] | None,
    e_rev: float | None,
) -> list[Quantity | Table]:
    p, inside, outside, z = (np.array(each) for each in membrane.arrays)
    t = membrane.temperature_c
    parts: list[Quantity | Table] = []
    tables: list[Mapping[str, Value]] = []
    totals: list[Mapping[str, Value]] = []
    unit = "A/m²"
    key = "current_density_a_per_m2"
    for v in voltages:
        if scale is None:
            each = p * ghk_current_per_permeability(v, inside, outside, z, t)
            each = each / max(float(np.abs(each).sum()), 1e-300)
            slope = None
            unit, key = "share", "current_share"
        else:
            each = ghk_current_density(v, scale[0] * p, inside, outside, z, t)
            slope = float(
                ghk_slope_conductance_s_per_m2(v, scale[0] * p, inside, outside, z, t).sum()
            )
            if scale[1] is not None:
                each, slope = each * scale[1], slope * scale[1] * 1e-3  # pA/µm², nS
                unit, key = "pA", "current_pa"
        total = float(each.sum())
        totals.append(
            {
                "v_mv": v,
                key: total,
                **({} if slope is None else {_slope_key(unit): slope}),
                "direction": _net(total, v, e_rev),
            }
        )
        tables += [
            {
                "v_mv": v,
                "ion": permeant.name,
                key: float(current),
                "direction": _way(permeant, v, t, float(current)),
            }
            for permeant, current in zip(membrane.permeants, each, strict=True)
        ]
    heading = {"v_mv": "V mV", "ion": "ion", key: f"current {unit}", "direction": "the ion moves"}
    parts.append(Table("currents", heading, tables))
    net = {"v_mv": "V mV", key: f"net {unit}"}
    if scale is not None:
        net[_slope_key(unit)] = "slope nS" if unit == "pA" else "slope S/m²"
    parts.append(Table("net_current", {**net, "direction": "net current"}, totals))
    return parts


def _slope_key(unit: str) -> str:
    return "slope_conductance_ns" if unit == "pA" else "slope_conductance_s_per_m2"


def _net(total: float, v: float, e_rev: float | None) -> str:
    if e_rev is not None and abs(v - e_rev) < 1e-6:
        return "none (at the reversal)"
    return "outward" if total > 0 else "inward" if total < 0 else "none"


def _way(each: Permeant, v: float, celsius: float, current: float) -> str:
    e = _equilibrium(each, celsius)
    if e is not None:
        return direction_of_movement(v, e, each.ion.valence)
    if current == 0:
        return "not at all (absent or impermeant)"
    out = current * each.ion.valence > 0
    return (
        f"{'out of' if out else 'into'} the cell ({'outward' if current > 0 else 'inward'} current)"
    )

"""``permeant energy``: charge to ions to ATP, and the work of the sodium pump."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from permeant.calculators.answers import Answer, Quantity
from permeant.calculators.given import (
    UsageError,
    read_assignments,
    read_number,
    read_sides,
    read_temperature,
    require,
)
from permeant.calculators.liquids import Shelf
from permeant.calculators.waveform import answer_waveform
from permeant.physics import (
    action_potential_atp,
    atp_from_calcium_charge,
    atp_from_sodium_charge,
    atp_per_second_at_rest,
    find_ion,
    ions_from_charge,
    minimal_sodium_ions,
    moles_from_charge,
    nernst_mv,
    sodium_pump_work_j_per_mol,
    synaptic_current_atp,
)


def answer(arguments: argparse.Namespace) -> Answer:
    """Return the answer to whichever question about energy was asked."""
    questions: dict[str, Callable[[argparse.Namespace], Answer]] = {
        "charge": _charge,
        "synaptic": _synaptic,
        "action-potential": _action_potential,
        "rest": _rest,
        "pump": _pump,
        "waveform": answer_waveform,
    }
    return questions[arguments.question](arguments)


def _charge(arguments: argparse.Namespace) -> Answer:
    charge = read_number(arguments.pc, "PC")
    ion = find_ion(arguments.ion_name, Shelf.of(arguments).extra)
    parts = [
        Quantity("ions", "ions", ions_from_charge(charge, ion.valence), "", f"{ion.name}"),
        Quantity("amount_mol", "amount", moles_from_charge(charge, ion.valence), "mol"),
    ]
    if ion.name == "Na":
        atp = atp_from_sodium_charge(charge)
        parts.append(Quantity("atp", "ATP", atp, "", "to pump them back, 3 Na+ an ATP"))
    elif ion.name == "Ca":
        atp = atp_from_calcium_charge(charge)
        parts.append(Quantity("atp", "ATP", atp, "", "to remove them, 1 Ca2+ an ATP"))
    else:
        why = f"no direct cost: {ion.name} is not pumped by this account"
        parts.append(Quantity("atp", "ATP", None, "", why))
    return Answer(
        title=f"What a charge of {charge:g} pC is, carried by {ion.name}",
        equation="ions = |Q|/(|z| e); ATP = Na+/3 or Ca2+/1 (Attwell & Laughlin 2001)",
        inputs={"charge_pc": charge, "ion": ion.name, "valence": ion.valence},
        parts=parts,
    )


def _synaptic(arguments: argparse.Namespace) -> Answer:
    charge = read_number(arguments.pc, "PC")
    fraction = read_number(arguments.sodium_fraction, "--sodium-fraction")
    return Answer(
        title=f"Cost of a synaptic current of {charge:g} pC",
        equation="ATP = fraction |Q|/(3 e)",
        inputs={"charge_pc": charge, "sodium_fraction": fraction},
        parts=[
            Quantity("sodium_ions", "Na+ in", fraction * ions_from_charge(charge), "ions"),
            Quantity("atp", "ATP", synaptic_current_atp(charge, fraction), "", "3 Na+ an ATP"),
        ],
        notes=["the fraction is Na+ charge over total charge; above 1 where K+ leaves meanwhile"],
    )


def _action_potential(arguments: argparse.Namespace) -> Answer:
    capacitance = read_number(arguments.pf, "--pf")
    height = read_number(arguments.mv, "--mv")
    excess = read_number(arguments.excess, "--excess")
    least = minimal_sodium_ions(capacitance, height)
    return Answer(
        title=f"Cost of an action potential of {height:g} mV in {capacitance:g} pF",
        equation="Na+ = excess C dV/e; ATP = Na+/3 (Alle, Roth & Geiger 2009)",
        inputs={
            "capacitance_pf": capacitance,
            "depolarisation_mv": height,
            "excess_factor": excess,
        },
        parts=[
            Quantity("minimal_sodium_ions", "least Na+", least, "ions", "without overlap"),
            Quantity("sodium_ions", "Na+ in", least * excess, "ions", f"{excess:g} times as many"),
            Quantity("atp", "ATP", action_potential_atp(capacitance, height, excess), "", ""),
        ],
    )


def _rest(arguments: argparse.Namespace) -> Answer:
    if arguments.g_na is not None or "=" in arguments.terms[0]:
        return _rest_of_conductance(arguments)
    if len(arguments.terms) != 1:
        raise UsageError("give one sodium current (pA), or --g-na, --at and Na=IN/OUT")
    current = read_number(arguments.terms[0], "PA")
    return Answer(
        title=f"Cost of a steady Na+ current of {current:g} pA",
        equation="ATP/s = |I_Na|/(3 e)",
        inputs={"sodium_current_pa": current},
        parts=[
            Quantity("sodium_ions_per_s", "Na+ in", ions_from_charge(current), "1/s"),
            Quantity("atp_per_s", "ATP", atp_per_second_at_rest(current), "1/s"),
        ],
        notes=["only the sodium current counts; K+ and Cl- currents cost nothing directly"],
    )


def _rest_of_conductance(arguments: argparse.Namespace) -> Answer:
    given = read_assignments(arguments.terms, "ion", "Na=10/145")
    if set(given) != {"Na"}:
        raise UsageError("give sodium on both sides, inside/outside: Na=10/145")
    inside, outside = read_sides(given["Na"], "Na")
    asked = require(arguments.g_na, "--g-na", "the sodium conductance (nS)")
    g = read_number(asked, "--g-na")
    v = read_number(require(arguments.at, "--at", "the resting potential (mV)"), "--at")
    celsius, said = read_temperature(arguments)
    e_na = float(nernst_mv(outside, inside, 1, celsius))
    current = g * (v - e_na)
    if g <= 0 or current >= 0:
        raise UsageError(
            f"a sodium current of {current:+.3g} pA (E_Na {e_na:.1f} mV) brings no sodium in: the "
            "conductance has to be above 0 nS and the potential below E_Na"
        )
    return Answer(
        title=f"Cost of a sodium conductance of {g:g} nS at {v:g} mV",
        shown_inputs=(f"Na {inside:g}/{outside:g} mM (inside/outside), {said}",),
        equation="I_Na = g (V - E_Na), E_Na = (RT/F) ln([Na]o/[Na]i); ATP/s = |I_Na|/(3 e)",
        inputs={
            "g_na_ns": g,
            "v_mv": v,
            "na_inside_mm": inside,
            "na_outside_mm": outside,
            "temperature_c": celsius,
        },
        parts=[
            Quantity("e_na_mv", "E_Na", e_na, "mV"),
            Quantity("sodium_current_pa", "I_Na", current, "pA", "inward is negative"),
            Quantity("sodium_ions_per_s", "Na+ in", ions_from_charge(current), "1/s"),
            Quantity("atp_per_s", "ATP", atp_per_second_at_rest(current), "1/s", "3 Na+ an ATP"),
        ],
        notes=["supposes an ohmic conductance and no other path for sodium"],
    )


def _pump(arguments: argparse.Namespace) -> Answer:
    given = read_assignments(arguments.terms, "ion", "Na=15/145")
    sides = {find_ion(name).name: read_sides(text, name) for name, text in given.items()}
    if set(sides) != {"Na", "K"}:
        raise UsageError("give both ions of the pump, inside/outside: Na=15/145 K=140/5")
    v = read_number(require(arguments.at, "--at", "the membrane potential (mV)"), "--at")
    celsius, said = read_temperature(arguments)
    (na_in, na_out), (k_in, k_out) = sides["Na"], sides["K"]
    work = sodium_pump_work_j_per_mol(
        v,
        na_outside_mm=na_out,
        na_inside_mm=na_in,
        k_outside_mm=k_out,
        k_inside_mm=k_in,
        temperature_c=celsius,
    )
    return Answer(
        title=f"Work of the sodium pump at {v:g} mV",
        shown_inputs=(
            f"Na {na_in:g}/{na_out:g} mM, K {k_in:g}/{k_out:g} mM (inside/outside), {said}",
        ),
        equation="3 Na+ out and 2 K+ in: -3F(V - E_Na) + 2F(V - E_K)",
        inputs={
            "v_mv": v,
            "na_inside_mm": na_in,
            "na_outside_mm": na_out,
            "k_inside_mm": k_in,
            "k_outside_mm": k_out,
            "temperature_c": celsius,
        },
        parts=[
            Quantity(
                "work_j_per_mol",
                "work of a cycle",
                work,
                "J/mol",
                "must stay below the 50 to 60 kJ/mol that ATP gives",
            )
        ],
    )

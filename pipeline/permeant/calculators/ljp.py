"""``permeant ljp``: the junction potential, and the voltage a command really is."""

from __future__ import annotations

import argparse

from permeant.calculators.answers import Answer, Quantity, Table, solution_text
from permeant.calculators.given import UsageError, read_number, read_temperature, require
from permeant.calculators.liquids import Liquid, Shelf, inputs_of
from permeant.errors import PermeantError
from permeant.physics import (
    bath_change_shift_mv,
    henderson_mv,
    membrane_potential_mv,
    nernst_planck_mv,
)
from permeant.physics.junction import Configuration

EQUATION = (
    "V_LJ = V_bath - V_pipette; Henderson (generalised, Barry & Lynch 1991) and stationary "
    "Nernst-Planck (Marino 2014)"
)
_BOTH = "two solutions are needed, pipette and bath: names, files, or K=140,Cl=140"
_ROUNDING = 1e-9


def answer(arguments: argparse.Namespace) -> Answer:
    """Return the junction potential of pipette and bath by both models, and its use."""
    shelf = Shelf.of(arguments)
    pipette, bath, zeroed = _liquids(arguments, shelf)
    celsius, said = read_temperature(arguments, shelf.temperature_c)
    start = zeroed or bath
    henderson = henderson_mv(pipette.ions_mm, start.ions_mm, celsius, shelf.extra)
    exact, why = _nernst_planck(pipette, start, celsius, shelf)
    shift = 0.0
    at = f" in {start.name}, where it was zeroed" if zeroed else ""
    parts: list[Quantity | Table] = [
        Quantity("ljp_henderson_mv", "Henderson", henderson, "mV", f"V_bath - V_pipette{at}"),
        Quantity("ljp_nernst_planck_mv", "Nernst-Planck", exact, "mV", why),
    ]
    if zeroed is not None:
        shift = bath_change_shift_mv(
            zeroed.ions_mm, bath.ions_mm, celsius, arguments.electrode, extra=shelf.extra
        )
        wire = arguments.electrode == "ag_agcl"
        where = "bare Ag/AgCl wire" if wire else "3 M KCl bridge (Henderson)"
        parts.append(Quantity("bath_change_shift_mv", "bath change", shift, "mV", where))
    parts.append(
        Quantity("correction_mv", "to subtract", henderson + shift, "mV", "from the command")
    )
    if exact is not None:
        parts.append(
            Quantity(
                "model_difference_mv",
                "difference",
                exact - henderson,
                "mV",
                "between the models; the uncertainty is no smaller, take 1 to 2 mV",
            )
        )
    parts.append(_configurations(arguments, henderson + shift))
    notes = [
        "valid when the pipette was zeroed in the bath and the amplifier has not corrected already"
    ]
    if arguments.rest is None:
        notes.append("cell-attached also needs the cell's resting potential: --rest")
    for liquid in _different(pipette, bath, zeroed):
        residual = shelf.residual_mm(liquid)
        if abs(residual) > _ROUNDING:
            notes.append(f"{liquid.name}: residual charge {residual:+.3g} mM")
    return Answer(
        title="Liquid junction potential, V_bath - V_pipette",
        shown_inputs=(
            f"pipette      {pipette.name}: {solution_text(pipette.ions_mm)}",
            f"bath         {bath.name}: {solution_text(bath.ions_mm)}",
            *([f"zeroed in    {zeroed.name}: {solution_text(zeroed.ions_mm)}"] if zeroed else []),
            f"temperature  {said}",
        ),
        equation=EQUATION,
        inputs={
            "temperature_c": celsius,
            **inputs_of({"pipette": pipette, "bath": bath}),
            **(inputs_of({"zeroed_in": zeroed}) if zeroed else {}),
            **({"electrode": arguments.electrode} if zeroed else {}),
        },
        parts=parts,
        notes=notes,
    )


def _liquids(arguments: argparse.Namespace, shelf: Shelf) -> tuple[Liquid, Liquid, Liquid | None]:
    given = list(arguments.solutions)
    if given and (arguments.pipette is not None or arguments.bath is not None):
        raise UsageError("give the two solutions either by --pipette and --bath or without them")
    if len(given) > 2:
        raise UsageError(f"{len(given)} solutions are given; {_BOTH}")
    pipette = require(given[0] if given else arguments.pipette, "--pipette", _BOTH)
    bath = require(given[1] if len(given) == 2 else arguments.bath, "--bath", _BOTH)
    absorber = arguments.absorbed_by
    zeroed = arguments.zeroed_in
    if zeroed is None and arguments.electrode != "salt_bridge":
        raise UsageError("--electrode matters only after a change of bath; add --zeroed-in")
    return (
        shelf.balanced(pipette, absorber),
        shelf.balanced(bath, absorber),
        None if zeroed is None else shelf.balanced(zeroed, absorber),
    )


def _nernst_planck(
    pipette: Liquid, bath: Liquid, celsius: float, shelf: Shelf
) -> tuple[float | None, str]:
    try:
        value = nernst_planck_mv(pipette.ions_mm, bath.ions_mm, celsius, shelf.extra)
    except PermeantError as error:
        return None, f"not computed: {error}" + (
            "; here --absorbed-by ION" if "absorbed_by" in str(error) else ""
        )
    return value, "exact for ions of constant mobility"


def _different(*liquids: Liquid | None) -> list[Liquid]:
    return list({each.name: each for each in liquids if each is not None}.values())


def _configurations(arguments: argparse.Namespace, correction: float) -> Table:
    command = None if arguments.v_command is None else read_number(arguments.v_command, "--command")
    rest = None if arguments.rest is None else read_number(arguments.rest, "--rest")
    formulas: tuple[tuple[Configuration, str], ...] = (
        ("whole-cell", f"V_command {-correction:+.2f} mV"),
        ("outside-out", f"V_command {-correction:+.2f} mV"),
        ("inside-out", f"-V_command {correction:+.2f} mV"),
        ("cell-attached", f"V_rest - V_command {correction:+.2f} mV"),
    )
    rows = []
    for configuration, formula in formulas:
        known = command is not None and (configuration != "cell-attached" or rest is not None)
        rows.append(
            {
                "configuration": configuration,
                "formula": formula,
                "v_command_mv": command,
                "v_membrane_mv": membrane_potential_mv(
                    command or 0.0, correction, configuration, rest
                )
                if known
                else None,
            }
        )
    columns = {"configuration": "configuration", "formula": "the membrane is at"}
    if command is not None:
        columns = {**columns, "v_command_mv": "command mV", "v_membrane_mv": "membrane mV"}
    return Table("configurations", columns, rows, "What a command really is (Henderson):")

"""Cells whose permeability ratios are sought, with the input errors that the settings state.

Junction potential, temperature and concentrations are drawn anew for every cell with the
standard errors of the default configuration: an interval that is meant must hold the truth
when the world is as uncertain as it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from scenarios_parts import (
    TEMPERATURE_C,
    USUAL_RIG,
    Case,
    Scenario,
    Simulated,
    draw,
    ion_carriers,
    simulate,
    steps,
)
from scenarios_truth import nominal_offset_mv

from permeant.records import SheetRow, Solution
from permeant.simulate.cells import Membrane

SOLUTIONS: dict[str, dict[str, float]] = {
    "K_in": {"K": 140, "Mg": 1, "Cl": 137, "HEPES": 5},
    "K_out": {"K": 140, "Mg": 1, "Cl": 137, "HEPES": 5},
    "Na_out": {"Na": 145, "Mg": 2, "Cl": 144, "HEPES": 5},
    "Na_K_out": {"Na": 140, "K": 5, "Mg": 2, "Cl": 144, "HEPES": 5},
    "Li_out": {"Li": 145, "Mg": 2, "Cl": 144, "HEPES": 5},
    "Cs_out": {"Cs": 145, "Mg": 2, "Cl": 144, "HEPES": 5},
    "Ca_out": {"NMDG": 105, "Ca": 20, "Cl": 140, "HEPES": 5},
    "Na_Li_out": {"Na": 75, "Li": 70, "Mg": 2, "Cl": 144, "HEPES": 5},
}
SIGMA_LJP_MV, SIGMA_TEMPERATURE_C, SIGMA_CONCENTRATION = 1.0, 0.5, 0.01
EXACT = {"sigma_ljp_mv": 0.0, "sigma_temperature_c": 0.0, "sigma_concentration_fraction": 0.0}


def measure_ratios(
    seed: int,
    ratios: Mapping[str, float],
    baths: Mapping[str, str],
    *,
    exact: bool = False,
    first_mv: float = -100.0,
) -> Case:
    """Record one cell in the baths named, from errors drawn for the cell.

    Parameters
    ----------
    seed : int
    ratios : mapping
        Typical permeability over that of K; each cell's own scatters by a third.
    baths : mapping
        Recording to bath; the pipette is zeroed in the first.
    exact : bool
        Whether all inputs are as the sheet says.
    first_mv : float
        Lowest level of the family.
    """
    random = draw(seed)
    own = {ion: float(p * random.lognormal(0.0, 0.3)) for ion, p in ratios.items()}
    size = float(random.lognormal(0.0, 0.25))
    errors = draw(seed + 700_000)
    off = 0.0 if exact else 1.0
    ljp_error_mv = off * float(errors.normal(0.0, SIGMA_LJP_MV))
    celsius = TEMPERATURE_C + off * float(errors.normal(0.0, SIGMA_TEMPERATURE_C))
    real = {
        name: {
            ion: mm * float(errors.lognormal(0.0, SIGMA_CONCENTRATION)) ** off
            for ion, mm in ions_mm.items()
        }
        for name, ions_mm in SOLUTIONS.items()
    }
    solutions = {name: Solution(name, dict(ions_mm)) for name, ions_mm in SOLUTIONS.items()}
    zeroed_in = next(iter(baths.values()))
    recordings: list[Simulated] = []
    for number, (recording, bath) in enumerate(baths.items()):
        row = SheetRow(
            2 + number, "cell", recording, f"{recording}.abf", "K_in", bath, TEMPERATURE_C,
            zeroed_in=zeroed_in,
        )  # fmt: skip
        nominal_mv = nominal_offset_mv(row, solutions)
        carriers = ion_carriers({"K": 1.0, **own}, real["K_in"], real[bath], size)
        recordings.append(
            simulate(
                seed * 8 + number,
                Membrane(celsius, carriers=carriers),
                rig=replace(USUAL_RIG, voltage_offset_mv=nominal_mv + ljp_error_mv),
                protocol=steps(first_mv),
                row=row,
                nominal_offset_mv=nominal_mv,
            )
        )
    settings: dict[str, object] = {"permeant": ("K", *ratios), "reference": "K"}
    return Case(tuple(recordings), solutions, settings | (EXACT if exact else {}), own)


def _bi_ionic(seed: int) -> Case:
    return measure_ratios(seed, {"Na": 0.9}, {"Na": "Na_out"})


def _exact(seed: int) -> Case:
    return measure_ratios(seed, {"Na": 0.9}, {"Na": "Na_out"}, exact=True)


def _selective(seed: int) -> Case:
    return measure_ratios(seed, {"Na": 0.06}, {"Na": "Na_K_out"}, first_mv=-120.0)


def _substitution(seed: int) -> Case:
    baths = {"Na": "Na_out", "Li": "Li_out", "Cs": "Cs_out"}
    return measure_ratios(seed, {"Na": 0.9, "Li": 0.6, "Cs": 1.1}, baths)


def _calcium(seed: int) -> Case:
    return measure_ratios(seed, {"Na": 0.9, "Ca": 6.0}, {"Na": "Na_out", "Ca": "Ca_out"})


def _symmetric(seed: int) -> Case:
    return measure_ratios(seed, {"Mg": 0.1}, {"K": "K_out"})


def _two_unknown(seed: int) -> Case:
    return measure_ratios(seed, {"Na": 0.9, "Li": 0.6}, {"mix": "Na_Li_out"})


RATIO = {"e_rev": True, "ln_ratio": True}
NO_RATIO = {"e_rev": True, "ln_ratio": False}
UNDETERMINED = {"ln_ratio": r"not determined|symmetric|same"}

SCENARIOS = (
    Scenario("bi-ionic", "ordinary", _bi_ionic, "Na against K; inputs err as stated", RATIO),
    Scenario(
        "bi-ionic, exact", "ordinary", _exact, "no input errs, and none is allowed for", RATIO
    ),
    Scenario("small ratio", "ordinary", _selective, "P_Na/P_K about 0.06 in 5 K, 140 Na", RATIO),
    Scenario("substitution", "ordinary", _substitution, "one cell in Na, Li and Cs", RATIO),
    Scenario("Ca ratio", "ordinary", _calcium, "one cell in Na and in 20 mM Ca", RATIO),
    Scenario(
        "symmetric solutions",
        "no answer",
        _symmetric,
        "the same solution on both sides: any ratio fits",
        NO_RATIO,
        UNDETERMINED,
    ),
    Scenario(
        "two unknown, one bath",
        "no answer",
        _two_unknown,
        "Na and Li together in one bath",
        NO_RATIO,
        UNDETERMINED,
    ),
)

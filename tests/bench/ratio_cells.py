"""Substitution series with a known truth: cells in several baths, with every error of the inputs.

Each cell draws what the settings say may be off: the junction potential of its zeroing, the
reference electrode after each bath change, the temperature and every concentration.  Its reference
drifts from the first recording to the last.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from scenarios_parts import (
    PERMEABILITY_M3_PER_S,
    TEMPERATURE_C,
    USUAL_RIG,
    Simulated,
    draw,
    simulate,
    steps,
)
from scenarios_truth import nominal_offset_mv

from permeant.config.settings import Settings
from permeant.physics.ions import find_ion
from permeant.records import SheetRow, Solution
from permeant.simulate.cells import Carrier, Membrane, Ohmic

STATED = Settings().permeability
STARTED = datetime(2024, 1, 2, 9, 0, 0)
MINUTES_APART = 4.0

SOLUTIONS: dict[str, dict[str, float]] = {
    "K_in": {"K": 140, "Mg": 1, "Cl": 137, "HEPES": 5},
    "NMDG_Cl_in": {"NMDG": 140, "Mg": 1, "Cl": 137, "HEPES": 5},
    "K_out": {"K": 140, "Mg": 1, "Cl": 137, "HEPES": 5},
    **{
        f"{ion}_out": {ion: 145.0, "Mg": 2, "Cl": 144, "HEPES": 5}
        for ion in ("Na", "Li", "Rb", "Cs", "NH4")
    },
    "Na_K_out": {"Na": 140, "K": 5, "Mg": 2, "Cl": 144, "HEPES": 5},
    "Na_Ca_out": {"Na": 110, "Ca": 20, "Cl": 145, "HEPES": 5},
    "Ca_out": {"NMDG": 105, "Ca": 20, "Cl": 140, "HEPES": 5},
    "NMDG_Cl_out": {"NMDG": 145, "Mg": 2, "Cl": 144, "HEPES": 5},
    "gluconate_out": {"NMDG": 145, "Mg": 2, "Cl": 14, "gluconate": 130, "HEPES": 5},
    "Na_Li_out": {"Na": 75, "Li": 70, "Mg": 2, "Cl": 144, "HEPES": 5},
    "Na_Li_half_out": {"Na": 37.5, "Li": 35, "NMDG": 72.5, "Mg": 2, "Cl": 144, "HEPES": 5},
}


@dataclass(frozen=True)
class Series:
    """A kind of cell: its ions with typical ratios, and its baths in their order."""

    name: str
    ratios: Mapping[str, float]
    reference: str
    baths: Mapping[str, str]
    shows: str
    pipette: str = "K_in"
    fixed: Mapping[str, float] = field(default_factory=dict)
    subtract: Mapping[str, str] = field(default_factory=dict)
    first_mv: float = -100.0
    leak_ns: float = 0.0
    leak_change: float = 0.0
    sigma_drift_mv: float = 2.0
    refused: str = ""
    """What the reason of every refusal must say; empty: ratios are expected."""


@dataclass(frozen=True)
class Cell:
    """One simulated cell of a series."""

    recordings: tuple[Simulated, ...]
    acquired: dict[str, str]
    truth: dict[str, float]


def solutions() -> dict[str, Solution]:
    """Return the solutions as the sheet states them."""
    return {name: Solution(name, dict(ions)) for name, ions in SOLUTIONS.items()}


def record_cell(series: Series, seed: int) -> Cell:
    """Record one cell of a series, from errors drawn for the cell."""
    # other cells in every series, so that chance in one is not chance in all
    seed += 1000 * (zlib.crc32(series.name.encode()) % 100_000)
    random, errors = draw(seed), draw(seed + 700_000)
    truth = {
        ion: ratio if ion == series.reference else float(ratio * random.lognormal(0.0, 0.3))
        for ion, ratio in series.ratios.items()
    }
    size = float(random.lognormal(0.0, 0.25)) / truth[next(iter(truth))]
    ljp_mv = float(errors.normal(0.0, STATED.sigma_ljp_mv))
    celsius = TEMPERATURE_C + float(errors.normal(0.0, STATED.sigma_temperature_c))
    drift_mv = float(errors.normal(0.0, series.sigma_drift_mv))
    real = _mix(errors.lognormal)
    change_mv = STATED.sigma_bath_change_fraction * STATED.sigma_ljp_mv
    changes = {bath: float(errors.normal(0.0, change_mv)) for bath in sorted(SOLUTIONS)}
    zeroed_in = next(iter(series.baths.values()))
    recordings, acquired = [], {}
    last = max(len(series.baths) - 1, 1)
    leaks = _leaks(series, random.normal)
    for number, (recording, bath) in enumerate(series.baths.items()):
        row = SheetRow(
            2 + number, "cell", recording, f"{recording}.abf", series.pipette, bath, TEMPERATURE_C,
            zeroed_in=zeroed_in, subtract=series.subtract.get(recording),
        )  # fmt: skip
        nominal_mv = nominal_offset_mv(row, solutions())
        error_mv = ljp_mv + drift_mv * number / last + (changes[bath] if bath != zeroed_in else 0.0)
        open_channel = recording not in ";".join(series.subtract.values()).split(";")
        carriers = [
            Carrier(
                ion,
                find_ion(ion).valence,
                ratio * size * PERMEABILITY_M3_PER_S * open_channel,
                real[series.pipette].get(ion, 0.0),
                real[bath].get(ion, 0.0),
            )
            for ion, ratio in truth.items()
        ]
        recordings.append(
            simulate(
                seed * 8 + number,
                Membrane(celsius, carriers=tuple(carriers), leak=leaks[number]),
                rig=replace(USUAL_RIG, voltage_offset_mv=nominal_mv + error_mv),
                protocol=steps(series.first_mv),
                row=row,
                nominal_offset_mv=nominal_mv,
            )
        )
        at = STARTED + timedelta(minutes=MINUTES_APART * number)
        acquired[recording] = at.isoformat()
    told = {ion: p / truth[series.reference] for ion, p in truth.items()}
    return Cell(tuple(recordings), acquired, told)


def _mix(lognormal: Callable[[float, float], float]) -> dict[str, dict[str, float]]:
    """Weigh every solution with the stated error of each concentration."""
    spread = STATED.sigma_concentration_fraction
    return {
        name: {ion: mm * float(lognormal(0.0, spread)) for ion, mm in ions.items()}
        for name, ions in SOLUTIONS.items()
    }


def _leaks(series: Series, normal: Callable[[float, float], float]) -> list[Ohmic | None]:
    """Let the leak grow or shrink evenly from the first recording to the last."""
    n = max(len(series.baths) - 1, 1)
    change = float(normal(0.0, series.leak_change)) if series.leak_change else 0.0
    if not series.leak_ns:
        return [None] * len(series.baths)
    sizes = [series.leak_ns * (1.0 + change * k / n) for k in range(len(series.baths))]
    return [Ohmic(g_ns, 0.0) for g_ns in sizes]


SERIES = {
    one.name: one
    for one in (
        Series(
            "five monovalent baths and a wash",
            {"K": 1.0, "Na": 0.9, "Li": 0.6, "Rb": 1.05, "Cs": 1.1, "NH4": 1.3},
            "K",
            {"Na": "Na_out", "Li": "Li_out", "Rb": "Rb_out", "Cs": "Cs_out", "NH4": "NH4_out",
             "wash": "Na_out"},
            "K inside; each cation in turn, Na again; the reference drifts",
        ),
        Series(
            "the same over Na",
            {"Na": 1.0, "K": 1.1, "Li": 0.6, "Rb": 1.05, "Cs": 1.1, "NH4": 1.3},
            "Na",
            {"Na": "Na_out", "Li": "Li_out", "Rb": "Rb_out", "Cs": "Cs_out", "NH4": "NH4_out",
             "wash": "Na_out"},
            "the reference ion is in the reference bath: shared errors cancel",
        ),
        Series(
            "Na/Ca mixtures",
            {"K": 1.0, "Na": 0.9, "Ca": 6.0},
            "K",
            {"Na": "Na_out", "mix": "Na_Ca_out", "Ca": "Ca_out", "wash": "Na_out"},
            "145 Na, 110 Na with 20 Ca, 20 Ca alone, Na again",
        ),
        Series(
            "Cl against gluconate",
            {"Cl": 1.0, "gluconate": 0.15},
            "Cl",
            {"Cl": "NMDG_Cl_out", "gluconate": "gluconate_out", "wash": "NMDG_Cl_out"},
            "a larger anion takes the place of most of the chloride outside",
            pipette="NMDG_Cl_in",
            first_mv=-80.0,
        ),
        Series(
            "agonist minus control",
            {"K": 1.0, "Na": 0.15},
            "K",
            {"control": "Na_K_out", "agonist": "Na_K_out", "wash": "Na_K_out"},
            "1 nS of leak, which changes by a tenth (one standard deviation) from the control "
            "before to the one after; no drift of the reference, which no bath would tell",
            subtract={"agonist": "control;wash"},
            leak_ns=1.0,
            leak_change=0.1,
            sigma_drift_mv=0.0,
        ),
        Series(
            "symmetric solutions", {"K": 1.0, "Mg": 0.1}, "K", {"K": "K_out"},
            "the same on both sides", refused="symmetric",
        ),
        Series(
            "two unknown, one bath", {"K": 1.0, "Na": 0.9, "Li": 0.6}, "K", {"mix": "Na_Li_out"},
            "Na and Li together", refused="only P_Na .* P_Li is determined",
        ),
        Series(
            "a shared gradient", {"K": 1.0, "Na": 0.9, "Li": 0.6}, "K",
            {"whole": "Na_Li_out", "half": "Na_Li_half_out"},
            "Na and Li in the same proportion in every bath",
            refused="only P_Na .* P_Li is determined",
        ),
    )
}  # fmt: skip

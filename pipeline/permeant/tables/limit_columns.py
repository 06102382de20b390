"""Columns of the tables on what limits a current."""

from __future__ import annotations

from permeant.tables.column import Column


def _interval(name: str, what: str, unit: str = "") -> tuple[Column, ...]:
    return (
        Column(name, unit, what),
        Column(f"{name}_low", unit, "lower end of its 95 % interval"),
        Column(f"{name}_high", unit, "upper end of its 95 % interval"),
    )


def _exponent(name: str, what: str) -> tuple[Column, ...]:
    sigma = Column(f"alpha_{name}_sigma", "", "half of its interval over 1.96")
    return (*_interval(f"alpha_{name}", what), sigma)


LIMIT_TABLES: dict[str, tuple[Column, ...]] = {
    "limits": (
        Column("cell", "", "cell as in the sheet; empty: over many cells"),
        Column("condition", "", "group label of the sheet, where all recordings share it"),
        Column("method", "", "one patch (in all solutions), patches paired, or groups of patches"),
        Column(
            "verdict",
            "",
            "diffusion-limited, gating-limited, both, neither, or not to be told",
        ),
        Column("reason", "", "why"),
        Column("viscosity_low", "", "viscosity_ratio of the thinnest solution"),
        Column("viscosity_high", "", "viscosity_ratio of the thickest solution"),
        Column(
            "conductivity_ratio",
            "",
            "bulk conductivity of the thickest over that of the thinnest; empty: not measured",
        ),
        Column("n_cells", "", "patches"),
        Column("recordings", "", "recordings compared; over many cells, the cells"),
        Column("voltages_mv", "mV", "membrane voltages at which they were compared"),
        Column("current", "", "diffusion-limited, not diffusion-limited, or not to be told"),
        Column("current_reason", "", "why"),
        *_exponent("i", "power of viscosity with which the unitary current falls; 1: Stokes"),
        *_interval(
            "alpha_conductivity", "power of the bulk conductivity that the unitary current follows"
        ),
        Column("gating", "", "slowed, unchanged, or not to be told"),
        Column("gating_reason", "", "why"),
        *_exponent("open", "power of viscosity with which the mean open time grows"),
        *_exponent("shut", "power of viscosity with which the mean shut time grows"),
        Column("n_open", "", "open times seen in all recordings"),
        Column("n_shut", "", "shut times seen in all recordings"),
        Column(
            "e_rev_difference_mv",
            "mV",
            "reversal in the thickest less that in the thinnest solution; empty: not measured",
        ),
        Column("note", "", "what to know of the comparison"),
    ),
    "charge": (
        Column("cell", "", "cell as in the sheet"),
        Column("ion", "", "divalent carrier of the bath"),
        Column("reference_ion", "", "monovalent carrier of the other bath"),
        Column("status", "", "ok or rejected"),
        Column("reason", "", "why there is no ratio"),
        Column("measure", "", "what was measured"),
        Column("recordings", "", "recordings compared"),
        Column("n_recordings", "", "how many"),
        Column("v_min_mv", "mV", "lowest membrane voltage used"),
        Column("v_max_mv", "mV", "highest membrane voltage used"),
        *_interval("ratio", "slope conductance with ion over that with reference_ion"),
        Column("expected_ratio", "", "the same by the constant-field equation at equal P"),
        Column("per_mm_ratio", "", "ratio per concentration of the carriers, beside z² = 4"),
        Column("per_mm_low", "", "lower end of its 95 % interval"),
        Column("per_mm_high", "", "upper end of its 95 % interval"),
        *_interval("quotient", "ratio over expected_ratio; 1: as z² says at equal P"),
        Column(
            "reversal_quotient",
            "",
            "quotient that the permeabilities from the reversals would give",
        ),
        Column("reversal_low", "", "lower end of its 95 % interval"),
        Column("reversal_high", "", "upper end of its 95 % interval"),
        Column("meaning", "", "what the difference means"),
    ),
}
"""What a run writes of pore, gate and charge."""

"""Cells with numbers put in by hand, for what is worked out over cells."""

from __future__ import annotations

from dataclasses import replace

from permeant.cohort import CellRatio, CellValue
from permeant.records import (
    CellResult,
    Correction,
    Family,
    IVFit,
    Measurement,
    PermeabilityRatio,
    Provenance,
    RecordingInfo,
    RecordingResult,
    SheetRow,
)

FIT = IVFit(
    status="ok",
    g_ns=5.0, g_low_ns=4.9, g_high_ns=5.1,
    e_rev_mv=-20.0, e_rev_low_mv=-20.5, e_rev_high_mv=-19.5, e_rev_status="measured",
    g_at_reversal_ns=4.0, g_at_reversal_low_ns=3.9, g_at_reversal_high_ns=4.1,
)  # fmt: skip
HALF = 1.959964
"""Half the width of a normal 95 % interval over its standard error (tables of the normal)."""


def make_fit(e_rev_mv: float, se_mv: float = 0.3, **more: object) -> IVFit:
    ends = {"e_rev_low_mv": e_rev_mv - HALF * se_mv, "e_rev_high_mv": e_rev_mv + HALF * se_mv}
    return replace(FIT, e_rev_mv=e_rev_mv, **{**ends, **more})  # type: ignore[arg-type]


def make_recording(
    name: str,
    fit: IVFit = FIT,
    *,
    acquired: str | None = None,
    corrected: bool = True,
    **row: object,
) -> RecordingResult:
    values: dict[str, object] = {
        "line": 2, "cell": "c1", "recording": name, "file": f"data/{name}.abf",
        "condition": "control", "bath": "bath_Na", "pipette": "KCl_in", "temperature_c": 22.0,
    }  # fmt: skip
    family = Family(1, "family", ("A",), 10.0, 100.0, -100.0, 60.0, 9)
    junction = Correction("junction potential", 4.2, "mV", corrected, "for the test")
    return RecordingResult(
        row=SheetRow(**{**values, **row}),  # type: ignore[arg-type]
        info=RecordingInfo(
            Provenance(f"data/{name}.abf", "0" * 64, 1, "neo", "0", "ABF2", acquired),
            (), 0.05, 9, 2000, (), "header", (),
        ),
        measurement=Measurement((family,), family, "", (), (junction,), ()),
        fit=fit,
    )  # fmt: skip


def make_cell(
    *recordings: RecordingResult, name: str = "c1", ratios: tuple[PermeabilityRatio, ...] = ()
) -> CellResult:
    return CellResult(name, recordings, ratios, {}, {})


def make_value(
    cell: str,
    value: float | None,
    se: float | None = 0.3,
    *,
    condition: str = "control",
    quantity: str = "e_rev_mv",
    **more: object,
) -> CellValue:
    unit = "mV" if quantity == "e_rev_mv" else "nS"
    known = CellValue(
        cell, condition, "bath_Na", "KCl_in", "steady", quantity, value, None, None, unit, 1, "r1",
        se=se, temperature_low_c=22.0, temperature_high_c=22.0, configurations="whole-cell",
    )  # fmt: skip
    return replace(known, **more)  # type: ignore[arg-type]


def make_ratio(cell: str, ratio: float, ion: str = "Na", **more: object) -> CellRatio:
    known = CellRatio(
        cell, "control", "bath_Na", "KCl_in", "steady", ion, "K", "none", "ok", ratio,
        ln_sd=0.05, ln_sd_own=0.03, ln_sd_shared=0.04,
        temperature_low_c=22.0, temperature_high_c=22.0,
    )  # fmt: skip
    return replace(known, **more)  # type: ignore[arg-type]

"""What the user wrote: rows of the sheet, solutions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class SheetRow:
    """One row of ``config/recordings.csv``, checked, with the defaults filled in."""

    line: int
    cell: str
    recording: str
    file: str
    pipette: str | None = None
    bath: str | None = None
    temperature_c: float | None = None
    condition: str = ""
    measure: Literal[
        "steady", "instantaneous", "peak", "ramp", "single_channel", "noise", "charge"
    ] = "steady"
    epoch: str | None = None
    window_start_ms: float | None = None
    window_end_ms: float | None = None
    current_channel: str | None = None
    command_channel: str | None = None
    command_offset_mv: float | None = None
    protocol: str | None = None
    configuration: Literal["whole-cell", "outside-out", "inside-out", "cell-attached"] = (
        "whole-cell"
    )
    r_s_mohm: float | None = None
    r_s_compensation: float | None = None
    c_m_pf: float | None = None
    ljp_mv: float | None = None
    ljp_applied: bool = False
    zeroed_in: str | None = None
    subtract: str | None = None
    exclude: bool = False
    note: str = ""
    leak: Literal["none", "ramp", "range"] | None = None
    sweeps: str | None = None
    series: str | None = None
    text_columns: str | None = None
    fit_min_mv: float | None = None
    fit_max_mv: float | None = None
    viscosity_ratio: float | None = None
    conductivity_ratio: float | None = None
    v_rest_mv: float | None = None
    sodium_fraction: float | None = None
    g_na_ns: float | None = None

    @property
    def controls(self) -> tuple[str, ...]:
        """The recordings that are subtracted from this one: none, one, or before and after."""
        return tuple((self.subtract or "").split(";")) if self.subtract else ()


@dataclass(frozen=True)
class Solution:
    """A solution: its name and the free concentration of each ion in mM."""

    name: str
    ions_mm: dict[str, float]

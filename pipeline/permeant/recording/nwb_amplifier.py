"""What an NWB file says of the amplifier: series resistance, capacitance, compensation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from permeant.records import Finding

SAME = 0.01
POSSIBLE_MOHM = (0.05, 1000.0)
POSSIBLE_PF = (0.01, 100_000.0)
"""From a patch torn off to an oocyte."""


@dataclass(frozen=True)
class Settings:
    """The amplifier's settings; ``None``: not in the file."""

    r_s_mohm: float | None = None
    c_m_pf: float | None = None
    r_s_compensation: float | None = None
    findings: tuple[Finding, ...] = ()


def read_settings(file: Any, paths: Sequence[str]) -> Settings:
    """Read what the series of some sweeps say; one value stands for all of them."""
    findings: list[Finding] = []
    r_s_mohm = _one(file, paths, "whole_cell_series_resistance_comp", 1e-6, findings)
    c_m_pf = _one(file, paths, "whole_cell_capacitance_comp", 1e12, findings)
    r_s_mohm = _believable("series resistance", r_s_mohm, POSSIBLE_MOHM, "MΩ", findings)
    c_m_pf = _believable("capacitance", c_m_pf, POSSIBLE_PF, "pF", findings)
    percent = _one(file, paths, "resistance_comp_correction", 1.0, findings)
    fraction = None
    if percent is not None:
        fraction = percent / 100.0
        if 0 < percent <= 1 or not 0 <= percent <= 100:
            message = (
                f"the compensation of the series resistance is said to be {percent:g} %, which may "
                "be a fraction or nonsense; it was not used: give r_s_compensation in the sheet"
            )
            findings.append(Finding("r_s_compensation_doubtful", "warning", message, percent))
            fraction = None
    return Settings(r_s_mohm, c_m_pf, fraction, tuple(findings))


def _believable(
    what: str,
    value: float | None,
    possible: tuple[float, float],
    unit: str,
    findings: list[Finding],
) -> float | None:
    """Return a setting of the amplifier, unless no patch clamp can have it."""
    if value is None or possible[0] <= value <= possible[1]:
        return value
    message = (
        f"the file says {value:.3g} {unit} of {what}, which no patch clamp has; NWB asks for ohms "
        "and farads, another unit may have been written: it was not used, give it in the sheet"
    )
    findings.append(Finding("amplifier_unknown", "warning", message, value, unit=unit))
    return None


def _one(
    file: Any, paths: Sequence[str], name: str, factor: float, findings: list[Finding]
) -> float | None:
    seen = []
    for path in paths:
        if name in file[path]:
            value = float(file[path][name][()]) * factor
            if math.isfinite(value) and value > 0:
                seen.append(value)
    if not seen:
        return None
    typical = median(seen)
    if max(seen) - min(seen) > SAME * typical:
        message = (
            f"{name} differs between the sweeps ({min(seen):.3g} to {max(seen):.3g}); the median "
            "was taken"
        )
        findings.append(Finding("amplifier_changed", "warning", message, typical))
    return typical

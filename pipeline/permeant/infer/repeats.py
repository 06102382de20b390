"""One value a cell and condition, from all recordings that were made of it there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from permeant.cohort import CellRatio, CellValue
from permeant.infer.pooling import NORMAL_95, pool_values
from permeant.records import CellResult, IVFit, PermeabilityRatio, RecordingResult

__all__ = ["QUANTITIES", "Quantity", "cell_ratios", "cell_values", "of_the_channel"]


@dataclass(frozen=True)
class Quantity:
    """A number of a fit with its interval, and whether it needs a measured reversal."""

    name: str
    low: str
    high: str
    unit: str
    at_reversal: bool


QUANTITIES = (
    Quantity("g_ns", "g_low_ns", "g_high_ns", "nS", at_reversal=False),
    Quantity("e_rev_mv", "e_rev_low_mv", "e_rev_high_mv", "mV", at_reversal=True),
    Quantity(
        "g_at_reversal_ns", "g_at_reversal_low_ns", "g_at_reversal_high_ns", "nS", at_reversal=True
    ),
)


def cell_values(cell: CellResult) -> tuple[CellValue, ...]:
    """Combine the recordings of a cell under the same condition, solutions and measure.

    Parameters
    ----------
    cell : CellResult
        The cell.  Excluded recordings do not count, nor do those that are only subtracted from
        another: they show the leak, not the channel.

    Returns
    -------
    tuple of CellValue
        One for each state and quantity in a fixed order; without a value, and with a note that
        says why, where no recording gave one.

    Notes
    -----
    A single recording stands as it is.  Several give their plain mean; its interval comes from
    their scatter (Student's t), and is never narrower than their own errors allow.
    """
    states: dict[tuple[str, str, str, str], list[RecordingResult]] = {}
    for one in of_the_channel(cell):
        row = one.row
        state = (row.condition, row.bath or "", row.pipette or "", row.measure)
        states.setdefault(state, []).append(one)
    return tuple(
        _combine(cell.cell, state, states[state], quantity)
        for state in sorted(states)
        for quantity in QUANTITIES
    )


def cell_ratios(cell: CellResult) -> tuple[CellRatio, ...]:
    """Return the permeability ratios of a cell with the conditions and solutions behind them.

    Parameters
    ----------
    cell : CellResult
        The cell.

    Returns
    -------
    tuple of CellRatio
        One for each ratio that was sought, also where it was refused; none for a ratio that
        the configuration fixes, since nothing was measured.
    """
    used = of_the_channel(cell)
    if not used:
        return ()
    behind = [one for one in used if one.fit.e_rev_status == "measured"] or used
    rows = [one.row for one in behind]
    low_c, high_c = _temperatures(behind)
    return tuple(
        CellRatio(
            cell.cell,
            condition=_joined(row.condition for row in rows),
            bath=_joined(row.bath or "" for row in rows),
            pipette=_joined(row.pipette or "" for row in rows),
            measure=_joined(row.measure for row in rows),
            ion=ratio.ion,
            reference_ion=ratio.reference_ion,
            activities=ratio.activities,
            status=ratio.status,
            ratio=ratio.ratio,
            ln_sd=_ln_sd(ratio),
            ln_sd_own=ratio.ln_sd_own,
            ln_sd_shared=ratio.ln_sd_shared,
            temperature_low_c=low_c,
            temperature_high_c=high_c,
        )
        for ratio in cell.ratios
        if ratio.method != "fixed"
    )


def of_the_channel(cell: CellResult) -> list[RecordingResult]:
    """Return the recordings that speak for the channel, in the order of their names."""
    used = [one for one in cell.recordings if not one.row.exclude]
    controls = {name for one in used for name in one.row.controls}
    return sorted(
        (one for one in used if one.row.recording not in controls),
        key=lambda one: one.row.recording,
    )


def _combine(
    cell: str,
    state: tuple[str, str, str, str],
    recordings: Sequence[RecordingResult],
    quantity: Quantity,
) -> CellValue:
    found = [(one, *seen) for one in recordings if (seen := _interval(one.fit, quantity))]
    behind = [one for one, *_ in found]
    many = len(recordings)
    if not found:
        what = "a measured reversal" if quantity.at_reversal else "a fit"
        note = f"no recording with {what} (of {many})"
        return CellValue(
            cell, *state, quantity.name, None, None, None, quantity.unit, 0, "", note=note
        )
    values = [value for _, value, _, _ in found]
    errors = [(high - low) / (2 * NORMAL_95) for _, _, low, high in found]
    pooled = pool_values(values, errors)
    low, high = found[0][2:]
    if pooled.half_width is not None:
        own = NORMAL_95 * sum(error**2 for error in errors) ** 0.5 / pooled.n
        half_width = max(pooled.half_width, own)
        low, high = pooled.mean - half_width, pooled.mean + half_width
    low_c, high_c = _temperatures(behind)
    return CellValue(
        cell,
        *state,
        quantity.name,
        pooled.mean,
        low,
        high,
        quantity.unit,
        len(found),
        _joined(one.row.recording for one in behind),
        se=pooled.se,
        sd_between=pooled.sd,
        temperature_low_c=low_c,
        temperature_high_c=high_c,
        note=""
        if len(found) == many
        else f"{many - len(found)} of {many} recordings gave no value",
        acquired=min(filter(None, map(_acquired, behind)), default=""),
        configurations=_joined(one.row.configuration for one in behind),
        uncorrected=any(map(_is_uncorrected, behind)),
    )


def _interval(fit: IVFit, quantity: Quantity) -> tuple[float, float, float] | None:
    """Return value and interval; nothing where the recording did not measure the quantity."""
    if fit.status != "ok" or (quantity.at_reversal and fit.e_rev_status != "measured"):
        return None
    value, low, high = (getattr(fit, name) for name in (quantity.name, quantity.low, quantity.high))
    return None if value is None or low is None or high is None else (value, low, high)


def _temperatures(recordings: Sequence[RecordingResult]) -> tuple[float | None, float | None]:
    known = [one.row.temperature_c for one in recordings if one.row.temperature_c is not None]
    return min(known, default=None), max(known, default=None)


def _acquired(recording: RecordingResult) -> str:
    return (recording.info.provenance.acquired or "") if recording.info else ""


def _is_uncorrected(recording: RecordingResult) -> bool:
    """Whether nobody took the junction potential off, neither the amplifier nor we."""
    if recording.row.ljp_applied or recording.measurement is None:
        return False
    corrections = recording.measurement.corrections
    return any(one.name == "junction potential" and not one.applied for one in corrections)


def _ln_sd(ratio: PermeabilityRatio) -> float | None:
    low, high = ratio.ratio_low, ratio.ratio_high
    return math.log(high / low) / (2 * NORMAL_95) if low and high and low > 0 else None


def _joined(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(filter(None, names))))

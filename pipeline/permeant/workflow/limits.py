"""What limits the current of a cell: its recordings as they stand behind fits and ratios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from permeant.infer.limits.charge import CarrierSeries, compare_charges
from permeant.infer.limits.states import patch_state
from permeant.infer.limits.viscosity import compare_patch, limit_finding
from permeant.physics.ions import Ion
from permeant.records import Finding, Limits, PermeabilityRatio, SheetRow, Solution
from permeant.workflow.controls import missing_control, points_to_fit
from permeant.workflow.results import FittedCell, IngestedCell, MeasuredCell

_OUTSIDE_OUT = ("whole-cell", "outside-out")


def find_limits(
    rows: Sequence[SheetRow],
    ingested: IngestedCell,
    measured: MeasuredCell,
    fitted: FittedCell,
    *,
    solutions: Mapping[str, Solution],
    settings: Mapping[str, Any],
    extra_ions: Mapping[str, Ion],
    ratios: Sequence[PermeabilityRatio],
) -> tuple[Limits, tuple[Finding, ...]]:
    """Compare the solutions of one cell: by their viscosity, and by the charge of the carrier."""
    ordered = sorted(rows, key=lambda row: row.recording)
    states = [
        patch_state(
            row,
            measured[row.recording].measurement,
            fitted[row.recording].fit,
            solutions.get(row.bath or ""),
            solutions.get(row.pipette or ""),
        )
        for row in ordered
    ]
    patches = tuple(state for state in states if state)
    limit = compare_patch(patches, settings["sigma_viscosity_fraction"]) if patches else None
    findings = [limit_finding(limit)] if limit else []
    findings += _stated_in_vain(ordered)
    charge = compare_charges(
        _carrier_series(ordered, ingested, measured, fitted, solutions),
        settings["permeant"],
        ratios,
        extra_ions=extra_ions,
        sigma_concentration_fraction=settings["sigma_concentration_fraction"],
    )
    return Limits(patches, (limit,) if limit else (), charge), tuple(findings)


def _stated_in_vain(rows: Sequence[SheetRow]) -> list[Finding]:
    names = [
        row.recording
        for row in rows
        if row.viscosity_ratio is not None and row.measure != "single_channel" and not row.exclude
    ]
    if not names:
        return []
    return [
        Finding(
            "viscosity_not_single",
            "warning",
            f"viscosity_ratio is stated for {', '.join(names)}, whose measure is not "
            "single_channel: a current of many channels mixes unitary current and gate, so that "
            "it cannot tell pore from gate",
        )
    ]


def _carrier_series(
    rows: Sequence[SheetRow],
    ingested: IngestedCell,
    measured: MeasuredCell,
    fitted: FittedCell,
    solutions: Mapping[str, Solution],
) -> list[CarrierSeries]:
    """Return the recordings whose solutions are known, with the points that were fitted."""
    baths = {row.bath for row in rows if row.bath in solutions and not row.exclude}
    if len(baths) < 2:  # one bath has one carrier
        return []
    controls = {name for row in rows if not row.exclude for name in row.controls}
    infos = {name: one.info for name, one in ingested.items()}
    known = {name: one.measurement for name, one in measured.items()}
    series = []
    for row in rows:
        told = row.pipette in solutions and row.bath in solutions and row.temperature_c is not None
        if row.exclude or not told or row.recording in controls:
            continue
        if fitted[row.recording].fit.status != "ok" or missing_control(row, known):
            continue
        outside = row.configuration in _OUTSIDE_OUT
        pipette, bath = solutions[row.pipette or ""].ions_mm, solutions[row.bath or ""].ions_mm
        series.append(
            CarrierSeries(
                row.recording,
                row.measure,
                row.configuration,
                pipette if outside else bath,
                bath if outside else pipette,
                outside,
                row.temperature_c or 0.0,
                points_to_fit(row, infos, known)[0].points,
            )
        )
    return series

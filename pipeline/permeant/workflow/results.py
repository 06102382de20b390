"""What the stages hand to each other, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from permeant.cohort import CellCurve, CellRatio, CellValue
from permeant.ratio_records import RatioDetails
from permeant.records import (
    CellResult,
    Contribution,
    Cost,
    DrivingForce,
    Finding,
    IVFit,
    Limits,
    Measurement,
    PermeabilityRatio,
    Problem,
    RecordingInfo,
    RecordingResult,
    SheetRow,
    Solution,
    Trace,
)


@dataclass(frozen=True)
class Ingested:
    """What a file holds, or why it could not be read."""

    info: RecordingInfo | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Measured:
    """What was measured on a recording, or why not."""

    measurement: Measurement | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Fitted:
    """What was fitted to a recording; a fit that failed is rejected, and the problem kept."""

    fit: IVFit
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Inferred:
    """Ratios of a cell, and driving forces and problems by recording."""

    ratios: tuple[PermeabilityRatio, ...]
    driving_forces: dict[str, tuple[DrivingForce, ...]]
    problems: dict[str, tuple[Problem, ...]]
    contributions: tuple[Contribution, ...] = ()
    findings: tuple[Finding, ...] = ()
    details: RatioDetails = field(default_factory=RatioDetails)
    limits: Limits = field(default_factory=Limits)
    resting_costs: dict[str, Cost] = field(default_factory=dict)


@dataclass(frozen=True)
class Tabulated:
    """What a cell adds to the tables, as text, and what is compared between cells."""

    lines: dict[str, str]
    values: tuple[CellValue, ...]
    ratios: tuple[CellRatio, ...]
    curves: tuple[CellCurve, ...]
    reached: tuple[tuple[int, str], ...]
    """Of each recording, how far it got and why no further (``funnel.how_far``)."""
    limits: Limits = field(default_factory=Limits)


IngestedCell = dict[str, Ingested]
MeasuredCell = dict[str, Measured]
TracesOfCell = dict[str, tuple[Trace, ...]]
FittedCell = dict[str, Fitted]


def _with_conditions(limits: Limits, rows: list[SheetRow]) -> Limits:
    """Add the labels of the sheet, a change of which is to infer nothing again."""
    labels = {row.recording: row.condition for row in rows}
    patches = tuple(replace(one, condition=labels[one.recording]) for one in limits.patches)
    shared = {one.condition for one in patches}
    label = shared.pop() if len(shared) == 1 else ""
    viscosity = tuple(replace(one, condition=label) for one in limits.viscosity)
    return replace(limits, patches=patches, viscosity=viscosity)


def assemble_cell(
    cell: str,
    rows: list[SheetRow],
    solutions: Mapping[str, Solution],
    *,
    ingested: IngestedCell,
    measured: MeasuredCell,
    fitted: FittedCell,
    inferred: Inferred,
    settings: dict[str, object],
    versions: dict[str, str],
    traces: TracesOfCell | None = None,
) -> CellResult:
    """Put together everything that is known of one cell, recording by recording."""
    recordings = []
    for row in rows:
        read, seen = ingested[row.recording], measured[row.recording]
        fitting, measurement = fitted[row.recording], seen.measurement
        recordings.append(
            RecordingResult(
                row=row,
                info=read.info,
                measurement=measurement,
                fit=fitting.fit,
                driving_forces=inferred.driving_forces.get(row.recording, ()),
                problems=(
                    *read.problems,
                    *seen.problems,
                    *fitting.problems,
                    *inferred.problems.get(row.recording, ()),
                ),
                pipette=solutions.get(row.pipette or ""),
                bath=solutions.get(row.bath or ""),
                resting_cost=inferred.resting_costs.get(row.recording),
                traces=traces.get(row.recording, ()) if traces else (),
            )
        )
    return CellResult(
        cell=cell,
        recordings=tuple(recordings),
        ratios=inferred.ratios,
        settings=settings,
        versions=versions,
        findings=inferred.findings,
        contributions=inferred.contributions,
        ratio_details=inferred.details,
        limits=_with_conditions(inferred.limits, rows),
    )

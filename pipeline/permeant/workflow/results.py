"""What the stages hand to each other, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from permeant.records import (
    CellResult,
    DrivingForce,
    IVFit,
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
class Inferred:
    """Ratios of a cell, and driving forces by recording."""

    ratios: tuple[PermeabilityRatio, ...]
    driving_forces: dict[str, tuple[DrivingForce, ...]]
    problems: tuple[Problem, ...] = ()


IngestedCell = dict[str, Ingested]
MeasuredCell = dict[str, Measured]
TracesOfCell = dict[str, tuple[Trace, ...]]
FittedCell = dict[str, IVFit]


def assemble_cell(
    cell: str,
    rows: list[SheetRow],
    solutions: Mapping[str, Solution],
    ingested: IngestedCell,
    measured: MeasuredCell,
    fitted: FittedCell,
    inferred: Inferred,
    *,
    settings: dict[str, object],
    versions: dict[str, str],
    traces: TracesOfCell | None = None,
) -> CellResult:
    """Put together everything that is known of one cell, recording by recording."""
    recordings = []
    for row in rows:
        measurement = measured[row.recording].measurement
        if measurement is not None and traces:
            measurement = _with_traces(measurement, traces.get(row.recording, ()))
        recordings.append(
            RecordingResult(
                row=row,
                info=ingested[row.recording].info,
                measurement=measurement,
                fit=fitted[row.recording],
                driving_forces=inferred.driving_forces.get(row.recording, ()),
                problems=(*ingested[row.recording].problems, *measured[row.recording].problems),
                pipette=solutions.get(row.pipette or ""),
                bath=solutions.get(row.bath or ""),
            )
        )
    return CellResult(
        cell=cell,
        recordings=tuple(recordings),
        ratios=inferred.ratios,
        settings=settings,
        versions=versions,
    )


def _with_traces(measurement: Measurement, traces: tuple[Trace, ...]) -> Measurement:
    return replace(measurement, traces=traces)

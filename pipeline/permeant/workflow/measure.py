"""Measure: the current at every voltage of each recording that could be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from permeant.errors import PermeantError
from permeant.measure import (
    measure_charge,
    measure_noise,
    measure_patch,
    measure_recording,
    thin_traces,
)
from permeant.physics.ions import Ion
from permeant.records import Measurement, SheetRow, Solution
from permeant.workflow.batch import key_of, update_batch
from permeant.workflow.ingest import content_key, open_row
from permeant.workflow.job import Job, used_solutions
from permeant.workflow.results import IngestedCell, Measured, MeasuredCell, TracesOfCell
from permeant.workflow.trouble import attempt

_SETTINGS = ("steady_state", "measures", "corrections", "quality", "max_trace_points")


def measure_cell(
    rows: list[SheetRow],
    ingested: IngestedCell,
    solutions: Mapping[str, Solution],
    settings: Mapping[str, Any],
    extra_ions: Mapping[str, Ion],
    *,
    say: Callable[[str], None],
) -> tuple[MeasuredCell, TracesOfCell]:
    """Measure every recording of a cell that could be read, and thin its traces."""
    by_name = {row.recording: row for row in rows}
    measured: MeasuredCell = {}
    traces: TracesOfCell = {}
    for row in rows:
        if ingested[row.recording].info is None:
            measured[row.recording] = Measured(None)
            continue

        def work(row: SheetRow = row) -> Measurement:
            recording = open_row(row, settings["protocols"])
            # kept even where the recording cannot be measured: its page shows what it holds
            traces[row.recording] = thin_traces(recording, settings["max_trace_points"])
            if row.measure == "charge":
                controls = [by_name[name] for name in row.controls]
                opened = (open_row(one, settings["protocols"]) for one in controls)
                return measure_charge(recording, row, tuple(opened))
            if row.measure in ("single_channel", "noise"):
                of_channels = measure_noise if row.measure == "noise" else measure_patch
                return of_channels(
                    recording,
                    row,
                    solutions,
                    corrections=settings["corrections"],
                    measures=settings["measures"],
                    extra_ions=extra_ions,
                )
            return measure_recording(
                recording,
                row,
                solutions,
                steady_state=settings["steady_state"],
                measures=settings["measures"],
                corrections=settings["corrections"],
                quality=settings["quality"],
                extra_ions=extra_ions,
            )

        measurement, problems = attempt("measure", row.file, work, say)
        measured[row.recording] = Measured(measurement, problems)
    return measured, traces


def _refuse_changed(rows: list[SheetRow], ingested: IngestedCell) -> None:
    """Stop where a file is no longer the one that was ingested.

    The lines of this batch are kept under the digests of the ingested files.  Were a result of
    other bytes written under them, it would still stand when the old file is back.
    """
    for row in rows:
        info = ingested[row.recording].info
        if info is None:
            continue
        now = content_key(row.file)
        if now.split()[0] != info.provenance.sha256:
            seen = now if now.startswith("unreadable") else "its content is another"
            raise PermeantError(
                f"{row.file}: changed or vanished while the run was at work ({seen}); "
                "its batch is not measured: leave the file alone and run again"
            )


def measure_batch(job: Job) -> None:
    """Measure the cells of a batch whose recordings, rows or settings changed."""
    cells, solutions = job.rows, job.solutions
    settings = {name: job.params[name] for name in _SETTINGS}
    with_protocols = {**settings, "protocols": job.params["protocols"]}
    extra_ions = job.extra_ions
    ingested = job.entries("ingested")
    keys = {
        cell: key_of(
            job.code,
            rows,
            used_solutions(rows, solutions),
            settings,
            extra_ions,
            bytes(ingested[cell].value),
        )
        for cell, rows in cells.items()
    }

    with job.logging() as say:

        def compute(cell: str) -> list[object]:
            seen = ingested[cell].decode(IngestedCell)
            result = measure_cell(cells[cell], seen, solutions, with_protocols, extra_ions, say=say)
            _refuse_changed(cells[cell], seen)
            return list(result)

        update_batch(job.outputs, keys, compute, say)

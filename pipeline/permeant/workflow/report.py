"""Report: one page a cell, and its lines of the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from permeant.records import CellResult, RecordingResult
from permeant.report import cell_page, summarise_cell, write_assets
from permeant.workflow.batch import Entry, key_of, update_batch, write_atomically
from permeant.workflow.cohort import tabulate
from permeant.workflow.controls import missing_control, points_to_fit
from permeant.workflow.job import Job, used_solutions
from permeant.workflow.results import (
    FittedCell,
    Inferred,
    IngestedCell,
    MeasuredCell,
    TracesOfCell,
    assemble_cell,
)
from permeant.workflow.versions import installed_versions

STAGES = ("ingested", "measured", "fitted", "inferred")


def assemble_entries(
    cell: str,
    job: Job,
    entries: Mapping[str, Entry],
    *,
    settings: dict[str, object],
    versions: dict[str, str],
    rows: list[Any],
) -> CellResult:
    """Put together one cell from its lines in the files of the stages."""
    traces = entries.get("traces")
    assembled = assemble_cell(
        cell,
        rows,
        job.solutions,
        ingested=entries["ingested"].decode(IngestedCell),
        measured=entries["measured"].decode(MeasuredCell),
        fitted=entries["fitted"].decode(FittedCell),
        inferred=entries["inferred"].decode(Inferred),
        settings=settings,
        versions=versions,
        traces=traces.decode(TracesOfCell) if traces else None,
    )
    return replace(assembled, recordings=tuple(add_fitted_points(assembled.recordings)))


def add_fitted_points(recordings: Sequence[RecordingResult]) -> Iterator[RecordingResult]:
    """Add the points that the fit saw where a leak or a control was taken off."""
    measured = {one.row.recording: one.measurement for one in recordings}
    infos = {one.row.recording: one.info for one in recordings}
    for one in recordings:
        seen = one.measurement
        without = seen is None or missing_control(one.row, measured)
        leaks = seen is not None and any(point.i_leak_pa is not None for point in seen.points)
        if one.row.exclude or without or not (leaks or one.row.controls):
            yield one
        else:
            points = points_to_fit(one.row, infos, measured)[0].points
            yield replace(one, subtracted_points=points)


def report_batch(job: Job) -> None:
    """Write pages and lines of the tables of the cells of a batch whose results changed."""
    cells, settings = job.rows, job.params["report"]
    changed, versions = dict(job.params["changed"]), installed_versions()
    found = {stage: job.entries(stage) for stage in (*STAGES, "traces")}
    folder = job.outputs[0].parents[2]
    write_assets(folder / "assets")
    keys = {
        cell: key_of(
            job.code, rows, used_solutions(rows, job.solutions), settings, changed, versions,
            *(found[stage][cell].key for stage in found),
            *(bytes(found[stage][cell].value) for stage in STAGES),
        )
        for cell, rows in cells.items()
    }  # fmt: skip

    def page(cell: str) -> Path:
        return folder / "cells" / f"{cell}.html"

    def compute(cell: str) -> list[object]:
        entries = {stage: found[stage][cell] for stage in found}
        result = assemble_entries(
            cell, job, entries, settings=changed, versions=versions, rows=cells[cell]
        )
        result = replace(result, notice=settings["notice"])
        html = cell_page(result, self_contained=settings["self_contained"], title=settings["title"])
        write_atomically(page(cell), [html.encode()])
        return [summarise_cell(result), tabulate(result)]

    with job.logging() as say:
        update_batch(job.outputs, keys, compute, say, lambda cell: page(cell).exists())

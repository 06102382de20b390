"""Figures for papers, from the results that a run left behind."""

from __future__ import annotations

from pathlib import Path

from permeant.config import load_project
from permeant.errors import PermeantError
from permeant.records import CellResult, RecordingResult
from permeant.report import leading_recording
from permeant.report.paper_figure import write_iv_figure
from permeant.workflow.batch import Entry, by_cell
from permeant.workflow.report import add_fitted_points
from permeant.workflow.results import (
    FittedCell,
    Inferred,
    IngestedCell,
    MeasuredCell,
    assemble_cell,
)

_STAGES = {"ingested": "ingest", "measured": "measure", "fitted": "fit", "inferred": "permeability"}


def draw_iv(
    folder: Path, cell: str, format_: str, recording: str = "", target: Path | None = None
) -> Path:
    """Draw the current–voltage curve of a cell of a project that has been run.

    Parameters
    ----------
    folder : Path
        The project folder.
    cell, recording : str
        Which; without a recording the one whose numbers stand for the cell.
    format_ : str
        ``pdf``, ``svg`` or ``png``.
    target : Path, optional
        The file to write; default ``CELL_RECORDING_iv.FORMAT`` in the current folder.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    PermeantError
        If there is no such cell, recording or result.
    """
    result = stored_cell(folder, cell)
    chosen = _choose(result, recording)
    path = target or Path(f"{cell}_{chosen.row.recording}_iv.{format_}")
    write_iv_figure(chosen, path)
    return path


def stored_cell(folder: Path, cell: str) -> CellResult:
    """Read what the last run found of a cell."""
    project = load_project(folder)
    rows = sorted((row for row in project.rows if row.cell == cell), key=lambda row: row.line)
    if not rows:
        names = ", ".join(sorted({row.cell for row in project.rows})[:10])
        raise PermeantError(f"no cell {cell} in the sheet; its cells are {names} …")
    work = folder / project.settings.output / "batches"
    found = {stage: _entry(work / name, cell) for stage, name in _STAGES.items()}
    result = assemble_cell(
        cell,
        rows,
        project.solutions,
        ingested=found["ingested"].decode(IngestedCell),
        measured=found["measured"].decode(MeasuredCell),
        fitted=found["fitted"].decode(FittedCell),
        inferred=found["inferred"].decode(Inferred),
        settings={},
        versions={},
    )
    complete = tuple(add_fitted_points(result.recordings))
    return CellResult(cell, complete, result.ratios, settings={}, versions={})


def _entry(stage: Path, cell: str) -> Entry:
    for batch in sorted(stage.glob("*.jsonl")):
        if entry := by_cell(batch).get(cell):
            return entry
    raise PermeantError(f"no result of cell {cell} in {stage.parent}; run: permeant run PROJECT")


def _choose(result: CellResult, recording: str) -> RecordingResult:
    if not recording:
        lead = leading_recording(result)
        if lead is None:
            raise PermeantError(f"no recording of cell {result.cell} has a fit; name one")
        return lead
    for one in result.recordings:
        if one.row.recording == recording:
            return one
    names = ", ".join(one.row.recording for one in result.recordings)
    raise PermeantError(f"cell {result.cell} has no recording {recording}; it has {names}")

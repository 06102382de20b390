"""What a run left behind for one cell, put together again from the files of its batches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from permeant.config import Project, load_project
from permeant.errors import PermeantError, did_you_mean
from permeant.records import CellResult, SheetRow
from permeant.workflow.batch import by_cell
from permeant.workflow.report import add_fitted_points
from permeant.workflow.results import (
    FittedCell,
    Inferred,
    IngestedCell,
    MeasuredCell,
    assemble_cell,
)

T = TypeVar("T")


def load_cell(folder: Path, cell: str) -> CellResult:
    """Read the stored results of one cell.

    Parameters
    ----------
    folder : Path
        A project that was run.
    cell : str
        A cell of its sheet.

    Returns
    -------
    CellResult
        As the cell's page was made of, without traces.

    Raises
    ------
    PermeantError
        If the sheet has no such cell, or no run has got to it yet.
    """
    project = load_project(folder)
    rows = [row for row in project.rows if row.cell == cell]
    if not rows:
        cells = dict.fromkeys(row.cell for row in project.rows)
        raise PermeantError(
            f"{project.settings.recordings} of {folder} has no cell {cell!r}; it has "
            f"{', '.join(list(cells)[:20])}{' …' if len(cells) > 20 else ''}."
            f"{did_you_mean(cell, cells)}"
        )
    fitted = _read(project, "fit", cell, FittedCell)
    _refuse_stale(folder, cell, rows, fitted)
    result = assemble_cell(
        cell,
        rows,
        project.solutions,
        ingested=_read(project, "ingest", cell, IngestedCell),
        measured=_read(project, "measure", cell, MeasuredCell),
        fitted=fitted,
        inferred=_read(project, "permeability", cell, Inferred),
        settings=project.settings.changed(),
        versions={},
    )
    return replace(result, recordings=tuple(add_fitted_points(result.recordings)))


def _read(project: Project, stage: str, cell: str, kind: type[T]) -> T:
    batches = project.folder / project.settings.output / "batches" / stage
    for path in sorted(batches.glob("*.jsonl")):
        entry = by_cell(path).get(cell)
        if entry is not None:
            return entry.decode(kind)
    raise PermeantError(
        f"{cell} has no stored results in {batches.parent}; make them with: "
        f"permeant run {project.folder}"
    )


def _refuse_stale(folder: Path, cell: str, rows: list[SheetRow], fitted: FittedCell) -> None:
    """Raise where the sheet has rows that the last run did not see."""
    new = [row.recording for row in rows if row.recording not in fitted]
    if new:
        raise PermeantError(
            f"{cell}: the sheet has recordings that the last run did not see "
            f"({', '.join(new)}); bring the results up to date with: permeant run {folder}"
        )

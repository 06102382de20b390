"""Fit: conductance and reversal potential of every recording that could be measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from permeant.infer.iv import fit_iv
from permeant.infer.subtract import subtract_points
from permeant.records import IVFit, Problem, SheetRow
from permeant.workflow.batch import key_of, update_batch
from permeant.workflow.job import Job
from permeant.workflow.results import Fitted, FittedCell, IngestedCell, MeasuredCell
from permeant.workflow.trouble import attempt


def _rejected(problems: Sequence[Problem]) -> IVFit:
    return IVFit.rejected("; ".join(problem.message for problem in problems))


def _fit(row: SheetRow, measured: MeasuredCell, settings: Mapping[str, Any]) -> IVFit:
    measurement = measured[row.recording].measurement
    if measurement is None:
        return _rejected(measured[row.recording].problems)
    points = measurement.points
    if row.subtract:
        other = measured[row.subtract].measurement
        if other is None:
            return IVFit.rejected(f"{row.subtract}, to be subtracted, could not be measured")
        points = subtract_points(points, other.points, row.subtract)
    return fit_iv(points, **settings)


def fit_cell(
    rows: list[SheetRow],
    ingested: IngestedCell,
    measured: MeasuredCell,
    settings: Mapping[str, Any],
    say: Callable[[str], None],
) -> FittedCell:
    """Fit every recording of a cell; one that cannot be fitted says why."""
    fitted: FittedCell = {}
    for row in rows:
        if row.exclude:
            why = f": {row.note}" if row.note else ""
            fitted[row.recording] = Fitted(IVFit.rejected(f"excluded in the sheet{why}"))
            continue
        unread = ingested[row.recording].problems
        if unread:
            fitted[row.recording] = Fitted(_rejected(unread))
            continue
        fit, problems = attempt("fit", row.file, partial(_fit, row, measured, settings), say)
        fitted[row.recording] = Fitted(fit or _rejected(problems), problems)
    return fitted


def fit_batch(job: Job) -> None:
    """Fit the cells of a batch whose points or settings changed."""
    cells, settings = job.rows, job.params["fit"]
    ingested = job.entries("ingested")
    measured = job.entries("measured")
    keys = {
        cell: key_of(
            job.code, rows, settings, bytes(ingested[cell].value), bytes(measured[cell].value)
        )
        for cell, rows in cells.items()
    }

    with job.logging() as say:

        def compute(cell: str) -> list[object]:
            return [
                fit_cell(
                    cells[cell],
                    ingested[cell].decode(IngestedCell),
                    measured[cell].decode(MeasuredCell),
                    settings,
                    say,
                )
            ]

        update_batch(job.outputs, keys, compute, say)

"""Fit: conductance and reversal potential of every recording that could be measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from permeant.infer.control_change import check_controls
from permeant.infer.density import with_density
from permeant.infer.iv import fit_iv
from permeant.infer.shared import include_shared_errors, junction_error
from permeant.records import IVFit, Problem, SheetRow
from permeant.workflow.batch import key_of, update_batch
from permeant.workflow.controls import (
    check_surroundings,
    missing_control,
    points_to_fit,
    shared_errors,
)
from permeant.workflow.job import Job
from permeant.workflow.results import Fitted, FittedCell, IngestedCell, MeasuredCell
from permeant.workflow.trouble import attempt


def _rejected(problems: Sequence[Problem]) -> IVFit:
    return IVFit.rejected("; ".join(problem.message for problem in problems))


def _fit(
    row: SheetRow,
    rows: Mapping[str, SheetRow],
    ingested: IngestedCell,
    measured: MeasuredCell,
    *,
    settings: Mapping[str, Any],
    sigma_ljp_mv: float,
) -> IVFit:
    measurement = measured[row.recording].measurement
    if measurement is None:
        return _rejected(measured[row.recording].problems)
    known = {name: one.measurement for name, one in measured.items()}
    if missing := missing_control(row, known):
        return IVFit.rejected(f"{missing}, to be subtracted, could not be measured")
    infos = {name: one.info for name, one in ingested.items()}
    seen, controls = points_to_fit(row, infos, known)
    errors = shared_errors(row, seen, controls, known)
    junction = junction_error(
        measurement.corrections, len(seen.points), sigma_ljp_mv, by_amplifier=row.ljp_applied
    )
    errors = (*errors, junction) if junction else errors
    fit = include_shared_errors(fit_iv(seen.points, **settings), seen.points, errors)
    fit = with_density(fit, measurement.capacitance)
    found = (check_controls(fit, controls), check_surroundings(row, rows))
    return replace(
        fit,
        findings=(*fit.findings, *(finding for finding in found if finding is not None)),
        corrections=seen.corrections,
    )


def fit_cell(
    rows: list[SheetRow],
    ingested: IngestedCell,
    measured: MeasuredCell,
    settings: Mapping[str, Any],
    sigma_ljp_mv: float,
    *,
    say: Callable[[str], None],
) -> FittedCell:
    """Fit every recording of a cell; one that cannot be fitted says why."""
    fitted: FittedCell = {}
    by_name = {row.recording: row for row in rows}
    for row in rows:
        if row.exclude:
            why = f": {row.note}" if row.note else ""
            fitted[row.recording] = Fitted(IVFit.rejected(f"excluded in the sheet{why}"))
            continue
        unread = ingested[row.recording].problems
        if unread:
            fitted[row.recording] = Fitted(_rejected(unread))
            continue
        work = partial(
            _fit,
            row,
            by_name,
            ingested,
            measured,
            settings=settings,
            sigma_ljp_mv=sigma_ljp_mv,
        )
        fit, problems = attempt("fit", row.file, work, say)
        fitted[row.recording] = Fitted(fit or _rejected(problems), problems)
    return fitted


def fit_batch(job: Job) -> None:
    """Fit the cells of a batch whose points or settings changed."""
    cells, settings = job.rows, job.params["fit"]
    sigma_ljp_mv = job.params["sigma_ljp_mv"]
    ingested = job.entries("ingested")
    measured = job.entries("measured")
    keys = {
        cell: key_of(
            job.code,
            rows,
            settings,
            sigma_ljp_mv,
            bytes(ingested[cell].value),
            bytes(measured[cell].value),
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
                    sigma_ljp_mv,
                    say=say,
                )
            ]

        update_batch(job.outputs, keys, compute, say)

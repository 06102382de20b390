"""Fit: conductance and reversal potential of every recording that could be measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from permeant.infer.effects import include_effects, subtraction_row
from permeant.infer.iv import fit_iv
from permeant.infer.shared import (
    errors_after_subtraction,
    include_shared_errors,
    junction_error,
)
from permeant.infer.subtract import subtract_points
from permeant.records import Correction, IVFit, IVPoint, Problem, SharedError, SheetRow
from permeant.workflow.batch import key_of, update_batch
from permeant.workflow.curve_models import Conditions, add_models
from permeant.workflow.job import Job
from permeant.workflow.results import Fitted, FittedCell, IngestedCell, MeasuredCell
from permeant.workflow.trouble import attempt


def _rejected(problems: Sequence[Problem]) -> IVFit:
    return IVFit.rejected("; ".join(problem.message for problem in problems))


@dataclass(frozen=True)
class _Seen:
    """What the fit of a recording sees: its points less its control, and what moved them."""

    points: Sequence[IVPoint]
    errors: tuple[SharedError, ...]
    corrections: tuple[Correction, ...]


def _see(row: SheetRow, measured: MeasuredCell, sigma_ljp_mv: float) -> _Seen | IVFit:
    """Return what is to be fitted, or the rejection of a recording."""
    measurement = measured[row.recording].measurement
    if measurement is None:
        return _rejected(measured[row.recording].problems)
    points, errors = measurement.points, measurement.shared_errors
    corrections = measurement.corrections
    if row.subtract:
        other = measured[row.subtract].measurement
        if other is None:
            return IVFit.rejected(f"{row.subtract}, to be subtracted, could not be measured")
        errors = errors_after_subtraction(
            points, other.points, errors, other.shared_errors, row.subtract
        )
        points = subtract_points(measurement.points, other.points, row.subtract)
        corrections = (*corrections, subtraction_row(measurement.points, points, row.subtract))
    junction = junction_error(
        measurement.corrections, len(points), sigma_ljp_mv, by_amplifier=row.ljp_applied
    )
    return _Seen(points, (*errors, junction) if junction else errors, corrections)


def _fit(
    row: SheetRow, measured: MeasuredCell, settings: Mapping[str, Any], sigma_ljp_mv: float
) -> IVFit:
    seen = _see(row, measured, sigma_ljp_mv)
    if isinstance(seen, IVFit):
        return seen
    line = {name: value for name, value in settings.items() if name != "models"}

    def refit(some: Sequence[IVPoint]) -> IVFit:
        return fit_iv(some, **line)

    fit = include_shared_errors(refit(seen.points), seen.points, seen.errors)
    return include_effects(fit, seen.points, seen.corrections, refit)


def _describe(row: SheetRow, measured: MeasuredCell, fit: IVFit, given: Conditions) -> IVFit:
    """Set the models of the whole curve beside g and E_rev."""
    seen = _see(row, measured, 0.0)
    assert not isinstance(seen, IVFit)
    return add_models(fit, row, seen.points, given)


def fit_cell(
    rows: list[SheetRow],
    ingested: IngestedCell,
    measured: MeasuredCell,
    settings: Mapping[str, Any],
    sigma_ljp_mv: float,
    *,
    given: Conditions,
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
        work = partial(_fit, row, measured, settings, sigma_ljp_mv)
        fit, problems = attempt("fit", row.file, work, say)
        if fit and fit.status == "ok":
            # apart, so that a model in trouble leaves g and E_rev alone
            described, trouble = attempt(
                "fit", row.file, partial(_describe, row, measured, fit, given), say
            )
            fit, problems = described or fit, problems + trouble
        fitted[row.recording] = Fitted(fit or _rejected(problems), problems)
    return fitted


def fit_batch(job: Job) -> None:
    """Fit the cells of a batch whose points or settings changed."""
    cells, settings = job.rows, job.params["fit"]
    sigma_ljp_mv, given = job.params["sigma_ljp_mv"], Conditions.of(job)
    ingested = job.entries("ingested")
    measured = job.entries("measured")
    keys = {
        cell: key_of(
            job.code,
            rows,
            settings,
            sigma_ljp_mv,
            *given.key(rows),
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
                    given=given,
                    say=say,
                )
            ]

        update_batch(job.outputs, keys, compute, say)

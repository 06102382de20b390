"""Fit: conductance and reversal potential of every recording that could be measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from permeant.infer.control_change import check_controls
from permeant.infer.density import with_density
from permeant.infer.dwell.results import describe_times
from permeant.infer.effects import include_effects
from permeant.infer.iv import fit_iv
from permeant.infer.residuals import with_residuals
from permeant.infer.shared import include_shared_errors, junction_error
from permeant.infer.zero_drift import check_zero_drift
from permeant.records import IVFit, IVPoint, Problem, SheetRow
from permeant.workflow.batch import key_of, update_batch
from permeant.workflow.controls import (
    check_surroundings,
    missing_control,
    points_to_fit,
    shared_errors,
)
from permeant.workflow.curve_models import Conditions, add_models
from permeant.workflow.job import Job
from permeant.workflow.results import Fitted, FittedCell, IngestedCell, MeasuredCell
from permeant.workflow.trouble import attempt


@dataclass(frozen=True)
class _Cell:
    """What the fit of one recording may see of its cell."""

    rows: Mapping[str, SheetRow]
    ingested: IngestedCell
    measured: MeasuredCell


def _rejected(problems: Sequence[Problem]) -> IVFit:
    return IVFit.rejected("; ".join(problem.message for problem in problems))


def _fit(
    row: SheetRow,
    cell: _Cell,
    settings: Mapping[str, Any],
    sigma_ljp_mv: float,
) -> tuple[IVFit, tuple[IVPoint, ...]]:
    """Return the fit of a recording and the points that it saw."""
    measurement = cell.measured[row.recording].measurement
    if measurement is None:
        return _rejected(cell.measured[row.recording].problems), ()
    if row.recording in cell.measured and measurement.costs:
        return IVFit.rejected("a charge was measured (energy.csv); a charge makes no curve"), ()
    known = {name: one.measurement for name, one in cell.measured.items()}
    if missing := missing_control(row, known):
        return IVFit.rejected(f"{missing}, to be subtracted, could not be measured"), ()
    infos = {name: one.info for name, one in cell.ingested.items()}
    seen, controls = points_to_fit(row, infos, known)
    errors = shared_errors(row, seen, controls, known)
    info = infos[row.recording]
    by_amplifier = row.ljp_applied or bool(info and info.ljp_applied_mv)
    junction = junction_error(
        measurement.corrections, len(seen.points), sigma_ljp_mv, by_amplifier=by_amplifier
    )
    # what is left of two recordings wanders as both did, which nothing tells apart any more
    wander = () if controls else measurement.wander
    line = {name: value for name, value in settings.items() if name != "models"}

    def refit(some: Sequence[IVPoint]) -> IVFit:
        return fit_iv(some, wander=wander, **line)

    fit = include_shared_errors(
        refit(seen.points), seen.points, (*errors, junction) if junction else errors
    )
    corrections = (*measurement.corrections, *seen.corrections)
    fit = include_effects(fit, seen.points, corrections, refit)
    fit = with_residuals(with_density(fit, measurement.capacitance), seen.points)
    found = (
        check_controls(fit, controls),
        check_surroundings(row, cell.rows),
        check_zero_drift(fit, corrections),
    )
    findings = tuple(finding for finding in found if finding is not None)
    fit = replace(fit, findings=(*fit.findings, *findings))
    if measurement.noise and fit.status == "rejected":
        fit = replace(fit, reason=_why_no_curve(len(seen.points), settings))
    if measurement.single_channels:
        times = (one for patch in measurement.single_channels for one in describe_times(patch))
        fit = replace(fit, dwell_times=tuple(times))
    return fit, seen.points


def _why_no_curve(n_points: int, settings: Mapping[str, Any]) -> str:
    """Say that noise at few voltages makes no curve, and where its result stands."""
    return (
        f"noise gave a unitary current at {n_points} voltage{'s' * (n_points != 1)} (noise.csv); "
        f"a unitary conductance and a reversal take at least {settings['min_points']}"
    )


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
    cell = _Cell({row.recording: row for row in rows}, ingested, measured)
    for row in rows:
        if row.exclude:
            why = f": {row.note}" if row.note else ""
            fitted[row.recording] = Fitted(IVFit.rejected(f"excluded in the sheet{why}"))
            continue
        unread = ingested[row.recording].problems
        if unread:
            fitted[row.recording] = Fitted(_rejected(unread))
            continue
        work = partial(_fit, row, cell, settings, sigma_ljp_mv)
        found, problems = attempt("fit", row.file, work, say)
        fit, points = found or (None, ())
        if fit and fit.status == "ok":
            # apart, so that a model in trouble leaves g and E_rev alone
            described, trouble = attempt(
                "fit", row.file, partial(add_models, fit, row, points, given), say
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

"""Permeability: ratios of every cell from its measured reversals, and driving forces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from permeant.infer.driving_forces import driving_forces, estimate_rest_mv
from permeant.infer.permeability import Observation, Uncertainty, infer_ratios
from permeant.infer.ratio_details import describe_ratios
from permeant.infer.resting_cost import resting_cost
from permeant.physics.ions import Ion
from permeant.ratio_records import RatioDetails
from permeant.records import (
    Contribution,
    Cost,
    DrivingForce,
    Finding,
    IVFit,
    Limits,
    PermeabilityRatio,
    Problem,
    SheetRow,
    Solution,
)
from permeant.workflow.batch import key_of, update_batch
from permeant.workflow.job import Job, used_solutions
from permeant.workflow.limits import find_limits
from permeant.workflow.results import FittedCell, Inferred, IngestedCell, MeasuredCell
from permeant.workflow.trouble import attempt

_OUTSIDE_OUT = ("whole-cell", "outside-out")
_NORMAL_95 = 1.959964
_UNCERTAINTY = (
    "sigma_ljp_mv",
    "sigma_temperature_c",
    "sigma_concentration_fraction",
    "draws",
    "seed",
    "sigma_bath_change_fraction",
)


def _why_unusable(row: SheetRow, fit: IVFit) -> str:
    """Return why a recording cannot speak for a permeability ratio; empty when it can."""
    if fit.status == "rejected":
        return fit.reason
    if fit.e_rev_status != "measured":
        return f"E_rev is {fit.e_rev_status}: {fit.e_rev_reason}"
    missing = [
        name
        for name, known in (
            ("pipette", row.pipette),
            ("bath", row.bath),
            ("temperature_c", row.temperature_c),
        )
        if known is None
    ]
    return f"the sheet names no {' and no '.join(missing)}" if missing else ""


def _other_pipettes(rows: Sequence[SheetRow], unusable: Mapping[str, str]) -> dict[str, str]:
    """Return why recordings with another pipette solution are left out: they are not one system.

    The solution of most recordings stands; of equally many, the first by name.
    """
    usable = [row for row in rows if not unusable[row.recording]]
    count = Counter(row.pipette or "" for row in usable)
    if len(count) < 2:
        return {}
    taken = min(count, key=lambda name: (-count[name], name))
    return {
        row.recording: f"its pipette solution is {row.pipette}, the ratios are those with {taken}"
        for row in usable
        if row.pipette != taken
    }


def _find_controls(rows: Sequence[SheetRow]) -> dict[str, str]:
    """Return the recordings that are subtracted from another, and the first one they serve.

    A blocked or agonist-free recording shows the leak: its reversal is not the channel's.
    """
    controls: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: row.recording):
        for control in () if row.exclude else row.controls:
            controls.setdefault(control, row.recording)
    return controls


def observe(
    row: SheetRow,
    fit: IVFit,
    solutions: Mapping[str, Solution],
    acquired: str | None = None,
) -> Observation:
    """Turn a measured reversal into what the GHK equation needs."""
    assert row.pipette is not None
    assert row.bath is not None
    assert row.temperature_c is not None
    assert fit.e_rev_mv is not None
    assert fit.e_rev_low_mv is not None
    assert fit.e_rev_high_mv is not None
    pipette, bath = solutions[row.pipette].ions_mm, solutions[row.bath].ions_mm
    inside, outside = (pipette, bath) if row.configuration in _OUTSIDE_OUT else (bath, pipette)
    return Observation(
        recording=row.recording,
        e_rev_mv=fit.e_rev_mv,
        e_rev_se_mv=(fit.e_rev_high_mv - fit.e_rev_low_mv) / (2 * _NORMAL_95),
        temperature_c=row.temperature_c,
        inside_mm=inside,
        outside_mm=outside,
        se_below_mv=max(fit.e_rev_mv - fit.e_rev_low_mv, 0.0) / _NORMAL_95,
        se_above_mv=max(fit.e_rev_high_mv - fit.e_rev_mv, 0.0) / _NORMAL_95,
        bath=row.bath,
        zeroed_in=row.zeroed_in or row.bath,
        sign=1 if row.configuration in _OUTSIDE_OUT else -1,
        acquired_s=_seconds(acquired),
    )


def _seconds(acquired: str | None) -> float | None:
    """Turn the time that a file carries into seconds; nothing where it carries none."""
    try:
        return (
            datetime.fromisoformat(acquired).replace(tzinfo=UTC).timestamp() if acquired else None
        )
    except ValueError:
        return None


@dataclass(frozen=True)
class CellRatios:
    """The ratios of one cell with what stands beside them."""

    ratios: tuple[PermeabilityRatio, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    findings: tuple[Finding, ...] = ()
    details: RatioDetails = field(default_factory=RatioDetails)


def cell_ratios(
    rows: list[SheetRow],
    fitted: FittedCell,
    solutions: Mapping[str, Solution],
    settings: Mapping[str, Any],
    extra_ions: Mapping[str, Ion],
    *,
    acquired: Mapping[str, str | None] | None = None,
) -> CellRatios:
    """Find the permeability ratios of one cell."""
    if not settings["permeant"]:
        return CellRatios()
    unusable = {row.recording: _why_unusable(row, fitted[row.recording].fit) for row in rows}
    unusable |= _other_pipettes(rows, unusable)
    for control, served in _find_controls(rows).items():
        unusable[control] = unusable[control] or f"is the control that {served} subtracts"
    # sorted, so that the draws fall to the same recordings whatever the order of the sheet
    observations = [
        observe(row, fitted[row.recording].fit, solutions, (acquired or {}).get(row.recording))
        for row in sorted(rows, key=lambda row: row.recording)
        if not unusable[row.recording]
    ]
    reasons = "; ".join(f"{name}: {why}" for name, why in sorted(unusable.items()) if why)
    asked: dict[str, Any] = {
        "permeant": _in_solutions(settings["permeant"], settings["reference"], rows, solutions),
        "reference": settings["reference"],
        "fixed": settings["fixed"],
        "activities": settings["activities"],
        "uncertainty": Uncertainty(**{name: settings[name] for name in _UNCERTAINTY}),
        "extra_ions": extra_ions,
        "substitutes": settings["activity_substitutes"],
    }
    why_none = f"no recording with a measured reversal and known solutions ({reasons})"
    answer = infer_ratios(observations, **asked, why_none=why_none)
    details, findings = describe_ratios(answer, **asked)
    return CellRatios(answer.ratios, answer.contributions, findings, details)


def _in_solutions(
    permeant: Sequence[str],
    reference: str,
    rows: list[SheetRow],
    solutions: Mapping[str, Solution],
) -> list[str]:
    """Keep the ions that the cell's solutions hold; all, where they are not known."""
    used = [solutions[name] for row in rows for name in (row.pipette, row.bath) if name]
    return [
        ion
        for ion in permeant
        if ion == reference or not used or any(s.ions_mm.get(ion, 0.0) > 0 for s in used)
    ]


def row_driving_forces(
    row: SheetRow,
    fit: IVFit,
    holding_mv: float | None,
    solutions: Mapping[str, Solution],
    extra_ions: Mapping[str, Ion],
    *,
    resting: Mapping[str, float],
) -> tuple[DrivingForce, ...]:
    """Find the driving forces at holding, at the measured reversal, and at rest where known."""
    if row.pipette is None or row.bath is None or row.temperature_c is None:
        return ()
    membrane: dict[str, Any] = {
        "pipette": solutions[row.pipette],
        "bath": solutions[row.bath],
        "temperature_c": row.temperature_c,
        "inside_is_pipette": row.configuration in _OUTSIDE_OUT,
        "extra_ions": extra_ions,
    }
    places = {
        "holding": holding_mv,
        "reversal": fit.e_rev_mv if fit.e_rev_status == "measured" else None,
    }
    if row.v_rest_mv is not None:
        places["rest (from the sheet)"] = row.v_rest_mv
    elif resting:
        ratio = " : ".join(f"P_{ion}" for ion in sorted(resting))
        values = " : ".join(f"{resting[ion]:g}" for ion in sorted(resting))
        rest_mv = estimate_rest_mv(permeabilities=resting, **membrane)
        places[f"rest (GHK estimate, assumed {ratio} = {values})"] = rest_mv
    known = {at: v_mv for at, v_mv in places.items() if v_mv is not None}
    return driving_forces(**membrane, voltages_mv=list(known.values()), places=list(known))


def row_resting_costs(
    rows: list[SheetRow], fitted: FittedCell, solutions: Mapping[str, Solution]
) -> dict[str, Cost]:
    """Work out what the sodium leak costs where the sheet states a resting potential."""
    costs = {}
    for row in rows:
        if row.v_rest_mv is None or row.exclude:
            continue
        pipette, bath = solutions.get(row.pipette or ""), solutions.get(row.bath or "")
        inside, outside = (pipette, bath) if row.configuration in _OUTSIDE_OUT else (bath, pipette)
        found = resting_cost(
            row.v_rest_mv,
            inside,
            outside,
            row.temperature_c,
            g_na_ns=row.g_na_ns,
            models=fitted[row.recording].fit.models,
        )
        # a resting potential alone asks for driving forces; no cost is then no failure
        if found.status == "ok" or row.g_na_ns is not None:
            costs[row.recording] = found
    return costs


def infer_cell(
    rows: list[SheetRow],
    ingested: IngestedCell,
    measured: MeasuredCell,
    fitted: FittedCell,
    *,
    solutions: Mapping[str, Solution],
    settings: Mapping[str, Any],
    extra_ions: Mapping[str, Ion],
    say: Callable[[str], None],
) -> Inferred:
    """Find the ratios and driving forces of one cell."""
    acquired = {name: read.info.provenance.acquired for name, read in ingested.items() if read.info}
    work = partial(cell_ratios, rows, fitted, solutions, settings, extra_ions, acquired=acquired)
    found_ratios, problems = attempt("permeability", rows[0].cell, work, say)
    ratios = found_ratios or CellRatios()
    limits, trouble = attempt(
        "limits",
        rows[0].cell,
        partial(
            find_limits, rows, ingested, measured, fitted, solutions=solutions, settings=settings,
            extra_ions=extra_ions, ratios=ratios.ratios,
        ),
        say,
    )  # fmt: skip
    problems += trouble
    limiting, limit_findings = limits or (Limits(), ())
    forces: dict[str, tuple[DrivingForce, ...]] = {}
    said: dict[str, tuple[Problem, ...]] = {}
    for row in rows:
        measurement = measured[row.recording].measurement
        found, trouble = attempt(
            "permeability",
            row.file,
            partial(
                row_driving_forces,
                row,
                fitted[row.recording].fit,
                measurement.holding_mv if measurement else None,
                solutions,
                extra_ions,
                resting=settings["resting_permeabilities"],
            ),
            say,
        )
        forces[row.recording] = found or ()
        said[row.recording] = problems + trouble
    return Inferred(
        ratios.ratios,
        forces,
        said,
        ratios.contributions,
        (*ratios.findings, *limit_findings),
        ratios.details,
        limiting,
        row_resting_costs(rows, fitted, solutions),
    )


def permeability_batch(job: Job) -> None:
    """Infer the cells of a batch whose fits, solutions or settings changed."""
    cells, solutions, settings = job.rows, job.solutions, job.params["permeability"]
    extra_ions = job.extra_ions
    ingested = job.entries("ingested")
    measured = job.entries("measured")
    fitted = job.entries("fitted")
    keys = {
        cell: key_of(
            job.code,
            rows,
            used_solutions(rows, solutions),
            settings,
            extra_ions,
            bytes(ingested[cell].value),
            bytes(measured[cell].value),
            bytes(fitted[cell].value),
        )
        for cell, rows in cells.items()
    }

    with job.logging() as say:

        def compute(cell: str) -> list[object]:
            return [
                infer_cell(
                    cells[cell],
                    ingested[cell].decode(IngestedCell),
                    measured[cell].decode(MeasuredCell),
                    fitted[cell].decode(FittedCell),
                    solutions=solutions,
                    settings=settings,
                    extra_ions=extra_ions,
                    say=say,
                )
            ]

        update_batch(job.outputs, keys, compute, say)

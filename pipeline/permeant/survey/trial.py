"""One recording through the stages of a run, with the settings that hold where none are given."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from permeant.config import Settings
from permeant.config.identifiers import plain_id
from permeant.records import CellResult, Finding, RecordingResult, SheetRow
from permeant.workflow.curve_models import Conditions
from permeant.workflow.fit import fit_cell
from permeant.workflow.ingest import ingest_cell
from permeant.workflow.measure import measure_cell
from permeant.workflow.report import add_fitted_points
from permeant.workflow.results import Inferred, assemble_cell
from permeant.workflow.versions import installed_versions

PROPOSED = "measure_proposed"
_RAMP_WORDS = "holds a voltage ramp"
_LONGEST = 80
"""Letters of an id; the sheet takes more, which leaves room to tell two apart."""
_NOT_AN_ID = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Trial:
    """What a run would find in one file if its row of the sheet said no more than its name.

    ``proposed`` is the measure that shows more than a steady state would, and ``why``.
    """

    cell: CellResult
    proposed: str = ""
    why: str = ""

    @property
    def result(self) -> RecordingResult:
        """The one recording."""
        return self.cell.recordings[0]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that was found, of the file, the measurement and the fit."""
        one = self.result
        parts = (one.info, one.measurement, one.fit)
        return tuple(finding for part in parts if part for finding in part.findings)


def identifier(text: str) -> str:
    """Return a text as an id that the sheet takes: letters, digits and ``. _ -``."""
    plain = _NOT_AN_ID.sub("-", text)[:_LONGEST].strip("-._") or "recording"
    return plain_id(plain)  # not what Windows keeps for a device


def try_recording(path: Path, *, shown_as: str = "", **columns: Any) -> Trial:
    """Read, measure and fit one file as a run would, without solutions.

    Parameters
    ----------
    path : Path
        The file.
    shown_as : str, optional
        How messages name it; default ``path`` as given.
    **columns
        Further columns of the sheet: ``measure``, ``epoch``, ``current_channel`` …

    Returns
    -------
    Trial
        All records of the run; trouble is in ``result.problems``, never raised.
    """
    name = identifier(path.name.split(".")[0])
    row = SheetRow(line=0, cell=name, recording=name, file=str(path), **columns)
    trial = _run(row, Settings())
    if shown_as and shown_as != row.file:
        trial = replace(trial, cell=_shown(trial.cell, row.file, shown_as))
    return trial


def _run(row: SheetRow, settings: Settings) -> Trial:
    """Hand the row from stage to stage."""
    rows, quiet = [row], lambda _line: None
    given = settings.model_dump(mode="json")
    given["max_trace_points"] = settings.report.max_trace_points
    ingested = ingest_cell(rows, {}, quiet)
    measured, traces = measure_cell(rows, ingested, {}, given, {}, say=quiet)
    conditions = Conditions(tuple(given["fit"]["models"]), {}, given["permeability"], {})
    fitted = fit_cell(
        rows, ingested, measured, given["fit"], given["permeability"]["sigma_ljp_mv"],
        given=conditions, say=quiet,
    )  # fmt: skip
    cell = assemble_cell(
        row.cell,
        rows,
        {},
        ingested=ingested,
        measured=measured,
        fitted=fitted,
        inferred=Inferred((), {}, {}),
        settings={},
        versions=installed_versions(),
        traces=traces,
    )
    cell = replace(cell, recordings=tuple(add_fitted_points(cell.recordings)))
    return Trial(cell, *_propose(cell.recordings[0]))


def _propose(result: RecordingResult) -> tuple[str, str]:
    """Return the measure that the stages themselves propose, and their reason."""
    if result.row.measure != "steady":
        return "", ""
    for finding in result.measurement.findings if result.measurement else ():
        found = re.search(r"measure: (\w+)", finding.message)
        if finding.check == PROPOSED and found:
            return found[1], finding.message
    for problem in result.problems:
        if problem.code == "no_voltage_family" and _RAMP_WORDS in problem.message:
            return "ramp", "no step changes its level, but the voltage is ramped"
    return "", ""


def _shown(cell: CellResult, file: str, shown_as: str) -> CellResult:
    """Return the cell with its file named as the reader knows it."""
    one = cell.recordings[0]
    problems = tuple(replace(p, message=p.message.replace(file, shown_as)) for p in one.problems)
    fit = replace(one.fit, reason=one.fit.reason.replace(file, shown_as))
    info = one.info
    if info is not None:
        info = replace(info, provenance=replace(info.provenance, file=shown_as))
    row = replace(one.row, file=shown_as)
    return replace(cell, recordings=(replace(one, row=row, info=info, fit=fit, problems=problems),))

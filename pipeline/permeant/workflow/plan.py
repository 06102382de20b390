"""The plan of a run: which cells make which batch, and what each rule is handed.

A cell stays in its batch for as long as it is in the sheet, so adding or removing one
touches its own batch and the summary alone.  The assignment is written down at the end of
a run; until then it follows from the sheet alone and comes out the same every time.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from permeant.config import Project, load_project
from permeant.records import SheetRow
from permeant.tables import TABLES
from permeant.workflow.fingerprint import fingerprint

Assignment = dict[str, tuple[str, ...]]

RULES = ("ingest", "measure", "fit", "permeability", "report", "summary")

_FILE_COLUMNS = (
    "line", "cell", "recording", "file", "current_channel", "command_channel",
    "command_offset_mv", "protocol",
)  # fmt: skip
_VOLTAGE_COLUMNS = (
    "measure", "epoch", "window_start_ms", "window_end_ms", "pipette", "bath", "temperature_c",
    "configuration", "r_s_mohm", "r_s_compensation", "ljp_mv", "ljp_applied", "zeroed_in",
)  # fmt: skip
_ALL_COLUMNS = tuple(field.name for field in fields(SheetRow))

VISIBLE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "ingest": _FILE_COLUMNS,
    "measure": _FILE_COLUMNS + _VOLTAGE_COLUMNS,
    "fit": ("line", "cell", "recording", "file", "subtract", "exclude", "note"),
    "permeability": (
        "line", "cell", "recording", "file", "pipette", "bath", "temperature_c", "configuration",
    ),
    "report": _ALL_COLUMNS,
    "summary": _ALL_COLUMNS,
}  # fmt: skip
"""What each rule may see of a row: a change in any other column does not rerun it."""

VISIBLE_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "ingest": ("protocols",),
    "measure": ("steady_state", "corrections", "quality", "protocols"),
    "fit": ("fit",),
    "permeability": ("permeability",),
    "report": ("report",),
    "summary": ("report",),
}
"""The sections of the configuration that each rule may see."""

_WITH_SOLUTIONS = ("measure", "permeability", "report", "summary")


@dataclass(frozen=True)
class Plan:
    """Everything that the Snakefile needs to know of a project."""

    project: Project
    batches: Assignment
    stages: Path

    @property
    def output(self) -> str:
        """The folder of everything generated, relative to the project."""
        return self.project.settings.output

    @property
    def tables(self) -> list[str]:
        """The tables that the summary writes."""
        return [f"{self.output}/tables/{table}.csv" for table in (*TABLES, "columns")]

    @property
    def names(self) -> list[str]:
        """The batches by name."""
        return list(self.batches)

    @cached_property
    def _rows_by_cell(self) -> dict[str, list[SheetRow]]:
        rows: dict[str, list[SheetRow]] = {}
        for row in self.project.rows:
            rows.setdefault(row.cell, []).append(row)
        return rows

    def work(self, stage: str) -> str:
        """Return the pattern of a stage's batch file."""
        return f"{self.output}/work/{stage}/{{batch}}.jsonl"

    def log(self, rule: str) -> str:
        """Return the pattern of a rule's log."""
        return f"{self.output}/logs/{rule}/{{batch}}.log"

    def rows(self, rule: str, batch: str) -> list[SheetRow]:
        """Return the rows of a batch as a rule may see them."""
        rows = self._rows_by_cell
        return [_visible(row, rule) for cell in self.batches[batch] for row in rows[cell]]

    def files(self, batch: str) -> list[str]:
        """Return the recordings of a batch that exist; a missing one is found by its job."""
        named = dict.fromkeys(row.file for row in self.rows("ingest", batch))
        return [file for file in named if (self.project.folder / file).is_file()]

    def params(self, rule: str, batch: str) -> dict[str, Any]:
        """Return what a job is handed besides its files, as plain values."""
        rows = self.rows(rule, batch)
        handed: dict[str, Any] = {
            "rows": [_plain_row(row) for row in rows],
            "code": fingerprint(self.stages / f"{rule}.py"),
            **self.settings(rule),
        }
        if rule == "ingest":
            handed["missing"] = [
                file
                for file in dict.fromkeys(row.file for row in rows)
                if not (self.project.folder / file).is_file()
            ]
        if rule == "measure":
            handed["max_trace_points"] = self.project.settings.report.max_trace_points
        if rule in _WITH_SOLUTIONS:
            handed["solutions"] = self._solutions(rows)
            handed["ions"] = {name: asdict(ion) for name, ion in self.project.extra_ions.items()}
        if rule == "report":
            handed["changed"] = self.changed_settings
            handed["lost"] = self._lost_pages(batch)
        return handed

    def settings(self, rule: str) -> dict[str, Any]:
        """Return the sections of the configuration that a rule may see, as plain values."""
        return self.project.settings.model_dump(mode="json", include=set(VISIBLE_SETTINGS[rule]))

    @property
    def changed_settings(self) -> dict[str, object]:
        """Settings that differ from the defaults, for the provenance on every page."""
        return self.project.settings.changed()

    def summary_params(self) -> dict[str, Any]:
        """Return what the summary is handed besides its files."""
        return {
            "rows": [_plain_row(row) for row in self.project.rows],
            "batches": {name: list(cells) for name, cells in self.batches.items()},
            "batch_size": self.project.settings.batch_size,
            "solutions": self._solutions(self.project.rows),
            "changed": self.changed_settings,
            "warnings": list(self.project.warnings),
            "code": fingerprint(self.stages / "summary.py"),
            **self.settings("summary"),
        }

    def _solutions(self, rows: Iterable[SheetRow]) -> dict[str, dict[str, float]]:
        used = {name for row in rows for name in (row.pipette, row.bath, row.zeroed_in) if name}
        return {
            name: self.project.solutions[name].ions_mm
            for name in sorted(used)
            if name in self.project.solutions
        }

    def _lost_pages(self, batch: str) -> list[str]:
        """Return the cells whose page was deleted since it was made."""
        pages = self.project.folder / self.output
        if not (pages / "work" / "pages" / f"{batch}.jsonl").exists():
            return []
        return [
            cell for cell in self.batches[batch] if not (pages / "cells" / f"{cell}.html").exists()
        ]


def _visible(row: SheetRow, rule: str) -> SheetRow:
    return SheetRow(**{name: getattr(row, name) for name in VISIBLE_COLUMNS[rule]})


def _plain_row(row: SheetRow) -> dict[str, Any]:
    """Write a row as a dict, without the columns that say nothing."""
    default = SheetRow(line=0, cell="", recording="", file="")
    return {
        name: value
        for name, value in asdict(row).items()
        if name in ("line", "cell", "recording", "file") or value != getattr(default, name)
    }


def assign_batches(
    cells: Sequence[str], former: Assignment, former_size: int | None, batch_size: int
) -> Assignment:
    """Put every cell into a batch, each into the one it was in before.

    Parameters
    ----------
    cells : sequence of str
        The cells of the sheet.
    former : dict
        The assignment of the last finished run; empty for none.
    former_size : int or None
        The batch size it was made with; another size starts afresh.
    batch_size : int
        Most cells in a batch.

    Returns
    -------
    dict
        Cells by batch.  New cells fill up the last batch, then open new ones; a batch that
        lost all its cells is gone.
    """
    wanted = set(cells)
    kept = (
        {name: [cell for cell in old if cell in wanted] for name, old in former.items()}
        if former_size == batch_size
        else {}
    )
    placed = {cell for old in kept.values() for cell in old}
    number = max((int(name) for name in kept), default=0)
    last = kept.get(f"{number:04d}", [])
    for cell in sorted(wanted - placed):
        if not kept or len(last) >= batch_size:
            number += 1
            last = kept[f"{number:04d}"] = []
        last.append(cell)
    return {name: tuple(sorted(cells)) for name, cells in sorted(kept.items()) if cells}


def ledger_path(output: Path) -> Path:
    """Return where the assignment of cells to batches is written down."""
    return output / "work" / "batches.csv"


def read_ledger(path: Path) -> tuple[Assignment, int | None]:
    """Read the assignment of the last finished run; nothing where there is none."""
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        cells: dict[str, list[str]] = {}
        for row in rows:
            cells.setdefault(f"{int(row['batch']):04d}", []).append(row["cell"])
        return {name: tuple(old) for name, old in cells.items()}, int(rows[0]["batch_size"])
    except (OSError, KeyError, ValueError, IndexError, TypeError, csv.Error):
        return {}, None


def ledger_text(batches: Mapping[str, Sequence[str]], batch_size: int) -> str:
    """Write the assignment as the text of its file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["batch", "cell", "batch_size"])
    for name, cells in sorted(batches.items()):
        writer.writerows([name, cell, batch_size] for cell in cells)
    return text.getvalue()


def plan_project(folder: Path, config: Mapping[str, Any] | None, stages: Path) -> Plan:
    """Check a project and plan its run.

    Parameters
    ----------
    folder : Path
        The project folder.
    config : mapping or None
        The configuration as Snakemake holds it.
    stages : Path
        The folder of the stage scripts, whose code the rules are handed a digest of.

    Returns
    -------
    Plan
        Batches, and what each rule is handed.

    Raises
    ------
    ProjectError
        If the sheet, the solutions or the configuration hold mistakes.
    """
    project = load_project(folder, config)
    former, former_size = read_ledger(ledger_path(folder / project.settings.output))
    cells = list(dict.fromkeys(row.cell for row in project.rows))
    batches = assign_batches(cells, former, former_size, project.settings.batch_size)
    return Plan(project, batches, stages)

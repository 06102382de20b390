"""The plan of a run: what each rule is handed for which batch of cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from permeant.config import Project, load_project
from permeant.config.configuration import CONFIG_FILE
from permeant.config.yaml_file import read_yaml
from permeant.errors import ProjectError
from permeant.recording.companions import stamps_with_companions
from permeant.records import SheetRow
from permeant.tables import TABLES
from permeant.workflow.demand import memory_mb, runtime_min
from permeant.workflow.figure_names import figure_files
from permeant.workflow.fingerprint import fingerprint
from permeant.workflow.ledger import Assignment, assign_batches, ledger_path, read_ledger

WORK = ("ingest", "measure", "traces", "fit", "permeability", "pages", "rows")
"""The folders of the batch files."""

RULES = ("ingest", "measure", "fit", "permeability", "report", "figures", "summary")

_ODD_NAME = re.compile(r"[{}\x00-\x1f]|//|^\./|^\s|\s$")

_FILE_COLUMNS = (
    "cell", "recording", "file", "current_channel", "command_channel",
    "command_offset_mv", "protocol", "sweeps", "series", "text_columns",
)  # fmt: skip
_VOLTAGE_COLUMNS = (
    "measure", "epoch", "window_start_ms", "window_end_ms", "pipette", "bath", "temperature_c",
    "configuration", "r_s_mohm", "r_s_compensation", "ljp_mv", "ljp_applied", "zeroed_in",
    "c_m_pf", "leak", "fit_min_mv", "fit_max_mv", "subtract", "sodium_fraction",
)  # fmt: skip
_ALL_COLUMNS = tuple(column.name for column in fields(SheetRow) if column.name != "line")

VISIBLE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "ingest": _FILE_COLUMNS,
    "measure": _FILE_COLUMNS + _VOLTAGE_COLUMNS,
    "fit": (
        "cell", "recording", "file", "pipette", "bath", "temperature_c", "configuration",
        "subtract", "ljp_applied", "exclude", "note",
    ),
    "permeability": (
        "cell", "recording", "file", "pipette", "bath", "temperature_c", "configuration",
        "zeroed_in", "subtract", "exclude", "measure", "viscosity_ratio",
        "conductivity_ratio", "v_rest_mv", "g_na_ns",
    ),
    "figures": ("cell", "recording", "file", "bath", "measure", "subtract", "exclude"),
    "report": _ALL_COLUMNS,
}  # fmt: skip
"""What each rule may see of a row: a change in any other column does not rerun it.

None sees the line in the sheet, so that a row put in above leaves the others alone.
"""

VISIBLE_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "ingest": ("protocols",),
    "measure": ("steady_state", "measures", "corrections", "quality", "protocols"),
    "fit": ("fit",),
    "permeability": ("permeability",),
    "figures": ("figures",),
    "report": ("report",),
    "summary": ("report", "permeability"),
}
"""The sections of the configuration that each rule may see."""

_WITHOUT_RESULT = ("batch_size", "figures")
_WITH_SOLUTIONS = ("measure", "fit", "permeability", "report")
_WHOLE_CURVE = ("permeant", "reference", "activities")
"""What the models of whole curves may see of the section permeability."""


@dataclass(frozen=True)
class Plan:
    """Everything that the Snakefile needs to know of a project."""

    project: Project
    batches: Assignment
    stages: Path
    # Snakemake asks for the same things many times over
    _known_stamps: dict[str, dict[str, list[int]]] = field(default_factory=dict, repr=False)
    _known_params: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict, repr=False)

    @property
    def output(self) -> str:
        """The folder of everything generated, relative to the project."""
        return self.project.settings.output

    @property
    def tables(self) -> list[str]:
        """The tables that the summary writes."""
        return [f"{self.output}/tables/{table}.csv" for table in (*TABLES, "columns")]

    @property
    def targets(self) -> list[str]:
        """Everything that a run makes and Snakemake is told of."""
        index = f"{self.output}/index.html"
        return [index, *self.tables, *self.figures(), *self.batch_files()]

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats of the figures for papers; none where nobody asks for figures."""
        return self.project.settings.figures

    def figures(self, *batches: str) -> list[str]:
        """Return the figures for papers of all batches, or of some."""
        rows, folder = self._rows_by_cell, f"{self.output}/figures"
        cells = [cell for name in batches or self.names for cell in self.batches[name]]
        files = [name for cell in cells for name in figure_files(rows[cell], self.formats)]
        return [f"{folder}/{name}" for name in files]

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

    def batch_files(self, *stages: str) -> list[str]:
        """Return the batch files of all stages, or of some."""
        chosen = stages or (*WORK, *(("figures",) if self.formats else ()))
        return [self.work(stage).format(batch=name) for stage in chosen for name in self.names]

    def work(self, stage: str) -> str:
        """Return the pattern of a stage's batch file."""
        return f"{self.output}/batches/{stage}/{{batch}}.jsonl"

    def log(self, rule: str) -> str:
        """Return the pattern of a rule's log."""
        return f"{self.output}/logs/{rule}/{{batch}}.log"

    def rows(self, rule: str, batch: str) -> list[SheetRow]:
        """Return the rows of a batch as a rule may see them."""
        rows = self._rows_by_cell
        return [_visible(row, rule) for cell in self.batches[batch] for row in rows[cell]]

    def files(self, batch: str) -> list[str]:
        """Return the recordings of a batch that exist; a missing one is found by its job.

        Without those whose name Snakemake would take for a pattern or an address, or grumble at,
        and those that are empty: their stamps, which the job is handed as well, speak for them.
        """
        there = (file for file, stamp in self._stamps(batch).items() if any(stamp))
        return [file for file in there if not _ODD_NAME.search(file)]

    def _stamps(self, batch: str) -> dict[str, list[int]]:
        """Return size and time stamp of each recording of a batch; nothing for a missing one.

        Snakemake sees only files that are newer than what was made of them.  A file that was
        replaced by an older one (``cp -p``, ``rsync -t``) changes its stamp all the same.
        """
        if batch not in self._known_stamps:
            named = dict.fromkeys(row.file for row in self.rows("ingest", batch))
            self._known_stamps[batch] = {
                file: stamps_with_companions(self.project.folder / file) for file in named
            }
        return self._known_stamps[batch]

    def asked(self, rule: str, batch: str | None = None) -> dict[str, Callable[..., int]]:
        """Return what a rule's jobs ask of a cluster: functions that Snakemake calls.

        ``batch`` is that of a rule that has no wildcard for it.
        """

        def mem_mb(wildcards: Mapping[str, str], attempt: int) -> int:
            sizes_mb = self._sizes_mb(wildcards.get("batch", batch))
            return memory_mb(rule, len(sizes_mb), max(sizes_mb, default=0.0), attempt)

        def runtime(wildcards: Mapping[str, str], attempt: int) -> int:
            sizes_mb = self._sizes_mb(wildcards.get("batch", batch))
            return runtime_min(rule, len(sizes_mb), sum(sizes_mb), attempt)

        return {"mem_mb": mem_mb, "runtime": runtime}

    def _sizes_mb(self, batch: str | None) -> list[float]:
        """Return the size of each recording of a batch; of the whole run only their number."""
        if batch is None:
            return [0.0] * len(self.project.rows)
        return [stamp[0] / 1e6 if stamp else 0.0 for stamp in self._stamps(batch).values()]

    def params(self, rule: str, batch: str) -> dict[str, Any]:
        """Return what a job is handed besides its files, as plain values."""
        if (rule, batch) not in self._known_params:
            self._known_params[rule, batch] = self._params(rule, batch)
        return self._known_params[rule, batch]

    def handed(self, rule: str, key: str) -> Callable[[Any], Any]:
        """Return a function of the wildcards: one entry of what a job is handed."""
        return lambda wildcards: self.params(rule, wildcards.batch)[key]

    def _params(self, rule: str, batch: str) -> dict[str, Any]:
        rows = self.rows(rule, batch)
        handed: dict[str, Any] = {
            "rows": [_plain_row(row) for row in rows],
            "code": fingerprint(self.stages / f"{rule}.py"),
            **self.settings(rule),
        }
        if rule == "ingest":
            handed["stamps"] = self._stamps(batch)
        if rule == "measure":
            handed["max_trace_points"] = self.project.settings.report.max_trace_points
        if rule == "fit":  # shown beside the intervals of E_rev, in which it is not
            handed["sigma_ljp_mv"] = self.project.settings.permeability.sigma_ljp_mv
            handed["permeability"] = self._whole_curve_settings()
        if rule in _WITH_SOLUTIONS:
            handed["solutions"] = self._solutions(rows)
            handed["ions"] = {name: asdict(ion) for name, ion in self.project.extra_ions.items()}
        if rule == "report":
            handed["changed"] = self.changed_settings
        return handed

    def settings(self, rule: str) -> dict[str, Any]:
        """Return the sections of the configuration that a rule may see, as plain values."""
        return self.project.settings.model_dump(mode="json", include=set(VISIBLE_SETTINGS[rule]))

    def _whole_curve_settings(self) -> dict[str, Any]:
        """Return what a fit sees of the permeabilities: new draws or seeds do not rerun it."""
        section = self.project.settings.permeability
        return section.model_dump(mode="json", include=set(_WHOLE_CURVE))

    @property
    def changed_settings(self) -> dict[str, object]:
        """Settings that differ from the defaults, for the provenance on every page.

        Not the size of the batches nor the figures asked for, on which no result depends.
        """
        changed = self.project.settings.changed()
        return {name: value for name, value in changed.items() if name not in _WITHOUT_RESULT}

    def summary_params(self) -> dict[str, Any]:
        """Return what the summary is handed besides its files."""
        return {
            "batches": {name: list(cells) for name, cells in self.batches.items()},
            "batch_size": self.project.settings.batch_size,
            "changed": self.changed_settings,
            "warnings": list(self.project.warnings),
            "figures": list(self.formats),
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


def _visible(row: SheetRow, rule: str) -> SheetRow:
    return SheetRow(line=0, **{name: getattr(row, name) for name in VISIBLE_COLUMNS[rule]})


def _plain_row(row: SheetRow) -> dict[str, Any]:
    """Write a row as a dict, without the columns that say nothing."""
    default = SheetRow(line=0, cell="", recording="", file="")
    return {
        name: value
        for name, value in asdict(row).items()
        if name in ("line", "cell", "recording", "file") or value != getattr(default, name)
    }


def has_config(folder: Path) -> bool:
    """Whether a project has a configuration, which Snakemake may then read as well.

    Raises
    ------
    ProjectError
        If it is no YAML, or has no end: Snakemake would fail on it in its own words, or hang.
    """
    path = folder / CONFIG_FILE
    if not path.is_file():
        return False
    mistakes: list[str] = []
    if not read_yaml(path, CONFIG_FILE, mistakes, []).readable:
        raise ProjectError(mistakes)
    return True


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

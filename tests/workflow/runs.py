"""Real Snakemake runs on small projects, and what can be asked of them afterwards."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from permeant.simulate.batch import simulate_batch

ROOT = Path(__file__).resolve().parents[2]

CONTRACT = {
    "iv_points": "cell recording condition sweep level measure v_command_mv v_membrane_mv i_pa "
    "i_sem_pa n_effective drift_pa_per_ms window_start_ms window_end_ms used reason",
    "fits": "cell recording condition measure model status reason g_ns g_low_ns g_high_ns e_rev_mv "
    "e_rev_low_mv e_rev_high_mv e_rev_status n_points v_min_mv v_max_mv chi2_p rectification",
    "models": "cell recording condition model status reason n_points n_parameters chi2_p aicc "
    "delta_aicc runs_p best g_ns g_low_ns g_high_ns e_rev_mv e_rev_low_mv e_rev_high_mv "
    "e_rev_status",
    "model_parameters": "cell recording model parameter value low high unit",
    "permeability": "cell ion reference_ion ratio ratio_low ratio_high status reason method "
    "n_recordings activities",
    "driving_forces": "cell recording ion valence e_nernst_mv v_mv driving_force_mv "
    "delta_g_j_per_mol flux_ratio",
    "quality": "cell recording check severity value limit unit message",
    "problems": "cell recording stage code message",
    "cells": "cell condition bath pipette measure quantity value low high unit n_recordings "
    "recordings",
    "groups": "condition bath pipette measure quantity n_cells mean sd_between low high "
    "sigma_shared low_total high_total unit reason",
    "pairs": "condition_a bath_a condition_b bath_b pipette measure quantity n_cells mean sd low "
    "high unit",
    "sequences": "condition bath pipette measure reference_ion activities n_cells sequence "
    "eisenman eisenman_compatible note",
    "columns": "table column unit description",
}
"""Tables and columns that users' projects rely on; a table may have more, at the end."""

_RULES = {
    "reading the recordings": "ingest",
    "measuring": "measure",
    "fitting": "fit",
    "inferring permeability ratios": "permeability",
    "writing the pages": "report",
    "writing tables and index": "summary",
}
ALL_RULES = tuple(_RULES.values())
_RULES_ON_DEMAND = {"drawing the figures": "figures"}


@dataclass(frozen=True)
class Run:
    """How a program ended and what it said."""

    status: int
    said: str


@dataclass(frozen=True)
class Program:
    """A copy of the program that nobody edits while tests run."""

    folder: Path

    @property
    def snakefile(self) -> Path:
        return self.folder / "Snakefile"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self.folder / "pipeline"), "COLUMNS": "200"}

    def command(self, module: str, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", module, *map(str, arguments)]

    def call(self, module: str, *arguments: str | Path, cwd: Path | None = None) -> Run:
        done = subprocess.run(
            self.command(module, *arguments),
            env=self.environment,
            cwd=cwd or self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
            check=False,
        )
        return Run(done.returncode, done.stdout)

    def permeant(self, command: str, project: Path, *arguments: str) -> Run:
        more = ("--cores", "2", *arguments) if command == "run" else arguments
        return self.call("permeant.cli", command, project, *more)

    def snakemake(self, project: Path, *arguments: str) -> Run:
        return self.call(
            "snakemake", "--snakefile", self.snakefile, "--directory", project,
            "--cores", "2", *arguments,
        )  # fmt: skip

    def planned(self, project: Path) -> set[str]:
        """What a run would do: ``rule`` or ``rule/batch`` of every job, from a dry run."""
        run = self.snakemake(project, "--dry-run")
        assert run.status == 0, run.said
        return set(map(_job, re.findall(r"^Job \d+: (.*)$", run.said, re.MULTILINE)))

    def copy_to(self, folder: Path) -> Program:
        shutil.copytree(self.folder, folder)
        return Program(folder)


N_CELLS = 5
"""With batches of two: 0001 holds cells 1 and 2, 0002 cells 3 and 4, 0003 cell 5."""


def make_project(folder: Path, n_cells: int = N_CELLS, batch_size: int = 2) -> Path:
    simulate_batch(folder, n_cells)
    config = folder / "config" / "config.yaml"
    config.write_text(f"batch_size: {batch_size}\n{config.read_text()}")
    return folder


def _job(message: str) -> str:
    what, _, batch = message.partition(" of batch ")
    if not batch:
        what, _, batch = message.partition(" batch ")
    rule = {**_RULES, **_RULES_ON_DEMAND}[what]
    return f"{rule}/{batch}" if batch else rule


def jobs(rules: Iterable[str], *batches: str) -> set[str]:
    """Name the jobs of rules and batches, as ``Program.planned`` does; the summary is one job."""
    return {
        "summary" if rule == "summary" else f"{rule}/{batch}" for rule in rules for batch in batches
    }


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def table(project: Path, name: str) -> list[dict[str, str]]:
    return read_csv(project / "reports" / "tables" / f"{name}.csv")


def header(project: Path, name: str) -> list[str]:
    text = (project / "reports" / "tables" / f"{name}.csv").read_text(encoding="utf-8")
    return text.splitlines()[0].split(",")


def tables_of(project: Path) -> dict[str, bytes]:
    """All tables of a project, to the byte."""
    folder = project / "reports" / "tables"
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Time stamp and content of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def differences(
    before: dict[str, tuple[int, bytes]], after: dict[str, tuple[int, bytes]]
) -> set[str]:
    """Names of files that came, went, changed, or were touched."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def write_sheet(project: Path, rows: list[dict[str, str]]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    path = project / "config" / "recordings.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def sheet(project: Path) -> list[dict[str, str]]:
    return read_csv(project / "config" / "recordings.csv")


def add_config(project: Path, text: str) -> None:
    path = project / "config" / "config.yaml"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

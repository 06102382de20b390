"""The same work without an engine: one process, one loop over this package's own functions.

Nothing is written between the stages and nothing is looked up; what a run takes beyond half of
this on two cores is what Snakemake, the batch files and the keys cost.  Run as a program it
prints the seconds of every stage as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from permeant.config import load_project
from permeant.records import CellResult, SheetRow
from permeant.report import cell_page, index_page, summarise_cell
from permeant.tables import join_tables
from permeant.workflow.cohort import Cohort, tabulate
from permeant.workflow.curve_models import Conditions
from permeant.workflow.fit import fit_cell
from permeant.workflow.ingest import ingest_cell
from permeant.workflow.measure import measure_cell
from permeant.workflow.permeability import infer_cell
from permeant.workflow.results import assemble_cell
from permeant.workflow.versions import installed_versions


class Clock:
    """Seconds of processor time by stage: what a busy machine leaves alone."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        began = time.process_time()
        try:
            yield
        finally:
            self.seconds[stage] += time.process_time() - began


class Loop:
    """All stages of a cell, one after the other."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder, self.clock = folder, clock
        with clock.of("check"):
            self.project = load_project(folder)
        settings = self.project.settings
        self.plain: dict[str, Any] = settings.model_dump(mode="json")
        self.versions = installed_versions()
        self.given = Conditions(
            models=tuple(self.plain["fit"]["models"]),
            solutions=self.project.solutions,
            permeability=self.plain["permeability"],
            extra_ions=self.project.extra_ions,
        )
        self.cells: dict[str, list[SheetRow]] = {}
        for row in self.project.rows:
            self.cells.setdefault(row.cell, []).append(row)

    def result(self, cell: str) -> CellResult:
        rows, plain, project = self.cells[cell], self.plain, self.project
        say, of = (lambda _: None), self.clock.of
        with of("ingest"):
            ingested = ingest_cell(rows, plain["protocols"], say)
        with of("measure"):
            settings = {
                **plain, "max_trace_points": plain["report"]["max_trace_points"],
            }  # fmt: skip
            measured, traces = measure_cell(
                rows, ingested, project.solutions, settings, project.extra_ions, say=say
            )
        with of("fit"):
            fitted = fit_cell(
                rows, ingested, measured, plain["fit"], plain["permeability"]["sigma_ljp_mv"],
                given=self.given, say=say,
            )  # fmt: skip
        with of("permeability"):
            inferred = infer_cell(
                rows, ingested, measured, fitted, solutions=project.solutions,
                settings=plain["permeability"], extra_ions=project.extra_ions, say=say,
            )  # fmt: skip
        return assemble_cell(
            cell, rows, project.solutions, ingested=ingested, measured=measured, fitted=fitted,
            inferred=inferred, settings={}, versions=self.versions, traces=traces,
        )  # fmt: skip

    def run(self, output: Path) -> None:
        (output / "cells").mkdir(parents=True, exist_ok=True)
        cohort = Cohort(sigma_ljp_mv=self.plain["permeability"]["sigma_ljp_mv"])
        summaries, of = [], self.clock.of
        inner = 0.0

        def texts() -> Iterator[Mapping[str, str]]:
            nonlocal inner
            for cell in sorted(self.cells):
                began = time.process_time()
                result = self.result(cell)
                with of("report"):
                    page = cell_page(result, self_contained=False)
                    (output / "cells" / f"{cell}.html").write_bytes(page.encode())
                    summaries.append(summarise_cell(result))
                    tabulated = tabulate(result)
                    cohort.add(cell, tabulated)
                inner += time.process_time() - began
                yield tabulated.lines

        began = time.process_time()
        join_tables(output / "tables", texts(), of_run=cohort.close)
        (output / "index.html").write_bytes(index_page(summaries, title="loop").encode())
        self.clock.seconds["summary"] += time.process_time() - began - inner


def main() -> None:
    began = time.process_time()
    clock = Clock()
    output = Path(sys.argv[2]).resolve()
    os.chdir(sys.argv[1])
    Loop(Path(), clock).run(output)
    print(json.dumps({**clock.seconds, "all": time.process_time() - began}))


if __name__ == "__main__":
    main()

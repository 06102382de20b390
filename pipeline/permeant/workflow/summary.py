"""Summary: the tables of the whole run, and the page of the batch."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from pathlib import Path

from permeant.records import CellResult, Problem
from permeant.report import CellSummary, GroupsSection, index_page
from permeant.tables import write_tables
from permeant.workflow.batch import Entry, read_entries, write_atomically
from permeant.workflow.cohort import Cohort
from permeant.workflow.job import Job
from permeant.workflow.ledger import ledger_path, ledger_text
from permeant.workflow.mend import seal_work, sweep_work
from permeant.workflow.report import STAGES, assemble_entries
from permeant.workflow.versions import installed_versions

_FOLDERS = dict(
    zip((*STAGES, "summarised"), ("ingest", "measure", "fit", "permeability", "pages"), strict=True)
)


def _in_step(work: Path, batch: str) -> Iterator[tuple[str, dict[str, Entry]]]:
    """Walk through the files of a batch line by line, one cell at a time."""
    files = [read_entries(work / folder / f"{batch}.jsonl") for folder in _FOLDERS.values()]
    for lines in zip(*files, strict=True):
        yield lines[0].cell, dict(zip(_FOLDERS, lines, strict=True))


def summarise(job: Job) -> None:
    """Write tables, index and ledger, and take away the pages of cells that are gone."""
    index, folder = job.outputs[0], job.outputs[0].parent
    versions, cells = installed_versions(), job.rows
    summaries: list[CellSummary] = []
    cohort = Cohort(sigma_ljp_mv=job.params["permeability"]["sigma_ljp_mv"])

    def results() -> Iterator[CellResult]:
        batches = [_in_step(folder / "batches", batch) for batch in job.params["batches"]]
        for cell, entries in heapq.merge(*batches, key=lambda pair: pair[0]):
            summaries.append(entries["summarised"].decode(CellSummary))
            yield assemble_entries(cell, job, entries, settings={}, versions={}, rows=cells[cell])

    with job.logging() as say:
        write_tables(folder / "tables", results(), of_cell=cohort.add, of_run=cohort.close)
        page = index_page(
            summaries,
            title=job.params["report"]["title"] or Path.cwd().name,
            versions=versions,
            settings=dict(job.params["changed"]),
            problems=[Problem("project", "warning", text) for text in job.params["warnings"]],
            notice=job.params["report"]["notice"],
            groups=GroupsSection(cohort.groups, cohort.pairs, cohort.sequences, cohort.curves),
            funnel=cohort.funnel.steps(),
            self_contained=job.params["report"]["self_contained"],
        )
        write_atomically(index, [page.encode()])
        for stale in sorted((folder / "cells").glob("*.html")):
            if stale.stem not in cells:
                stale.unlink()
                say(f"{stale.stem}: no longer in the sheet, page removed")
        ledger = ledger_text(job.params["batches"], job.params["batch_size"])
        write_atomically(ledger_path(folder), [ledger.encode().rstrip(b"\n")])
        sweep_work(folder, set(job.params["batches"]))
        seal_work(folder / "batches")
        say(f"{len(summaries)} cells in {len(job.params['batches'])} batches")

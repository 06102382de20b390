"""Summary: the tables of the whole run, and the page of the batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from permeant.records import Problem
from permeant.report import CellSummary, GroupsSection, index_page
from permeant.tables import join_tables
from permeant.workflow.batch import Entry, read_entries, write_atomically
from permeant.workflow.cohort import Cohort
from permeant.workflow.figure_names import sweep_figures
from permeant.workflow.job import Job
from permeant.workflow.ledger import ledger_path, ledger_text
from permeant.workflow.mend import seal_work, sweep_work
from permeant.workflow.results import Tabulated
from permeant.workflow.versions import installed_versions


def in_order(work: Path, batches: Mapping[str, Sequence[str]]) -> Iterator[tuple[Entry, Entry]]:
    """Walk through the summaries and lines of all cells by name, one cell at a time.

    A batch's files are open from its first cell to its last, so that it does not matter how
    many batches there are.
    """
    walks: dict[str, Iterator[tuple[Entry, Entry]]] = {}
    for cell, batch in sorted((cell, name) for name, cells in batches.items() for cell in cells):
        if batch not in walks:
            files = [read_entries(work / part / f"{batch}.jsonl") for part in ("pages", "rows")]
            walks[batch] = zip(*files, strict=True)
        yield next(walks[batch])
        if cell == batches[batch][-1]:
            del walks[batch]


def summarise(job: Job) -> None:
    """Write tables, index and ledger, and take away the pages of cells that are gone."""
    index, folder = job.outputs[0], job.outputs[0].parent
    versions, batches = installed_versions(), job.params["batches"]
    cells = {cell for some in batches.values() for cell in some}
    summaries: list[CellSummary] = []
    shared = job.params["permeability"]
    cohort = Cohort(shared["sigma_ljp_mv"], shared["sigma_viscosity_fraction"])

    def texts() -> Iterator[Mapping[str, str]]:
        for page, rows in in_order(folder / "batches", batches):
            summaries.append(page.decode(CellSummary))
            tabulated = rows.decode(Tabulated)
            cohort.add(page.cell, tabulated)
            yield tabulated.lines

    with job.logging() as say:
        join_tables(folder / "tables", texts(), of_run=cohort.close)
        page = index_page(
            summaries,
            title=job.params["report"]["title"] or Path.cwd().name,
            versions=versions,
            settings=dict(job.params["changed"]),
            problems=[Problem("project", "warning", text) for text in job.params["warnings"]],
            notice=job.params["report"]["notice"],
            groups=GroupsSection(cohort.groups, cohort.pairs, cohort.sequences, cohort.curves),
            funnel=cohort.funnel.steps(),
            limits=cohort.every_limit,
            self_contained=job.params["report"]["self_contained"],
        )
        write_atomically(index, [page.encode()])
        for stale in sorted((folder / "cells").glob("*.html")):
            if stale.stem not in cells:
                stale.unlink()
                say(f"{stale.stem}: no longer in the sheet, page removed")
        for drawn in sorted((folder / "figures").glob("*/")):
            if drawn.name not in cells or not job.params["figures"]:
                sweep_figures(folder / "figures", drawn.name)
        ledger = ledger_text(batches, job.params["batch_size"])
        write_atomically(ledger_path(folder), [ledger.encode().rstrip(b"\n")])
        sweep_work(folder, set(batches))
        seal_work(folder / "batches")
        say(f"{len(summaries)} cells in {len(batches)} batches")

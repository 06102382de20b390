"""Figures for papers of every recording, where the configuration asks for them."""

from __future__ import annotations

from functools import partial
from typing import Any

from permeant.report.paper_figure import write_iv_figures, write_words
from permeant.workflow.batch import key_of, update_batch
from permeant.workflow.figure_names import figure_files, figure_recordings, sweep_figures
from permeant.workflow.job import Job
from permeant.workflow.report import add_fitted_points
from permeant.workflow.results import (
    FittedCell,
    Inferred,
    IngestedCell,
    MeasuredCell,
    assemble_cell,
)
from permeant.workflow.trouble import attempt

STAGES = ("ingested", "measured", "fitted")


def draw_batch(job: Job) -> None:
    """Draw the figures of the cells of a batch whose results changed."""
    cells, formats = job.rows, tuple(job.params["figures"])
    found = {stage: job.entries(stage) for stage in STAGES}
    folder = job.outputs[0].parents[2] / "figures"
    keys = {
        cell: key_of(
            job.code, rows, formats, *(bytes(found[stage][cell].value) for stage in STAGES)
        )
        for cell, rows in cells.items()
    }

    def compute(cell: str, say: Any) -> list[object]:
        wanted = figure_files(cells[cell], formats)
        if wanted:
            (folder / cell).mkdir(parents=True, exist_ok=True)
        result = assemble_cell(
            cell,
            cells[cell],
            {},
            ingested=found["ingested"][cell].decode(IngestedCell),
            measured=found["measured"][cell].decode(MeasuredCell),
            fitted=found["fitted"][cell].decode(FittedCell),
            inferred=Inferred((), {}, {}),
            settings={},
            versions={},
        )
        known = {one.row.recording: one for one in add_fitted_points(result.recordings)}
        for stem, names in figure_recordings(cells[cell]):
            paths = [folder / cell / f"{stem}.{ending}" for ending in formats]
            work = partial(write_iv_figures, [known[name] for name in names], paths)
            _, problems = attempt("figures", cell, work, say)
            if problems:
                write_words(f"{cell}: {problems[0].message}", paths)
        sweep_figures(folder, cell, set(wanted))
        return [wanted]

    def there(cell: str) -> bool:
        return all((folder / name).is_file() for name in figure_files(cells[cell], formats))

    with job.logging() as say:
        update_batch(job.outputs[:1], keys, lambda cell: compute(cell, say), say, there)

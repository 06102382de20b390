"""What it costs to make the page of a cell, from records in memory to HTML.

    python tests/bench/bench_pages.py              the examples of the tests
    python tests/bench/bench_pages.py PROJECT      the cells of a project that has been run

Medians of several rounds of processor time (others may be at work on the same machine); the goal
is 25 ms a cell.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "report"))

from report_examples import all_cells

from permeant.config import load_project
from permeant.records import CellResult, Trace
from permeant.report import cell_page, summarise_cell
from permeant.workflow.batch import by_cell
from permeant.workflow.figures import stored_cell

ROUNDS = 15


def median_ms(work: Callable[[], object]) -> float:
    """Return the median processor time of some rounds, after one that compiles the templates."""
    work()
    spent = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return 1e3 * statistics.median(spent)


def whole_cell(project: Path, cell: str) -> CellResult:
    """Return what the last run found of a cell, with its sweeps."""
    result = stored_cell(project, cell)
    work = project / load_project(project).settings.output / "batches" / "traces"
    found = [by_cell(path) for path in sorted(work.glob("*.jsonl"))]
    entry = next(entries[cell] for entries in found if cell in entries)
    traces = entry.decode(dict[str, tuple[Trace, ...]])
    recordings = tuple(
        replace(one, traces=traces.get(one.row.recording, ())) for one in result.recordings
    )
    return replace(result, recordings=recordings)


def tell(cell: CellResult) -> None:
    """Print a line a cell."""

    def page() -> object:
        return cell_page(cell), summarise_cell(cell)

    size = len(cell_page(cell).encode()) / 1e3
    many = len(cell.recordings)
    print(f"{cell.cell:20} {many} recordings {median_ms(page):6.1f} ms {size:6.0f} kB")


def main() -> None:
    """Print milliseconds and kilobytes of each page."""
    if len(sys.argv) < 2:
        for cell in all_cells():
            tell(cell)
        return
    project = Path(sys.argv[1])
    for name in dict.fromkeys(row.cell for row in load_project(project).rows):
        tell(whole_cell(project, name))


if __name__ == "__main__":
    main()

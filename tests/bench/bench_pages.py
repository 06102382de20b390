"""What it costs to make the page of a cell, from records in memory to HTML.

    python tests/bench/bench_pages.py

Medians of several rounds; the goal is 25 ms a cell.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "report"))

from report_examples import all_cells

from permeant.report import cell_page, summarise_cell

ROUNDS = 21


def main() -> None:
    """Print milliseconds and kilobytes of each example's page."""
    for cell in all_cells():
        cell_page(cell)  # the first one compiles the templates
        spent = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            page = cell_page(cell)
            summarise_cell(cell)
            spent.append(time.perf_counter() - start)
        size = len(page.encode()) / 1e3
        print(f"{cell.cell:12} {1e3 * statistics.median(spent):6.1f} ms  {size:6.0f} kB")


if __name__ == "__main__":
    main()

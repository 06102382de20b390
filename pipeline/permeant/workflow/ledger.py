"""Which cell is in which batch, and how that is written down between runs.

A cell stays in its batch for as long as it is in the sheet, so adding or removing one
touches its own batch and the summary alone.  The assignment is written down at the end of
a run; until then it follows from the sheet alone and comes out the same every time.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

Assignment = dict[str, tuple[str, ...]]


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
    return output / "batches" / "batches.csv"


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

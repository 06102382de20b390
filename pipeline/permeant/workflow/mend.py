"""What a former run left and no longer holds, dealt with before the graph is made.

Snakemake looks at time stamps and at what a rule is handed.  It does not see that a batch
file was damaged, that a page was deleted, or that its own notes of what the rules were
handed are gone.  Such batch files are taken away or made to look old, so that their jobs
run again; the keys in them see to it that no more is computed than has to be.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from permeant.workflow.batch import read_entries, write_atomically
from permeant.workflow.ledger import ledger_path, read_ledger

_LONG_AGO = (1, 1)


class _Seal(msgspec.Struct, frozen=True):
    """A batch file as it was at the end of a run."""

    file: str
    size_bytes: int
    mtime_ns: int


_HALF_WRITTEN = (
    "batches/*/.*.jsonl.*",
    "batches/.*.*",
    "cells/.*.html.*",
    "assets/.*",
    "tables/.*.csv",
    ".index.html.*",
)


def mend_work(folder: Path, output: str) -> list[str]:
    """Make jobs run again whose results were lost; return what there is to tell the user.

    Parameters
    ----------
    folder : Path
        The project folder.
    output : str
        Its folder of everything generated.

    Returns
    -------
    list of str
        What was found, a sentence each.
    """
    work = folder / output / "batches"
    if not _has_notes(folder / ".snakemake"):
        # without them a changed setting would go unnoticed, and old numbers would stand
        for path in _batch_files(work):
            path.unlink()
        return []
    return [*_take_away_damaged(work), *_note_lost_pages(folder / output)]


def seal_work(work: Path) -> None:
    """Write down what the batch files look like at the end of a run."""
    seals = [msgspec.json.encode(_seal(work, path)) for path in sorted(_batch_files(work))]
    write_atomically(_seals_path(work), seals)


def sweep_work(output: Path, batches: set[str]) -> None:
    """Take away what no batch of this run stands for, and what a killed job left half written."""
    for path in _batch_files(output / "batches"):
        if path.stem not in batches:
            path.unlink()
    for pattern in _HALF_WRITTEN:
        for path in output.glob(pattern):
            path.unlink()


def _batch_files(work: Path) -> list[Path]:
    return list(work.glob("*/*.jsonl"))


def _seals_path(work: Path) -> Path:
    return work / "seals.jsonl"


def _seal(work: Path, path: Path) -> _Seal:
    seen = path.stat()
    return _Seal(path.relative_to(work).as_posix(), seen.st_size, seen.st_mtime_ns)


def _has_notes(folder: Path) -> bool:
    """Whether Snakemake still knows what its rules were handed."""
    if (folder / "metadata.db").exists():
        return True
    metadata = folder / "metadata"
    return metadata.is_dir() and any(metadata.iterdir())


def _take_away_damaged(work: Path) -> Iterator[str]:
    """Delete batch files that cannot be read; those that are as they were need no reading."""
    try:
        lines = _seals_path(work).read_bytes().splitlines()
        sealed = {msgspec.json.decode(line, type=_Seal) for line in lines}
    except (OSError, msgspec.DecodeError):
        sealed = set()
    cells, _ = read_ledger(ledger_path(work.parent))
    for path in _batch_files(work):
        if _seal(work, path) in sealed:
            continue
        if not _is_whole(path, set(cells.get(path.stem, ()))):
            path.unlink()
            yield f"{path} is damaged and will be made again"


def _is_whole(path: Path, cells: set[str]) -> bool:
    """Whether every line can be read, and no cell of the last finished run lacks its line."""
    try:
        return cells <= {entry.cell for entry in read_entries(path)}
    except (OSError, msgspec.DecodeError):
        return False


def _note_lost_pages(output: Path) -> Iterator[str]:
    """Make the list of a batch's pages look old when one of its pages was deleted."""
    there = {page.stem for page in output.glob("cells/*.html")}
    for path in _batch_files(output / "batches"):
        if path.parent.name != "pages":
            continue
        lost = [entry.cell for entry in read_entries(path) if entry.cell not in there]
        if lost:
            os.utime(path, _LONG_AGO)
            yield f"the page of {', '.join(lost)} is gone and will be written again"

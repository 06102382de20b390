"""Ingest: what a file holds, which channel is what, and what was really played."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from permeant.errors import PermeantError
from permeant.recording import open_recording
from permeant.recording.choice import select_sweeps
from permeant.recording.companions import companions, stamps_with_companions
from permeant.recording.files import is_endless
from permeant.recording.protocol import apply_protocol
from permeant.records import Recording, SheetRow
from permeant.workflow.batch import key_of, update_batch
from permeant.workflow.job import Job
from permeant.workflow.results import Ingested, IngestedCell
from permeant.workflow.trouble import attempt


def open_row(row: SheetRow, protocols: Mapping[str, Any]) -> Recording:
    """Open the recording of a row, with the channels and the protocol that the row chooses."""
    recording = open_recording(
        Path(row.file),
        shown_as=row.file,
        current_channel=row.current_channel,
        command_channel=row.command_channel,
        command_offset_mv=row.command_offset_mv,
        series=row.series,
        text_columns=row.text_columns,
    )
    if row.protocol is not None:
        recording = apply_protocol(recording, row.protocol, protocols[row.protocol])
    return recording if row.sweeps is None else select_sweeps(recording, row.sweeps)


def content_key(file: str) -> str:
    """Return a digest of a file's content, or why there is none to be had."""
    try:
        path = Path(file)
        if is_endless(path):
            return "unreadable: no file"
        return " ".join(_digest(one) for one in (path, *companions(path)))
    except (OSError, ValueError) as trouble:
        return f"unreadable: {getattr(trouble, 'strerror', None) or trouble}"


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def ingest_cell(
    rows: list[SheetRow], protocols: Mapping[str, Any], say: Callable[[str], None]
) -> IngestedCell:
    """Open every recording of a cell and keep all but the samples."""
    cell: IngestedCell = {}
    for row in rows:
        recording, problems = attempt("ingest", row.file, partial(open_row, row, protocols), say)
        cell[row.recording] = Ingested(recording.info if recording else None, problems)
    return cell


def _refuse_changed(planned: Mapping[str, list[int]]) -> None:
    """Stop where a file is no longer the one that the run was planned with.

    Snakemake writes down the planned stamps.  Were a result of another file kept, it would
    still stand when the old file is back, with its old time.
    """
    for file, stamps in planned.items():
        if stamps_with_companions(Path(file)) != list(stamps):
            raise PermeantError(
                f"{file}: changed, came or vanished while the run was at work; its batch is not "
                "read: leave the file alone and run again"
            )


def ingest_batch(job: Job) -> None:
    """Ingest the cells of a batch whose rows or files changed."""
    cells, protocols = job.rows, job.params["protocols"]
    keys = {
        cell: key_of(
            job.code,
            rows,
            [protocols[row.protocol] for row in rows if row.protocol],
            [content_key(row.file) for row in rows],
        )
        for cell, rows in cells.items()
    }
    planned = job.params["stamps"]
    with job.logging() as say:

        def compute(cell: str) -> list[object]:
            ingested = ingest_cell(cells[cell], protocols, say)
            _refuse_changed({row.file: planned[row.file] for row in cells[cell]})
            return [ingested]

        _refuse_changed(planned)
        update_batch(job.outputs, keys, compute, say)

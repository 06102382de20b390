"""``permeant inspect``: what is in a recording."""

from __future__ import annotations

import argparse
import json
import tempfile
import webbrowser
from pathlib import Path

from permeant.commands.wording import typed
from permeant.errors import PermeantError, did_you_mean
from permeant.survey.inspection import as_plain, as_words
from permeant.survey.trial import Trial, try_recording

_COLUMNS = (
    "measure", "epoch", "series", "sweeps", "current_channel", "command_channel", "text_columns",
    "configuration",
)  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Print what a trial found, or make its page; return the exit status."""
    _refuse_absent(arguments.file)
    given = {name: getattr(arguments, name) for name in _COLUMNS}
    columns = {name: value for name, value in given.items() if value is not None}
    trial = try_recording(arguments.file, **columns)
    if arguments.json:
        print(json.dumps(as_plain(trial), indent=2, ensure_ascii=False))
    else:
        print(as_words(trial))
    if arguments.plot or arguments.page:
        _show(trial, arguments.page)
    return 0 if trial.result.measurement is not None else 1


def _refuse_absent(file: Path) -> None:
    """Raise where there is no file to look into, with what was meant where that can be told."""
    if file.is_dir():
        raise PermeantError(
            f"{file} is a folder; name a file in it, or make a project of all its recordings: "
            f"permeant init {typed(file)}"
        )
    if not file.exists():
        folder = file.parent
        names = [one.name for one in folder.iterdir()] if folder.is_dir() else []
        there = "" if folder.is_dir() else f" (and no folder {folder})"
        nearest = did_you_mean(file.name, names)
        raise PermeantError(f"{file}: there is no such file{there}.{nearest}")


def _show(trial: Trial, page: Path | None) -> None:
    """Write the page of the recording, and open it where no place was named for it."""
    from permeant.report import cell_page  # noqa: PLC0415  (half of the time of a start)

    where = page or Path(tempfile.mkdtemp(prefix="permeant-")) / f"{trial.cell.cell}.html"
    html = cell_page(trial.cell, self_contained=True, title="inspected, not part of a run")
    where.write_text(html, encoding="utf-8")
    if page is None:
        webbrowser.open(where.resolve().as_uri())
        print(f"\nthe page is {where}; if no browser came up, open it by hand")

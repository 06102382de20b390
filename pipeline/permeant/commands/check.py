"""``permeant check``: all mistakes and doubts of a project, in seconds, before anything runs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from permeant.commands.wording import counted
from permeant.config import Project, load_project
from permeant.errors import ProjectError

_MOST_NAMED = 3


def run(arguments: argparse.Namespace) -> int:
    """Print every mistake, or what a run would work on; return the exit status."""
    folder = arguments.project
    try:
        project = load_project(folder)
    except ProjectError as mistakes:
        if arguments.json:
            _print({"mistakes": list(mistakes.mistakes), "notes": []})
        else:
            print(mistakes, file=sys.stderr)
        return 2
    notes = list(_notes(project))
    cells = len({row.cell for row in project.rows})
    if arguments.json:
        _print(
            {"mistakes": [], "notes": notes, "n_recordings": len(project.rows), "n_cells": cells}
        )
        return 0
    for note in notes:
        print(f"note: {note}")
    recordings = counted(len(project.rows), "recording")
    print(f"{folder}: {recordings} of {counted(cells, 'cell')}, no mistakes")
    return 0


def _notes(project: Project) -> Iterator[str]:
    """Say what is no mistake and yet may not be what was meant."""
    yield from project.warnings
    for row in project.rows:
        if not _is_file(project.folder / row.file):
            yield f"{row.file} (cell {row.cell}) is not there; its report will say so"
    for column, without in (
        ("temperature_c", "Nernst potentials, junction potential and ratios are not found"),
        ("pipette", "no junction potential is corrected and no ratio is found"),
        ("bath", "no junction potential is corrected and no ratio is found"),
    ):
        lacking = [row for row in project.rows if getattr(row, column) is None]
        if not lacking or (column != "temperature_c" and not project.solutions):
            continue  # a sheet of solutions without a row says it for all
        named = ", ".join(f"{row.cell} {row.recording}" for row in lacking[:_MOST_NAMED])
        more = f" and {len(lacking) - _MOST_NAMED} more" if len(lacking) > _MOST_NAMED else ""
        yield (
            f"{len(lacking)} of {counted(len(project.rows), 'recording')} without {column} "
            f"({named}{more}): {without} there; write it into the sheet or, for all, "
            "under defaults in config/config.yaml"
        )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _print(found: dict[str, object]) -> None:
    print(json.dumps(found, indent=2, ensure_ascii=False))

"""``permeant simulate``: a project whose truth is known."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from permeant.commands.progress import progress_line
from permeant.commands.wording import counted, typed
from permeant.config.yaml_file import read_yaml
from permeant.errors import ProjectError
from permeant.simulate.described import write_described


def run(arguments: argparse.Namespace) -> int:
    """Write the project, and say what comes next."""
    given = dict(_read(arguments.describe)) if arguments.describe else {}
    for name in ("cells", "seed"):
        if getattr(arguments, name) is not None:
            given[name] = getattr(arguments, name)
    folder = arguments.folder
    plans = write_described(folder, given, progress_line("writing"))
    cells = len({plan.cell for plan in plans})
    written = f"{counted(len(plans), 'recording')} of {counted(cells, 'simulated cell')}"
    print(
        f"{written} in {folder / 'data'}; what was put in is in "
        f"{folder / 'data' / 'truth.csv'}\nNext: permeant run {typed(folder)}"
    )
    return 0


def _read(path: Path) -> Mapping[Any, Any]:
    mistakes: list[str] = []
    file = read_yaml(path, str(path), mistakes, [])
    if mistakes:
        raise ProjectError(mistakes)
    return file.data

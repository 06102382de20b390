"""``permeant open``: the reports in the browser."""

from __future__ import annotations

import argparse
import webbrowser

from permeant.commands.wording import typed
from permeant.config import load_project
from permeant.errors import PermeantError


def run(arguments: argparse.Namespace) -> int:
    """Open the index of a project, or the page of a cell."""
    project = load_project(arguments.project)
    output = arguments.project / project.settings.output
    page = output / "cells" / f"{arguments.cell}.html" if arguments.cell else output / "index.html"
    if not page.is_file():
        raise PermeantError(
            f"{page} is not there; make it with: permeant run {typed(arguments.project)}"
            if not arguments.cell or (output / "index.html").is_file() is False
            else f"{page} is not there; is the cell in the sheet? The index lists all: "
            f"permeant open {typed(arguments.project)}"
        )
    webbrowser.open(page.resolve().as_uri())
    print(f"{page}: if no browser came up, open this file by hand")
    return 0

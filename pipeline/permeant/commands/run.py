"""``permeant run``: Snakemake on a project, and where the reports are."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from permeant.commands.wording import typed
from permeant.config import load_project
from permeant.workflow.launch import INTERRUPTED, run_snakemake, tally


def snakefile_path() -> Path:
    """Return the Snakefile: the checkout's where this is one, else the installed copy."""
    package = Path(__file__).resolve().parents[1]
    checkout = package.parent.parent / "Snakefile"
    return checkout if checkout.is_file() else package / "workflow" / "Snakefile"


def profile_path() -> Path:
    """Return the workflow profile that goes with the Snakefile."""
    return snakefile_path().parent / "pipeline" / "profile"


def run(arguments: argparse.Namespace) -> int:
    """Run Snakemake on a project and say where the reports are; return the exit status."""
    folder, more = arguments.project, arguments.handed_on
    project = load_project(folder)  # mistakes are said before Snakemake starts
    # further arguments may ask for anything, so what Snakemake then says is left as it is
    verbose = arguments.verbose or bool(more)
    command = [
        sys.executable, "-m", "snakemake",
        "--snakefile", str(snakefile_path()),
        "--directory", str(folder),
        "--cores", arguments.cores,
        "--workflow-profile", str(profile_path()),
        *([] if verbose else ["--quiet", "host", "reason"]),
        *more,
    ]  # fmt: skip
    status = run_snakemake(folder, command, verbose=verbose)
    output = folder / project.settings.output
    if status == 0 and not more and (output / "index.html").exists():
        told = tally(output / "batches" / "pages")
        there = "" if folder == Path() else f" {typed(folder)}"
        print(f"{told}; permeant open{there}, or see {output / 'index.html'}")
    return status if status in (0, INTERRUPTED) else 1

"""The command line: the way in, ``permeant run``, ``permeant check`` and the calculators."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from permeant import __version__
from permeant.calculators import add_calculators
from permeant.commands import add_commands
from permeant.errors import PermeantError, ProjectError

_EPILOG = """\
examples:
  permeant init FOLDER                   make a project of a folder of recordings
  permeant inspect FILE                  say what is in a recording
  permeant run .                         run the project in this folder
  permeant run PROJECT --cores 4         use four cores
  permeant run PROJECT -- --dry-run      hand everything after -- to Snakemake
  permeant check PROJECT                 look for mistakes without running anything
  permeant nernst K --in 140 --out 5     a calculator; each has its own --help
exit status: 0 when the run went through (whatever the recordings held), 1 when it did not,
2 when the project or the command line holds mistakes, 130 when it was interrupted."""


def snakefile_path() -> Path:
    """Return the Snakefile: the checkout's where this is one, else the installed copy."""
    package = Path(__file__).resolve().parent
    checkout = package.parent.parent / "Snakefile"
    return checkout if checkout.is_file() else package / "workflow" / "Snakefile"


def profile_path() -> Path:
    """Return the workflow profile that goes with the Snakefile."""
    return snakefile_path().parent / "pipeline" / "profile"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="permeant",
        description="From patch-clamp recordings to conductances, reversal potentials and "
        "permeability ratios.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"permeant {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="analyse a project and write its reports")
    run.add_argument("project", type=Path, help="folder that holds config/")
    run.add_argument("--cores", default="all", help="cores to use (default: all)")
    run.add_argument("--verbose", action="store_true", help="show all that Snakemake says")
    check = commands.add_parser("check", help="look for mistakes in a project, run nothing")
    check.add_argument("project", type=Path, help="folder that holds config/")
    figure = commands.add_parser("figure", help="draw a figure for a paper from a run's results")
    figure.add_argument("cell", help="name of the cell")
    figure.add_argument("what", choices=["iv"], help="iv: its current–voltage curve")
    figure.add_argument("--project", type=Path, default=Path(), help="folder (default: this one)")
    figure.add_argument("--recording", default="", help="default: the one that leads")
    figure.add_argument("--format", default="pdf", choices=["pdf", "svg", "png"])
    figure.add_argument("--out", type=Path, help="file to write")
    figure.set_defaults(run=draw_figure)
    add_commands(commands)
    add_calculators(commands)
    return parser


def draw_figure(arguments: argparse.Namespace) -> int:
    """Draw a figure from the results of a run and say where it is; return the exit status."""
    from permeant.workflow.figures import draw_iv  # noqa: PLC0415  (not needed by --help)

    given = (arguments.cell, arguments.format, arguments.recording, arguments.out)
    print(draw_iv(arguments.project, *given))
    return 0


def check_project(folder: Path) -> int:
    """Print every mistake of a project, or what a run would work on; return the exit status."""
    from permeant.config import load_project  # noqa: PLC0415  (not needed by --help)

    try:
        project = load_project(folder)
    except ProjectError as mistakes:
        print(mistakes, file=sys.stderr)
        return 2
    for warning in project.warnings:
        print(f"note: {warning}")
    missing = [row for row in project.rows if not (folder / row.file).is_file()]
    for row in missing:
        print(f"note: {row.file} (cell {row.cell}) is not there; its report will say so")
    cells = len({row.cell for row in project.rows})
    print(f"{folder}: {len(project.rows)} recordings of {cells} cells, no mistakes")
    return 0


def run_project(folder: Path, cores: str, verbose: bool, more: Sequence[str]) -> int:
    """Run Snakemake on a project and say where the reports are; return the exit status."""
    from permeant.config import load_project  # noqa: PLC0415  (not needed by --help)

    try:
        project = load_project(folder)
    except ProjectError as mistakes:
        print(mistakes, file=sys.stderr)
        return 2
    from permeant.workflow.launch import (  # noqa: PLC0415  (not needed by --help)
        INTERRUPTED,
        run_snakemake,
        tally,
    )

    # further arguments may ask for anything, so what Snakemake then says is left as it is
    verbose = verbose or bool(more)
    command = [
        sys.executable, "-m", "snakemake",
        "--snakefile", str(snakefile_path()),
        "--directory", str(folder),
        "--cores", cores,
        "--workflow-profile", str(profile_path()),
        *([] if verbose else ["--quiet", "host", "reason"]),
        *more,
    ]  # fmt: skip
    status = run_snakemake(folder, command, verbose=verbose)
    output = folder / project.settings.output
    if status == 0 and (output / "index.html").exists():
        print(f"{tally(output / 'batches' / 'pages')}; see {output / 'index.html'}")
    return status if status in (0, INTERRUPTED) else 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    cut = words.index("--") if "--" in words else len(words)
    parser = _parser()
    if "_ARGCOMPLETE" in os.environ:  # a shell asks what could come next
        import argcomplete  # noqa: PLC0415  (an extra, and only shells need it)

        argcomplete.autocomplete(parser)
    arguments = parser.parse_args(words[:cut])
    try:
        if arguments.command == "check":
            return check_project(arguments.project)
        if arguments.command != "run":
            status: int = arguments.run(arguments)
            return status
        return run_project(arguments.project, arguments.cores, arguments.verbose, words[cut + 1 :])
    except BrokenPipeError:  # the reader of a pipe (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except PermeantError as trouble:
        print(trouble, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

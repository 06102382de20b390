"""What each command of the way in is called with, and its help with examples."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

_MEASURES = ("steady", "instantaneous", "peak", "ramp", "single_channel", "noise", "charge")
_CONFIGURATIONS = ("whole-cell", "outside-out", "inside-out", "cell-attached")
_EXAMPLES = {
    "run": """\
  permeant run                           the project in this folder
  permeant run study --cores 4           use four cores
  permeant run study -- --dry-run        hand everything after -- to Snakemake
exit status: 0 the run went through (whatever the recordings held), 1 it did not, 2 the project
holds mistakes (nothing was run), 130 it was interrupted (the next run goes on from there)""",
    "check": """\
  permeant check                         the project in this folder
  permeant check study --json
exit status: 0 no mistakes, 2 mistakes, each with its place and what to do""",
    "figure": """\
  permeant figure ion-substitution iv    a PDF in this folder
  permeant figure c01 iv --project study --format svg --out figure-2b.svg
exit status: 0 drawn, 2 nothing to draw""",
    "init": """\
  permeant init my-recordings            a project in the folder that holds the recordings
  permeant init . --cells folder         a cell a folder, whatever the names say
exit status: 0 written, 2 nothing written (a project is there already, or no recordings)""",
    "inspect": """\
  permeant inspect cell1.abf
  permeant inspect cell1.abf --plot      open a page with sweeps, curve and all numbers
  permeant inspect plate.dat --series 3 --json
  permeant inspect patch.abf --measure single_channel --configuration cell-attached
exit status: 0 when it could be measured, 1 when not (the reason is told), 2 where there is no such
file""",
    "explain": """\
  permeant explain ion-substitution      in the project of this folder
  permeant explain c01 --project study
exit status: 0, or 2 when there is no such cell or no run of it""",
    "compare": """\
  permeant compare before after          two projects, or two folders of reports
  permeant compare reports-old reports --tolerance 0.01 --json
exit status: 0 no difference, 1 differences, 2 trouble""",
    "open": """\
  permeant open .                        the index of the project's last run
  permeant open . --cell c01
exit status: 0, or 2 when there is nothing to open""",
    "export": """\
  permeant export ion-substitution --species "Mus musculus"
  permeant export c01 --species "Homo sapiens" --project study --out c01.nwb --age P21D --sex F
exit status: 0 written, 2 nothing written""",
    "simulate": """\
  permeant simulate demo --cells 12      a project of 12 cells with known truth
  permeant simulate demo --describe cells.yaml
exit status: 0 written, 2 nothing written
a description:
  cells: 5
  seed: 1
  pipette: KCl_in
  bath: bath_Na
  ratios: {K: 1, Na: 0.8}
  solutions: {KCl_in: {K: 140, Cl: 140}, bath_Na: {Na: 140, Cl: 140}}""",
    "completion": """\
  eval "$(permeant completion bash)"     in ~/.bashrc
  permeant completion zsh > ~/.zfunc/_permeant
exit status: 0""",
    "schema": """\
  permeant schema config                 of config.yaml, as JSON schema, for editors
  permeant schema recordings > recordings.schema.json
exit status: 0""",
}


def add_commands(subparsers: Subparsers) -> None:
    """Register the commands.

    Parameters
    ----------
    subparsers : argparse subparsers action
        What ``ArgumentParser.add_subparsers`` returned.  Each command's namespace gets ``run``,
        a function of the namespace that prints and returns an exit status.
    """
    _add_init(_begin(subparsers, "init", "make a project of a folder of recordings"))
    _add_inspect(_begin(subparsers, "inspect", "say what is in a recording"))
    _add_check(_begin(subparsers, "check", "look for mistakes in a project, run nothing"))
    _add_run(_begin(subparsers, "run", "analyse a project and write its reports"))
    _add_open(_begin(subparsers, "open", "open the reports in the browser"))
    _add_explain(_begin(subparsers, "explain", "tell how a cell's numbers came about"))
    _add_compare(_begin(subparsers, "compare", "say what changed between two runs"))
    _add_figure(_begin(subparsers, "figure", "draw a figure for a paper from a run's results"))
    _add_export(_begin(subparsers, "export", "write a cell as NWB, for archives"))
    _add_simulate(_begin(subparsers, "simulate", "write recordings with known truth"))
    schema = _begin(subparsers, "schema", "print the JSON schema of a file of the project")
    schema.add_argument("file", choices=("config", "recordings"))
    _add_completion(_begin(subparsers, "completion", "print a script for tab completion"))


def _begin(subparsers: Subparsers, name: str, about: str) -> argparse.ArgumentParser:
    parser = subparsers.add_parser(
        name,
        help=about,
        description=about.capitalize() + ".",
        epilog="examples:\n" + _EXAMPLES[name],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=_later(name))
    return parser


def _later(name: str) -> Callable[[argparse.Namespace], int]:
    """Return a function that imports a command when it is called."""

    def run(arguments: argparse.Namespace) -> int:
        status: int = import_module(f"permeant.commands.{name}").run(arguments)
        return status

    return run


def _add_init(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="holds the recordings, in any folders below")
    parser.add_argument(
        "--cells",
        choices=("auto", "file", "folder"),
        default="auto",
        help="what makes a cell: words in names and folders (auto), each file, each folder",
    )
    parser.add_argument("--json", action="store_true", help="say what was found as JSON")


def _add_inspect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a recording")
    parser.add_argument("--measure", choices=_MEASURES, help="what to read (default: steady)")
    parser.add_argument("--configuration", choices=_CONFIGURATIONS, help="default: whole-cell")
    parser.add_argument("--epoch", help="number of a family, or letter of an epoch")
    parser.add_argument("--series", help="which of several recordings of a file")
    parser.add_argument("--sweeps", help="only some sweeps: 1-10,14 or a tag, as in the sheet")
    parser.add_argument("--current-channel", help="name or index")
    parser.add_argument("--command-channel", help="name or index")
    parser.add_argument("--text-columns", help="what a table's columns hold: time_ms current_pA")
    parser.add_argument("--json", action="store_true", help="everything as JSON")
    parser.add_argument("--plot", action="store_true", help="make a page and open it")
    parser.add_argument("--page", type=Path, help="write the page to this file, open nothing")


def _add_project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "project",
        type=Path,
        nargs="?",
        default=Path(),
        help="folder that holds config/ (default: this folder)",
    )


def _add_check(parser: argparse.ArgumentParser) -> None:
    _add_project(parser)
    parser.add_argument("--json", action="store_true", help="mistakes and notes as JSON")


def _add_run(parser: argparse.ArgumentParser) -> None:
    _add_project(parser)
    parser.add_argument("--cores", default="all", help="cores to use (default: all)")
    parser.add_argument("--verbose", action="store_true", help="show all that Snakemake says")


def _add_figure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cell", help="as in the sheet")
    parser.add_argument("what", choices=("iv",), help="iv: its current–voltage curve")
    parser.add_argument("--project", type=Path, default=Path(), help="default: this folder")
    parser.add_argument("--recording", default="", help="default: the one that leads")
    parser.add_argument("--format", default="pdf", choices=("pdf", "svg", "png"))
    parser.add_argument("--out", type=Path, help="file to write")


def _add_explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cell", help="as in the sheet")
    parser.add_argument("--project", type=Path, default=Path(), help="default: this folder")
    parser.add_argument("--json", action="store_true", help="the stored records as JSON")


def _add_compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", type=Path, metavar="RUN_A", help="a project or its reports")
    parser.add_argument("after", type=Path, metavar="RUN_B", help="a project or its reports")
    parser.add_argument(
        "--tolerance",
        type=float,
        default=1e-6,
        metavar="PART",
        help="numbers that differ by less than this part are the same (default 1e-6)",
    )
    parser.add_argument("--all", action="store_true", help="list every difference")
    parser.add_argument("--json", action="store_true", help="every difference as JSON")


def _add_open(parser: argparse.ArgumentParser) -> None:
    _add_project(parser)
    parser.add_argument("--cell", help="the page of a cell instead of the index")


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cell", help="as in the sheet")
    parser.add_argument("--project", type=Path, default=Path(), help="default: this folder")
    parser.add_argument("--format", choices=("nwb",), default="nwb", help="default: nwb")
    parser.add_argument("--out", type=Path, help="the file; default: CELL.nwb in this folder")
    parser.add_argument("--species", required=True, help="Latin name, as archives want it")
    parser.add_argument("--subject", help="id of the animal or line; default: the cell")
    parser.add_argument("--sex", choices=("M", "F", "U", "O"), default="U")
    parser.add_argument("--age", help="ISO 8601, as P21D")
    parser.add_argument("--experimenter", action="append", help="Last, First; may be repeated")
    parser.add_argument("--institution", help="where it was recorded")


def _add_simulate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="where the project goes; must not hold one")
    parser.add_argument("--cells", type=int, metavar="N", help="number of cells (default 6)")
    parser.add_argument("--seed", type=int, help="another seed, other cells (default 0)")
    parser.add_argument("--describe", type=Path, metavar="YAML", help="a description of the cells")


def _add_completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))

"""The command line: the way in, running, results, and the calculators."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from permeant import __version__
from permeant.calculators import add_calculators
from permeant.commands import add_commands
from permeant.errors import PermeantError
from permeant.options import PlainParser

_EPILOG = """\
from recordings to reports:
  permeant init FOLDER                   make a project of a folder of recordings
  permeant check FOLDER                  look for mistakes without running anything
  permeant run FOLDER                    analyse it and write the reports
  permeant open FOLDER                   see them in the browser
  permeant explain CELL                  tell how the numbers of a cell came about
more:
  permeant inspect FILE                  say what is in a recording
  permeant nernst K --in 140 --out 5     a calculator
  permeant COMMAND --help                every command has examples
exit status: 0 it went through (whatever the recordings held), 1 it did not, or a comparison found
differences, 2 the project or the command line holds mistakes, 130 it was interrupted."""


def command_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser: argparse.ArgumentParser = PlainParser(
        prog="permeant",
        description="From patch-clamp recordings to conductances, reversal potentials and "
        "permeability ratios.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"permeant {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_commands(commands)
    add_calculators(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # Windows' pipes may know neither Ω nor →
            stream.reconfigure(errors="replace")
    words = list(sys.argv[1:] if argv is None else argv)
    cut = words.index("--") if "--" in words else len(words)
    parser = command_parser()
    if "_ARGCOMPLETE" in os.environ:  # a shell asks what could come next
        import argcomplete  # noqa: PLC0415  (an extra, and only shells need it)

        argcomplete.autocomplete(parser)
    if not words:
        parser.print_help(sys.stderr)
        return 2
    if words[0] == "help":
        words, cut = [*words[1:], "--help"], len(words)
    arguments = parser.parse_args(words[:cut])
    arguments.handed_on = words[cut + 1 :]
    try:
        status: int = arguments.run(arguments)
    except BrokenPipeError:  # the reader of a pipe (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except PermeantError as trouble:
        print(trouble, file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())

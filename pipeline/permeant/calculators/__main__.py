"""The calculators alone: ``python -m permeant.calculators nernst K --in 140 --out 5``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from permeant.calculators.commands import add_calculators


def main(argv: Sequence[str] | None = None) -> int:
    """Run one calculator; returns the exit status."""
    parser = argparse.ArgumentParser(prog="permeant", description="The physics of permeation.")
    add_calculators(parser.add_subparsers(dest="command", required=True, metavar="CALCULATOR"))
    arguments = parser.parse_args(argv)
    status: int = arguments.run(arguments)
    return status


if __name__ == "__main__":
    sys.exit(main())

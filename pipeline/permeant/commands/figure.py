"""``permeant figure``: a figure for a paper, from the results of a run."""

from __future__ import annotations

import argparse

from permeant.workflow.figures import draw_iv


def run(arguments: argparse.Namespace) -> int:
    """Draw the figure and say where it is; return the exit status."""
    given = (arguments.cell, arguments.format, arguments.recording, arguments.out)
    print(draw_iv(arguments.project, *given))
    return 0

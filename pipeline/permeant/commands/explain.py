"""``permeant explain``: how the numbers of a cell came about."""

from __future__ import annotations

import argparse
import json

from permeant.account.explain import explain_cell
from permeant.account.stored import load_cell
from permeant.workflow.batch import encode


def run(arguments: argparse.Namespace) -> int:
    """Print the stored results of a cell, in words or as JSON."""
    cell = load_cell(arguments.project, arguments.cell)
    if arguments.json:
        print(json.dumps(json.loads(encode(cell)), indent=2, ensure_ascii=False))
    else:
        print(explain_cell(cell))
    return 0

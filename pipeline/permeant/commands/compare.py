"""``permeant compare``: what changed between two runs."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from permeant.account.compare import compare_runs, in_words

MOST_SHOWN = 60


def run(arguments: argparse.Namespace) -> int:
    """Print the differences; return 1 if there are any, as comparing programs do."""
    changes = compare_runs(arguments.before, arguments.after, arguments.tolerance)
    if arguments.json:
        print(json.dumps([asdict(change) for change in changes], indent=2, ensure_ascii=False))
    else:
        print(in_words(changes, len(changes) if arguments.all else MOST_SHOWN))
    return 1 if changes else 0

"""How far a command is that takes longer than a moment, on a terminal and nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable

_WIDTH = 100


def progress_line(doing: str) -> Callable[[int, int, str], None]:
    """Return what shows progress in one line of a terminal; elsewhere it would only fill a log.

    Parameters
    ----------
    doing : str
        What is going on: ``reading``.

    Returns
    -------
    callable
        To be told how many are done, of how many, and the name of the one at hand; an empty name
        wipes the line.
    """
    if not sys.stderr.isatty():
        return lambda *_: None

    def tell(done: int, total: int, name: str) -> None:
        text = f"{doing} {done + 1} of {total}: {name}"[:_WIDTH] if name else ""
        print(f"\r{text:<{_WIDTH}}", end="\r", file=sys.stderr, flush=True)

    return tell

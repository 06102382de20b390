"""Trouble with one recording stays with that recording."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TypeVar

from permeant.errors import PermeantError, RecordingError
from permeant.records import Problem

T = TypeVar("T")


def attempt(
    stage: str, what: str, work: Callable[[], T], say: Callable[[str], None]
) -> tuple[T | None, tuple[Problem, ...]]:
    """Do the work of one recording; whatever goes wrong becomes a problem in words.

    Parameters
    ----------
    stage : str
        For the table of problems.
    what : str
        The recording, for the log.
    work : callable
        The work.
    say : callable
        Takes a line for the log.

    Returns
    -------
    tuple
        The result and no problem, or None and the problem.
    """
    try:
        return work(), ()
    except RecordingError as trouble:
        problem = Problem(stage, trouble.code, str(trouble))
    except PermeantError as trouble:
        problem = Problem(stage, "refused", str(trouble))
    except Exception as trouble:
        # the one place that catches everything: a fault of this program in one cell must not
        # cost the others, and its traceback must not be lost
        say(traceback.format_exc())
        problem = Problem(
            stage,
            "internal_error",
            f"this program failed on {what} ({type(trouble).__name__}: {trouble}); that is a fault "
            "of the program, not of the recording: please report it with the log of the job",
        )
    say(f"{what}: {problem.code}: {problem.message}")
    return None, (problem,)

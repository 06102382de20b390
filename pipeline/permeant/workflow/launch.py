"""Snakemake on a project, with its many words put into few."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import msgspec

from permeant.workflow.batch import by_cell
from permeant.workflow.lock import hold_project, is_locked

INTERRUPTED = 130

_NOISE = re.compile(
    r"|".join(
        (
            r"Using (workflow specific )?profile",
            r"Using shell",
            r"Assuming unrestricted shared",
            r"Building DAG",
            r"Provided cores",
            r"Rules claiming",
            r"Select jobs",
            r"Execute \d+ jobs",
            r"\[\w{3} \w{3} +\d+ [\d:]+ \d{4}\]$",
            r"Complete log",
            r"Elapsed time",
            r"(local)?rule all:",
            r" +(input|jobid|reason|resources): ",
            r"Finished jobid: \d+ \(Rule: all\)",
            r"Config file config/config\.yaml is extended",
        )
    )
)
_STARTED = re.compile(r"Job (\d+): (.*)")
_FINISHED = re.compile(r"Finished jobid: (\d+) ")
_DONE = re.compile(r"\d+ of \d+ steps \((\d+)%\) done")


class _Verdict(msgspec.Struct):
    """The one field of a cell's summary that is counted here."""

    attention: str


def retell(lines: Iterable[str]) -> Iterator[str]:
    """Turn what Snakemake says into a short line a job; what is not known is left as it is.

    Parameters
    ----------
    lines : iterable of str
        The standard error of Snakemake, called with ``--quiet host reason``.

    Yields
    ------
    str
        Lines for the user.
    """
    messages: dict[str, str] = {}
    finished, in_table = "", False
    for line in map(str.rstrip, lines):
        in_table = line.startswith("Job stats:") or (in_table and line != "")
        if in_table or not line or _NOISE.match(line):
            continue
        if match := _STARTED.match(line):
            messages[match[1]] = match[2]
        elif match := _FINISHED.match(line):
            finished = messages.get(match[1], "")
        elif match := _DONE.match(line):
            if finished:
                yield f"{match[1]:>3} %  {finished}"
            finished = ""
        elif line.startswith("Nothing to be done"):
            yield "nothing to be done: all reports are up to date"
        else:
            yield line


def run_snakemake(folder: Path, command: Sequence[str], *, verbose: bool) -> int:
    """Run Snakemake on a project, and go on where a killed run left off; return its status."""
    with hold_project(folder) as hold:
        if hold.cut_short and is_locked(folder):
            print("the last run was cut short; going on from where it was")
            unlock = [*command, "--unlock", "--quiet", "all"]
            subprocess.run(unlock, check=True, env=_surroundings(folder))
        status = _call(command, hold.descriptor, _surroundings(folder), verbose=verbose)
    if status not in (0, INTERRUPTED) and is_locked(folder):
        print(
            "if no Snakemake is at work on this project, take the lock away with\n"
            f"  permeant run {folder} -- --unlock",
            file=sys.stderr,
        )
    return status


def _surroundings(folder: Path) -> dict[str, str]:
    """Return the environment of Snakemake, which keeps a cache: in the project, not in the home.

    A home may be missing or closed to writing, as in containers and on clusters, and nothing is
    written outside the project.
    """
    cache = str(folder.absolute() / ".snakemake" / "cache")
    homeless = {} if Path(os.path.expanduser("~")).is_absolute() else {"HOME": cache}  # noqa: PTH111
    return {**os.environ, **homeless, "XDG_CACHE_HOME": cache}


def tally(pages: Path) -> str:
    """Count the cells of a finished run by whether somebody should look at them."""
    seen = Counter(
        entry.decode(_Verdict).attention
        for path in sorted(pages.glob("*.jsonl"))
        for entry in by_cell(path).values()
    )
    cells, well = seen.total(), seen["ok"]
    text = f"{cells} cell{'' if cells == 1 else 's'}: {well} ok"
    return text if well == cells else f"{text}, {cells - well} to look at"


def _call(
    command: Sequence[str], descriptor: int, surroundings: dict[str, str], *, verbose: bool
) -> int:
    stderr = None if verbose else subprocess.PIPE
    handed_on = (descriptor,) if os.name == "posix" else ()
    with (
        subprocess.Popen(
            command,
            stderr=stderr,
            text=True,
            errors="replace",
            pass_fds=handed_on,
            env=surroundings,
        ) as process,
        _passing_on_sigterm(process),
    ):
        try:
            for line in retell(process.stderr or ()):
                print(line, flush=True)
            return process.wait()
        except KeyboardInterrupt:
            # Snakemake got the same signal and ends its jobs; waiting for it leaves no orphans
            print("stopping; the next run goes on from here", flush=True)
            _drain(process)
            return INTERRUPTED


def _drain(process: subprocess.Popen[str]) -> None:
    try:
        process.communicate()
    except KeyboardInterrupt:
        process.terminate()
        process.communicate()


@contextmanager
def _passing_on_sigterm(process: subprocess.Popen[str]) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        process.terminate()

    former = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)

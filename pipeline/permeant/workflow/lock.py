"""One run a project at a time, and a way on after a run that was killed."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from permeant.errors import PermeantError

try:
    import fcntl
except ImportError:  # Windows: Snakemake's own lock has to do
    fcntl = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Hold:
    """The lock of a project while it is held."""

    descriptor: int
    """To be handed to the program that does the work: the lock lasts for as long as it lives."""
    cut_short: bool
    """Whether the run before this one was killed, on this machine."""


@contextmanager
def hold_project(folder: Path) -> Iterator[Hold]:
    """Keep other runs of ``permeant run`` away from a project.

    Snakemake's lock says nothing of who holds it, so after a kill it stays for ever.  This
    one is the kernel's and goes with the process; what stands in the file tells the next run
    whether the last one came to its end.

    Raises
    ------
    PermeantError
        If another run is at work on the project, or nothing may be written into its folder.
    """
    with _open(folder) as file:
        _take(file, folder)
        file.seek(0)
        cut_short = file.read().split()[:1] == [platform.node()]
        _write(file, f"{platform.node()} {os.getpid()}\n")
        try:
            yield Hold(file.fileno(), cut_short)
        finally:
            _write(file, "")


def is_locked(folder: Path) -> bool:
    """Whether Snakemake thinks that somebody works on the project."""
    locks = folder / ".snakemake" / "locks"
    return locks.is_dir() and any(locks.iterdir())


def _open(folder: Path) -> IO[str]:
    """Open the file of the lock, which is the first that a run writes."""
    path = folder / ".snakemake" / "permeant.lock"
    try:
        path.parent.mkdir(exist_ok=True)
        return path.open("a+", encoding="utf-8")
    except OSError as trouble:
        raise PermeantError(
            f"{folder}: nothing can be written into this folder ({trouble.strerror}); a run writes "
            "its reports there: get permission to write, or copy the project to where you have it"
        ) from None


def _take(file: IO[Any], folder: Path) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PermeantError(
            f"{folder}: another `permeant run` is at work on this project; wait for it, or stop it"
        ) from None
    except OSError:
        return  # a file system without locks: Snakemake's own has to do


def _write(file: IO[str], text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()

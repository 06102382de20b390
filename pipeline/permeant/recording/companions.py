"""Files that belong to a recording and lie beside it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

TEXT_SUFFIXES = {".csv", ".tsv", ".txt"}


def find_times_file(path: Path) -> Path | None:
    """Return the file of times of a text table without a column of times.

    Automated rigs write the times once for all wells.  Looked for are, in the folder of
    the recording, its name with ``-times`` behind it and then behind ever shorter parts of it, cut
    at hyphens: for ``run1-stairs-A01-before.csv`` the file may be ``run1-stairs-times.csv``.
    """
    return next((one for one in _times_names(path) if one != path and _is_file(one)), None)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long by what stands behind it
        return False


def _times_names(path: Path) -> Iterator[Path]:
    ending = "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix
    parts = path.name.removesuffix(ending).split("-")
    for n in range(len(parts), 0, -1):
        yield path.with_name("-".join(parts[:n]) + "-times" + ending)


def companions(path: Path) -> list[Path]:
    """Return the files beside a recording that its reading may use."""
    suffixes = [suffix.casefold() for suffix in path.suffixes[-2:]]
    if not TEXT_SUFFIXES & set(suffixes):
        return []
    times = find_times_file(path)
    return [times] if times else []


def stamp_of(path: Path) -> list[int]:
    """Return size and time stamp of a file; empty where there is no file.

    A file without bytes holds nothing whose time could matter, and what the system shows as files
    (``/proc``) is empty and new at every look.
    """
    try:
        seen = path.stat()
    except (OSError, ValueError):
        return []
    if not stat.S_ISREG(seen.st_mode):
        return []
    return [seen.st_size, seen.st_mtime_ns if seen.st_size else 0]


def stamps_with_companions(path: Path) -> list[int]:
    """Return the stamps of a recording and of the files beside it that its reading uses."""
    own = stamp_of(path)
    return [*own, *(part for one in companions(path) for part in stamp_of(one))] if own else []

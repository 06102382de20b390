"""Which recordings belong to one cell, as far as folders and names tell; each with its reason.

A wrong group would mix two cells into one value, so files are put together only where their
names or their folder say so; all others stay cells of their own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

Way = Literal["auto", "file", "folder"]

_CELL_WORD = re.compile(
    r"(?:^|(?<=[\W_]))(?:cell|neuron|patch|oocyte|c)[\s_-]?\d+[a-z]?(?=$|[\W_])", re.IGNORECASE
)
_CONDITION_WORDS = """
na k li cs rb ca ba sr mg cl nmdg tma choline tris ach glu gaba
control ctrl con base baseline before pre after post wash washout recovery
drug block blocker blocked agonist antagonist vehicle ttx tea cd zd
"""
_CONDITIONS = frozenset(_CONDITION_WORDS.split())
_CONDITION_PART = re.compile(r"[\s_.-]+")


class Placed(NamedTuple):
    """A file's cell, the rest of its name that tells it from the cell's others, and why."""

    cell: str
    rest: str
    why: str


def group_into_cells(files: Sequence[str], way: Way = "auto") -> dict[str, Placed]:
    """Say of each file which cell it belongs to.

    Parameters
    ----------
    files : sequence of str
        Paths relative to the project, with ``/``.
    way : {'auto', 'file', 'folder'}
        ``file``: a cell a file; ``folder``: a cell a folder; ``auto``: by words for cells in
        names and folders, and by endings that name an ion or a condition.

    Returns
    -------
    dict of str to Placed
        For every file; the cells' names are those of folders and files, not yet ids.
    """
    place = {"auto": _by_words, "file": _alone, "folder": _by_folder}[way]
    placed = {file: place(file) for file in files}
    return _apart(placed) if way == "auto" else placed


def _stem(file: str) -> str:
    return PurePosixPath(file).name.split(".")[0]


def _alone(file: str) -> Placed:
    return Placed(_stem(file), "", "a cell a file")


def _by_folder(file: str) -> Placed:
    folder = PurePosixPath(file).parent
    if folder.name in ("", "."):
        return Placed(_stem(file), "", "in no folder of its own, so a cell a file")
    return Placed(str(folder), _stem(file), f"all of folder {folder}")


def _by_words(file: str) -> Placed:
    stem, folder = _stem(file), PurePosixPath(file).parent
    if found := _CELL_WORD.search(stem):
        cell, rest = stem[: found.end()], stem[found.end() :].strip(" _-.")
        where = "" if folder.name in ("", ".") else f"{folder}/"
        return Placed(f"{where}{cell}", rest or stem, f"{found[0].strip()!r} in the name")
    if folder.name and _CELL_WORD.search(folder.name):
        return Placed(str(folder), stem, f"folder {folder.name!r} is named as a cell")
    head, tail = _split_condition(stem)
    if tail:
        where = "" if folder.name in ("", ".") else f"{folder}/"
        return Placed(f"{where}{head}", tail, f"{head!r} with an ion or a condition behind it")
    return _alone(file)


def _split_condition(stem: str) -> tuple[str, str]:
    """Cut the words for ions and conditions off the end of a name."""
    cuts = [found.span() for found in _CONDITION_PART.finditer(stem)]
    for start, end in cuts:
        words = _CONDITION_PART.split(stem[end:].casefold())
        if start > 0 and all(word in _CONDITIONS for word in words if word):
            return stem[:start], stem[end:]
    return stem, ""


def _apart(placed: dict[str, Placed]) -> dict[str, Placed]:
    """Let a cell by ending stand only where it has two files or more."""
    members: dict[str, list[str]] = defaultdict(list)
    for file, one in placed.items():
        members[one.cell].append(file)
    for files in members.values():
        if len(files) == 1 and "condition behind" in placed[files[0]].why:
            placed[files[0]] = _alone(files[0])
    return placed


def condition_of(rest: str) -> str:
    """Return what is left of a name as a condition, where its words are ions or conditions."""
    words = [word for word in _CONDITION_PART.split(rest) if word]
    return rest if words and all(word.casefold() in _CONDITIONS for word in words) else ""

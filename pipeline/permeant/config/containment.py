"""Everything that a run writes stays in the project folder, also where links lead elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

DEPTH = 3
"""How deep below the output folder a run writes: batches/ingest/0001.jsonl."""


def leading_out(folder: Path, output: str) -> list[str]:
    """Say which of the places that a run writes to are links out of the project.

    Parameters
    ----------
    folder : Path
        The project folder, which may itself be reached by a link.
    output : str
        Its folder of everything generated.

    Returns
    -------
    list of str
        A sentence a link.
    """
    inside = folder.resolve()
    found = []
    parts = Path(output).parts
    ways = [folder.joinpath(*parts[:n]) for n in range(1, len(parts) + 1)]
    for path in (folder / ".snakemake", *ways, *_links(folder / output, DEPTH)):
        try:
            target = path.resolve() if path.is_symlink() else inside
        except (OSError, RuntimeError):
            found.append(f"{path.relative_to(folder)} is a link in a circle; take it away")
            continue
        if not target.is_relative_to(inside):
            found.append(
                f"{path.relative_to(folder)} is a link out of the project folder (to {target}); a "
                "run writes inside the project alone: put a folder there, or move the project"
            )
    return found


def _links(folder: Path, depth: int) -> Iterator[Path]:
    """Yield the links below a folder; they are not followed."""
    if not depth or folder.is_symlink():
        return
    try:
        with os.scandir(folder) as entries:
            there = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in there:
        if entry.is_symlink():
            yield Path(entry.path)
        elif entry.is_dir(follow_symlinks=False):
            yield from _links(Path(entry.path), depth - 1)

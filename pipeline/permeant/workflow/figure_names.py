"""Which figures for papers a sheet asks for, by name, before anything was read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from permeant.records import SheetRow

_OWN_FILES = "iv*.*"
"""What of a cell's folder is generated; all else in it is left alone."""


def figure_recordings(rows: Sequence[SheetRow]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the figures of a cell: the file's stem, and the recordings that it shows.

    One a recording, and one of all where there are several; known from the sheet alone, so
    that Snakemake can be told before anything was read.
    """
    shown = tuple(sorted(row.recording for row in rows if not row.exclude))
    for recording in shown:
        yield f"iv_{recording}", (recording,)
    if len(shown) > 1:
        yield "iv", shown


def figure_files(rows: Sequence[SheetRow], formats: Iterable[str]) -> list[str]:
    """Return the files of a cell's figures, relative to the folder of figures."""
    stems = [stem for stem, _ in figure_recordings(rows)]
    return [f"{rows[0].cell}/{stem}.{ending}" for stem in stems for ending in formats]


def sweep_figures(folder: Path, cell: str, wanted: Collection[str] = ()) -> None:
    """Take away figures of a cell that nobody asks for any more: they show former results.

    Parameters
    ----------
    folder : Path
        The folder of figures.
    cell : str
        The cell; ``*`` for all.
    wanted : collection of str
        The files to keep, relative to the folder.
    """
    for path in sorted(folder.glob(f"{cell}/{_OWN_FILES}")):
        if path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()

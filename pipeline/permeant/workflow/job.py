"""What a stage script is handed, as a plain record."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from permeant.errors import PermeantError
from permeant.physics.ions import Ion
from permeant.records import SheetRow, Solution
from permeant.workflow.batch import Entry, read_entries

_NO_PLACE = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the user's share of the disk is used up",
    errno.EFBIG: "a file became larger than it may be",
    errno.EROFS: "the disk can only be read",
    errno.EACCES: "there is no permission to write or read",
    errno.EPERM: "there is no permission to write or read",
}


@dataclass(frozen=True)
class Job:
    """Inputs, outputs and settings of one batch of one rule."""

    inputs: Mapping[str, Path]
    outputs: tuple[Path, ...]
    log: Path
    params: Mapping[str, Any]

    @classmethod
    def of(cls, snakemake: Any) -> Job:
        """Take what a stage needs from the object that Snakemake hands to a script."""
        return cls(
            inputs={
                name: Path(str(path))
                for name, path in snakemake.input.items()
                if isinstance(path, str)
            },
            outputs=tuple(Path(path) for path in snakemake.output),
            log=Path(snakemake.log[0]),
            params=dict(snakemake.params.items()),
        )

    @property
    def code(self) -> str:
        """Digest of the code of the stage."""
        return str(self.params["code"])

    def entries(self, name: str) -> dict[str, Entry]:
        """Return the lines of an input by cell.

        Raises
        ------
        PermeantError
            If the file is damaged, which only happens when something else writes into it.
        """
        path = self.inputs[name]
        try:
            return {entry.cell: entry for entry in read_entries(path)}
        except msgspec.DecodeError as damage:
            raise PermeantError(
                f"{path} is damaged ({damage}); delete it and run again, it will be made again"
            ) from damage

    @property
    def rows(self) -> dict[str, list[SheetRow]]:
        """The rows of the sheet that the stage may see, by cell."""
        rows = msgspec.convert(self.params["rows"], list[SheetRow])
        cells: dict[str, list[SheetRow]] = {}
        for row in rows:
            cells.setdefault(row.cell, []).append(row)
        return cells

    @property
    def solutions(self) -> dict[str, Solution]:
        """The solutions by name."""
        return {name: Solution(name, ions) for name, ions in self.params["solutions"].items()}

    @property
    def extra_ions(self) -> dict[str, Ion]:
        """Ions that the configuration adds."""
        return {name: Ion(**ion) for name, ion in self.params["ions"].items()}

    @contextmanager
    def logging(self) -> Iterator[Any]:
        """Open the log of the job; yields a function that takes a line."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("w", encoding="utf-8") as out:

            def say(line: str) -> None:
                out.write(line.rstrip() + "\n")
                out.flush()

            yield say


def run_stage(stage: Callable[[Job], None], snakemake: Any) -> None:
    """Run a stage as a script of Snakemake; what the computer refuses is said in a sentence.

    Raises
    ------
    SystemExit
        If the disk is full or may not be written to, or the stage refuses its input.
    """
    job = Job.of(snakemake)
    try:
        stage(job)
    except PermeantError as trouble:
        sys.exit(f"{trouble}")
    except OSError as trouble:
        reason = _NO_PLACE.get(trouble.errno or 0)
        if reason is None:
            raise
        where = trouble.filename or job.outputs[0].parent
        sys.exit(
            f"{where}: {reason} ({trouble.strerror}); mend that and run again: "
            "finished batches are kept"
        )


def used_solutions(rows: list[SheetRow], solutions: Mapping[str, Solution]) -> dict[str, Solution]:
    """Return the solutions that some rows name, so that the others change no key."""
    names = {name for row in rows for name in (row.pipette, row.bath, row.zeroed_in) if name}
    return {name: solutions[name] for name in sorted(names) if name in solutions}

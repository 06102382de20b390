"""A batch of cells in one file: a line a cell, and only what changed is computed again.

Every line carries the key of everything its value was computed from.  A job that runs
again reads its former output, keeps the lines whose keys still hold, and computes the
others.  The file is replaced as a whole at the end, so a killed job leaves the old one.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


class Entry(msgspec.Struct, frozen=True):
    """One line: the cell, the key of its inputs, and its value as it stands in the file."""

    cell: str
    key: str
    value: msgspec.Raw

    def decode(self, kind: type[T]) -> T:
        """Return the value as a record."""
        return msgspec.json.decode(self.value, type=kind)


def _plain(value: Any) -> Any:
    """Turn numpy scalars into Python numbers for the encoder."""
    if hasattr(value, "item"):
        return value.item()
    raise NotImplementedError(f"cannot write a {type(value).__name__}")


_ENCODER = msgspec.json.Encoder(enc_hook=_plain, order="deterministic")
_DECODER = msgspec.json.Decoder(Entry)


def encode(value: object) -> bytes:
    """Encode records as JSON with a fixed order of keys."""
    return _ENCODER.encode(value)


def key_of(*parts: object) -> str:
    """Return a short digest of everything that a value depends on."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(part if isinstance(part, bytes) else encode(part))
        digest.update(b"\0")
    return digest.hexdigest()


def read_entries(path: Path) -> Iterator[Entry]:
    """Yield the lines of a batch file, one cell at a time."""
    with path.open("rb") as lines:
        for line in lines:
            yield _DECODER.decode(line)


def by_cell(path: Path) -> dict[str, Entry]:
    """Return the lines of a batch file by cell; nothing where there is no readable file."""
    if not path.exists():
        return {}
    try:
        return {entry.cell: entry for entry in read_entries(path)}
    except msgspec.DecodeError:
        return {}


@dataclass(frozen=True)
class Progress:
    """How many cells a job computed, and how many it found unchanged."""

    computed: int
    unchanged: int

    def __str__(self) -> str:
        """Say it in words, as the log shows it."""
        return f"{self.computed} cells computed, {self.unchanged} unchanged"


def update_batch(
    outputs: Sequence[Path],
    keys: Mapping[str, str],
    compute: Callable[[str], Sequence[object]],
    say: Callable[[str], None] = lambda _: None,
    still_good: Callable[[str], bool] = lambda _: True,
) -> Progress:
    """Bring the files of a batch up to date.

    Parameters
    ----------
    outputs : sequence of Path
        The files of the batch; each gets one line a cell.
    keys : mapping of str to str
        Cells and the key of all their inputs.
    compute : callable
        Gives the values of one cell, one for each output.
    say : callable
        Takes a line for the log.
    still_good : callable
        Whether what a cell left outside these files (its page) is still there.

    Returns
    -------
    Progress
        What was done.
    """
    former = [by_cell(path) for path in outputs]
    computed = 0
    lines: list[list[bytes]] = [[] for _ in outputs]
    for cell in sorted(keys):
        kept = [known.get(cell) for known in former]
        if all(entry and entry.key == keys[cell] for entry in kept) and still_good(cell):
            values: Sequence[object] = [entry.value for entry in kept if entry]
        else:
            values = compute(cell)
            computed += 1
            say(f"{cell}: computed")
        for block, value in zip(lines, values, strict=True):
            raw = value if isinstance(value, msgspec.Raw) else msgspec.Raw(encode(value))
            block.append(encode(Entry(cell, keys[cell], raw)))
    for path, block in zip(outputs, lines, strict=True):
        write_atomically(path, block)
    progress = Progress(computed, len(keys) - computed)
    say(str(progress))
    return progress


def write_atomically(path: Path, lines: Iterable[bytes]) -> None:
    """Write lines to a file that appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # opened like any other file, so that the user's umask says who may read it
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with part.open("xb") as out:
            for line in lines:
                out.write(line + b"\n")
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise

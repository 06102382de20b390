"""What a PatchMaster bundle says of a series that the reader passes over: thermometer and texts.

A bundle begins with a list of its parts; the part ``.pul`` is a tree of records (root, group,
series, sweep, trace), each followed by the number of its children.
"""

from __future__ import annotations

import struct
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from permeant.recording.temperature import Told

_ITEMS, _ITEM = 12, struct.Struct("<ii8s")
_FIRST_ITEM = 64
_TEMPERATURE = 96
_TEXTS = {0: (120, 400, "text of the file"), 1: (36, 80, "text of the group"),
          2: (36, 80, "comment of the series")}  # fmt: skip
_SWEEP = 3
MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class HekaNotes:
    """Thermometer readings of the sweeps in °C, as stored, and texts by what they are."""

    sweeps_c: tuple[float, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()

    @property
    def told(self) -> list[Told]:
        """The median reading; an unconnected input stands near zero and is sorted out later."""
        if not self.sweeps_c:
            return []
        middle = sorted(self.sweeps_c)[len(self.sweeps_c) // 2]
        return [Told(round(middle, 1), "temperature field of the sweeps")]


def read_heka_notes(path: Path, number: str) -> HekaNotes:
    """Return what a file says of a series; nothing where it is not as expected.

    Parameters
    ----------
    path : Path
        A PatchMaster bundle.
    number : str
        Group and series, counted from 1: ``1.3``.
    """
    wanted = tuple(int(part) for part in number.split("."))
    try:
        with path.open("rb") as stream:
            data, order = _pulsed_tree(stream)
        return _gather(data, order, wanted)
    except (struct.error, ValueError, IndexError):
        return HekaNotes()


def _pulsed_tree(stream: BinaryIO) -> tuple[bytes, str]:
    """Return the tree of records, and the order of its bytes."""
    head = stream.read(_FIRST_ITEM + _ITEMS * _ITEM.size)
    order = "<" if head[52] else ">"
    for k in range(_ITEMS):
        start, length, suffix = struct.unpack_from(
            f"{order}ii8s", head, _FIRST_ITEM + k * _ITEM.size
        )
        if suffix.startswith(b".pul"):
            if not 0 < length <= MOST_BYTES:
                raise ValueError(f"a tree of {length} bytes")
            stream.seek(start)
            data = stream.read(length)
            return data, "<" if data[:4] == b"eerT" else ">"
    raise ValueError("no part .pul")


def _gather(data: bytes, order: str, wanted: tuple[int, ...]) -> HekaNotes:
    (levels,) = struct.unpack_from(f"{order}i", data, 4)
    if not _SWEEP < levels <= 8:
        raise ValueError(f"{levels} levels")
    sizes = struct.unpack_from(f"{order}{levels}i", data, 8)
    if min(sizes) < 0:
        raise ValueError(f"records of {min(sizes)} bytes")
    sweeps, texts = [], []
    for place, at in _walk(data, order, sizes, 8 + 4 * levels, ()):
        if place[: len(wanted)] != wanted[: len(place)]:
            continue
        level = len(place)
        if level in _TEXTS:
            offset, length, what = _TEXTS[level]
            raw = data[at + offset : at + min(offset + length, sizes[level])].split(b"\0")[0]
            texts.append((what, raw.decode("latin-1").strip()))
        elif level == _SWEEP:
            sweeps.append(struct.unpack_from(f"{order}d", data, at + _TEMPERATURE)[0])
    return HekaNotes(tuple(sweeps), tuple((what, text) for what, text in texts if text))


def _walk(
    data: bytes, order: str, sizes: tuple[int, ...], at: int, place: tuple[int, ...]
) -> Generator[tuple[tuple[int, ...], int], None, int]:
    """Yield the place in the tree and in the bytes of every record; return where it ends."""
    yield place, at
    at += sizes[len(place)]
    (children,) = struct.unpack_from(f"{order}i", data, at)
    at += 4
    for number in range(1, children + 1):
        at = yield from _walk(data, order, sizes, at, (*place, number))
    return at

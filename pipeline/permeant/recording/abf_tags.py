"""Remarks that were set while an ABF file was recorded."""

from __future__ import annotations

import struct

from permeant.recording.abf_header import decode_text
from permeant.records import Tag

TAG_BYTES = 64
MOST_TAGS = 10_000
_KINDS = {0: "time", 1: "comment", 2: "external"}


def read_tags(data: bytes, start: int, count: int) -> tuple[tuple[int, str], ...]:
    """Return time and text of every tag, times in the unit of the table of sweeps.

    Parameters
    ----------
    data : bytes
        The file.
    start, count : int
        Where the table of tags lies, and how many it holds.

    Returns
    -------
    tuple of (time, text)
        Nothing where the table is cut off.  Tags without a text are called by their kind;
        marks of voice and of pauses are no remarks on the recording.
    """
    if not 0 < count <= MOST_TAGS or start <= 0 or start + TAG_BYTES * count > len(data):
        return ()
    tags = []
    for number in range(count):
        time, comment, kind, _ = struct.unpack_from("<i56shh", data, start + TAG_BYTES * number)
        if kind in _KINDS and time >= 0:
            tags.append((time, decode_text(comment) or _KINDS[kind]))
    return tuple(tags)


def place_tags(tags: tuple[tuple[int, str], ...], unit_s: float) -> tuple[Tag, ...]:
    """Put tags on the clock of the sweeps' starts, gaps between the sweeps included."""
    placed = [Tag(time * unit_s, text) for time, text in tags]
    return tuple(sorted(placed, key=lambda tag: tag.time_s))

"""What must hold of a Spike2 file before neo walks through its blocks.

neo follows the chain of blocks as it stands and gives what lies there; a damaged chain would give
samples of another channel.
"""

from __future__ import annotations

import struct
from pathlib import Path

from permeant.errors import RecordingError

HEADER = 512
CHANNEL = 140
COMMENT = 80
_BLOCK = struct.Struct("<4i2h")


def check_spike2(path: Path, shown_as: str) -> None:
    """Raise where the chain of blocks of a channel does not lead through its own blocks."""
    data = path.read_bytes()
    (system,) = struct.unpack_from("<h", data, 0)
    (n_channels,) = struct.unpack_from("<h", data, 30)
    unit = 512 if system == 9 else 1
    if not 1 <= n_channels <= 1000 or len(data) < HEADER + CHANNEL * n_channels:
        raise RecordingError(
            "file_unreadable", f"{shown_as}: a Spike2 file with {n_channels} channels is damaged"
        )
    for number in range(n_channels):
        at = HEADER + CHANNEL * number
        (first,) = struct.unpack_from("<i", data, at + 6)
        (blocks,) = struct.unpack_from("<h", data, at + 14)
        kind = data[at + 122]
        if kind not in {1, 9}:
            continue
        _follow(data, shown_as, number, first * unit, blocks, unit, 2 if kind == 1 else 4)


def read_comments(path: Path) -> list[tuple[str, str]]:
    """Return the five comments of the file: the last 400 bytes of its header, length then text.

    neo takes them from five bytes too early.
    """
    with path.open("rb") as stream:
        head = stream.read(HEADER)
    lines = [head[at : at + COMMENT] for at in range(HEADER - 5 * COMMENT, HEADER, COMMENT)]
    return [
        (f"comment {number}", line[1 : 1 + line[0]].decode("latin-1"))
        for number, line in enumerate(lines, start=1)
        if line and 0 < line[0] < COMMENT
    ]


def _follow(  # noqa: PLR0917 - a chain and what it is made of
    data: bytes, shown_as: str, number: int, place: int, blocks: int, unit: int, width: int
) -> None:
    ended = -1
    for block in range(blocks):
        sound = 0 < place <= len(data) - _BLOCK.size
        if sound:
            _, after, start, end, channel, items = _BLOCK.unpack_from(data, place)
            sound = (
                channel == number + 1
                and ended < start <= end
                and 0 < items * width <= len(data) - place - _BLOCK.size
            )
        if not sound:
            raise RecordingError(
                "file_unreadable",
                f"{shown_as}: block {block + 1} of channel {number + 1} is not where the file says "
                "or is not that channel's; the file is damaged: copy it again from its source",
            )
        ended, place = end, after * unit

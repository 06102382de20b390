"""Doors to files: whatever the format, the same :class:`~permeant.records.Recording`.

Only this package knows the libraries that read recordings, and it loads them when a file needs
them.
"""

from __future__ import annotations

from pathlib import Path

from permeant.recording.command import Wishes
from permeant.recording.doors import open_here
from permeant.recording.files import ABF, HEAD_BYTES, read_recording_bytes, recognise
from permeant.recording.waveform import render_command
from permeant.records import Recording

__all__ = ["open_recording", "render_command"]


def open_recording(
    path: Path,
    *,
    shown_as: str = "",
    current_channel: str | None = None,
    command_channel: str | None = None,
    command_offset_mv: float | None = None,
    series: str | None = None,
    text_columns: str | None = None,
) -> Recording:
    """Open a recording: its current, its command, and what is known about both.

    Parameters
    ----------
    path : Path
        The file; its content decides what it is, its name only where that says nothing.
    shown_as : str, optional
        How messages and provenance name it; default ``path`` as given.
    current_channel, command_channel : str, optional
        Name or number (from 0) of the channel, where the default would not do.
    command_offset_mv : float, optional
        Amplifier holding to add to a command that the header gives relative to it.
    series : str, optional
        Which recording, of a file that holds several: its name or number, as the refusal of a
        file that holds several lists them.
    text_columns : str, optional
        What the columns of a text table hold, where its header does not say so.

    Returns
    -------
    Recording
        What was recorded.  Where the command is unknown a finding ``command_unknown`` of
        severity ``error`` says so, and the segments are no more than a placeholder.

    Raises
    ------
    RecordingError
        Where the file cannot be read or is no voltage clamp; ``code`` says which.

    Notes
    -----
    ABF files are read in this process: their headers are held against the size of the file
    before a library sees them.  All others are read in a worker (:mod:`.guard`).
    """
    path = Path(path)
    shown_as = shown_as or str(path)
    head = read_recording_bytes(path, shown_as, HEAD_BYTES)
    known = recognise(head, path.stat().st_size, path, shown_as)
    wishes = Wishes(current_channel, command_channel, command_offset_mv, series, text_columns)
    if known is ABF:
        return open_here(path, known, shown_as, wishes)
    from permeant.recording.guard import open_guarded  # noqa: PLC0415

    return open_guarded(path, known, shown_as, wishes)

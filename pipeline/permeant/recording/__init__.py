"""Doors to files: whatever the format, the same :class:`~permeant.records.Recording`.

Only this package knows the libraries that read recordings, and it loads them when a file needs
them.
"""

from __future__ import annotations

from pathlib import Path

from permeant.errors import RecordingError
from permeant.recording.abf import Wishes, open_abf
from permeant.recording.files import read_recording_bytes, recognise
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
) -> Recording:
    """Open a recording: its current, its command, and what is known about both.

    Parameters
    ----------
    path : Path
        The file; its content decides what it is, not its name.
    shown_as : str, optional
        How messages and provenance name it; default ``path`` as given.
    current_channel, command_channel : str, optional
        Name or number (from 0) of the channel, where the default would not do.
    command_offset_mv : float, optional
        Amplifier holding to add to a command that the header gives relative to it.

    Returns
    -------
    Recording
        What was recorded.  Where the command is unknown a finding ``command_unknown`` of
        severity ``error`` says so, and the segments are no more than a placeholder.

    Raises
    ------
    RecordingError
        Where the file cannot be read or is no voltage clamp; ``code`` says which.
    """
    shown_as = shown_as or str(path)
    data = read_recording_bytes(Path(path), shown_as)
    recognise(data, Path(path), shown_as)
    wishes = Wishes(current_channel, command_channel, command_offset_mv)
    try:
        return open_abf(Path(path), data, shown_as, wishes)
    except RecordingError:
        raise
    except Exception as error:
        # Whatever a damaged header makes a parser do must cost this recording only.
        raise RecordingError(
            "file_unreadable",
            f"{shown_as}: the header cannot be made sense of ({type(error).__name__}: {error}); "
            "the file is damaged: copy it again from its source",
        ) from error

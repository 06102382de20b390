"""One door a format: which module reads what, and what it needs to be installed.

The modules are imported when the first file of their format is opened, since the libraries
behind them take up to a second to load.
"""

from __future__ import annotations

from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from permeant.errors import RecordingError
from permeant.recording.command import Wishes
from permeant.recording.contents import Contents
from permeant.recording.files import ABF, Format, read_recording_bytes
from permeant.records import Recording

# Door, the library it needs beyond what is always there, and the extra that installs it.
NEEDED = {
    "heka": ("myokit", "heka"),
    "hdf5": ("h5py", "nwb"),
    "igor": ("igor2", "igor"),
}

READERS = {"heka": "myokit", "hdf5": "h5py", "igor": "igor2", "text": "permeant"}
"""The distribution that reads for a door, where it is not neo."""


def open_here(path: Path, known: Format, shown_as: str, wishes: Wishes) -> Recording:
    """Open a file in this process.

    Raises
    ------
    RecordingError
        Where the file cannot be read, whatever a damaged one makes its reader do.
    """
    try:
        if known is ABF:
            from permeant.recording.abf import open_abf  # noqa: PLC0415

            return open_abf(path, read_recording_bytes(path, shown_as), shown_as, wishes)
        from permeant.recording.assemble import assemble  # noqa: PLC0415

        return assemble(path, _read(path, known, shown_as, wishes), shown_as, wishes)
    except RecordingError:
        raise
    except MemoryError as error:
        raise RecordingError(
            "file_unreadable",
            f"{shown_as}: reading it takes more memory than such a file can need; its header is "
            "damaged: copy it again from its source",
        ) from error
    except Exception as error:
        # Whatever a damaged header makes a parser do must cost this recording only.
        raise RecordingError(
            "file_unreadable",
            f"{shown_as}: the file cannot be made sense of as {known.title} "
            f"({type(error).__name__}: {_brief(error)}); it is damaged or a variant that the "
            "reader does not know: copy it again from its source, or export it as text",
        ) from error


def _brief(error: Exception) -> str:
    """Return what an error says in one line of reasonable length."""
    text = " ".join(str(error).split())
    return text if len(text) <= 200 else f"{text[:200]}…"


def _read(path: Path, known: Format, shown_as: str, wishes: Wishes) -> Contents:
    refuse_missing_library(known.door, known.title, shown_as)
    match known.door:
        case "heka":
            from permeant.recording.heka import read_heka  # noqa: PLC0415

            return read_heka(path, shown_as, wishes)
        case "hdf5":
            from permeant.recording.hdf5 import read_hdf5  # noqa: PLC0415

            return read_hdf5(path, shown_as, wishes)
        case "igor":
            from permeant.recording.igor import read_igor  # noqa: PLC0415

            return read_igor(path, shown_as, wishes)
        case "text":
            from permeant.recording.text import read_text  # noqa: PLC0415

            return read_text(path, shown_as, wishes)
        case _:
            from permeant.recording.neo_raw import read_neo_raw  # noqa: PLC0415

            return read_neo_raw(path, known, shown_as)


def refuse_missing_library(door: str, title: str, shown_as: str) -> None:
    """Say what to install where the library of a door is absent."""
    if door not in NEEDED:
        return
    library, extra = NEEDED[door]
    if find_spec(library) is None:
        raise RecordingError(
            "reader_missing",
            f"{shown_as}: {title} files are read by {library}, which is not installed; install "
            f'it with: pip install "permeant[{extra}]"',
        )


def preload(path: Path, known: Format) -> None:
    """Import what the door of a format needs, so that copies of this process have it.

    A library that is absent is passed over here; the door says so when the file is read.
    """
    try:
        match known.door:
            case "heka":
                from permeant.recording.heka import import_reader  # noqa: PLC0415

                import_reader()
            case "hdf5":
                import h5py  # noqa: F401, PLC0415

                from permeant.recording import nwb, stimfit  # noqa: F401, PLC0415

                if path.suffix.casefold() == ".nix":
                    from permeant.recording.nix import import_reader as import_nix  # noqa: PLC0415

                    import_nix()
            case "igor":
                import igor2  # noqa: F401, PLC0415

                from permeant.recording.igor import import_reader as import_igor  # noqa: PLC0415

                import_igor()
            case "text":
                from permeant.recording import text  # noqa: F401, PLC0415
            case _:
                from permeant.recording.neo_raw import import_reader as import_raw  # noqa: PLC0415

                import_raw(known.door)
    except ImportError:
        return
    # what np.median and dates in headers import when they are first asked for
    import numpy.ma  # noqa: F401, PLC0415

    from permeant.recording import assemble  # noqa: F401, PLC0415
    from permeant.recording.provenance import version_of  # noqa: PLC0415

    datetime.strptime("2000", "%Y")
    version_of(READERS.get(known.door, "neo"))  # found out once, not in every copy

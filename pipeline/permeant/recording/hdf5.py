"""HDF5 files: which of the formats that use them one is, and the door to each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from permeant.errors import RecordingError
from permeant.recording.command import Wishes
from permeant.recording.contents import Contents


def read_hdf5(path: Path, shown_as: str, wishes: Wishes) -> Contents:
    """Read an HDF5 file of whichever format it is.

    Raises
    ------
    RecordingError
        Where it is none that can be read; ``code`` says which kind of trouble.
    """
    import h5py  # noqa: PLC0415

    try:
        with h5py.File(path, "r") as file:
            kind = _kind(file)
            if kind == "nwb":
                from permeant.recording.nwb import read_nwb  # noqa: PLC0415

                return read_nwb(file, shown_as, wishes)
            if kind == "stimfit":
                from permeant.recording.stimfit import read_stimfit  # noqa: PLC0415

                return read_stimfit(file, shown_as)
            held = ", ".join(sorted(map(str, file))[:12]) or "nothing"
    except OSError as error:
        raise RecordingError(
            "file_unreadable",
            f"{shown_as}: the file cannot be read as HDF5 ({error}); it is cut off or damaged: "
            "copy it again from its source",
        ) from error
    if kind == "nix":
        from permeant.recording.nix import read_nix  # noqa: PLC0415

        return read_nix(path, shown_as, wishes)
    raise RecordingError(
        "format_not_supported",
        f"{shown_as}: an HDF5 file, but neither NWB, NIX nor Stimfit (it holds {held}); convert "
        "it to NWB, or export the recording as text",
    )


def _kind(file: Any) -> str:
    if "nwb_version" in file.attrs or "nwb_version" in file:
        return "nwb"
    if word_of(file.attrs.get("format", "")) == "nix":
        return "nix"
    return "stimfit" if "channels" in file and "description" in file else ""


def word_of(value: Any) -> str:
    """Return text of an HDF5 file, whichever way it is stored."""
    while (
        hasattr(value, "shape") and getattr(value, "size", 0) == 1 and not hasattr(value, "decode")
    ):
        value = value.item() if hasattr(value, "item") else value[()]
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace").rstrip("\0")
    return str(value)

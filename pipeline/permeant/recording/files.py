"""Whether a file can be read at all, and what it is: by its content, not by its name."""

from __future__ import annotations

from pathlib import Path

from permeant.errors import RecordingError

ALLOWED = "ABF files (versions 1 and 2) can be read"
# The shortest header: ABF1's is 2048 bytes, ABF2's table of sections ends at 364.
SHORTEST_HEADER = {b"ABF ": 2048, b"ABF2": 512}
FOREIGN_EXTENSIONS = {
    ".nwb": "NWB",
    ".dat": "HEKA PatchMaster",
    ".wcp": "WinWCP",
    ".h5": "HDF5",
    ".ibw": "Igor",
    ".pxp": "Igor",
    ".smr": "Spike2",
    ".smrx": "Spike2",
    ".cfs": "CFS",
    ".csv": "CSV text",
    ".atf": "Axon text",
    ".txt": "text",
    ".mat": "MATLAB",
    ".axgx": "AxoGraph",
    ".axgd": "AxoGraph",
}
FOREIGN_STARTS = {
    b"\x89HDF": "an HDF5 file (NWB perhaps)",
    b"DAT1": "a HEKA file",
    b"DAT2": "a HEKA file",
    b"ATF": "an Axon text file",
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"MATLAB": "a MATLAB file",
    b"AxGr": "an AxoGraph file",
    b"axgx": "an AxoGraph file",
    b"version https://git-lfs": "a Git LFS pointer: the recording itself was never downloaded",
}


def read_recording_bytes(path: Path, shown_as: str) -> bytes:
    """Return the bytes of a file, or say why there are none."""
    if path.is_dir():
        raise RecordingError(
            "file_missing", f"{shown_as}: is a folder, not a recording; name the file in it"
        )
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise RecordingError(
            "file_missing",
            f"{shown_as}: there is no such file; paths count from the project folder, and "
            "capital letters matter",
        ) from None
    except OSError as error:
        raise RecordingError(
            "file_unreadable",
            f"{shown_as}: the file cannot be opened ({error.strerror or error}); check its "
            "permissions and the disk",
        ) from error
    if not data:
        raise RecordingError(
            "file_empty", f"{shown_as}: the file is empty (0 bytes); copy it again from its source"
        )
    return data


def recognise(data: bytes, path: Path, shown_as: str) -> None:
    """Make sure that the bytes are those of a format that can be read."""
    magic = data[:4]
    if magic in SHORTEST_HEADER:
        if len(data) < SHORTEST_HEADER[magic]:
            raise RecordingError(
                "file_truncated",
                f"{shown_as}: begins as an ABF file but ends after {len(data)} bytes, within its "
                "header; copy it again from its source",
            )
        return
    suffix = path.suffix.casefold()
    if suffix in FOREIGN_EXTENSIONS:
        raise RecordingError(
            "format_not_supported",
            f"{shown_as}: {FOREIGN_EXTENSIONS[suffix]} files cannot be read; {ALLOWED}: "
            "convert it, or leave the row out",
        )
    raise RecordingError(
        "file_foreign" if suffix == ".abf" else "format_not_supported",
        f"{shown_as}: is no ABF file although its row says it is a recording: it begins with "
        f"{_describe(data)}; {ALLOWED}",
    )


def _describe(data: bytes) -> str:
    for start, what in FOREIGN_STARTS.items():
        if data.startswith(start):
            return f"{data[:4]!r}, as {what}"
    if not any(data[:512]):
        return "nothing but zeros"
    head = data[:64]
    if all(byte in b"\t\n\r" or 32 <= byte < 127 for byte in head):
        return f"text: {head[:32].decode('ascii')!r}"
    return f"the bytes {head[:4].hex(' ')}"

"""Whether a file can be read at all, and what it is: by its content, then by its name."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import NamedTuple

from permeant.errors import RecordingError

# The shortest header: ABF1's is 2048 bytes, ABF2's table of sections ends at 364.
SHORTEST_HEADER = {b"ABF ": 2048, b"ABF2": 512}
HEAD_BYTES = 4096


class Format(NamedTuple):
    """A format that can be read: the name of its door, and how messages call it."""

    door: str
    title: str


ABF = Format("abf", "ABF")
HEKA = Format("heka", "HEKA PatchMaster")
HDF5 = Format("hdf5", "HDF5")
WINWCP = Format("winwcp", "WinWCP")
AXOGRAPH = Format("axograph", "AxoGraph")
SPIKE2 = Format("spike2", "Spike2")
IGOR = Format("igor", "Igor")
TEXT = Format("text", "text table")
ATF = Format("text", "Axon text")

ALLOWED = (
    "ABF, HEKA PatchMaster (.dat), NWB, NIX, Stimfit (HDF5), WinWCP, AxoGraph, Igor (.ibw, .pxp), "
    "Spike2 (.smr), ATF and CSV files can be read"
)
BY_START = {
    b"ABF ": ABF,
    b"ABF2": ABF,
    b"DAT1": HEKA,
    b"DAT2": HEKA,
    b"DATA": HEKA,
    b"\x89HDF": HDF5,
    b"VER=": WINWCP,
    b"AxGr": AXOGRAPH,
    b"axgx": AXOGRAPH,
    b"ATF\t": ATF,
    b"ATF ": ATF,
}
BY_SUFFIX = {
    ".wcp": WINWCP,
    ".ibw": IGOR,
    ".pxp": IGOR,
    ".smr": SPIKE2,
    ".csv": TEXT,
    ".tsv": TEXT,
    ".txt": TEXT,
    ".atf": ATF,
}
CED = b"(C) CED 87"
"""Stands behind the version number at the start of every .smr file."""
NOT_READ = {
    ".smrx": "64-bit Spike2 files need a closed library of the maker; export the recording as .smr",
    ".cfs": "CFS files have no maintained reader; export the recording as ABF or text",
    ".mat": "MATLAB files have no agreed place for current and command; export them as CSV",
    ".xls": "a workbook is no recording; save its sheet as CSV",
    ".xlsx": "a workbook is no recording; save its sheet as CSV",
    ".zip": "take the recording out of the archive",
}
_NOT_ON_DISK = {("proc",), ("sys",), ("dev",)}
# ABF, HEKA, NWB and the others have starts of their own; a file that lacks its own is another.
OWN_STARTS = {
    ".abf": "ABF",
    ".dat": "HEKA PatchMaster",
    ".nwb": "NWB",
    ".h5": "HDF5",
    ".hdf5": "HDF5",
    ".nix": "NIX",
    ".axgx": "AxoGraph",
    ".axgd": "AxoGraph",
    ".smr": "Spike2",
    ".wcp": "WinWCP",
}
FOREIGN_STARTS = {
    b"\x89HDF": "an HDF5 file (NWB perhaps)",
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"MATLAB": "a MATLAB file",
    b"version https://git-lfs": "a Git LFS pointer: the recording itself was never downloaded",
}


def is_endless(path: Path) -> bool:
    """Whether reading could wait or go on for ever: a pipe, a device, what the system shows.

    Raises
    ------
    OSError, ValueError
        Where there can be no file of that name.
    """
    if not path.exists() or path.is_dir():
        return False
    return not path.is_file() or path.resolve().parts[1:2] in _NOT_ON_DISK


def read_recording_bytes(path: Path, shown_as: str, most: int = -1) -> bytes:
    """Return the bytes of a file, or its first ones, or say why there are none."""
    try:
        if path.is_dir():
            raise RecordingError(
                "file_missing", f"{shown_as}: is a folder, not a recording; name the file in it"
            )
        if is_endless(path):
            raise RecordingError(
                "file_unreadable",
                f"{shown_as}: is a pipe or a device, not a recording; name a file",
            )
        with path.open("rb") as stream:
            data = stream.read(most)
    except FileNotFoundError:
        raise RecordingError(
            "file_missing",
            f"{shown_as}: there is no such file{_say_alike(path)}; paths count from the project "
            "folder, and capital letters matter",
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RecordingError(
            "file_unreadable",
            f"{shown_as}: the file cannot be opened ({reason}); check its permissions and the disk",
        ) from error
    if not data:
        raise RecordingError(
            "file_empty", f"{shown_as}: the file is empty (0 bytes); copy it again from its source"
        )
    return data


def _say_alike(path: Path) -> str:
    """Name a file beside a missing one whose name differs only in capitals or accents."""
    wanted = unicodedata.normalize("NFC", path.name)
    try:
        there = sorted(os.listdir(path.parent))  # noqa: PTH208 - names alone
    except OSError:
        return ""
    for name in there:
        composed = unicodedata.normalize("NFC", name)
        if composed == wanted != path.name or composed == wanted != name:
            return (
                ", but one whose name looks the same in another spelling of its accents (a Mac "
                "writes é as e and an accent): copy the name from the list of the folder"
            )
        if composed.casefold() == wanted.casefold():
            return f", but {name!r} beside it"
    return ""


def recognise(head: bytes, size: int, path: Path, shown_as: str) -> Format:
    """Say which format a file has.

    Parameters
    ----------
    head : bytes
        Its first bytes.
    size : int
        Its size in bytes.
    path : Path
        Its name decides between formats whose content says nothing.
    shown_as : str
        How messages name it.

    Raises
    ------
    RecordingError
        Where the format cannot be read, or the file is none of what its name says.
    """
    magic = head[:4]
    if magic in SHORTEST_HEADER and size < SHORTEST_HEADER[magic]:
        raise RecordingError(
            "file_truncated",
            f"{shown_as}: begins as an ABF file but ends after {size} bytes, within its "
            "header; copy it again from its source",
        )
    suffix = _suffix(path)
    known = BY_START.get(magic) or (SPIKE2 if CED in head[:24] else None)
    if known is None and not _is_elsewhere(head):
        known = None if suffix in OWN_STARTS else _by_name(head, suffix)
    if known is not None:
        return known
    if suffix in NOT_READ:
        raise RecordingError("format_not_supported", f"{shown_as}: {NOT_READ[suffix]} ({ALLOWED})")
    if suffix in OWN_STARTS:
        raise RecordingError(
            "file_foreign",
            f"{shown_as}: is no {OWN_STARTS[suffix]} file although its name says so: it begins "
            f"with {_describe(head)}; {ALLOWED}",
        )
    raise RecordingError(
        "format_not_supported",
        f"{shown_as}: the format is not known: the file begins with {_describe(head)}; {ALLOWED}",
    )


def _suffix(path: Path) -> str:
    """Return the ending that tells the format, without that of the compression."""
    suffixes = [suffix.casefold() for suffix in path.suffixes]
    if suffixes[-1:] == [".gz"]:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _by_name(head: bytes, suffix: str) -> Format | None:
    known = BY_SUFFIX.get(suffix)
    if known in (TEXT, ATF) and not (head.startswith(b"\x1f\x8b") or _is_text(head)):
        return None
    return known


def _is_text(head: bytes) -> bool:
    """Whether bytes are those of a table in text: no NUL unless they are of UTF-16."""
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or (b"\0" not in head and any(head))


def _is_elsewhere(head: bytes) -> bool:
    """Whether a file is only the pointer to one."""
    return head.startswith(b"version https://git-lfs")


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

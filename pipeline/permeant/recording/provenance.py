"""Where the samples come from."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from permeant.records import Provenance

if TYPE_CHECKING:
    from permeant.recording.abf_header import AbfHeader

SIMULATED = "simulated by permeant"


def describe_abf(header: AbfHeader, data: bytes, shown_as: str) -> Provenance:
    """Return the provenance of an ABF file from its header and its bytes."""
    return Provenance(
        file=shown_as,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        reader="neo",
        reader_version=version_of("neo"),
        format=f"ABF {header.version}",
        acquired=header.acquired,
        protocol=header.protocol,
        comment=header.comment,
        simulated=header.comment.casefold().startswith(SIMULATED),
    )


def describe_file(
    path: Path, shown_as: str, *, reader: str, format_name: str, **known: str | None
) -> Provenance:
    """Return the provenance of a file of any format.

    Parameters
    ----------
    path : Path
        The file.
    shown_as : str
        How messages name it.
    reader : str
        The distribution whose code read it; ``permeant`` where none was needed.
    format_name : str
        The format, with its version where the file has one.
    **known : str or None
        What the file says of itself: ``acquired``, ``protocol``, ``comment``.
    """
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    said = {name: text for name, text in known.items() if text}
    return Provenance(
        file=shown_as,
        sha256=digest,
        size_bytes=path.stat().st_size,
        reader=reader,
        reader_version=version_of(reader),
        format=format_name,
        simulated=said.get("comment", "").casefold().startswith(SIMULATED),
        **said,
    )


@cache
def version_of(distribution: str) -> str:
    """Return a library's version; asking the package database costs a millisecond, so once."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"

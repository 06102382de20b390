"""Where the samples come from."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
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
        reader_version=_neo_version(),
        format=f"ABF {header.version}",
        acquired=header.acquired,
        protocol=header.protocol,
        comment=header.comment,
        simulated=header.comment.casefold().startswith(SIMULATED),
    )


@cache
def _neo_version() -> str:
    """Return neo's version; asking the package database costs a millisecond, so once."""
    try:
        return version("neo")
    except PackageNotFoundError:
        return "unknown"

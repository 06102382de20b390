"""The files that pages share: found in the package, written once beside the pages."""

from __future__ import annotations

import secrets
from functools import cache
from importlib.resources import files
from pathlib import Path

PLOTLY_NAME = "plotly.min.js"


@cache
def asset_text(name: str) -> str:
    """Return a style sheet or a script of this package."""
    return (files("permeant.report") / "assets" / name).read_text(encoding="utf-8")


@cache
def plotly_text() -> str:
    """Return plotly.js as the plotly package brings it (about 5 MB)."""
    from plotly.offline import get_plotlyjs  # noqa: PLC0415 - costs what few jobs need

    return str(get_plotlyjs())


def write_assets(folder: str | Path) -> list[Path]:
    """Write what pages share into ``folder``; a file that is right already stays untouched.

    Returns the files that were written.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / PLOTLY_NAME
    content = plotly_text().encode()
    if target.exists() and target.read_bytes() == content:
        return []
    # a name of its own: several jobs may write the same file at the same moment
    part = folder / f".{PLOTLY_NAME}.{secrets.token_hex(4)}"
    try:
        with part.open("xb") as stream:
            stream.write(content)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return [target]

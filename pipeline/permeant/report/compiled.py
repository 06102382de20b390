"""Compiled templates, kept for the next job: compiling takes as long as twenty pages.

Loaded with jinja2, when the first page is written.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import jinja2
from jinja2 import FileSystemBytecodeCache

from permeant import __version__

if TYPE_CHECKING:
    from jinja2.bccache import Bucket


class _Kept(FileSystemBytecodeCache):
    """Keeps what it can: a page does not fail because the place for temporary files is full."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def kept_templates() -> FileSystemBytecodeCache | None:
    """Return the place that jinja2 keeps for this user alone; None where there is none.

    A template that was edited is compiled anew.
    """
    try:
        return _Kept(pattern=f"permeant-{__version__}-{jinja2.__version__}-%s.cache")
    except (OSError, RuntimeError):
        return None

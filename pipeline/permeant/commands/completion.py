"""``permeant completion``: the script that a shell needs to complete commands and options."""

from __future__ import annotations

import argparse

from permeant.errors import PermeantError


def run(arguments: argparse.Namespace) -> int:
    """Print the script of a shell."""
    try:
        from argcomplete.shell_integration import shellcode  # noqa: PLC0415  (an extra)
    except ImportError:
        raise PermeantError(
            'completion needs argcomplete; install it with: pip install "permeant[completion]"'
        ) from None
    print(shellcode(["permeant"], shell=arguments.shell))
    return 0

"""A parser of command lines that says in a sentence what is wrong, with the nearest word."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from permeant.errors import did_you_mean


class PlainParser(argparse.ArgumentParser):
    """``argparse`` without its usage block in front of every mistake.

    A wrong word is answered with the nearest that is known, an option that belongs to no command
    by the command that was called; the exit status of every mistake is 2.
    """

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse; a word too many is said here, where the command's own options are known."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(self.say_unknown(unknown[0]))
        return found, unknown

    def say_unknown(self, word: str) -> str:
        """Return what is wrong with a word that nothing asked for."""
        if word.startswith("-"):
            known = [option for action in self._actions for option in action.option_strings]
            return f"{word!r} is no option here.{did_you_mean(word.partition('=')[0], known)}"
        return f"{word!r} is one word too many; a name with spaces needs quotation marks"

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuse what is not among the choices; called by argparse."""
        if action.choices is None or value in action.choices:
            return
        choices = [str(choice) for choice in action.choices]
        nearest = did_you_mean(str(value), choices)
        allowed = "" if nearest and len(choices) > 6 else f" Known are: {', '.join(choices)}."
        spelled = "/".join(action.option_strings) or str(action.metavar or action.dest).upper()
        raise argparse.ArgumentError(None, f"{value!r} is no {spelled}.{nearest}{allowed}")

    def error(self, message: str) -> NoReturn:
        """Say in one sentence what is wrong, and end with status 2."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")

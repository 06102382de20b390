"""How trouble is said: where, what was seen, what is allowed, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class PermeantError(Exception):
    """Base of every error that this package raises on purpose."""


class RecordingError(PermeantError):
    """A recording that cannot be read or measured; ``code`` names the kind of trouble."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ProjectError(PermeantError):
    """All mistakes of a project, reported together."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        count = len(self.mistakes)
        head = f"{count} mistake{'' if count == 1 else 's'} in the project; nothing was run:"
        super().__init__("\n".join([head, *(f"  - {mistake}" for mistake in self.mistakes)]))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` with the nearest known words, or an empty string."""
    by_folded = {name.casefold(): name for name in known}
    nearest = get_close_matches(word.casefold(), by_folded, n=3, cutoff=0.6)
    if not nearest:
        return ""
    return f" Did you mean {' or '.join(repr(by_folded[name]) for name in nearest)}?"

"""Small words that several commands say alike."""

from __future__ import annotations

from pathlib import Path


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 cell``, ``3 cells``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def typed(folder: Path) -> str:
    """Return a folder as it can be typed behind a command, in quotation marks where needed."""
    text = str(folder)
    return f'"{text}"' if " " in text else text

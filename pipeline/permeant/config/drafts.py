"""A row of the sheet while it is being checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class Draft:
    """The values of a row, which of them the row itself gave, and which were refused."""

    number: int
    where: str
    values: dict[str, Any]
    given: frozenset[str]
    bad: set[str]

    @property
    def sound(self) -> bool:
        """Whether nothing in the row was refused."""
        return not self.bad

    def has(self, name: str) -> bool:
        """Whether a column was given in the row and could be read."""
        return name in self.given and name not in self.bad

    def refuse(self, name: str, sentence: str, mistakes: list[str]) -> None:
        """Note a mistake and mark the column as unusable."""
        mistakes.append(self.where + sentence)
        self.bad.add(name)

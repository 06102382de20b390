"""A column of a table: what it is called and what it means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column of one table."""

    name: str
    unit: str
    description: str

"""Current–voltage curves the size of a word, for the table of cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from permeant.report.summary import CellSummary

MOST_CELLS = 2000
"""Of more cells the page would get too big, and nobody looks at so many pictures."""

_WIDE, _HIGH, _EDGE = 72.0, 36.0, 2.0


@dataclass(frozen=True)
class Thumbnail:
    """A polyline in a box of 72 by 36, and where its axes cross it."""

    points: str
    zero_x: str | None
    zero_y: str | None


def thumbnails(cells: Sequence[CellSummary]) -> dict[str, Thumbnail]:
    """Return the picture of each cell that has a curve; none where there are too many cells."""
    if len(cells) > MOST_CELLS:
        return {}
    return {one.cell: _draw(one.thumbnail) for one in cells if len(one.thumbnail) > 1}


def _draw(points: Sequence[tuple[float, float]]) -> Thumbnail:
    volts, currents = [v for v, _ in points], [i for _, i in points]
    x = _Scale(min(volts), max(volts), _WIDE)
    y = _Scale(min(*currents, 0.0), max(*currents, 0.0), _HIGH)
    drawn = " ".join(f"{x.at(v):.1f},{_HIGH - y.at(i):.1f}" for v, i in points)
    return Thumbnail(
        drawn,
        f"{x.at(0.0):.1f}" if x.low <= 0.0 <= x.high else None,
        f"{_HIGH - y.at(0.0):.1f}",
    )


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    size: float

    def at(self, value: float) -> float:
        part = (value - self.low) / ((self.high - self.low) or 1.0)
        return _EDGE + part * (self.size - 2 * _EDGE)

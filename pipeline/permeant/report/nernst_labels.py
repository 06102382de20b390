"""Where to write the ions' names so that no two of them stand on one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from permeant.report import colours, wording
from permeant.report.figures import rounded, subscripted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from permeant.records import DrivingForce

_NARROWEST_PX = 270.0
"""Width of the plot on a small phone, for which labels must have room."""
_LETTER_PX = 7.0
_ROW_PX = 15


def nernst_potentials(forces: Sequence[DrivingForce]) -> dict[str, float]:
    """Return the Nernst potential of each ion that has one, in the order given."""
    found: dict[str, float] = {}
    for force in forces:
        if force.e_nernst_mv is not None:
            found.setdefault(force.ion, force.e_nernst_mv)
    return found


def nernst_labels(
    potentials: dict[str, float], limits: tuple[float | None, float | None]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """Return lines, labels and the number of rows of labels above the plot.

    An ion whose potential lies outside the plot gets an arrow at that side instead.
    """
    low, high = limits[0] or 0.0, limits[1] or 0.0
    per_mv = _NARROWEST_PX / ((high - low) or 1.0)
    rows: list[float] = []
    shapes, labels = [], []
    for ion, potential in sorted(potentials.items(), key=lambda item: (item[1], item[0])):
        text, anchor, place = _text(ion, potential, low, high)
        width = len(text) * _LETTER_PX
        centre = (place - low) * per_mv
        left = centre - {"left": 0.0, "center": 0.5, "right": 1.0}[anchor] * width
        row = next((k for k, end in enumerate(rows) if end + 4 <= left), len(rows))
        rows[row:] = [left + width, *rows[row + 1 :]]
        labels.append(_annotation(text, ion, potential, (place, anchor, row)))
        if low <= potential <= high:
            shapes.append(_line(potential))
    return shapes, labels, len(rows)


def _text(ion: str, potential: float, low: float, high: float) -> tuple[str, str, float]:
    if potential < low:
        return f"← E_{ion} {wording.number(potential)}", "left", low
    if potential > high:
        return f"E_{ion} {wording.number(potential)} →", "right", high
    return f"E_{ion}", "center", potential


def _annotation(
    text: str, ion: str, potential: float, where: tuple[float, str, int]
) -> dict[str, Any]:
    place, anchor, row = where
    return {
        "x": rounded(place),
        "xref": "x",
        "xanchor": anchor,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "yshift": row * _ROW_PX,
        "text": subscripted(text),
        "hovertext": subscripted(f"Nernst potential E_{ion} = {wording.number(potential)} mV"),
        "showarrow": False,
        "font": {"size": 12, "color": colours.MUTED},
    }


def _line(potential: float) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": rounded(potential),
        "x1": rounded(potential),
        "y0": 0,
        "y1": 1,
        "layer": "below",
        "line": {"color": colours.MUTED, "width": 1.2, "dash": "dot"},
    }

"""What all pictures share: how numbers, axes and words travel to plotly.js.

A figure is a plain dict of plotly's own JSON; plotly's object model would cost a hundred
times as much and add nothing.
"""

from __future__ import annotations

import html
import json
import math
import re
import sys
from array import array
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from permeant.report import colours

if TYPE_CHECKING:
    from collections.abc import Sequence

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
MEASURE_TITLES = {
    "steady": "steady-state current",
    "instantaneous": "instantaneous (tail) current",
    "peak": "peak current",
    "ramp": "current during the ramp",
    "single_channel": "unitary current",
    "noise": "unitary current from noise",
    "charge": "charge of a window",
}

_LIST_UP_TO = 6
_SUBSCRIPT = re.compile(r"\b([A-Zgzc])_([A-Za-z][A-Za-z0-9]*)\b")
_UNSAFE = {
    "<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029",
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """A picture: plotly's JSON, its numbers in words, a caption and its height in pixels."""

    key: str
    spec: dict[str, Any]
    label: str
    caption: str
    height: int = 440
    linked_to: str = ""
    """The figure in which pointing at something here marks the sweep that it came from."""

    @property
    def json(self) -> str:
        """The figure as JSON that cannot end the script element it stands in."""
        return safe_json(self.spec)


def safe_json(value: object) -> str:
    """Write JSON that is also safe inside an HTML script element."""
    try:
        text = msgspec.json.encode(value).decode()
    except UnicodeEncodeError:  # half a character, from the name of a file or a channel
        text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for sign, written in _UNSAFE.items():  # a fifth of what one search for all of them takes
        text = text.replace(sign, written)
    return text


def numbers(values: Sequence[float]) -> Any:
    """Write numbers for plotly: few as they are, many as 32-bit floats in base64."""
    if len(values) <= _LIST_UP_TO:
        return [rounded(v, 7) for v in values]
    packed = array("f", values)
    if sys.byteorder == "big":
        packed.byteswap()
    return {"dtype": "f4", "bdata": b64encode(packed.tobytes()).decode("ascii")}


def rounded(value: float | None, digits: int = 6) -> float | None:
    """Round to significant digits, and drop what JSON cannot hold."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{digits}g}")


def plain(text: str) -> str:
    """Make any text safe where plotly would read markup."""
    return html.escape(text, quote=False)


def subscripted(text: str) -> str:
    """Set ``E_rev`` and ``P_Na`` with subscripts; the text is taken as plain."""
    return _SUBSCRIPT.sub(r"\1<sub>\2</sub>", plain(text))


def axis(title: str, **more: Any) -> dict[str, Any]:
    """Return an axis in the style of the house."""
    return {
        "title": {"text": title, "standoff": 8, "font": {"size": 13}},
        "gridcolor": colours.GRID,
        "linecolor": colours.AXIS,
        "tickcolor": colours.AXIS,
        "zerolinecolor": colours.AXIS,
        "zeroline": True,
        "zerolinewidth": 1.5,
        "showline": True,
        "ticks": "outside",
        "ticklen": 4,
        "exponentformat": "none",
        **more,
    }


def layout(**more: Any) -> dict[str, Any]:
    """Return a layout in the style of the house: no frame, no paper, quiet colours."""
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": colours.TEXT},
        "margin": {"l": 74, "r": 14, "t": 20, "b": 50},
        "separators": ".\u202f",
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": colours.PAPER,
            "bordercolor": colours.AXIS,
            "font": {"color": colours.TEXT, "size": 12},
            "align": "left",
        },
        "showlegend": False,
        "dragmode": "zoom",
        **more,
    }


def padded(low: float, high: float, part: float) -> list[float | None]:
    """Return a range with some room at both ends, also where the ends are the same."""
    room = (high - low) * part or max(abs(high) * part, 1.0)
    return [rounded(low - room), rounded(high + room)]

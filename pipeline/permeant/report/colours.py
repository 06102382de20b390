"""Colours that a colour-blind reader can tell apart, for light and for dark pages.

Figures are written with the light colours; ``dark`` names what a dark page shows instead.
"""

from __future__ import annotations

from functools import cache

_VIRIDIS = (
    (68, 1, 84),
    (72, 40, 120),
    (62, 73, 137),
    (49, 104, 142),
    (38, 130, 142),
    (31, 158, 137),
    (53, 183, 121),
    (110, 206, 88),
    (181, 222, 43),
    (253, 231, 37),
)
_LIGHT_PART = (0.0, 0.78)
_DARK_PART = (0.46, 1.0)

TEXT = "#22262b"
MUTED = "#59616b"
GRID = "#e6e9ec"
AXIS = "#8b939c"
CURVE = "#b3400a"
BAND = "rgba(213,94,0,0.16)"
LINE = "#0067a5"
LINE_BAND = "rgba(0,103,165,0.10)"
REST = "#007a57"
WINDOW = "rgba(0,114,178,0.13)"
PAPER = "#ffffff"

DARK = {
    TEXT: "#e4e7ea",
    MUTED: "#a9b1ba",
    GRID: "#2b3037",
    AXIS: "#77808a",
    CURVE: "#ff9a5c",
    BAND: "rgba(255,154,92,0.20)",
    LINE: "#5cb4ee",
    LINE_BAND: "rgba(92,180,238,0.14)",
    REST: "#3fcb9f",
    WINDOW: "rgba(86,180,233,0.20)",
    PAPER: "#15181c",
}

_SERIES = (
    ("#0067a5", "#5cb4ee"),
    ("#c24e00", "#ff9a5c"),
    ("#007a57", "#3fcb9f"),
    ("#a1447f", "#e79ac6"),
    ("#7a6200", "#e3bd45"),
    ("#3b424a", "#d5dae0"),
)
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "triangle-down")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


@cache
def sweep_colours(many: int) -> tuple[tuple[str, str], ...]:
    """Return (light, dark) colours of so many sweeps, in their order."""
    steps = [k / (many - 1) if many > 1 else 0.45 for k in range(many)]
    return tuple((_viridis(*_LIGHT_PART, at), _viridis(*_DARK_PART, at)) for at in steps)


def series_style(k: int) -> tuple[str, str, str, str]:
    """Return light colour, dark colour, symbol and dash of the ``k``-th curve."""
    light, dark = _SERIES[k % len(_SERIES)]
    turn = (k + k // len(_SERIES)) % len(_SYMBOLS)
    return light, dark, _SYMBOLS[turn], _DASHES[turn]


def _viridis(first: float, last: float, at: float) -> str:
    place = (first + (last - first) * at) * (len(_VIRIDIS) - 1)
    below = min(int(place), len(_VIRIDIS) - 2)
    part = place - below
    mixed = (
        round(a + (b - a) * part) for a, b in zip(_VIRIDIS[below], _VIRIDIS[below + 1], strict=True)
    )
    return "#{:02x}{:02x}{:02x}".format(*mixed)

"""Unitary current and times against viscosity, both logarithmic: powers are straight lines."""

from __future__ import annotations

from collections import Counter
from math import log10
from typing import TYPE_CHECKING, Any

from permeant.report import colours, wording
from permeant.report.figures import Figure, axis, layout, plain, rounded

if TYPE_CHECKING:
    from permeant.records import ViscosityLimit, ViscosityPoint

_BANDS = (
    ("rgba(0,103,165,0.12)", "rgba(92,180,238,0.18)"),
    ("rgba(194,78,0,0.12)", "rgba(255,154,92,0.18)"),
    ("rgba(0,122,87,0.12)", "rgba(63,203,159,0.18)"),
)
_QUANTITIES = (
    ("i", "unitary current", -1.0),
    ("open", "mean open time", 1.0),
    ("shut", "mean shut time", 1.0),
)
_TICKS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 20, 50)
_MOST_TICKS = 7
_APART, _SPREAD = 0.04, 0.012
"""How far the quantities, and the points of one, stand apart, as a part of the axis."""


def limit_figure(limit: ViscosityLimit, key: str) -> Figure | None:
    """Draw every value over that of the control, with the fitted powers and their intervals."""
    if not limit.points:
        return None
    span = limit.viscosity_high / limit.viscosity_low
    data: list[dict[str, Any]] = []
    for k, (name, title, sign) in enumerate(_QUANTITIES):
        points = [one for one in limit.points if one.quantity == name]
        if points:
            data += _power(limit, name, k, sign)
            data.append(_points(points, title, k, span))
    data.append(_stokes(limit))
    reach = [value for one in limit.points for value in (one.low, one.high)] + [1.0, 1.0 / span]
    spec = {
        "data": data,
        "layout": layout(
            showlegend=True,
            legend={"orientation": "h", "x": 0, "y": -0.2, "yanchor": "top"},
            margin={"l": 62, "r": 14, "t": 20, "b": 90},
            xaxis=axis("viscosity ratio", type="log", zeroline=False, **_x_axis(limit)),
            yaxis=axis(
                "value / control", type="log", zeroline=False, **_y_axis(min(reach), max(reach))
            ),
        ),
        "dark": {**colours.DARK, **_dark()},
    }
    what = "every voltage" if limit.method == "one patch" else "every patch"
    return Figure(
        key=key,
        spec=spec,
        label=f"Unitary current and mean open and shut times against viscosity: {limit.verdict}.",
        caption=f"A point for {what}, over the value in the thinnest solution, with its 95 % "
        "interval; lines are the fitted powers of viscosity with theirs (bands). Dotted: a "
        "current that follows diffusion after Stokes. A line along 1 does not feel the viscosity.",
        height=430,
    )


def _dark() -> dict[str, str]:
    return {**dict(_BANDS), **{s[0]: s[1] for s in map(colours.series_style, range(3))}}


def _x_axis(limit: ViscosityLimit) -> dict[str, Any]:
    values = sorted({one.viscosity_ratio for one in limit.points} | {limit.viscosity_low})
    low, high = log10(limit.viscosity_low), log10(limit.viscosity_high)
    room = 0.12 * (high - low)
    return {
        "tickvals": values,
        "ticktext": [wording.short(value) for value in values],
        "range": [rounded(low - room), rounded(high + room)],
    }


def _y_axis(low: float, high: float) -> dict[str, Any]:
    inside = [tick for tick in _TICKS if 0.9 * low <= tick <= 1.1 * high]
    step = max(1, -(-len(inside) // _MOST_TICKS))
    start = inside.index(1) % step if 1 in inside else 0
    shown = inside[start::step]
    room = 0.06 * (log10(high) - log10(low)) + 0.02
    return {
        "tickvals": shown,
        "ticktext": [wording.short(tick) for tick in shown],
        "range": [rounded(log10(low) - room), rounded(log10(high) + room)],
    }


def _power(limit: ViscosityLimit, name: str, k: int, sign: float) -> list[dict[str, Any]]:
    alpha = getattr(limit, f"alpha_{name}")
    if alpha is None:
        return []
    low, high = getattr(limit, f"alpha_{name}_low"), getattr(limit, f"alpha_{name}_high")
    span = limit.viscosity_high / limit.viscosity_low
    colour = colours.series_style(k)[0]
    x = [limit.viscosity_low, limit.viscosity_high]
    shared = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "showlegend": False}
    wedge = {
        **shared,
        "x": [x[0], x[1], x[1], x[0]],
        "y": [1.0, rounded(span ** (sign * low)), rounded(span ** (sign * high)), 1.0],
        "line": {"width": 0},
        "fill": "toself",
        "fillcolor": _BANDS[k][0],
    }
    line = {
        **shared,
        "x": x,
        "y": [1.0, rounded(span ** (sign * alpha))],
        "line": {"color": colour, "width": 2},
    }
    return [wedge, line]


def _points(points: list[ViscosityPoint], title: str, k: int, span: float) -> dict[str, Any]:
    colour, _, symbol, _ = colours.series_style(k)
    seen: dict[float, int] = {}
    x = []
    many = Counter(one.viscosity_ratio for one in points)
    for one in points:
        at = seen.setdefault(one.viscosity_ratio, 0)
        seen[one.viscosity_ratio] += 1
        place = _APART * (k - 1) + _SPREAD * (at / max(many[one.viscosity_ratio] - 1, 1) * 2 - 1)
        x.append(rounded(one.viscosity_ratio * span**place))
    return {
        "type": "scatter",
        "mode": "markers",
        "name": title,
        "x": x,
        "y": [rounded(one.value) for one in points],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [rounded(one.high - one.value) for one in points],
            "arrayminus": [rounded(one.value - one.low) for one in points],
            "color": colour,
            "thickness": 1.1,
            "width": 3,
        },
        "marker": {"color": colour, "size": 7, "symbol": symbol},
        "text": [_told(one) for one in points],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _told(one: ViscosityPoint) -> str:
    where = f", {wording.number(one.v_mv)} mV" if one.v_mv is not None else ""
    return f"{plain(one.name)}{where}<br>{wording.with_interval(one.value, one.low, one.high)}"


def _stokes(limit: ViscosityLimit) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "current by diffusion",
        "x": [limit.viscosity_low, limit.viscosity_high],
        "y": [1.0, rounded(limit.viscosity_low / limit.viscosity_high)],
        "line": {"color": colours.AXIS, "width": 1.6, "dash": "dot"},
        "hoverinfo": "skip",
    }

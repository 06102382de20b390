"""Strips of cells: every cell of every group, the mean and its intervals beneath."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from permeant.report import colours, wording
from permeant.report.figures import (
    Figure,
    axis,
    layout,
    numbers,
    padded,
    plain,
    rounded,
    subscripted,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from permeant.cohort import GroupValue, Member

MOST_ROWS = 40
_ROW_PX = 66
_BINS = 90
_LOWEST, _TALLEST = 0.0, 0.30
_MEAN_AT = -0.2
_NAME_AT = 0.47
_STEP = 0.055
_FEWEST_FOR_SPAN = 3
_MOST_TOLD = 2000
"""Cells up to which pointing at one tells its interval; of more the page would get too big."""

_MOST_DECADES = 3.0
_ONE = {
    "type": "line", "x0": 1, "x1": 1, "yref": "paper", "y0": 0, "y1": 1,
    "line": {"color": colours.AXIS, "width": 1.5}, "layer": "below",
}  # fmt: skip


@dataclass
class _Series:
    """What is drawn in one colour: the cells of one condition and their means."""

    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    means: list[tuple[float, float, str]] = field(default_factory=list)
    inner: list[float | None] = field(default_factory=list)
    inner_y: list[float | None] = field(default_factory=list)
    outer: list[float | None] = field(default_factory=list)
    outer_y: list[float | None] = field(default_factory=list)


def condition_styles(groups: Sequence[GroupValue]) -> dict[str, int]:
    """Give every condition a number, so that each has one colour in all pictures."""
    return {name: k for k, name in enumerate(sorted({group.condition for group in groups}))}


def strip_figure(
    groups: Sequence[GroupValue],
    key: str,
    *,
    title: str,
    names: Sequence[str],
    styles: Mapping[str, int],
    ratios: bool = False,
) -> Figure | None:
    """Draw a row a group: every cell, below them the mean with its two intervals.

    ``names`` are the rows' names, ``styles`` the numbers of the conditions' colours; of more
    than `MOST_ROWS` groups the largest are drawn.
    """
    shown = _largest([(g, n) for g, n in zip(groups, names, strict=True) if g.members])
    if not shown:
        return None
    every = [_place(m.value, ratios) for group, _ in shown for m in group.members]
    width = (max(every) - min(every)) / _BINS
    span = _span([group for group, _ in shown], every, ratios)
    series: dict[int, _Series] = {}
    dark = dict(colours.DARK)
    for row, (group, _) in enumerate(shown):
        part = series.setdefault(styles[group.condition], _Series())
        _add_row(part, group, -float(row), width, ratios)
        if len(every) <= _MOST_TOLD:
            part.text += [_told(m, group.unit) for m, _ in _stacked(group.members, width, ratios)]
    data: list[dict[str, Any]] = []
    for k, part in series.items():
        light, dark[light], symbol, _ = colours.series_style(k)
        data += _traces(part, light, symbol)
    return Figure(
        key=key,
        spec={"data": data, "layout": _layout(shown, title, span, ratios), "dark": dark},
        label=_label(shown, title),
        caption=_caption(len(shown), len(groups)),
        height=92 + _ROW_PX * len(shown),
    )


def _largest(rows: list[tuple[GroupValue, str]]) -> list[tuple[GroupValue, str]]:
    if len(rows) <= MOST_ROWS:
        return rows
    order = sorted(range(len(rows)), key=lambda k: (-rows[k][0].n_cells, k))
    return [rows[k] for k in sorted(order[:MOST_ROWS])]


def _place(value: float, ratios: bool) -> float:
    return math.log10(value) if ratios else value


def _add_row(part: _Series, group: GroupValue, y: float, width: float, ratios: bool) -> None:
    for member, height in _stacked(group.members, width, ratios):
        part.x.append(member.value)
        part.y.append(y + height)
        part.cells.append([member.cell])
    if group.mean is None or group.n_cells < 2:
        return
    part.means.append((group.mean, y + _MEAN_AT, mean_text(group)))
    for xs, ys, low, high in (
        (part.inner, part.inner_y, group.low, group.high),
        (part.outer, part.outer_y, group.low_total, group.high_total),
    ):
        if low is not None and high is not None:
            xs += [rounded(low), rounded(high), None]
            ys += [y + _MEAN_AT, y + _MEAN_AT, None]


def _stacked(members: Sequence[Member], width: float, ratios: bool) -> list[tuple[Member, float]]:
    """Pile up cells with nearly the same value, so that none hides another."""
    piles: dict[int, list[Member]] = {}
    for member in members:
        place = round(_place(member.value, ratios) / width) if width > 0 else 0
        piles.setdefault(place, []).append(member)
    tallest = max(len(pile) for pile in piles.values())
    step = min(_STEP, (_TALLEST - _LOWEST) / max(tallest - 1, 1))
    return [
        (member, _LOWEST + step * k)
        for place in sorted(piles)
        for k, member in enumerate(piles[place])
    ]


def _told(member: Member, unit: str) -> str:
    value = wording.quantity(member.value, unit, member.low, member.high)
    return f"{plain(member.cell)}: {value}"


def mean_text(group: GroupValue) -> str:
    """Write the mean of a group with its interval over cells and how many they are."""
    if group.mean is None:
        return group.reason
    text = wording.quantity(group.mean, group.unit, group.low, group.high)
    return f"{text}, {wording.count(group.n_cells, 'cell')}"


def _traces(part: _Series, colour: str, symbol: str) -> list[dict[str, Any]]:
    line = {"type": "scatter", "mode": "lines", "hoverinfo": "skip"}
    return [
        {
            **line,
            "x": part.outer,
            "y": part.outer_y,
            "line": {"color": colour, "width": 9},
            "opacity": 0.28,
        },
        {**line, "x": part.inner, "y": part.inner_y, "line": {"color": colour, "width": 3}},
        {
            "type": "scatter",
            "mode": "markers",
            "x": [rounded(x) for x, _, _ in part.means],
            "y": [y for _, y, _ in part.means],
            "text": [text for _, _, text in part.means],
            "hovertemplate": "mean %{text}<extra></extra>",
            "marker": {
                "color": colours.PAPER,
                "symbol": "diamond",
                "size": 10,
                "line": {"color": colour, "width": 2.5},
            },
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": numbers(part.x),
            "y": numbers(part.y),
            "text": part.text,
            "customdata": part.cells,
            "hovertemplate": ("%{text}" if part.text else "%{customdata[0]}: %{x:.4~g}")
            + "<extra></extra>",
            "marker": {"color": colour, "symbol": symbol, "size": 7, "opacity": 0.75},
        },
    ]


def _span(groups: Sequence[GroupValue], every: list[float], ratios: bool) -> list[float | None]:
    """Return the range of the axis: all cells, and the intervals that do not dwarf them.

    The interval of two cells can be ten times as wide as they are apart; it runs out of the
    picture, and the table has its ends.
    """
    ends = list(every)
    for group in groups:
        for end in (group.low, group.high, group.low_total, group.high_total):
            if end is not None and group.n_cells >= _FEWEST_FOR_SPAN:
                ends.append(_place(end, ratios))
    if ratios:
        ends.append(0.0)
    return padded(min(ends), max(ends), 0.05)


def _ratio_ticks(low: float, high: float) -> dict[str, Any]:
    """Return ticks at 1, 2 and 5 of each decade; of many decades only at 1."""
    digits = (1,) if high - low > _MOST_DECADES else (1, 2, 5)
    decades = range(math.floor(low), math.ceil(high) + 1)
    values = [digit * 10.0**decade for decade in decades for digit in digits]
    some = [value for value in values if low <= math.log10(value) <= high]
    return {"type": "log", "tickvals": some, "ticktext": [wording.exact(v) for v in some]}


def _layout(
    shown: Sequence[tuple[GroupValue, str]], title: str, span: list[float | None], ratios: bool
) -> dict[str, Any]:
    last = len(shown) - 1
    names = [
        {
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": _NAME_AT - row,
            "yanchor": "middle",
            "text": f"{subscripted(name)} <i>n</i> = {group.n_cells}",
            "showarrow": False,
            "align": "left",
            "bgcolor": colours.PAPER,
            "borderpad": 1,
            "font": {"size": 12, "color": colours.TEXT},
        }
        for row, (group, name) in enumerate(shown)
    ]
    return layout(
        margin={"l": 8, "r": 8, "t": 30, "b": 52},
        xaxis=axis(
            subscripted(title),
            range=span,
            zeroline=not ratios,
            **(_ratio_ticks(span[0] or 0.0, span[1] or 0.0) if ratios else {}),
        ),
        yaxis=axis(
            "",
            range=[-last - 0.42, 0.62],
            showticklabels=False,
            showgrid=False,
            zeroline=False,
            showline=False,
            ticks="",
            fixedrange=True,
        ),
        shapes=[
            {
                "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": -row - 0.38,
                "y1": -row - 0.38, "line": {"color": colours.GRID, "width": 1}, "layer": "below",
            }
            for row in range(last)
        ]
        + ([_ONE] if ratios else []),
        annotations=names,
    )  # fmt: skip


def _label(shown: Sequence[tuple[GroupValue, str]], title: str) -> str:
    told = "; ".join(f"{name}: {mean_text(group)}" for group, name in shown[:12])
    more = f"; and {len(shown) - 12} more groups, in the table" if len(shown) > 12 else ""
    return f"{title} of every cell in {wording.count(len(shown), 'group')}. {told}{more}."


def _caption(shown: int, many: int) -> str:
    rows = (
        wording.count(shown, "group") if shown == many else f"The largest {shown} of {many} groups"
    )
    return f"{rows}; cells, mean and intervals."

"""The current–voltage curves of all groups over each other, with mean and interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from permeant.report import colours, wording
from permeant.report.figures import MEASURE_TITLES, Figure, axis, layout, numbers, padded, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from permeant.cohort import CellCurve, GroupCurve

MOST_GROUPS = 12
_FAINT = 0.28
_FEWEST_FOR_BAND = 3
"""The interval of two cells is thirteen times their standard error and would hide all else."""


def curve_figures(curves: Sequence[GroupCurve]) -> tuple[Figure, ...]:
    """Draw one picture a measure, the groups in colours of their own."""
    by_measure: dict[str, list[GroupCurve]] = {}
    for one in sorted(curves, key=lambda one: one.measure):
        by_measure.setdefault(one.measure, []).append(one)
    many = {measure: sum(one.n_cells for one in some) for measure, some in by_measure.items()}
    # one cell's curve is on its own page; what most cells were measured by comes first
    drawn = sorted((m for m in by_measure if many[m] > 1), key=lambda m: -many[m])
    return tuple(_figure(by_measure[measure], measure, k) for k, measure in enumerate(drawn))


def _figure(groups: list[GroupCurve], measure: str, k: int) -> Figure:
    shown = sorted(groups, key=lambda one: -one.n_cells)[:MOST_GROUPS]
    shown = [one for one in groups if one in shown]
    conditions = sorted({one.condition for one in groups})
    dark = dict(colours.DARK)
    data: list[dict[str, Any]] = []
    told = []
    for at, one in enumerate(shown):
        number = conditions.index(one.condition) if len(conditions) == len(shown) else at
        light, dark[light], _, dash = colours.series_style(number)
        name = _name(one, shown)
        data += [_member(member, light, name) for member in one.members]
        data += _mean(one, light, dash, name)
        told.append(f"{name}: {wording.count(one.n_cells, 'cell')}")
    left_out = [f"{_name(one, shown)}: {one.reason}" for one in shown if one.reason]
    return Figure(
        key=f"group-curves-{k}",
        spec={
            "data": data,
            "layout": layout(
                xaxis=axis("membrane voltage, inside − outside (mV)"),
                yaxis=axis(
                    f"{MEASURE_TITLES.get(measure, measure)} (pA)", range=_current_range(shown)
                ),
                showlegend=True,
                legend={"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0},
                margin={"l": 74, "r": 14, "t": 40, "b": 90},
            ),
            "dark": dark,
        },
        label=f"Current–voltage curves of {wording.count(len(shown), 'group')}. {'; '.join(told)}.",
        caption=_caption(len(shown), len(groups), left_out),
        height=520,
    )


def _current_range(shown: Sequence[GroupCurve]) -> list[float | None]:
    """Return the currents of the cells: intervals of two cells would leave them a flat line."""
    every = [i for one in shown for member in one.members for i in member.i_pa]
    return padded(min(every), max(every), 0.05)


def _caption(n_shown: int, n_groups: int, left_out: Sequence[str]) -> str:
    text = (
        "Thin: a cell each, which leads to its page. Thick: the mean over cells at the voltages "
        "that every cell of the group reached, with its 95 % interval at each voltage "
        "(from three cells on). The legend hides and shows a group."
    )
    if n_shown < n_groups:
        text += f" The {n_shown} largest of {n_groups} groups."
    return " ".join([text, *(f"{one}." for one in left_out)])


def _name(one: GroupCurve, shown: Sequence[GroupCurve]) -> str:
    parts = [one.condition or "all"]
    if len({(other.bath, other.pipette) for other in shown}) > 1:
        parts.append(f"{one.bath or 'bath not given'} | {one.pipette or 'pipette not given'}")
    return ", ".join(parts)


def _member(member: CellCurve, colour: str, name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(member.cell),
        "legendgroup": name,
        "showlegend": False,
        "opacity": _FAINT,
        "x": numbers(member.v_mv),
        "y": numbers(member.i_pa),
        "line": {"color": colour, "width": 1},
        "customdata": [[member.cell]] * len(member.v_mv),
        "hovertemplate": f"{plain(member.cell)}<br>%{{x:.4~g}} mV, %{{y:.4~g}} pA<extra></extra>",
    }


def _mean(one: GroupCurve, colour: str, dash: str, name: str) -> list[dict[str, Any]]:
    title = f"{plain(name)} (n = {one.n_cells})"
    common = {"type": "scatter", "mode": "lines", "legendgroup": name}
    line = {
        **common,
        "name": title,
        "showlegend": True,
        "x": numbers(one.v_mv) if one.v_mv else [None],
        "y": numbers(one.i_pa) if one.v_mv else [None],
        "line": {"color": colour, "width": 2.6, "dash": dash},
        "hovertemplate": f"{title}<br>%{{x:.4~g}} mV, mean %{{y:.4~g}} pA<extra></extra>",
    }
    if not one.low_pa or one.n_cells < _FEWEST_FOR_BAND:
        return [line]
    band = {
        **common,
        "name": f"95 % interval of {title}",
        "showlegend": False,
        "hoverinfo": "skip",
        "x": numbers((*one.v_mv, *reversed(one.v_mv))),
        "y": numbers((*one.low_pa, *reversed(one.high_pa))),
        "fill": "toself",
        "fillcolor": colour,
        "opacity": 0.18,
        "line": {"width": 0},
    }
    return [band, line]

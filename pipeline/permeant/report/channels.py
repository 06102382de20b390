"""Single channels on a page: a sentence, numbers and a picture for each voltage."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import log10
from typing import TYPE_CHECKING, Any

from permeant.report import colours, wording
from permeant.report.figures import Figure, axis, layout, numbers, rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from permeant.records import ChannelTrace, DwellTimes, RecordingResult, SingleChannel

MOST_PICTURES = 4
_KINDS = (("shut", colours.LINE), ("open", colours.CURVE))


@dataclass(frozen=True)
class ChannelRow:
    """One voltage in the table of single channels; texts ready to be shown."""

    voltage: str
    current: str
    p_open: str
    channels: str
    open_ms: str
    shut_ms: str
    openings: str
    signal_to_noise: str
    dead_time: str
    why: str


@dataclass(frozen=True)
class ChannelView:
    """Everything that the section of single channels shows of a recording."""

    sentence: str
    rows: tuple[ChannelRow, ...]
    pictures: tuple[Figure, ...]


def view_channels(recording: RecordingResult, key: str) -> ChannelView | None:
    """Return what to show of single channels; nothing where none were measured."""
    patches = recording.measurement.single_channels if recording.measurement else ()
    if not patches:
        return None
    times = recording.fit.dwell_times
    shown = sorted(
        (patch for patch in patches if patch.trace), key=lambda patch: -(patch.n_openings or 0)
    )[:MOST_PICTURES]
    return ChannelView(
        _sentence(patches),
        tuple(_row(patch, _of(times, patch)) for patch in patches),
        tuple(
            _picture(patch, _of(times, patch), f"{key}-{number}")
            for number, patch in enumerate(sorted(shown, key=lambda one: one.v_membrane_mv), 1)
        ),
    )


def _of(times: Sequence[DwellTimes], patch: SingleChannel) -> list[DwellTimes]:
    return [one for one in times if one.v_membrane_mv == patch.v_membrane_mv]


def _sentence(patches: Sequence[SingleChannel]) -> str:
    good = [patch for patch in patches if patch.status == "ok"]
    if not good:
        return "No unitary current could be measured."
    best = max(good, key=lambda patch: patch.n_openings or 0)
    many = (
        f" of up to {best.n_channels} channels"
        if best.levels_are == "channels"
        else " of a channel with sublevels (that of the first level)"
        if best.levels_are == "sublevels"
        else ""
    )
    return (
        f"At {wording.number(best.v_membrane_mv)} mV the unitary current{many} is "
        f"{wording.quantity(best.i_unitary_pa, 'pA', best.i_low_pa, best.i_high_pa)}, the open "
        f"probability {wording.with_interval(best.p_open, best.p_open_low, best.p_open_high)}, "
        f"from {wording.count(best.n_openings or 0, 'opening')} in "
        f"{wording.number(best.duration_s)} s."
    )


def _row(patch: SingleChannel, times: list[DwellTimes]) -> ChannelRow:
    by_kind = {one.kind: one for one in times}
    why = [patch.reason, *dict.fromkeys(one.reason for one in times)]
    return ChannelRow(
        voltage=wording.number(patch.v_membrane_mv),
        current=wording.with_interval(patch.i_unitary_pa, patch.i_low_pa, patch.i_high_pa),
        p_open=wording.with_interval(patch.p_open, patch.p_open_low, patch.p_open_high),
        channels=str(patch.n_channels or wording.MISSING)
        + (" with sublevels" if patch.levels_are == "sublevels" else ""),
        open_ms=_mean(by_kind.get("open")),
        shut_ms=_mean(by_kind.get("shut")),
        openings=str(patch.n_openings or wording.MISSING),
        signal_to_noise=wording.number(patch.signal_to_noise, 2),
        dead_time=wording.number(patch.dead_time_ms, 2),
        why="; ".join(filter(None, why)),
    )


def _mean(times: DwellTimes | None) -> str:
    if times is None or times.mean_ms is None:
        return wording.MISSING
    text = wording.with_interval(times.mean_ms, times.mean_low_ms, times.mean_high_ms)
    if len(times.components) > 1:
        parts = (
            f"{wording.number(one.tau_ms)} ms ({100 * one.area:.0f} %)" for one in times.components
        )
        text += f" = {', '.join(parts)}"
    return text


def _picture(patch: SingleChannel, times: list[DwellTimes], key: str) -> Figure:
    assert patch.trace is not None
    fitted = [one for one in times if one.counts is not None]
    data = [*_trace(patch.trace), _histogram(patch), *(_levels(patch))]
    for one in fitted:
        data += _dwells(one)
    half = [0.0, 0.45] if fitted else [0.0, 1.0]
    more: dict[str, Any] = {
        "xaxis": axis("time (ms)", zeroline=False, domain=[0, 1], anchor="y"),
        "yaxis": axis("current (pA)", domain=[0.58, 1]),
        "xaxis2": axis("current (pA)", domain=half, anchor="y2"),
        "yaxis2": axis("samples", domain=[0, 0.4], type="log", anchor="x2", dtick=1),
    }
    if fitted:
        more["xaxis3"] = axis("length (ms)", type="log", domain=[0.57, 1], anchor="y3", dtick=1)
        more["yaxis3"] = axis("√ of times per log unit", domain=[0, 0.4], anchor="x3")
    dark = {**colours.DARK}
    caption = (
        f"{wording.number(patch.v_membrane_mv)} mV. Above: the current behind all filters, the "
        f"shut level at zero, from {wording.number(patch.trace.start_s)} s on; over it the "
        "idealisation. Below left: all samples, with the levels"
    )
    if fitted:
        caption += (
            "; right: open and shut times that were seen (points) and the fitted mixtures of "
            "exponentials with what the dead time does to them (lines)"
        )
    return Figure(
        key=key,
        spec={
            "data": data,
            "layout": layout(
                showlegend=bool(fitted),
                legend={"orientation": "h", "x": 0.57, "y": 0.47, "yanchor": "bottom"},
                **more,
            ),
            "dark": dark,
        },
        label=f"Single channels at {wording.number(patch.v_membrane_mv)} mV: trace with its "
        "idealisation, histogram of the samples"
        + (", distributions of open and shut times." if fitted else "."),
        caption=caption + ".",
        height=560,
    )


def _trace(trace: ChannelTrace) -> list[dict[str, Any]]:
    lines = (
        (trace.time_ms, trace.current_pa, colours.AXIS, 1.0),
        (trace.ideal_ms, trace.ideal_pa, colours.CURVE, 1.8),
    )
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": numbers(x),
            "y": numbers(y),
            "line": {"color": colour, "width": width},
            "hoverinfo": "skip",
            "showlegend": False,
        }
        for x, y, colour, width in lines
    ]


def _histogram(patch: SingleChannel) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "line": {"color": colours.TEXT, "width": 1.2, "shape": "hvh"},
        "x": numbers(patch.histogram_pa),
        "y": [max(count, 0.5) for count in patch.histogram_counts],
        "xaxis": "x2",
        "yaxis": "y2",
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _levels(patch: SingleChannel) -> list[dict[str, Any]]:
    top = max([*patch.histogram_counts, 1])
    at = [0.0, *(level.i_pa for level in patch.levels if level.i_pa is not None)]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [rounded(value), rounded(value)],
            "y": [0.5, top],
            "line": {"color": colours.CURVE, "width": 1.4, "dash": "dot"},
            "xaxis": "x2",
            "yaxis": "y2",
            "hovertemplate": f"{wording.number(value)} pA<extra></extra>",
            "showlegend": False,
        }
        for value in at
    ]


def _dwells(times: DwellTimes) -> list[dict[str, Any]]:
    assert times.counts is not None
    colour = dict(_KINDS)[times.kind]
    whole = times.counts
    bins = _joined(whole.edges_ms, times.n_events)
    edges = [whole.edges_ms[k] for k in bins]
    middles = [(a * b) ** 0.5 for a, b in pairwise(edges)]
    # per unit of the logarithm: bins of whole samples are not equally wide
    widths = [log10(b / a) for a, b in pairwise(edges)]

    def height(counts: Sequence[float]) -> list[float | None]:
        joined = [sum(counts[a:b]) for a, b in pairwise(bins)]
        return [rounded((n / width) ** 0.5) for n, width in zip(joined, widths, strict=True)]

    shared = {
        "type": "scatter",
        "x": [rounded(middle) for middle in middles],
        "xaxis": "x3",
        "yaxis": "y3",
        "name": times.kind,
    }
    return [
        {
            **shared,
            "mode": "markers",
            "y": height(times.counts.counts),
            "marker": {"color": colour, "size": 4, "symbol": "circle-open"},
            "showlegend": False,
            "hoverinfo": "skip",
        },
        {
            **shared,
            "mode": "lines",
            "y": height(times.expected),
            "line": {"color": colour, "width": 1.8},
            "showlegend": True,
            "hoverinfo": "skip",
        },
    ]


def _joined(edges_ms: Sequence[float], n_events: int) -> list[int]:
    """Choose edges so that a bin holds a dozen times on average, and 12 to 40 bins are left."""
    wanted = min(40, max(12, n_events // 12))
    step = max(1, (len(edges_ms) - 1) // wanted)
    return [*range(0, len(edges_ms) - 1, step), len(edges_ms) - 1]

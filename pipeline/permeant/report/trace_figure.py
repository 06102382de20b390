"""The sweeps of a recording over the command that was played, on one time axis."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any

from permeant.report import colours, wording
from permeant.report.figures import Figure, axis, layout, numbers, padded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from permeant.records import IVPoint, RecordingResult, Trace

MOST_SWEEPS = 40
_CROP_ABOVE = 2.5
_ROOM = 0.35
_MOST_WINDOWS = 24


def trace_figure(recording: RecordingResult, key: str) -> Figure | None:
    """Draw the sweeps, the command below, and the measured window; nothing without sweeps."""
    if not recording.traces:
        return None
    shown = _choose_sweeps(recording.traces)
    pairs = colours.sweep_colours(len(shown))
    with_command = _is_command_known(recording) and any(t.command_mv for t in shown)
    data = [_current(t, light) for t, (light, _) in zip(shown, pairs, strict=True)]
    if with_command:
        data += [_command(t, light) for t, (light, _) in zip(shown, pairs, strict=True)]
    spans = merge_windows(recording.measurement.points) if recording.measurement else []
    limits, cropped = _current_range(shown, spans)
    current = axis("current (pA)", domain=[0.3, 1] if with_command else [0, 1])
    if limits:
        current["range"] = limits
    lowest = "y2" if with_command else "y"
    more: dict[str, Any] = {
        "xaxis": axis("time in the sweep (ms)", anchor=lowest, zeroline=False),
        "yaxis": current,
        "shapes": [_window(a, b) for a, b in spans],
        "margin": {"l": 74, "r": 14, "t": 40, "b": 50},
    }
    if with_command:
        more["yaxis2"] = axis("command (mV)", domain=[0, 0.22], nticks=4)
    name = recording.row.recording
    return Figure(
        key=key,
        spec={
            "data": data,
            "layout": layout(**more),
            "dark": {**colours.DARK, **dict(pairs)},
        },
        label=_label(name, shown, spans, with_command),
        caption=_caption(recording.traces, shown, spans, cropped),
    )


def _is_command_known(recording: RecordingResult) -> bool:
    """Whether the command may be drawn: what stands in for an unknown one was never played."""
    findings = recording.info.findings if recording.info else ()
    return all(finding.check != "command_unknown" for finding in findings)


def merge_windows(points: Sequence[IVPoint]) -> list[tuple[float, float]]:
    """Return the measured windows, those that touch drawn as one."""
    spans: list[tuple[float, float]] = []
    for start, end in sorted({(p.window_start_ms, p.window_end_ms) for p in points}):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans[:_MOST_WINDOWS]


def _choose_sweeps(traces: Sequence[Trace]) -> list[Trace]:
    if len(traces) <= MOST_SWEEPS:
        return list(traces)
    last = len(traces) - 1
    return [traces[round(k * last / (MOST_SWEEPS - 1))] for k in range(MOST_SWEEPS)]


def _current(trace: Trace, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers(trace.time_ms),
        "y": numbers(trace.current_pa),
        "line": {"color": colour, "width": 1.1},
        "meta": {"sweep": trace.sweep},
        "hovertemplate": f"sweep {trace.sweep}<br>%{{x:.5~g}} ms, %{{y:.4~g}} pA<extra></extra>",
    }


def _command(trace: Trace, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "yaxis": "y2",
        "x": numbers(trace.command_time_ms),
        "y": numbers(trace.command_mv),
        "line": {"color": colour, "width": 1.3},
        "meta": {"sweep": trace.sweep},
        "hovertemplate": f"sweep {trace.sweep}<br>%{{x:.5~g}} ms, %{{y:.4~g}} mV<extra></extra>",
    }


def _window(start: float, end: float) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": start,
        "x1": end,
        "y0": 0,
        "y1": 1,
        "fillcolor": colours.WINDOW,
        "line": {"width": 0},
        "layer": "below",
    }


def _current_range(
    traces: Sequence[Trace], spans: Sequence[tuple[float, float]]
) -> tuple[list[float | None] | None, bool]:
    """Choose the part of the current axis that shows the window well.

    Capacitive transients can be fifty times as high as the current that was measured.
    """
    inside = [
        part
        for trace in traces
        for start, end in spans
        if (
            part := trace.current_pa[
                bisect_left(trace.time_ms, start) : bisect_right(trace.time_ms, end)
            ]
        )
    ]
    ends = [(min(t.current_pa), max(t.current_pa)) for t in traces if t.current_pa]
    if not inside or not ends:
        return None, False
    low, high = min(map(min, inside)), max(map(max, inside))
    whole = max(b for _, b in ends) - min(a for a, _ in ends)
    if whole <= _CROP_ABOVE * (high - low) or high == low:
        return None, False
    return padded(low, high, _ROOM), True


def _label(
    name: str, shown: Sequence[Trace], spans: Sequence[tuple[float, float]], with_command: bool
) -> str:
    text = f"{wording.count(len(shown), 'sweep')} of the current of {name}"
    if with_command:
        text += ", the command voltage below on the same time axis"
    if spans:
        text += f"; {_windows_in_words(spans)} marked"
    return text + ". The measured values are in the table of points."


def _windows_in_words(spans: Sequence[tuple[float, float]]) -> str:
    if len(spans) > 3:
        first, last = spans[0][0], spans[-1][1]
        return f"{len(spans)} measured windows between {first:.6g} and {last:.6g} ms"
    told = wording.join_words(f"{a:.6g}–{b:.6g} ms" for a, b in spans)
    return f"measured window {told}" if len(spans) == 1 else f"measured windows {told}"


def _caption(
    traces: Sequence[Trace],
    shown: Sequence[Trace],
    spans: Sequence[tuple[float, float]],
    cropped: bool,
) -> str:
    first, last = shown[0].sweep, shown[-1].sweep
    text = f"Sweep {first}." if first == last else f"Sweeps {first} (dark) to {last} (bright)."
    if len(shown) < len(traces):
        text = f"{len(shown)} of {len(traces)} sweeps, {text[0].lower()}{text[1:]}"
    if spans:
        text += f" Shaded: {_windows_in_words(spans)}."
    if cropped:
        text += " The current axis is set by the window; double-click to see all of the current."
    return text

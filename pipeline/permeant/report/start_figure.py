"""The first moments of the steps, and the curves by which their currents were read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from permeant.report import colours, wording
from permeant.report.figures import Figure, axis, layout, numbers, padded, rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from permeant.records import RecordingResult, StepStart

MOST_STEPS = 40
_ROOM = 0.2
_SHOWN_SHARE = 0.4

_WORDS = {
    "instantaneous": (
        "Start of the steps",
        "Lines: the samples; dashed: the mean of the exponentials that describe them, followed "
        "back to the moment at which the step arrives (ring), where the current is read.",
    ),
    "peak": (
        "Peaks",
        "Lines: the samples; dashed: the cubic around the turning point (ring), where the current "
        "is read.",
    ),
}


def start_title(measure: str) -> str:
    """Return the heading of the picture."""
    return _WORDS.get(measure, _WORDS["instantaneous"])[0]


def start_figure(recording: RecordingResult, key: str) -> Figure | None:
    """Draw how the currents at the start of the steps were read; nothing without any."""
    starts = recording.measurement.starts if recording.measurement else ()
    if not starts:
        return None
    shown = _choose(starts)
    pairs = colours.sweep_colours(len(shown))
    data: list[dict[str, Any]] = []
    for start, (light, _) in zip(shown, pairs, strict=True):
        data += [_samples(start, light), _curve(start, light), _read(start, light)]
    measure = recording.row.measure
    last_ms = max(start.time_ms[-1] - start.start_ms for start in shown)
    first_ms = min(start.time_ms[0] - start.start_ms for start in shown)
    begin = axis(
        "time after the start of the step (ms)",
        zeroline=True,
        range=[rounded(first_ms), rounded(last_ms * _SHOWN_SHARE)],
    )
    if measure != "instantaneous":
        begin["range"] = [rounded(first_ms), rounded(last_ms)]
    levels = [value for start in shown for value in start.curve_pa]
    spec = {
        "data": data,
        "layout": layout(
            xaxis=begin,
            yaxis=axis("current (pA)", range=padded(min(levels), max(levels), _ROOM)),
        ),
        "dark": {**colours.DARK, **dict(pairs)},
    }
    text = _WORDS.get(measure, _WORDS["instantaneous"])[1]
    count = wording.count(len(shown), "step")
    if len(shown) < len(starts):
        text = f"{len(shown)} of {len(starts)} steps. {text}"
    return Figure(
        key=key,
        spec=spec,
        label=f"The beginning of {count} of {recording.row.recording}, with the fitted curves. "
        "The values are in the table of points.",
        caption=text,
        height=380,
    )


def _choose(starts: Sequence[StepStart]) -> list[StepStart]:
    if len(starts) <= MOST_STEPS:
        return list(starts)
    last = len(starts) - 1
    return [starts[round(k * last / (MOST_STEPS - 1))] for k in range(MOST_STEPS)]


def _after(start: StepStart, times_ms: Sequence[float]) -> Any:
    return numbers([time - start.start_ms for time in times_ms])


def _samples(start: StepStart, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": _after(start, start.time_ms),
        "y": numbers(start.current_pa),
        "line": {"color": colour, "width": 1.0},
        "opacity": 0.65,
        "meta": {"sweep": start.sweep},
        "hovertemplate": f"sweep {start.sweep}<br>%{{x:.4~g}} ms, %{{y:.4~g}} pA<extra></extra>",
    }


def _curve(start: StepStart, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": _after(start, start.curve_time_ms),
        "y": numbers(start.curve_pa),
        "line": {"color": colour, "width": 2.2, "dash": "dash"},
        "meta": {"sweep": start.sweep},
        "hoverinfo": "skip",
    }


def _read(start: StepStart, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [rounded(start.read_ms - start.start_ms)],
        "y": [rounded(start.read_pa)],
        "marker": {"symbol": "circle-open", "size": 9, "color": colour, "line": {"width": 2}},
        "meta": {"sweep": start.sweep},
        "hovertemplate": f"sweep {start.sweep}: read here, %{{y:.4~g}} pA<extra></extra>",
    }

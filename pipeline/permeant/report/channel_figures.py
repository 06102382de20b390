"""Pictures of single channels: the trace, amplitudes, open and shut times."""

from __future__ import annotations

from itertools import pairwise
from math import exp, log10, pi, sqrt
from typing import TYPE_CHECKING, Any

from permeant.report import colours, wording
from permeant.report.figures import Figure, axis, layout, numbers, rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from permeant.records import ChannelTrace, DwellTimes, SingleChannel

_COLOURS = {"shut": colours.LINE, "open": colours.CURVE}
_RAW = "rgba(139,147,156,0.45)"
_FLOOR = 0.5


def draw_trace(patch: SingleChannel, trace: ChannelTrace, key: str) -> Figure:
    """Draw a stretch of the current with the idealisation over it.

    Parameters
    ----------
    patch : SingleChannel
        What was measured at the voltage.
    trace : ChannelTrace
        The stretch.
    key : str
        Name of the figure, unique on the page.
    """
    at = f"{wording.number(patch.v_membrane_mv)} mV"
    lines = [
        (trace.time_ms, trace.raw_pa, _RAW, 1.0, "as recorded"),
        (trace.time_ms, trace.current_pa, colours.AXIS, 1.2, "behind all filters"),
        (trace.ideal_ms, trace.ideal_pa, colours.CURVE, 1.8, "idealised"),
    ]
    shown = [_line(x, y, colour, width, name) for x, y, colour, width, name in lines if y]
    filters = (
        f"grey: as recorded and behind the added filter of "
        f"{wording.number(patch.added_filter_khz)} kHz"
        if trace.raw_pa
        else "grey: the current, to which no filter was added"
    )
    return Figure(
        key=key,
        spec={
            "data": shown,
            "layout": layout(
                xaxis=axis("time (ms)", zeroline=False),
                yaxis=axis("current (pA)"),
                showlegend=True,
                legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            ),
            "dark": {**colours.DARK},
        },
        label=f"Current at {at} with its idealisation.",
        caption=f"{at}, from {wording.number(trace.start_s)} s on; {filters}; red: idealised. The "
        "shut level is at zero.",
        height=300,
    )


def _line(
    x: Sequence[float], y: Sequence[float], colour: str, width: float, name: str
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers(x),
        "y": numbers(y),
        "line": {"color": colour, "width": width},
        "hoverinfo": "skip",
        "name": name,
    }


def draw_histogram(patch: SingleChannel, key: str) -> Figure:
    """Draw the histogram of all samples with what the levels and the noise make of it.

    Parameters
    ----------
    patch : SingleChannel
        With its histogram, levels and noise.
    key : str
        Name of the figure, unique on the page.
    """
    at = f"{wording.number(patch.v_membrane_mv)} mV"
    counts = [max(count, _FLOOR) for count in patch.histogram_counts]
    seen = _line(patch.histogram_pa, counts, colours.TEXT, 1.2, "samples")
    seen["line"]["shape"] = "hvh"
    top = max([*patch.histogram_counts, 1])
    return Figure(
        key=key,
        spec={
            "data": [seen, *_gaussians(patch)],
            "layout": layout(
                xaxis=axis("current (pA)"),
                yaxis=axis(
                    "samples",
                    type="log",
                    dtick=1,
                    range=[rounded(log10(_FLOOR)), rounded(log10(2.0 * top))],
                ),
            ),
            "dark": {**colours.DARK},
        },
        label=f"Histogram of all samples at {at} with the fitted levels.",
        caption="Amplitudes: all samples, the baseline taken off; dashed: the levels "
        f"({', '.join(wording.number(one) for one in _levels_pa(patch))} pA) with the noise "
        f"({wording.number(patch.noise_pa, 2)} pA) and their shares of the time. Samples between "
        "them are on the way from one level to another.",
        height=320,
    )


def _levels_pa(patch: SingleChannel) -> list[float]:
    return [0.0, *(level.i_pa for level in patch.levels if level.i_pa is not None)]


def _gaussians(patch: SingleChannel) -> list[dict[str, Any]]:
    if len(patch.histogram_pa) < 2 or not patch.noise_pa:
        return []
    width = abs(patch.histogram_pa[1] - patch.histogram_pa[0])
    shares = [level.share for level in patch.levels]
    known = [(0.0, 1.0 - sum(shares))]
    known += [(level.i_pa, level.share) for level in patch.levels if level.i_pa is not None]
    total = sum(patch.histogram_counts) * width / (sqrt(2 * pi) * patch.noise_pa)
    drawn = []
    for number, (middle, share) in enumerate(known):
        height = [
            (x, total * share * exp(-0.5 * ((x - middle) / patch.noise_pa) ** 2))
            for x in patch.histogram_pa
        ]
        shown = [(x, y) for x, y in height if y > _FLOOR]
        colour = colours.CURVE if number else colours.LINE
        line = _line([x for x, _ in shown], [y for _, y in shown], colour, 1.8, "level")
        line["line"]["dash"] = "dash"
        drawn.append(line)
    return drawn


def draw_times(patch: SingleChannel, times: DwellTimes, key: str) -> Figure:
    """Draw the distribution of open or shut times over a logarithmic axis, with the fit.

    Parameters
    ----------
    patch : SingleChannel
        What was measured at the voltage.
    times : DwellTimes
        With its counts and what the fit expects.
    key : str
        Name of the figure, unique on the page.
    """
    assert times.counts is not None
    whole = times.counts
    bins = _joined(whole.edges_ms, sum(whole.counts))
    edges = [whole.edges_ms[k] for k in bins]
    # per unit of the logarithm: bins of whole samples are not equally wide
    widths = [log10(b / a) for a, b in pairwise(edges)]

    def height(counts: Sequence[float]) -> list[float]:
        joined = [sum(counts[a:b]) for a, b in pairwise(bins)]
        return [sqrt(n / width) for n, width in zip(joined, widths, strict=True)]

    colour = _COLOURS[times.kind]
    seen = _steps(edges, height(whole.counts))
    middles = [sqrt(a * b) for a, b in pairwise(edges)]
    fitted = _line(middles, height(times.expected), colour, 2.0, "fit")
    return Figure(
        key=key,
        spec={
            "data": [seen, fitted],
            "layout": layout(
                xaxis=axis(f"{_what(patch, times.kind)} (ms)", type="log", dtick=1),
                yaxis=axis("√ of times per log unit", rangemode="tozero"),
            ),
            "dark": {**colours.DARK},
        },
        label=f"Distribution of {times.kind} times at {wording.number(patch.v_membrane_mv)} mV.",
        caption=_caption(patch, times),
        height=320,
    )


def _what(patch: SingleChannel, kind: str) -> str:
    if (patch.n_channels or 1) == 1:
        return f"{kind} time"
    return "time with all shut" if kind == "shut" else "time with one open"


def _caption(patch: SingleChannel, times: DwellTimes) -> str:
    parts = ", ".join(
        f"{wording.number(one.tau_ms)} ms ({100 * one.area:.0f} %)" for one in times.components
    )
    assert times.counts is not None
    count = wording.count(sum(times.counts.counts), "time")
    tail = "line: the fit with what the dead time hides."
    if (patch.n_channels or 1) == 1:
        return f"{times.kind.capitalize()} times: {count} seen; {parts}; {tail}"
    between = "from one open to one open" if times.kind == "shut" else "from all shut to all shut"
    return (
        f"{_what(patch, times.kind).capitalize()}, {between}: {count} seen; one channel's "
        f"{times.kind} time: {parts}; {tail}"
    )


def _steps(edges: Sequence[float], height: Sequence[float]) -> dict[str, Any]:
    """Return the outline of a histogram."""
    x = [edges[0], *(edge for pair in pairwise(edges) for edge in pair), edges[-1]]
    y = [0.0, *(value for one in height for value in (one, one)), 0.0]
    line = _line(x, y, colours.AXIS, 1.2, "seen")
    line["fill"] = "tozeroy"
    line["fillcolor"] = colours.LINE_BAND
    return line


def _joined(edges_ms: Sequence[float], n_events: int) -> list[int]:
    """Choose edges so that a bin holds a dozen times on average, and 12 to 40 bins are left."""
    wanted = min(40, max(12, n_events // 12))
    step = max(1, (len(edges_ms) - 1) // wanted)
    return [*range(0, len(edges_ms) - 1, step), len(edges_ms) - 1]

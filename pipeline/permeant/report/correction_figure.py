"""What the corrections did to the curve: every point as it was recorded and as it was fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from permeant.report import colours, wording
from permeant.report.figures import (
    MEASURE_TITLES,
    Figure,
    axis,
    layout,
    numbers,
    padded,
    rounded,
    subscripted,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from permeant.records import IVFit, IVPoint, RecordingResult

_ROOM = 0.06
_HEIGHT_PX = 380


def correction_figure(recording: RecordingResult, key: str) -> Figure | None:
    """Draw each used point before and after all corrections; nothing where none was made."""
    raw, applied = recording.fit.raw, [e for e in recording.fit.effects if e.applied]
    measured = recording.measurement.points if recording.measurement else ()
    points = recording.subtracted_points or measured
    if raw is None or not applied or len(raw.v_mv) != len(points):
        return None
    both = [
        (v, i, point) for v, i, point in zip(raw.v_mv, raw.i_pa, points, strict=True) if point.used
    ]
    if not both:
        return None
    volts = [v for v, _, _ in both] + [p.v_membrane_mv for _, _, p in both]
    data = [_ways(both), _raw(both), _corrected([point for _, _, point in both])]
    data += _reversals(recording.fit)
    names = wording.join_words(effect.correction for effect in applied)
    return Figure(
        key=key,
        spec={
            "data": data,
            "layout": layout(
                xaxis=axis(
                    "voltage, inside − outside (mV)",
                    range=padded(min(*volts, 0.0), max(*volts, 0.0), _ROOM),
                ),
                yaxis=axis(f"{MEASURE_TITLES[recording.row.measure]} (pA)"),
                showlegend=True,
                legend={"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0},
                margin={"l": 74, "r": 14, "t": 30, "b": 90},
            ),
            "dark": dict(colours.DARK),
        },
        label=_label(recording, both, names),
        caption=f"Crosses: the points as recorded (command voltage, whole current); dots: the same "
        f"points after correction for {names}, as they were fitted. Hollow diamonds: where the "
        "curve would reverse if one correction alone were not made.",
        height=_HEIGHT_PX,
    )


def _ways(both: Sequence[tuple[float, float, IVPoint]]) -> dict[str, Any]:
    """Join each point with itself, before and after."""
    x: list[float | None] = []
    y: list[float | None] = []
    for v, i, point in both:
        x += [rounded(v), rounded(point.v_membrane_mv), None]
        y += [rounded(i), rounded(point.i_pa), None]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "what the corrections moved",
        "x": x,
        "y": y,
        "line": {"color": colours.AXIS, "width": 1},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _raw(both: Sequence[tuple[float, float, IVPoint]]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "as recorded",
        "x": numbers([v for v, _, _ in both]),
        "y": numbers([i for _, i, _ in both]),
        "marker": {"symbol": "cross-thin-open", "size": 8, "color": colours.MUTED},
        "customdata": [[point.sweep] for _, _, point in both],
        "hovertemplate": "sweep %{customdata[0]}, as recorded<br>V = %{x:.2f} mV<br>"
        "I = %{y:.5~g} pA<extra></extra>",
    }


def _corrected(points: Sequence[IVPoint]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "corrected",
        "x": numbers([point.v_membrane_mv for point in points]),
        "y": numbers([point.i_pa for point in points]),
        "marker": {
            "size": 8,
            "color": colours.CURVE,
            "line": {"width": 0.8, "color": colours.PAPER},
        },
        "customdata": [[point.sweep] for point in points],
        "hovertemplate": "sweep %{customdata[0]}, corrected<br>V = %{x:.2f} mV<br>"
        "I = %{y:.5~g} pA<extra></extra>",
    }


def _reversals(fit: IVFit) -> list[dict[str, Any]]:
    """Mark the reversal as it is, and as it would be without each correction."""
    without = [
        (effect.e_rev_without_mv, f"E_rev without {effect.correction}")
        for effect in fit.effects
        if effect.applied and effect.e_rev_without_mv is not None
    ]
    marks = [(fit.e_rev_mv, "E_rev", "diamond", colours.CURVE)] if fit.e_rev_mv is not None else []
    drawn = [(v, name, "diamond-open", colours.LINE) for v, name in without] + marks
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": subscripted(name),
            "x": [rounded(v)],
            "y": [0],
            "marker": {"symbol": symbol, "size": 10, "color": colour, "line": {"width": 1.6}},
            "hovertemplate": subscripted(f"{name}: {wording.number(v, 4)} mV") + "<extra></extra>",
            "showlegend": False,
        }
        for v, name, symbol, colour in drawn
    ]


def _label(
    recording: RecordingResult, both: Sequence[tuple[float, float, IVPoint]], names: str
) -> str:
    moved_mv = [point.v_membrane_mv - v for v, _, point in both]
    moved_pa = [point.i_pa - i for _, i, point in both]
    low, high = wording.signed(min(moved_mv), 1), wording.signed(max(moved_mv), 1)
    text = (
        f"Points of {recording.row.recording} before and after correction for {names}: the "
        f"voltages moved by {low} to {high} mV"
    )
    if any(moved_pa):
        text += (
            f", the currents by {wording.signed_digits(min(moved_pa), 3)} to "
            f"{wording.signed_digits(max(moved_pa), 3)} pA"
        )
    return text + "."

"""Current–voltage pictures: one recording with its fit, and all recordings of a cell."""

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
    plain,
    rounded,
    subscripted,
)
from permeant.report.models import model_colours, model_traces, models_caption
from permeant.report.nernst_labels import nernst_labels, nernst_potentials
from permeant.report.residuals import HEIGHT_PX as RESIDUALS_PX
from permeant.report.residuals import residual_axes, residual_caption, residual_traces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from permeant.records import Curve, IVFit, IVPoint, RecordingResult

_VOLTAGE = "membrane voltage, inside − outside (mV)"
_NEAR = 0.3
_ROOM = 0.06
_MODEBAR_PX = 26
"""Room above the ions' names for the buttons that plotly shows when one points at a picture."""


def iv_figure(recording: RecordingResult, key: str, linked_to: str = "") -> Figure | None:
    """Draw the I–V of a recording; nothing where nothing was measured."""
    fit, shown = recording.fit, _shown_points(recording)
    if not shown:
        return None
    sweeps = [t.sweep for t in recording.traces] or sorted({p.sweep for p in shown})
    pairs = colours.sweep_colours(len(sweeps))
    by_sweep = {sweep: light for sweep, (light, _) in zip(sweeps, pairs, strict=True)}
    data: list[dict[str, Any]] = []
    if fit.curve is not None and fit.curve.v_mv:
        data += _curve(fit.curve, "g", (colours.LINE, colours.LINE_BAND), "dash")
    if fit.reversal_curve is not None and fit.reversal_curve.v_mv:
        data += _curve(fit.reversal_curve, "E_rev", (colours.CURVE, colours.BAND), "solid")
    with_models = model_traces(fit)
    data += with_models
    for used in (True, False):
        some = [p for p in shown if p.used is used]
        if some:
            data.append(_points(some, [by_sweep.get(p.sweep, colours.TEXT) for p in some], used))
    if fit.e_rev_mv is not None:
        data.append(_reversal(fit, colours.CURVE))
    data += residual_traces(fit)
    under = residual_axes(fit)
    limits = _voltage_limits(recording)
    potentials = nernst_potentials(recording.driving_forces)
    shapes, annotations, rows = nernst_labels(potentials, (limits[0], limits[1]))
    spec = {
        "data": data,
        "layout": layout(
            margin={
                "l": 74,
                "r": 14,
                "t": 14 + _MODEBAR_PX + 15 * max(rows, 1),
                "b": 110 if with_models else 50,
            },
            showlegend=bool(with_models),
            legend={"orientation": "h", "y": -0.15, "yanchor": "top", "x": 0},
            xaxis=axis(_VOLTAGE, range=limits, anchor="y2" if under else "y"),
            yaxis=axis(f"{MEASURE_TITLES[recording.row.measure]} (pA)", **under.pop("yaxis", {})),
            **under,
            shapes=shapes,
            annotations=[*annotations, *_reversal_name(fit)],
        ),
        "dark": {**colours.DARK, **dict(pairs), **(model_colours() if with_models else {})},
    }
    return Figure(
        key=key,
        spec=spec,
        label=_label(recording, potentials),
        caption=_caption(recording, bool(potentials)),
        height=_height(fit, bool(with_models)),
        linked_to=linked_to,
    )


def _height(fit: IVFit, with_models: bool) -> int:
    return 440 + (60 if with_models else 0) + (RESIDUALS_PX if fit.residuals else 0)


def all_iv_figure(recordings: Sequence[RecordingResult], key: str) -> Figure | None:
    """Draw the I–V curves of all recordings of a cell together, if there are several."""
    shown = [r for r in recordings if not r.row.exclude and any(p.used for p in _shown_points(r))]
    if len(shown) < 2:
        return None
    data: list[dict[str, Any]] = []
    dark = dict(colours.DARK)
    told = []
    for k, recording in enumerate(shown):
        light, dark[light], symbol, dash = colours.series_style(k)
        name = plain(recording.row.recording)
        if recording.row.bath:
            name += f" ({plain(recording.row.bath)})"
        data += _series(recording, name, light, symbol, dash)
        told.append(f"{recording.row.recording}: {wording.fit_text(recording.fit)}")
    spec = {
        "data": data,
        "layout": layout(
            xaxis=axis(_VOLTAGE),
            yaxis=axis("current (pA)"),
            showlegend=True,
            legend={"orientation": "h", "y": -0.18, "yanchor": "top", "x": 0},
            margin={"l": 74, "r": 14, "t": 20, "b": 90},
        ),
        "dark": dark,
    }
    return Figure(
        key=key,
        spec=spec,
        label=f"Current–voltage curves of {len(shown)} recordings. {'; '.join(told)}.",
        caption="The points that were used, ± 1 standard error, joined in the order of their "
        "voltages; on the zero line the reversal potentials with their 95 % intervals (hollow: "
        "extrapolated).",
        height=460,
    )


def _series(
    recording: RecordingResult, name: str, colour: str, symbol: str, dash: str
) -> list[dict[str, Any]]:
    used = sorted((p for p in _shown_points(recording) if p.used), key=lambda p: p.v_membrane_mv)
    points = _points(used, colour, True)
    points["mode"] = "lines+markers"
    points["line"] = {"color": colour, "width": 1.4, "dash": dash}
    points["marker"]["symbol"] = symbol
    points.update(name=name, legendgroup=name, showlegend=True)
    points["hovertemplate"] = "%{fullData.name}<br>" + points["hovertemplate"]
    fit = recording.fit
    if fit.e_rev_mv is None:
        return [points]
    return [points, {**_reversal(fit, colour, name), "legendgroup": name}]


def _curve(curve: Curve, name: str, colour: tuple[str, str], dash: str) -> list[dict[str, Any]]:
    """Draw a fitted curve over its 95 % band."""
    common = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "showlegend": False}
    band = {
        **common,
        "name": f"95 % band of the curve for {name}",
        "x": numbers((*curve.v_mv, *reversed(curve.v_mv))),
        "y": numbers((*curve.i_low_pa, *reversed(curve.i_high_pa))),
        "fill": "toself",
        "fillcolor": colour[1],
        "line": {"width": 0},
    }
    line = {
        **common,
        "name": f"curve for {name}",
        "x": numbers(curve.v_mv),
        "y": numbers(curve.i_pa),
        "line": {"color": colour[0], "width": 2, "dash": dash},
    }
    return [band, line]


def _points(points: Sequence[IVPoint], colour: str | list[str], used: bool) -> dict[str, Any]:
    ending = "" if used else "<br>not used: %{text}"
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "name": "used" if used else "not used",
        "x": numbers([p.v_membrane_mv for p in points]),
        "y": numbers([p.i_pa for p in points]),
        "error_y": {
            "type": "data",
            "array": numbers([p.i_sem_pa for p in points]),
            "color": colours.MUTED,
            "thickness": 1.2,
            "width": 3,
        },
        "marker": {
            "color": colour,
            "size": 8,
            "symbol": "circle" if used else "circle-open",
            "line": {"width": 0.8 if used else 1.6, "color": colours.PAPER if used else colour},
        },
        "customdata": [[p.sweep, rounded(p.v_command_mv), rounded(p.i_sem_pa, 3)] for p in points],
        "hovertemplate": "sweep %{customdata[0]}<br>V = %{x:.2f} mV (command %{customdata[1]} mV)"
        f"<br>I = %{{y:.5~g}} ± %{{customdata[2]}} pA{ending}<extra></extra>",
        "showlegend": False,
    }
    if not used:
        trace["text"] = [plain(p.reason or "no reason was recorded") for p in points]
    return trace


def _reversal(fit: IVFit, colour: str, name: str = "") -> dict[str, Any]:
    value, low, high = fit.e_rev_mv, fit.e_rev_low_mv, fit.e_rev_high_mv
    assert value is not None
    measured = fit.e_rev_status == "measured"
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "name": name or "E_rev",
        "x": [rounded(value)],
        "y": [0],
        "marker": {
            "symbol": "diamond" if measured else "diamond-open",
            "size": 10,
            "color": colour,
            "line": {"width": 1.2, "color": colours.PAPER if measured else colour},
        },
        "hovertemplate": ("%{fullData.name}<br>" if name else "")
        + subscripted(f"E_rev = {wording.reversal_value(fit)}")
        + ("" if measured else "<br>extrapolated")
        + "<extra></extra>",
        "showlegend": False,
    }
    if low is not None and high is not None:
        trace["error_x"] = {
            "type": "data",
            "symmetric": False,
            "array": [rounded(high - value)],
            "arrayminus": [rounded(value - low)],
            "color": colour,
            "thickness": 2,
            "width": 5,
        }
    return trace


def _reversal_name(fit: IVFit) -> list[dict[str, Any]]:
    if fit.e_rev_mv is None:
        return []
    name = {
        "x": rounded(fit.e_rev_mv),
        "y": 0,
        "xanchor": "left",
        "yanchor": "top",
        "xshift": 8,
        "yshift": -5,
        "text": subscripted("E_rev"),
        "showarrow": False,
        "font": {"size": 13, "color": colours.CURVE},
    }
    return [name]


def _shown_points(recording: RecordingResult) -> tuple[IVPoint, ...]:
    """Return the points that the fit saw: after subtraction, where a control is subtracted."""
    measured = recording.measurement.points if recording.measurement else ()
    return recording.subtracted_points or measured


def _voltage_limits(recording: RecordingResult) -> list[float | None]:
    """Choose the voltages to show: what was tested, and what stands close by."""
    volts = [p.v_membrane_mv for p in _shown_points(recording)]
    low, high = min(volts), max(volts)
    reach = (high - low or 10.0) * _NEAR
    fit = recording.fit
    near = [d.e_nernst_mv for d in recording.driving_forces]
    near += [fit.e_rev_mv, fit.e_rev_low_mv, fit.e_rev_high_mv, 0.0]
    seen = [v for v in near if v is not None and low - reach <= v <= high + reach]
    return padded(min([low, *seen]), max([high, *seen]), _ROOM)


def _label(recording: RecordingResult, potentials: dict[str, float]) -> str:
    points = _shown_points(recording)
    volts = [p.v_membrane_mv for p in points]
    unused = sum(not p.used for p in points)
    text = (
        f"Current–voltage curve of {recording.row.recording}: "
        f"{wording.count(len(points), 'point')} from "
        f"{wording.voltage_range(min(volts), max(volts))}"
    )
    if unused:
        text += f", {unused} of them not used"
    text += f". Fit: {wording.fit_text(recording.fit)}."
    if potentials:
        told = (f"{ion} {wording.number(e)} mV" for ion, e in potentials.items())
        text += f" Nernst potentials: {wording.join_words(told)}."
    if recording.fit.models_verdict:
        text += f" Models: {recording.fit.models_verdict}."
    return text


def _what_was_subtracted(recording: RecordingResult) -> str:
    points = recording.measurement.points if recording.measurement else ()
    leak = ["the leak"] if any(point.i_leak_pa is not None for point in points) else []
    return " and ".join([*leak, *recording.row.controls])


def _caption(recording: RecordingResult, with_potentials: bool) -> str:
    text = "Points with ± 1 standard error, coloured as their sweeps"
    if recording.subtracted_points:
        text += f", after subtraction of {_what_was_subtracted(recording)}"
    if any(not p.used for p in _shown_points(recording)):
        text += "; hollow points were not used"
    fit = recording.fit
    if fit.curve is not None:
        text += "; dashed: the line whose slope is g, with its 95 % band"
    if fit.reversal_curve is not None:
        text += "; solid: the curve that gives the reversal potential, with its 95 % band"
    if fit.e_rev_mv is not None:
        hollow = "" if fit.e_rev_status == "measured" else " (hollow: extrapolated)"
        text += f"; diamond: reversal potential with its 95 % interval{hollow}"
    if with_potentials:
        text += "; dotted: Nernst potentials"
    return text + residual_caption(fit) + models_caption(fit) + "."

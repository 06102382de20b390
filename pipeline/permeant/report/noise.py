"""Noise of many channels on a page: a sentence, numbers, and a picture for each voltage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from permeant.report import colours, wording
from permeant.report.figures import Figure, axis, layout, numbers, rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from permeant.records import Noise, RecordingResult

MOST_PICTURES = 4


@dataclass(frozen=True)
class NoiseRow:
    """One voltage in the table; texts ready to be shown."""

    voltage: str
    current: str
    channels: str
    p_max: str
    conductance: str
    sweeps: str
    kept: str
    why: str


@dataclass(frozen=True)
class NoiseView:
    """Everything that the section of noise shows of a recording."""

    sentence: str
    rows: tuple[NoiseRow, ...]
    pairs: tuple[tuple[Figure, Figure], ...]
    has_conductance: bool

    @property
    def pictures(self) -> tuple[Figure, ...]:
        """Every picture of the section."""
        return tuple(one for pair in self.pairs for one in pair)


def view_noise(recording: RecordingResult, key: str) -> NoiseView | None:
    """Return what to show of noise; nothing where it was not measured."""
    found = recording.measurement.noise if recording.measurement else ()
    if not found:
        return None
    drawn = [one for one in found if one.trace is not None][:MOST_PICTURES]
    return NoiseView(
        noise_sentence(found),
        tuple(_row(one) for one in found),
        tuple(
            (_parabola(one, f"{key}-{number}"), _in_time(one, f"{key}-{number}-time"))
            for number, one in enumerate(drawn, 1)
        ),
        any(one.g_unitary_ps is not None for one in found),
    )


def is_one_voltage(recording: RecordingResult) -> bool:
    """Whether noise was measured at one voltage alone, whose one point is no curve."""
    found = recording.measurement.noise if recording.measurement else ()
    return len(found) == 1


def noise_sentence(found: Sequence[Noise]) -> str:
    """Say in a sentence what the noise told: of the voltage that told most."""
    good = [one for one in found if one.status != "rejected"]
    if not good:
        return f"Noise told nothing: {found[0].reason}"
    best = max(good, key=lambda one: (one.status == "ok", abs(one.i_max_pa or 0.0)))
    current = wording.quantity(best.i_unitary_pa, "pA", best.i_low_pa, best.i_high_pa)
    start = f"At {wording.number(best.v_membrane_mv)} mV a channel passes {current}"
    if best.i_unitary_pa is None:
        least = best.i_high_pa if best.i_low_pa is None else best.i_low_pa
        return (
            f"At {wording.number(best.v_membrane_mv)} mV a channel passes at least "
            f"{wording.number(least)} pA, from the noise of a steady current"
        )
    if best.p_max is None and best.status == "ok":
        many = wording.with_interval(best.n_channels, best.n_low, best.n_high)
        return f"{start}; there are {many} of them, with the open probability that was stated"
    if best.status == "bound":
        return (
            f"{start}; there are at least {wording.number(best.n_low, 3)} channels, of which at "
            f"most {100 * (best.p_max_high or 0.0):.0f} % are open at once"
        )
    many = wording.with_interval(best.n_channels, best.n_low, best.n_high)
    share = wording.with_interval(best.p_max, best.p_max_low, best.p_max_high)
    return f"{start}; there are {many} of them, open at most with a probability of {share}"


def _row(one: Noise) -> NoiseRow:
    channels = wording.with_interval(one.n_channels, one.n_low, one.n_high)
    p_max = wording.with_interval(one.p_max, one.p_max_low, one.p_max_high)
    if one.status == "bound" and one.n_low is not None:
        channels = f"≥ {wording.number(one.n_low, 3)}"
        p_max = f"≤ {wording.number(one.p_max_high, 2)}"
    left_out = f" ({one.n_left_out} left out)" if one.n_left_out else ""
    return NoiseRow(
        voltage=wording.number(one.v_membrane_mv),
        current=wording.with_interval(one.i_unitary_pa, one.i_low_pa, one.i_high_pa),
        channels=channels,
        p_max=p_max,
        conductance=wording.with_interval(one.g_unitary_ps, one.g_low_ps, one.g_high_ps),
        sweeps=f"{one.n_sweeps}{left_out}",
        kept=wording.MISSING if one.kept is None else f"{100 * one.kept:.0f} %",
        why=one.reason,
    )


def _parabola(one: Noise, key: str) -> Figure:
    voltage = wording.number(one.v_membrane_mv)
    fitted = ", and the parabola i·I − I²/N with its 95 % interval" if one.band else ""
    return Figure(
        key=key,
        spec={
            "data": [*_band(one), _bins(one)],
            "layout": layout(
                xaxis=axis("mean current (pA)"),
                yaxis=axis("variance (pA²)", rangemode="tozero"),
            ),
            "dark": {**colours.DARK},
        },
        label=f"Variance between sweeps against their mean at {voltage} mV{fitted}.",
        caption=f"{voltage} mV. Variance between neighbouring sweeps, background taken off, "
        f"against the mean current; bars are standard errors{fitted}.",
        height=400,
    )


def _in_time(one: Noise, key: str) -> Figure:
    voltage = wording.number(one.v_membrane_mv)
    return Figure(
        key=key,
        spec={
            "data": _course(one),
            "layout": layout(
                xaxis=axis("time in the sweep (ms)", anchor="y2", zeroline=False),
                yaxis=axis("mean current (pA)", domain=[0.52, 1]),
                yaxis2=axis("variance (pA²)", domain=[0, 0.46], rangemode="tozero"),
                shapes=_window(one),
            ),
            "dark": {**colours.DARK},
        },
        label=f"Mean current and variance in time at {voltage} mV.",
        caption=f"{voltage} mV. Mean of {one.n_sweeps} sweeps over the zero current, and the "
        "variance between them with the background still in it. Shaded: the window.",
        height=400,
    )


def _bins(one: Noise) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [rounded(each.i_pa) for each in one.bins],
        "y": [rounded(each.variance_pa2) for each in one.bins],
        "error_y": {
            "type": "data",
            "array": [rounded(each.se_pa2) for each in one.bins],
            "color": colours.AXIS,
            "thickness": 1.2,
            "width": 3,
        },
        "marker": {"color": colours.TEXT, "size": 6},
        "hovertemplate": "%{x:.4g} pA, %{y:.4g} pA²<extra></extra>",
    }


def _band(one: Noise) -> list[dict[str, Any]]:
    if not one.band:
        return []
    i_pa, middle, low, high = (list(column) for column in zip(*one.band, strict=True))
    shared = {"type": "scatter", "mode": "lines", "hoverinfo": "skip"}
    return [
        {
            **shared,
            "x": [rounded(v) for v in (*i_pa, *reversed(i_pa))],
            "y": [rounded(v) for v in (*high, *reversed(low))],
            "fill": "toself",
            "fillcolor": colours.BAND,
            "line": {"width": 0},
        },
        {
            **shared,
            "x": [rounded(v) for v in i_pa],
            "y": [rounded(v) for v in middle],
            "line": {"color": colours.CURVE, "width": 2},
        },
    ]


def _course(one: Noise) -> list[dict[str, Any]]:
    assert one.trace is not None
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": numbers(one.trace.time_ms),
            "y": numbers(values),
            "line": {"color": colour, "width": 1.4},
            "yaxis": yaxis,
            "hoverinfo": "skip",
        }
        for yaxis, values, colour in (
            ("y", one.trace.i_pa, colours.CURVE),
            ("y2", one.trace.variance_pa2, colours.TEXT),
        )
    ]


def _window(one: Noise) -> list[dict[str, Any]]:
    assert one.trace is not None
    return [
        {
            "type": "rect",
            "xref": "x",
            "yref": "paper",
            "x0": rounded(one.trace.window_start_ms),
            "x1": rounded(one.trace.window_end_ms),
            "y0": 0,
            "y1": 1,
            "fillcolor": colours.WINDOW,
            "line": {"width": 0},
            "layer": "below",
        }
    ]

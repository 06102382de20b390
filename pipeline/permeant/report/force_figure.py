"""The driving force of every ion, as arrows that show direction and size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from permeant.report import colours, wording
from permeant.report.figures import Figure, axis, layout, padded, plain, rounded, subscripted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from permeant.records import DrivingForce, RecordingResult

_ROW_PX = 68
_APART = 0.4
_MOST_MV = 160.0
"""An arrow that is longer leaves the plot: an ion of which there is next to nothing on one side
would else make all others too short to see."""


def force_figure(recording: RecordingResult, key: str) -> Figure | None:
    """Draw an arrow from each voltage to the Nernst potential of each ion; else nothing."""
    forces = [
        f for f in recording.driving_forces if f.e_nernst_mv is not None and f.v_mv is not None
    ]
    if not forces:
        return None
    ions = list(dict.fromkeys(force.ion for force in forces))
    named = _named_voltages(recording, forces)
    low, high = _limits(forces, list(named))
    data, arrows, lines = [], [], []
    for k, (v_mv, (_, colour)) in enumerate(named.items()):
        lines.append(_line(v_mv, colour))
        some = [force for force in forces if force.v_mv == v_mv]
        shift = _APART * (k - (len(named) - 1) / 2)
        places = [ions.index(force.ion) + shift for force in some]
        data.append(_ends(some, places, colour, (low, high)))
        arrows += [_arrow(f, y, colour, (low, high)) for f, y in zip(some, places, strict=True)]
    spec = {
        "data": data,
        "layout": layout(
            xaxis=axis("voltage, inside − outside (mV)", range=padded(low, high, 0.04)),
            yaxis=axis(
                "",
                tickvals=list(range(len(ions))),
                ticktext=[plain(ion) for ion in ions],
                range=[len(ions) - 0.5, -0.5],
                zeroline=False,
                showgrid=False,
            ),
            shapes=lines,
            annotations=[*arrows, *(_name(v, *about) for v, about in named.items())],
            margin={"l": 84, "r": 14, "t": 44, "b": 50},
        ),
        "dark": dict(colours.DARK),
    }
    return Figure(
        key=key,
        spec=spec,
        label=f"Driving forces of {recording.row.recording}. {'; '.join(map(_in_words, forces))}.",
        caption="An arrow leads from the membrane voltage to the Nernst potential of the ion, "
        "where a current of this ion alone would bring it; its length is the driving force, and "
        "the words say which way the ion itself moves.",
        height=100 + _ROW_PX * len(ions),
    )


def _named_voltages(
    recording: RecordingResult, forces: Sequence[DrivingForce]
) -> dict[float, tuple[str, str]]:
    """Return the voltages of the forces, each with its name and colour."""
    fit = recording.fit
    named = {}
    for force in forces:
        assert force.v_mv is not None
        measured = fit.e_rev_status == "measured" and force.v_mv == fit.e_rev_mv
        about = ("E_rev", colours.CURVE) if measured else ("holding", colours.LINE)
        named[force.v_mv] = about
    return named


def _limits(forces: Sequence[DrivingForce], volts: Sequence[float]) -> tuple[float, float]:
    middle = sum(volts) / len(volts)
    every = [f.e_nernst_mv for f in forces if f.e_nernst_mv is not None]
    near = [e for e in every if abs(e - middle) <= _MOST_MV]
    low, high = min([*volts, *near]), max([*volts, *near])
    low = min(low, middle - _MOST_MV / 2) if any(e < middle - _MOST_MV for e in every) else low
    high = max(high, middle + _MOST_MV / 2) if any(e > middle + _MOST_MV for e in every) else high
    return low, high


def _way(force: DrivingForce) -> str:
    if force.flux_ratio is None or force.flux_ratio == 1.0:
        return ""
    return "enters" if force.flux_ratio > 1.0 else "leaves"


def _in_words(force: DrivingForce) -> str:
    return (
        f"{force.ion} at {wording.number(force.v_mv)} mV: "
        f"{wording.number(force.driving_force_mv)} mV, {_way(force) or 'at rest'}"
    )


def _arrow(
    force: DrivingForce, y: float, colour: str, limits: tuple[float, float]
) -> dict[str, Any]:
    assert force.e_nernst_mv is not None
    end = min(max(force.e_nernst_mv, limits[0]), limits[1])
    return {
        "x": rounded(end),
        "y": y,
        "ax": rounded(force.v_mv),
        "ay": y,
        "xref": "x",
        "yref": "y",
        "axref": "x",
        "ayref": "y",
        "text": "",
        "showarrow": True,
        "arrowhead": 2,
        "arrowsize": 1.1,
        "arrowwidth": 2.4,
        "arrowcolor": colour,
    }


def _ends(
    forces: Sequence[DrivingForce],
    places: Sequence[float],
    colour: str,
    limits: tuple[float, float],
) -> dict[str, Any]:
    """Draw the ends of the arrows as marks that can be pointed at, with their words."""
    ends, words, sides = [], [], []
    for force in forces:
        e_mv = force.e_nernst_mv
        assert e_mv is not None
        assert force.v_mv is not None
        inside = limits[0] <= e_mv <= limits[1]
        ends.append(rounded(min(max(e_mv, limits[0]), limits[1])))
        far = "" if inside else f" (E = {wording.number(e_mv)} mV)"
        words.append(f"{_way(force)}{far}")
        # the words stand where there is room: towards the middle of the plot
        room_right = limits[1] - max(e_mv, force.v_mv) > min(e_mv, force.v_mv) - limits[0]
        sides.append("top left" if e_mv > force.v_mv or not room_right else "top right")
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": ends,
        "y": list(places),
        "text": words,
        "textposition": sides,
        "textfont": {"size": 11, "color": colours.MUTED},
        "marker": {"color": colour, "size": 5},
        "cliponaxis": False,
        "customdata": [
            [plain(f.ion), rounded(f.e_nernst_mv), rounded(f.v_mv), rounded(f.driving_force_mv)]
            for f in forces
        ],
        "hovertemplate": "%{customdata[0]}: E = %{customdata[1]:.4~g} mV<br>at V = "
        "%{customdata[2]:.4~g} mV: V − E = %{customdata[3]:.4~g} mV<extra></extra>",
    }


def _line(v_mv: float, colour: str) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": rounded(v_mv),
        "x1": rounded(v_mv),
        "y0": 0,
        "y1": 1,
        "layer": "below",
        "line": {"color": colour, "width": 1.4},
    }


def _name(v_mv: float, name: str, colour: str) -> dict[str, Any]:
    return {
        "x": rounded(v_mv),
        "y": 1,
        "xref": "x",
        "yref": "paper",
        "yanchor": "bottom",
        "xanchor": "center",
        "yshift": 0 if name == "holding" else 16,
        "text": f"{subscripted(name)} {wording.number(v_mv)} mV",
        "showarrow": False,
        "font": {"size": 12, "color": colour},
    }

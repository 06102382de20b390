"""The driving force of every ion, as arrows that show direction and size."""

from __future__ import annotations

from dataclasses import dataclass
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
    places = _places(forces)
    low, high = _limits(forces, [place.v_mv for place in places])
    apart = _APART if len(places) < 3 else _APART * 0.7
    data, arrows, lines, names = [], [], [], []
    for k, place in enumerate(places):
        lines.append(_line(place.v_mv, place.colour))
        names.append(_name(place, len(places) - 1 - k))
        shift = apart * (k - (len(places) - 1) / 2)
        rows = [ions.index(force.ion) + shift for force in place.forces]
        data.append(_ends(place.forces, rows, place.colour, (low, high)))
        arrows += [
            _arrow(force, y, place.colour, (low, high))
            for force, y in zip(place.forces, rows, strict=True)
        ]
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
            annotations=[*arrows, *names],
            margin={"l": 84, "r": 14, "t": 12 + 16 * len(places), "b": 50},
        ),
        "dark": dict(colours.DARK),
    }
    return Figure(
        key=key,
        spec=spec,
        label=f"Driving forces of {recording.row.recording}. {'; '.join(map(_in_words, forces))}.",
        caption="An arrow leads from the membrane voltage to the Nernst potential of the ion, "
        "where a current of this ion alone would bring it; its length is the driving force, and "
        "the words say which way the ion itself moves." + _about_rest(forces),
        height=100 + (_ROW_PX if len(places) < 3 else round(1.25 * _ROW_PX)) * len(ions),
    )


@dataclass(frozen=True)
class _Place:
    """One of the voltages at which the forces are given."""

    name: str
    v_mv: float
    colour: str
    forces: tuple[DrivingForce, ...]


_NAMED = {
    "holding": ("holding", colours.LINE),
    "reversal": ("E_rev", colours.CURVE),
    "rest": ("rest", colours.REST),
}


def _places(forces: Sequence[DrivingForce]) -> list[_Place]:
    """Sort the forces by the voltage that they are given at, each with its name and colour."""
    sorted_by: dict[tuple[str, float], list[DrivingForce]] = {}
    for force in forces:
        assert force.v_mv is not None
        sorted_by.setdefault((force.at, force.v_mv), []).append(force)
    found = []
    for (at, v_mv), some in sorted_by.items():
        name, colour = _NAMED.get(at.partition(" ")[0], ("V", colours.LINE))
        found.append(_Place(name, v_mv, colour, tuple(some)))
    return found


def _about_rest(forces: Sequence[DrivingForce]) -> str:
    """Say where the resting potential comes from, or what it takes to have one."""
    said = next((force.at for force in forces if force.at.startswith("rest")), "")
    if "GHK" in said:
        assumed = said.partition("assumed ")[2].rstrip(")")
        return (
            f" Rest is an estimate, not measured: the GHK equation with the assumed {assumed} "
            "(permeability: resting_permeabilities) and these two solutions."
        )
    if said:
        return " Rest is the v_rest_mv of the sheet."
    return (
        " No arrow at rest: nobody stated the resting potential (column v_rest_mv of the sheet, or "
        "permeability: resting_permeabilities for an estimate)."
    )


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
        f"{force.ion} at {force.at.partition(' ')[0]} {wording.number(force.v_mv)} mV: "
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


def _name(place: _Place, row: int) -> dict[str, Any]:
    return {
        "x": rounded(place.v_mv),
        "y": 1,
        "xref": "x",
        "yref": "paper",
        "yanchor": "bottom",
        "xanchor": "center",
        "yshift": 16 * row,
        "text": f"{subscripted(place.name)} {wording.number(place.v_mv)} mV",
        "showarrow": False,
        "font": {"size": 12, "color": place.colour},
    }

"""The membrane test over the sweeps: series resistance, membrane resistance, capacitance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from permeant.report import colours, wording
from permeant.report.figures import Figure, axis, layout, numbers, subscripted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from permeant.records import RecordingResult, SweepTest

_PANELS = (
    ("R_s", "MΩ", "r_s_mohm", "r_s_se_mohm"),
    ("R_m", "MΩ", "r_m_mohm", "r_m_se_mohm"),
    ("R_s + R_m", "MΩ", "r_input_mohm", "r_input_se_mohm"),
    ("C_m", "pF", "c_m_pf", "c_m_se_pf"),
)
_GAP = 0.06
_PANEL_PX = 110


def membrane_figure(recording: RecordingResult, key: str) -> Figure | None:
    """Draw what the membrane test of each sweep tells; nothing where it tells nothing."""
    tests = recording.measurement.membrane_tests if recording.measurement else ()
    panels = [panel for panel in _PANELS if any(getattr(one, panel[2]) for one in tests)]
    if any(name == "R_m" for name, *_ in panels):  # then the sum adds nothing
        panels = [panel for panel in panels if panel[0] != "R_s + R_m"]
    if not panels:
        return None
    data: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    height = (1.0 - _GAP * (len(panels) - 1)) / len(panels)
    for k, panel in enumerate(panels):
        top = 1.0 - k * (height + _GAP)
        suffix = str(k + 1) if k else ""
        name, unit = panel[:2]
        data.append(_series(tests, panel, f"y{suffix}", k))
        axes[f"yaxis{suffix}"] = axis(
            f"{subscripted(name)} ({unit})",
            domain=[max(top - height, 0.0), top],
            zeroline=False,
            nticks=4,
            rangemode="normal",
        )
    lowest = f"y{len(panels)}" if len(panels) > 1 else "y"
    spec = {
        "data": data,
        "layout": layout(
            xaxis=axis("sweep", anchor=lowest, zeroline=False, tickformat="d"), **axes
        ),
        "dark": {**colours.DARK, **{c[0]: c[1] for c in map(colours.series_style, range(4))}},
    }
    told = wording.join_words(name for name, *_ in panels)
    return Figure(
        key=key,
        spec=spec,
        label=f"{told} of {wording.count(len(tests), 'sweep')} of {recording.row.recording} from "
        "the membrane test in each.",
        caption="From the test pulse in each sweep, ± 1 standard error. A step or a trend is a "
        "change of the access or of the cell, and makes the sweeps of one curve unequal.",
        height=70 + _PANEL_PX * len(panels),
    )


def _series(
    tests: Sequence[SweepTest], panel: tuple[str, str, str, str], yaxis: str, k: int
) -> dict[str, Any]:
    name, unit, field, error = panel
    told = [one for one in tests if getattr(one, field) is not None]
    colour, _, symbol, _ = colours.series_style(k)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [one.sweep for one in told],
        "y": numbers([getattr(one, field) for one in told]),
        "yaxis": yaxis,
        "error_y": {
            "type": "data",
            "array": numbers([getattr(one, error) or 0.0 for one in told]),
            "color": colour,
            "thickness": 1.2,
            "width": 3,
        },
        "marker": {"color": colour, "size": 7, "symbol": symbol},
        "customdata": [[one.sweep] for one in told],
        "hovertemplate": f"sweep %{{x}}<br>{subscripted(name)} = %{{y:.4~g}} {unit}<extra></extra>",
    }

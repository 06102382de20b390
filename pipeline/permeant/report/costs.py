"""What ion flow costs, on a page: a sentence, the account with its assumptions, and a picture."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING, Any

from permeant.report import colours, wording
from permeant.report.figures import Figure, axis, layout, numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from permeant.records import Cost, CostTrace, RecordingResult

MOST_PICTURES = 2
_TITLES = {
    "charge": "charge of the window",
    "action_potential": "action potential",
    "rest": "at rest, each second",
}
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


@dataclass(frozen=True)
class CostRow:
    """One account in the table; texts ready to be shown."""

    title: str
    charge: str
    sodium: str
    ions: str
    atp: str
    least: str
    excess: str
    why: str


@dataclass(frozen=True)
class CostView:
    """Everything that the section of costs shows of a recording."""

    sentence: str
    rows: tuple[CostRow, ...]
    assumptions: tuple[str, ...]
    pump_work: str
    pictures: tuple[Figure, ...]
    has_minimum: bool
    has_why: bool


def view_costs(recording: RecordingResult, key: str) -> CostView | None:
    """Return what to show of costs; nothing where none were worked out."""
    costs = recording.costs
    if not costs:
        return None
    drawn = [one for one in costs if one.trace is not None][:MOST_PICTURES]
    work = next((c.pump_work_kj_per_mol for c in costs if c.pump_work_kj_per_mol), None)
    return CostView(
        cost_sentence(costs),
        tuple(_row(one, many=len(costs) > 3) for one in costs),
        tuple(dict.fromkeys(text for one in costs for text in one.assumptions)),
        "" if work is None else wording.number(work),
        tuple(_picture(one, f"{key}-{number}") for number, one in enumerate(drawn, 1)),
        any(one.minimal_sodium_ions is not None for one in costs),
        any(one.reason for one in costs),
    )


def cost_sentence(costs: Sequence[Cost]) -> str:
    """Say in a sentence what the account came to."""
    good = {one.kind: one for one in reversed(costs) if one.status == "ok"}
    if not good:
        return f"No cost can be told: {costs[0].reason}"
    parts = []
    if spike := good.get("action_potential"):
        # without an interval: the capacitance, whose error nobody stated, is in it
        excess = wording.number(spike.excess_factor)
        parts.append(
            f"An action potential of {wording.number(spike.depolarisation_mv)} mV lets in "
            f"{large(spike.sodium_ions)} Na⁺, {excess} times the least, and costs "
            f"{large_with_interval(spike.atp, spike.atp_low, spike.atp_high)} ATP"
        )
    elif charge := good.get("charge"):
        parts.append(
            f"{large(charge.sodium_ions)} Na⁺ enter in the window, which cost "
            f"{large_with_interval(charge.atp, charge.atp_low, charge.atp_high)} ATP"
        )
    if rest := good.get("rest"):
        parts.append(
            f"At {wording.number(rest.v_membrane_mv)} mV "
            f"{wording.number(-(rest.sodium_current_pa or 0.0))} pA of sodium leak in, which cost "
            f"{large_with_interval(rest.atp, rest.atp_low, rest.atp_high)} ATP a second"
        )
    return "; ".join(parts)


def large(value: float | None, digits: int = 3) -> str:
    """Write a large count as a person would: 2.08 × 10⁶."""
    if value is None:
        return wording.MISSING
    if abs(value) < 1e4:
        return wording.number(value, digits)
    power = floor(log10(abs(float(f"{value:.{digits - 1}e}"))))
    return (
        f"{wording.number(value / 10.0**power, digits)} × 10{str(power).translate(_SUPERSCRIPTS)}"
    )


def large_with_interval(value: float | None, low: float | None, high: float | None) -> str:
    """Write a large count with its 95 % interval, all over one power of ten."""
    if value is None or low is None or high is None or abs(value) < 1e4:
        return large(value)
    power = floor(log10(abs(float(f"{value:.2e}"))))
    scale = 10.0**power
    text = wording.with_interval(value / scale, low / scale, high / scale)
    return f"{text} × 10{str(power).translate(_SUPERSCRIPTS)}"


def _row(one: Cost, *, many: bool) -> CostRow:
    title = _TITLES[one.kind]
    if many and one.sweeps:
        title += f", sweep {one.sweeps}"
    sodium = wording.with_interval(
        one.sodium_charge_pc, one.sodium_charge_low_pc, one.sodium_charge_high_pc
    )
    return CostRow(
        title=title,
        charge=wording.number(one.charge_pc),
        sodium=sodium,
        ions=large(one.sodium_ions),
        atp=large_with_interval(one.atp, one.atp_low, one.atp_high),
        least=large(one.minimal_sodium_ions),
        excess=wording.with_interval(one.excess_factor, one.excess_low, one.excess_high),
        why=one.reason,
    )


def _picture(one: Cost, key: str) -> Figure:
    assert one.trace is not None
    panels = [("current (pA)", one.trace.i_pa, colours.CURVE)]
    if one.trace.v_mv:
        panels.insert(0, ("command (mV)", one.trace.v_mv, colours.TEXT))
    panels.append(("charge so far (pC)", one.trace.charge_pc, colours.LINE))
    many = len(panels)
    room = 0.06
    height = (1.0 - room * (many - 1)) / many
    more: dict[str, Any] = {}
    data = []
    for k, (title, values, colour) in enumerate(panels):
        top = 1.0 - k * (height + room)
        suffix = "" if k == 0 else str(k + 1)
        more[f"yaxis{suffix}"] = axis(title, domain=[max(0.0, top - height), top])
        data.append(_line(one.trace, values, colour, f"y{suffix}"))
    return Figure(
        key=key,
        spec={
            "data": data,
            "layout": layout(
                xaxis=axis("time in the sweep (ms)", anchor=f"y{many}", zeroline=False),
                shapes=[_window(one)],
                **more,
            ),
            "dark": {**colours.DARK},
        },
        label="Command, mean current over its zero, and the charge that has flowed.",
        caption="Mean of "
        f"{wording.count(one.n_sweeps or 0, 'sweep')} over the current before the window"
        f"{', the command above it' if one.trace.v_mv else ''}; below, the charge that has flowed "
        "since the window began (shaded).",
        height=480,
    )


def _line(trace: CostTrace, values: Sequence[float], colour: str, yaxis: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers(trace.time_ms),
        "y": numbers(values),
        "line": {"color": colour, "width": 1.5},
        "yaxis": yaxis,
        "hoverinfo": "skip",
    }


def _window(one: Cost) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": one.window_start_ms,
        "x1": one.window_end_ms,
        "y0": 0,
        "y1": 1,
        "fillcolor": colours.WINDOW,
        "line": {"width": 0},
        "layer": "below",
    }

"""Models of whole curves on a page: a table of what each says, and their curves to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from permeant.report import colours, wording
from permeant.report.figures import numbers

if TYPE_CHECKING:
    from permeant.records import IVFit, ModelFit, ModelParameter

TITLES = {
    "ohmic": "straight line",
    "ghk": "GHK curve",
    "gated_ohmic": "gated line",
    "gated_ghk": "gated GHK curve",
}
_STATUS = {"ok": "describes the points", "refuted": "refuted", "rejected": "not fitted"}


@dataclass(frozen=True)
class ModelRow:
    """One model in words."""

    title: str
    status: str
    best: bool
    p: str
    runs_p: str
    delta_aicc: str
    g: str
    e_rev: str
    parameters: tuple[tuple[str, str, str], ...]
    """Name, value with interval, and unit."""
    reason: str


def model_rows(fit: IVFit) -> tuple[ModelRow, ...]:
    """Return the table of a recording's models; nothing where there are none."""
    return tuple(_row(one) for one in fit.models)


def _row(one: ModelFit) -> ModelRow:
    e_rev = wording.with_interval(one.e_rev_mv, one.e_rev_low_mv, one.e_rev_high_mv)
    if one.e_rev_status == "extrapolated":
        e_rev += ", extrapolated"
    return ModelRow(
        title=TITLES[one.model],
        status=_STATUS[one.status],
        best=one.best,
        p=wording.MISSING if one.chi2_p is None else _bare(one.chi2_p),
        runs_p=wording.MISSING if one.runs_p is None else _bare(one.runs_p),
        delta_aicc=wording.MISSING if one.delta_aicc is None else wording.short(one.delta_aicc, 3),
        g=wording.with_interval(one.g_ns, one.g_low_ns, one.g_high_ns),
        e_rev=e_rev,
        parameters=tuple(
            _parameter_texts(parameter)
            for parameter in one.parameters
            if parameter.name not in ("g", "e_rev")
        ),
        reason=one.reason,
    )


def _bare(p: float) -> str:
    """Write a probability for a column whose head says that it is one."""
    return wording.p_value(p).removeprefix("p = ").removeprefix("p ")


def _parameter_texts(parameter: ModelParameter) -> tuple[str, str, str]:
    value = wording.with_interval(parameter.value, parameter.low, parameter.high)
    if parameter.low is None and parameter.high is None:
        value += ", no limits"
    return _parameter_name(parameter.name), value, parameter.unit


def _parameter_name(name: str) -> str:
    if name.startswith("pa_"):
        return f"P_{name.removeprefix('pa_')} A"
    if name.startswith("p_"):
        return "/".join(f"P_{part.removeprefix('p_')}" for part in name.split("/"))
    return {"v_half": "V_half"}.get(name, name)


def model_traces(fit: IVFit) -> list[dict[str, Any]]:
    """Return the models' curves, hidden until their entry in the legend is chosen.

    That of the best model is shown from the start.
    """
    drawn = [one for one in fit.models if one.curve is not None]
    return [_trace(one) for one in drawn]


def _trace(one: ModelFit) -> dict[str, Any]:
    assert one.curve is not None
    order = list(TITLES).index(one.model)
    light, _, _, dash = colours.series_style(order + 2)
    ending = " (refuted)" if one.status == "refuted" else ""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": TITLES[one.model] + ending,
        "x": numbers(one.curve.v_mv),
        "y": numbers(one.curve.i_pa),
        "line": {"color": light, "width": 1.8, "dash": dash},
        "hoverinfo": "skip",
        "showlegend": True,
        "visible": True if one.best else "legendonly",
    }


def model_colours() -> dict[str, str]:
    """Return what a dark page shows instead of the models' colours."""
    pairs = [colours.series_style(order + 2)[:2] for order in range(len(TITLES))]
    return dict(pairs)


def models_caption(fit: IVFit) -> str:
    """Say what the legend's curves are; empty where there are none."""
    if not any(one.curve for one in fit.models):
        return ""
    return "; in the legend: models of the whole curve, the best one shown"

"""The residuals under the current–voltage curve, on the same voltages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from permeant.report import colours
from permeant.report.figures import axis, numbers, rounded, subscripted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from permeant.records import IVFit, PointResidual

HEIGHT_PX = 130
_SHARE, _GAP = 0.2, 0.06


def residual_traces(fit: IVFit) -> list[dict[str, Any]]:
    """Return the points' distances from the curve for E_rev and from the line for g."""
    near = [r for r in fit.residuals if r.off_reversal_pa is not None]
    traces = []
    if fit.residuals:
        off = [r.off_line_pa for r in fit.residuals]
        traces.append(_trace(fit.residuals, off, "line for g", colours.LINE, "circle-open"))
    if near:
        off = [r.off_reversal_pa or 0.0 for r in near]
        traces.append(_trace(near, off, "curve for E_rev", colours.CURVE, "circle"))
    return traces


def residual_axes(fit: IVFit) -> dict[str, Any]:
    """Return the layout that makes room for them; nothing where there are none."""
    if not fit.residuals:
        return {}
    return {
        "yaxis2": axis("residual (pA)", domain=[0, _SHARE], nticks=4),
        "yaxis": {"domain": [_SHARE + _GAP, 1]},
    }


def residual_caption(fit: IVFit) -> str:
    """Say what is drawn below the curve."""
    if not fit.residuals:
        return ""
    near = any(r.off_reversal_pa is not None for r in fit.residuals)
    solid = ", filled off the curve for E_rev" if near else ""
    return f"; below: residuals with ± 1 standard error, hollow off the line for g{solid}"


def _trace(
    residuals: Sequence[PointResidual], off_pa: Sequence[float], name: str, colour: str, symbol: str
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"residuals off the {name}",
        "yaxis": "y2",
        "x": numbers([r.v_membrane_mv for r in residuals]),
        "y": numbers(off_pa),
        "error_y": {
            "type": "data",
            "array": numbers([r.i_sem_pa for r in residuals]),
            "color": colour,
            "thickness": 1,
            "width": 2,
        },
        "marker": {"color": colour, "size": 6, "symbol": symbol, "line": {"width": 1.4}},
        "customdata": [[r.sweep, rounded(r.i_sem_pa, 3)] for r in residuals],
        "hovertemplate": "sweep %{customdata[0]}, V = %{x:.2f} mV<br>%{y:.4~g} ± %{customdata[1]}"
        f" pA off the {subscripted(name)}<extra></extra>",
        "showlegend": False,
    }

"""The current–voltage curve as journals print it: axes through zero, 8 pt, few colours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from permeant.errors import PermeantError

if TYPE_CHECKING:
    from permeant.records import Curve, RecordingResult

FORMATS = ("pdf", "svg", "png")

_WIDTH_MM, _HEIGHT_MM = 85.0, 68.0
_FIT, _LINE = "#D55E00", "#0072B2"
"""Vermilion and blue of Okabe & Ito, which colour-blind readers tell apart."""

_STYLE: Any = {
    "font.size": 8,
    "font.family": "sans-serif",
    "font.sans-serif": ["Arial", "Helvetica", "DejaVu Sans"],
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.0,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "permeant",
}


def write_iv_figure(recording: RecordingResult, path: Path) -> None:
    """Write the current–voltage curve of a recording, with its fit and reversal potential.

    Parameters
    ----------
    recording : RecordingResult
        With points in mV and pA.
    path : Path
        Its ending is the format: pdf, svg or png.

    Raises
    ------
    PermeantError
        If nothing was measured, or matplotlib is not installed.
    """
    measured = recording.measurement.points if recording.measurement else ()
    points = [p for p in recording.subtracted_points or measured if p.used]
    if not points:
        raise PermeantError(
            f"recording {recording.row.recording} has no points to draw: "
            f"{recording.fit.reason or 'nothing was measured'}"
        )
    try:
        import matplotlib as mpl  # noqa: PLC0415 - an extra, and slow to start
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as missing:
        raise PermeantError(
            "figures for papers are drawn by matplotlib, which is not installed: "
            'pip install "permeant[figures]"'
        ) from missing
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH_MM / 25.4, _HEIGHT_MM / 25.4), layout="constrained")
        axes = figure.add_subplot()
        fit = recording.fit
        if fit.reversal_curve is not None:
            _curve(axes, fit.reversal_curve, _FIT, "-")
        elif fit.curve is not None:
            _curve(axes, fit.curve, _LINE, "--")
        axes.errorbar(
            [p.v_membrane_mv for p in points],
            [p.i_pa for p in points],
            yerr=[p.i_sem_pa for p in points],
            fmt="o",
            markersize=3.2,
            color="black",
            elinewidth=0.6,
            capsize=1.5,
        )
        if fit.e_rev_mv is not None and fit.e_rev_status == "measured":
            _reversal(axes, recording)
        _axes_through_zero(axes)
        # no date, so that the same result gives the same file
        dated = {"pdf": "CreationDate", "svg": "Date"}.get(path.suffix[1:])
        figure.savefig(path, dpi=600, metadata={dated: None} if dated else None)


def _curve(axes: Any, curve: Curve, colour: str, style: str) -> None:
    axes.fill_between(
        curve.v_mv, curve.i_low_pa, curve.i_high_pa, color=colour, alpha=0.18, linewidth=0
    )
    axes.plot(curve.v_mv, curve.i_pa, style, color=colour)


def _reversal(axes: Any, recording: RecordingResult) -> None:
    fit = recording.fit
    low, high = fit.e_rev_low_mv, fit.e_rev_high_mv
    assert fit.e_rev_mv is not None
    around = None if low is None or high is None else [[fit.e_rev_mv - low], [high - fit.e_rev_mv]]
    axes.errorbar(
        [fit.e_rev_mv], [0.0], xerr=around, fmt="D", markersize=3.6, color=_FIT, capsize=2
    )


def _axes_through_zero(axes: Any) -> None:
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    axes.set_xlim(min(left, 0.0), max(right, 0.0))
    axes.set_ylim(min(bottom, 0.0), max(top, 0.0))
    for side in ("left", "bottom"):
        axes.spines[side].set_position("zero")
    for side in ("right", "top"):
        axes.spines[side].set_visible(False)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(_without_zero)
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    axes.annotate("V (mV)", (right, 0.0), xytext=(0, 4), textcoords="offset points", ha="right")
    axes.annotate("I (pA)", (0.0, top), xytext=(4, -4), textcoords="offset points", va="top")


def _without_zero(value: float, _place: int) -> str:
    """Write a tick with a true minus, and nothing where the axes cross."""
    return "" if abs(value) < 1e-9 else f"{value:g}".replace("-", "−")

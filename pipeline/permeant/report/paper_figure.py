"""The current–voltage curve as journals print it: axes through zero, 8 pt, few colours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from permeant.errors import PermeantError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from permeant.records import Curve, IVPoint, RecordingResult

FORMATS = ("pdf", "svg", "png")

_WIDTH_MM, _HEIGHT_MM = 85.0, 68.0
_FIT, _LINE = "#D55E00", "#0072B2"
"""Vermilion and blue of Okabe & Ito, which colour-blind readers tell apart."""
_SERIES = ("#000000", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">")

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
    reason = why_no_points(recording)
    if reason:
        raise PermeantError(f"recording {recording.row.recording} {reason}")
    write_iv_figures((recording,), (path,))


def why_no_points(recording: RecordingResult) -> str:
    """Say why there is no curve to draw; empty where there is one."""
    if _used(recording):
        return ""
    return f"has no points to draw: {recording.fit.reason or 'nothing was measured'}"


def write_iv_figures(recordings: Sequence[RecordingResult], paths: Sequence[Path]) -> None:
    """Write the current–voltage curves of some recordings as one figure in some formats.

    One recording is drawn with its fit, the 95 % band of the fit and its reversal potential;
    several are drawn in the colours of Okabe & Ito, told apart by shape as well.  Of recordings
    without points the figure says why, so that there always is a file.

    Parameters
    ----------
    recordings : sequence of RecordingResult
        With points in mV and pA.
    paths : sequence of Path
        Their endings are the formats: pdf, svg or png.

    Raises
    ------
    PermeantError
        If matplotlib is not installed.
    """
    told = "\n\n".join(f"{one.row.recording} {why_no_points(one)}" for one in recordings)
    drawn = [one for one in recordings if _used(one)]
    _write(paths, (lambda figure: _draw(figure.add_subplot(), drawn)) if drawn else told)


def write_words(text: str, paths: Sequence[Path]) -> None:
    """Write a figure that says why there is none, so that nothing older is taken for it."""
    _write(paths, text)


def _write(paths: Sequence[Path], content: str | Callable[[Any], None]) -> None:
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
        if isinstance(content, str):
            figure.text(0.05, 0.95, content.replace("$", r"\$"), va="top", wrap=True)
        else:
            content(figure)
        for path in paths:
            # no date, so that the same result gives the same file
            dated = {"pdf": "CreationDate", "svg": "Date"}.get(path.suffix[1:])
            part = path.with_name(f".{path.name}")  # whole or not at all
            figure.savefig(
                part, format=path.suffix[1:], dpi=600, metadata={dated: None} if dated else None
            )
            part.replace(path)


def _used(recording: RecordingResult) -> list[IVPoint]:
    measured = recording.measurement.points if recording.measurement else ()
    return [p for p in recording.subtracted_points or measured if p.used]


def _draw(axes: Any, recordings: Sequence[RecordingResult]) -> None:
    alone = len(recordings) == 1
    names = _names(recordings)
    for k, (recording, name) in enumerate(zip(recordings, names, strict=True)):
        colour = None if alone else _SERIES[k % len(_SERIES)]
        fit = recording.fit
        if fit.reversal_curve is not None:
            _curve(axes, fit.reversal_curve, colour or _FIT, "-")
        elif fit.curve is not None:
            _curve(axes, fit.curve, colour or _LINE, "--")
        points = _used(recording)
        axes.errorbar(
            [p.v_membrane_mv for p in points],
            [p.i_pa for p in points],
            yerr=[p.i_sem_pa for p in points],
            fmt=_MARKERS[k % len(_MARKERS)],
            markersize=3.2,
            color=colour or "black",
            elinewidth=0.6,
            capsize=1.5,
            label=name,
        )
        if fit.e_rev_mv is not None and fit.e_rev_status == "measured" and alone:
            _reversal(axes, recording)
    if not alone:
        axes.legend(frameon=False, fontsize=7, handletextpad=0.3)
    what = "i" if recordings[0].row.measure == "single_channel" else "I"
    _axes_through_zero(axes, f"{what} (pA)")


def _names(recordings: Sequence[RecordingResult]) -> list[str]:
    """Name each curve by its bath, or by its recording where a bath comes twice."""
    baths = [one.row.bath or "" for one in recordings]
    told = all(baths) and len(set(baths)) == len(baths)
    return [one.row.bath or "" if told else one.row.recording for one in recordings]


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


def _axes_through_zero(axes: Any, current: str) -> None:
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
    axes.annotate(current, (0.0, top), xytext=(4, -4), textcoords="offset points", va="top")


def _without_zero(value: float, _place: int) -> str:
    """Write a tick with a true minus, and nothing where the axes cross."""
    return "" if abs(value) < 1e-9 else f"{value:g}".replace("-", "−")

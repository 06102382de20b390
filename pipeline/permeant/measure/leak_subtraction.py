"""The leak of every point of a curve, or why it must not be taken off.

The current of a point stays as it was measured, since the series resistance carries all of it;
beside it stands the leak, and what is fitted is the difference.  Works on the points of any
measure: it asks only for membrane voltages, currents and sweeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from permeant.errors import RecordingError
from permeant.measure.corrections import VoltageCorrection
from permeant.measure.leak import Leak, leak_from_points
from permeant.measure.noise import WindowMean
from permeant.records import Correction, Finding, IVPoint, OnlineLeak, SharedError

Floats = NDArray[np.float64]

_CLEAR_SD = 4.0
_LEAST_LEFT = 0.1
_FAR_FROM_ZERO_MV = 40.0
_SURE = 3.0
SOURCE = "leak line"
IN_RANGE = "in the leak range: it tells the leak, and nothing of the channel"


@dataclass(frozen=True)
class LeakWish:
    """What sheet and configuration ask for; ``range_mv`` in membrane voltage."""

    how: Literal["none", "ramp", "range"] = "none"
    range_mv: tuple[float, float] | None = None
    of_ungated: bool = False


@dataclass(frozen=True)
class LeakTaken:
    """The points with their leak, and everything there is to say about it."""

    points: tuple[IVPoint, ...]
    corrections: tuple[Correction, ...] = ()
    findings: tuple[Finding, ...] = ()
    shared_errors: tuple[SharedError, ...] = ()

    @property
    def applied(self) -> bool:
        """Whether a leak is taken off."""
        return any(one.applied for one in self.corrections)


def leaks_across_membrane(leaks: Sequence[Leak], correction: VoltageCorrection) -> tuple[Leak, ...]:
    """Return lines over the command as lines over membrane voltage, each for its own sweep."""
    return tuple(
        leak.across_membrane(
            correction.offset_mv,
            correction.r_s_by_sweep.get(leak.sweep, correction.r_s_mohm),
            correction.sign,
        )
        for leak in leaks
    )


def without_leak(
    baseline: Sequence[WindowMean], level_mv: float | None, leaks: Sequence[Leak]
) -> list[WindowMean]:
    """Take from the current at one command, sweep by sweep, the leak of that sweep.

    Parameters
    ----------
    baseline : sequence of WindowMean
        One a sweep.
    level_mv : float or None
        The command at which they were measured.
    leaks : sequence of Leak
        Lines over the command; a sweep without one has the median of all.
    """
    if level_mv is None or not leaks:
        return list(baseline)
    leak_pa = {leak.sweep: leak.current_pa(level_mv) for leak in leaks}
    usual_pa = float(np.median(list(leak_pa.values())))
    return [
        window._replace(mean_pa=window.mean_pa - leak_pa.get(sweep, usual_pa))
        for sweep, window in enumerate(baseline, start=1)
    ]


def take_leak(
    points: Sequence[IVPoint],
    wish: LeakWish,
    leaks: Sequence[Leak] = (),
    *,
    why_no_ramp: str = "",
    offset_se_pa: float = 0.0,
    online: OnlineLeak | None = None,
) -> LeakTaken:
    """Put beside the current of every point the leak that is to be taken off.

    Parameters
    ----------
    points : sequence of IVPoint
        Points of a curve over membrane voltage, with their whole current in pA.
    wish : LeakWish
        How the leak is to be found.
    leaks : sequence of Leak
        For ``ramp``: the line of each sweep, over membrane voltage.
    why_no_ramp : str
        Why there is none, where there is none.
    offset_se_pa : float
        Standard error of ``leaks`` that they all share, in pA.
    online : OnlineLeak, optional
        A subtraction that the file says was made already.

    Returns
    -------
    LeakTaken
        Points with ``i_leak_pa``; where the leak cannot be known or would be the channel
        itself, no point is used, and each says why.  The error of a line that all points
        share is among ``shared_errors``, two orthogonal components of one standard error.
    """
    if wish.how == "none":
        return LeakTaken(tuple(points))
    try:
        _refuse_twice(online)
        if wish.how == "ramp":
            taken = _by_ramp(points, leaks, why_no_ramp, offset_se_pa)
        else:
            taken = _by_range(points, wish)
        doubt = _why_not_closed(taken.points, wish)
    except RecordingError as trouble:
        return _refused(points, str(trouble))
    if doubt and not wish.of_ungated:
        return _refused(points, doubt)
    found = [*taken.findings, _as_asked(doubt) if doubt else None]
    return replace(taken, findings=tuple(one for one in found if one is not None))


def _refuse_twice(online: OnlineLeak | None) -> None:
    if online is not None and online.of_this_channel is not False:
        raise RecordingError(
            "leak_twice",
            f"the file says that a {online.title} leak subtraction was on while it was recorded, "
            "so the leak is gone already; leave leak = none for this recording, or, where the "
            "samples were stored before that subtraction, write corrections: online_leak: raw",
        )


def _refused(points: Sequence[IVPoint], why: str) -> LeakTaken:
    reason, short = f"the leak is not taken off: {why}", why.split("; ", maxsplit=1)[0]
    unused = tuple(
        replace(point, used=False, reason=point.reason or f"leak not taken off: {short}")
        for point in points
    )
    return LeakTaken(
        unused,
        (Correction("leak", None, "nS", False, f"refused: {why}"),),
        (Finding("leak_refused", "error", reason),),
    )


def _by_ramp(
    points: Sequence[IVPoint], leaks: Sequence[Leak], why_no_ramp: str, offset_se_pa: float
) -> LeakTaken:
    if not leaks:
        raise RecordingError("no_leak_ramp", why_no_ramp or "no sweep plays a leak ramp")
    by_sweep = {leak.sweep: leak for leak in leaks}
    own = [by_sweep.get(point.sweep) for point in points]
    taken = tuple(
        _without_ramp(point)
        if leak is None
        else replace(
            point,
            i_leak_pa=leak.current_pa(point.v_membrane_mv),
            i_leak_sem_pa=leak.current_se_pa(point.v_membrane_mv),
        )
        for point, leak in zip(points, own, strict=True)
    )
    g_ns = float(np.median([leak.g_ns for leak in leaks]))
    of_all = replace(leaks[0], g_ns=g_ns, i_at_0_pa=float(np.median([x.i_at_0_pa for x in leaks])))
    why = (
        f"the ramp of each sweep ({_span(leaks)}) tells that sweep's leak, {_size(leaks)}"
        f"{_where(of_all)}; taken off the point of the sweep, while the series resistance is "
        "corrected with the whole current"
    )
    shared: tuple[SharedError, ...] = ()
    if len({point.sweep for point in points}) < len(points):  # then a sweep's points share a line
        taken = tuple(
            point if point.i_leak_pa is None else replace(point, i_leak_sem_pa=0.0)
            for point in taken
        )
        shared = tuple(error for leak in leaks for error in _errors_of_sweep(leak, points))
    if offset_se_pa > 0:
        moved = (-offset_se_pa,) * len(points)
        capacitive = SharedError("capacitive current of the leak ramp", "recording", i_pa=moved)
        shared = (*shared, capacitive)
    found = _check_reversal(of_all)
    row = Correction("leak", g_ns, "nS", True, why, i_pa=_moved(taken))
    return LeakTaken(taken, (row,), tuple(one for one in [found] if one), shared)


def _errors_of_sweep(leak: Leak, points: Sequence[IVPoint]) -> list[SharedError]:
    """Return the error of a sweep's line, which moves the points of that sweep alone."""
    errors = line_errors(leak, [point.v_membrane_mv for point in points])
    own = [point.sweep == leak.sweep for point in points]
    return [
        replace(
            error,
            i_pa=tuple(pa if mine else 0.0 for pa, mine in zip(error.i_pa, own, strict=True)),
        )
        for error in errors
        if any(own)
    ]


def _without_ramp(point: IVPoint) -> IVPoint:
    why = f"sweep {point.sweep} has no leak ramp to tell its leak"
    return replace(point, used=False, reason=point.reason or why)


def _moved(points: Sequence[IVPoint]) -> tuple[float, ...]:
    """Return how far the subtraction moves each point."""
    return tuple(-(point.i_leak_pa or 0.0) for point in points)


def _span(leaks: Sequence[Leak]) -> str:
    return f"{leaks[0].v_low_mv:.3g} to {leaks[0].v_high_mv:.3g} mV across the membrane"


def _size(leaks: Sequence[Leak]) -> str:
    each = [leak.g_ns for leak in leaks]
    return f"{np.median(each):.3g} nS (median; {min(each):.3g} to {max(each):.3g} nS)"


def _where(leak: Leak) -> str:
    return "" if leak.e_rev_mv is None else f", reversing at {leak.e_rev_mv:+.1f} mV"


def _by_range(points: Sequence[IVPoint], wish: LeakWish) -> LeakTaken:
    if wish.range_mv is None:
        raise RecordingError(
            "no_leak_range",
            "leak = range needs the voltages at which the channels are closed; write them as "
            "corrections: leak_range_mv: [low, high], in mV across the membrane",
        )
    low_mv, high_mv = wish.range_mv
    line = leak_from_points(points, low_mv, high_mv)
    inside = [_in_range(point, low_mv, high_mv) for point in points]
    taken = tuple(
        replace(
            point,
            i_leak_pa=line.current_pa(point.v_membrane_mv),
            i_leak_sem_pa=0.0,
            used=point.used and not tells,
            reason=IN_RANGE if tells else point.reason,
        )
        for point, tells in zip(points, inside, strict=True)
    )
    why = (
        f"the line through the {sum(inside)} points from {low_mv:g} to {high_mv:g} mV across the "
        f"membrane, {line.g_ns:.3g} ± {line.g_se_ns:.2g} nS{_where(line)}; taken off all points, "
        "while the series resistance is corrected with the whole current. Its error grows with "
        "the distance from that range"
    )
    row = Correction("leak", line.g_ns, "nS", True, why, i_pa=_moved(taken))
    found = _check_reversal(line)
    return LeakTaken(
        taken,
        (row,),
        tuple(one for one in [found] if one),
        line_errors(line, [point.v_membrane_mv for point in points]),
    )


def _in_range(point: IVPoint, low_mv: float, high_mv: float) -> bool:
    return point.used and low_mv <= point.v_membrane_mv <= high_mv


def line_errors(line: Leak, v_mv: Sequence[float]) -> tuple[SharedError, ...]:
    """Return the error of a leak line as two independent displacements of the points.

    Parameters
    ----------
    line : Leak
        With the covariance of its two numbers.
    v_mv : sequence of float
        Membrane voltages of the points.

    Returns
    -------
    tuple of SharedError
        One for each principal axis of the covariance: the sum of their squares is the
        variance of the line at every voltage, their products its covariance between two.
    """
    covariance = np.array([[line.var_i, line.cov], [line.cov, line.var_g]])
    sizes, axes = np.linalg.eigh(covariance)
    design = np.stack([np.ones(len(v_mv)), np.array(v_mv, dtype=np.float64)], axis=1)
    moved = -design @ axes * np.sqrt(np.maximum(sizes, 0.0))
    return tuple(
        SharedError(SOURCE, "recording", i_pa=tuple(float(pa) for pa in column))
        for column in moved.T
    )


def _why_not_closed(points: Sequence[IVPoint], wish: LeakWish) -> str:
    """Say why what is taken off may be the channel itself, or nothing.

    A channel that is gated leaves a current once the leak of its closed state is gone.  One
    that is always open leaves next to nothing, for the line goes through its own curve.
    """
    used = [point for point in points if point.used and point.i_leak_pa is not None]
    if not used:
        return "" if not any(point.used for point in points) else "no point has a leak"
    leak_pa = np.array([point.i_leak_pa or 0.0 for point in used])
    left_pa = np.array([point.i_pa for point in used]) - leak_pa
    error_pa = np.hypot(
        [point.i_sem_pa for point in used], [point.i_leak_sem_pa or 0.0 for point in used]
    )
    advice = (
        "the line is then the channel's own current, and to take it off would remove the "
        "channel: leave leak = none for a channel that does not close; for one that does, "
        f"{_advice(wish)}. leak_of_ungated: true takes it off all the same"
    )
    worst = int(np.argmax(np.abs(left_pa) / np.maximum(error_pa, 1e-9)))
    if abs(left_pa[worst]) <= _CLEAR_SD * error_pa[worst]:
        return f"no point is clear of the leak line by {_CLEAR_SD:g} standard errors; {advice}"
    most_pa, taken_pa = float(np.abs(left_pa).max()), float(np.ptp(leak_pa))
    if most_pa < _LEAST_LEFT * taken_pa:
        return (
            f"the curve is straight to within {100 * most_pa / taken_pa:.1f} % of the current "
            f"that would be taken off (at least {100 * _LEAST_LEFT:g} % has to be left); {advice}"
        )
    return _crosses_in_range(points, wish, advice)


def _advice(wish: LeakWish) -> str:
    if wish.how == "ramp":
        return "ramp over voltages at which it is closed"
    return "state a range in which it is closed"


def _crosses_in_range(points: Sequence[IVPoint], wish: LeakWish, advice: str) -> str:
    """Say so where the current reverses among the points that are to be leak alone."""
    inside = [point for point in points if point.reason == IN_RANGE]
    if wish.how != "range" or not inside:
        return ""
    signs = {np.sign(point.i_pa) for point in inside if abs(point.i_pa) > _SURE * point.i_sem_pa}
    if len(signs) < 2:
        return ""
    return f"the current reverses within the leak range, as that of an open channel does; {advice}"


def _check_reversal(line: Leak) -> Finding | None:
    """Say when the line reverses where a leak around the pipette would not."""
    e_mv, se_mv = line.e_rev_mv, line.e_rev_se_mv
    if e_mv is None or se_mv is None or abs(e_mv) - _SURE * se_mv <= _FAR_FROM_ZERO_MV:
        return None
    return Finding(
        "leak_reversal",
        "warning",
        f"the current that is taken off as leak reverses at {e_mv:+.1f} ± {se_mv:.1f} mV, where "
        "a leak around the pipette would reverse near 0 mV: it is that of a selective channel, "
        "perhaps of the channel itself; g is then too small and E_rev wrong",
        e_mv,
        _FAR_FROM_ZERO_MV,
        "mV",
    )


def _as_asked(doubt: str) -> Finding:
    why = doubt.split("; ", maxsplit=1)[0]
    return Finding(
        "leak_of_ungated",
        "warning",
        f"{why}: what is taken off as leak is perhaps the channel itself; done all the same, "
        "since leak_of_ungated is set. g is too small by as much, and E_rev is that of the rest",
    )

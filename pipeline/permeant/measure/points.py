"""From measured windows to the points of a curve, with what is known of their errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from permeant.measure.baseline import find_trend
from permeant.measure.clipping import MOST_CLIPPED, clipped_share
from permeant.measure.corrections import VoltageCorrection
from permeant.measure.drift import Drift, explain_drift
from permeant.measure.noise import Floats, WindowMean
from permeant.measure.wander import FEWEST_SWEEPS, Wandering, judge_wandering
from permeant.measure.window import StepMean
from permeant.records import IVPoint, Recording, SharedError, SheetRow

_FEWEST_FOR_DRIFT = 6


NO_WANDERING = Wandering(0.0, np.zeros((0, 0)), np.zeros(0))
DRIFT = "drift of the zero current"


@dataclass(frozen=True)
class Wander:
    """What the current does between sweeps: random, and a drift whose cause is told or not."""

    random: Wandering = NO_WANDERING
    drift: Drift = field(default_factory=Drift)


def refuse_windows(recording: Recording, means: Sequence[StepMean], n_good: int) -> list[str]:
    """Return of every window why its point must not be used; empty where it may."""
    lost = f"the seal was lost in sweep {n_good + 1}"
    clipped = (
        "the converter or the amplifier is at its end in more than "
        f"{100 * MOST_CLIPPED:.0f} % of this window"
    )
    shares = clipped_share(recording, means)
    still = "the samples do not move at all in this window: nothing was recorded there"
    range_pa = [
        float(np.ptp(recording.current_pa[mean.step.sweep, mean.start : mean.stop]))
        for mean in means
    ]
    moving = bool(means) and float(np.median(range_pa)) > 0.0
    return [
        lost
        if mean.step.sweep >= n_good
        else clipped
        if share > MOST_CLIPPED
        else still
        if moving and moved_pa == 0.0
        else mean.events and "events fill more than half of this window"
        for mean, share, moved_pa in zip(means, shares, range_pa, strict=True)
    ]


def judge_wander(
    means: Sequence[StepMean],
    refused: Sequence[str],
    baseline: Sequence[WindowMean],
    correction: VoltageCorrection,
    shorter: tuple[float, float] = (1.0, 1.0),
) -> Wander:
    """Split what the baseline does over the sweeps into random wander and a drift.

    Parameters
    ----------
    means : sequence of StepMean
        The windows of a family, one a sweep.
    refused : sequence of str
        Why they must not be used; empty where they may.
    baseline : sequence of WindowMean
        Windows at one level, one for each sweep that is good.
    correction : VoltageCorrection
        Turns commands into membrane voltages.
    shorter : tuple of float
        How much shorter the windows of the baseline and of the steps are than the time from
        sweep to sweep.
    """
    if len(baseline) < FEWEST_SWEEPS:
        return Wander()
    trend = find_trend(baseline)
    used = [mean for mean, why in zip(means, refused, strict=True) if not why]
    if trend is None or len(used) < _FEWEST_FOR_DRIFT:
        return Wander(judge_wandering(baseline, shorter=shorter))
    random = judge_wandering(baseline, trend.pa, n_bends=trend.degree, shorter=shorter)
    slowest_pa = np.abs(random.modes_pa[: trend.degree, 0])
    trend = trend._replace(se_pa=float(np.linalg.norm([trend.se_pa, *slowest_pa])))
    slow_pa = float(np.hypot(random.even_pa, np.linalg.norm(random.modes_pa, axis=0).mean()))
    i_pa = np.array([mean.window.mean_pa for mean in used])
    v_mv = np.array([_voltage(mean, correction, mean.window.mean_pa) for mean in used])
    own_pa = np.array([mean.window.sem_pa for mean in used])
    # errors below a ten-thousandth of the range refute any curve
    sem_pa = np.hypot(own_pa, max(slow_pa, 1e-4 * float(np.ptp(i_pa)), 1e-6))
    sweep = np.array([mean.step.sweep for mean in used])
    drift = explain_drift(v_mv, i_pa, sem_pa, sweep, trend)
    if drift.kind == "unknown" and not trend.sure:
        return Wander(judge_wandering(baseline, shorter=shorter))
    if drift.kind == "offset":  # what wanders as slowly as the drift was subtracted with it
        random = replace(random, modes_pa=random.modes_pa[trend.degree :])
    return Wander(random, drift)


def build_points(
    recording: Recording,
    means: Sequence[StepMean],
    refused: Sequence[str],
    correction: VoltageCorrection,
    wander: Wander,
) -> tuple[IVPoint, ...]:
    """Make the points of a curve, in the order of the recording."""
    interval_ms = recording.info.interval_ms
    points = []
    for mean, why in zip(means, refused, strict=True):
        window_pa = mean.window.sem_pa
        i_pa = mean.window.mean_pa - wander.drift.of_sweep(mean.step.sweep)
        between_pa = _moved(wander.random.modes_pa, mean.step.sweep)
        sem_pa = float(np.linalg.norm([window_pa, wander.random.even_pa, *between_pa]))
        share = (window_pa / sem_pa) ** 2 if sem_pa > window_pa else 1.0
        points.append(
            IVPoint(
                sweep=mean.step.sweep + 1,
                level=mean.step.level + 1,
                v_command_mv=mean.step.segment.start_mv,
                v_membrane_mv=_voltage(mean, correction, i_pa),
                i_pa=correction.sign * i_pa,
                i_sem_pa=sem_pa,
                n_effective=mean.window.n_effective * share,
                drift_pa_per_ms=correction.sign * mean.window.drift_pa_per_ms,
                window_start_ms=mean.start * interval_ms,
                window_end_ms=mean.stop * interval_ms,
                used=not why,
                reason=why,
            )
        )
    return tuple(sorted(points, key=lambda point: (point.sweep, point.level)))


def within_range(points: Sequence[IVPoint], row: SheetRow) -> tuple[IVPoint, ...]:
    """Leave out of the fits the points beyond the voltages that the sheet gives."""
    low, high = row.fit_min_mv, row.fit_max_mv
    lowest = -np.inf if low is None else low
    highest = np.inf if high is None else high
    given = " and ".join(
        f"{name} = {value:g}"
        for name, value in (("fit_min_mv", low), ("fit_max_mv", high))
        if value is not None
    )
    return tuple(
        point
        if lowest <= point.v_membrane_mv <= highest
        else replace(point, used=False, reason=point.reason or f"beyond {given} of the sheet")
        for point in points
    )


def _moved(modes_pa: Floats, sweep: int) -> Floats:
    return modes_pa[:, sweep] if sweep < modes_pa.shape[1] else np.zeros(0)


def share_wander(points: Sequence[IVPoint], wander: Wander, sign: float) -> tuple[SharedError, ...]:
    """Return, mode by mode, how the wander between sweeps moves the points together."""
    return tuple(
        SharedError(
            "wander between sweeps",
            "recording",
            i_pa=tuple(
                sign * float(mode[point.sweep - 1]) if point.sweep <= mode.size else 0.0
                for point in points
            ),
        )
        for mode in wander.random.modes_pa
    )


def share_drift(points: Sequence[IVPoint], wander: Wander, sign: float) -> tuple[SharedError, ...]:
    """Return how far a drift of the zero, whose size or cause is not known, moves the points."""
    drift = wander.drift
    moved = [wander.random.drift_pa, *drift.shared_pa]
    return tuple(
        SharedError(
            DRIFT,
            "recording",
            i_pa=tuple(
                sign * float(one[point.sweep - 1]) if point.sweep <= one.size else 0.0
                for point in points
            ),
        )
        for one in moved
        if one.any()
    )


def _voltage(mean: StepMean, correction: VoltageCorrection, i_pa: float) -> float:
    return correction.membrane_mv(mean.step.segment.start_mv, i_pa, mean.step.sweep + 1)

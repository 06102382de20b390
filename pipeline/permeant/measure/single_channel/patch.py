"""A patch recording, from its samples to unitary currents at each voltage and counted times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from permeant.errors import RecordingError
from permeant.measure.corrections import VoltageCorrection, voltage_correction
from permeant.measure.points import within_range
from permeant.measure.single_channel.amplitudes import (
    Amplitude,
    Sums,
    amplitudes,
    open_probability,
    sum_levels,
)
from permeant.measure.single_channel.disturbed import MAINS_HZ, locked_share
from permeant.measure.single_channel.level_times import count_level_times
from permeant.measure.single_channel.number import (
    chance_of_shares,
    independent,
    number_told,
    shares_of_levels,
    visits_of_one_more,
)
from permeant.measure.single_channel.stretches import Stretches, find_stretches
from permeant.measure.single_channel.trace import Idealised, idealise, list_sights
from permeant.measure.single_channel.views import channel_trace, count_dwells, histogram
from permeant.physics.ions import Ion
from permeant.records import (
    ChannelLevel,
    Family,
    Finding,
    IVPoint,
    Measurement,
    Recording,
    SheetRow,
    SingleChannel,
    Solution,
)

_FEWEST_OPENINGS = 10
_EVEN_STEPS = 0.06
_MOST_LOCKED = 0.5
_RESTFUL = 1.25
_MOST_UNREST = 1.5
"""Scatter around levels over that of the noise: 1.06 at most where nothing but noise is there."""
_MOST_UNMEASURED = 0.05
_Z95 = 1.959963984540054
_MANY = 1000.0
"""Degrees of freedom that a point tells: those of its interval are in its error already."""

_NOT_CORRECTED = ("leak", "leak_range_mv", "leak_of_ungated", "online_leak")


def _student(dof: float) -> float:
    """Return the two-sided 95 % quantile of Student's t."""
    from scipy import special  # noqa: PLC0415 - most jobs measure no patch, and it loads slowly

    return float(special.stdtrit(dof, 0.975))


def measure_patch(
    recording: Recording,
    row: SheetRow,
    solutions: Mapping[str, Solution],
    *,
    corrections: Mapping[str, Any],
    measures: Mapping[str, Any],
    extra_ions: Mapping[str, Ion],
) -> Measurement:
    """Measure the single channels of a recording at each voltage that it holds.

    Parameters
    ----------
    recording : Recording
        Steps to one or more voltages, or gap-free at one.
    row : SheetRow
        Configuration (which says the signs), epoch and window.
    solutions : mapping of str to Solution
        The solutions by name.
    corrections, measures : mapping
        The sections of the configuration of that name.
    extra_ions : mapping of str to Ion
        Ions that the configuration adds.

    Returns
    -------
    Measurement
        One point a voltage: the unitary current.  No leak is subtracted: a unitary current is
        the step between two levels of one stretch.

    Raises
    ------
    RecordingError
        If the command is not known, or no voltage is held for long enough.
    """
    info = recording.info
    for finding in info.findings:
        if finding.check == "command_unknown":
            raise RecordingError(finding.check, finding.message)
    if row.configuration == "whole-cell":
        raise RecordingError(
            "single_channel_needs_patch",
            "measure = single_channel, but the configuration is whole-cell, which sees the sum of "
            "many channels; write configuration = cell-attached, inside-out or outside-out",
        )
    found = find_stretches(info, row)
    correction = voltage_correction(
        row,
        solutions,
        r_s_of_file_mohm=info.r_s_mohm,
        extra_ions=extra_ions,
        **{key: value for key, value in corrections.items() if key not in _NOT_CORRECTED},
    )
    patches = [_at_voltage(recording, one, correction, measures) for one in found]
    points = tuple(
        _point(patch, one, k, info.interval_ms)
        for k, (patch, one) in enumerate(zip(patches, found, strict=True))
        if patch.status == "ok"
    )
    family = _family(found, info.interval_ms)
    return Measurement(
        families=(family,),
        family=family,
        window_reason=f"{family.title}: every stretch at a constant voltage, without its start",
        points=within_range(points, row),
        corrections=correction.corrections,
        findings=(*correction.findings, *_findings(patches)),
        single_channels=tuple(patches),
    )


def _at_voltage(
    recording: Recording,
    stretches: Stretches,
    correction: VoltageCorrection,
    measures: Mapping[str, Any],
) -> SingleChannel:
    info = recording.info
    traces = [recording.current_pa[s, start:stop] for s, start, stop in stretches.parts]
    v_mv = correction.membrane_mv(stretches.level_mv, 0.0)
    duration_s = sum(trace.size for trace in traces) * info.interval_ms * 1e-3

    def rejected(reason: str) -> SingleChannel:
        return SingleChannel(stretches.level_mv, v_mv, "rejected", reason, duration_s=duration_s)

    direction = _as_amplifier_shows(measures["channel_direction"], correction.sign)
    told_khz = measures["channel_filter_khz"]
    seen = _see(traces, info.interval_ms, direction, told_khz)
    if seen is None:
        return rejected(
            "no two levels stand apart, at any filter down to 55 Hz: no channel opened, the "
            "current is too small, or it opens for too short a time"
        )
    events, sums = seen
    steps = amplitudes(sums, events)
    reason = _why_none(events, sums, steps)
    if reason:
        return rejected(reason)
    return _describe(traces, events, steps, stretches, v_mv, duration_s, correction.sign, told_khz)


def _see(
    traces: Sequence[NDArray[np.floating]],
    interval_ms: float,
    direction: str,
    told_khz: float | None,
) -> tuple[Idealised, Sums] | None:
    """Idealise with the first levels around which the current rests, else those it is nearest."""
    best: tuple[Idealised, Sums] | None = None
    for sight in list_sights(traces, interval_ms, direction):
        events = idealise(traces, interval_ms, sight, told_khz)
        sums = sum_levels(traces, events)
        if best is None or sums.unrest < best[1].unrest:
            best = events, sums
        if sums.unrest < _RESTFUL:
            break
    return best


def _why_none(events: Idealised, sums: Sums, steps: list[Amplitude | None]) -> str:
    """Return why an idealisation tells nothing of a channel; empty where it does."""
    n_openings = sum(int(np.sum(np.diff(one.level) > 0)) for one in events.events)
    if n_openings < _FEWEST_OPENINGS:
        return (
            f"{n_openings} openings, fewer than {_FEWEST_OPENINGS}: too few to be sure of a level"
        )
    for hertz in MAINS_HZ:
        share = locked_share(events, hertz)
        if share > _MOST_LOCKED:
            return (
                f"openings keep step with {hertz} Hz (phase locked by {share:.2f} of 1): what goes "
                "up and down is the mains, not a channel"
            )
    if sums.unrest > _MOST_UNREST:
        return (
            f"the baseline moves: the current scatters {sums.unrest:.1f} times as much around the "
            "levels as between neighbouring samples, which a channel with its noise does not; "
            "take a quieter stretch (window_start_ms, window_end_ms)"
        )
    if steps[0] is None:
        return (
            "the shut level, or the first open one, is not reached in at least 4 stretches of the "
            f"recording (filter {events.total_khz or 0:.2g} kHz): times are too short, or a "
            "channel is always open"
        )
    shares = shares_of_levels(events.events, len(steps) + 1).mean(axis=0)
    for level, (step, share) in enumerate(zip(steps, shares[1:].tolist(), strict=True), 1):
        if step is None and share > _MOST_UNMEASURED:
            return (
                f"level {level} takes {100 * share:.0f} % of the time, but not in as many as 4 "
                "stretches of the recording: the baseline jumps, or the channels change"
            )
    return ""


def _describe(  # noqa: PLR0917 - what is known of one voltage
    traces: Sequence[NDArray[np.floating]],
    events: Idealised,
    steps: list[Amplitude | None],
    stretches: Stretches,
    v_mv: float,
    duration_s: float,
    sign: int,
    told_khz: float | None,
) -> SingleChannel:
    first, levels = steps[0], events.sight.levels
    assert first is not None
    kind = _what_levels_are(steps)
    many = len(steps) if kind != "sublevels" else 1
    p, p_se, p_dof = open_probability(events.events, many, levels_are_channels=kind != "sublevels")
    p_half = _student(p_dof) * p_se
    low_pa, high_pa = _interval(first, sign)
    shares = shares_of_levels(events.events, len(steps) + 1)
    share = shares.mean(axis=0)
    n_openings = _count_openings(events, kind)
    middles, counts = histogram(traces, events, sign)
    return SingleChannel(
        stretches.level_mv,
        v_mv,
        "ok",
        n_channels=many,
        levels_are=kind,
        i_unitary_pa=sign * first.i_pa,
        i_low_pa=low_pa,
        i_high_pa=high_pa,
        p_open=p,
        p_open_low=max(0.0, p - p_half),
        p_open_high=min(1.0, p + p_half),
        n_openings=n_openings,
        duration_s=duration_s,
        signal_to_noise=levels.signal_to_noise,
        noise_pa=levels.noise_pa,
        added_filter_khz=events.sight.added_khz,
        filter_khz=events.total_khz,
        filter_source="stated" if told_khz else "measured on the transitions",
        dead_time_ms=events.dead_time_ms,
        levels=tuple(
            _level(step, k + 1, sign, float(share[k + 1])) for k, step in enumerate(steps)
        ),
        dwells=count_dwells(events) if many == 1 else (),
        level_times=count_level_times(events) if many > 1 else (),
        histogram_pa=middles,
        histogram_counts=counts,
        trace=channel_trace(traces, events, stretches, sign),
        independence_p=chance_of_shares(shares) if many > 1 else None,
        visits_of_one_more=visits_of_one_more(
            many,
            p,
            p * many * duration_s * 1e3 / max(n_openings, 1),
            duration_s * 1e3,
            events.dead_time_ms,
        ),
    )


def _count_openings(events: Idealised, kind: str) -> int:
    """Count the openings of channels: one for every step up, however many levels it takes."""
    rises = [np.diff(one.level if kind != "sublevels" else one.level > 0) for one in events.events]
    return sum(int(rise[rise > 0].sum()) for rise in rises)


def _level(step: Amplitude | None, level: int, sign: int, share: float) -> ChannelLevel:
    if step is None:
        return ChannelLevel(level, None, None, None, share)
    low_pa, high_pa = _interval(step, sign)
    return ChannelLevel(level, sign * step.i_pa, low_pa, high_pa, share)


def _interval(step: Amplitude, sign: int) -> tuple[float, float]:
    half = _student(step.dof) * step.se_pa
    return sign * step.i_pa - half, sign * step.i_pa + half


def _what_levels_are(steps: list[Amplitude | None]) -> Any:
    """Tell equal channels from sublevels by whether the levels stand at equal steps."""
    if len(steps) == 1 or steps[0] is None:
        return ""
    for number, step in enumerate(steps, 1):
        if step is None:
            continue
        miss = abs(step.i_pa / number - steps[0].i_pa)
        if miss > max(_EVEN_STEPS * abs(steps[0].i_pa), 3 * (step.se_pa + steps[0].se_pa)):
            return "sublevels"
    return "channels"


def _as_amplifier_shows(direction: str, sign: int) -> str:
    if direction == "auto" or sign > 0:
        return direction
    return "inward" if direction == "outward" else "outward"


def _point(patch: SingleChannel, one: Stretches, k: int, interval_ms: float) -> IVPoint:
    """Make a point of a curve of a unitary current; its error as if of normal noise."""
    assert patch.i_unitary_pa is not None
    assert patch.i_high_pa is not None
    return IVPoint(
        sweep=one.parts[0][0] + 1,
        level=k + 1,
        v_command_mv=patch.v_command_mv,
        v_membrane_mv=patch.v_membrane_mv,
        i_pa=patch.i_unitary_pa,
        i_sem_pa=(patch.i_high_pa - patch.i_unitary_pa) / _Z95,
        n_effective=_MANY,
        drift_pa_per_ms=0.0,
        window_start_ms=one.parts[0][1] * interval_ms,
        window_end_ms=one.parts[0][2] * interval_ms,
    )


def _family(found: Sequence[Stretches], interval_ms: float) -> Family:
    levels = [one.level_mv for one in found]
    return Family(
        number=1,
        kind="family" if len(found) > 1 else "levels",
        epochs=tuple(sorted({one.epoch for one in found})),
        start_ms=min(start for one in found for _, start, _ in one.parts) * interval_ms,
        end_ms=max(stop for one in found for _, _, stop in one.parts) * interval_ms,
        v_min_mv=min(levels),
        v_max_mv=max(levels),
        n_levels=len(found),
    )


def _findings(patches: Sequence[SingleChannel]) -> list[Finding]:
    found = []
    if any(one.filter_source.startswith("measured") for one in patches):
        found.append(
            Finding(
                "filter_not_stated",
                "info",
                "the filter's frequency was measured on the mean transition, within about a "
                "fifth; measures: channel_filter_khz states it, and with it the dead time",
            )
        )
    if any(one.levels_are == "channels" for one in patches):
        most = max(one.n_channels or 0 for one in patches)
        found.append(
            Finding(
                "several_channels",
                "warning",
                f"up to {most} channels are open at once: the patch holds at least that many; "
                "p_open takes them as all there are",
                float(most),
            )
        )
    uneven = [one for one in patches if not independent(one)]
    if uneven:
        found.append(
            Finding(
                "levels_not_independent",
                "warning",
                f"at {_voltages(uneven)} the levels stand at equal steps, but the patch does not "
                "spend the shares of time at them that equal, independent channels would: a "
                "sublevel at half the current, channels that differ or that act on each other, or "
                "a run of activity; no times of one channel are given there",
            )
        )
    untold = [one for one in patches if not number_told(one)]
    if untold:
        found.append(
            Finding(
                "number_of_channels_not_told",
                "info",
                f"at {_voltages(untold)} one channel more than was seen open at once could have "
                "stayed unseen (fewer than 3 times open with all others): the open probability "
                "and the shut times are those of the channels taken for all there are",
            )
        )
    return found


def _voltages(patches: Sequence[SingleChannel]) -> str:
    return ", ".join(f"{one.v_membrane_mv:.3g}" for one in patches) + " mV"

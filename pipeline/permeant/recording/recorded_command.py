"""The recorded command against the one of the header: the recorded one decides.

Where the header's timing fits, its segments (and their letters) are kept and their levels read
from the recorded channel; where it does not, the segments are found in the channel itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from permeant.recording.channels import Candidate
from permeant.recording.lines import correlate, fit_line
from permeant.recording.segmentation import (
    LONGEST_EDGE_MS,
    NOISE_FACTOR,
    SMALLEST_STEP_MV,
    estimate_noise,
    find_segments,
    measure_levels,
)
from permeant.recording.waveform import render_command
from permeant.records import Finding, Segment, Severity

if TYPE_CHECKING:
    from numpy.typing import NDArray

Sweeps = tuple[tuple[Segment, ...], ...]

LARGEST_COMMAND_MV = 400.0
FOLLOWS = 0.9
RELATED = 0.3
SAME_LEVEL_MV = 0.5
"""Levels meant to be equal are made equal where they differ by less."""
MISMATCH_MV = 1.0
GROSS_GAIN = 2.0
"""A recorded command that is larger or smaller by more than this has a wrong scale."""
STILL_MV = 2.0
COMPARED_SAMPLES = 20_000


@dataclass(frozen=True)
class Verdict:
    """What became of a recorded voltage channel."""

    sweeps: Sweeps | None
    reason: str
    findings: tuple[Finding, ...] = ()


def use_recorded(
    channel: Candidate,
    recorded: NDArray[np.float32],
    rebuilt: Sweeps | None,
    interval_ms: float,
    *,
    wanted: bool,
) -> Verdict:
    """Decide whether a recorded channel is the command, and give its segments.

    Parameters
    ----------
    channel : Candidate
        The channel.
    recorded : numpy.ndarray
        Its samples in mV, (sweeps, samples).
    rebuilt : tuple of tuples of Segment, or None
        The command of the header in mV, where it is known.
    interval_ms : float
        Time between samples.
    wanted : bool
        Whether the sheet asks for this channel.
    """
    refused = _why_no_command(recorded)
    if refused:
        return _refuse(channel, refused)
    if rebuilt is None:
        return _use_alone(channel, recorded, interval_ms)
    n_samples = recorded.shape[1]
    expected = np.stack([render_command(sweep, n_samples) for sweep in rebuilt])
    few = (_thin(recorded), _thin(expected))
    follows = _why_not_following(*few)
    findings = tuple(_compare(channel, *few))
    refitted = None if follows else _refit(rebuilt, recorded, interval_ms)
    if refitted is not None:
        reason = "recorded command; it decides over the header, whose timing it confirms"
        return Verdict(refitted, reason, findings)
    alone = _use_alone(channel, recorded, interval_ms)
    if follows and not wanted and not _is_same_protocol(alone, rebuilt, *few):
        return _refuse(channel, follows)
    return replace(alone, findings=findings + alone.findings)


def _thin(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return so few samples that comparing them costs no time, from all sweeps alike."""
    return samples[:, :: max(samples.size // COMPARED_SAMPLES, 1)]


def _refuse(channel: Candidate, why: str) -> Verdict:
    message = f"{channel.title} was not taken for the command: {why}"
    return Verdict(None, why, (Finding("command_channel_not_used", "info", message),))


def _why_no_command(recorded: NDArray[np.float32]) -> str:
    low, high = float(np.min(recorded)), float(np.max(recorded))
    if not np.isfinite(low + high):
        return "it holds values that are not numbers"
    if max(-low, high) > LARGEST_COMMAND_MV:
        return f"its values ({low:.4g} to {high:.4g} mV) are no voltages of a membrane"
    return ""


def _why_not_following(recorded: NDArray[np.float32], expected: NDArray[np.float32]) -> str:
    span = float(np.ptp(expected))
    low, high = np.percentile(recorded, [0.5, 99.5])
    if span <= STILL_MV:
        middle = float(np.median(recorded))
        if high - low > max(10 * STILL_MV, 5 * span):
            return f"it moves ({low:.4g} to {high:.4g} mV) while the command of the header rests"
        if abs(middle) < STILL_MV < abs(float(np.median(expected))):
            return f"it stays at {middle:.3g} mV: nothing seems to have been connected"
        return ""
    if high - low < 0.1 * span:
        return f"it stays near {float(np.median(recorded)):.4g} mV while the header's command steps"
    similarity = correlate(recorded, expected)
    if similarity < FOLLOWS:
        return f"it does not follow the header's command (correlation {similarity:.2f})"
    return ""


def _is_same_protocol(
    verdict: Verdict,
    rebuilt: Sweeps,
    recorded: NDArray[np.float32],
    expected: NDArray[np.float32],
) -> bool:
    """Whether a channel that follows badly is the protocol at other times, not another thing."""
    if verdict.sweeps is None or correlate(recorded, expected) < RELATED:
        return False
    found = max(len(sweep) for sweep in verdict.sweeps)
    return found <= 2 * max(len(sweep) for sweep in rebuilt)


def _use_alone(channel: Candidate, recorded: NDArray[np.float32], interval_ms: float) -> Verdict:
    sweeps = find_segments(recorded, interval_ms)
    if sweeps is None:
        return _refuse(channel, "it shows neither steps nor ramps")
    if all(len(sweep) == 1 and sweep[0].is_step for sweep in sweeps):
        middle = float(np.median(recorded))
        if abs(middle) < STILL_MV:
            return _refuse(channel, f"it stays at {middle:.3g} mV: nothing seems to be connected")
    return Verdict(sweeps, "recorded command; steps and ramps were found in it")


def _refit(rebuilt: Sweeps, recorded: NDArray[np.float32], interval_ms: float) -> Sweeps | None:
    """Return the header's segments with recorded levels, or ``None`` where they do not fit."""
    tolerance = max(SMALLEST_STEP_MV, NOISE_FACTOR * estimate_noise(recorded))
    edge = max(round(LONGEST_EDGE_MS / interval_ms), 3)
    fitted = [
        tuple(_read_levels(segment, sweep, tolerance, edge) for segment in segments)
        for segments, sweep in zip(rebuilt, recorded, strict=True)
    ]
    steady = _level_out(rebuilt, fitted)
    misfits, counted = 0, 0
    for segments, sweep in zip(steady, recorded, strict=True):
        away = np.abs(sweep - render_command(segments, len(sweep))) > max(tolerance, MISMATCH_MV)
        for segment in segments:
            # The filter drags every change out; that is no disagreement about its time.
            settled = segment.start + min(edge, segment.stop - segment.start)
            misfits += int(np.count_nonzero(away[settled : segment.stop]))
            counted += segment.stop - settled
    return steady if misfits <= 0.005 * max(counted, 1) else None


def _read_levels(
    segment: Segment, sweep: NDArray[np.float32], tolerance: float, edge: int
) -> Segment:
    start, stop = segment.start, segment.stop
    if segment.is_step:
        level = round(float(np.median(sweep[(start + stop) // 2 : stop])), 3)
        return replace(segment, start_mv=level, stop_mv=level)
    first, last = measure_levels(sweep, start, stop, tolerance, edge)
    return replace(segment, start_mv=first, stop_mv=last)


def _level_out(rebuilt: Sweeps, fitted: Sequence[tuple[Segment, ...]]) -> Sweeps:
    """Give segments that the header puts at one level one recorded level, where they have it."""
    seen: dict[tuple[float, float], list[tuple[float, float]]] = {}
    for segments, levels in zip(rebuilt, fitted, strict=True):
        for segment, read in zip(segments, levels, strict=True):
            key = (segment.start_mv, segment.stop_mv)
            seen.setdefault(key, []).append((read.start_mv, read.stop_mv))
    common = {key: np.median(np.array(pairs), axis=0).round(3) for key, pairs in seen.items()}
    return tuple(
        tuple(
            _snap(read, common[segment.start_mv, segment.stop_mv])
            for segment, read in zip(segments, levels, strict=True)
        )
        for segments, levels in zip(rebuilt, fitted, strict=True)
    )


def _snap(segment: Segment, common: NDArray[np.float64]) -> Segment:
    first, last = float(common[0]), float(common[1])
    if max(abs(segment.start_mv - first), abs(segment.stop_mv - last)) > SAME_LEVEL_MV:
        return segment
    return replace(segment, start_mv=first, stop_mv=last)


def _compare(
    channel: Candidate, recorded: NDArray[np.float32], expected: NDArray[np.float32]
) -> list[Finding]:
    """Return by how much header and recorded command disagree, in words and numbers."""
    apart = recorded - expected
    share = 100 * float(np.mean(np.abs(apart) > MISMATCH_MV))
    if share < 1:
        return []
    offset = float(np.median(apart))
    gain = 1.0
    if float(np.ptp(expected)) > STILL_MV:
        gain = _robust_gain(recorded, expected)
        offset = float(np.median(recorded - gain * expected))
    rest = np.abs(recorded - gain * expected - offset) > MISMATCH_MV
    left = 100 * float(np.mean(rest))
    kinds = []
    if abs(offset) > MISMATCH_MV:
        kinds.append(f"a constant offset of {offset:+.1f} mV (an amplifier holding, or its zero)")
    if abs(gain - 1) > 0.01:
        kinds.append(f"a gain of {gain:.3f}")
    if left >= 1:
        kinds.append(f"other times or levels in {left:.1f} % of the samples")
    message = (
        f"the recorded command ({channel.title}) differs from the header's by more than "
        f"{MISMATCH_MV:g} mV in {share:.1f} % of the samples: {', '.join(kinds) or 'scatter'}; "
        "the recorded one was used"
    )
    value, unit = (offset, "mV") if abs(offset) > MISMATCH_MV else (share, "%")
    severity: Severity = "warning"
    if left < 1 and not 1 / GROSS_GAIN < gain < GROSS_GAIN:
        # the same steps at another scale: one of the two scales is wrong, and g goes with it
        severity = "error"
        message += (
            "; a factor like that is a wrong scale of one of the two: check it before using g"
        )
    return [Finding("command_mismatch", severity, message, value, MISMATCH_MV, unit)]


def _robust_gain(recorded: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    """Return the slope of recorded against expected, unmoved by the edges of steps."""
    gain, offset = fit_line(expected, recorded)
    for _ in range(2):
        away = np.abs(recorded - gain * expected - offset)
        kept = away <= np.percentile(away, 95)
        gain, offset = fit_line(expected[kept], recorded[kept])
    return gain

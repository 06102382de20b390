"""Which command a recording was made under: recorded, described by the file, or unknown.

Whatever the format: a door describes what its file says of the command, this module decides
between that and a voltage that was recorded beside the current.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from permeant.errors import RecordingError
from permeant.recording.channels import (
    Candidate,
    find_channel,
    is_named_voltage,
    parse_units,
)
from permeant.recording.recorded_command import Sweeps, Verdict, use_recorded
from permeant.records import Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray


SAME_MV = 5.0
"""A recorded voltage and its command differ by noise and an offset, and at the edges of steps."""


@dataclass(frozen=True)
class Wishes:
    """What the sheet says about where in a file the recording is, and in which channels."""

    current_channel: str | None = None
    command_channel: str | None = None
    command_offset_mv: float | None = None
    series: str | None = None
    text_columns: str | None = None


@dataclass(frozen=True)
class Command:
    """The command that was settled on."""

    sweeps: Sweeps
    source: str
    channel: int | None = None
    channel_reason: str = ""
    samples_mv: NDArray[np.float32] | None = None
    findings: tuple[Finding, ...] = ()


def settle_command(
    shown_as: str,
    rebuilt: Command,
    samples_of: Callable[[int], NDArray[np.float32]],
    candidates: Sequence[Candidate],
    current: Candidate,
    *,
    interval_ms: float,
    wishes: Wishes,
    holding_only: bool = False,
) -> Command:
    """Take the recorded command where there is one, else the one that the file describes.

    Parameters
    ----------
    shown_as : str
        How messages name the file.
    rebuilt : Command
        What the file's own description gives; without a source where it gives nothing.
    samples_of : callable
        Gives the samples of a channel in its own units, (sweeps, samples).
    candidates : sequence of Candidate
        All channels.
    current : Candidate
        The one that holds the current.
    interval_ms : float
        Time between samples.
    wishes : Wishes
        What the sheet asks for.
    holding_only : bool
        Whether the description knows a holding level only, which a channel that steps does not
        contradict.

    Returns
    -------
    Command
        The command; its source is ``unknown`` where nothing tells it.
    """
    known = rebuilt.sweeps if rebuilt.source and not holding_only else None
    rejected: list[Finding] = []
    channels = _voltage_channels(shown_as, candidates, current, wishes.command_channel)
    if known is None and len(channels) > 1:
        n_currents = sum(one.kind == "current" for one in candidates)
        channels, rejected = _likeliest_first(channels, samples_of, interval_ms, n_currents)
    for channel in channels:
        recorded = samples_of(channel.index) * np.float32(channel.scale)
        verdict = use_recorded(
            channel,
            recorded,
            known,
            interval_ms,
            wanted=wishes.command_channel is not None,
        )
        if verdict.sweeps is not None:
            return _take_recorded(channel, recorded, verdict, rebuilt, rejected, wishes=wishes)
        rejected += [_stress(finding, wishes) for finding in verdict.findings]
    return _take_rebuilt(rebuilt, rejected, wishes.command_offset_mv)


def _stress(finding: Finding, wishes: Wishes) -> Finding:
    """Make more of a channel that was not used where the sheet asked for it."""
    return finding if wishes.command_channel is None else replace(finding, severity="warning")


def _voltage_channels(
    shown_as: str, candidates: Sequence[Candidate], current: Candidate, wanted: str | None
) -> list[Candidate]:
    """Return the channels that may hold the command; one that is asked for need not be in mV."""
    if wanted is not None:
        chosen = find_channel(shown_as, candidates, wanted, "command_channel")
        if chosen.index == current.index:
            raise RecordingError(
                "channel_conflict",
                f"{shown_as}: command_channel = {wanted!r} is the channel of the current; "
                "name two different channels",
            )
        return [replace(chosen, scale=parse_units(chosen.adc.units)[1] if _is_mv(chosen) else 1.0)]
    voltages = [one for one in candidates if one.kind == "voltage" and one is not current]
    # With several cells, amplifiers put the voltage of a cell behind its current.
    return sorted(voltages, key=lambda one: (one.index < current.index, one.index))


def _likeliest_first(
    channels: Sequence[Candidate],
    samples_of: Callable[[int], NDArray[np.float32]],
    interval_ms: float,
    n_currents: int,
) -> tuple[list[Candidate], list[Finding]]:
    """Sort voltages of which no description tells the command: those that move, by their names.

    Thermometers, lamps and other cells are recorded in mV and V too.
    """
    moving = []
    for one in channels:
        recorded = samples_of(one.index) * np.float32(one.scale)
        sweeps = use_recorded(one, recorded, None, interval_ms, wanted=False).sweeps
        if sweeps is not None and _span_mv(sweeps) > SAME_MV:
            moving.append(one)
    named = [one for one in moving if is_named_voltage(one.adc.name)]
    first = named or moving
    ordered = sorted(channels, key=lambda one: (not _among(one, first), not _among(one, moving)))
    if len(first) < 2 or len(first) == n_currents:
        return ordered, []
    lead = samples_of(first[0].index) * np.float32(first[0].scale)
    others = [
        one
        for one in first[1:]
        if float(np.percentile(np.abs(samples_of(one.index) * one.scale - lead), 95)) > SAME_MV
    ]
    if not others:
        return ordered, []
    message = (
        f"several channels may hold the command: {first[0].title} was taken, not "
        f"{', '.join(one.title for one in others)}, which moves otherwise; set command_channel to "
        "choose"
    )
    count = float(len(others) + 1)
    return ordered, [Finding("several_command_channels", "warning", message, count)]


def _span_mv(sweeps: Sweeps) -> float:
    levels = [mv for one in sweeps for s in one for mv in (s.start_mv, s.stop_mv)]
    return max(levels) - min(levels)


def _among(one: Candidate, others: Sequence[Candidate]) -> bool:
    return any(one is other for other in others)


def _is_mv(candidate: Candidate) -> bool:
    return parse_units(candidate.adc.units)[0] == "voltage"


def command_unknown(why: str) -> Finding:
    """Return the finding that says why the command is not known, and what to do."""
    message = (
        f"the command is unknown: {why}, and it was not recorded in a channel; name a protocol "
        "for this recording, or the channel that holds the command"
    )
    return Finding("command_unknown", "error", message)


def scale_command(sweeps: Sweeps, factor: float, offset: float = 0.0) -> Sweeps:
    """Return a command in other units, or with an offset added to every level."""
    if factor == 1 and offset == 0:
        return sweeps
    return tuple(
        tuple(
            replace(
                segment,
                start_mv=segment.start_mv * factor + offset,
                stop_mv=segment.stop_mv * factor + offset,
            )
            for segment in segments
        )
        for segments in sweeps
    )


def _take_recorded(
    channel: Candidate,
    recorded: NDArray[np.float32],
    verdict: Verdict,
    rebuilt: Command,
    rejected: Sequence[Finding],
    *,
    wishes: Wishes,
) -> Command:
    assert verdict.sweeps is not None
    known = tuple(finding for finding in rebuilt.findings if finding.check != "command_unknown")
    findings = [*known, *rejected, *verdict.findings]
    if wishes.command_offset_mv:
        message = (
            f"command_offset_mv = {wishes.command_offset_mv:g} was not added: the command was "
            "recorded, and what was recorded holds the offset already"
        )
        findings.append(Finding("command_offset_not_added", "warning", message))
    if wishes.command_channel is not None and not _is_mv(channel):
        message = f"{channel.title} was taken for a command in mV because the sheet names it"
        findings.append(Finding("command_units", "warning", message))
    return Command(
        sweeps=verdict.sweeps,
        source=f"recorded in channel {channel.index} ({channel.adc.name!r})",
        channel=channel.index,
        channel_reason=verdict.reason,
        samples_mv=recorded,
        findings=tuple(findings),
    )


def _take_rebuilt(
    rebuilt: Command, rejected: Sequence[Finding], offset_mv: float | None
) -> Command:
    findings = [*rebuilt.findings, *rejected]
    if offset_mv is not None:
        # the question that it asks is answered
        findings = [finding for finding in findings if finding.check != "command_relative"]
    if not rebuilt.source:
        return replace(rebuilt, source="unknown", findings=tuple(findings))
    if not offset_mv:
        return replace(rebuilt, findings=tuple(findings))
    message = f"{offset_mv:+g} mV (command_offset_mv) was added to the command of the header"
    findings.append(Finding("command_offset", "info", message, offset_mv, unit="mV"))
    return replace(
        rebuilt,
        sweeps=scale_command(rebuilt.sweeps, 1.0, offset_mv),
        source=f"{rebuilt.source}; {offset_mv:+g} mV added",
        findings=tuple(findings),
    )

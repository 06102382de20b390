"""The door to ABF files: header and samples in, a Recording out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from permeant.errors import RecordingError
from permeant.recording.abf1 import read_abf1_header
from permeant.recording.abf2 import read_abf2_header
from permeant.recording.abf_command import is_finite_command, rebuild_command
from permeant.recording.abf_header import GAP_FREE, AbfHeader
from permeant.recording.abf_samples import Samples, read_samples
from permeant.recording.abf_tags import place_tags
from permeant.recording.channels import (
    Candidate,
    choose_current,
    describe_channels,
    find_channel,
    judge_channels,
    parse_units,
)
from permeant.recording.clamp_mode import refuse_current_clamp
from permeant.recording.clipping import find_clipping
from permeant.recording.online_leak import read_online_leak
from permeant.recording.output_channel import choose_output
from permeant.recording.provenance import describe_abf
from permeant.recording.recorded_command import Sweeps, Verdict, use_recorded
from permeant.records import Finding, Recording, RecordingInfo, Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

THIN_SAMPLES = 20_000


@dataclass(frozen=True)
class Wishes:
    """What the sheet says about a recording's channels."""

    current_channel: str | None = None
    command_channel: str | None = None
    command_offset_mv: float | None = None


@dataclass(frozen=True)
class Command:
    """The command that was settled on."""

    sweeps: Sweeps
    source: str
    channel: int | None = None
    channel_reason: str = ""
    samples_mv: NDArray[np.float32] | None = None
    findings: tuple[Finding, ...] = ()


def open_abf(path: Path, data: bytes, shown_as: str, wishes: Wishes) -> Recording:
    """Read an ABF1 or ABF2 file whose bytes are ``data``."""
    header = read_abf2_header(data, shown_as) if data[:4] == b"ABF2" else read_abf1_header(data)
    samples = read_samples(path, shown_as, data, header)
    candidates = judge_channels(header.adcs, _thin_out(samples))
    refuse_current_clamp(shown_as, header, candidates, wishes.current_channel)
    current, findings = choose_current(shown_as, candidates, wishes.current_channel)
    command = _settle_command(shown_as, header, samples, candidates, current, wishes=wishes)
    current_pa = samples.channel(current.index)
    if current.scale != 1:
        current_pa *= np.float32(current.scale)
    clipping = find_clipping(samples.raw[:, :, current.index], current.title)
    info = RecordingInfo(
        provenance=describe_abf(header, data, shown_as),
        channels=describe_channels(
            candidates, current.index, command.channel, command.channel_reason
        ),
        interval_ms=header.interval_ms,
        n_sweeps=current_pa.shape[0],
        n_samples=current_pa.shape[1],
        sweep_starts_s=samples.starts_s,
        command_source=command.source,
        sweeps=command.sweeps,
        findings=(*samples.findings, *findings, *command.findings, *clipping),
        r_s_mohm=current.adc.r_s_mohm,
        c_m_pf=current.adc.c_m_pf,
        online_leak=read_online_leak(header, current.index),
        tags=place_tags(header.tags, header.clock_s),
    )
    return Recording(info, current_pa, command.samples_mv)


def _thin_out(samples: Samples) -> list[NDArray[np.float32]]:
    """Return each channel's first sweeps, so many that they hold some ten thousand samples."""
    n_sweeps, n_samples, n_channels = samples.raw.shape
    sweeps = min(n_sweeps, max(2, THIN_SAMPLES // max(n_samples, 1)))
    chosen = np.linspace(0, n_sweeps - 1, sweeps).astype(int)
    few = replace(samples, raw=samples.raw[np.unique(chosen)])
    return [few.channel(index) for index in range(n_channels)]


def _settle_command(
    shown_as: str,
    header: AbfHeader,
    samples: Samples,
    candidates: Sequence[Candidate],
    current: Candidate,
    *,
    wishes: Wishes,
) -> Command:
    rebuilt = _rebuild(header, samples, candidates, current)
    # A gap-free header knows a holding level only: a channel that steps does not contradict it.
    known = rebuilt.sweeps if rebuilt.source and header.mode != GAP_FREE else None
    rejected: list[Finding] = []
    for channel in _voltage_channels(shown_as, candidates, current, wishes.command_channel):
        recorded = samples.channel(channel.index) * np.float32(channel.scale)
        verdict = use_recorded(
            channel,
            recorded,
            known,
            header.interval_ms,
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


def _is_mv(candidate: Candidate) -> bool:
    return parse_units(candidate.adc.units)[0] == "voltage"


def _rebuild(
    header: AbfHeader, samples: Samples, candidates: Sequence[Candidate], current: Candidate
) -> Command:
    """Return the command of the header; without a source where the header does not know it."""
    n_sweeps, n_samples, _ = samples.raw.shape
    currents = [one for one in candidates if one.kind == "current"]
    output = choose_output(header, current, currents)
    if output is None:
        nothing = tuple((Segment("before", 0, n_samples, 0.0, 0.0),) for _ in range(n_sweeps))
        why = "the header has no output channel in mV for this current"
        return Command(nothing, "", findings=(_unknown(why),))
    rebuilt = rebuild_command(header, output.dac, n_samples, n_sweeps)
    sweeps = _scale(rebuilt.sweeps, parse_units(rebuilt.units)[1])
    why = rebuilt.unknown or ("" if is_finite_command(rebuilt) else "the header holds no numbers")
    if why:
        return Command(sweeps, "", findings=(*rebuilt.findings, _unknown(why)))
    name = f"output channel {output.dac.number} ({output.dac.name!r})"
    source = f"rebuilt from the header: {name}, {output.reason}"
    findings = list(rebuilt.findings)
    if output.doubtful:
        message = f"the command was taken from {name}, {output.reason}; several play a voltage"
        findings.append(Finding("output_channel", "warning", message))
    if header.mode == GAP_FREE:
        message = "a gap-free recording: the header knows no steps, only a holding level"
        findings.append(Finding("gap_free", "info", message))
    return Command(sweeps, source, findings=tuple(findings))


def _unknown(why: str) -> Finding:
    message = (
        f"the command is unknown: {why}, and it was not recorded in a channel; name a protocol "
        "for this recording, or the channel that holds the command"
    )
    return Finding("command_unknown", "error", message)


def _scale(sweeps: Sweeps, factor: float, offset: float = 0.0) -> Sweeps:
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
    if not rebuilt.source:
        return replace(rebuilt, source="unknown", findings=tuple(findings))
    if not offset_mv:
        return replace(rebuilt, findings=tuple(findings))
    message = f"{offset_mv:+g} mV (command_offset_mv) was added to the command of the header"
    findings.append(Finding("command_offset", "info", message, offset_mv, unit="mV"))
    return replace(
        rebuilt,
        sweeps=_scale(rebuilt.sweeps, 1.0, offset_mv),
        source=f"{rebuilt.source}; {offset_mv:+g} mV added",
        findings=tuple(findings),
    )

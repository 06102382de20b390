"""The door to ABF files: header and samples in, a Recording out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from permeant.recording.abf1 import read_abf1_header
from permeant.recording.abf2 import read_abf2_header
from permeant.recording.abf_command import is_finite_command, rebuild_command
from permeant.recording.abf_header import GAP_FREE, AbfHeader
from permeant.recording.abf_samples import Samples, read_samples
from permeant.recording.abf_scale import find_odd_scale
from permeant.recording.abf_tags import place_tags
from permeant.recording.channels import (
    Candidate,
    choose_current,
    describe_channels,
    judge_channels,
    parse_units,
)
from permeant.recording.clamp_mode import refuse_current_clamp
from permeant.recording.command import (
    Command,
    Wishes,
    command_unknown,
    scale_command,
    settle_command,
)
from permeant.recording.odd_samples import find_odd_samples
from permeant.recording.online_leak import read_online_leak
from permeant.recording.output_channel import choose_output
from permeant.recording.provenance import describe_abf
from permeant.recording.temperature import settle_temperature, told_by_channels, told_in_words
from permeant.records import Finding, Recording, RecordingInfo, Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

THIN_SAMPLES = 20_000


def open_abf(path: Path, data: bytes, shown_as: str, wishes: Wishes) -> Recording:
    """Read an ABF1 or ABF2 file whose bytes are ``data``."""
    header = read_abf2_header(data, shown_as) if data[:4] == b"ABF2" else read_abf1_header(data)
    samples = read_samples(path, shown_as, data, header)
    candidates = judge_channels(header.adcs, _thin_out(samples))
    refuse_current_clamp(shown_as, header, candidates, wishes.current_channel)
    current, findings = choose_current(shown_as, candidates, wishes.current_channel)
    command = settle_command(
        shown_as,
        _rebuild(header, samples, candidates, current),
        samples.channel,
        candidates,
        current,
        interval_ms=header.interval_ms,
        wishes=wishes,
        holding_only=header.mode == GAP_FREE,
    )
    current_pa = samples.channel(current.index)
    if current.scale != 1:
        current_pa *= np.float32(current.scale)
    raw = samples.raw[:, :, current.index]
    temperature_c, told_by = _temperature(header, candidates)
    odd = (
        *find_odd_samples(raw, current_pa, command, header.interval_ms, current.title),
        *find_odd_scale(header, current),
    )
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
        findings=(*samples.findings, *findings, *command.findings, *odd),
        r_s_mohm=current.adc.r_s_mohm,
        c_m_pf=current.adc.c_m_pf,
        online_leak=read_online_leak(header, current.index),
        tags=place_tags(header.tags, header.clock_s),
        temperature_c=temperature_c,
        temperature_source=told_by,
    )
    return Recording(info, current_pa, command.samples_mv)


def _temperature(header: AbfHeader, candidates: Sequence[Candidate]) -> tuple[float | None, str]:
    """ABF has no field for it: a channel that recorded a thermometer, or words."""
    texts = {
        "comment": header.comment,
        "protocol": header.protocol,
        "tags": "; ".join(text for _, text in header.tags),
    }
    return settle_temperature([*told_by_channels(candidates), *told_in_words(texts)])


def _thin_out(samples: Samples) -> list[NDArray[np.float32]]:
    """Return each channel's first sweeps, so many that they hold some ten thousand samples."""
    n_sweeps, n_samples, n_channels = samples.raw.shape
    sweeps = min(n_sweeps, max(2, THIN_SAMPLES // max(n_samples, 1)))
    chosen = np.linspace(0, n_sweeps - 1, sweeps).astype(int)
    few = replace(samples, raw=samples.raw[np.unique(chosen)])
    return [few.channel(index) for index in range(n_channels)]


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
        return Command(nothing, "", findings=(command_unknown(why),))
    rebuilt = rebuild_command(header, output.dac, n_samples, n_sweeps)
    sweeps = scale_command(rebuilt.sweeps, parse_units(rebuilt.units)[1])
    why = rebuilt.unknown or ("" if is_finite_command(rebuilt) else "the header holds no numbers")
    if why:
        return Command(sweeps, "", findings=(*rebuilt.findings, command_unknown(why)))
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

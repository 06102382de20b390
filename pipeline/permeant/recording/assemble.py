"""From the contents of a file to a Recording: roles, command, clipping, whatever the format."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from permeant.errors import RecordingError
from permeant.recording.abf_header import Adc
from permeant.recording.channels import (
    Candidate,
    choose_current,
    describe_channels,
    judge_channels,
    parse_units,
)
from permeant.recording.clamp_mode import looks_like_spikes
from permeant.recording.command import Command, Wishes, command_unknown, settle_command
from permeant.recording.contents import Contents, Signal
from permeant.recording.odd_samples import find_odd_samples
from permeant.recording.provenance import describe_file
from permeant.recording.temperature import settle_temperature, told_by_channels, told_in_words
from permeant.records import Finding, Recording, RecordingInfo, Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

THIN_SAMPLES = 20_000
LONGEST_INTERVAL_MS = 1e3
SHORTEST_INTERVAL_MS = 1e-4
SLOW_INTERVAL_MS = 5.0
"""Patch-clamp currents are sampled faster; a larger one may be a time in the wrong unit."""


def assemble(path: Path, contents: Contents, shown_as: str, wishes: Wishes) -> Recording:
    """Make a Recording of what a door found in a file.

    Parameters
    ----------
    path : Path
        The file, for its digest.
    contents : Contents
        What the door found.
    shown_as : str
        How messages and provenance name the file.
    wishes : Wishes
        What the sheet asks for.

    Returns
    -------
    Recording
        Current and command, as from any other format.

    Raises
    ------
    RecordingError
        Where no channel holds a usable current, or the clamp was one of current.
    """
    _refuse_nonsense(shown_as, contents)
    wishes = replace(wishes, current_channel=None) if contents.current_is_chosen else wishes
    signals = contents.signals
    candidates = judge_channels(
        [_as_input(k, one) for k, one in enumerate(signals)], _thin(signals)
    )
    _refuse_current_clamp(shown_as, candidates, wishes.current_channel)
    current, findings = choose_current(shown_as, candidates, wishes.current_channel)
    signal = signals[current.index]
    _refuse_holes(shown_as, current, signal.samples)
    n_sweeps, n_samples = signal.samples.shape
    command = settle_command(
        shown_as,
        signal.command or _no_command(n_sweeps, n_samples),
        lambda index: signals[index].samples,
        candidates,
        current,
        interval_ms=contents.interval_ms,
        wishes=wishes,
        holding_only=signal.command_is_holding,
    )
    current_pa = signal.samples * np.float32(current.scale)
    raw = signal.samples if signal.raw is None else signal.raw
    odd = find_odd_samples(raw, current_pa, command, contents.interval_ms, current.title)
    temperature_c, told_by = _temperature(contents, candidates)
    info = RecordingInfo(
        provenance=describe_file(
            path,
            shown_as,
            reader=contents.reader,
            format_name=contents.format_name,
            acquired=contents.acquired,
            protocol=contents.protocol,
            comment=contents.comment,
        ),
        channels=describe_channels(
            candidates, current.index, command.channel, command.channel_reason
        ),
        interval_ms=contents.interval_ms,
        n_sweeps=n_sweeps,
        n_samples=n_samples,
        sweep_starts_s=_starts(contents, n_sweeps, n_samples),
        command_source=command.source,
        sweeps=command.sweeps,
        findings=(
            *contents.findings,
            *_doubt_interval(contents.interval_ms),
            *findings,
            *command.findings,
            *odd,
        ),
        r_s_mohm=signal.r_s_mohm,
        c_m_pf=signal.c_m_pf,
        r_s_compensation=signal.r_s_compensation,
        ljp_applied_mv=signal.ljp_applied_mv,
        series=contents.series,
        temperature_c=temperature_c,
        temperature_source=told_by,
    )
    return Recording(info, current_pa, command.samples_mv)


def _temperature(contents: Contents, candidates: Sequence[Candidate]) -> tuple[float | None, str]:
    texts = {"protocol": contents.protocol, "comment": contents.comment, **dict(contents.notes)}
    told = (*contents.temperature, *told_by_channels(candidates), *told_in_words(texts))
    return settle_temperature(told)


def _as_input(index: int, signal: Signal) -> Adc:
    return Adc(index, signal.name, signal.units, 1.0, 0.0, mode=signal.mode)


def _thin(signals: Sequence[Signal]) -> list[NDArray[np.float32]]:
    """Return each channel's first sweeps, so many that they hold some ten thousand samples."""
    few = []
    for signal in signals:
        n_sweeps, n_samples = signal.samples.shape
        sweeps = min(n_sweeps, max(2, THIN_SAMPLES // max(n_samples, 1)))
        chosen = np.unique(np.linspace(0, n_sweeps - 1, sweeps).astype(int))
        few.append(signal.samples[chosen])
    return few


def _refuse_nonsense(shown_as: str, contents: Contents) -> None:
    if not contents.signals:
        raise RecordingError("file_empty", f"{shown_as}: the file holds no recorded channel")
    shapes = {signal.samples.shape for signal in contents.signals}
    if len(shapes) > 1 or min(next(iter(shapes))) < 1 or next(iter(shapes))[1] < 2:
        raise RecordingError(
            "sweeps_unequal",
            f"{shown_as}: the channels differ in their sweeps or samples "
            f"({', '.join(f'{n} × {m}' for n, m in sorted(shapes))}); equal ones are needed",
        )
    interval_ms = contents.interval_ms
    if not SHORTEST_INTERVAL_MS <= interval_ms <= LONGEST_INTERVAL_MS:  # NaN is neither
        raise RecordingError(
            "file_unreadable",
            f"{shown_as}: the file gives {interval_ms:g} ms between samples, which no patch clamp "
            f"has ({SHORTEST_INTERVAL_MS:g} to {LONGEST_INTERVAL_MS:g} ms are read); the file is "
            "damaged or its time is in another unit",
        )


def _doubt_interval(interval_ms: float) -> list[Finding]:
    """Say where samples are so far apart that the time may be in another unit."""
    if interval_ms < SLOW_INTERVAL_MS:
        return []
    message = (
        f"the samples are {interval_ms:g} ms apart, very far for a patch clamp: check whether the "
        "file's time is in s or in ms"
    )
    value, limit = interval_ms, SLOW_INTERVAL_MS
    return [Finding("interval_doubtful", "warning", message, value, limit, "ms")]


def _refuse_current_clamp(
    shown_as: str, candidates: Sequence[Candidate], wanted: str | None
) -> None:
    """Raise where the file says that the current was clamped, or no current was recorded."""
    named = [
        one
        for one in candidates
        if wanted is not None
        and wanted.strip().casefold() in {one.adc.name.casefold(), str(one.index)}
    ]
    judged = named or list(candidates)
    currents = [one for one in judged if one.kind == "current"]
    evidence = []
    if currents and currents[0].adc.mode == 1:
        evidence.append(f"the file says so of {currents[0].title}")
    if not any(parse_units(one.adc.units)[0] == "current" for one in judged):
        evidence += [
            f"{one.title} holds a voltage and no channel a plausible current"
            for one in judged
            if one.kind == "voltage"
        ]
    if not evidence:
        return
    evidence += [
        f"the samples of {one.title} look like action potentials"
        for one in judged[:1]
        if looks_like_spikes(one.thin)
    ]
    raise RecordingError(
        "current_clamp",
        f"{shown_as}: a current-clamp recording ({'; '.join(evidence)}); voltage clamp is needed, "
        "where the command is a voltage and a current is recorded",
    )


def _refuse_holes(shown_as: str, current: Candidate, samples: NDArray[np.float32]) -> None:
    holes = int(np.count_nonzero(~np.isfinite(samples)))
    if holes:
        raise RecordingError(
            "not_numbers",
            f"{shown_as}: {holes} samples of {current.title} are not numbers; a current without "
            "gaps is needed: export it again, or leave out the sweep",
        )


def _no_command(n_sweeps: int, n_samples: int) -> Command:
    nothing = tuple((Segment("before", 0, n_samples, 0.0, 0.0),) for _ in range(n_sweeps))
    return Command(nothing, "", findings=(command_unknown("the file describes none"),))


def _starts(contents: Contents, n_sweeps: int, n_samples: int) -> tuple[float, ...]:
    starts = contents.starts_s[:n_sweeps]
    sound = all(math.isfinite(start) for start in starts) and list(starts) == sorted(starts)
    if len(starts) == n_sweeps and sound and len(set(starts)) == n_sweeps:
        return starts
    length_s = n_samples * contents.interval_ms / 1000
    return tuple(index * length_s for index in range(n_sweeps))

"""The door to NWB files: ``VoltageClampSeries`` and what was played under them.

Read with h5py after the published schema rather than with pynwb: that takes a second to start and
refuses files whose extensions it cannot build, while the few fields needed here are the same in
every NWB 2 file.  Responses and stimuli are paired by the table of intracellular recordings, else
by sweep number and electrode.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from permeant.errors import RecordingError, did_you_mean
from permeant.recording.command import Command, Wishes, command_unknown
from permeant.recording.contents import Contents, Signal, stack_sweeps
from permeant.recording.hdf5 import word_of
from permeant.recording.nwb_amplifier import read_settings
from permeant.recording.nwb_series import Sweep, list_sweeps, read_values, shift_of
from permeant.recording.segmentation import find_segments
from permeant.recording.series import Choice, choose_series
from permeant.records import Finding, Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAME_RATE = 1e-6


@dataclass(frozen=True)
class Played:
    """The stimuli of the sweeps in mV, or why they are not known."""

    command_mv: NDArray[np.float32] | None = None
    why: str = ""


def read_nwb(file: Any, shown_as: str, wishes: Wishes) -> Contents:
    """Read the sweeps of one electrode and one stimulus of an open NWB file."""
    version = word_of(file.attrs.get("nwb_version", "1"))
    if not version.startswith("2"):
        raise RecordingError(
            "format_not_supported",
            f"{shown_as}: NWB {version} cannot be read; NWB 2 can: convert the file",
        )
    sweeps = list_sweeps(file, shown_as)
    electrode, sweeps = _choose_electrode(shown_as, sweeps, wishes.current_channel)
    offered = _offer(sweeps)
    choice, chosen = choose_series(shown_as, offered, wishes.series)
    rate_hz = _one_rate(shown_as, chosen)
    raw, findings = stack_sweeps(shown_as, [read_values(file, one.response, "A") for one in chosen])
    chosen = chosen[: len(raw)]
    interval_ms = float(f"{1e3 / rate_hz:.9g}")
    settings = read_settings(file, [one.response.path for one in chosen])
    played = _played(file, chosen, rate_hz, raw.shape[1])
    command, more = _describe(played, raw.shape, interval_ms)
    signal = Signal(
        name=electrode,
        units="A",
        samples=raw.astype(np.float32),
        mode=0,
        command=command,
        r_s_mohm=settings.r_s_mohm,
        c_m_pf=settings.c_m_pf,
        r_s_compensation=settings.r_s_compensation,
    )
    return Contents(
        format_name=f"NWB {version}",
        reader="h5py",
        interval_ms=interval_ms,
        signals=(signal,),
        starts_s=tuple(one.response.start_s for one in chosen),
        series=choice.name,
        acquired=_said(file, "session_start_time") or None,
        current_is_chosen=True,
        protocol=chosen[0].stimulus_name,
        comment=_said(file, "session_description"),
        findings=(*findings, *more, *settings.findings),
        notes=tuple(_notes(file, chosen[0].response.path, electrode)),
    )


def _notes(file: Any, path: str, electrode: str) -> Iterator[tuple[str, str]]:
    """Return the texts that may tell the temperature, for which NWB has no field."""
    for name in ("experiment_description", "notes", "protocol", "slices", "pharmacology"):
        yield name, _said(file, f"general/{name}", 20_000)
    for name in ("description", "slice"):
        where = f"general/intracellular_ephys/{electrode}/{name}"
        yield f"{name} of the electrode", _said(file, where, 2000)
    for name in ("description", "comments"):
        yield f"{name} of the sweep", word_of(file[path].attrs.get(name, ""))[:2000]


def _said(file: Any, name: str, most: int = 500) -> str:
    return word_of(file[name][()])[:most] if name in file else ""


def _choose_electrode(
    shown_as: str, sweeps: Sequence[Sweep], wanted: str | None
) -> tuple[str, list[Sweep]]:
    electrodes = sorted({one.electrode for one in sweeps})
    if wanted is None and len(electrodes) == 1:
        return electrodes[0], list(sweeps)
    listed = ", ".join(f"{name!r} or {k}" for k, name in enumerate(electrodes))
    if wanted is None:
        raise RecordingError(
            "electrode_needed",
            f"{shown_as}: the file holds {len(electrodes)} electrodes, each with a cell of its "
            f"own; choose one in current_channel: {listed}",
        )
    word = wanted.strip().casefold()
    found = [name for name in electrodes if name.casefold() == word]
    if not found and word.isdigit() and int(word) < len(electrodes):
        found = [electrodes[int(word)]]
    if not found:
        raise RecordingError(
            "channel_not_found",
            f"{shown_as}: current_channel = {wanted!r} is no electrode of the file; allowed: "
            f"{listed}.{did_you_mean(wanted, electrodes)}",
        )
    return found[0], [one for one in sweeps if one.electrode == found[0]]


def _offer(sweeps: Sequence[Sweep]) -> list[tuple[Choice, list[Sweep]]]:
    """Group sweeps by what was played, in the order of the file."""
    groups: dict[str, list[Sweep]] = {}
    for sweep in sweeps:
        groups.setdefault(sweep.group, []).append(sweep)
    return [
        (Choice(name or "unnamed", str(k), f"{len(members)} sweeps"), members)
        for k, (name, members) in enumerate(groups.items(), start=1)
    ]


def _one_rate(shown_as: str, sweeps: Sequence[Sweep]) -> float:
    rates = [one.response.rate_hz for one in sweeps]
    if not all(np.isfinite(rate) and rate > 0 for rate in rates):
        raise RecordingError(
            "file_unreadable",
            f"{shown_as}: a sweep has no sampling rate, or one that is no number above 0",
        )
    if max(rates) - min(rates) > SAME_RATE * max(rates):
        raise RecordingError(
            "sweeps_unequal",
            f"{shown_as}: the sweeps were sampled at {min(rates):g} to {max(rates):g} Hz; one rate "
            "is needed: choose another series",
        )
    return rates[0]


# ----------------------------------------------------------------------------- stimulus


def _played(file: Any, sweeps: Sequence[Sweep], rate_hz: float, n_samples: int) -> Played:
    lacking = [one for one in sweeps if one.stimulus is None]
    if lacking:
        return Played(why=f"{len(lacking)} of {len(sweeps)} sweeps have no stimulus in the file")
    rows = []
    for one in sweeps:
        stimulus = one.stimulus
        assert stimulus is not None
        if abs(stimulus.rate_hz - rate_hz) > SAME_RATE * rate_hz:
            return Played(
                why=f"the stimulus was stored at {stimulus.rate_hz:g} Hz, the response at "
                f"{rate_hz:g} Hz"
            )
        values = read_values(file, stimulus, "V")
        late = shift_of(one.response, stimulus, n_samples)
        if late > 0:
            late_ms = 1e3 * late / rate_hz
            return Played(why=f"a stimulus starts {late_ms:g} ms after its response")
        values = values[-late:]
        if len(values) < n_samples:
            return Played(why=f"the stimulus has {len(values)} samples, the response {n_samples}")
        rows.append(1e3 * values[:n_samples])
    command_mv = np.stack(rows).astype(np.float32)
    if not np.all(np.isfinite(command_mv)) or float(np.max(np.abs(command_mv))) > 1000:
        return Played(why="the stimulus holds values that are no voltages of a membrane")
    return Played(command_mv)


def _describe(
    played: Played, shape: tuple[int, ...], interval_ms: float
) -> tuple[Command, tuple[Finding, ...]]:
    n_sweeps, n_samples = shape
    nothing = tuple((Segment("before", 0, n_samples, 0.0, 0.0),) for _ in range(n_sweeps))
    if played.command_mv is None:
        return Command(nothing, "", findings=(command_unknown(played.why),)), ()
    segments = find_segments(played.command_mv, interval_ms)
    if segments is None:
        why = "the stimulus in the file is no row of steps and ramps"
        return Command(nothing, "", findings=(command_unknown(why),)), ()
    command = Command(segments, "the stimulus series in the file")
    rests = {one[0].start_mv for one in segments} | {one[-1].stop_mv for one in segments}
    if rests != {0.0}:
        return command, ()
    message = (
        "the stimulus in the file rests at 0 mV: acquisition programs often store it relative to "
        "the amplifier's holding potential; give that in command_offset_mv, or 0 if it is not"
    )
    return replace(command, findings=(Finding("command_relative", "error", message),)), ()

"""The command of a HEKA series, rebuilt from the stimulus that is stored with it.

The reader (myokit) gives segments with their levels and durations in each sweep; they are laid
out here, since its own reconstruction knows no ramps, takes the stimulus' sampling for that of
the traces, and the first output for the one of every amplifier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from permeant.recording.command import Command, command_unknown
from permeant.recording.recorded_command import LARGEST_COMMAND_MV
from permeant.recording.segmentation import find_segments
from permeant.records import Finding, Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

STILL_MV = 0.5
CONSTANT, RAMP = 0, 1


@dataclass(frozen=True)
class Output:
    """What one output of a stimulus played in mV, (sweeps, samples); or why that is not known."""

    played_mv: NDArray[np.float32] | None = None
    why: str = ""

    @property
    def rests(self) -> bool:
        """Whether it is known to have stayed at one level."""
        return self.played_mv is not None and float(np.ptp(self.played_mv)) < STILL_MV


@dataclass(frozen=True)
class Stored:
    """The command of one current, and whether it is no more than a holding level."""

    command: Command
    holding_only: bool = False


def stored_commands(
    series: Any, n_currents: int, n_sweeps: int, n_samples: int, interval_ms: float
) -> list[Stored]:
    """Return the command of each recorded current, as the stored stimulus describes it.

    Parameters
    ----------
    series : myokit.formats.heka.Series
        The series with its stimulus.
    n_currents : int
        How many of its traces are currents.
    n_sweeps, n_samples : int
        What was recorded.
    interval_ms : float
        Time between the samples of the traces, which may be a multiple of the stimulus' own.

    Returns
    -------
    list of Stored
        In the order of the currents; commands without a source where the stimulus does not tell.
    """
    stimulus = series.stimulus()
    outputs = [
        _play(channel, n_sweeps, n_samples, interval_ms)
        for channel in stimulus
        if _is_voltage_clamp(channel)
    ]
    outputs = [one for one in outputs if not _is_no_membrane(one)]
    chosen, findings = _assign(stimulus, outputs, max(n_currents, 1))
    return [
        _describe(one, stimulus.label(), (n_sweeps, n_samples), interval_ms, findings)
        for one in chosen
    ]


def is_current_clamp(series: Any) -> bool:
    """Whether a series was recorded in current clamp, by its first output."""
    modes = [channel.amplifier_mode().name for channel in series.stimulus()]
    units = [str(channel.unit()) for channel in series.stimulus()]
    if not modes or modes[0] == "VC":
        return False
    return modes[0] == "CC" or not any("V" in unit for unit in units)


def _is_voltage_clamp(channel: Any) -> bool:
    return channel.amplifier_mode().name == "VC" and str(channel.unit()) == "[V]"


def _is_no_membrane(output: Output) -> bool:
    """Whether an output drives something else: a trigger, a lamp."""
    if output.played_mv is None:
        return False
    return float(np.max(np.abs(output.played_mv), initial=0.0)) > LARGEST_COMMAND_MV


def _assign(
    stimulus: Any, outputs: Sequence[Output], n_currents: int
) -> tuple[list[Output], tuple[Finding, ...]]:
    """Say which output commanded which current."""
    if not outputs:
        modes = sorted({str(channel.amplifier_mode()) for channel in stimulus})
        why = f"it has no output in V that is made for voltage clamp ({', '.join(modes)})"
        return [Output(why=why)] * n_currents, ()
    first = outputs[0]
    if all(_alike(first, one) for one in outputs[1:]):
        return [_unless_resting(first, len(stimulus))] * n_currents, ()
    if len(outputs) == n_currents:
        message = (
            f"the stored stimulus has {len(outputs)} outputs that play different voltages; they "
            "were taken for those of the currents, in the order of the file"
        )
        return list(outputs), (Finding("output_channel", "warning", message),)
    if n_currents == 1 and not first.rests and all(one.rests for one in outputs[1:]):
        return [first], ()
    why = f"it has {len(outputs)} outputs that play different voltages, for {n_currents} current(s)"
    if first.rests:
        why = f"{_say_rest(first)}, while another of its outputs plays something else"
    return [Output(why=why)] * n_currents, ()


def _unless_resting(output: Output, n_outputs: int) -> Output:
    """Return an output, unless it rests among others: another device may have played the steps."""
    if output.played_mv is None or not output.rests or n_outputs == 1:
        return output
    return Output(why=f"{_say_rest(output)} in every output")


def _say_rest(output: Output) -> str:
    assert output.played_mv is not None
    return f"it rests at {round(float(output.played_mv[0, 0]), 3) + 0.0:g} mV"


def _alike(one: Output, other: Output) -> bool:
    if one.played_mv is None or other.played_mv is None:
        return False
    return float(np.max(np.abs(one.played_mv - other.played_mv), initial=0.0)) < STILL_MV


def _describe(
    output: Output,
    label: str,
    shape: tuple[int, int],
    interval_ms: float,
    findings: tuple[Finding, ...],
) -> Stored:
    nothing = tuple((Segment("before", 0, shape[1], 0.0, 0.0),) for _ in range(shape[0]))
    named = f"the stored stimulus {label!r}"
    if output.played_mv is None:
        why = f"{named} cannot be rebuilt: {output.why}"
        return Stored(Command(nothing, "", findings=(command_unknown(why),)))
    sweeps = find_segments(output.played_mv, interval_ms)
    if sweeps is None:
        why = f"{named} is no row of steps and ramps"
        return Stored(Command(nothing, "", findings=(command_unknown(why),)))
    return Stored(Command(sweeps, named, findings=findings), output.rests)


# ------------------------------------------------------------------------- playing an output


def _play(channel: Any, n_sweeps: int, n_samples: int, interval_ms: float) -> Output:
    """Lay out what an output played, sweep by sweep, at the sampling of the traces."""
    why = _why_not(channel)
    if why:
        return Output(why=why)
    try:
        planned = max(n_sweeps, channel.parent().sweep_count())
        times_ms = [1e3 * np.asarray(one.durations(planned), float) for one in channel]
        levels_mv = [
            1e3 * np.asarray(one.values(planned, channel._holding, channel._use_relative), float)
            for one in channel
        ]
    except (NotImplementedError, IndexError, ValueError):
        # an order of the sweeps, or a parameter, that the reader does not know
        return Output(why="its levels or durations change in a way that the reader does not know")
    rows = [
        _play_sweep(
            [
                (one.segment_class().value == RAMP, float(level[k]), float(time[k]))
                for one, level, time in zip(channel, levels_mv, times_ms, strict=True)
            ],
            1e3 * channel._holding,
            interval_ms,
        )
        for k in range(n_sweeps)
    ]
    if any(len(row) < n_samples for row in rows):
        return Output(why="it is shorter than what was recorded")
    return Output(np.stack([row[:n_samples] for row in rows]).astype(np.float32))


def _why_not(channel: Any) -> str:
    """Return why an output cannot be laid out; empty where it can."""
    if channel._use_file_template:
        return "it played a file that is not part of the recording"
    if not channel._use_stim_scale:
        return "its output is scaled in a way that the file does not describe"
    if not channel.all_segments_stored():
        return "it has segments that were not recorded"
    others = {
        str(segment.segment_class())
        for segment in channel
        if segment.segment_class().value not in {CONSTANT, RAMP}
    }
    if others:
        return f"it has segments that are no levels or ramps ({', '.join(sorted(others))})"
    return ""


def _play_sweep(
    segments: Sequence[tuple[bool, float, float]], holding_mv: float, interval_ms: float
) -> NDArray[np.float64]:
    """Return one sweep in mV of segments: whether a ramp, level in mV, duration in ms.

    A ramp leads from the level before it, the first from the holding level, to its own.
    """
    pieces, before_mv, time_ms = [], holding_mv, 0.0
    for is_ramp, level_mv, duration_ms in segments:
        start = round(time_ms / interval_ms)
        time_ms += max(duration_ms, 0.0)
        n = max(round(time_ms / interval_ms) - start, 0)
        way = np.arange(1, n + 1) / n if is_ramp and n else np.ones(n)
        pieces.append(before_mv + (level_mv - before_mv) * way)
        before_mv = level_mv
    return np.concatenate(pieces)

"""From an ABF header to the command that was played: pure, no files.

The rules are those by which the acquisition program itself draws the waveform of a sweep; every
reader that we tried breaks some of them.  A pulse train becomes one segment a pulse and one a
gap, a triangle two ramps, and a cosine sixteen straight pieces a period (at most 1 % of its
height away from the curve); all keep the letter of their epoch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from permeant.recording.abf_header import (
    DURATION,
    EPISODIC,
    HIGH_SPEED,
    LEVEL,
    PULSE_WIDTH,
    SOURCE_FILE,
    TRAIN_PERIOD,
    AbfHeader,
    Dac,
    Epoch,
    UserList,
)
from permeant.recording.epoch_shapes import Piece, draw_epoch
from permeant.records import Finding, Segment

HOLDING_FRACTION = 64
SWEEP_START = 7


@dataclass(frozen=True)
class RebuiltCommand:
    """The command of one output channel, rebuilt from the header alone."""

    dac: int
    units: str
    sweeps: tuple[tuple[Segment, ...], ...]
    unknown: str
    """Why the header does not say what was played; empty where it does."""
    findings: tuple[Finding, ...]


def rebuild_command(header: AbfHeader, dac: Dac, n_samples: int, n_sweeps: int) -> RebuiltCommand:
    """Rebuild the command that ``dac`` played, sweep by sweep.

    Parameters
    ----------
    header : AbfHeader
        The file's header.
    dac : Dac
        The output channel.
    n_samples, n_sweeps : int
        What the file really holds, per channel.

    Returns
    -------
    RebuiltCommand
        Segments in the units of the output channel that cover every sweep without gaps.
    """
    unknown = _why_unknown(header, dac)
    table = _Table(header, dac)
    playing = dac.plays and not unknown and header.mode in {EPISODIC, HIGH_SPEED}
    sweeps = []
    for sweep in range(n_sweeps):
        if playing:
            sweeps.append(table.sweep_segments(sweep, n_samples))
        else:
            sweeps.append((Segment("before", 0, n_samples, dac.holding, dac.holding),))
    findings = tuple(_find_peculiarities(header, dac, n_samples, n_sweeps))
    return RebuiltCommand(dac.number, dac.units, tuple(sweeps), unknown, findings)


def _why_unknown(header: AbfHeader, dac: Dac) -> str:
    if dac.enabled and dac.source == SOURCE_FILE:
        return (
            f"output channel {dac.number} played a waveform file that is not part of the recording "
            "(its epoch table is a leftover)"
        )
    if not header.has_command_part:
        return "the header is cut short and holds no protocol"
    if header.major == 1 and float(header.version) < 1.6 and not any(d.plays for d in header.dacs):
        return "the header holds no epochs"
    return ""


def holding_samples(header: AbfHeader) -> int:
    """Return how many samples of a channel pass before the first epoch: 1/64 of the sweep."""
    total, channels = header.samples_per_episode, max(header.n_channels, 1)
    if header.clampex_file:
        return 6 * (total // 512) // channels
    return max(total // HOLDING_FRACTION // channels, 1)


class _Table:
    """The epoch table of one output channel with the user lists that act on it."""

    def __init__(self, header: AbfHeader, dac: Dac) -> None:
        self.header = header
        self.dac = dac
        self.epochs = [epoch for epoch in dac.epochs if epoch.kind != 0]
        self.lists = {
            user_list.parameter: user_list
            for user_list in header.user_lists
            if user_list.acts and user_list.dac == dac.number and user_list.values
        }
        self.first = holding_samples(header)

    def sweep_segments(self, sweep: int, n_samples: int) -> tuple[Segment, ...]:
        run = self.header.episodes_per_run
        in_run = sweep % run if run > 0 else sweep
        return tuple(_lay_out(self._pieces(in_run, n_samples), n_samples))

    def _pieces(self, sweep: int, n_samples: int) -> Iterator[Piece]:
        before = self._level_before(sweep)
        level = before
        held = self._is_held(sweep)
        yield Piece("before", self.first, before, before)
        for epoch in self.epochs:
            duration = self._value(DURATION, epoch, sweep, epoch.duration, epoch.duration_step)
            if duration <= 0:
                continue
            target = self.level(epoch, sweep)
            if held:
                yield Piece(epoch.letter, int(duration), before, before)
            else:
                yield from draw_epoch(
                    self._with_train(epoch, sweep), int(duration), level, target, before
                )
            level = target
        last = level if self.dac.stays_at_last_level else self.dac.holding
        yield Piece("after", n_samples, last, last)

    def level(self, epoch: Epoch, sweep: int) -> float:
        return self._value(LEVEL, epoch, sweep, epoch.level, epoch.level_step)

    def _level_before(self, sweep: int) -> float:
        """Return the level at which a sweep starts."""
        if self.dac.conditioning:
            level = self.dac.post_train_level
            return self.dac.holding if level is None else level
        if not self.dac.stays_at_last_level or sweep < 1 or not self.epochs:
            return self.dac.holding
        return self.level(self.epochs[-1], sweep - 1)

    def _is_held(self, sweep: int) -> bool:
        """Whether this output is at rest in this sweep because two outputs take turns."""
        if not self.header.alternates or self.dac.number > 1:
            return False
        return sweep % 2 != self.dac.number

    def _with_train(self, epoch: Epoch, sweep: int) -> Epoch:
        period = int(self._value(TRAIN_PERIOD, epoch, sweep, epoch.period, 0))
        width = int(self._value(PULSE_WIDTH, epoch, sweep, epoch.width, 0))
        if (period, width) == (epoch.period, epoch.width):
            return epoch
        return Epoch(epoch.number, epoch.kind, 0.0, 0.0, 0, 0, period, width)

    def _value(self, parameter: int, epoch: Epoch, sweep: int, start: float, step: float) -> float:
        user_list = self.lists.get(parameter + epoch.number)
        if user_list is None:
            return start + step * sweep
        return list_entry(user_list, sweep)


def list_entry(user_list: UserList, sweep: int) -> float:
    """Return what a user list gives for a sweep: repeated, or the last value held."""
    values = user_list.values
    return values[sweep % len(values) if user_list.repeats else min(sweep, len(values) - 1)]


def _lay_out(pieces: Iterable[Piece], n_samples: int) -> Iterator[Segment]:
    start = 0
    for piece in pieces:
        # A damaged header may ask for a train without end: the sweep's end is the end.
        if start >= n_samples:
            return
        stop = min(start + piece.length, n_samples)
        if stop > start:
            # A ramp that the end of the sweep cuts off stops where it has got to.
            reached = (stop - start) / piece.length
            end = piece.start + (piece.stop - piece.start) * reached
            yield Segment(
                piece.epoch, start, stop, piece.start, piece.stop if reached == 1 else end
            )
        start = stop


def _find_peculiarities(
    header: AbfHeader, dac: Dac, n_samples: int, n_sweeps: int
) -> Iterator[Finding]:
    channel = f"output channel {dac.number} ({dac.name})"
    if dac.conditioning and dac.plays:
        yield Finding(
            "conditioning_train",
            "warning",
            f"{channel}: a conditioning pulse train was played before each sweep; it is not part "
            "of the samples, and the channels may not be at rest when a sweep begins",
        )
    if header.alternates and dac.plays:
        yield Finding(
            "alternating_outputs",
            "info",
            f"{channel}: outputs 0 and 1 take turns; every other sweep stays at holding",
        )
    if header.split_clock:
        yield Finding(
            "split_clock",
            "warning",
            "the header has a second sampling interval for part of the sweep; times after the "
            "change of clock are wrong",
        )
    yield from _find_list_use(header, dac)
    yield from _find_misfit(header, dac, n_samples, n_sweeps)


def _find_misfit(header: AbfHeader, dac: Dac, n_samples: int, n_sweeps: int) -> Iterator[Finding]:
    run = header.episodes_per_run
    if dac.plays and 0 < run < n_sweeps:
        yield Finding(
            "sweeps_beyond_run",
            "warning",
            f"the file holds {n_sweeps} sweeps, its protocol {run} a run: the command was taken "
            f"to start over after every {run} sweeps",
            value=float(n_sweeps),
            limit=float(run),
        )
    expected = header.samples_per_episode // max(header.n_channels, 1)
    if dac.plays and header.mode == EPISODIC and expected not in {0, n_samples}:
        yield Finding(
            "sweep_length",
            "warning",
            f"the protocol's sweep has {expected} samples, the recorded one {n_samples}; "
            "the end of the command may be wrong",
            value=float(n_samples),
            limit=float(expected),
        )


def _find_list_use(header: AbfHeader, dac: Dac) -> Iterator[Finding]:
    for user_list in header.user_lists:
        if user_list.dac != dac.number or not user_list.values:
            continue
        text = ", ".join(f"{value:g}" for value in user_list.values[:6])
        text += " …" if len(user_list.values) > 6 else ""
        what = parameter_name(user_list.parameter)
        if not user_list.acts:
            message = f"a user list ({what}: {text}) is present but switched off; it was ignored"
        elif user_list.parameter >= LEVEL:
            message = f"a user list sets the {what}, sweep by sweep: {text}"
        else:
            message = f"a user list ({what}: {text}) does not change the command"
        yield Finding("user_list", "info", message)


def parameter_name(parameter: int) -> str:
    """Return in words which parameter a user list varies."""
    kinds = {
        LEVEL: "level of epoch {}",
        DURATION: "duration of epoch {} in samples",
        TRAIN_PERIOD: "train period of epoch {}",
        PULSE_WIDTH: "pulse width of epoch {}",
    }
    for first, words in kinds.items():
        if first <= parameter < first + 10:
            return words.format("ABCDEFGHIJ"[parameter - first])
    return "time between sweeps" if parameter == SWEEP_START else f"parameter {parameter}"


def is_finite_command(command: RebuiltCommand) -> bool:
    """Whether all levels are numbers; a header of another program may hold anything."""
    return all(
        math.isfinite(segment.start_mv) and math.isfinite(segment.stop_mv)
        for sweep in command.sweeps
        for segment in sweep
    )

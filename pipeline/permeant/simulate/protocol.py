"""Voltage protocols as an epoch table, and the one function that says what it plays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_EPOCHS = 10
"""An ABF file has ten epochs for each output."""

HOLDING_FRACTION = 64
"""The first 1/64 of every sweep is spent at the holding level, before epoch A."""


@dataclass(frozen=True)
class Epoch:
    """One row of an epoch table; durations in samples per channel."""

    level_mv: float
    duration_samples: int
    level_increment_mv: float = 0.0
    duration_increment_samples: int = 0
    kind: Literal["step", "ramp"] = "step"


@dataclass(frozen=True)
class UserList:
    """A list that overrides the level or the duration of one epoch, sweep by sweep.

    ``epoch`` counts from 0 (epoch A).  After its end the last value is kept, or, with
    ``repeat``, the list starts again.
    """

    target: Literal["level", "duration"]
    epoch: int
    values: tuple[float, ...]
    repeat: bool = False

    def value(self, sweep: int) -> float:
        """Return the value for a sweep (counted from 0)."""
        last = len(self.values) - 1
        return self.values[sweep % len(self.values) if self.repeat else min(sweep, last)]


@dataclass(frozen=True)
class Protocol:
    """An epoch table, the level around it and how often it is played."""

    name: str
    holding_mv: float
    epochs: tuple[Epoch, ...]
    n_sweeps: int
    return_to_holding: bool = True
    user_list: UserList | None = None

    def __post_init__(self) -> None:
        if not 0 < len(self.epochs) <= MAX_EPOCHS:
            raise ValueError(
                f"protocol {self.name!r} has {len(self.epochs)} epochs; 1 to {MAX_EPOCHS} fit"
            )
        if self.user_list is not None and self.user_list.epoch >= len(self.epochs):
            raise ValueError(
                f"protocol {self.name!r}: the user list acts on epoch {self.user_list.epoch}, "
                f"but there are only {len(self.epochs)} (counted from 0)"
            )


def count_holding_samples(n_samples: int) -> int:
    """Return how many samples a sweep of ``n_samples`` spends at holding before epoch A."""
    return n_samples // HOLDING_FRACTION


def epoch_level_mv(protocol: Protocol, epoch: int, sweep: int) -> float:
    """Return the level that an epoch reaches in a sweep (both counted from 0)."""
    user_list = protocol.user_list
    if user_list is not None and user_list.target == "level" and user_list.epoch == epoch:
        return user_list.value(sweep)
    row = protocol.epochs[epoch]
    return row.level_mv + sweep * row.level_increment_mv


def epoch_duration_samples(protocol: Protocol, epoch: int, sweep: int) -> int:
    """Return how long an epoch lasts in a sweep (both counted from 0), at least 0."""
    user_list = protocol.user_list
    if user_list is not None and user_list.target == "duration" and user_list.epoch == epoch:
        return max(0, round(user_list.value(sweep)))
    row = protocol.epochs[epoch]
    return max(0, row.duration_samples + sweep * row.duration_increment_samples)


def played_command_mv(protocol: Protocol, sweep: int, n_samples: int) -> NDArray[np.float64]:
    """Return the command of one sweep, sample by sample.

    Holding for the first 1/64 of the sweep, then the epochs in order, then holding again, or
    the last level where the protocol does not return; such a protocol also starts its next
    sweep from there.  A ramp moves from the level before it, and each of its samples has the
    value of its middle (as seen in exported commands of real files).

    Parameters
    ----------
    protocol : Protocol
    sweep : int
        Counted from 0.
    n_samples : int
        Samples of a sweep per channel.
    """
    last = len(protocol.epochs) - 1
    resting_mv = protocol.holding_mv
    if not protocol.return_to_holding and sweep > 0:
        resting_mv = epoch_level_mv(protocol, last, sweep - 1)
    command_mv = np.full(n_samples, resting_mv)
    position, before_mv = count_holding_samples(n_samples), resting_mv
    for number, epoch in enumerate(protocol.epochs):
        duration = epoch_duration_samples(protocol, number, sweep)
        level_mv = epoch_level_mv(protocol, number, sweep)
        part = command_mv[position : position + duration]
        if epoch.kind == "ramp":
            middle = (np.arange(part.size) + 0.5) / max(duration, 1)
            part[:] = before_mv + middle * (level_mv - before_mv)
        else:
            part[:] = level_mv
        position += duration
        before_mv = level_mv
    if position < n_samples:
        command_mv[position:] = protocol.holding_mv if protocol.return_to_holding else before_mv
    return command_mv


def played_commands_mv(protocol: Protocol, n_samples: int) -> NDArray[np.float64]:
    """Return the command of all sweeps, (sweeps, samples)."""
    return np.stack([played_command_mv(protocol, k, n_samples) for k in range(protocol.n_sweeps)])


def plan_steps(
    *,
    name: str = "iv_steps",
    interval_ms: float = 0.2,
    first_mv: float = -100.0,
    last_mv: float = 60.0,
    step_mv: float = 10.0,
    holding_mv: float = -60.0,
    before_ms: float = 30.0,
    step_ms: float = 200.0,
    test_mv: float = 0.0,
    test_ms: float = 30.0,
    levels_mv: tuple[float, ...] = (),
    prepulse_mv: float = 0.0,
    prepulse_ms: float = 0.0,
    tail_mv: float = 0.0,
    tail_ms: float = 0.0,
) -> Protocol:
    """Plan the usual family: hold, perhaps a membrane test, one step that grows by sweep.

    With ``prepulse_ms`` the channels are opened before the family (its beginning is then an
    instantaneous current–voltage curve); with ``tail_ms`` they close after it at one level.

    Parameters
    ----------
    name : str
        Name of the protocol, as the file will carry it.
    interval_ms : float
        Sampling interval of one channel.
    first_mv, last_mv, step_mv : float
        Levels of the family, both ends included.
    holding_mv : float
        Level between the sweeps and around the step.
    before_ms, step_ms : float
        How long epoch A holds and how long the step lasts.
    test_mv, test_ms : float
        Size (0: none) of a membrane test before the family, relative to holding, its duration
        and the equal pause after it.
    levels_mv : tuple of float
        Levels in the order in which a user list plays them, in place of the even family.
    prepulse_mv, prepulse_ms, tail_mv, tail_ms : float
        Level and duration (0: none) of a step before and after the family.
    """

    def samples(duration_ms: float) -> int:
        return round(duration_ms / interval_ms)

    epochs = [Epoch(holding_mv, samples(before_ms))]
    if test_mv:
        epochs += [
            Epoch(holding_mv + test_mv, samples(test_ms)),
            Epoch(holding_mv, samples(test_ms)),
        ]
    if prepulse_ms:
        epochs.append(Epoch(prepulse_mv, samples(prepulse_ms)))
    family = len(epochs)
    epochs.append(Epoch(first_mv, samples(step_ms), level_increment_mv=step_mv))
    if tail_ms:
        epochs.append(Epoch(tail_mv, samples(tail_ms)))
    user_list = UserList("level", family, levels_mv) if levels_mv else None
    n_sweeps = len(levels_mv) or round((last_mv - first_mv) / step_mv) + 1
    return Protocol(name, holding_mv, tuple(epochs), n_sweeps, user_list=user_list)

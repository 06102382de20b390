"""From the columns of a text table to channels: which columns are sweeps of one channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from permeant.errors import RecordingError
from permeant.recording.contents import Signal, doubt_one_command, stack_sweeps
from permeant.recording.sweep_names import match_order, split_channels
from permeant.recording.text_columns import Column, bare_name
from permeant.records import Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from permeant.recording.command import Wishes


@dataclass(frozen=True)
class Table:
    """A text table: its columns and its numbers, (rows, columns)."""

    columns: tuple[Column, ...]
    values: NDArray[np.float64]
    signals: tuple[str, ...] = ()
    """The channel of each column but the first, where the file names it."""

    def signal_of(self, k: int) -> str:
        """Return what a column is called without its unit, for telling channels apart."""
        return self.signals[k - 1] if self.signals and k else bare_name(self.columns[k].name)


@dataclass(frozen=True)
class Group:
    """The columns of one channel, in the order of its sweeps."""

    name: str
    columns: tuple[int, ...]


def build_signals(
    shown_as: str, table: Table, starts: Sequence[int], wishes: Wishes
) -> tuple[list[Signal], list[Finding]]:
    """Make channels of the columns of a table.

    Parameters
    ----------
    shown_as : str
        How messages name the file.
    table : Table
        Columns and numbers.
    starts : sequence of int
        Rows at which sweeps below each other begin, the end of the last one included.
    wishes : Wishes
        The channels that the sheet names.

    Returns
    -------
    list of Signal
        Currents, then voltages, all with as many sweeps.
    list of Finding
        What was taken for sweeps.

    Raises
    ------
    RecordingError
        Where no column holds a current, or the columns do not fit together.
    """
    currents, voltages = _of_kind(table, "current"), _of_kind(table, "voltage")
    if not currents:
        seen = ", ".join(repr(column.name) for column in table.columns)
        raise RecordingError(
            "no_current_channel",
            f"{shown_as}: no column holds a current ({seen}); name it with its unit, such as "
            "I_pA, or say what the columns hold in text_columns",
        )
    groups, commands = _choose(table, currents, voltages, len(starts) > 2, wishes)
    n_columns = len(groups[0].columns)
    _refuse_misfits(shown_as, groups, commands)
    findings = []
    if n_columns > 1:
        message = (
            f"{n_columns} columns of current side by side were taken for {n_columns} sweeps; if "
            "they are channels, name one in current_channel"
        )
        findings.append(Finding("columns_are_sweeps", "info", message, float(n_columns)))
        commands = [_in_order(table, groups[0], one) for one in commands]
        if any(len(one.columns) == 1 for one in commands):
            every = max(len(table.values) // 2000, 1)
            findings += doubt_one_command(table.values[::every, list(groups[0].columns)].T)
    if len(groups) == len(commands) > 1:
        # the voltage of a cell stands behind its current, whichever is written first
        groups = [one for pair in zip(groups, commands, strict=True) for one in pair]
        commands = []
    signals = [_signal(shown_as, table, one, starts, n_columns) for one in (*groups, *commands)]
    return signals, findings


def _of_kind(table: Table, kind: str) -> list[int]:
    return [k for k, one in enumerate(table.columns) if one.kind == kind]


def _named(table: Table, wanted: str | None, among: Sequence[int]) -> int | None:
    """Return the column that the sheet names, if it is one of these and the only one."""
    if wanted is None:
        return None
    word = wanted.strip().casefold()
    found = [k for k in among if table.columns[k].name.casefold() == word]
    return found[0] if len(found) == 1 else None


def _groups(table: Table, columns: Sequence[int], one_by_one: bool) -> list[Group]:
    """Put the columns of each channel together."""
    if one_by_one:
        # sweeps lie below each other, so columns side by side are channels
        split = [[k] for k in range(len(columns))]
    elif table.signals:
        by_name: dict[str, list[int]] = {}
        for place, k in enumerate(columns):
            by_name.setdefault(table.signal_of(k), []).append(place)
        split = list(by_name.values())
    else:
        split = split_channels([table.signal_of(k) for k in columns])
    found = [tuple(columns[k] for k in members) for members in split]
    return [
        Group(table.signal_of(min(one)) if table.signals else table.columns[min(one)].name, one)
        for one in found
    ]


def _choose(
    table: Table,
    currents: Sequence[int],
    voltages: Sequence[int],
    one_by_one: bool,
    wishes: Wishes,
) -> tuple[list[Group], list[Group]]:
    """Return the channels of current and of voltage that the sheet leaves."""
    column = _named(table, wishes.current_channel, currents)
    groups = _groups(table, currents if column is None else [column], one_by_one)
    column = _named(table, wishes.command_channel, voltages)
    commands = _groups(table, voltages if column is None else [column], one_by_one)
    commands = _wanted(commands, wishes.command_channel)
    chosen = _wanted(groups, wishes.current_channel)
    if len(chosen) < len(groups) == len(commands):
        # each cell has a voltage of its own
        commands = [commands[groups.index(one)] for one in chosen]
    return chosen, commands


def _wanted(groups: list[Group], wanted: str | None) -> list[Group]:
    """Return the channel that the sheet names, or all."""
    if wanted is None:
        return groups
    word = wanted.strip().casefold()
    return [one for one in groups if one.name.casefold() == word] or groups


def _refuse_misfits(shown_as: str, groups: Sequence[Group], commands: Sequence[Group]) -> None:
    n_columns = len(groups[0].columns)
    if any(len(one.columns) != n_columns for one in groups):
        told = ", ".join(f"{len(one.columns)} of {one.name!r}" for one in groups[:8])
        raise RecordingError(
            "sweeps_unequal",
            f"{shown_as}: the columns of current are channels with different numbers of sweeps "
            f"({told}); name one in current_channel",
        )
    fits = all(len(one.columns) in {1, n_columns} for one in commands)
    if fits and len(commands) in {0, 1, len(groups)}:
        return
    n_currents, n_voltages = (sum(len(one.columns) for one in all_) for all_ in (groups, commands))
    raise RecordingError(
        "sweeps_unequal",
        f"{shown_as}: {n_currents} columns of current and {n_voltages} of voltage; one voltage "
        "for all sweeps or one for each is needed: name one in command_channel, or leave out "
        "columns with - in text_columns",
    )


def _in_order(table: Table, current: Group, command: Group) -> Group:
    """Put the voltages into the order of the currents of the same numbers."""
    if len(command.columns) != len(current.columns):
        return command
    names = [[bare_name(table.columns[k].name) for k in one.columns] for one in (current, command)]
    order = match_order(*names)
    return Group(command.name, tuple(command.columns[k] for k in order))


def _signal(
    shown_as: str, table: Table, group: Group, starts: Sequence[int], n_columns: int
) -> Signal:
    first = table.columns[group.columns[0]]
    if any(table.columns[k].units != first.units for k in group.columns):
        raise RecordingError(
            "sweeps_unequal",
            f"{shown_as}: columns that are sweeps of one channel have different units",
        )
    columns = group.columns * (n_columns if len(group.columns) == 1 else 1)
    pieces = [table.values[start:stop, k] for k in columns for start, stop in pairwise(starts)]
    samples, _ = stack_sweeps(shown_as, pieces)
    return Signal(group.name, first.units, samples.astype(np.float32))

"""The door to text tables: ATF, CSV, TSV, and the exports of automated rigs, ``.gz`` or not.

What a column holds follows from the unit in its name, or from ``text_columns`` of the sheet;
a column without a unit is refused, for a guess would be wrong by a factor of a thousand.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from permeant.errors import RecordingError
from permeant.recording.command import Wishes
from permeant.recording.companions import find_times_file
from permeant.recording.contents import Contents
from permeant.recording.text_columns import name_columns
from permeant.recording.text_layout import Layout, read_layout
from permeant.recording.text_signals import Table, build_signals
from permeant.records import Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNEVEN = 0.5
"""Times may be rounded by as much of a sampling interval, and no more."""


def read_text(path: Path, shown_as: str, wishes: Wishes) -> Contents:
    """Read the sweeps of a text table."""
    layout = read_layout(path, shown_as)
    table = _name(layout, shown_as, wishes.text_columns)
    times = _times(table, shown_as)
    findings: list[Finding] = []
    if times is None:
        times, found = _times_beside(path, shown_as, len(table.values), wishes.text_columns)
        findings.append(found)
    starts, interval_ms = _split_times(shown_as, times)
    signals, more = build_signals(shown_as, table, starts, wishes)
    return Contents(
        format_name=layout.format_name,
        reader="permeant",
        interval_ms=interval_ms,
        signals=tuple(signals),
        starts_s=layout.starts_s,
        comment=layout.comment,
        findings=(*findings, *more),
        notes=(("header", layout.before),),
    )


def _name(layout: Layout, shown_as: str, wanted: str | None) -> Table:
    columns = name_columns(shown_as, layout.names, layout.values.shape[1], wanted)
    return Table(columns, layout.values, layout.signals)


def _times(table: Table, shown_as: str) -> NDArray[np.float64] | None:
    """Return the column of times in ms, if there is one."""
    found = [
        table.values[:, k] * column.to_ms
        for k, column in enumerate(table.columns)
        if column.kind == "time"
    ]
    if len(found) < 2 or len(found[0]) < 2:
        return found[0] if found else None
    # every sweep may have a column of its own times; a recording has one sampling
    ends = [(one - one[0])[[1, -1]] for one in found]
    if any(np.abs(one - ends[0]).max() > UNEVEN * abs(float(ends[0][0])) for one in ends[1:]):
        raise RecordingError(
            "times_uneven",
            f"{shown_as}: several columns of times run at different rates; sweeps of one sampling "
            "are needed: leave the others out with - in text_columns",
        )
    return found[0]


# ------------------------------------------------------------------------------------- times


def _times_beside(
    path: Path, shown_as: str, n_rows: int, wanted: str | None
) -> tuple[NDArray[np.float64], Finding]:
    """Return the times from the file of times that lies beside the recording, in ms."""
    beside = find_times_file(path)
    if beside is None:
        raise RecordingError(
            "times_missing",
            f"{shown_as}: the table has no column of times, and no file of times lies beside it "
            f"({path.stem}-times.csv, or a shorter part of that name up to a hyphen with "
            "-times.csv behind it); add a column such as time_ms",
        )
    only_time = _words_of_time(wanted)
    named = f"{shown_as} (times in {beside.name})"
    times = _times(_name(read_layout(beside, named), named, only_time), named)
    if times is None or len(times) != n_rows:
        held = "no column of times" if times is None else f"{len(times)} times"
        raise RecordingError(
            "times_missing",
            f"{shown_as}: the file of times beside it, {beside.name}, holds {held} for "
            f"{n_rows} samples; they must be of one recording",
        )
    message = f"the times were taken from the file {beside.name} beside the recording"
    return times, Finding("times_beside", "info", message)


def _words_of_time(wanted: str | None) -> str | None:
    """Return what ``text_columns`` says of the file of times."""
    words = [word for word in re.split(r"[,;\s]+", wanted or "") if word.startswith("time")]
    return words[0] if words else None


def _split_times(shown_as: str, times: NDArray[np.float64]) -> tuple[list[int], float]:
    """Return where each sweep begins (its end last) and the sampling interval in ms."""
    if len(times) < 3 or not np.all(np.isfinite(times)):
        raise RecordingError(
            "file_unreadable", f"{shown_as}: the column of times holds too few numbers"
        )
    breaks = np.flatnonzero(np.diff(times) <= 0) + 1
    starts = [0, *breaks.tolist(), len(times)]
    lengths = np.diff(starts)
    if len(set(lengths.tolist())) > 1 or lengths[0] < 3:
        at = int(breaks[0]) + 1
        raise RecordingError(
            "times_uneven",
            f"{shown_as}: the time goes back at row {at} of the numbers, but not after sweeps of "
            "equal length; a table holds sweeps of one length below each other, or side by side",
        )
    first = times[: starts[1]]
    interval_ms = float((first[-1] - first[0]) / (len(first) - 1))
    for start in starts[:-1]:
        expected = times[start] + interval_ms * np.arange(lengths[0])
        apart = np.abs(times[start : start + lengths[0]] - expected)
        if float(apart.max()) > UNEVEN * interval_ms:
            row = start + int(np.argmax(apart)) + 1
            raise RecordingError(
                "times_uneven",
                f"{shown_as}: the times are not evenly spaced: row {row} of the numbers is at "
                f"{times[row - 1]:g} ms where {expected[row - 1 - start]:g} ms is due; a table "
                "with gaps cannot be read as sweeps",
            )
    return starts, float(f"{interval_ms:.9g}")

"""The door to text tables: ATF, CSV, TSV, and the exports of automated rigs, ``.gz`` or not.

What a column holds follows from the unit in its name, or from ``text_columns`` of the sheet;
a column without a unit is refused, for a guess would be wrong by a factor of a thousand.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from permeant.errors import RecordingError
from permeant.recording.command import Wishes
from permeant.recording.companions import find_times_file
from permeant.recording.contents import Contents, Signal, stack_sweeps
from permeant.recording.text_columns import Column, name_columns
from permeant.records import Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_HEADER = 60
MOST_CHARACTERS = 400_000_000
UNEVEN = 0.5
"""Times may be rounded by as much of a sampling interval, and no more."""
DELIMITERS = (",", ";", "\t", " ")


@dataclass(frozen=True)
class Table:
    """A text table: its columns and its numbers, (rows, columns)."""

    columns: tuple[Column, ...]
    values: NDArray[np.float64]
    format_name: str
    before: str = ""
    """The lines of words before the numbers."""


def read_text(path: Path, shown_as: str, wishes: Wishes) -> Contents:
    """Read the sweeps of a text table."""
    table = _read_table(path, shown_as, wishes.text_columns)
    times = _column(table, "time")
    findings: list[Finding] = []
    if times is None:
        times, found = _times_beside(path, shown_as, len(table.values), wishes.text_columns)
        findings.append(found)
    starts, interval_ms = _split_times(shown_as, times)
    signals, more = _build_signals(shown_as, table, starts, wishes)
    return Contents(
        format_name=table.format_name,
        reader="permeant",
        interval_ms=interval_ms,
        signals=tuple(signals),
        findings=(*findings, *more),
        notes=(("header", table.before),),
    )


def _column(table: Table, kind: str) -> NDArray[np.float64] | None:
    found = [k for k, column in enumerate(table.columns) if column.kind == kind]
    if not found:
        return None
    k = found[0]
    return table.values[:, k] * table.columns[k].to_ms


# --------------------------------------------------------------------------- text to numbers


def _read_table(path: Path, shown_as: str, wanted: str | None) -> Table:
    lines = _read_lines(path, shown_as)
    before = [line for line in lines[:MOST_HEADER] if any(map(str.isalpha, line))]
    format_name = "text table"
    is_atf = lines[0].startswith("ATF")
    if is_atf:
        lines = _without_atf_header(lines, shown_as)
        format_name = "ATF"
    header, body, first = _split_header(lines, is_atf)
    if not body:
        raise RecordingError("file_empty", f"{shown_as}: the table has no row of numbers")
    delimiter, comma = _layout(body[0])
    names = _names(header, delimiter)
    values = _numbers(body, delimiter, comma, shown_as, first)
    columns = name_columns(shown_as, names, values.shape[1], wanted)
    return Table(columns, values, format_name, "\n".join(before))


def _read_lines(path: Path, shown_as: str) -> list[str]:
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    try:
        with gzip.open(path, "rb") if packed else path.open("rb") as stream:
            data = stream.read(MOST_CHARACTERS + 1)
    except (EOFError, OSError) as error:
        raise RecordingError(
            "file_truncated",
            f"{shown_as}: cannot be unpacked ({error}); copy it again from its source",
        ) from error
    if len(data) > MOST_CHARACTERS:
        raise RecordingError(
            "file_too_large",
            f"{shown_as}: holds more than {MOST_CHARACTERS // 1_000_000} MB of text; export it as "
            "ABF, or in pieces",
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise RecordingError(
            "file_foreign", f"{shown_as}: is no text table: it holds bytes that no text has"
        )
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and re.fullmatch(r"sep=.", lines[0].strip()):
        lines = lines[1:]
    if not lines:
        raise RecordingError("file_empty", f"{shown_as}: the file holds no text")
    return lines


def _without_atf_header(lines: list[str], shown_as: str) -> list[str]:
    """Take off the two first lines and the optional ones that the second counts."""
    words = lines[1].split() if len(lines) > 1 else []
    if len(words) < 2 or not all(word.isdigit() for word in words[:2]):
        raise RecordingError(
            "file_unreadable",
            f"{shown_as}: begins as an ATF file, but its second line does not count its header "
            "lines and columns; export it again",
        )
    return lines[2 + int(words[0]) :]


def _split_header(lines: list[str], is_atf: bool) -> tuple[str, list[str], int]:
    """Return the line of names, the lines of numbers, and the number of the first of these.

    Lines before the names (a title, a date) are passed over; without names the first is empty.
    """
    if is_atf:
        return (lines[0] if lines else ""), lines[1:], 1
    for k, line in enumerate(lines[:100]):
        if _is_numbers(line):
            return (lines[k - 1] if k else ""), lines[k:], k + 1
    return lines[0], [], 1


def _is_numbers(line: str) -> bool:
    words = [word for word in re.split(r"[;\t ]+|,(?=\s|[-+.\d]|$)", line.strip()) if word]
    return bool(words) and all(
        _NUMBER.fullmatch(word.strip('"').replace(",", ".")) for word in words
    )


_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def _layout(line: str) -> tuple[str | None, bool]:
    """Return what separates the fields of a row, and whether a comma is the decimal point."""
    for delimiter in (";", "\t"):
        if delimiter in line:
            return delimiter, "," in line and "." not in line
    if "," in line:
        return ",", False
    return None, False


def _names(header: str, delimiter: str | None) -> list[str]:
    if not header:
        return []
    if delimiter is None:
        delimiter = "\t" if "\t" in header else ","
    return [name.strip() for name in next(csv.reader([header], delimiter=delimiter))]


def _numbers(
    body: Sequence[str], delimiter: str | None, comma: bool, shown_as: str, first: int
) -> NDArray[np.float64]:
    rows = [line.replace(",", ".") for line in body] if comma else body
    try:
        return np.loadtxt(
            rows, delimiter=delimiter, dtype=np.float64, ndmin=2, quotechar='"', comments=None
        )
    except ValueError as error:
        said = re.sub(r"at row (\d+)", lambda found: f"at line {int(found[1]) + first}", str(error))
        raise RecordingError(
            "file_unreadable",
            f"{shown_as}: the table does not hold one number in every field ({said}); every row "
            "needs the same columns, and a gap must be left out with its sweep",
        ) from error


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
    table = _read_table(beside, f"{shown_as} (times in {beside.name})", only_time)
    times = _column(table, "time")
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


# ----------------------------------------------------------------------------------- signals


def _build_signals(
    shown_as: str, table: Table, starts: Sequence[int], wishes: Wishes
) -> tuple[list[Signal], list[Finding]]:
    """Make channels of the columns; columns of one kind side by side are sweeps."""
    currents = [k for k, one in enumerate(table.columns) if one.kind == "current"]
    voltages = [k for k, one in enumerate(table.columns) if one.kind == "voltage"]
    if not currents:
        seen = ", ".join(repr(column.name) for column in table.columns)
        raise RecordingError(
            "no_current_channel",
            f"{shown_as}: no column holds a current ({seen}); name it with its unit, such as "
            "I_pA, or say what the columns hold in text_columns",
        )
    chosen = _named(table, wishes.current_channel, currents)
    findings = []
    if chosen is not None:
        currents = [chosen]
    if len(currents) > 1:
        message = (
            f"{len(currents)} columns of current side by side were taken for {len(currents)} "
            "sweeps; if they are channels, name one in current_channel"
        )
        findings.append(Finding("columns_are_sweeps", "info", message, float(len(currents))))
    of_command = _named(table, wishes.command_channel, voltages)
    if of_command is not None:
        voltages = [of_command]
    if len(voltages) not in {0, 1, len(currents)}:
        raise RecordingError(
            "sweeps_unequal",
            f"{shown_as}: {len(currents)} columns of current and {len(voltages)} of voltage; one "
            "voltage for all sweeps or one for each is needed: name one in command_channel, or "
            "leave out columns with - in text_columns",
        )
    signals = [_signal(shown_as, table, currents, starts, len(currents))]
    if voltages:
        signals.append(_signal(shown_as, table, voltages, starts, len(currents)))
    return signals, findings


def _named(table: Table, wanted: str | None, among: Sequence[int]) -> int | None:
    """Return the column that the sheet names, if it is one of these."""
    if wanted is None:
        return None
    word = wanted.strip().casefold()
    for k in among:
        if table.columns[k].name.casefold() == word:
            return k
    return None


def _signal(
    shown_as: str, table: Table, columns: Sequence[int], starts: Sequence[int], n_columns: int
) -> Signal:
    first = table.columns[columns[0]]
    if any(table.columns[k].units != first.units for k in columns):
        raise RecordingError(
            "sweeps_unequal",
            f"{shown_as}: columns that are sweeps of one channel have different units",
        )
    chosen = list(columns) * (n_columns if len(columns) == 1 else 1)
    pieces = [table.values[start:stop, k] for k in chosen for start, stop in pairwise(starts)]
    samples, _ = stack_sweeps(shown_as, pieces)
    return Signal(first.name, first.units, samples.astype(np.float32))

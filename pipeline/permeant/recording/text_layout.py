"""How a text table is laid out: its encoding, its header rows, what separates its fields."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from permeant.errors import RecordingError
from permeant.recording.text_columns import is_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_CHARACTERS = 400_000_000
MOST_HEADER_LINES = 100
LOOKED_AT = 200
"""Rows of numbers that are looked at to tell a decimal comma."""
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|nan", re.IGNORECASE)
_COMMENTS = ("#", "%")


@dataclass(frozen=True)
class Layout:
    """The names of a table's columns and its numbers, (rows, columns)."""

    names: list[str]
    values: NDArray[np.float64]
    format_name: str = "text table"
    signals: tuple[str, ...] = ()
    """The name of the channel that each column belongs to, where the file says so."""
    starts_s: tuple[float, ...] = ()
    comment: str = ""
    before: str = ""
    """The lines of words before the numbers."""


def read_layout(path: Path, shown_as: str) -> Layout:
    """Read the names and numbers of a text table."""
    lines = read_lines(path, shown_as)
    words = [line for line in lines[:MOST_HEADER_LINES] if any(map(str.isalpha, line))]
    read = _read_atf if lines[0].startswith("ATF") else _read_table
    return replace(read(lines, shown_as), before="\n".join(words))


def _read_table(lines: list[str], shown_as: str) -> Layout:
    lines = [line for line in lines if line.strip()]
    headers, body, first = _split_header(lines)
    if not body:
        raise RecordingError("file_empty", f"{shown_as}: the table has no row of numbers")
    values, delimiter = _numbers(body, shown_as, first)
    return Layout(_names(headers, delimiter, values.shape[1]), values)


def read_lines(path: Path, shown_as: str) -> list[str]:
    """Return the lines of a text file in any encoding that spreadsheets write, packed or not."""
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
    text = _decode(data)
    if "\0" in text:
        raise RecordingError(
            "file_foreign", f"{shown_as}: is no text table: it holds bytes that no text has"
        )
    lines = text.replace("\N{MINUS SIGN}", "-").splitlines()
    while lines and (not lines[0].strip() or re.fullmatch(r"sep=.", lines[0].strip())):
        lines = lines[1:]
    if not lines:
        raise RecordingError("file_empty", f"{shown_as}: the file holds no text")
    return lines


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


# ----------------------------------------------------------------------------------- header


def _split_header(lines: list[str]) -> tuple[list[str], list[str], int]:
    """Return the lines before the numbers, the lines of numbers, and where these begin."""
    for k, line in enumerate(lines[:MOST_HEADER_LINES]):
        if _is_numbers(line):
            return lines[:k], lines[k:], k + 1
    return lines[:1], [], 1


def _is_numbers(line: str) -> bool:
    words = [word for word in re.split(r"[;\t ]+|,(?=\s|[-+.\d\"nN]|$)", line.strip()) if word]
    return any(_NUMBER.fullmatch(word.strip('"').replace(",", ".")) for word in words) and all(
        _NUMBER.fullmatch(word.strip('"').replace(",", ".") or "0") for word in words
    )


def _names(headers: list[str], delimiter: str | None, n_columns: int) -> list[str]:
    """Return the names of the columns, with the units that a row of their own may give.

    Lines before the names (a title, a date) are passed over; no names where there are none.
    """
    if not headers:
        return []
    rows = [_fields(line, delimiter, n_columns) for line in headers]
    at = next((k for k in reversed(range(len(rows))) if _is_units(rows[k])), None)
    if at is None or len(rows[at]) != n_columns:
        return next((row for row in reversed(rows) if len(row) == n_columns), rows[-1])
    above = rows[at - 1] if at and len(rows[at - 1]) == n_columns else [""] * n_columns
    return [
        f"{name} ({unit})".strip() if unit else name
        for name, unit in zip(above, (unit.strip("[]() ") for unit in rows[at]), strict=True)
    ]


def _is_units(row: list[str]) -> bool:
    """Whether a row of the header holds units and nothing else, two at least."""
    words = [word.strip("[]() ") for word in row]
    return sum(map(bool, words)) > 1 and all(is_unit(word) for word in words if word)


def _fields(line: str, delimiter: str | None, n_columns: int) -> list[str]:
    if delimiter is None:
        # aligned by blanks: one name may hold a blank before its unit in brackets
        patterns = (r"\t", r",", r"\s{2,}", r"\s+(?![\[(])", r"\s+")
        split = [re.split(pattern, line.strip()) for pattern in patterns]
        fields = next((one for one in split if len(one) == n_columns), split[0])
    else:
        fields = next(csv.reader([line], delimiter=delimiter))
        if len(fields) == n_columns + 1 and not fields[-1].strip():
            fields = fields[:-1]
    return [field.strip().strip('"') for field in fields]


# ---------------------------------------------------------------------------------- numbers


def _numbers(
    body: Sequence[str], shown_as: str, first: int
) -> tuple[NDArray[np.float64], str | None]:
    """Return the numbers of a table, and what separates the fields of a row."""
    delimiter, comma = _separators(body[:LOOKED_AT])
    rows = list(body)
    if delimiter == "," and comma:
        rows = ["\t".join(next(csv.reader([line]))) for line in rows]
    if comma:
        rows = [line.replace(",", ".") for line in rows]
    within = "\t" if delimiter == "," and comma else delimiter
    if within and all(line.rstrip(" ").endswith(within) for line in rows):
        rows = [line.rstrip(" ")[:-1] for line in rows]
    rows = ["" if line.lstrip().startswith(_COMMENTS) else line for line in rows]
    try:
        values = np.loadtxt(
            rows, delimiter=within, dtype=np.float64, ndmin=2, quotechar='"', comments=None
        )
    except ValueError as error:
        said = re.sub(r"at row (\d+)", lambda found: f"at line {int(found[1]) + first}", str(error))
        raise RecordingError(
            "file_unreadable",
            f"{shown_as}: the table does not hold one number in every field ({said}); every row "
            "needs the same columns, and a gap must be left out with its sweep",
        ) from error
    return values, delimiter


def _separators(rows: Sequence[str]) -> tuple[str | None, bool]:
    """Return what separates the fields of a row, and whether a comma is the decimal point.

    Several rows are looked at: the first may hold whole numbers only.
    """
    text = "\n".join(rows)
    for delimiter in (";", "\t"):
        if delimiter in rows[0]:
            return delimiter, "," in text and "." not in text
    if "," not in rows[0]:
        return None, False
    if '"' in rows[0] and "." not in text and re.search(r'"[-+]?\d+,\d+', text):
        return ",", True
    words = rows[0].split()
    if len(words) > 1 and "." not in text and not any(re.search("^,|,$", word) for word in words):
        return None, True
    return ",", False


# -------------------------------------------------------------------------------------- ATF


def _read_atf(lines: list[str], shown_as: str) -> Layout:
    """Read an Axon text file: two first lines, optional ones, titles, numbers."""
    counts = re.split(r"[,\s]+", lines[1].strip()) if len(lines) > 1 else []
    if len(counts) < 2 or not all(word.isdigit() for word in counts[:2]):
        raise RecordingError(
            "file_unreadable",
            f"{shown_as}: begins as an ATF file, but its second line does not count its header "
            "lines and columns; export it again",
        )
    at = _find_titles(lines, 2 + int(counts[0]))
    body = [line for line in lines[at + 1 :] if line.strip()]
    if not body:
        raise RecordingError("file_empty", f"{shown_as}: the table has no row of numbers")
    values, delimiter = _numbers(body, shown_as, at + 2)
    names = _fields(lines[at], delimiter, values.shape[1])
    said = [_fields(line, delimiter, 0) for line in lines[2:at] if line.strip()]
    by_key = {row[0].partition("=")[0].strip(): row for row in said if row and "=" in row[0]}
    signals = tuple(by_key.get("Signals", [""])[1:])
    return Layout(
        names,
        values,
        "ATF",
        signals if len(signals) == values.shape[1] - 1 else (),
        _sweep_starts(by_key.get("SweepStartTimesMS", [])),
        ",".join(by_key.get("Comment", [""])).partition("=")[2].strip(),
    )


def _find_titles(lines: list[str], counted: int) -> int:
    """Return where the titles are: where the second line says, unless numbers begin elsewhere."""
    after = lines[counted + 1 :] if counted < len(lines) else []
    following = next((line for line in after if line.strip()), "")
    if following and _is_numbers(following) and not _is_numbers(lines[counted]):
        return counted
    begin = next((k for k in range(2, len(lines)) if _is_numbers(lines[k])), len(lines))
    return max((k for k in range(2, begin) if lines[k].strip()), default=len(lines) - 1)


def _sweep_starts(row: Sequence[str]) -> tuple[float, ...]:
    """Return when the sweeps began, in s; nothing where the numbers make no sense."""
    words = ",".join(row).partition("=")[2].split(",")
    try:
        return tuple(float(word) / 1e3 for word in words)
    except ValueError:
        return ()

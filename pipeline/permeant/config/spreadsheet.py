"""Tables as laboratories save them: any separator, any common encoding, honest row numbers."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from permeant.config.wording import shown
from permeant.errors import did_you_mean

_MAX_BYTES = 50_000_000
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_YES_NO = {"yes": True, "y": True, "true": True, "1": True}
_YES_NO |= {"no": False, "n": False, "false": False, "0": False}


@dataclass(frozen=True)
class TableRow:
    """The filled fields of one row by column, and the row's number in a spreadsheet."""

    number: int
    fields: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A sheet: its columns as named in the header, its rows, what was wrong with it."""

    label: str
    header_number: int
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    decimal_comma: bool
    complete: bool
    """Whether all rows could be read; if not, what is absent may be in the others."""


class RefusedError(ValueError):
    """A value that cannot be read, with the end of the sentence that says why."""


def read_bytes(path: Path, label: str, mistakes: list[str]) -> bytes | None:
    """Read a file of the project, or say why it cannot be read."""
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            mistakes.append(f"{label} is a pipe or a device; a file is needed")
            return None  # reading it could wait for ever
        if path.stat().st_size > _MAX_BYTES:
            mistakes.append(f"{label} is larger than {_MAX_BYTES // 10**6} MB; is it a table?")
            return None
        return path.read_bytes()
    except FileNotFoundError:
        mistakes.append(f"{label} does not exist (looked for {path})")
    except IsADirectoryError:
        mistakes.append(f"{label} is a folder; a file is needed")
    except (OSError, ValueError) as error:
        mistakes.append(f"{label} cannot be read: {getattr(error, 'strerror', None) or error}")
    return None


def decode(data: bytes, label: str, warnings: list[str]) -> str:
    """Turn bytes into text: UTF-8 and UTF-16 with their marks, else Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        warnings.append(
            f"{label} is not UTF-8; it was read as Windows-1252. Check µ, ° and umlauts."
        )
        return data.decode("cp1252", errors="replace")


def read_table(
    path: Path, label: str, known: Collection[str], mistakes: list[str], warnings: list[str]
) -> Table | None:
    """Read a sheet; ``known`` column names decide what separates the fields.

    A column whose name differs from a known one only by capitals gets the known name.
    """
    data = read_bytes(path, label, mistakes)
    if data is None:
        return None
    text = decode(data, label, warnings)
    if data.startswith(b"PK\x03\x04") or "\x00" in text:
        mistakes.append(
            f"{label} is not a text table; if it is a workbook, save it from the spreadsheet "
            "program as CSV (UTF-8)"
        )
        return None
    separator = re.match(r"sep=(.)(?:\r\n|\r|\n)", text)
    if separator:
        text = text[separator.end() :]
    delimiter = separator[1] if separator else _delimiter(text, known)
    if delimiter not in ",;\t|":
        mistakes.append(f"{label} names {delimiter!r} as its separator; use , ; or a tab")
        return None
    return _split(text, delimiter, label, known, mistakes)


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True
    )


def _delimiter(text: str, known: Collection[str]) -> str:
    """Take the separator with which the header holds most known names, then most fields."""
    header = next((line for line in text.splitlines() if line.strip()), "")

    def score(delimiter: str) -> tuple[int, int]:
        names = [name.strip(' "').casefold() for name in header.split(delimiter)]
        return sum(name in known for name in names), len(names)

    return max((",", ";", "\t"), key=score)


def _split(
    text: str, delimiter: str, label: str, known: Collection[str], mistakes: list[str]
) -> Table | None:
    columns: list[str] | None = None
    header_number = 0
    rows: list[TableRow] = []
    complete = True
    number = 0
    reader = _records(text, delimiter)
    while True:
        number += 1
        try:
            fields = [field.strip() for field in next(reader)]
        except StopIteration:
            break
        except csv.Error as error:
            mistakes.append(
                f"{label} row {number}: {error}; check the double quotes from this row on "
                "(a quote inside quoted text is written twice)"
            )
            complete = False
            break
        if not any(fields):
            continue
        if columns is None:
            columns, header_number = _header(fields, number, label, known, mistakes), number
            continue
        if problem := _width_problem(fields, columns, delimiter):
            mistakes.append(f"{label} row {number}{_of_cell(fields, columns)}: {problem}")
            complete = False
            continue
        filled = {n: v for n, v in zip(columns, fields, strict=False) if n and v}
        rows.append(TableRow(number, filled))
    if columns is None:
        mistakes.append(f"{label} is empty; its first row names the columns")
        return None
    named = tuple(name for name in columns if name)
    return Table(label, header_number, named, tuple(rows), delimiter != ",", complete)


def _header(
    fields: list[str], number: int, label: str, known: Collection[str], mistakes: list[str]
) -> list[str]:
    columns = [name.casefold() if name.casefold() in known else name for name in fields]
    for name in sorted({name for name in columns if name and columns.count(name) > 1}):
        mistakes.append(f"{label} row {number}: column {shown(name)} appears more than once")
    return columns


def _width_problem(fields: list[str], columns: list[str], delimiter: str) -> str:
    """Say how a row does not fit the header; empty fields at its end are no matter."""
    if len(fields) < len(columns):
        return (
            f"{len(fields)} fields under {len(columns)} columns; add the missing separators "
            f"({delimiter!r}), an empty field is fine"
        )
    if any(fields[len(columns) :]):
        return (
            f"{len(fields)} fields under {len(columns)} columns; put text that contains "
            f"{delimiter!r} in double quotes"
        )
    nameless = [i + 1 for i, (c, v) in enumerate(zip(columns, fields, strict=False)) if v and not c]
    if nameless:
        return f"column {nameless[0]} holds {shown(fields[nameless[0] - 1])} but has no name"
    return ""


def _of_cell(fields: list[str], columns: list[str]) -> str:
    if columns[0] in ("cell", "solution") and fields[0]:
        return f" ({columns[0]} {shown(fields[0])})"
    return ""


def check_columns(
    table: Table, known: Collection[str], needed: Collection[str], mistakes: list[str]
) -> None:
    """Refuse unknown columns with the nearest known name, and say which needed ones lack."""
    for name in dict.fromkeys(table.columns):
        if name not in known:
            mistakes.append(
                f"{table.label} row {table.header_number}: column {shown(name)} is not known."
                f"{did_you_mean(name, known)} Remarks belong in the column note."
            )
    for name in needed:
        if name not in table.columns:
            mistakes.append(
                f"{table.label} row {table.header_number}: the column {name} is missing"
            )


def read_number(text: str, decimal_comma: bool) -> float:
    """Read a number as sheets hold it: point, comma where fields are not separated by one."""
    plain = text.replace("\N{MINUS SIGN}", "-")
    if decimal_comma and plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    if _NUMBER.fullmatch(plain):
        value = float(plain)
        if value in (float("inf"), float("-inf")):
            msg = "is too large for a number"
            raise RefusedError(msg)
        return value
    if plain.casefold().lstrip("+-") in ("nan", "inf", "infinity", "na", "n/a", "none", "null"):
        msg = "is not a finite number; leave the field empty if it is not known"
        raise RefusedError(msg)
    if re.fullmatch(r"[-+]?[0-9]+,[0-9]+", plain):
        msg = f"is not a number; write {plain.replace(',', '.')} (decimal point)"
        raise RefusedError(msg)
    if (start := _NUMBER.match(plain)) and re.match(r"\s*[^\W\d_]|\s*[°%µ]", plain[start.end() :]):
        msg = f"is not a number; write {start[0]} alone (the unit is in the column's name)"
        raise RefusedError(msg)
    msg = "is not a number"
    raise RefusedError(msg)


def read_yes_no(text: str) -> bool:
    """Read yes or no in the spellings that sheets hold."""
    try:
        return _YES_NO[text.casefold()]
    except KeyError:
        msg = "is neither yes nor no (also: y, n, true, false, 1, 0; empty is no)"
        raise RefusedError(msg) from None


def same_letters(text: str) -> str:
    """Write accented letters one way, so that names typed on a Mac match."""
    return unicodedata.normalize("NFC", text)

"""What the columns of a text table hold: from the units in their names, never from a guess."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from permeant.errors import RecordingError

TIME_MS = {"s": 1e3, "sec": 1e3, "ms": 1.0, "msec": 1.0, "us": 1e-3}
CURRENTS = {"fa": "fA", "pa": "pA", "na": "nA", "ua": "uA", "ma": "mA", "a": "A"}
VOLTAGES = {"uv": "uV", "mv": "mV", "v": "V"}
EXAMPLES = "time_ms, current_pA, command_mV; or Time (s), Im (nA), Vm (mV)"
MOST_COLUMNS = 20_000
_IN_BRACKETS = re.compile(r"[\[(]\s*([^\])]+?)\s*[\])]\s*$")
_BEHIND = re.compile(r"[_\s/]([A-Za-zµμ]+)$")
_WORD = re.compile(
    r"(time|current|command|voltage|-)(?:_([A-Za-zµμ]+))?(?:\*(\d{1,5}))?", re.IGNORECASE
)


@dataclass(frozen=True)
class Column:
    """One column: ``kind`` is time, current, voltage or other."""

    name: str
    kind: str
    units: str = ""
    to_ms: float = 1.0


def name_columns(
    shown_as: str, names: Sequence[str], n_columns: int, wanted: str | None
) -> tuple[Column, ...]:
    """Say what each column of a table holds.

    Parameters
    ----------
    shown_as : str
        How messages name the file.
    names : sequence of str
        The header; empty where there is none.
    n_columns : int
        How many columns the numbers have.
    wanted : str or None
        ``text_columns`` of the sheet, which decides over the header.

    Raises
    ------
    RecordingError
        Where a column that may hold a time, a current or a voltage states no unit, or the
        counts differ.
    """
    if wanted is not None:
        columns = _given(shown_as, wanted)
        by_file = [one for one in columns if one.kind != "time"]
        # the column of times may lie in the file of times
        columns = by_file if len(by_file) == n_columns < len(columns) else columns
        if len(columns) != n_columns:
            raise RecordingError(
                "columns_unequal",
                f"{shown_as}: text_columns names {len(columns)} columns, the table has "
                f"{n_columns}; name each, - for one that is left out, name*N for N alike",
            )
        named = names if len(names) == n_columns else [""] * n_columns
        return tuple(
            Column(name or column.name, column.kind, column.units, column.to_ms)
            for name, column in zip(named, columns, strict=True)
        )
    if not names:
        raise RecordingError(
            "units_missing",
            f"{shown_as}: the table has no header that says what its {n_columns} columns hold; "
            f"write one ({EXAMPLES}), or say it in the column text_columns of the sheet, for "
            "example: time_ms current_pA*10 command_mV*10",
        )
    if len(names) != n_columns:
        raise RecordingError(
            "columns_unequal",
            f"{shown_as}: the header names {len(names)} columns, the rows have {n_columns}",
        )
    columns = [column_of(name) for name in names]
    _refuse_unknown(shown_as, columns)
    return tuple(columns)


def column_of(name: str) -> Column:
    """Say what a column holds by the unit in its name."""
    found = _IN_BRACKETS.search(name) or _BEHIND.search(name)
    unit = _plain_unit(found[1]) if found else ""
    if unit in TIME_MS and (unit != "s" or re.match(r"(?i)t|x|$", name.strip())):
        return Column(name, "time", unit, TIME_MS[unit])
    if unit in CURRENTS:
        return Column(name, "current", CURRENTS[unit])
    if unit in VOLTAGES:
        return Column(name, "voltage", VOLTAGES[unit])
    return Column(name, "other", unit)


def is_unit(word: str) -> bool:
    """Whether a word is a unit of time, current or voltage, and nothing else."""
    unit = _plain_unit(word)
    return unit in TIME_MS or unit in CURRENTS or unit in VOLTAGES


def bare_name(name: str) -> str:
    """Return the name of a column without its unit."""
    found = _IN_BRACKETS.search(name) or _BEHIND.search(name)
    return name[: found.start()].strip() if found else name.strip()


def _plain_unit(unit: str) -> str:
    """Return a unit in small letters; both letters that mean micro become u."""
    return unit.replace("µ", "u").replace("μ", "u").strip().casefold()


def _refuse_unknown(shown_as: str, columns: Sequence[Column]) -> None:
    """Refuse a table whose columns do not say what they hold."""
    known = {column.kind for column in columns}
    bare = [
        column.name
        for column in columns
        if column.kind == "other" and re.match(r"(?i)t|i|c|v|$", column.name.strip().strip('"'))
    ]
    if not bare or ("current" in known and not any(_is_current(name) for name in bare)):
        return
    raise RecordingError(
        "units_missing",
        f"{shown_as}: the column {bare[0]!r} does not say its unit; write it into the name "
        f"({EXAMPLES}), or say what the columns hold in the column text_columns of the sheet, "
        "for example: time_s current_pA",
    )


def _is_current(name: str) -> bool:
    return re.match(r"(?i)i|c", name.strip()) is not None


def _given(shown_as: str, wanted: str) -> list[Column]:
    columns: list[Column] = []
    for word in re.split(r"[,;\s]+", wanted.strip()):
        found = _WORD.fullmatch(word)
        column = _column_said(found) if found else None
        if column is None or found is None:
            raise RecordingError(
                "text_columns",
                f"{shown_as}: text_columns = {wanted[:100]!r}: {word[:40]!r} says no quantity with "
                "its unit; write words such as time_ms, time_s, current_pA, current_nA, "
                "command_mV, command_V, - for a column to leave out, current_pA*10 for ten alike",
            )
        columns += [column] * int(found[3] or 1)
        if len(columns) > MOST_COLUMNS:
            raise RecordingError(
                "text_columns",
                f"{shown_as}: text_columns names more than {MOST_COLUMNS} columns",
            )
    return columns


def _column_said(found: re.Match[str]) -> Column | None:
    quantity, unit = found[1].casefold(), _plain_unit(found[2] or "")
    if quantity == "-":
        return Column("-", "other") if not unit else None
    if quantity == "time":
        return Column("time", "time", unit, TIME_MS[unit]) if unit in TIME_MS else None
    if quantity == "current":
        return Column("current", "current", CURRENTS[unit]) if unit in CURRENTS else None
    return Column("command", "voltage", VOLTAGES[unit]) if unit in VOLTAGES else None

"""What a calculator answers, once, and shown in two ways: text to read, JSON for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Value: TypeAlias = float | int | str | bool | None

_MILLIVOLTS = "mV"


@dataclass(frozen=True)
class Quantity:
    """One number: its stable key (with the unit), its label, and what it means in words."""

    key: str
    label: str
    value: Value
    unit: str = ""
    words: str = ""


@dataclass(frozen=True)
class Table:
    """Several rows of the same columns; ``columns`` maps each key to its heading."""

    key: str
    columns: Mapping[str, str]
    rows: Sequence[Mapping[str, Value]]
    title: str = ""


@dataclass(frozen=True)
class Answer:
    """The answer to one question, with the equation that gave it and what to know about it."""

    title: str
    equation: str
    inputs: Mapping[str, Any]
    parts: Sequence[Quantity | Table]
    notes: Sequence[str] = ()
    warnings: Sequence[str] = ()
    shown_inputs: Sequence[str] = field(default=())


def as_json(calculator: str, answer: Answer) -> str:
    """Return an answer as a JSON object; what is not a finite number is null."""
    results: dict[str, Any] = {}
    for part in answer.parts:
        if isinstance(part, Table):
            results[part.key] = [dict(row) for row in part.rows]
        else:
            results[part.key] = part.value
    return json.dumps(
        _plain(
            {
                "calculator": calculator,
                "equation": answer.equation,
                "inputs": answer.inputs,
                "results": results,
                "notes": list(answer.notes),
                "warnings": list(answer.warnings),
            }
        ),
        indent=2,
        ensure_ascii=False,
        allow_nan=False,
    )


def as_text(answer: Answer) -> str:
    """Return an answer as short aligned text."""
    lines = [answer.title, *(f"  {line}" for line in answer.shown_inputs), ""]
    quantities = [part for part in answer.parts if isinstance(part, Quantity)]
    labels = max((len(part.label) for part in quantities), default=0)
    numbers = max(
        (len(_with_unit(part)) for part in quantities if not isinstance(part.value, str)),
        default=0,
    )
    previous: Quantity | Table | None = None
    for part in answer.parts:
        if isinstance(part, Table):
            if previous is not None:
                lines.append("")
            lines += _table(part)
        else:
            if isinstance(previous, Table):
                lines.append("")
            row = f"  {part.label:{labels}}  {_with_unit(part):{numbers}}  {part.words}"
            lines.append(row.rstrip())
        previous = part
    lines += ["", f"  {answer.equation}"]
    lines += [f"  note: {note}" for note in answer.notes]
    lines += [f"  warning: {warning}" for warning in answer.warnings]
    return "\n".join(lines)


def number(value: float, unit: str = "") -> str:
    """Return a number for reading: potentials to 0.01 mV with their sign, others to 4 digits."""
    if math.isnan(value):
        return "undefined"
    if math.isinf(value):
        return "infinite"
    if unit == _MILLIVOLTS:
        return f"{value + 0.0:+.2f}"
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        decimals = max(0, 3 - math.floor(math.log10(abs(value))))
        return f"{value:.{decimals}f}"
    return f"{value:.3e}"


def solution_text(ions_mm: Mapping[str, float]) -> str:
    """Return a composition as one line."""
    return ", ".join(f"{name} {mm:g}" for name, mm in ions_mm.items() if mm) + " mM"


def _with_unit(part: Quantity) -> str:
    if part.value is None:
        return "-"
    if isinstance(part.value, (bool, str)):
        return str(part.value)
    return f"{number(part.value, part.unit)} {part.unit}".rstrip()


def _table(table: Table) -> list[str]:
    headings = list(table.columns.values())
    cells = [
        [_cell(row.get(key), heading) for key, heading in table.columns.items()]
        for row in table.rows
    ]
    widths = [max(len(row[k]) for row in [headings, *cells]) for k in range(len(headings))]
    left = [
        all(isinstance(row.get(key), str) or row.get(key) is None for row in table.rows)
        for key in table.columns
    ]

    def line(row: Sequence[str]) -> str:
        padded = (
            text.ljust(width) if is_left else text.rjust(width)
            for text, width, is_left in zip(row, widths, left, strict=True)
        )
        return ("  " + "  ".join(padded)).rstrip()

    title = [f"  {table.title}"] if table.title else []
    return [*title, line(headings), *(line(row) for row in cells)]


def _cell(value: Value, heading: str) -> str:
    if value is None:
        return "-"
    if isinstance(value, (bool, str)):
        return str(value)
    if isinstance(value, int):
        return f"{value:+d}"
    return number(value, _MILLIVOLTS if heading.endswith(_MILLIVOLTS) else "")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

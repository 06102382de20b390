"""``recordings.csv``: from the fields of the sheet to checked rows with the defaults in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from permeant.config.cells import check_cells
from permeant.config.columns import NUMBER_COLUMNS, YES_NO_COLUMNS, SheetColumns
from permeant.config.drafts import Draft
from permeant.config.identifiers import id_problem, plain_id, stem
from permeant.config.settings import Settings
from permeant.config.spreadsheet import (
    RefusedError,
    Table,
    TableRow,
    check_columns,
    read_number,
    read_table,
    read_yes_no,
    same_letters,
)
from permeant.config.wording import mistakes_in, shown
from permeant.errors import did_you_mean
from permeant.records import SheetRow

_SOLUTION_COLUMNS = ("pipette", "bath", "zeroed_in")


@dataclass(frozen=True)
class KnownNames:
    """Names that rows may refer to; ``None`` where the list could not be read in full."""

    solutions: Collection[str] | None
    solutions_label: str
    solutions_there: bool
    protocols: Collection[str] | None


def read_sheet(
    folder: Path,
    settings: Settings,
    known: KnownNames,
    mistakes: list[str],
    warnings: list[str],
) -> tuple[SheetRow, ...]:
    """Read the sheet of recordings; what is wrong with it goes to ``mistakes``."""
    label = settings.recordings
    columns = SheetColumns.model_fields
    table = read_table(folder / label, label, columns, mistakes, warnings)
    if table is None:
        if mistakes and mistakes[-1].startswith(f"{label} does not exist"):
            mistakes[-1] += "; permeant init FOLDER makes a project of a folder of recordings"
        return ()
    check_columns(table, columns, ("cell", "file"), mistakes)
    if not table.rows and table.complete:
        mistakes.append(f"{label} names no recordings; add one row for each")
    defaults = settings.defaults.model_dump(exclude_unset=True, exclude_none=True)
    drafts = [_read_row(row, table, defaults, mistakes) for row in table.rows]
    for draft in drafts:
        _check_row(draft, mistakes)
    _check_references(drafts, known, mistakes)
    check_cells(drafts, table.complete, mistakes)
    _warn(label, drafts, warnings)
    fields = SheetColumns.model_fields
    return tuple(
        SheetRow(line=draft.number, **{name: draft.values[name] for name in fields})
        for draft in drafts
        if draft.sound
    )


def _read_row(row: TableRow, table: Table, defaults: dict[str, Any], mistakes: list[str]) -> Draft:
    """Read the fields of one row; a field that cannot be read is left out after complaint."""
    cell = row.fields.get("cell", "")
    where = f"{table.label} row {row.number}{f' (cell {shown(cell)})' if cell else ''}: "
    given: dict[str, Any] = {}
    bad: set[str] = set()
    for name, text in row.fields.items():
        if name not in SheetColumns.model_fields:
            continue
        try:
            given[name] = _read_field(name, text, table.decimal_comma)
        except RefusedError as refusal:
            mistakes.append(f"{where}{name} = {shown(text)} {refusal}")
            bad.add(name)
    for name in ("cell", "file"):
        if name not in given:
            bad.add(name)
            if name in table.columns:
                mistakes.append(f"{where}{name} is empty; every row needs it")
    values = {name: value for name, value in defaults.items() if name not in bad} | given
    try:
        model = SheetColumns.model_validate({"cell": "?", "file": "?", **values})
    except ValidationError as error:
        mistakes.extend(
            mistakes_in(
                error, SheetColumns, lambda _: where, lambda p: shown(row.fields.get(str(p[0]), ""))
            )
        )
        bad |= {str(detail["loc"][0]) for detail in error.errors()}
        kept = {name: value for name, value in values.items() if name not in bad}
        model = SheetColumns.model_validate({"cell": "?", "file": "?", **kept})
    return Draft(row.number, where, model.model_dump(), frozenset(given), bad)


def _read_field(name: str, text: str, decimal_comma: bool) -> object:
    if name in NUMBER_COLUMNS:
        return read_number(text, decimal_comma)
    if name in YES_NO_COLUMNS:
        return read_yes_no(text)
    return text.replace("\\", "/") if name == "file" else same_letters(text)


def _check_row(draft: Draft, mistakes: list[str]) -> None:
    """Check what one row can be held to by itself, and derive the id of the recording."""
    values = draft.values
    if draft.has("file") and not stem(values["file"]):
        draft.refuse("file", f"file = {shown(values['file'])} names a folder", mistakes)
    for name in ("cell", "recording"):
        if draft.has(name) and (problem := id_problem(values[name])):
            draft.refuse(name, f"{name} = {shown(values[name])} {problem}", mistakes)
    if values["recording"] is None and draft.has("file"):
        values["recording"] = plain_id(stem(values["file"]))
    _check_subtract(draft, mistakes)
    controls = (values["subtract"] or "").split(";")
    if values["recording"] in controls and "subtract" not in draft.given:
        values["subtract"] = None  # a default cannot mean the control itself
    _check_window(draft, mistakes)
    _check_fit_range(draft, mistakes)
    if values["ljp_applied"] and values["ljp_mv"] is not None:
        draft.refuse(
            "ljp_mv",
            f"ljp_applied = yes and ljp_mv = {values['ljp_mv']:g} would correct for the junction "
            "potential twice; keep ljp_mv only if the amplifier did not correct",
            mistakes,
        )


def _check_subtract(draft: Draft, mistakes: list[str]) -> None:
    """Write one control, or one before and one after, the same way whatever separates them."""
    text = draft.values["subtract"]
    if text is None or "subtract" in draft.bad:
        return
    names = [name for name in re.split(r"[;,|\s]+", text) if name]
    if len(names) > 2 or not names or len(set(names)) < len(names):
        draft.refuse(
            "subtract",
            f"subtract = {shown(text)} names {len(names)} recordings; name one control, or two "
            "different ones as before;after",
            mistakes,
        )
        draft.values["subtract"] = None
        return
    draft.values["subtract"] = ";".join(names)


def _check_window(draft: Draft, mistakes: list[str]) -> None:
    start, end = draft.values["window_start_ms"], draft.values["window_end_ms"]
    if {"window_start_ms", "window_end_ms"} & draft.bad:
        return
    if (start is None) != (end is None):
        lacking = "window_start_ms" if start is None else "window_end_ms"
        draft.refuse(lacking, f"{lacking} is empty; give both ends of the window or none", mistakes)
    elif start is not None and start >= end:
        draft.refuse(
            "window_end_ms",
            f"window_start_ms = {start:g} is not before window_end_ms = {end:g}",
            mistakes,
        )


def _check_fit_range(draft: Draft, mistakes: list[str]) -> None:
    low, high = draft.values["fit_min_mv"], draft.values["fit_max_mv"]
    if low is not None and high is not None and low >= high:
        draft.refuse(
            "fit_max_mv", f"fit_min_mv = {low:g} is not below fit_max_mv = {high:g}", mistakes
        )


def _check_references(drafts: Iterable[Draft], known: KnownNames, mistakes: list[str]) -> None:
    """Hold the names of solutions and protocols against the lists; defaults are held apart."""
    for draft in drafts:
        for name in (*_SOLUTION_COLUMNS, "protocol"):
            value = draft.values[name]
            if value is None or name not in draft.given:
                continue
            if problem := reference_problem(name, value, known):
                draft.refuse(name, f"{name} = {shown(value)} {problem}", mistakes)
                if not known.solutions_there and name != "protocol":
                    return  # one sentence for a missing file, not one a row


def reference_problem(column: str, value: str, known: KnownNames) -> str:
    """Say why a name in a column refers to nothing, or return an empty string."""
    if column == "protocol":
        if known.protocols is None or value in known.protocols:
            return ""
        return f"is no entry of protocols: in config.yaml.{did_you_mean(value, known.protocols)}"
    if not known.solutions_there:
        return f"needs {known.solutions_label}, which does not exist; write it or leave this empty"
    if known.solutions is None or value in known.solutions:
        return ""
    near = did_you_mean(value, known.solutions)
    return f"is not in {known.solutions_label}.{near or ' Add it there.'}"


def _warn(label: str, drafts: list[Draft], warnings: list[str]) -> None:
    """Point at what is allowed but probably not meant."""
    outside = [d for d in drafts if d.has("file") and _leaves_project(d.values["file"])]
    if outside:
        warnings.append(
            f"{label}: {_rows(outside)} outside the project folder (absolute path or ..); "
            "the project cannot be moved or shared by itself"
        )
    without = [
        d
        for d in drafts
        if d.values["temperature_c"] is None
        and "temperature_c" not in d.bad
        and d.values["bath"]
        and d.values["pipette"]
    ]
    if without:
        warnings.append(
            f"{label}: {_rows(without)} without temperature_c (and defaults: has none); Nernst "
            "and junction potentials and permeability ratios need it"
        )


def _leaves_project(file: str) -> bool:
    return file.startswith("/") or bool(re.match(r"[A-Za-z]:", file)) or ".." in file.split("/")


def _rows(drafts: list[Draft]) -> str:
    if len(drafts) == 1:
        return f"row {drafts[0].number} is"
    return f"{len(drafts)} rows (the first is row {drafts[0].number}) are"

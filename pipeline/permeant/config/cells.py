"""What the rows of one cell owe each other: distinct names, one pipette, a control."""

from __future__ import annotations

from collections.abc import Iterable

from permeant.config.drafts import Draft
from permeant.config.wording import shown
from permeant.errors import did_you_mean


def check_cells(drafts: Iterable[Draft], complete: bool, mistakes: list[str]) -> None:
    """Check all rows cell by cell and fill in the bath in which the pipette was zeroed.

    ``complete`` tells whether every row of the sheet could be read; if not, a control that
    seems to be missing may stand in another row.
    """
    cells: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.has("cell"):
            cells.setdefault(draft.values["cell"], []).append(draft)
    _check_case(cells, mistakes)
    for rows in cells.values():
        named = _check_duplicates(rows, mistakes)
        _check_pipette(rows, mistakes)
        if complete and not any("recording" in row.bad or "file" in row.bad for row in rows):
            _check_controls(rows, named, cells, mistakes)
        _check_circles(named, mistakes)
        for row in rows:
            if row.values["zeroed_in"] is None:
                row.values["zeroed_in"] = rows[0].values["bath"]


def _check_case(cells: dict[str, list[Draft]], mistakes: list[str]) -> None:
    folded: dict[str, str] = {}
    for cell, rows in cells.items():
        other = folded.setdefault(cell.casefold(), cell)
        if other != cell:
            rows[0].refuse(
                "cell",
                f"cell = {cell} differs from {other} (row {cells[other][0].number}) only by "
                "capitals; cells become file names, write the same cell the same way and give "
                "different cells different names",
                mistakes,
            )


def _check_duplicates(rows: list[Draft], mistakes: list[str]) -> dict[str, Draft]:
    named: dict[str, Draft] = {}
    for row in rows:
        recording = row.values["recording"]
        if recording is None or "recording" in row.bad:
            continue
        first = named.setdefault(recording, row)
        if first is row:
            continue
        same_file = first.values["file"] == row.values["file"]
        row.refuse(
            "recording",
            f"recording {shown(recording)} is already in row {first.number}"
            f"{' (the same file)' if same_file else ''}; if both rows are meant, give each its "
            "own name in the column recording",
            mistakes,
        )
    return named


def _check_pipette(rows: list[Draft], mistakes: list[str]) -> None:
    first: Draft | None = None
    for row in rows:
        pipette = row.values["pipette"]
        if pipette is None or "pipette" in row.bad:
            continue
        first = first or row
        if pipette != first.values["pipette"]:
            row.refuse(
                "pipette",
                f"pipette = {shown(pipette)}, but row {first.number} of this cell has "
                f"{shown(first.values['pipette'])}; a cell has one pipette solution",
                mistakes,
            )
            return


def _check_controls(
    rows: list[Draft],
    named: dict[str, Draft],
    cells: dict[str, list[Draft]],
    mistakes: list[str],
) -> None:
    for row in rows:
        for control in controls_of(row):
            _check_control(row, control, named, cells, mistakes)


def controls_of(row: Draft) -> list[str]:
    """Return the recordings that a row subtracts, as their separator tells them apart."""
    return [name for name in (row.values["subtract"] or "").split(";") if name]


def _check_control(
    row: Draft,
    control: str,
    named: dict[str, Draft],
    cells: dict[str, list[Draft]],
    mistakes: list[str],
) -> None:
    if control == row.values["recording"]:
        row.refuse(
            "subtract",
            f"subtract = {shown(control)} is this recording itself; name its control",
            mistakes,
        )
    elif control not in named:
        near = did_you_mean(control, [name for name in named if named[name] is not row])
        elsewhere = [
            cell
            for cell, others in cells.items()
            if any(other.values["recording"] == control for other in others)
        ]
        where = f" It belongs to cell {elsewhere[0]}." if elsewhere and not near else ""
        row.refuse(
            "subtract",
            f"subtract = {shown(control)} is no recording of this cell.{near}{where} "
            f"Its recordings: {', '.join(named)}.",
            mistakes,
        )


def _check_circles(named: dict[str, Draft], mistakes: list[str]) -> None:
    """Refuse recordings that are subtracted from each other in a circle, once a circle."""
    done: set[str] = set()
    for start in named:
        circle = _find_circle(start, named, done, [])
        if circle:
            named[circle[0]].refuse(
                "subtract",
                f"subtract goes in a circle: {' → '.join([*circle, circle[0]])}; "
                "a control is subtracted from nothing that it subtracts",
                mistakes,
            )


def _find_circle(name: str, named: dict[str, Draft], done: set[str], path: list[str]) -> list[str]:
    """Follow the controls of a recording; return the first circle of two or more."""
    if name in path:
        circle = path[path.index(name) :]
        return circle if len(circle) > 1 else []
    if name in done or name not in named:
        return []
    done.add(name)
    for control in controls_of(named[name]):
        if control != name and (found := _find_circle(control, named, done, [*path, name])):
            return found
    return []

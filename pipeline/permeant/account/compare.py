"""What changed in the tables between two runs, beyond what numbers differ by themselves."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from permeant.errors import PermeantError

RELATIVE = 1e-6
"""Tables are written to seven digits."""

_IDS = (
    "cell", "recording", "sweep", "level", "ion", "reference_ion", "condition", "bath", "pipette",
    "measure", "quantity", "model", "parameter", "correction", "source", "check", "stage", "code",
    "condition_a", "bath_a", "condition_b", "bath_b",
)  # fmt: skip
_VALUES_OF = {
    "iv_points": {"condition", "measure"},
    "fits": {"condition", "measure", "model"},
    "models": {"condition"},
}
"""Columns that name nothing here: they may change."""
_FIRST = ("fits", "permeability", "groups", "problems")
_NOT_RESULTS = ("columns",)

Kind = Literal["changed", "added", "removed"]

_OF_MANY = frozenset(("groups", "pairs", "sequences"))
"""Tables whose rows are of conditions, not of a cell."""


@dataclass(frozen=True)
class Change:
    """One value that differs, or one row that is in one run only (``column`` is then empty)."""

    table: str
    key: tuple[str, ...]
    kind: Kind
    column: str = ""
    before: str = ""
    after: str = ""

    @property
    def words(self) -> str:
        """The change as a line for people."""
        where = f"{self.table}: {' / '.join(part for part in self.key if part)}"
        if self.kind != "changed":
            return f"{where}: {'only in the second' if self.kind == 'added' else 'is gone'}"
        text = f"{where}: {self.column} {self.before or 'empty'} → {self.after or 'empty'}"
        try:
            moved = float(self.after) - float(self.before)
        except ValueError:
            return text
        part = f", {100 * moved / abs(float(self.before)):+.3g} %" if float(self.before) else ""
        return f"{text} ({moved:+.4g}{part})"


def tables_folder(given: Path) -> Path:
    """Return the folder of tables of a project, a folder of reports, or itself.

    Raises
    ------
    PermeantError
        If there are no tables.
    """
    for folder in (given, given / "tables", given / "reports" / "tables"):
        if (folder / "fits.csv").is_file():
            return folder
    raise PermeantError(
        f"{given} holds no tables of a run (looked for fits.csv in it, in tables and in "
        f"reports/tables); name a project that was run, or its folder of reports"
    )


def compare_runs(before: Path, after: Path, relative: float = RELATIVE) -> list[Change]:
    """List everything that differs between the tables of two runs.

    Parameters
    ----------
    before, after : Path
        Projects, folders of reports or of tables.
    relative : float
        Numbers count as equal if they differ by less than this part of the larger one.

    Returns
    -------
    list of Change
        Results first, details after them; within a table in the order of the first run.
    """
    old, new = tables_folder(before), tables_folder(after)
    names = {path.stem for folder in (old, new) for path in folder.glob("*.csv")}
    order = [name for name in _FIRST if name in names]
    order += sorted(names - set(_FIRST) - set(_NOT_RESULTS))
    return [change for name in order for change in _table(name, old, new, relative)]


def _table(name: str, old: Path, new: Path, relative: float) -> Iterator[Change]:
    before, after = _rows(old / f"{name}.csv", name), _rows(new / f"{name}.csv", name)
    for key, row in before.items():
        if key not in after:
            yield Change(name, key, "removed")
            continue
        for column in (name for name in row if name in after[key]):
            if not _same(row[column], after[key][column], relative):
                yield Change(name, key, "changed", column, row[column], after[key][column])
    for key in after:
        if key not in before:
            yield Change(name, key, "added")


def _rows(path: Path, table: str) -> dict[tuple[str, ...], Mapping[str, str]]:
    """Read a table by what names its rows; equal names are counted."""
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        columns: Sequence[str] = reader.fieldnames or ()
        ids = [name for name in _IDS if name in columns and name not in _VALUES_OF.get(table, ())]
        seen: Counter[tuple[str, ...]] = Counter()
        rows: dict[tuple[str, ...], Mapping[str, str]] = {}
        for row in reader:
            key = tuple(row[name] for name in ids)
            seen[key] += 1
            again = (f"#{seen[key]}",) if seen[key] > 1 else ()
            rows[(*key, *again)] = row
        return rows


def _same(one: str, other: str, relative: float) -> bool:
    if one == other:
        return True
    try:
        a, b = float(one), float(other)
    except ValueError:
        return False
    return abs(a - b) <= relative * max(abs(a), abs(b))


def in_words(changes: Sequence[Change], most: int) -> str:
    """Return the changes as text: how many of what, then the first ones."""
    if not changes:
        return "no difference in any table"
    counts = Counter((change.table, change.kind) for change in changes)
    cells = {change.key[0] for change in changes if change.table not in _OF_MANY}
    lines = [f"{len(changes)} differences, in {len(cells)} cell{'' if len(cells) == 1 else 's'}:"]
    lines += [
        f"  {table}: {n} {'values changed' if kind == 'changed' else f'rows {kind}'}"
        for (table, kind), n in counts.items()
    ]
    lines += ["", *(f"  {change.words}" for change in changes[:most])]
    if len(changes) > most:
        lines.append(f"  and {len(changes) - most} more (--all shows them)")
    return "\n".join(lines)

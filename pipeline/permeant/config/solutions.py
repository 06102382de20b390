"""``solutions.csv``: solutions as laboratories write them, one row each, in mM."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from permeant.config.ions import find_known_ion
from permeant.config.spreadsheet import (
    RefusedError,
    Table,
    TableRow,
    read_number,
    read_table,
    same_letters,
)
from permeant.config.wording import shown
from permeant.physics.ions import Ion, find_ion
from permeant.physics.solutions import ChargeBalanceError, check_electroneutrality
from permeant.records import Solution

HIGHEST_MM = 10_000.0
_FIXED_COLUMNS = ("solution", "absorbed_by", "note")


@dataclass(frozen=True)
class SolutionSheet:
    """The solutions, and all names that the sheet holds, also those of refused rows."""

    solutions: dict[str, Solution] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    complete: bool = False
    """Whether all rows could be read; if not, a name that seems missing may be there."""


def read_solutions(
    folder: Path,
    label: str,
    extra: Mapping[str, Ion],
    unsettled: Collection[str],
    *,
    mistakes: list[str],
    warnings: list[str],
) -> SolutionSheet:
    """Read the sheet of solutions; what is wrong with it goes to ``mistakes``.

    ``unsettled`` names ions of ``config.yaml`` whose own entry was refused: they are known,
    but nothing can be computed with them.
    """
    table = read_table(folder / label, label, _FIXED_COLUMNS, mistakes, warnings)
    if table is None:
        return SolutionSheet()
    if "solution" not in table.columns:
        mistakes.append(
            f"{label} row {table.header_number}: the column solution is missing; it names each one"
        )
        return SolutionSheet()
    ions = _read_ion_columns(table, extra, unsettled, mistakes)
    solutions: dict[str, Solution] = {}
    first_rows: dict[str, int] = {}
    for row in table.rows:
        name = same_letters(row.fields.get("solution", ""))
        where = f"{label} row {row.number}{f' (solution {shown(name)})' if name else ''}: "
        if not name:
            mistakes.append(f"{where}solution is empty; name it as the recordings do")
        elif name in first_rows:
            mistakes.append(
                f"{where}{shown(name)} is already in row {first_rows[name]}; give each solution "
                "its own name"
            )
        first_rows.setdefault(name, row.number)
        amounts = _read_amounts(row, table, ions, where, mistakes)
        sound, absorber = _read_absorber(row, extra, where, mistakes)
        if amounts is None or not sound:
            continue
        balanced = _balance(
            amounts, absorber, extra, where=where, mistakes=mistakes, warnings=warnings
        )
        if balanced is not None:
            solutions.setdefault(name, Solution(name, balanced))
    if not table.rows and table.complete:
        warnings.append(
            f"{label} holds no solutions yet: no junction potential is corrected and no ratio is "
            "found; add one row for each solution"
        )
    names = frozenset(first_rows) - {""}
    return SolutionSheet(solutions, names, table.complete)


def _read_ion_columns(
    table: Table, extra: Mapping[str, Ion], unsettled: Collection[str], mistakes: list[str]
) -> dict[str, Ion]:
    """Find the ion of each column; two columns of one ion are refused."""
    ions: dict[str, Ion] = {}
    column_of: dict[str, str] = {}
    for column in dict.fromkeys(table.columns):
        if column in _FIXED_COLUMNS or column in unsettled:
            continue
        ion, problem = find_known_ion(column, extra, _FIXED_COLUMNS)
        if ion is None:
            mistakes.append(
                f"{table.label} row {table.header_number}: column {shown(column)} {problem}"
            )
        elif ion.name in column_of:
            mistakes.append(
                f"{table.label} row {table.header_number}: columns {column_of[ion.name]} and "
                f"{column} are the same ion, {ion.name}; keep one of them"
            )
        else:
            ions[column] = ion
            column_of[ion.name] = column
    return ions


def _read_amounts(
    row: TableRow, table: Table, ions: Mapping[str, Ion], where: str, mistakes: list[str]
) -> dict[str, float] | None:
    """Read the concentrations of one row; an empty field is 0."""
    amounts: dict[str, float] = {}
    sound = True
    for column, ion in ions.items():
        text = row.fields.get(column, "")
        try:
            amounts[ion.name] = _read_amount(text, table.decimal_comma) if text else 0.0
        except RefusedError as refusal:
            mistakes.append(f"{where}{column} = {shown(text)} {refusal}")
            sound = False
    unread = [c for c in table.columns if c not in ions and c not in _FIXED_COLUMNS]
    return amounts if sound and not any(row.fields.get(column) for column in unread) else None


def _read_amount(text: str, decimal_comma: bool) -> float:
    value = read_number(text, decimal_comma)
    if value < 0:
        msg = "is negative; a concentration is 0 mM or more (the charge is known from the name)"
        raise RefusedError(msg)
    if value > HIGHEST_MM:
        msg = f"is outside 0…{HIGHEST_MM:g} mM; is it in µM?"
        raise RefusedError(msg)
    return value + 0.0 if value else 0.0


def _read_absorber(
    row: TableRow, extra: Mapping[str, Ion], where: str, mistakes: list[str]
) -> tuple[bool, str | None]:
    """Tell whether a row's ``absorbed_by`` can be used, and the ion that it names."""
    named = row.fields.get("absorbed_by")
    if not named:
        return True, None
    ion, problem = find_known_ion(named, extra)
    if ion is None:
        mistakes.append(f"{where}absorbed_by = {shown(named)} {problem}")
        return False, None
    return True, ion.name


def _balance(
    amounts: dict[str, float],
    absorber: str | None,
    extra: Mapping[str, Ion],
    *,
    where: str,
    mistakes: list[str],
    warnings: list[str],
) -> dict[str, float] | None:
    """Hold a solution to electroneutrality, or let the ion that the row names restore it."""
    try:
        balanced = check_electroneutrality(amounts, absorber, extra)
    except ChargeBalanceError as error:
        remedy = "" if absorber else " in the column absorbed_by"
        mistakes.append(f"{where}{error}{remedy}")
        return None
    if absorber and balanced[absorber] != amounts.get(absorber, 0.0):
        warnings.append(
            f"{where}{absorber} was adjusted from {amounts.get(absorber, 0.0):.6g} to "
            f"{balanced[absorber]:.6g} mM so that the charges balance (absorbed_by)"
        )
    charged = {name: mm for name, mm in balanced.items() if find_ion(name, extra).valence}
    if not any(charged.values()):
        warnings.append(f"{where}holds no ion; no potential can be computed with it")
    return charged

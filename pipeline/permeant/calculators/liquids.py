"""Solutions as they are given: written out, in a file, or by their name in a project."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from permeant.calculators.given import (
    UsageError,
    choose,
    read_assignments,
    read_ion_definitions,
    read_mm,
)
from permeant.errors import ProjectError
from permeant.physics import Ion, balanced_by, charge_residual_mm, check_electroneutrality, find_ion


@dataclass(frozen=True)
class Liquid:
    """A solution with the name under which it was given."""

    name: str
    ions_mm: dict[str, float]


@dataclass
class Shelf:
    """All that solutions on this command line may refer to, read when first asked for."""

    project: Path | None
    extra: dict[str, Ion]
    temperature_c: float | None = None
    _named: dict[str, dict[str, float]] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Shelf:
        """Return the shelf of a command line: its ions, and its project or this folder."""
        folder = Path(arguments.project) if arguments.project is not None else None
        shelf = cls(folder, read_ion_definitions(arguments.ion))
        if folder is not None:
            shelf.load()
        return shelf

    def load(self) -> dict[str, dict[str, float]]:
        """Return the solutions of the project by name; also take over its ions."""
        if self._named is not None:
            return self._named
        folder = self.project
        if folder is None:
            folder = Path()
            if not (folder / "config").is_dir():
                raise UsageError(
                    "this folder holds no config/, so solutions have no names here; name the "
                    "project with --project, a file, or write the ions out: K=140,Cl=140"
                )
        self._named, ions, self.temperature_c = _read_project(folder)
        self.project, self.extra = folder, {**ions, **self.extra}
        return self._named

    def liquid(self, text: str, absorbed_by: str | None = None) -> Liquid:
        """Return the solution that a text stands for, its charges balanced.

        ``K=140,Cl=140`` is written out, ``saline.csv`` or ``sheet.csv:NAME`` a file, anything
        else a name in the project.
        """
        liquid = self._find(text)
        ions = {name: mm for name, mm in liquid.ions_mm.items() if mm}
        if not ions:
            raise UsageError(f"solution {liquid.name!r} holds nothing")
        if absorbed_by is not None:
            ions = balanced_by(ions, absorbed_by, self.extra)
        return Liquid(liquid.name, ions)

    def balanced(self, text: str, absorbed_by: str | None = None) -> Liquid:
        """Return :meth:`liquid`, refused where its charges do not add up."""
        liquid = self.liquid(text, absorbed_by)
        try:
            check_electroneutrality(liquid.ions_mm, None, self.extra)
        except ValueError as error:
            raise UsageError(f"solution {liquid.name!r}: {error} (--absorbed-by ION)") from None
        return liquid

    def residual_mm(self, liquid: Liquid) -> float:
        """Return the charge that is left over (mM)."""
        return charge_residual_mm(liquid.ions_mm, self.extra)

    def concentration_mm(self, liquid: Liquid, ion: Ion) -> float:
        """Return how much of an ion a solution holds (mM), whatever its spelling."""
        held = (mm for name, mm in liquid.ions_mm.items() if find_ion(name, self.extra) == ion)
        return sum(held, 0.0)

    def _find(self, text: str) -> Liquid:
        if "=" in text:
            given = read_assignments(text.split(","), "concentration", "K=140")
            return Liquid(text, {ion: read_mm(mm, ion) for ion, mm in given.items()})
        path, _, row = text.rpartition(":") if ".csv:" in text else (text, "", "")
        if path.endswith((".csv", ".tsv", ".txt")) or (path != text and path):
            return _read_file(Path(path), row)
        named = self.load()
        here = self.project is None or self.project == Path()
        where = f"the solutions of {'this folder' if here else self.project}"
        return Liquid(text, choose(text, named, "solution", where))


def _read_project(
    folder: Path,
) -> tuple[dict[str, dict[str, float]], dict[str, Ion], float | None]:
    # pydantic comes in here, so only when solutions are asked for by name
    from permeant.config.configuration import read_configuration  # noqa: PLC0415
    from permeant.config.ions import extra_ions  # noqa: PLC0415
    from permeant.config.solutions import read_solutions  # noqa: PLC0415

    if not folder.is_dir():
        raise UsageError(f"--project {folder} is not a folder; name the one that holds config/")
    mistakes: list[str] = []
    warnings: list[str] = []
    configuration = read_configuration(folder, None, mistakes, warnings)
    settings = configuration.settings
    extra = extra_ions(settings, configuration.where, warnings)
    unsettled = configuration.refused_in("ions")
    sheet = read_solutions(
        folder, settings.solutions, extra, unsettled, mistakes=mistakes, warnings=warnings
    )
    if mistakes:
        raise ProjectError(mistakes)
    solutions = {name: dict(solution.ions_mm) for name, solution in sheet.solutions.items()}
    return solutions, extra, settings.defaults.temperature_c


def _read_file(path: Path, wanted: str) -> Liquid:
    """Read a file of one solution (ion, mM), or of several (as solutions.csv)."""
    rows = _cells(path)
    header = [cell.casefold() for cell in rows[0]]
    if header[0] == "solution":
        named = {row[0]: _row_of_sheet(path, rows[0], row) for row in rows[1:]}
        if wanted:
            return Liquid(wanted, choose(wanted, named, "solution", str(path)))
        if len(named) != 1:
            raise UsageError(
                f"{path} holds {len(named)} solutions; name one of them: {path}:{next(iter(named))}"
                if named
                else f"{path} holds no solution"
            )
        return Liquid(*next(iter(named.items())))
    if wanted:
        raise UsageError(f"{path} has no column 'solution', so it holds no solution {wanted!r}")
    body = rows[1:] if header[0] in ("ion", "name", "solute") else rows
    found: dict[str, float] = {}
    for row in body:
        if len(row) < 2:
            raise UsageError(f"{path}: the row {','.join(row)!r} must be ION,CONCENTRATION (mM)")
        if row[0] in found:
            raise UsageError(f"{path}: {row[0]} stands there twice; keep one row")
        found[row[0]] = read_mm(row[1] or "0", f"{path}: {row[0]}")
    return Liquid(path.stem, found)


def _cells(path: Path) -> list[list[str]]:
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not a text file in UTF-8") from None
    first = text.split("\n", 1)[0]
    delimiter = next((mark for mark in ";\t" if mark in first), ",")
    rows = [
        [cell.strip().replace(",", ".") if delimiter == ";" else cell.strip() for cell in row]
        for row in csv.reader(text.splitlines(), delimiter=delimiter)
    ]
    rows = [row for row in rows if any(row) and not row[0].startswith("#")]
    if not rows:
        raise UsageError(f"{path} is empty; a solution is one row an ion: K,140")
    return rows


def _row_of_sheet(path: Path, columns: Sequence[str], row: Sequence[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    absorber = None
    for column, cell in zip(columns[1:], row[1:], strict=False):
        if column.casefold() == "absorbed_by":
            absorber = cell or None
        elif column.casefold() != "note" and cell:
            found[column] = read_mm(cell, f"{path}: {row[0]}: {column}")
    return balanced_by(found, absorber) if absorber else found


def inputs_of(liquids: Mapping[str, Liquid]) -> dict[str, dict[str, object]]:
    """Return solutions as they go into JSON."""
    return {
        role: {"name": liquid.name, "ions_mm": liquid.ions_mm} for role, liquid in liquids.items()
    }

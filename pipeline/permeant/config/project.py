"""A project folder: its settings, its sheet, its solutions, checked together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from permeant.config.configuration import CONFIG_FILE, Configuration, read_configuration
from permeant.config.containment import leading_out
from permeant.config.ions import extra_ions, settle_permeability
from permeant.config.settings import Settings
from permeant.config.sheet import KnownNames, read_sheet, reference_problem
from permeant.config.solutions import SolutionSheet, read_solutions
from permeant.config.wording import shown
from permeant.errors import ProjectError
from permeant.physics.ions import Ion
from permeant.records import SheetRow, Solution


@dataclass(frozen=True)
class Project:
    """What a user wrote, checked: nothing in it contradicts anything else in it."""

    folder: Path
    settings: Settings
    rows: tuple[SheetRow, ...]
    solutions: dict[str, Solution]
    extra_ions: dict[str, Ion]
    warnings: tuple[str, ...] = ()


def load_project(folder: Path, config: Mapping[str, Any] | None = None) -> Project:
    """Read and check a project folder.

    Parameters
    ----------
    folder : Path
        The project folder; all paths in its files are relative to it.
    config : mapping, optional
        The configuration as Snakemake holds it.  Without it ``config/config.yaml`` is read,
        and where that does not exist all defaults hold.

    Returns
    -------
    Project
        Settings, rows and solutions.  Whether the recordings exist is not looked at.

    Raises
    ------
    ProjectError
        If anything in the three files is wrong; it holds all mistakes together.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ProjectError([f"{folder} is not a folder; name the folder that holds config/"])
    mistakes: list[str] = []
    warnings: list[str] = []
    configuration = read_configuration(folder, config, mistakes, warnings)
    settings = configuration.settings
    extra = extra_ions(settings, configuration.where, warnings)
    unsettled = configuration.refused_in("ions")
    settings = settle_permeability(settings, extra, unsettled, configuration.where, mistakes)
    sheet = SolutionSheet()
    there = "solutions" in settings.model_fields_set or _exists(folder / settings.solutions)
    if there:
        sheet = read_solutions(
            folder, settings.solutions, extra, unsettled, mistakes=mistakes, warnings=warnings
        )
    known = KnownNames(
        sheet.names if sheet.complete else None,
        settings.solutions,
        there,
        configuration.names_in("protocols"),
    )
    _check_defaults(configuration, known, mistakes)
    rows = read_sheet(folder, settings, known, mistakes, warnings)
    _warn(settings, sheet, warnings)
    mistakes += leading_out(folder, settings.output)
    if mistakes:
        raise ProjectError(_in_order(mistakes, settings))
    return Project(folder, settings, rows, sheet.solutions, extra, tuple(warnings))


def _exists(path: Path) -> bool:
    """Look for a file; a path that cannot be looked at holds none."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _check_defaults(configuration: Configuration, known: KnownNames, mistakes: list[str]) -> None:
    """Check once, not for every row, that ``defaults:`` refers to what exists."""
    for name in ("pipette", "bath", "zeroed_in", "protocol"):
        value = getattr(configuration.settings.defaults, name)
        if value is not None and (problem := reference_problem(name, value, known)):
            where = configuration.where(("defaults", name))
            mistakes.append(f"{where}defaults.{name} = {shown(value)} {problem}")


def _warn(settings: Settings, sheet: SolutionSheet, warnings: list[str]) -> None:
    """Point at permeant ions that no solution holds."""
    if not sheet.solutions:
        return
    for name in settings.permeability.permeant:
        if not any(solution.ions_mm.get(name) for solution in sheet.solutions.values()):
            warnings.append(
                f"permeability.permeant: {name} is in none of the solutions; "
                "its ratio cannot be determined"
            )


def _in_order(mistakes: list[str], settings: Settings) -> list[str]:
    """Sort mistakes as one would mend them: file by file, from the top of each."""
    files = [CONFIG_FILE, "config", settings.solutions, settings.recordings]

    def place(mistake: str) -> tuple[int, int]:
        for number, label in enumerate(files):
            if found := re.match(rf"{re.escape(label)}(?: (?:line|row) (\d+))?[ :]", mistake):
                return number, int(found[1] or 0)
        return len(files), 0

    return sorted(dict.fromkeys(mistakes), key=place)

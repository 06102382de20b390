"""What is gathered of all cells as they pass by: small numbers, never a recording."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from permeant.cohort import (
    CellCurve,
    CellRatio,
    CellValue,
    GroupCurve,
    GroupValue,
    PairedDifference,
    SelectivitySequence,
)
from permeant.infer.eisenman import selectivity_sequences
from permeant.infer.groups import group_ratios, group_values
from permeant.infer.limits.groups import compare_patches
from permeant.infer.mean_curves import cell_curves, group_curves
from permeant.infer.pairs import paired_differences
from permeant.infer.repeats import cell_ratios, cell_values
from permeant.records import CellResult, PatchState, ViscosityLimit
from permeant.tables import table_text
from permeant.workflow.funnel import Funnel, how_far
from permeant.workflow.results import Tabulated


def tabulate(cell: CellResult) -> Tabulated:
    """Write a cell's lines of all tables, and find what it brings to the comparison of cells."""
    values = cell_values(cell)
    return Tabulated(
        table_text(cell, {"cells": values}),
        values,
        cell_ratios(cell),
        cell_curves(cell),
        tuple(how_far(one, cell) for one in cell.recordings),
        cell.limits,
    )


@dataclass
class Cohort:
    """Takes the cells of a run one by one, and compares them when the last has passed."""

    sigma_ljp_mv: float
    sigma_viscosity_fraction: float = 0.0
    groups: list[GroupValue] = field(default_factory=list)
    pairs: list[PairedDifference] = field(default_factory=list)
    sequences: list[SelectivitySequence] = field(default_factory=list)
    curves: list[GroupCurve] = field(default_factory=list)
    funnel: Funnel = field(default_factory=Funnel)
    limits: list[ViscosityLimit] = field(default_factory=list)
    _values: list[CellValue] = field(default_factory=list, repr=False)
    _ratios: list[CellRatio] = field(default_factory=list, repr=False)
    _curves: list[CellCurve] = field(default_factory=list, repr=False)
    _patches: list[PatchState] = field(default_factory=list, repr=False)
    _single: list[ViscosityLimit] = field(default_factory=list, repr=False)

    def add(self, name: str, cell: Tabulated) -> None:
        """Take one cell."""
        self._values.extend(cell.values)
        self._ratios.extend(cell.ratios)
        self._curves.extend(cell.curves)
        self.funnel.add(name, cell.reached)
        self._patches.extend(cell.limits.patches)
        self._single.extend(cell.limits.viscosity)

    @property
    def every_limit(self) -> list[ViscosityLimit]:
        """Every comparison of viscosities: of single patches, and over patches."""
        return [*self._single, *self.limits]

    def close(self) -> dict[str, Iterable[object]]:
        """Compare the cells, and return the records by table."""
        ratios = group_ratios(self._ratios)
        self.groups = [*group_values(self._values, sigma_ljp_mv=self.sigma_ljp_mv), *ratios]
        self.curves = group_curves(self._curves)
        self.pairs = paired_differences(self._values)
        self.sequences = selectivity_sequences(ratios)
        self.limits = compare_patches(self._patches, self._single, self.sigma_viscosity_fraction)
        return {
            "groups": self.groups,
            "pairs": self.pairs,
            "sequences": self.sequences,
            "limits": self.limits,
        }

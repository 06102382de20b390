"""What the summary gathers of all cells as they pass by: small numbers, never a recording."""

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
from permeant.infer.mean_curves import cell_curves, group_curves
from permeant.infer.pairs import paired_differences
from permeant.infer.repeats import cell_ratios, cell_values
from permeant.records import CellResult
from permeant.workflow.funnel import Funnel


@dataclass
class Cohort:
    """Takes the cells of a run one by one, and compares them when the last has passed."""

    sigma_ljp_mv: float
    groups: list[GroupValue] = field(default_factory=list)
    pairs: list[PairedDifference] = field(default_factory=list)
    sequences: list[SelectivitySequence] = field(default_factory=list)
    curves: list[GroupCurve] = field(default_factory=list)
    funnel: Funnel = field(default_factory=Funnel)
    _values: list[CellValue] = field(default_factory=list, repr=False)
    _ratios: list[CellRatio] = field(default_factory=list, repr=False)
    _curves: list[CellCurve] = field(default_factory=list, repr=False)

    def add(self, cell: CellResult) -> dict[str, Iterable[object]]:
        """Take one cell, and return its records by table."""
        values = cell_values(cell)
        self._values.extend(values)
        self._ratios.extend(cell_ratios(cell))
        self._curves.extend(cell_curves(cell))
        self.funnel.add(cell)
        return {"cells": values}

    def close(self) -> dict[str, Iterable[object]]:
        """Compare the cells, and return the records by table."""
        ratios = group_ratios(self._ratios)
        self.groups = [*group_values(self._values, sigma_ljp_mv=self.sigma_ljp_mv), *ratios]
        self.curves = group_curves(self._curves)
        self.pairs = paired_differences(self._values)
        self.sequences = selectivity_sequences(ratios)
        return {"groups": self.groups, "pairs": self.pairs, "sequences": self.sequences}

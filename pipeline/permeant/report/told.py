"""What a cell told other than by a current-voltage curve, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from permeant.report.costs import cost_sentence
from permeant.report.noise import noise_sentence

if TYPE_CHECKING:
    from permeant.records import CellResult


def told_otherwise(cell: CellResult) -> str:
    """Return what the recordings of a cell told without a curve; empty where they told nothing."""
    used = [one for one in cell.recordings if not one.row.exclude and one.told_without_curve]
    told = []
    for one in used:
        assert one.measurement is not None
        if one.measurement.noise:
            told.append(noise_sentence(one.measurement.noise))
        if one.measurement.costs:
            told.append(cost_sentence(one.measurement.costs))
    return "; ".join(told)

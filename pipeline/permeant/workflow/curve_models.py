"""What the models of whole curves are handed besides the points, and their place in a fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from permeant.infer.models.describe import describe_curve
from permeant.infer.models.field import ConstantField, constant_field
from permeant.physics.ions import Ion
from permeant.records import IVFit, IVPoint, SheetRow, Solution
from permeant.workflow.job import Job, used_solutions

_OUTSIDE_OUT = ("whole-cell", "outside-out")


@dataclass(frozen=True)
class Conditions:
    """What the models of whole curves know of a batch besides its points."""

    models: Sequence[str]
    solutions: Mapping[str, Solution]
    permeability: Mapping[str, Any]
    extra_ions: Mapping[str, Ion]

    @classmethod
    def of(cls, job: Job) -> Conditions:
        """Take them from what a job is handed."""
        return cls(
            models=tuple(job.params["fit"]["models"]),
            solutions=job.solutions,
            permeability=job.params["permeability"],
            extra_ions=job.extra_ions,
        )

    def key(self, rows: list[SheetRow]) -> tuple[object, ...]:
        """Return what the models of some rows depend on."""
        return (used_solutions(rows, self.solutions), self.permeability, self.extra_ions)


def add_models(fit: IVFit, row: SheetRow, points: Sequence[IVPoint], given: Conditions) -> IVFit:
    """Return the fit with the models of its curve beside it."""
    models, verdict = describe_curve(points, given.models, _field(row, given, fit.c_m_pf))
    return replace(fit, models=models, models_verdict=verdict)


def _field(row: SheetRow, given: Conditions, c_m_pf: float | None) -> ConstantField | str:
    """Return the permeant ions on both sides, or why they are not known."""
    missing = [name for name in ("pipette", "bath", "temperature_c") if getattr(row, name) is None]
    if missing:
        return f"the sheet names no {' and no '.join(missing)}"
    assert row.pipette is not None
    assert row.bath is not None
    assert row.temperature_c is not None
    inside = given.solutions[row.pipette].ions_mm
    outside = given.solutions[row.bath].ions_mm
    if row.configuration not in _OUTSIDE_OUT:
        inside, outside = outside, inside
    return constant_field(
        given.permeability["permeant"],
        inside,
        outside,
        row.temperature_c,
        reference=given.permeability["reference"],
        activities=given.permeability["activities"],
        extra_ions=given.extra_ions,
        c_m_pf=c_m_pf,
    )

"""Permeability ratios of one cell from its reversal potentials, by the GHK equation.

At a reversal potential E the currents of all permeant ions add up to zero,

    sum_j P_j f_j(E) = 0,    f_j = GHK current of ion j per unit permeability,

which is linear in the P_j for any valences (Goldman 1943, doi:10.1085/jgp.27.1.37;
Hodgkin & Katz 1949, doi:10.1113/jphysiol.1949.sp004310).  Every bath gives one such
equation; they are solved together by weighted least squares with P of the reference ion 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from permeant.infer.conventions import convention_name
from permeant.infer.ghk_forms import name_form
from permeant.infer.ghk_system import (
    Array,
    Observation,
    System,
    Uncertainty,
    activities_mm,
    name_system,
    tabulate_baths,
)
from permeant.infer.ratio_draws import CellSystem, solve_cell
from permeant.infer.ratio_verdict import (
    find_disagreement,
    judge_draws,
    judge_shifts,
    split_error,
)
from permeant.infer.reference_drift import find_drift
from permeant.infer.undetermined import Openness, find_open
from permeant.physics.ions import Ion
from permeant.records import Contribution, PermeabilityRatio

__all__ = ["Observation", "RatioAnswer", "Uncertainty", "infer_ratios", "permeability_ratios"]


@dataclass(frozen=True)
class RatioAnswer:
    """The ratios of a cell, what each source adds to their errors, and the equations behind.

    ``cell`` is ``None`` where there was nothing to solve.
    """

    ratios: tuple[PermeabilityRatio, ...]
    contributions: tuple[Contribution, ...] = ()
    cell: CellSystem | None = None
    observations: tuple[Observation, ...] = ()


def permeability_ratios(
    observations: Sequence[Observation],
    *,
    permeant: Sequence[str],
    reference: str,
    fixed: Mapping[str, float],
    activities: str,
    uncertainty: Uncertainty,
    extra_ions: Mapping[str, Ion] | None = None,
    why_none: str = "",
    substitutes: Mapping[str, str] | None = None,
) -> tuple[PermeabilityRatio, ...]:
    """Return the ratios of :func:`infer_ratios` alone."""
    return infer_ratios(
        observations,
        permeant=permeant,
        reference=reference,
        fixed=fixed,
        activities=activities,
        uncertainty=uncertainty,
        extra_ions=extra_ions,
        why_none=why_none,
        substitutes=substitutes,
    ).ratios


def infer_ratios(
    observations: Sequence[Observation],
    *,
    permeant: Sequence[str],
    reference: str,
    fixed: Mapping[str, float],
    activities: str,
    uncertainty: Uncertainty,
    extra_ions: Mapping[str, Ion] | None = None,
    why_none: str = "",
    substitutes: Mapping[str, str] | None = None,
    linear: bool = False,
    ignore_drift: bool = False,
) -> RatioAnswer:
    """Find P_ion / P_reference for every permeant ion that the cell's solutions hold.

    Parameters
    ----------
    observations : sequence of Observation
        Measured reversals only; an extrapolated one must not come here.
    permeant, reference, fixed, activities
        As in the section ``permeability`` of the configuration.
    uncertainty : Uncertainty
        Shared errors and the number of Monte-Carlo draws.
    extra_ions : mapping of str to Ion, optional
        Ions that the configuration adds.
    why_none : str
        What to say when there is no observation.
    substitutes : mapping of str to str, optional
        Ions whose Pitzer parameters stand in for those of others.
    linear : bool
        Whether to propagate errors linearly in ln P instead of drawing: for comparisons beside
        the answer proper.
    ignore_drift : bool
        Whether to take the reversals as they are although a bath was recorded again.

    Returns
    -------
    RatioAnswer
        Ratios ``ok`` with a 95 % interval, ``bound`` where only a limit can be given, else
        ``rejected`` with the reason; and what each source of error adds.

    Raises
    ------
    MissingParametersError
        If Pitzer's model lacks parameters and no substitute is named.
    """
    wanted = [ion for ion in permeant if ion != reference]
    if not observations:
        reason = why_none or "no measured reversal"
        return RatioAnswer(_all_rejected(wanted, reference, activities, reason))
    seen = tuple(sorted(observations, key=lambda one: one.recording))
    inside, outside = activities_mm(seen, permeant, activities, extra_ions, substitutes)
    here = [j for j in range(len(permeant)) if inside[j].any() or outside[j].any()]
    present = [permeant[j] for j in here]
    wanted = [ion for ion in present if ion != reference]
    if reference not in present:
        reason = f"the reference ion {reference} is in no solution of the cell"
        return RatioAnswer(_all_rejected(wanted, reference, activities, reason))
    system = name_system(present, reference, fixed, extra_ions)
    baths = tabulate_baths(seen, inside[here], outside[here])
    cell = CellSystem(system, baths, uncertainty, None if ignore_drift else find_drift(baths))
    said = "" if activities == "none" else convention_name(activities, seen, substitutes)
    blank = PermeabilityRatio("", reference, "rejected", activities=activities)
    solver = _Solver(cell, blank, len(seen), said, linear=linear)
    found = [_given(blank, ion, fixed[ion], len(seen)) for ion in wanted if ion in fixed]
    if system.unknown:
        found += solver.solve(system, np.arange(cell.kept.size))
    ratios = tuple(sorted(found, key=lambda ratio: present.index(ratio.ion)))
    order = {ratio.ion: place for place, ratio in enumerate(ratios)}
    contributions = sorted(solver.contributions, key=lambda pair: order[pair[0]])
    told = tuple(one for _, some in contributions for one in some)
    return RatioAnswer(ratios, told, cell, seen)


def _all_rejected(
    ions: Sequence[str], reference: str, activities: str, reason: str
) -> tuple[PermeabilityRatio, ...]:
    return tuple(
        PermeabilityRatio(ion, reference, "rejected", reason, activities=activities) for ion in ions
    )


def _given(blank: PermeabilityRatio, ion: str, ratio: float, n: int) -> PermeabilityRatio:
    return replace(
        blank,
        ion=ion,
        status="ok",
        reason="not measured: fixed in the configuration",
        ratio=ratio,
        ratio_low=ratio,
        ratio_high=ratio,
        method="fixed",
        n_recordings=n,
    )


class _Solver:
    """Finds what a cell's baths determine, and collects what made the intervals wide."""

    def __init__(
        self,
        cell: CellSystem,
        blank: PermeabilityRatio,
        n_recordings: int,
        said: str,
        *,
        linear: bool,
    ) -> None:
        self.cell, self.blank, self.said = cell, blank, said
        self.n_recordings, self.linear = n_recordings, linear
        self.contributions: list[tuple[str, tuple[Contribution, ...]]] = []

    def solve(self, system: System, rows: np.ndarray) -> list[PermeabilityRatio]:
        """Find the unknown ratios; what is not determined is refused, and the rest tried alone."""
        opened = find_open(self.cell, system, rows)
        if not opened.refused:
            return self._determined(system, rows, opened.doubt)
        limits = self._limits(system, rows, opened)
        results = [
            replace(self.blank, ion=ion, reason=reason + limits)
            for ion, reason in opened.refused.items()
        ]
        free = tuple(ion for ion in system.unknown if ion not in opened.refused)
        if not free:
            return results
        # an undetermined ion leaves its share of the current open: the others stand only where
        # baths without it tell them
        clean = rows[_without(self.cell, opened.refused, rows)]
        if not clean.size:
            reason = (
                f"not determined: no bath without {', '.join(opened.refused)}, itself not "
                "determined"
            )
            return results + [replace(self.blank, ion=ion, reason=reason) for ion in free]
        known = {**system.known, **dict.fromkeys(opened.refused, 0.0)}
        return results + self.solve(replace(system, known=known, unknown=free), clean)

    def _determined(self, system: System, rows: np.ndarray, doubt: str) -> list[PermeabilityRatio]:
        solved = solve_cell(self.cell, system, rows, draw=not self.linear)
        clash = "" if self.linear else find_disagreement(solved)
        note = "; ".join(part for part in (clash, doubt) if part)
        results = []
        for k, ion in enumerate(system.unknown):
            blank = replace(
                self.blank, ion=ion, method=self._method(system, rows, ion),
                n_recordings=self._count(rows),
            )  # fmt: skip
            best, shifts = float(solved.best[k]), solved.log_shifts(k)
            if self.linear:
                verdict = judge_shifts(blank, best, shifts)
            else:
                verdict = judge_draws(blank, best, solved.draws[k], note)
            verdict, parts = split_error(verdict, self.cell.sources, shifts)
            self.contributions.append((ion, parts))
            results.append(verdict)
        return results

    def _count(self, rows: np.ndarray) -> int:
        """Count the recordings behind some equations: a reference bath stands on all of its own."""
        if rows.size == self.cell.kept.size:
            return self.n_recordings
        return int(rows.size)

    def _method(self, system: System, rows: np.ndarray, ion: str) -> str:
        n = int(rows.size)
        text = f"GHK zero current, {n} bath{'s' if n > 1 else ''}"
        form = name_form(self.cell, system, rows, ion)
        drift = self.cell.drift
        taken = "drift of the reference taken off" if drift and drift.timed else ""
        return "; ".join(part for part in (text, form, taken, self.said) if part)

    def _limits(self, system: System, rows: np.ndarray, opened: Openness) -> str:
        """Say how large each ion of an undetermined sum can be: as if the others were absent."""
        said = []
        others = [ion for ion in system.unknown if ion not in opened.refused]
        if not opened.combined or others or self.linear:
            return ""
        for ion in opened.combined:
            absent = {name: 0.0 for name in opened.combined if name != ion}
            alone = replace(system, known={**system.known, **absent}, unknown=(ion,))
            solved = solve_cell(self.cell, alone, rows)
            verdict = judge_draws(replace(self.blank, ion=ion), solved.best[0], solved.draws[0])
            if verdict.ratio_high is not None:
                said.append(f"P_{ion}/P_{self.blank.reference_ion} ≤ {verdict.ratio_high:.3g}")
        return f". As limits: {', '.join(said)}" if said else ""


def _without(cell: CellSystem, ions: Mapping[str, str], rows: np.ndarray) -> Array:
    columns, kept = cell.system.columns(list(ions)), cell.kept[rows]
    held = cell.baths.inside[columns][:, kept] + cell.baths.outside[columns][:, kept]
    return np.asarray(~held.any(axis=0))

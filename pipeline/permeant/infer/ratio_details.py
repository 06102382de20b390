"""What stands beside the ratios of a cell: shifts, drift, conventions, the two lenses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from permeant.infer.conventions import compare_conventions
from permeant.infer.ghk_system import Observation, Uncertainty
from permeant.infer.lenses import compare_lenses
from permeant.infer.permeability import RatioAnswer, infer_ratios
from permeant.infer.ratio_draws import CellSystem
from permeant.infer.ratio_verdict import NORMAL_95
from permeant.infer.reference_drift import Drift
from permeant.physics.ions import Ion
from permeant.ratio_records import RatioDetails, ReferenceDrift, ReversalShift
from permeant.records import Finding

_WORTH_A_WARNING_MV = 1.0
_WORTH_SAYING = 0.005


def describe_ratios(
    answer: RatioAnswer,
    *,
    permeant: Sequence[str],
    reference: str,
    fixed: Mapping[str, float],
    activities: str,
    uncertainty: Uncertainty,
    extra_ions: Mapping[str, Ion] | None = None,
    substitutes: Mapping[str, str] | None = None,
) -> tuple[RatioDetails, tuple[Finding, ...]]:
    """Work out what a page shows beside the ratios of a cell.

    Parameters
    ----------
    answer : RatioAnswer
        The ratios.
    permeant, reference, fixed, activities, uncertainty, extra_ions, substitutes
        As they were given to :func:`infer_ratios`.

    Returns
    -------
    details : RatioDetails
        Empty where nothing was solved.
    findings : tuple of Finding
        What the drift of the reference did.
    """
    if answer.cell is None:
        return RatioDetails(), ()
    again = partial(
        infer_ratios,
        answer.observations,
        permeant=permeant,
        reference=reference,
        fixed=fixed,
        uncertainty=uncertainty,
        extra_ions=extra_ions,
        substitutes=substitutes,
        linear=True,
    )
    drift, findings = _describe_drift(answer, partial(again, activities=activities))
    details = RatioDetails(
        shifts=_find_shifts(answer.cell, answer.observations),
        drift=drift,
        conventions=compare_conventions(
            answer.ratios,
            answer.observations,
            activities,
            substitutes or {},
            lambda model: again(activities=model),
        ),
        lenses=compare_lenses(
            answer.cell,
            answer.observations,
            {one.ion: one.ratio for one in answer.ratios if one.ratio is not None},
        ),
    )
    return details, findings


def _find_shifts(
    cell: CellSystem, observations: tuple[Observation, ...]
) -> tuple[ReversalShift, ...]:
    """Return how far each reversal lies from that in the reference bath."""
    if len(observations) < 2:
        return ()
    base = _reference_place(cell, observations)
    row = {int(place): k for k, place in enumerate(cell.kept)}
    half = len(cell.sources)
    moves = 0.5 * (cell.moved.e_mv[:, :half] - cell.moved.e_mv[:, half:])
    found = []
    for place, seen in enumerate(observations):
        if place == base:
            continue
        taken_mv = float(cell.drift.taken[place] @ cell.baths.e_mv) if cell.drift else 0.0
        if place in row:
            between = moves[row[place]] - moves[row[base]]
            sd_mv, note = float(np.sqrt(between @ between)), ""
        else:
            sd_mv = float(np.hypot(cell.baths.se_mv[place], cell.baths.se_mv[base]))
            note = "the reference bath again: what it moved is the drift"
        shift_mv = float(cell.baths.e_mv[place] - taken_mv - cell.baths.e_mv[base])
        found.append(
            ReversalShift(
                seen.recording, seen.bath, observations[base].bath, seen.e_rev_mv, taken_mv,
                shift_mv, shift_mv - NORMAL_95 * sd_mv, shift_mv + NORMAL_95 * sd_mv, note,
            )
        )  # fmt: skip
    return tuple(found)


def _reference_place(cell: CellSystem, observations: tuple[Observation, ...]) -> int:
    """Choose the recording that shifts are counted from: the control."""
    if cell.drift:
        return cell.drift.references[0]
    times = cell.baths.acquired_s
    zeroed = [k for k, seen in enumerate(observations) if seen.bath and seen.bath == seen.zeroed_in]
    if zeroed:
        return zeroed[0]
    return int(np.argmin(times)) if np.isfinite(times).all() else 0


def _describe_drift(
    answer: RatioAnswer, again: Any
) -> tuple[ReferenceDrift | None, tuple[Finding, ...]]:
    cell = answer.cell
    if cell is None or cell.drift is None:
        return None, ()
    without = {
        one.ion: one.ratio
        for one in again(ignore_drift=True).ratios
        if one.ratio is not None and one.method != "fixed"
    }
    drift = cell.drift
    first, last = (answer.observations[k] for k in (drift.references[0], drift.references[-1]))
    half = NORMAL_95 * drift.se_mv
    record = ReferenceDrift(
        first.bath, first.recording, last.recording, drift.drift_mv, drift.drift_mv - half,
        drift.drift_mv + half, drift.timed, without,
    )  # fmt: skip
    return record, (_drift_finding(record, drift, answer),)


def _drift_finding(record: ReferenceDrift, drift: Drift, answer: RatioAnswer) -> Finding:
    clear = abs(record.drift_mv) > NORMAL_95 * drift.se_mv
    size = f"{record.drift_mv:+.2f} mV ({record.drift_low_mv:+.2f} … {record.drift_high_mv:+.2f})"
    said = (
        f"{record.bath or 'one bath'} was recorded first ({record.first}) and again "
        f"({record.last}): E_rev moved by {size}"
    )
    if record.timed:
        said += "; a course straight in time was taken off the recordings in between"
    else:
        said += (
            " between them (either may be the first: the files do not tell when they were "
            "recorded), so it is counted as an error of every bath"
        )
    changed = [
        f"P_{one.ion}/P_{one.reference_ion} = {one.ratio:.3g} instead of "
        f"{record.without[one.ion]:.3g}"
        for one in answer.ratios
        if one.ratio is not None
        and one.ion in record.without
        and abs(one.ratio / record.without[one.ion] - 1.0) > _WORTH_SAYING
    ]
    if record.timed and changed:
        said += f"; with it {', '.join(changed)}"
    elif record.timed:
        said += f", which changes no ratio by more than {100 * _WORTH_SAYING:g} %"
    large = clear and abs(record.drift_mv) > _WORTH_A_WARNING_MV
    return Finding(
        check="reference_drift",
        severity="warning" if large else "info",
        message=said,
        value=record.drift_mv,
        limit=_WORTH_A_WARNING_MV,
        unit="mV",
    )

"""Pore or gate: one patch, or many, in solutions of different viscosity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import exp, log

import numpy as np

from permeant.infer.limits.comparable import Reversals, compare_reversals, why_not_comparable
from permeant.infer.limits.exponents import (
    Array,
    Exponent,
    Levelled,
    exponent_within,
    level_quantity,
    turned,
)
from permeant.infer.limits.verdict import judge, judge_current, judge_gating
from permeant.infer.pooling import NORMAL_95
from permeant.records import Finding, PatchState, ViscosityLimit, ViscosityPoint

_DEAD_TIMES_ALIKE = 1.25
MOST_POINTS = 200
"""Of one quantity; of more every second, third, … is drawn."""


Slope = Callable[[Levelled, Array, float], tuple[Exponent, str] | None]


def compare_patch(
    states: Sequence[PatchState], sigma_viscosity_fraction: float
) -> ViscosityLimit | None:
    """Compare the solutions that one patch saw.

    Parameters
    ----------
    states : sequence of PatchState
        Its recordings, in any order.
    sigma_viscosity_fraction : float
        Standard error of a stated viscosity (and bulk conductivity) as a fraction of it.

    Returns
    -------
    ViscosityLimit or None
        Nothing where all recordings were made in one viscosity.
    """
    ordered = sorted(states, key=lambda one: one.recording)
    if len({one.viscosity_ratio for one in ordered}) < 2:
        return None
    conditions = {one.condition for one in ordered}
    blank = ViscosityLimit(
        cell=ordered[0].cell,
        condition=conditions.pop() if len(conditions) == 1 else "",
        method="one patch",
        verdict="not to be told",
        reason="",
        viscosity_low=min(one.viscosity_ratio for one in ordered),
        viscosity_high=max(one.viscosity_ratio for one in ordered),
        recordings=", ".join(one.recording for one in ordered),
    )
    return fill_limit(blank, ordered, sigma_viscosity_fraction, exponent_within)


def fill_limit(
    blank: ViscosityLimit,
    states: Sequence[PatchState],
    sigma_viscosity_fraction: float,
    slope: Slope,
) -> ViscosityLimit:
    """Add exponents and verdict to a comparison, or why it cannot be made.

    Parameters
    ----------
    blank : ViscosityLimit
        With the solutions and recordings that it is of.
    states : sequence of PatchState
        The recordings, in their order.
    sigma_viscosity_fraction : float
        As for `compare_patch`.
    slope : callable
        Gives the exponent of levelled logarithms: within one patch or between patches.
    """
    reversals = compare_reversals(states)
    blank = replace(blank, e_rev_difference_mv=reversals.difference_mv)
    if refusal := why_not_comparable(states) or reversals.refusal:
        return replace(blank, reason=refusal, current_reason=refusal, gating_reason=refusal)
    sigma = sigma_viscosity_fraction
    levelled = {name: _levelled(name, states, reversals) for name in ("i", "open", "shut")}
    tried = {name: slope(one, one.x, sigma) for name, one in levelled.items() if one}
    found = {name: one for name, one in tried.items() if one}
    exponents = {name: one for name, (one, _) in found.items()}
    if "i" in exponents:
        exponents["i"] = turned(exponents["i"])
    ratio = _conductivity(states)
    current = levelled["i"]
    if ratio is not None and current is not None:
        x = np.array([_log_conductivity(states, one) for one in current.recordings])
        followed = slope(current, x, sigma)
        exponents |= {"conductivity": followed[0]} if followed else {}
    span = blank.viscosity_high / blank.viscosity_low
    judged = judge(
        judge_current(exponents.get("i"), span, exponents.get("conductivity"), ratio),
        judge_gating(exponents.get("open"), exponents.get("shut"), span, _why_no_times(states)),
    )
    notes = [f"{name}: {note}" for name, (_, note) in found.items() if note]
    each = blank.method == "one patch"
    drawn = [_points(name, one, each=each) for name, one in levelled.items() if one]
    notes += _notes(states, levelled)
    return replace(
        with_exponents(blank, exponents),
        verdict=judged.verdict,
        reason=judged.reason,
        current=judged.current,
        current_reason=judged.current_reason,
        gating=judged.gating,
        gating_reason=judged.gating_reason,
        conductivity_ratio=ratio,
        voltages_mv=_voltages(levelled),
        n_open=sum(v.n_open for one in states for v in one.voltages),
        n_shut=sum(v.n_shut for one in states for v in one.voltages),
        note="; ".join(notes),
        points=tuple(point for some in drawn for point in some),
    )


def with_exponents(limit: ViscosityLimit, exponents: dict[str, Exponent]) -> ViscosityLimit:
    """Write exponents into the fields that bear their names."""
    values: dict[str, float] = {}
    for name, one in exponents.items():
        values |= {
            f"alpha_{name}": one.value,
            f"alpha_{name}_low": one.low,
            f"alpha_{name}_high": one.high,
        }
        if name != "conductivity":
            values[f"alpha_{name}_sigma"] = one.sigma
    own = {name: one.own_sigma for name, one in exponents.items()}
    return replace(limit, **values, own_sigma=own)  # type: ignore[arg-type]


def limit_finding(limit: ViscosityLimit) -> Finding:
    """Return the verdict as a remark: an answer, or why there is none."""
    span = limit.viscosity_high / limit.viscosity_low
    if limit.verdict == "not to be told":
        message = f"pore or gate, {span:.3g}-fold viscosity: not to be told; {limit.reason}"
        return Finding("viscosity_not_told", "warning", message)
    return Finding(
        "viscosity_limit",
        "info",
        f"pore or gate, {span:.3g}-fold viscosity: {limit.verdict}; {limit.reason}",
    )


def _levelled(name: str, states: Sequence[PatchState], reversals: Reversals) -> Levelled | None:
    return level_quantity(states, name, reversals.e_rev_mv)


def _conductivity(states: Sequence[PatchState]) -> float | None:
    """Return bulk conductivity of the thickest solution over the thinnest, where all are known."""
    known = {one.viscosity_ratio: _own_conductivity(one) for one in states}
    thin, thick = known[min(known)], known[max(known)]
    if None in known.values() or thin is None or thick is None or thin == thick:
        return None
    return thick / thin


def _own_conductivity(state: PatchState) -> float | None:
    """Both ratios are over the control, so that the control's own is 1."""
    if state.conductivity_ratio is None and state.viscosity_ratio == 1.0:
        return 1.0
    return state.conductivity_ratio


def _log_conductivity(states: Sequence[PatchState], recording: tuple[str, str]) -> float:
    (state,) = [one for one in states if (one.cell, one.recording) == recording]
    return log(_own_conductivity(state) or 1.0)


def _why_no_times(states: Sequence[PatchState]) -> str:
    """Say why times cannot be compared: the commonest reason, with where it was found first."""
    silent = [(one, v) for one in states for v in one.voltages if v.open_ms is None]
    if not silent:
        return (
            "no open and shut times at a voltage that both solutions share, with as many channels "
            "in the patch"
        )
    reasons = [v.why_no_times for _, v in silent]
    commonest = max(dict.fromkeys(reasons), key=reasons.count)
    state, v = silent[reasons.index(commonest)]
    return (
        "no open and shut times at a voltage that both solutions share; "
        f"{state.recording} at {v.v_mv:.0f} mV: {commonest or 'none were fitted'}"
    )


def _notes(states: Sequence[PatchState], levelled: dict[str, Levelled | None]) -> list[str]:
    notes = []
    dead: dict[float, list[float]] = {}
    for one in states:
        dead.setdefault(one.viscosity_ratio, []).extend(
            v.dead_time_ms for v in one.voltages if v.dead_time_ms is not None and v.open_ms
        )
    means = [sum(some) / len(some) for some in dead.values() if some]
    if len(means) > 1 and max(means) > _DEAD_TIMES_ALIKE * min(means):
        notes.append(
            f"the dead times differ ({min(means):.2g} to {max(means):.2g} ms), so that the times "
            "lean on what was put back for missed events"
        )
    left = max((one.left_out for one in levelled.values() if one), default=0)
    if left:
        notes.append(f"{left} of {len(states)} recordings lack the voltages of the others")
    return notes


def _voltages(levelled: dict[str, Levelled | None]) -> str:
    shared = sorted({round(v) for one in levelled.values() if one for v in one.v_mv})
    return ", ".join(f"{v:d}" for v in shared)


def _points(name: str, one: Levelled, *, each: bool) -> list[ViscosityPoint]:
    """Return every value over that of the thinnest solution: each voltage, or one a patch."""
    y, se = (one.y, one.se) if each else (one.mean[:, None], one.mean_se[:, None])
    voltages: tuple[float | None, ...] = one.v_mv if each else (None,)
    control = y[one.x == one.x.min()].mean(axis=0)
    points = []
    for j, ((cell, recording), x) in enumerate(zip(one.recordings, one.x.tolist(), strict=True)):
        for k, v_mv in enumerate(voltages):
            value, half = float(y[j, k] - control[k]), NORMAL_95 * float(se[j, k])
            points.append(
                ViscosityPoint(
                    name,  # type: ignore[arg-type]
                    recording if each else cell,
                    v_mv,
                    round(exp(x), 6),
                    exp(value),
                    exp(value - half),
                    exp(value + half),
                )
            )
    return points[:: -(-len(points) // MOST_POINTS)]

"""Pore or gate over many patches: with the scatter between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import log

import numpy as np

from permeant.infer.limits.exponents import (
    FEWEST_PATCHES,
    Array,
    Exponent,
    Levelled,
    combine,
    exponent_between,
    one_row_a_patch,
)
from permeant.infer.limits.verdict import judge, judge_current, judge_gating
from permeant.infer.limits.viscosity import fill_limit, with_exponents
from permeant.infer.pooling import pool_values
from permeant.records import PatchState, ViscosityLimit, ViscosityPoint

_QUANTITIES = ("i", "open", "shut", "conductivity")
MOST_LEFT_OUT = 0.25
"""Of patches: those that lack times are the slow ones, so that the others are a selection."""


def compare_patches(
    states: Iterable[PatchState],
    single: Iterable[ViscosityLimit],
    sigma_viscosity_fraction: float,
) -> list[ViscosityLimit]:
    """Compare solutions over many patches: those that saw several, and those that saw one.

    Parameters
    ----------
    states : iterable of PatchState
        Of all cells in any order.
    single : iterable of ViscosityLimit
        What `compare_patch` found of each cell.
    sigma_viscosity_fraction : float
        Standard error of a stated viscosity as a fraction of it; all patches share it, so that
        it does not fall with their number.

    Returns
    -------
    list of ViscosityLimit
        One for each condition, method and range of viscosities, in their order.
    """
    paired: dict[tuple[str, float, float], list[ViscosityLimit]] = {}
    for one in sorted(single, key=lambda one: one.cell):
        key = (one.condition, one.viscosity_low, one.viscosity_high)
        paired.setdefault(key, []).append(one)
    found = [
        _pool_pairs(some, sigma_viscosity_fraction)
        for _, some in sorted(paired.items())
        if len(some) > 1
    ]
    seen: dict[str, list[PatchState]] = {}
    for state in sorted(states, key=lambda one: (one.cell, one.recording)):
        seen.setdefault(state.cell, []).append(state)
    groups: dict[str, list[PatchState]] = {}
    for some in seen.values():
        if len({one.viscosity_ratio for one in some}) == 1:
            groups.setdefault(some[0].condition, []).extend(some)
    return found + [
        _compare_group(condition, some, sigma_viscosity_fraction)
        for condition, some in sorted(groups.items())
        if not paired or len({one.viscosity_ratio for one in some}) > 1
    ]


def _pool_pairs(single: Sequence[ViscosityLimit], sigma: float) -> ViscosityLimit:
    """Return the mean exponents over patches that saw the same solutions."""
    first = single[0]
    span = first.viscosity_high / first.viscosity_low
    exponents: dict[str, Exponent] = {}
    lacking = {}
    for name in _QUANTITIES:
        known = [one for one in single if getattr(one, f"alpha_{name}") is not None]
        lacking[name] = len(single) - len(known)
        if len(known) < 2 or lacking[name] > MOST_LEFT_OUT * len(single):
            continue
        pooled = pool_values(
            [getattr(one, f"alpha_{name}") for one in known],
            [one.own_sigma.get(name) for one in known],
        )
        ratio = first.conductivity_ratio if name == "conductivity" else None
        reach = abs(log(ratio)) if ratio else log(span)
        half = pooled.half_width or 0.0
        exponents[name] = combine(pooled.mean, half, half / 1.96, sigma / reach)
    ratios = [one.conductivity_ratio for one in single if one.conductivity_ratio is not None]
    ratio = sum(ratios) / len(ratios) if len(ratios) == len(single) else None
    why = (
        f"{lacking['open']} of {len(single)} patches lack open and shut times in all solutions; "
        "the others would be a selection"
    )
    judged = judge(
        judge_current(exponents.get("i"), span, exponents.get("conductivity"), ratio),
        judge_gating(exponents.get("open"), exponents.get("shut"), span, why),
    )
    left_out = max(lacking[name] for name in ("i", "open", "shut"))
    blank = replace(
        first,
        cell="",
        method="patches paired",
        n_cells=len(single),
        recordings=", ".join(one.cell for one in single),
        e_rev_difference_mv=None,
        voltages_mv="",
        n_open=sum(one.n_open for one in single),
        n_shut=sum(one.n_shut for one in single),
        note=f"{left_out} of {len(single)} patches lack an exponent" if left_out else "",
        points=tuple(point for one in single for point in _mean_points(one)),
        conductivity_ratio=ratio,
        verdict=judged.verdict,
        reason=judged.reason,
        current=judged.current,
        current_reason=judged.current_reason,
        gating=judged.gating,
        gating_reason=judged.gating_reason,
    )
    return with_exponents(_without_exponents(blank), exponents)


def _without_exponents(limit: ViscosityLimit) -> ViscosityLimit:
    ends = ("", "_low", "_high", "_sigma")
    names = [f"alpha_{name}{end}" for name in _QUANTITIES for end in ends]
    names.remove("alpha_conductivity_sigma")
    return replace(limit, own_sigma={}, **dict.fromkeys(names))  # type: ignore[arg-type]


def _mean_points(limit: ViscosityLimit) -> list[ViscosityPoint]:
    """Return the fitted change of one patch at its thickest solution, a point a quantity."""
    points = []
    span = limit.viscosity_high / limit.viscosity_low
    for name, sign in (("i", -1.0), ("open", 1.0), ("shut", 1.0)):
        alpha = getattr(limit, f"alpha_{name}")
        if alpha is None:
            continue
        ends = sorted(
            span ** (sign * getattr(limit, f"alpha_{name}_{end}")) for end in ("low", "high")
        )
        points.append(
            ViscosityPoint(
                name,  # type: ignore[arg-type]
                limit.cell,
                None,
                limit.viscosity_high,
                span ** (sign * alpha),
                *ends,
            )
        )
    return points


def _compare_group(condition: str, states: list[PatchState], sigma: float) -> ViscosityLimit:
    """Compare patches that saw one solution each."""
    levels = sorted({one.viscosity_ratio for one in states})
    cells = {level: {s.cell for s in states if s.viscosity_ratio == level} for level in levels}
    every = sorted({one.cell for one in states})
    blank = ViscosityLimit(
        cell="",
        condition=condition,
        method="groups of patches",
        verdict="not to be told",
        reason="",
        viscosity_low=levels[0],
        viscosity_high=levels[-1],
        n_cells=len(every),
        recordings=", ".join(every),
    )
    refusal = ""
    if len(levels) < 2:
        named = f" of condition {condition}" if condition else ""
        refusal = (
            f"every patch{named} was measured at viscosity_ratio = {levels[0]:g}: nothing to "
            "compare with; give patches that belong together the same condition"
        )
    elif min(len(some) for some in cells.values()) < FEWEST_PATCHES:
        counts = ", ".join(f"{len(some)} at {level:g}" for level, some in cells.items())
        refusal = (
            f"patches in each solution: {counts}; at least {FEWEST_PATCHES} are needed, since "
            "their scatter is the error"
        )
    if refusal:
        return replace(blank, reason=refusal, current_reason=refusal, gating_reason=refusal)
    return fill_limit(blank, states, sigma, _slope_between)


def _slope_between(one: Levelled, x: Array, sigma_x: float) -> tuple[Exponent, str] | None:
    """Return the slope over patches, whatever the number of files of each."""
    patches = one_row_a_patch(replace(one, x=x))
    counts = np.unique(patches.x, return_counts=True)[1]
    many = one.left_out + len(one.recordings)
    if counts.min() < FEWEST_PATCHES or one.left_out > MOST_LEFT_OUT * many:
        return None
    return exponent_between(patches, patches.x, sigma_x), ""

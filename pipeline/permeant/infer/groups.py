"""What the cells of one condition have in common: mean, scatter, and errors they share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from permeant.cohort import CellRatio, CellValue, GroupValue, Member
from permeant.infer.pooling import NORMAL_95, Pooled, pool_values

ALL = "all"
"""What the one group of a project without conditions is called."""

_SAME_TEMPERATURE_C = 1.0
_OUTSTANDING = 5.0
_NAMED = 3
_FEWEST_TO_STAND_OUT = 3


def group_values(values: Iterable[CellValue], *, sigma_ljp_mv: float) -> list[GroupValue]:
    """Summarise the values of cells, one group a condition, pair of solutions and measure.

    Parameters
    ----------
    values : iterable of CellValue
        Of any cells in any order.
    sigma_ljp_mv : float
        Standard error of the junction potential in mV, which all cells share.

    Returns
    -------
    list of GroupValue
        In the order of their names.  A single cell gives its value and no interval, and the
        reason says so.

    Notes
    -----
    The interval over cells is that of `pool_values`.  The shared error does not fall with the
    number of cells; the total interval is ``mean +- sqrt(h^2 + (1.96 sigma_shared)^2)`` with
    ``h`` half the width of the interval over cells.  Which error conductances share is not
    known, so they have no total.
    """
    sets: dict[tuple[str, str, str, str, str], list[CellValue]] = {}
    for one in values:
        key = (one.condition, one.bath, one.pipette, one.measure, one.quantity)
        sets.setdefault(key, []).append(one)
    groups = (_group(sets[key], sigma_ljp_mv) for key in sorted(sets))
    return _named(groups)


def group_ratios(ratios: Iterable[CellRatio]) -> list[GroupValue]:
    """Summarise the permeability ratios of cells, one group a condition and ion, in ln P.

    Parameters
    ----------
    ratios : iterable of CellRatio
        Of any cells in any order.

    Returns
    -------
    list of GroupValue
        The geometric mean and its intervals; nothing but a reason where the ratios stand over
        different reference ions or rest on different conventions of activity.

    Notes
    -----
    Everything is done in the logarithm.  The error that the cells share is the mean of what
    each carries of it, since all are off by the same.  Where the parts of a cell's error are
    not told apart, its whole error stands for the shared one, which is at least as large.
    """
    sets: dict[tuple[str, str, str], list[CellRatio]] = {}
    for one in ratios:
        sets.setdefault((one.condition, one.measure, one.ion), []).append(one)
    return _named(_group_ratio(sets[key]) for key in sorted(sets))


def _named(groups: Iterable[GroupValue]) -> list[GroupValue]:
    """Call the one group of a project without conditions by a name."""
    found = list(groups)
    if any(group.condition for group in found):
        return found
    return [replace(group, condition=ALL) for group in found]


def _group(values: list[CellValue], sigma_ljp_mv: float) -> GroupValue:
    values = sorted(values, key=lambda one: one.cell)
    known = [one for one in values if one.value is not None]
    first, n = values[0], len(known)
    blank = GroupValue(
        first.condition, first.bath, first.pipette, first.measure, first.quantity, n,
        unit=first.unit, n_left_out=len(values) - n,
    )  # fmt: skip
    if not known:
        return replace(blank, reason=f"none of {_count(len(values))} gave a value")
    pooled = pool_values(
        [one.value for one in known if one.value is not None], [one.se for one in known]
    )
    uncorrected = sum(one.uncorrected for one in known)
    shared = sigma_ljp_mv if first.quantity == "e_rev_mv" and not uncorrected else None
    notes = [
        _left_out(len(values) - n),
        _unequal("configurations", {one.configurations for one in known}),
        _errors_note([(one.cell, one.se) for one in known]),
    ]
    if uncorrected and first.unit == "mV":
        notes.append(
            f"not corrected for the junction potential in {_count(uncorrected)}, so the error "
            "that all share is not known"
        )
    group = _filled(blank, pooled, shared, notes, known)
    members = tuple(Member(o.cell, o.value, o.low, o.high) for o in known if o.value is not None)
    return replace(group, members=members)


def _group_ratio(ratios: list[CellRatio]) -> GroupValue:
    ratios = sorted(ratios, key=lambda one: one.cell)
    known = [one for one in ratios if one.status == "ok" and one.ratio and one.ratio > 0]
    first, n = ratios[0], len(known)
    references = sorted({one.reference_ion for one in ratios})
    conventions = sorted({one.activities for one in ratios})
    blank = GroupValue(
        first.condition, _one_of(known or ratios, "bath"), _one_of(known or ratios, "pipette"),
        first.measure, f"P_{first.ion}/P_{'|'.join(references)}", n,
        n_left_out=len(ratios) - n, activities=", ".join(conventions), ion=first.ion,
        reference_ion=", ".join(references),
    )  # fmt: skip
    if len(references) > 1 or len(conventions) > 1:
        mixed = "reference ions" if len(references) > 1 else "conventions of activity"
        names = ", ".join(references if len(references) > 1 else conventions)
        return replace(blank, reason=f"not averaged: the cells have different {mixed} ({names})")
    if not known:
        return replace(blank, reason=f"none of {_count(len(ratios))} gave a ratio")
    logs = [math.log(one.ratio) for one in known if one.ratio]
    pooled = pool_values(logs, [one.ln_sd_own for one in known])
    shared, told = _shared_in_ratios(known)
    bounds = sum(one.status == "bound" for one in ratios)
    notes = [
        _left_out(len(ratios) - n, bounds),
        _unequal("baths", {one.bath for one in known}),
        _unequal("pipette solutions", {one.pipette for one in known}),
        _errors_note([(one.cell, one.ln_sd_own) for one in known]),
        told,
    ]
    group = _filled(blank, pooled, shared, notes, known)
    return replace(
        group,
        mean=_exp(group.mean),
        low=_exp(group.low),
        high=_exp(group.high),
        low_total=_exp(group.low_total),
        high_total=_exp(group.high_total),
        members=tuple(_ratio_member(one) for one in known),
    )


def _filled(
    blank: GroupValue,
    pooled: Pooled,
    shared: float | None,
    notes: Sequence[str],
    behind: Sequence[CellValue] | Sequence[CellRatio],
) -> GroupValue:
    """Put the numbers of a pooled group into its record, with what should be said of them."""
    lows = [one.temperature_low_c for one in behind if one.temperature_low_c is not None]
    highs = [one.temperature_high_c for one in behind if one.temperature_high_c is not None]
    low_c, high_c = min(lows, default=None), max(highs, default=None)
    half_width = pooled.half_width
    total = (
        math.hypot(half_width, NORMAL_95 * shared)
        if half_width is not None and shared is not None
        else None
    )
    said = [*notes, _temperature_note(low_c, high_c, len(behind) - len(lows))]
    return replace(
        blank,
        mean=pooled.mean,
        sd_between=pooled.sd,
        low=pooled.low,
        high=pooled.high,
        sigma_shared=shared,
        low_total=None if total is None else pooled.mean - total,
        high_total=None if total is None else pooled.mean + total,
        reason="" if pooled.n > 1 else "one cell: no scatter between cells, so no interval",
        sd_beyond_error=pooled.sd_beyond_error,
        temperature_low_c=low_c,
        temperature_high_c=high_c,
        note="; ".join(filter(None, said)),
    )


def _shared_in_ratios(ratios: Sequence[CellRatio]) -> tuple[float | None, str]:
    """Return the error of ln ratio that the cells share, and what to say of it."""
    parts = [one.ln_sd_shared for one in ratios]
    known = [part for part in parts if part is not None]
    if len(known) == len(parts):
        return math.fsum(known) / len(known), ""
    whole = [one.ln_sd for one in ratios if one.ln_sd is not None]
    if len(whole) < len(parts):
        return None, "the errors of some cells are not known, so there is no total"
    return (
        math.fsum(whole) / len(whole),
        "sigma_shared is an upper limit: the whole error of a cell, whose own part is not known "
        "apart",
    )


def _ratio_member(one: CellRatio) -> Member:
    ratio = one.ratio or math.nan
    if one.ln_sd is None:
        return Member(one.cell, ratio)
    factor = math.exp(NORMAL_95 * one.ln_sd)
    return Member(one.cell, ratio, ratio / factor, ratio * factor)


def _one_of(ratios: Iterable[CellRatio], name: str) -> str:
    """Return what all have in common, or the word for several."""
    names = {getattr(one, name) for one in ratios}
    return names.pop() if len(names) == 1 else "several"


def _count(many: int) -> str:
    return f"{many} cell{'' if many == 1 else 's'}"


def _left_out(many: int, bounds: int = 0) -> str:
    if not many:
        return ""
    only = f", {bounds} of them with only a limit" if bounds else ""
    return f"{_count(many)} without a value left out{only}"


def _unequal(what: str, names: set[str]) -> str:
    if len(names) < 2:
        return ""
    shown = " | ".join(name or "not given" for name in sorted(names)[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"different {what}: {shown}{more}"


def _temperature_note(low_c: float | None, high_c: float | None, unknown: int) -> str:
    if low_c is None or high_c is None:
        return ""
    told = []
    if high_c - low_c > _SAME_TEMPERATURE_C:
        told.append(f"different temperatures: {low_c:g} to {high_c:g} °C")
    if unknown:
        told.append(f"temperature not given for {_count(unknown)}")
    return "; ".join(told)


def _errors_note(errors: Sequence[tuple[str, float | None]]) -> str:
    """Name the cells whose own errors stand out: the plain mean weighs them like the others."""
    known = sorted((error, cell) for cell, error in errors if error is not None)
    if len(known) < _FEWEST_TO_STAND_OUT:
        return ""
    usual = known[(len(known) - 1) // 2][0]
    out = sorted(cell for error, cell in known if usual > 0 and error > _OUTSTANDING * usual)
    if not out:
        return ""
    shown = ", ".join(out[:_NAMED]) + (
        f" and {len(out) - _NAMED} more" if len(out) > _NAMED else ""
    )
    return f"error more than {_OUTSTANDING:g} times the usual one: {shown}"


def _exp(value: float | None) -> float | None:
    return None if value is None else math.exp(value)

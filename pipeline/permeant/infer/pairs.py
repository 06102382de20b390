"""What changes within a cell from one condition to another."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from permeant.cohort import CellValue, PairedDifference
from permeant.infer.pooling import Pooled, pool_values

State = tuple[str, str]
"""Condition and bath."""

_Pair = tuple[CellValue, CellValue]


def paired_differences(values: Iterable[CellValue]) -> list[PairedDifference]:
    """Compare every two conditions (or baths) that at least two cells have seen.

    Parameters
    ----------
    values : iterable of CellValue
        Of any cells in any order; only those with a value count.

    Returns
    -------
    list of PairedDifference
        The difference of a voltage in mV, the change of a conductance in %, always the later
        condition minus the earlier one: by the clock of the files where it is the same way
        round in most of the cells, else by name.

    Notes
    -----
    The cell is its own control: what is peculiar to it cancels, and the interval is Student's
    over the differences of the cells (see `pool_values`).  Conductances are compared as
    ``d = ln(g_b / g_a)``, and the change is ``100 (exp(mean d) - 1)`` %.  An error of the
    junction potential cancels where bath and pipette solution stay the same; between different
    baths it cancels only in part, and the interval holds nothing of the rest.
    """
    pairs: dict[tuple[str, str, str, State, State], list[_Pair]] = {}
    for kept in _by_kind(values):
        for a, b in combinations(sorted(kept, key=_state), 2):
            key = (a.pipette, a.measure, a.quantity, _state(a), _state(b))
            pairs.setdefault(key, []).append((a, b))
    shared = [pairs[key] for key in sorted(pairs) if len(pairs[key]) > 1]
    return sorted((_difference(some) for some in shared), key=_order)


def _by_kind(values: Iterable[CellValue]) -> Iterator[list[CellValue]]:
    """Yield what can be compared: one cell, one pipette solution, one measure and quantity."""
    kinds: dict[tuple[str, str, str, str], list[CellValue]] = {}
    for one in values:
        if one.value is not None:
            key = (one.cell, one.pipette, one.measure, one.quantity)
            kinds.setdefault(key, []).append(one)
    yield from kinds.values()


def _state(one: CellValue) -> State:
    return one.condition, one.bath


def _order(one: PairedDifference) -> tuple[str, ...]:
    return (
        one.pipette, one.measure, one.quantity,
        one.condition_a, one.bath_a, one.condition_b, one.bath_b,
    )  # fmt: skip


def _in_time(pairs: Sequence[_Pair]) -> list[_Pair]:
    """Turn all pairs round where the second was recorded first in most of the cells."""
    dated = [(a, b) for a, b in pairs if a.acquired and b.acquired]
    forward = sum(a.acquired < b.acquired for a, b in dated)
    backward = sum(a.acquired > b.acquired for a, b in dated)
    return [(b, a) for a, b in pairs] if backward > forward else list(pairs)


def _difference(pairs: list[_Pair]) -> PairedDifference:
    pairs = _in_time(sorted(pairs, key=lambda pair: pair[0].cell))
    a, b = pairs[0]
    relative = a.unit != "mV"
    blank = PairedDifference(
        a.condition, a.bath, b.condition, b.bath, a.pipette, a.measure, a.quantity, 0,
        unit="%" if relative else a.unit,
    )  # fmt: skip
    usable = [
        pair for pair in pairs if not relative or all(one.value and one.value > 0 for one in pair)
    ]
    notes = [_temperature_note(usable)]
    if len(usable) < len(pairs):
        notes.append(
            f"{len(pairs) - len(usable)} left out: no change in % of a negative conductance"
        )
    if not usable:
        return replace(
            blank, reason="no cell with a positive conductance", note="; ".join(notes[1:])
        )
    pooled = pool_values(*zip(*(_change(*pair, relative=relative) for pair in usable), strict=True))
    same = a.bath == b.bath
    if not relative:
        notes.append(
            "an error of the junction potential cancels"
            if same
            else "an error of the junction potential cancels only in part between two baths"
        )
    filled = _relative(blank, pooled) if relative else _absolute(blank, pooled)
    return replace(
        filled,
        n_cells=pooled.n,
        sigma_shared=0.0 if same and not relative else None,
        reason="" if pooled.n > 1 else "one cell: no scatter between cells, so no interval",
        note="; ".join(filter(None, notes)),
        cells=", ".join(one.cell for one, _ in usable),
    )


def _change(a: CellValue, b: CellValue, *, relative: bool) -> tuple[float, float | None]:
    """Return the change from a to b and its standard error; of the logarithm if relative."""
    assert a.value is not None
    assert b.value is not None
    if relative:
        errors = [None if one.se is None or not one.value else one.se / one.value for one in (a, b)]
        change = math.log(b.value / a.value)
    else:
        errors = [a.se, b.se]
        change = b.value - a.value
    known = [error for error in errors if error is not None]
    return change, math.hypot(*known) if len(known) == 2 else None


def _absolute(blank: PairedDifference, pooled: Pooled) -> PairedDifference:
    return replace(
        blank,
        mean=pooled.mean,
        sd=pooled.sd,
        low=pooled.low,
        high=pooled.high,
        sd_beyond_error=pooled.sd_beyond_error,
    )


def _relative(blank: PairedDifference, pooled: Pooled) -> PairedDifference:
    def percent(log: float | None) -> float | None:
        return None if log is None else 100.0 * math.expm1(log)

    def hundredfold(log: float | None) -> float | None:
        return None if log is None else 100.0 * log

    return replace(
        blank,
        mean=percent(pooled.mean),
        sd=hundredfold(pooled.sd),
        low=percent(pooled.low),
        high=percent(pooled.high),
        sd_beyond_error=hundredfold(pooled.sd_beyond_error),
    )


def _temperature_note(pairs: Sequence[_Pair]) -> str:
    """Say when cells changed their temperature along with the condition."""
    warmer = [
        abs(b.temperature_high_c - a.temperature_high_c)
        for a, b in pairs
        if a.temperature_high_c is not None and b.temperature_high_c is not None
    ]
    moved = sum(change > 1.0 for change in warmer)
    return f"temperature changed as well in {moved} of {len(pairs)} cells" if moved else ""

"""Whether the cell was there to the end: the seal that is lost, the leak that is large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from permeant.measure.leak import Leak
from permeant.measure.membrane_test import SweepCircuit
from permeant.measure.noise import Floats
from permeant.records import Finding

_JUMP_SD = 5.0
_LASTING = 0.5
_SHARE = 0.5
_CONDUCTANCE_NS = 0.5
_HOLDING_PA = 30.0
_FEWEST = 2
_REMEMBERED = 6
_SURE = 3.0
_CHANGE = 0.3
_LARGE_LEAK = {
    False: "a current that is not the channel's is part of every point, so g is too large by as "
    "much and E_rev lies between the channel's and the leak's",
    True: "it is taken off every point, and what is left is the difference of large currents, "
    "which leans on the leak being straight",
}
_CHANGING_LEAK = {
    False: "which bends the curve and shifts E_rev; subtract each sweep's own",
    True: "so each point is relieved of its own sweep's",
}


@dataclass(frozen=True)
class Kept:
    """How many sweeps from the start are good, of how many; the finding says why not all."""

    n_good: int
    n_sweeps: int
    finding: Finding | None = None


def find_jump(values: Sequence[float | None], share: float, smallest: float) -> int | None:
    """Return the first value (from 0) of a jump to a larger size, for good.

    Each value is compared with the median of the up to six before it, and with that median
    moved on by their typical change, so that a steady drift is expected to go on.

    Parameters
    ----------
    values : sequence of float or None
        One a sweep, ``None`` where unknown.
    share, smallest : float
        Jumps below this share of what was before, or below this size, do not matter.

    Returns
    -------
    int or None
        Where the jump is, ``None`` without one.  It has to exceed 5 robust SD of the changes
        before it and twice their largest, and at least half of it has to be left in the
        median of what follows.
    """
    known = [(k, value) for k, value in enumerate(values) if value is not None]
    x = [float(value) for _, value in known]
    changes = [b - a for a, b in pairwise(x)]
    for n in range(_FEWEST, len(x)):
        past = x[max(0, n - _REMEMBERED) : n]
        usual = _median(past)
        drift = _median(changes[max(0, n - 1 - _REMEMBERED) : n - 1])
        expected = usual, usual + drift * (len(past) + 1) / 2
        least = max(share * abs(usual), smallest)
        # nearly all sweeps go on as before, and need no more than this
        if abs(x[n]) <= max(map(abs, expected)) or min(abs(x[n] - e) for e in expected) <= least:
            continue
        if _lasts(np.array(x), n, np.array(expected), drift, least):
            return known[n][0]
    return None


def _lasts(x: Floats, n: int, expected: Floats, drift: float, least: float) -> bool:
    """Whether value ``n`` leaves what was expected by more than chance, and for good."""
    changes = np.diff(x[:n])
    scatter = 1.4826 * float(np.median(np.abs(changes - drift)))
    limit = max(_JUMP_SD * scatter, 2.0 * float(np.abs(changes).max()), least)
    jumps, lasting = x[n] - expected, float(np.median(x[n:])) - expected
    stays = np.all(lasting * jumps > 0) and np.all(np.abs(lasting) > _LASTING * np.abs(jumps))
    return bool(stays and np.abs(jumps).min() > limit)


def _median(values: Sequence[float]) -> float:
    """Return the median of a handful of numbers, for which numpy's takes twenty times as long."""
    order, half = sorted(values), len(values) // 2
    return order[half] if len(values) % 2 else 0.5 * (order[half - 1] + order[half])


def sweeps_before_loss(
    holding_pa: Sequence[float] = (),
    conductance_ns: Sequence[float | None] = (),
) -> Kept:
    """Say after how many sweeps a cell was lost, if it was.

    Parameters
    ----------
    holding_pa : sequence of float
        Current at the holding level, one a sweep; empty where unknown.
    conductance_ns : sequence of float or None
        Input or leak conductance, one a sweep: ``1000 / r_input_mohm`` of the membrane
        test, or ``g_ns`` of the leak ramp; empty or ``None`` where unknown.

    Returns
    -------
    Kept
        The sweeps before the first lasting jump to a larger size, by half of what it was
        or more: of the conductance (0.5 nS at least) or of the holding current (30 pA at
        least).  A slow drift is no loss; it has findings of its own.
    """
    n_sweeps = max(len(holding_pa), len(conductance_ns))
    series = (
        ("the conductance at rest", "nS", conductance_ns, _CONDUCTANCE_NS),
        ("the holding current", "pA", holding_pa, _HOLDING_PA),
    )
    jumps = [
        (find_jump(values, _SHARE, least), name, unit, values)
        for name, unit, values, least in series
    ]
    lost = min((at for at, *_ in jumps if at is not None), default=None)
    if lost is None:
        return Kept(n_sweeps, n_sweeps)
    seen = " and ".join(
        f"{name} jumps from {_usual(values[:lost]):.3g} to {values[lost]:.3g} {unit}"
        for at, name, unit, values in jumps
        if at == lost
    )
    which = f"sweeps {lost + 1} to {n_sweeps} hold" if lost + 1 < n_sweeps else "it holds"
    return Kept(
        lost,
        n_sweeps,
        Finding(
            "seal_lost",
            "warning",
            f"the cell or its seal is lost in sweep {lost + 1} of {n_sweeps}: {seen} and does not "
            f"come back; {which} a leak beside the cell, which adds to g and pulls E_rev "
            "towards 0 mV",
            float(lost + 1),
            unit="sweep",
        ),
    )


def _usual(values: Sequence[float | None]) -> float:
    return float(np.median([value for value in values if value is not None][-_REMEMBERED:]))


def check_r_s_change(circuits: Sequence[SweepCircuit], limit_fraction: float) -> Finding | None:
    """Say when the series resistance moves away from that of the first sweep that tells it.

    Parameters
    ----------
    circuits : sequence of SweepCircuit
        The membrane tests of the sweeps.
    limit_fraction : float
        Change beyond which there is a finding, as a fraction of the first value; it also
        has to exceed 3 standard errors.
    """
    told = [
        (one.sweep, one.r_s_mohm, one.r_s_se_mohm or 0.0)
        for one in circuits
        if one.r_s_mohm is not None
    ]
    if len(told) < 2:
        return None
    first, r_first, se_first = told[0]
    worst, r_worst, se_worst = max(told, key=lambda one: abs(one[1] - r_first))
    change = r_worst / r_first - 1.0
    if abs(change) <= limit_fraction or abs(r_worst - r_first) <= _SURE * np.hypot(
        se_first, se_worst
    ):
        return None
    return Finding(
        "series_resistance_change",
        "warning",
        f"the series resistance changes from {r_first:.3g} MΩ in sweep {first} to {r_worst:.3g} "
        f"MΩ in sweep {worst} ({100 * change:+.0f} %, limit {100 * limit_fraction:.0f} %): the "
        "sweeps do not share one voltage error, so one value for all of them bends the curve and "
        "makes g wrong by as much as the error changes",
        100.0 * change,
        100.0 * limit_fraction,
        "%",
    )


def check_leak(
    leaks: Sequence[Leak], limit_ns: float, *, subtracted: bool = False
) -> Finding | None:
    """Say when the leak is above the laboratory's limit, and what that means."""
    if not leaks:
        return None
    typical_ns = float(np.median([leak.g_ns for leak in leaks]))
    if typical_ns <= limit_ns:
        return None
    at_mv = [leak.e_rev_mv for leak in leaks if leak.e_rev_mv is not None]
    where = f", reversing at {float(np.median(at_mv)):+.1f} mV," if at_mv else ""
    return Finding(
        "leak",
        "warning",
        f"the leak conductance of {typical_ns:.3g} nS{where} is above the limit of "
        f"{limit_ns:g} nS: {_LARGE_LEAK[subtracted]}",
        typical_ns,
        limit_ns,
        "nS",
    )


def check_leak_change(leaks: Sequence[Leak], *, subtracted: bool = False) -> Finding | None:
    """Say when the leak differs between sweeps by more than its errors and 30 %."""
    if len(leaks) < 2:
        return None
    least, most = (pick(leaks, key=lambda leak: leak.g_ns) for pick in (min, max))
    change_ns = most.g_ns - least.g_ns
    error_ns = (least.var_g + most.var_g) ** 0.5
    if change_ns <= max(_SURE * error_ns, _CHANGE * abs(least.g_ns)):
        return None
    grows = most.sweep > least.sweep
    return Finding(
        "leak_change",
        "warning",
        f"the leak {'grows' if grows else 'falls'} from "
        f"{(least if grows else most).g_ns:.3g} nS in sweep {min(least.sweep, most.sweep)} to "
        f"{(most if grows else least).g_ns:.3g} nS in sweep {max(least.sweep, most.sweep)}: the "
        f"sweeps of one curve do not share one leak, {_CHANGING_LEAK[subtracted]}",
        100.0 * change_ns / abs(least.g_ns),
        100.0 * _CHANGE,
        "%",
    )

"""Whether a current is zero over a range because its channels are closed there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import special

from permeant.infer.points import Points
from permeant.infer.polynomial import solve_polynomial, student_quantile

_CHANCE = 0.01
_FEWEST_LEVELS = 3
_CLEAR = 2.6
_BEYOND = 3
_STEEPER = 4.0
"""The rise beyond is at least this much steeper than the slope of the silent range can be."""


def find_closed_range(data: Points) -> tuple[float, float] | None:
    """Return the voltages between which no current flows although it does beyond.

    Looked for at the negative end, with the current rising above it, and at the positive end,
    with the current inward below it.

    Returns
    -------
    tuple of float or None
        First and last voltage in mV of at least three at which neither the current nor its
        slope differs from zero; None where there is no such range.
    """
    low = _silent_start(data)
    if low is not None:
        return low
    turned = replace(
        data, v_mv=-data.v_mv[::-1], i_pa=-data.i_pa[::-1], stated_pa=data.stated_pa[::-1]
    )
    high = _silent_start(turned)
    return None if high is None else (-high[1], -high[0])


def _silent_start(data: Points) -> tuple[float, float] | None:
    """Return the range from the first point on, by the stated errors.

    The scatter around a smooth curve will not do: few polynomials can follow a current that
    is zero up to some voltage and rises from there.
    """
    squares = (data.i_pa / data.stated_pa) ** 2
    numbers = np.arange(1, data.v_mv.size + 1)
    zero = special.chdtrc(numbers, np.cumsum(squares)) > _CHANCE
    zero &= np.maximum.accumulate(squares) < _CLEAR**2
    for n_silent in numbers[zero][::-1]:
        run = data.between(0, int(n_silent))
        beyond = data.between(int(n_silent) - 1, int(n_silent) + _BEYOND)
        if run.n_levels >= _FEWEST_LEVELS and beyond.n_levels > 1 and _bends(run, beyond):
            return float(run.v_mv[0]), float(run.v_mv[-1])
    return None


def _bends(run: Points, beyond: Points) -> bool:
    (flat_ns, flat_half_ns), (rise_ns, rise_half_ns) = _slope(run), _slope(beyond)
    return (
        abs(flat_ns) < flat_half_ns
        and rise_ns > rise_half_ns
        and rise_ns > _STEEPER * (abs(flat_ns) + flat_half_ns)
    )


def _slope(data: Points) -> tuple[float, float]:
    """Return the slope of the line through points in nS, and half its 95 % interval."""
    line = solve_polynomial(data.v_mv, data.i_pa, data.stated_pa, 1)
    slope_ns, se_ns = line.slope_ns(line.centre_mv)
    return slope_ns, student_quantile(line.dof) * se_ns

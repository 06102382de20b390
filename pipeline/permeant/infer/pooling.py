"""The mean of some values, its interval, and how much they scatter beyond their errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

NORMAL_95 = 1.959964
_MOST_STEPS = 100
_LEAST_ERROR = 1e-9


@dataclass(frozen=True)
class Pooled:
    """The mean of ``n`` values, in their own unit.

    ``sd`` is the plain standard deviation between the values, ``sd_beyond_error`` what is left
    of it when their errors are taken out; both are ``None`` where they cannot be known.
    """

    n: int
    mean: float
    se: float | None = None
    half_width: float | None = None
    sd: float | None = None
    sd_beyond_error: float | None = None

    @property
    def low(self) -> float | None:
        """Lower end of the 95 % interval of the mean."""
        return None if self.half_width is None else self.mean - self.half_width

    @property
    def high(self) -> float | None:
        """Upper end of the 95 % interval of the mean."""
        return None if self.half_width is None else self.mean + self.half_width


def pool_values(values: Sequence[float], errors: Sequence[float | None]) -> Pooled:
    """Return the mean of values with its 95 % interval over them.

    Parameters
    ----------
    values : sequence of float
        One value a cell (or a recording), in any unit, in a fixed order.
    errors : sequence of float or None
        Standard error of each, of its own alone; ``None``: not known.

    Returns
    -------
    Pooled
        From a single value no standard deviation and no interval.

    Raises
    ------
    ValueError
        If there is no value.

    Notes
    -----
    The mean is the plain one and its interval Student's, ``mean +- t(n - 1) s / sqrt(n)``.
    It needs no weights, so it holds whatever the errors are: exactly for equal errors, on the
    safe side for unequal ones (Bakirov & Szekely 2006, doi:10.1007/s10958-006-0366-5).  The
    mean weighed by the errors is narrower where these differ, but its interval (Hartung & Knapp
    2001, doi:10.1002/sim.1009) held the truth in only 89 of 100 groups of five to ten cells
    whose errors were spread by a factor of 2.5.

    The scatter beyond the errors is the tau of Paule & Mandel (1982, doi:10.6028/jres.087.022),
    where ``sum (y - mean)^2 / (se^2 + tau^2) = n - 1`` with the mean weighed the same way.
    """
    n = len(values)
    if not n:
        raise ValueError("no values to take the mean of")
    mean = math.fsum(values) / n
    if n == 1:
        return Pooled(1, mean, se=errors[0])
    sd = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    half_width = student_95(n - 1) * sd / math.sqrt(n)
    known = [error for error in errors if error is not None]
    if len(known) < n:
        return Pooled(n, mean, half_width=half_width, sd=sd)
    tau = scatter_beyond_errors(values, known)
    se = math.sqrt(math.fsum(error**2 + tau**2 for error in known)) / n
    return Pooled(n, mean, se, half_width, sd, tau)


def scatter_beyond_errors(values: Sequence[float], errors: Sequence[float]) -> float:
    """Return the standard deviation between values that their errors do not explain.

    Parameters
    ----------
    values, errors : sequence of float
        At least two values and their standard errors, in the same unit.

    Returns
    -------
    float
        Tau of Paule & Mandel (see `pool_values`); 0 where the errors explain all scatter.
    """
    size = max(*errors, *(abs(value) for value in values)) or 1.0
    least = _LEAST_ERROR * size
    variances = [max(error, least) ** 2 for error in errors]
    tau_squared = 0.0
    # the sum falls with tau and is convex: Newton's steps from zero never overshoot
    for _ in range(_MOST_STEPS):
        weights = [1.0 / (variance + tau_squared) for variance in variances]
        whole = math.fsum(weights)
        mean = math.fsum(w * y for w, y in zip(weights, values, strict=True)) / whole
        squares = [w * (y - mean) ** 2 for w, y in zip(weights, values, strict=True)]
        excess = math.fsum(squares) - (len(values) - 1)
        slope = math.fsum(w * square for w, square in zip(weights, squares, strict=True))
        if slope <= 0.0 or excess <= 1e-12 * len(values):
            break
        tau_squared += excess / slope
    return math.sqrt(tau_squared)


@cache
def student_95(dof: int) -> float:
    """Return Student's t below which 97.5 % lie, for so many degrees of freedom."""
    from scipy import special  # noqa: PLC0415 - costs a tenth of a second that few runs pay

    return float(special.stdtrit(dof, 0.975))

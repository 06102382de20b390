"""Profile-likelihood intervals of gated models, all ends of all parameters at once.

The end of an interval is where chi-square, minimised over everything else, has risen by t².
Each end is one element of a batch: a few Gauss–Newton steps minimise under the constraint
that the quantity in question has some value, a secant on the root of the rise moves that
value, and every step starts from where the last one ended.  All constraints are linear in the
parameters, so that a step keeps them exactly.  The numbers are those of nested full fits
(Venzon & Moolgavkar 1988, doi:10.2307/2347496), in a hundredth of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from permeant.infer.points import Array

_ROUNDS = 12
_STEPS = 6
_CLOSE = 2e-3
_MOST_STRETCH = 2.5
_SETTLED = 1e-4
_RIDGE = 1e-10
_FAR_OFF = 1.3


class Residuals(Protocol):
    """Weighted residuals of a model and their derivatives, for a batch of parameter sets."""

    def evaluate(self, theta: Array) -> tuple[Array, Array]:
        """Return residuals (b, n) and Jacobian (b, n, p) at parameters (b, p)."""
        ...


@dataclass(frozen=True)
class Wanted:
    """A quantity whose interval is sought.

    ``row`` gives, for values of the quantity (k,), the coefficients (k, p) and right-hand
    sides (k,) of the linear equation that fixes it; ``se`` is its linearised standard error,
    ``low`` and ``high`` say how far to look and ``stride`` how far to go at once.
    """

    value: float
    se: float
    low: float
    high: float
    row: Callable[[Array], tuple[Array, Array]]
    stride: float = np.inf


def profile_intervals(
    model: Residuals, best: Array, wanted: Sequence[Wanted], rise: float, strides: Array
) -> list[tuple[float | None, float | None]]:
    """Return the interval of each quantity.

    An end is None where it lies beyond where to look, or where the search did not settle.

    Parameters
    ----------
    model : Residuals
        The model.
    best : array, shape (p,)
        Parameters of the least chi-square.
    wanted : sequence of Wanted
        What to find intervals of.
    rise : float
        How far chi-square rises to the ends of an interval, t² of Student's quantile.
    strides : array, shape (p,)
        The most that one step may change each parameter: a fit that leaps may land in another
        valley.
    """
    if not wanted:
        return []
    search = _Search(model, best, wanted, rise, strides)
    for _ in range(_ROUNDS):
        if search.finished:
            break
        search.advance()
    ends = search.ends()
    return list(zip(ends[0::2], ends[1::2], strict=True))


class _Search:
    """The state of all ends: element 2 j is the low end of quantity j, 2 j + 1 the high one."""

    def __init__(
        self,
        model: Residuals,
        best: Array,
        wanted: Sequence[Wanted],
        rise: float,
        strides: Array,
    ) -> None:
        self.model, self.wanted, self.goal, self.strides = model, wanted, rise**0.5, strides
        size = 2 * len(wanted)
        residuals, _ = model.evaluate(best[None, :])
        self.least = float((residuals**2).sum())
        self.theta = np.repeat(best[None, :], size, axis=0)
        self.inner_theta = self.theta
        self.centre = np.repeat([one.value for one in wanted], 2)
        self.side = np.tile([-1.0, 1.0], len(wanted))
        limit = np.array([end for one in wanted for end in (one.low, one.high)])
        se = np.repeat([one.se for one in wanted], 2)
        self.stride = np.repeat([one.stride for one in wanted], 2)
        self.reach = np.abs(limit - self.centre)
        first = np.minimum(np.abs(self.goal * se), self.stride)
        self.distance = np.clip(first, 1e-9 * self.reach, self.reach)
        self.inner, self.inner_rise = np.zeros(size), np.zeros(size)
        self.outer, self.outer_rise = np.full(size, np.inf), np.full(size, np.inf)
        self.damping = np.full(size, 1e-6)
        self.done, self.open = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)

    @property
    def finished(self) -> bool:
        return bool((self.done | self.open).all())

    def ends(self) -> list[float | None]:
        found = self.centre + self.side * self.distance
        return [float(x) if ok else None for x, ok in zip(found, self.done, strict=True)]

    def advance(self) -> None:
        """Minimise at the present values of all ends, and move the values."""
        theta, rise, settled = self._minimise()
        busy = ~(self.done | self.open)
        self.theta = np.where(busy[:, None], theta, self.theta)
        self.done |= busy & settled & (np.abs(rise / self.goal - 1.0) < _CLOSE)
        under = rise < self.goal
        self.open |= busy & ~self.done & under & (self.distance >= self.reach)
        busy = ~(self.done | self.open)
        inside, outside = busy & under, busy & ~under
        self.inner = np.where(inside, self.distance, self.inner)
        self.inner_rise = np.where(inside, rise, self.inner_rise)
        self.inner_theta = np.where(inside[:, None], theta, self.inner_theta)
        # a minimum that has not settled is no more than an upper limit of the rise
        self.outer = np.where(outside, self.distance, self.outer)
        self.outer_rise = np.where(outside, np.where(settled, rise, np.inf), self.outer_rise)
        self.distance = np.where(busy, self._next_distance(rise), self.distance)
        again = outside & ((rise > _FAR_OFF * self.goal) | ~settled)
        self.theta = np.where(again[:, None], self.inner_theta, self.theta)

    def _next_distance(self, rise: Array) -> Array:
        """Move along the secant of the root of the rise, which is nearly straight."""
        with np.errstate(divide="ignore", invalid="ignore"):
            stretch = np.clip(self.goal / rise, 1.0, _MOST_STRETCH)
            bracketed = np.isfinite(self.outer)
            part = (self.goal - self.inner_rise) / (self.outer_rise - self.inner_rise)
            # kept off the ends, so that a bent profile cannot hold one of them for ever
            part = np.where(np.isfinite(self.outer_rise), np.clip(part, 0.02, 0.98), 0.5)
            inside = self.inner + (self.outer - self.inner) * part
            further = np.minimum(self.distance * stretch, self.distance + self.stride)
        chosen: Array = np.where(bracketed, inside, np.minimum(further, self.reach))
        return chosen

    def _minimise(self) -> tuple[Array, Array, NDArray[np.bool_]]:
        """Go a few steps down at the present values.

        Returns
        -------
        theta : array, shape (b, p)
            Where the steps end.
        rise : array, shape (b,)
            The root of the rise there; infinite where no step reached the value.
        settled : array of bool, shape (b,)
            Whether the last step gained next to nothing.
        """
        rows, sides = self._constraints()
        kept, size = self.theta, self.theta.shape[0]
        damping = self.damping  # what was needed last time is near to what is needed now
        residuals, jacobian = self.model.evaluate(kept)
        chi_square = np.full(size, np.inf)  # no value counts before the constraint holds
        settled = np.zeros(size, dtype=bool)
        for _ in range(_STEPS):
            step = _constrained_step(kept, residuals, jacobian, damping, rows, sides)
            left, slopes = self.model.evaluate(kept + step)
            cost = (left**2).sum(axis=1)
            better = (cost <= chi_square) & (np.abs(step) <= self.strides).all(axis=1)
            with np.errstate(invalid="ignore"):
                settled = np.where(better, chi_square - cost < _SETTLED, damping > 1e3)
            kept = np.where(better[:, None], kept + step, kept)
            residuals = np.where(better[:, None], left, residuals)
            jacobian = np.where(better[:, None, None], slopes, jacobian)
            chi_square = np.where(better, cost, chi_square)
            damping = np.where(better, damping * 0.1, np.maximum(damping, 1e-3) * 10.0)
            if (settled | self.done | self.open).all():
                break
        self.damping = np.clip(damping, 1e-8, 1.0)
        return kept, np.sqrt(np.maximum(chi_square - self.least, 0.0)), settled

    def _constraints(self) -> tuple[Array, Array]:
        values = self.centre + self.side * self.distance
        parts = [one.row(values[2 * j : 2 * j + 2]) for j, one in enumerate(self.wanted)]
        return np.concatenate([row for row, _ in parts]), np.concatenate([rhs for _, rhs in parts])


def _constrained_step(  # noqa: PLR0917 - the parts of one system of equations
    theta: Array, residuals: Array, jacobian: Array, damping: Array, rows: Array, sides: Array
) -> Array:
    """Return the damped Gauss–Newton step after which the constraint of each element holds."""
    p = theta.shape[1]
    turned = np.swapaxes(jacobian, 1, 2)
    normal = turned @ jacobian
    size = np.sqrt(np.einsum("bii->bi", normal))
    # in units in which every parameter weighs the same, or the solver loses digits; one
    # without any say at this end stays where it is
    size = np.maximum(size, 1e-9 * size.max(axis=1, keepdims=True) + 1e-150)
    scaled_rows = rows / size
    length = np.linalg.norm(scaled_rows, axis=1)
    system = np.zeros((theta.shape[0], p + 1, p + 1))
    system[:, :p, :p] = normal / (size[:, :, None] * size[:, None, :])
    system[:, range(p), range(p)] += np.maximum(damping, _RIDGE)[:, None]
    system[:, p, :p] = system[:, :p, p] = scaled_rows / length[:, None]
    off = (sides - (rows * theta).sum(axis=1)) / length
    steep = (turned @ residuals[..., None])[..., 0] / size
    target = np.concatenate([-steep, off[:, None]], axis=1)
    step: Array = np.linalg.solve(system, target[..., None])[:, :p, 0] / size
    return step

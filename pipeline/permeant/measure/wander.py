"""How the current wanders from sweep to sweep, told from its baseline: how far, how slowly.

The baselines of the sweeps are split into cosines over the sweeps, ``cos(π j (k + ½) / n)``,
which are independent of each other for noise of any slowness.  White noise between sweeps has
the same power in all of them, 1/f noise a power that falls as 1/j.  Which it is and how large
is not known well from a dozen sweeps, so every case counts by how likely it makes the baselines
(the restricted likelihood: the mean takes no part), and so does a steady drift of the zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from permeant.measure.noise import Floats, WindowMean

FEWEST_SWEEPS = 4
_MOST_MODES = 6
_SIZES = np.geomspace(0.03, 30.0, 28)
_NONE = 0.5
"""The chance, before anything is seen, that nothing wanders beyond the noise in the windows."""
_DRIFTS = 0.02
"""The same for a steady drift of the zero beside the wander."""
_LARGE = 25.0
"""The variance that such a drift is expected to have, over that with which it can be told."""
_SHAPE_CHANCES = (0.42, 0.12, 0.46)
"""Of white noise, of 1/f noise that something keeps from being fast, of 1/f noise."""
_OUT_SD = 4.5
_NOISIER = 3.0
_REACH = 2


@dataclass(frozen=True)
class Wandering:
    """Covariance of what the baselines do between sweeps.

    ``even_pa`` is the standard deviation of the part that no sweep shares with its neighbours,
    ``modes_pa`` (modes, sweeps) those that many share: each row is moved as one by one standard
    error.  ``drift_pa`` (sweeps) is how far a steady drift since the first sweep, which may or
    may not be there, moves each sweep; its square is the mean over both.
    """

    even_pa: float
    modes_pa: Floats
    drift_pa: Floats


@lru_cache(maxsize=64)
def _cosines(n: int) -> Floats:
    """Return the orthonormal cosines over n sweeps, the constant first; shape (n, n)."""
    number, sweep = np.arange(n)[:, None], np.arange(n)[None, :]
    rows = np.cos(np.pi * number * (sweep + 0.5) / n) * (2.0 / n) ** 0.5
    rows[0] /= 2.0**0.5
    return np.asarray(rows)


@lru_cache(maxsize=64)
def _shapes(n: int, above: float) -> Floats:
    """Return the power of each cosine but the constant, for white noise and 1/f noise.

    1/f noise has as much power from any frequency to its e-fold.  What is faster than the
    sweeps follow each other and slower than a window, ``above`` e-folds, falls on all cosines
    alike; or nothing does, where something keeps the noise from being that fast.
    """
    number = np.arange(1, n, dtype=np.float64)
    mean = float((1.0 / number).mean())
    return np.stack([np.ones(n - 1), 1.0 / number / mean, (1.0 / number + above / n) / mean])


def without_outliers(baseline: Sequence[WindowMean]) -> tuple[Floats, float]:
    """Return the baselines with those that hold an event bridged, and their usual variance.

    A synaptic event in one short baseline says nothing of the current in the other sweeps.
    """
    means = np.array([window.mean_pa for window in baseline])
    sems = np.array([window.sem_pa for window in baseline])
    sweep = np.arange(means.size)
    usual = float(np.median(sems))
    if means.size > 2 * _REACH:
        away = np.abs(means - _expected(means))
        good = away <= _OUT_SD * max(1.4826 * float(np.median(away)), usual)
        good &= sems <= _NOISIER * usual
        if 2 * np.count_nonzero(good) > good.size:
            means = np.interp(sweep, sweep[good], means[good])
    return means, usual**2


def _expected(values: Floats) -> Floats:
    """Return each value as its neighbours on a line have it: the middle of three guesses."""
    before = 2.0 * values[0] - values[_REACH:0:-1]
    padded = np.concatenate([before, values, 2.0 * values[-1] - values[-2 : -_REACH - 2 : -1]])
    n = values.size
    left, right = padded[1 : n + 1], padded[3 : n + 3]
    guesses = [2.0 * left - padded[:n], 2.0 * right - padded[4:], 0.5 * (left + right)]
    return np.asarray(np.median(guesses, axis=0))


def judge_wandering(
    baseline: Sequence[WindowMean],
    trend_pa: Floats | None = None,
    *,
    n_bends: int = 0,
    shorter: tuple[float, float] = (1.0, 1.0),
) -> Wandering:
    """Tell how far and how slowly the current wanders between sweeps.

    Parameters
    ----------
    baseline : sequence of WindowMean
        Windows at one level, in the order of the sweeps.
    trend_pa : array, shape (sweeps,), optional
        A smooth trend that is accounted for elsewhere.
    n_bends : int
        The degree of that trend; so many of the slowest cosines went with it and tell nothing.
    shorter : tuple of float
        How much shorter than the time from sweep to sweep the windows of the baseline are, and
        those whose wander is sought.

    Returns
    -------
    Wandering
        Its parts are 0 for fewer than 4 sweeps.  What all sweeps share, the zero itself, is
        taken to be as far off as an average cosine: the baselines cannot tell it.
    """
    n = len(baseline)
    if n < FEWEST_SWEEPS:
        return Wandering(0.0, np.zeros((0, n)), np.zeros(n))
    means, own = without_outliers(baseline)
    cosines = _cosines(n)
    seen = cosines[1 + n_bends :] @ (means - (0.0 if trend_pa is None else trend_pa))
    scale = max(float(np.mean(seen**2)), own, 1e-18)
    own = max(own, 1e-6 * scale)
    sizes = np.concatenate([[0.0], scale * _SIZES])
    seen_shapes, shapes = (_shapes(n, max(float(np.log(one)), 0.0)) for one in shorter)
    variance = own + (sizes[:, None, None] * seen_shapes[:, n_bends:]).reshape(-1, seen.size)
    prior = np.where(sizes > 0, (1.0 - _NONE) * sizes / (own + sizes), 0.0)
    prior[1:] /= prior[1:].sum() / (1.0 - _NONE)
    prior[0] = _NONE
    likely = -0.5 * (np.log(variance) + seen**2 / variance).sum(axis=1)
    likely += np.log(np.outer(prior, _SHAPE_CHANCES).ravel())
    weight, drift = np.exp(likely - likely.max()), np.zeros(n)
    if trend_pa is None:
        weight, drift = _with_drift(seen, variance, weight)
    weight /= weight.sum()
    power = weight @ (sizes[:, None, None] * shapes).reshape(-1, n - 1)
    n_modes = min(_MOST_MODES, n - 2)
    even = float(power[n_modes:].mean())
    common = np.maximum(power[:n_modes] - even, 0.0)
    modes: Floats = np.sqrt(common)[:, None] * cosines[1 : n_modes + 1]
    return Wandering(even**0.5, modes[common > 1e-3 * even], drift)


def _with_drift(seen: Floats, variance: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return the weights with or without a steady drift, and the drift's mean square size."""
    n = seen.size + 1  # no cosine is left out where there is no trend
    line = np.arange(n) / (n - 1)
    along = _cosines(n)[1:] @ line
    precision = (along**2 / variance).sum(axis=1)
    size_pa = (along * seen / variance).sum(axis=1) / precision
    shrink = _LARGE / (1.0 + _LARGE)
    favour = (1.0 + _LARGE) ** -0.5 * np.exp(
        np.minimum(0.5 * size_pa**2 * precision * shrink, 300.0)
    )
    with_it = weight * favour * _DRIFTS / (1.0 - _DRIFTS)
    squares = shrink**2 * size_pa**2 + shrink / precision
    mean_square = float(with_it @ squares / (weight + with_it).sum())
    return weight + with_it, line * mean_square**0.5

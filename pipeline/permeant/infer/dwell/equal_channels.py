"""Open and shut times of one of several equal channels, from how the patch goes through its levels.

What is maximised is the likelihood of every sojourn's length and exit, given the level before.
For channels of two states that is all there is to know; where bursts link one sojourn to the
next it is a composite likelihood, and its errors follow from the scatter of the score between
stretches of the recording (Varin, Reid & Firth 2011, Statistica Sinica 21:5-42).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from permeant.infer.dwell.apparent import Mixture
from permeant.infer.dwell.mixtures import Problem, TimesFit, grow, information_of, unpack
from permeant.infer.dwell.several import apparent_sojourns
from permeant.records import DwellCounts, LevelTimes

Array = NDArray[np.float64]

_MOST_COMPONENTS = 2
_STEP = 1e-4
_IMPOSSIBLE = -1e12
"""Where the search has gone to times so far apart that their chances cannot be worked out."""


def fit_level_times(
    times: Sequence[LevelTimes],
    n_channels: int,
    dead_ms: float,
    *,
    about_ms: tuple[float, float],
    n_times: int,
) -> TimesFit:
    """Fit the open and shut times of one channel to the sojourns at a patch's levels.

    Parameters
    ----------
    times : sequence of LevelTimes
        Counts by level, level before and level after.
    n_channels : int
        Channels in the patch.
    dead_ms : float
        Dead time.
    about_ms : tuple of float
        Mean shut and open time, nearly.
    n_times : int
        Openings that were seen.

    Returns
    -------
    TimesFit
        With the covariance of logarithms of time constants and of log-ratios of areas, or None.
    """

    def likelihood(parameters: Array, n: tuple[int, int]) -> float:
        try:
            return float(whole @ log_chances(parameters, n))
        except np.linalg.LinAlgError:
            return _IMPOSSIBLE

    def log_chances(parameters: Array, n: tuple[int, int]) -> Array:
        shut, opened = unpack(parameters, n)
        seen = apparent_sojourns(shut, opened, n_channels, dead_ms)
        parts = [
            seen.chances(one.level, one.before, one.after, beyond_ms)
            for one, beyond_ms in zip(times, beyond, strict=True)
        ]
        return np.asarray(np.log(np.clip(np.concatenate(parts), 1e-300, 1.0)))

    beyond = [np.maximum(np.array(one.edges_ms) - dead_ms, 0.0) for one in times]
    counts = np.concatenate([np.array(one.counts, dtype=np.float64) for one in times], axis=1)
    whole = counts.sum(axis=0)
    problem = Problem(likelihood, (n_times, n_times), dead_ms, _MOST_COMPONENTS)
    alone = np.array([1.0])
    shut, opened = (Mixture(np.array([about]), alone) for about in about_ms)
    best = grow(problem, (shut, opened))
    information = information_of(best, problem)
    if information is None:
        return best
    n = (best.shut.tau_ms.size, best.open.tau_ms.size)
    slopes = np.column_stack(
        [
            log_chances(best.parameters + shift, n) - log_chances(best.parameters - shift, n)
            for shift in _STEP * np.eye(best.parameters.size)
        ]
    ) / (2 * _STEP)
    return replace(best, covariance=_sandwich(information, counts @ slopes))


def _sandwich(information: Array, scores: Array) -> Array:
    """Return the covariance from the information and the score of every stretch."""
    n_stretches = scores.shape[0]
    inverse = np.linalg.inv(information)
    scatter = scores.T @ scores * n_stretches / (n_stretches - 1)
    return np.asarray(inverse @ scatter @ inverse)


def view_level_times(
    fit: TimesFit, times: Sequence[LevelTimes], n_channels: int, dead_ms: float
) -> dict[str, tuple[DwellCounts, tuple[float, ...]]]:
    """Return the counts of two kinds of sojourns that are easy to read, and what the fit expects.

    Parameters
    ----------
    fit : TimesFit
        Of these times.
    times : sequence of LevelTimes
        Counts by level, level before and level after.
    n_channels : int
        Channels in the patch.
    dead_ms : float
        Dead time.

    Returns
    -------
    dict
        ``shut``: all channels shut, between two times with one open; ``open``: one open, between
        two times with all shut.  A kind that never occurred is not there.
    """
    seen = apparent_sojourns(fit.shut, fit.open, n_channels, dead_ms)
    views: dict[str, tuple[DwellCounts, tuple[float, ...]]] = {}
    kinds: tuple[tuple[Literal["shut", "open"], int, int], ...] = (("shut", 0, 1), ("open", 1, 0))
    for kind, level, neighbour in kinds:
        entered = [one for one in times if (one.level, one.before) == (level, neighbour)]
        total = sum(sum(row) for one in entered for row in one.counts)
        for one in entered:
            if one.after == neighbour:
                beyond_ms = np.maximum(np.array(one.edges_ms) - dead_ms, 0.0)
                chances = seen.chances(level, neighbour, neighbour, beyond_ms)
                counts = np.sum(one.counts, axis=0)
                views[kind] = (
                    DwellCounts(kind, one.edges_ms, tuple(counts.tolist())),
                    tuple(float(f"{total * chance:.6g}") for chance in chances.tolist()),
                )
    return views

"""The same bath first and last: how far the reference moved meanwhile, and what to do about it.

Between a control and its wash an electrode drifts and a cell changes; whatever moved the
reversal in one and the same bath moved it in the baths in between as well.  Where the files say
when they were recorded, the reversal of the reference bath is interpolated in time and its
change taken off.  How a drift went on between its two ends is not known, and that is an error of
its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from permeant.infer.ghk_system import Array, Baths

_COURSE = 0.35
"""A drift that came in one jump at an unknown moment would differ from a straight course by
sqrt(f (1 - f)) of itself at the fraction f of the way; a third of that is allowed for.  Simulated
(drifts of 2 mV, four baths): 95 % intervals of ratios over the reference bath's own ion then hold
the truth in 96 to 98 % where the drift is even, and in 70 to 80 % where it is one jump."""


@dataclass(frozen=True)
class Drift:
    """What the repeated recordings of one bath say.

    ``references`` are those recordings in their order in time.  ``taken`` turns reversals into
    what is taken off them, E - taken @ E; ``course_mv`` is the error that remains with each
    because the course in between is not known; ``kept`` are the recordings that the equations
    still use (a wash whose drift was taken off says the same as its control).
    """

    references: tuple[int, ...]
    drift_mv: float
    se_mv: float
    timed: bool
    taken: Array
    course_mv: Array
    kept: np.ndarray


def find_drift(baths: Baths) -> Drift | None:
    """Find the bath that was recorded first and last, with others in between.

    Parameters
    ----------
    baths : Baths
        The reversals of a cell.

    Returns
    -------
    Drift or None
        Nothing where no bath was recorded again after another.
    """
    known = np.isfinite(baths.acquired_s).all()
    timed = bool(known and np.unique(baths.acquired_s).size == baths.acquired_s.size)
    references = _choose_references(baths, timed)
    if len(references) < 2:
        return None
    first, last = references[0], references[-1]
    m = baths.e_mv.size
    drift_mv = float(baths.e_mv[last] - baths.e_mv[first])
    se_mv = float(np.hypot(baths.se_mv[first], baths.se_mv[last]))
    beyond_mv = float(np.sqrt(max(drift_mv**2 - se_mv**2, 0.0)))
    if not timed:
        low, high = baths.e_mv[list(references)].min(), baths.e_mv[list(references)].max()
        reach_mv = float(np.sqrt(max((high - low) ** 2 - se_mv**2, 0.0)))
        course = np.full(m, reach_mv / np.sqrt(12.0))
        course[list(references)] = 0.5 * reach_mv
        nothing = np.zeros((m, m))
        everything = np.ones(m, dtype=bool)
        return Drift(references, float(high - low), se_mv, timed, nothing, course, kept=everything)
    taken, fraction = _interpolate(baths.acquired_s, references)
    course = _COURSE * beyond_mv * np.sqrt(fraction * (1.0 - fraction))
    kept = np.ones(m, dtype=bool)
    kept[list(references[1:])] = False
    return Drift(references, drift_mv, se_mv, timed, taken, course, kept)


def _choose_references(baths: Baths, timed: bool) -> tuple[int, ...]:
    """Return the recordings of the bath that was returned to after the longest time."""
    best: tuple[int, ...] = ()
    longest = 0.0
    for place in dict.fromkeys(baths.place.tolist()):
        same = np.flatnonzero(baths.place == place)
        if same.size < 2 or same.size == baths.e_mv.size or np.ptp(baths.sign[same]):
            continue
        if not timed:
            if same.size > len(best):
                best = tuple(int(k) for k in same)
            continue
        order = same[np.argsort(baths.acquired_s[same])]
        start, stop = baths.acquired_s[order[0]], baths.acquired_s[order[-1]]
        others = baths.acquired_s[baths.place != place]
        if not np.any((others > start) & (others < stop)):
            continue
        if stop - start > longest:
            longest, best = float(stop - start), tuple(int(k) for k in order)
    return best


def _interpolate(acquired_s: Array, references: tuple[int, ...]) -> tuple[Array, Array]:
    """Return the weights of what is taken off, and how far each lies between two references."""
    places = list(references)
    at = acquired_s[places]
    m = acquired_s.size
    weights = np.array([np.interp(acquired_s, at, unit) for unit in np.eye(len(places))]).T
    taken = np.zeros((m, m))
    taken[:, places] = weights
    taken[:, places[0]] -= 1.0
    return taken, np.asarray(weights.max(axis=1).clip(0.0, 1.0))

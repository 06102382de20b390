"""One curve out of many: polynomials of several degrees and spans, averaged by their merit.

Where a curve is straight, all points should speak for its reversal; where it bends, only
those that a polynomial of low degree can join.  Which is the case the points must tell, and
often they cannot tell for sure.  So no single curve is chosen: each counts by how well it
does, and what they disagree by is part of the error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from permeant.infer.points import Array, Points, count_levels
from permeant.infer.polynomial import (
    Nested,
    Polynomial,
    solve_degrees,
)

_RICHEST = 4
_MOST_SPANS = 10
_MOST_CURVES = 8
_LEAST_WEIGHT = 0.03
_RICHER_SHARE = 0.55
_STRAIGHT_AHEAD = 4.0
"""The line through all points is the one guess among forty that is often exactly true: as
likely, before anything is seen, as seven of the others together."""


@dataclass(frozen=True)
class Candidate:
    """A polynomial through the points from one index to before another, and its cost."""

    degree: int
    start: int
    stop: int
    cost: float


@dataclass(frozen=True)
class Average:
    """The mean of several polynomials, and the one among them that counts most."""

    curve: Polynomial
    best: Candidate
    n_others: int
    """How many candidates count beside the best."""


def average_curves(data: Points, low_mv: float, high_mv: float) -> Average:
    """Average the polynomials that describe the points around a crossing.

    Parameters
    ----------
    data : Points
        All points of the curve.
    low_mv, high_mv : float
        The current crosses zero between these two, and no polynomial leaves out what lies
        between.

    Returns
    -------
    Average
        A polynomial whose covariance holds the disagreement of those it is made of.

    Notes
    -----
    A polynomial pays twice for each coefficient, and as much for each point that it leaves
    out; with chi-square that makes the cost by which curves over different spans compare, and
    their weights are ``exp(-cost / 2)`` (Akaike 1974, doi:10.1109/TAC.1974.1100705; Burnham &
    Anderson 2004, doi:10.1177/0049124104268644, also for the covariance of the mean).  A span
    may be just too wide for its polynomial: each bent one gives most of its weight to itself
    with one coefficient more, since bends too small to be seen move its slope.
    """
    nested: dict[tuple[int, int], Nested] = {}
    ranked = sorted(_list_candidates(data, low_mv, high_mv, nested), key=lambda one: one.cost)
    best = ranked[0]
    weights = np.exp([0.5 * (best.cost - one.cost) for one in ranked[:_MOST_CURVES]])
    weights = weights[weights >= _LEAST_WEIGHT]
    weights /= weights.sum()
    chosen, middle_mv = ranked[: weights.size], 0.5 * (low_mv + high_mv)
    chosen += [_enrich(nested, one) for one in chosen]
    curves = {one: nested[one.start, one.stop].solve(one.degree) for one in dict.fromkeys(chosen)}
    shares = np.concatenate([(1.0 - _RICHER_SHARE) * weights, _RICHER_SHARE * weights])
    curve = _mean_curve([curves[one] for one in chosen], shares, middle_mv)
    return Average(curve, best, weights.size - 1)


def _list_candidates(
    data: Points, low_mv: float, high_mv: float, nested: dict[tuple[int, int], Nested]
) -> Iterator[Candidate]:
    """List polynomials and their costs; ``nested`` takes the solutions of each span."""
    for start, stop in _list_spans(data, low_mv, high_mv):
        near = data.between(start, stop)
        left_out = data.v_mv.size - (stop - start)
        most = max(1, min(_RICHEST, near.n_levels - 1))
        richer = max(1, min(_RICHEST + 1, near.n_levels - 1))
        solved = solve_degrees(near.v_mv, near.i_pa, near.errors_pa, richer)
        nested[start, stop] = solved
        for degree in range(1, most + 1):
            cost = 2.0 * (degree + 1 + left_out) + float(solved.left[degree])
            ahead = _STRAIGHT_AHEAD if degree == 1 and not left_out else 0.0
            yield Candidate(degree, start, stop, cost - ahead)


def _list_spans(data: Points, low_mv: float, high_mv: float) -> list[tuple[int, int]]:
    """List spans around the crossing, from the fewest voltages for a line to all of them."""
    middle_mv = 0.5 * (low_mv + high_mv)
    reach_mv = np.unique(np.maximum(np.abs(data.v_mv - middle_mv), 0.5 * (high_mv - low_mv)))
    if reach_mv.size > _MOST_SPANS:
        chosen = np.linspace(0, reach_mv.size - 1, _MOST_SPANS).round().astype(int)
        reach_mv = reach_mv[chosen]
    starts = np.searchsorted(data.v_mv, middle_mv - reach_mv - 1e-6)
    stops = np.searchsorted(data.v_mv, middle_mv + reach_mv + 1e-6)
    spans = dict.fromkeys((int(a), int(b)) for a, b in zip(starts, stops, strict=True))
    fewest = min(3, data.n_levels)
    return [(a, b) for a, b in spans if count_levels(data.v_mv[a:b]) >= fewest]


def _enrich(nested: Mapping[tuple[int, int], Nested], one: Candidate) -> Candidate:
    """Return a bent curve with one coefficient more, where the voltages allow for it."""
    richest = nested[one.start, one.stop].left.size - 1
    return replace(one, degree=one.degree + 1, cost=0.0) if 1 < one.degree < richest else one


def _mean_curve(curves: list[Polynomial], weights: Array, centre_mv: float) -> Polynomial:
    """Return the weighted mean of polynomials; its covariance is theirs and their spread."""
    size = max(curve.degree for curve in curves) + 1
    coefficients, covariances = np.zeros((len(curves), size)), np.zeros((len(curves), size, size))
    for k, curve in enumerate(curves):
        shift, n = curve.shifted_powers(centre_mv), curve.degree + 1
        coefficients[k, :n] = shift @ curve.coefficients
        covariances[k, :n, :n] = shift @ curve.covariance @ shift.T
    mean = weights @ coefficients
    spread = coefficients - mean
    covariance = np.tensordot(weights, covariances, 1) + (weights[:, None] * spread).T @ spread
    return replace(curves[0], coefficients=mean, covariance=covariance, centre_mv=centre_mv)

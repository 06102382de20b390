"""Maximum likelihood for open and shut times together, behind a dead time.

The times come as counts between edges (log-spaced, so that no shape is lost; Sigworth & Sine
1987, doi:10.1016/S0006-3495(87)83298-8), which makes the likelihood exact for times that are
known to a sample only.  Times that a recording cut off count with the chance of lasting longer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from permeant.infer.dwell.apparent import Mixture, apparent_times
from permeant.records import DwellCounts

Array = NDArray[np.float64]

MOST_COMPONENTS = 4
_FEWEST_EACH = 12
_SMALLEST = 1e-4
_NEAR = 3.0
_FEW_NEAR = 0.04
_FINE = {"maxiter": 400}
_ROUGH = {"maxiter": 60, "ftol": 1e-6}
"""To see whether a component gains: it has to gain more than a step of this stops at."""


@dataclass(frozen=True)
class TimesFit:
    """Shut and open mixtures, the covariance of their parameters, and the likelihood."""

    shut: Mixture
    open: Mixture
    parameters: Array
    covariance: Array | None
    log_likelihood: float
    bic: float


def fit_times(shut: DwellCounts, opened: DwellCounts) -> TimesFit:
    """Fit open and shut times with the number of components that the times ask for.

    Components are added one at a time, to the kind that gains most, as long as Schwarz's
    criterion falls.

    Parameters
    ----------
    shut, opened : DwellCounts
        Times between edges in ms; the lowest edge is the dead time.

    Returns
    -------
    TimesFit
        With the covariance of logarithms of time constants and of log-ratios of areas.
    """
    data = (shut, opened)
    problem = Problem(
        lambda parameters, n: log_likelihood(parameters, n, data),
        (sum(shut.counts), sum(opened.counts)),
        shut.edges_ms[0],
        MOST_COMPONENTS,
    )
    best = grow(problem, (_start(shut), _start(opened)))
    information = information_of(best, problem)
    if information is None:
        return best
    return replace(best, covariance=np.asarray(np.linalg.inv(information), dtype=np.float64))


@dataclass(frozen=True)
class Problem:
    """What components are fitted to.

    ``likelihood`` gives the logarithm of the likelihood of parameters for a number of shut and
    of open components; ``n_times`` are the shut and open times behind it.
    """

    likelihood: Callable[[Array, tuple[int, int]], float]
    n_times: tuple[int, int]
    dead_ms: float
    most_components: int


def grow(problem: Problem, start: tuple[Mixture, Mixture]) -> TimesFit:
    """Fit with as many components as Schwarz's criterion asks for; no covariance yet."""
    n = (1, 1)
    best = _fit(problem, n, [list(start)])
    while True:
        richer = [
            _fit(problem, more, _split(best, kind), _ROUGH)
            for kind, more in ((0, (n[0] + 1, n[1])), (1, (n[0], n[1] + 1)))
            if more[kind] <= problem.most_components
            and problem.n_times[kind] >= _FEWEST_EACH * 2 * more[kind]
        ]
        better = [fit for fit in richer if fit.bic < best.bic and _sound(fit, problem.dead_ms)]
        if not better:
            return best
        richest = min(better, key=lambda fit: fit.bic)
        n = (richest.shut.tau_ms.size, richest.open.tau_ms.size)
        best = _fit(problem, n, [[richest.shut, richest.open]])


def log_likelihood(parameters: Array, n: tuple[int, int], data: Sequence[DwellCounts]) -> float:
    """Return the logarithm of the likelihood of both kinds of times."""
    mixtures = unpack(parameters, n)
    total = 0.0
    for own, other, counts in zip(mixtures, mixtures[::-1], data, strict=True):
        edges = np.array(counts.edges_ms)
        dead_ms = float(edges[0])
        seen = apparent_times(own, other, dead_ms)
        survival = seen.survival(edges - dead_ms)
        chance = np.clip(survival[:-1] - survival[1:], 1e-300, 1.0)
        total += float(np.array(counts.counts) @ np.log(chance))
        if counts.censored_ms:
            beyond = np.maximum(np.array(counts.censored_ms) - dead_ms, 0.0)
            total += float(np.log(seen.survival(beyond)).sum())
    return total


def unpack(parameters: Array, n: tuple[int, int]) -> tuple[Mixture, Mixture]:
    """Return shut and open mixtures from logarithms of tau and log-ratios of areas."""
    cut = 2 * n[0] - 1
    mixtures = []
    for part, count in ((parameters[:cut], n[0]), (parameters[cut:], n[1])):
        logit = np.append(np.clip(part[count:], -30, 30), 0.0)
        area = np.exp(logit - logit.max())
        mixtures.append(Mixture(np.exp(np.clip(part[:count], -12, 16)), area / area.sum()))
    return mixtures[0], mixtures[1]


def _pack(mixtures: Sequence[Mixture]) -> Array:
    parts = []
    for one in mixtures:
        area = np.clip(one.area, 1e-6, 1.0)
        parts += [np.log(one.tau_ms), np.log(area[:-1] / area[-1])]
    return np.concatenate(parts)


def _start(counts: DwellCounts) -> Mixture:
    edges = np.array(counts.edges_ms)
    middle = np.sqrt(edges[:-1] * edges[1:])
    mean_ms = float(np.average(middle, weights=counts.counts))
    return Mixture(np.array([max(mean_ms - edges[0], 0.3 * mean_ms)]), np.array([1.0]))


def _split(fit: TimesFit, kind: int) -> list[list[Mixture]]:
    """Return starting points with one more component of a kind: around the slowest, the fastest."""
    mixtures = [fit.shut, fit.open]
    one = mixtures[kind]
    starts = []
    for ratio, share in ((0.08, 0.4), (0.25, 0.3), (6.0, 0.15)):
        tau = np.append(one.tau_ms, one.tau_ms[0 if ratio < 1 else -1] * ratio)
        area = np.append(one.area * (1 - share), share)
        order = np.argsort(tau)
        changed = list(mixtures)
        changed[kind] = Mixture(tau[order], area[order])
        starts.append(changed)
    return starts


def _fit(
    problem: Problem,
    n: tuple[int, int],
    starts: Sequence[list[Mixture]],
    stop: Mapping[str, float] = _FINE,
) -> TimesFit:
    from scipy.optimize import minimize  # noqa: PLC0415  (a third of a second that few cells pay)

    best = None
    for start in starts:
        found = minimize(
            lambda p: -problem.likelihood(p, n),
            _pack(start),
            method="L-BFGS-B",
            options=dict(stop),
        )
        if best is None or found.fun < best.fun - 1e-9:
            best = found
    assert best is not None
    shut, opened = (_rising(one) for one in unpack(best.x, n))
    bic = 2.0 * float(best.fun) + best.x.size * float(np.log(max(sum(problem.n_times), 2)))
    return TimesFit(shut, opened, _pack((shut, opened)), None, -float(best.fun), bic)


def _rising(one: Mixture) -> Mixture:
    order = np.argsort(one.tau_ms)
    return Mixture(one.tau_ms[order], one.area[order])


def _sound(fit: TimesFit, dead_ms: float) -> bool:
    """Whether no two components are one, and each has an area that the times can show.

    A few times in a hundred next to the dead time are what filter and noise do to the shortest
    events, not a component.
    """
    for one in (fit.shut, fit.open):
        if np.any(one.area < _SMALLEST) or np.any(one.tau_ms[1:] < 1.3 * one.tau_ms[:-1]):
            return False
        seen = one.area * np.exp(dead_ms / one.tau_ms.max() - dead_ms / one.tau_ms)
        near = one.tau_ms < _NEAR * dead_ms
        if near.any() and seen[near].sum() < _FEW_NEAR * seen.sum():
            return False
    return True


def information_of(fit: TimesFit, problem: Problem) -> Array | None:
    """Return the observed information; None where the likelihood has no clear maximum."""
    n = (fit.shut.tau_ms.size, fit.open.tau_ms.size)
    p, size, step = fit.parameters, fit.parameters.size, 0.01
    shifts = step * np.eye(size)
    information = np.empty((size, size))

    def value(at: Array) -> float:
        return problem.likelihood(at, n)

    for j in range(size):
        for k in range(j + 1):
            a, b = shifts[j], shifts[k]
            second = value(p + a + b) - value(p + a - b) - value(p - a + b) + value(p - a - b)
            information[j, k] = information[k, j] = -second / (4 * step**2)
    try:
        variance = np.diag(np.linalg.inv(information))
    except np.linalg.LinAlgError:
        return None
    return information if np.all(variance > 0) else None

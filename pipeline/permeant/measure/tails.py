"""Tail currents: the current at the very start of a step, read back over the clamp's settling.

What a step finds open after a prepulse carries current at once; then the channels close, or
more of them open.  The first of it hides under the capacitive transient, so the current behind
the transient is followed back to the start of the step.  It is described by a constant with no,
one or two exponentials (Hodgkin & Huxley 1952, doi:10.1113/jphysiol.1952.sp004717).  No single fit
is trusted: time constants on a grid, and the number of exponentials by its small-sample
information criterion (Hurvich & Tsai 1989, doi:10.1093/biomet/76.2.297), are averaged by how well
they describe the samples, so that the error holds what the choice among them adds.

All sweeps share the times of their samples, so every model is solved once for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from permeant.measure.noise import integrated_autocorrelation
from permeant.measure.step_starts import StepStarts
from permeant.measure.transient import Floats

_BINS = 40
_FEWEST_BINS = 12
_REACH = 30
"""The fit goes over thirty times the delay: farther on tells no more about the start."""
_TAUS = 20
_FASTEST = 2.0
"""Faster than twice the delay is lost in it, and what is left of a transient looks like that."""
_SLOWEST = 6.0
_LATEST = 0.2
_GROWTH = 2.0**0.5
_AGREE_SD = 2.0
_AGREE = 1.5
_SMALL = 0.02
_AREA_SD = 6.0
_FEWEST_JUMPS = 4
_RELAXES = 0.2
_STRAIGHT = 0.01
_NO_JUMP_MV = 3.0
_SHRINK = 10.0


class TailStart(NamedTuple):
    """The current at the start of every step, from the samples ``first`` to ``stop`` after it.

    ``i_pa`` and ``var`` (pA²) are what the models say of the start, ``at_delay_pa`` and
    ``at_delay_var`` of the first sample behind the delay; ``slope`` is pA per sample there.
    """

    first: int
    stop: int
    i_pa: Floats
    var: Floats
    at_delay_pa: Floats
    at_delay_var: Floats
    slope: Floats
    sd_pa: Floats
    curve_at: Floats
    """Times, in samples after the start, at which the curves are given."""
    curves_pa: Floats


@dataclass(frozen=True)
class _Models:
    """All models on one grid of times: what they project on, and what they say of the start."""

    orders: NDArray[np.int64]
    bases: tuple[Floats, ...]
    seen: tuple[Floats, ...]


@lru_cache(maxsize=64)
def _models(first: float, size: float, n: int) -> _Models:
    """Build the models for ``n`` means over ``size`` samples, the first centred on ``first``."""
    at = first + size * np.arange(n)
    ask = _asked(first, size, n)
    slowest = _SLOWEST * (at[-1] + 0.5 * size)
    fastest = max(_FASTEST * max(at[0] - 0.5 * size, 1.0), 0.5 * size)
    taus = np.geomspace(fastest, slowest, _TAUS)
    # a mean over a stretch is not the middle of it
    blur = np.sinh(0.5 * size / taus) / (0.5 * size / taus)
    decays, asked = blur * np.exp(-at[:, None] / taus), np.exp(-ask[:, None] / taus)
    a, b = np.triu_indices(_TAUS, 1)
    flat, start = np.ones((1, n, 1)), np.ones((1, ask.size, 1))
    ones, starts = np.ones((n, 1)), np.ones((ask.size, 1))
    single = [np.stack([ones[:, 0], decays[:, k]], axis=1) for k in range(_TAUS)]
    at_single = [np.stack([starts[:, 0], asked[:, k]], axis=1) for k in range(_TAUS)]
    double = np.stack([np.broadcast_to(ones, (n, a.size)), decays[:, a], decays[:, b]], axis=2)
    at_double = np.stack(
        [np.broadcast_to(starts, (ask.size, a.size)), asked[:, a], asked[:, b]], axis=2
    )
    designs = (flat, np.stack(single), double.transpose(1, 0, 2))
    wanted = (start, np.stack(at_single), at_double.transpose(1, 0, 2))
    bases, seen = [], []
    for design, want in zip(designs, wanted, strict=True):
        q, r = np.linalg.qr(design)
        bases.append(q)
        seen.append(np.linalg.solve(r.transpose(0, 2, 1), want.transpose(0, 2, 1)))
    orders = np.repeat(np.arange(3), [len(basis) for basis in bases])
    return _Models(orders, tuple(bases), tuple(seen))


def _asked(first: float, size: float, n: int) -> Floats:
    """Return the times at which the models are asked: the start, the delay, then a curve."""
    delay, stop = first - 0.5 * (size - 1.0), first + size * (n - 0.5)
    return np.concatenate([[0.0, delay, delay + 1.0], np.linspace(0.0, stop, 33)])


def extrapolate(rows_pa: Floats, first: int, stop: int | None = None) -> TailStart | None:
    """Follow the currents of all sweeps back to the start of their steps.

    Parameters
    ----------
    rows_pa : array, shape (sweeps, samples)
        Currents in pA from the start of the step on.
    first : int
        The first sample after the settling.
    stop : int, optional
        Where the fit ends; default: at thirty times the delay, or the end of the step.

    Returns
    -------
    TailStart or None
        ``None`` where too few samples are left.

    Notes
    -----
    The variance of each model is ``s² tau`` times what its least squares make of it, with the
    integrated autocorrelation ``tau`` of the residuals; that of the average adds the scatter
    between the models (Buckland, Burnham & Augustin 1997, doi:10.2307/2533961).
    """
    stop = min(_REACH * first if stop is None else stop, rows_pa.shape[1])
    size = max(-(-(stop - first) // _BINS), 1)
    n = (stop - first) // size
    if n < _FEWEST_BINS:
        return None
    stop = first + n * size
    bins = rows_pa[:, first:stop].reshape(-1, n, size).mean(axis=2)
    models = _models(first + 0.5 * (size - 1), float(size), n)
    offset = bins.mean(axis=1, keepdims=True)
    away = bins - offset
    known = [np.einsum("mnp,sn->smp", basis, away) for basis in models.bases]
    square = (away**2).sum(axis=1)
    left = np.concatenate([square[:, None] - (k**2).sum(axis=2) for k in known], axis=1)
    noise, worth = _noise(left, models, known, away)
    weights = _weights(np.maximum(left, 0.0), models.orders, noise, n / worth)
    says = np.concatenate(
        [np.einsum("smp,mpa->sma", k, s) for k, s in zip(known, models.seen, strict=True)], axis=1
    )
    spread = np.concatenate([(s**2).sum(axis=1) for s in models.seen])
    mean = np.einsum("sm,sma->sa", weights, says)
    var = noise[:, None] * (weights @ spread)
    var += np.einsum("sm,sma->sa", weights, (says - mean[:, None]) ** 2)
    mean += offset
    return TailStart(
        first=first,
        stop=stop,
        i_pa=mean[:, 0],
        var=var[:, 0],
        at_delay_pa=mean[:, 1],
        at_delay_var=var[:, 1],
        slope=mean[:, 2] - mean[:, 1],
        sd_pa=np.sqrt(noise * size / worth),
        curve_at=_asked(first + 0.5 * (size - 1), float(size), n)[3:],
        curves_pa=mean[:, 3:],
    )


def _noise(
    left: Floats, models: _Models, known: Sequence[Floats], away: Floats
) -> tuple[Floats, float]:
    """Return the variance that a mean of one bin is worth, sweep by sweep, and how it is shared.

    From what the best pair of exponentials leaves; a sweep's own value leans on that of all.
    """
    n = away.shape[1]
    doubles = np.flatnonzero(models.orders == 2)
    best = left[:, doubles].argmin(axis=1)
    rows = np.arange(away.shape[0])
    fitted = np.einsum("snp,sp->sn", models.bases[2][best], known[2][rows, best])
    residuals = away - fitted
    dof = max(n - 5, 1)
    squares = (residuals**2).sum(axis=1)
    worth = float(np.mean([integrated_autocorrelation(row) for row in residuals]))
    typical = float(np.median(squares)) / dof
    variance = (squares + _SHRINK * typical) / (dof + _SHRINK)
    floor = 1e-12 * (float(np.ptp(away)) ** 2 + 1.0)
    return np.maximum(variance * worth, floor), worth


def _weights(left: Floats, orders: NDArray[np.int64], noise: Floats, n: float) -> Floats:
    """Weigh the models of each sweep: the orders by AICc, the time constants by likelihood."""
    chi = left / noise[:, None]
    weights = np.zeros_like(chi)
    scores = []
    for order in range(3):
        mine = orders == order
        k = 2 * order + 1
        least = chi[:, mine].min(axis=1)
        scores.append(least + 2 * k + 2 * k * (k + 1) / max(n - k - 1, 1.0))
        likely = np.exp(-0.5 * (chi[:, mine] - least[:, None]))
        weights[:, mine] = likely / likely.sum(axis=1, keepdims=True)
    score = np.stack(scores, axis=1)
    share = np.exp(-0.5 * (score - score.min(axis=1, keepdims=True)))
    share /= share.sum(axis=1, keepdims=True)
    weighed: Floats = weights * share[:, orders]
    return weighed


def find_delay(rows_pa: Floats, jumps_mv: Floats) -> tuple[TailStart, bool] | None:
    """Find how much of the steps' beginning belongs to the clamp, and extrapolate over it.

    Parameters
    ----------
    rows_pa : array, shape (sweeps, samples)
        Currents in pA from the start of the step on.
    jumps_mv : array, shape (sweeps,)
        How far the command jumps at the start: a transient is in proportion to it.

    Returns
    -------
    (TailStart, bool) or None
        With the shortest delay from which on a longer one makes no difference that counts, and
        whether there is one; what difference it still makes is part of the error.  ``None``
        where the step is too short.
    """
    tried: list[TailStart] = []
    latest = max(round(_LATEST * rows_pa.shape[1]), 3)
    first = 2.0
    while round(first) <= latest:
        found = extrapolate(rows_pa, round(first))
        if found is None:
            break
        tried.append(found)
        # one step longer than the first that agrees with both its successors
        if len(tried) >= 4 and all(_agree(tried[-4], late, jumps_mv) for late in tried[-3:-1]):
            return with_choice_of_delay(tried[-3], tried[-1], jumps_mv), True
        first = max(first * _GROWTH, first + 1.0)
    if not tried:
        return None
    return with_choice_of_delay(tried[-1], tried[len(tried) // 2], jumps_mv), False


def with_choice_of_delay(chosen: TailStart, other: TailStart, jumps_mv: Floats) -> TailStart:
    """Add to the errors what another delay would have made of the same currents.

    Steps of neighbouring levels tell together how much that is.
    """
    order = np.argsort(jumps_mv, kind="stable")
    excess = (chosen.i_pa - other.i_pa) ** 2 - (chosen.var + other.var)
    near = np.pad(excess[order], 1, mode="edge")
    smooth = np.empty_like(excess)
    smooth[order] = (near[:-2] + near[1:-1] + near[2:]) / 3.0
    return chosen._replace(var=chosen.var + np.maximum(smooth, 0.0))


def _agree(early: TailStart, late: TailStart, jumps_mv: Floats) -> bool:
    """Whether two delays lead to the same currents, one by one and in proportion to the jump.

    What is left of a transient is in proportion to the jump; differences far below the range of
    the currents are no matter of the clamp, since a decay need not be exponential.
    """
    away = early.i_pa - late.i_pa
    weight = 1.0 / (early.var + late.var)
    power = max(float(weight @ jumps_mv**2), 1e-30)
    along = float((weight * jumps_mv) @ away)
    small_pa = _SMALL * float(np.ptp(late.i_pa))
    most_pa = abs(along) / power * float(np.abs(jumps_mv).max())
    together = abs(along) / power**0.5 <= _AGREE_SD or most_pa <= small_pa
    chi = float(np.mean(weight * away**2))
    return together and (chi <= _AGREE or float(np.mean(away**2)) <= small_pa**2)


def find_lag(rows_pa: Floats, jumps_mv: Floats, tails: TailStart) -> tuple[float, float]:
    """Return when the voltage of a step arrives, and the error of that, in samples.

    Channels begin to relax when the membrane follows the command, ``R_s C`` after the start of
    the step, and a filter shows it later by its delay: together the mean time of the transient,
    the difference between the current and what is followed back through it.

    Parameters
    ----------
    rows_pa : array, shape (sweeps, samples)
        Currents in pA from the start of the step on.
    jumps_mv : array, shape (sweeps,)
        How far the command jumps.
    tails : TailStart
        What was extrapolated.
    """
    at = np.arange(tails.first)
    share = at / tails.first
    back = tails.i_pa[:, None] * (1.0 - share) + tails.at_delay_pa[:, None] * share
    power = max(float(jumps_mv @ jumps_mv), 1e-30)
    transient = jumps_mv @ (rows_pa[:, : tails.first] - back) / power
    transient[0] *= 0.5  # the trapezoidal rule
    noise = float(np.sqrt(jumps_mv**2 @ (tails.sd_pa**2 + tails.var))) / power
    area = float(transient.sum())
    if abs(area) > _AREA_SD * noise * tails.first**0.5:
        lag = float(at @ transient) / area
        if 0.0 <= lag <= 0.5 * tails.first:
            # one sample is as fine as the start of the step is known
            return lag, float(np.hypot(0.2 * lag, 0.3))
    return 0.25 * tails.first, 0.15 * tails.first


def read_at_lag(tails: TailStart, lag: float) -> TailStart:
    """Return the currents at the time when the voltage of the step arrives."""
    share = lag / tails.first
    return tails._replace(i_pa=tails.i_pa * (1.0 - share) + tails.at_delay_pa * share)


def looks_capacitive(starts: StepStarts, tails: TailStart) -> bool:
    """Whether what relaxes during the steps is in proportion to their jumps, as charging is.

    What channels leave when they close is zero at their reversal; what a capacitance takes is
    zero where the command does not move.
    """
    rows, jumps = starts.rows_pa, starts.jumps_mv
    if jumps.size < _FEWEST_JUMPS or np.ptp(jumps) == 0.0:
        return False
    end_pa = rows[:, -max(rows.shape[1] // 10, 2) :].mean(axis=1)
    relaxing = tails.i_pa - end_pa
    share = float(np.abs(relaxing).max()) / max(float(np.ptp(tails.i_pa)), 1e-12)
    slope, level = np.polyfit(jumps, relaxing, 1)
    if share < _RELAXES or slope <= 0.0:
        return False
    residuals = relaxing - slope * jumps
    straight = float(residuals @ residuals) < _STRAIGHT * float(relaxing @ relaxing)
    return straight and abs(level) < _NO_JUMP_MV * slope

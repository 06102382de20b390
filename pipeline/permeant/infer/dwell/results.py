"""Open and shut times of a channel with 95 % intervals, or why they cannot be given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from permeant.infer.dwell.apparent import Mixture, apparent_times
from permeant.infer.dwell.equal_channels import fit_level_times, view_level_times
from permeant.infer.dwell.mixtures import TimesFit, fit_times, unpack
from permeant.measure.single_channel.number import independent, number_told
from permeant.records import DwellComponent, DwellCounts, DwellTimes, SingleChannel

_KINDS: tuple[Literal["shut", "open"], ...] = ("shut", "open")
_Z95 = 1.959963984540054
_FEWEST_EVENTS = 50
_LONGEST_DEAD = 0.35
"""Of the fastest time constant that is given: beyond it too much is hidden to be put back."""


def describe_times(patch: SingleChannel) -> tuple[DwellTimes, ...]:
    """Fit open and shut times at one voltage.

    Parameters
    ----------
    patch : SingleChannel
        What was measured at the voltage.

    Returns
    -------
    tuple of DwellTimes
        Shut, then open; nothing where the patch itself was rejected.
    """
    if patch.status != "ok" or patch.dead_time_ms is None:
        return ()
    if patch.level_times:
        return _of_several(patch)
    if len(patch.dwells) != 2:
        return ()
    shut, opened = patch.dwells
    fewest = min(sum(shut.counts), sum(opened.counts))
    if fewest < _FEWEST_EVENTS:
        return _rejected(patch, f"{fewest} times, fewer than {_FEWEST_EVENTS}: too few to fit")
    fit = fit_times(shut, opened)
    why_not = _why_not(fit, patch.dead_time_ms)
    if why_not:
        return _rejected(patch, why_not)
    return tuple(
        replace(
            _times(fit, kind, patch, sum(counts.counts)),
            counts=counts,
            expected=_expected(*_own_and_other(fit, kind), counts),
        )
        for kind, counts in zip(_KINDS, (shut, opened), strict=True)
    )


def _of_several(patch: SingleChannel) -> tuple[DwellTimes, ...]:
    """Fit the times of one of several equal channels."""
    n_channels, p_open, n_openings = patch.n_channels, patch.p_open, patch.n_openings
    assert n_channels is not None
    assert p_open is not None
    assert n_openings is not None
    assert patch.dead_time_ms is not None
    if not independent(patch):
        return _rejected(
            patch,
            "the levels are not those of equal, independent channels (the shares of time at them "
            "are not binomial): what times one of them has cannot be told",
        )
    if n_openings < _FEWEST_EVENTS:
        return _rejected(
            patch, f"{n_openings} openings, fewer than {_FEWEST_EVENTS}: too few to fit"
        )
    open_ms = p_open * n_channels * patch.duration_s * 1e3 / n_openings
    fit = fit_level_times(
        patch.level_times,
        n_channels,
        patch.dead_time_ms,
        about_ms=(open_ms * (1.0 - p_open) / p_open, open_ms),
        n_times=n_openings,
    )
    why_not = _why_not(fit, patch.dead_time_ms)
    if why_not:
        return _rejected(patch, why_not)
    views = view_level_times(fit, patch.level_times, n_channels, patch.dead_time_ms)
    shut, opened = (_times(fit, kind, patch, n_openings) for kind in _KINDS)
    if "shut" in views:
        shut = replace(shut, counts=views["shut"][0], expected=views["shut"][1])
    if "open" in views:
        opened = replace(opened, counts=views["open"][0], expected=views["open"][1])
    if not number_told(patch):
        (shut, _) = _rejected(
            patch,
            f"whether the patch holds {n_channels} channels or more cannot be told: one more "
            "would have been open with all others fewer than 3 times; the shut time of one "
            "channel goes with their number (its open time does not)",
        )
    return shut, opened


def _why_not(fit: TimesFit, dead_time_ms: float) -> str:
    """Return why a fit gives no times; empty where it does."""
    if fit.covariance is None:
        return "the likelihood has no clear maximum: no errors can be given"
    fastest = min(float(fit.shut.tau_ms[0]), float(fit.open.tau_ms[0]))
    if dead_time_ms > _LONGEST_DEAD * fastest:
        return (
            f"the dead time of {dead_time_ms:.2g} ms, which the noise asks for, is more than "
            f"{_LONGEST_DEAD:g} of the fastest time constant ({fastest:.2g} ms): too much is "
            "hidden to be put back; record with less noise"
        )
    return ""


def _own_and_other(fit: TimesFit, kind: str) -> tuple[Mixture, Mixture]:
    return (fit.shut, fit.open) if kind == "shut" else (fit.open, fit.shut)


def _rejected(patch: SingleChannel, reason: str) -> tuple[DwellTimes, ...]:
    return tuple(
        DwellTimes(kind, patch.v_membrane_mv, "rejected", reason, dead_time_ms=patch.dead_time_ms)
        for kind in _KINDS
    )


def _times(
    fit: TimesFit, kind: Literal["open", "shut"], patch: SingleChannel, n_events: int
) -> DwellTimes:
    n, k = (fit.shut.tau_ms.size, fit.open.tau_ms.size), int(kind == "open")
    own, _ = _own_and_other(fit, kind)
    low, high = mean_limits_ms(fit, k)
    tau_low, tau_high = _limits(fit, n, lambda pair: np.log(pair[k].tau_ms))
    size = own.tau_ms.size
    area_low, area_high = (
        _limits(fit, n, lambda pair: np.log(pair[k].area / (1.0 - pair[k].area)))
        if size > 1
        else (np.array([]), np.array([]))
    )
    components = tuple(
        DwellComponent(
            float(own.tau_ms[j]),
            float(tau_low[j]),
            float(tau_high[j]),
            float(own.area[j]),
            float(area_low[j] / (1 + area_low[j])) if size > 1 else None,
            float(area_high[j] / (1 + area_high[j])) if size > 1 else None,
        )
        for j in range(size)
    )
    return DwellTimes(
        kind,
        patch.v_membrane_mv,
        "ok",
        mean_ms=own.mean_ms,
        mean_low_ms=low,
        mean_high_ms=high,
        n_events=n_events,
        dead_time_ms=patch.dead_time_ms,
        components=components,
    )


def mean_limits_ms(fit: TimesFit, kind: int) -> tuple[float, float]:
    """Return the 95 % limits of a mean time.

    Parameters
    ----------
    fit : TimesFit
        With its covariance.
    kind : int
        0 for the shut times, 1 for the open ones.
    """
    n = (fit.shut.tau_ms.size, fit.open.tau_ms.size)
    low, high = _limits(fit, n, lambda pair: np.log([pair[kind].mean_ms]))
    return float(low[0]), float(high[0])


def _limits(
    fit: TimesFit, n: tuple[int, int], quantity: object
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the 95 % limits of what a function gives the logarithm (or log-odds) of."""
    assert callable(quantity)
    assert fit.covariance is not None
    p, step = fit.parameters, 1e-4
    middle = np.asarray(quantity(unpack(p, n)))
    slopes = [
        (np.asarray(quantity(unpack(p + shift, n))) - middle) / step
        for shift in step * np.eye(p.size)
    ]
    gradient = np.array(slopes)
    half = _Z95 * np.sqrt(np.einsum("ik,ij,jk->k", gradient, fit.covariance, gradient))
    return np.exp(middle - half), np.exp(middle + half)


def _expected(own: Mixture, other: Mixture, counts: DwellCounts) -> tuple[float, ...]:
    edges = np.array(counts.edges_ms)
    survival = apparent_times(own, other, float(edges[0])).survival(edges - edges[0])
    chance: Sequence[float] = (survival[:-1] - survival[1:]).tolist()
    seen = sum(counts.counts) + len(counts.censored_ms)
    return tuple(float(f"{seen * one:.6g}") for one in chance)

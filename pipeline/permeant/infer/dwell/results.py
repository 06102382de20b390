"""Open and shut times of a channel with 95 % intervals, or why they cannot be given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from permeant.infer.dwell.apparent import Mixture, apparent_times
from permeant.infer.dwell.mixtures import TimesFit, fit_times, unpack
from permeant.records import DwellComponent, DwellCounts, DwellTimes, SingleChannel

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
    if len(patch.dwells) != 2:
        return _rejected(
            patch,
            f"{patch.n_channels} channels are open at once: which of them opened or shut is not "
            "seen, so that lengths of levels are not open and shut times",
        )
    shut, opened = patch.dwells
    fewest = min(sum(shut.counts), sum(opened.counts))
    if fewest < _FEWEST_EVENTS:
        return _rejected(patch, f"{fewest} times, fewer than {_FEWEST_EVENTS}: too few to fit")
    fit = fit_times(shut, opened)
    if fit.covariance is None:
        return _rejected(patch, "the likelihood has no clear maximum: no errors can be given")
    fastest = min(float(fit.shut.tau_ms[0]), float(fit.open.tau_ms[0]))
    if patch.dead_time_ms > _LONGEST_DEAD * fastest:
        return _rejected(
            patch,
            f"the dead time of {patch.dead_time_ms:.2g} ms, which the noise asks for, is more than "
            f"{_LONGEST_DEAD:g} of the fastest time constant ({fastest:.2g} ms): too much is "
            "hidden to be put back; record with less noise",
        )
    return tuple(_times(fit, k, counts, patch) for k, counts in enumerate((shut, opened)))


def _rejected(patch: SingleChannel, reason: str) -> tuple[DwellTimes, ...]:
    return tuple(
        DwellTimes(kind, patch.v_membrane_mv, "rejected", reason, dead_time_ms=patch.dead_time_ms)
        for kind in ("shut", "open")
    )


def _times(fit: TimesFit, k: int, counts: DwellCounts, patch: SingleChannel) -> DwellTimes:
    n = (fit.shut.tau_ms.size, fit.open.tau_ms.size)
    own, other = (fit.shut, fit.open) if k == 0 else (fit.open, fit.shut)
    low, high = _limits(fit, n, lambda pair: np.log([pair[k].mean_ms]))
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
        counts.kind,
        patch.v_membrane_mv,
        "ok",
        mean_ms=own.mean_ms,
        mean_low_ms=float(low[0]),
        mean_high_ms=float(high[0]),
        n_events=sum(counts.counts),
        dead_time_ms=patch.dead_time_ms,
        components=components,
        counts=counts,
        expected=_expected(own, other, counts),
    )


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

"""How many channels a patch holds: what the levels that were seen can tell.

Equal channels that gate independently of each other spend binomial shares of the time at their
levels; and a patch that held one more would, at its open probability, sometimes show it.
"""

from __future__ import annotations

from math import comb, exp

import numpy as np
from numpy.typing import NDArray

from permeant.measure.single_channel.idealise import Events
from permeant.records import SingleChannel

Array = NDArray[np.float64]

_STRETCHES = 24
_UNLIKELY = 0.001
_SURELY_SEEN = 3.0
"""Expected visits of which none is seen in 5 % of cases (e^-3)."""


def independent(patch: SingleChannel) -> bool:
    """Return whether the levels can be those of equal channels that do not heed each other."""
    return patch.independence_p is None or patch.independence_p >= _UNLIKELY


def number_told(patch: SingleChannel) -> bool:
    """Return whether a patch that held one channel more would have shown it."""
    return patch.visits_of_one_more is None or patch.visits_of_one_more >= _SURELY_SEEN


def shares_of_levels(events: tuple[Events, ...], n_levels: int) -> Array:
    """Return the share of the time at every level, stretch by stretch.

    Parameters
    ----------
    events : tuple of Events
        Of every trace.
    n_levels : int
        The shut one among them.

    Returns
    -------
    array (stretches, n_levels)
    """
    parts = max(1, _STRETCHES // len(events))
    shares = []
    for some in events:
        ends = np.append(some.start, some.stop).astype(np.float64)
        edges = np.linspace(0, some.stop, parts + 1)
        columns = []
        for level in range(n_levels):
            area = np.concatenate([[0.0], np.cumsum((some.level == level) * some.length)])
            columns.append(np.diff(np.interp(edges, ends, area)) / np.diff(edges))
        shares.append(np.column_stack(columns))
    return np.concatenate(shares)


def chance_of_shares(shares: Array) -> float | None:
    """Return how likely shares so far from binomial ones are, were the channels independent.

    Parameters
    ----------
    shares : array (stretches, levels)
        Share of the time at every level from the shut one on.

    Returns
    -------
    float or None
        Of Hotelling's T² over the stretches; None with one channel, or too few stretches.
    """
    from scipy import special  # noqa: PLC0415 - most jobs measure no patch, and it loads slowly

    n, levels = shares.shape
    dimension = levels - 2
    if dimension < 1 or n < dimension + 5:
        return None
    channels = levels - 1
    each = shares @ np.arange(levels) / channels
    p = float(each.mean())
    if not 0.0 < p < 1.0:
        return None
    number = np.arange(levels)
    ways = np.array([comb(channels, k) for k in range(levels)])
    expected = ways * p**number * (1 - p) ** (channels - number)
    slope = expected * (number / p - (channels - number) / (1 - p))
    miss = (shares - expected - np.outer(each - p, slope))[:, :dimension]
    mean = miss.mean(axis=0)
    covariance = np.atleast_2d(np.cov(miss, rowvar=False))
    t_squared = n * float(mean @ np.linalg.pinv(covariance) @ mean)
    ratio = t_squared * (n - dimension) / (dimension * (n - 1))
    return float(special.fdtrc(dimension, n - dimension, ratio))


def visits_of_one_more(
    n_channels: int, p_open: float, open_ms: float, duration_ms: float, dead_ms: float
) -> float:
    """Return how often all channels of a patch with one more would have been seen open at once.

    Parameters
    ----------
    n_channels : int
        Channels that were seen.
    p_open : float
        Open probability, were they all.
    open_ms, duration_ms, dead_ms : float
        Mean open time, length of the recording, dead time.

    Returns
    -------
    float
        Expected visits (the rate of entering the top level is (N + 1) p^(N + 1)/open time).
    """
    more = n_channels + 1
    p_each = p_open * n_channels / more
    entries = more * p_each**more / open_ms * duration_ms
    return entries * exp(-more * dead_ms / open_ms)

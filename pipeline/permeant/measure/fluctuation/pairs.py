"""Variance between repeated sweeps, from the differences of neighbouring ones.

The difference of two successive sweeps holds no current that both have, and little of what
changes slowly from sweep to sweep; half of its square is the variance (Heinemann & Conti 1992,
Methods Enzymol. 207:131, doi:10.1016/0076-6879(92)07009-D).  The zero level's noise is measured in
the same way, so what wanders from sweep to sweep is in both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_FORGOTTEN = 0.1


@dataclass(frozen=True)
class Ensemble:
    """Mean and variance over the sweeps, gathered in bins of equal mean.

    ``i_pa`` and ``i_squared`` are the means over the samples of a bin of the current over its zero
    (pA) and of its square (pA²); ``by_pair`` is (pairs, bins), each pair's variance less that of
    its zero level (pA²); ``total`` is the bins' variance with it.  ``samples_alike`` is the number
    of neighbouring samples that amount to an independent one.
    """

    i_pa: Floats
    i_squared: Floats
    by_pair: Floats
    total: Floats
    background: float
    n_samples: NDArray[np.int64]
    samples_alike: float

    @property
    def variance(self) -> Floats:
        """Variance over that of the zero level, bin by bin (pA²)."""
        return np.asarray(self.by_pair.mean(axis=0))


def pair_differences(current_pa: NDArray[np.floating], keep: NDArray[np.bool_]) -> Floats:
    """Return the differences of successive sweeps, over the square root of 2.

    Parameters
    ----------
    current_pa : array (sweeps, samples)
        Current in pA.
    keep : array of bool (sweeps,)
        Sweeps that may be used; the neighbours of one that may not are neighbours then.

    Returns
    -------
    array (pairs, samples)
    """
    kept = np.asarray(current_pa[keep], dtype=np.float64)
    return np.asarray(np.diff(kept, axis=0) / np.sqrt(2.0))


def gather_bins(  # noqa: PLR0917 - what was recorded, and where
    mean_pa: Floats,
    differences: Floats,
    quiet: slice,
    window: NDArray[np.intp],
    zero_pa: float,
    n_bins: int,
) -> Ensemble:
    """Gather the samples of a window in bins of equal width of their mean.

    Parameters
    ----------
    mean_pa : array (samples,)
        Mean of the sweeps.
    differences : array (pairs, samples)
        As :func:`pair_differences` gives them.
    quiet : slice
        Samples at the zero level, whose variance is the background.
    window : array of int
        Samples that are gathered.
    zero_pa : float
        Mean current with all channels shut.
    n_bins : int
        Bins over the range of the mean; empty ones are left out.
    """
    squares = differences[:, window] ** 2
    of_quiet = np.mean(differences[:, quiet] ** 2, axis=1)
    i_pa = mean_pa[window] - zero_pa
    # the mean of few sweeps scatters, and its square is too large by that
    scatter = squares.mean(axis=0) / (differences.shape[0] + 1)
    edges = np.linspace(i_pa.min(), i_pa.max(), n_bins + 1)
    place = np.clip(np.searchsorted(edges, i_pa, side="right") - 1, 0, n_bins - 1)
    filled = np.unique(place)
    bins = [place == k for k in filled]
    total = np.stack([squares[:, some].mean(axis=1) for some in bins], axis=1)
    return Ensemble(
        i_pa=np.array([i_pa[some].mean() for some in bins]),
        i_squared=np.array([np.mean(i_pa[some] ** 2 - scatter[some]) for some in bins]),
        by_pair=total - of_quiet[:, None],
        total=total.mean(axis=0),
        background=float(of_quiet.mean()),
        n_samples=np.array([some.sum() for some in bins]),
        samples_alike=count_alike(differences[:, window]),
    )


def count_alike(differences: Floats) -> float:
    """Return how many neighbouring samples amount to one, for the mean of their squares.

    1 + 2 times the sum of the squared autocorrelation, up to where it falls below a tenth.
    """
    n = differences.shape[1]
    size = 1 << (2 * n - 1).bit_length()
    # each moment in units of its own scatter, so that none counts more
    scaled = differences / np.sqrt(np.maximum((differences**2).mean(axis=0), 1e-30))
    spectrum = np.abs(np.fft.rfft(scaled, size, axis=1)) ** 2
    lagged = np.fft.irfft(spectrum.mean(axis=0), size)[:n] / (n - np.arange(n))
    rho = lagged / lagged[0]
    below = np.flatnonzero(rho < _FORGOTTEN)
    end = int(below[0]) if below.size else n
    return float(1.0 + 2.0 * np.sum(rho[1:end] ** 2))


def covariance_of_mean(by_pair: Floats) -> Floats:
    """Return the covariance of the means of columns whose neighbouring rows are correlated.

    Parameters
    ----------
    by_pair : array (pairs, columns)
        Rows next to each other share a sweep; others are independent.
    """
    n = by_pair.shape[0]
    off = by_pair - by_pair.mean(axis=0)
    own = off.T @ off
    next_to = off[1:].T @ off[:-1]
    return np.asarray((own + next_to + next_to.T) / (n * (n - 1)))

"""How far points scatter beyond their stated errors, or less than they say."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from permeant.infer.polynomial import Array

_SMALLER = np.array([0.5, 0.7])
_SMALLER_CHANCE = np.array([0.12, 0.24])
_STATED_CHANCE = 0.3
"""The chance, before the scatter is seen, that the stated errors are all there is."""
_WINDOWS_ALONE = 0.1
"""The same where these know nothing of what happens between the windows."""
_SIZES = np.geomspace(0.02, 200.0, 30)
_LEVEL = 0.95


class Scatter(NamedTuple):
    """What to multiply the stated variances with and to add to each, and how sure that is."""

    scale: float
    extra_pa: float
    share: float
    """How likely it is that there is more than the stated errors."""


def likely_scatter(
    v_mv: Array, i_pa: Array, covariance_pa2: Array, degree: int, *, between: bool
) -> Scatter:
    """Weigh every size of the scatter, below and beyond the stated errors, by its likelihood.

    Parameters
    ----------
    v_mv, i_pa : array, shape (n,)
        Points in mV and pA.
    covariance_pa2 : array, shape (n, n)
        Covariance of their stated errors.  A dozen sweeps stand behind it, so it may be too
        large by some tens of per cent.
    degree : int
        Degree of the polynomial that the points are held against.  A bent one was chosen to
        follow the points, so that what it leaves is no sign of too large errors.
    between : bool
        Whether the stated errors know of the noise between the windows.

    Returns
    -------
    Scatter
        A normal distribution with these errors holds 95 % where the mixture of all sizes
        does; so few points, which tell the scatter badly, give wide errors, as Student's t
        would.

    Notes
    -----
    The likelihood is the restricted one, of the part of the currents that no polynomial of the
    degree can follow (Patterson & Thompson 1971, doi:10.1093/biomet/58.3.545).
    """
    n_left = v_mv.size - degree - 1
    if n_left < 1:
        return Scatter(1.0, 0.0, 0.0)
    x = v_mv - v_mv.mean()
    x = x / max(float(np.abs(x).max()), 1e-9)
    free = np.linalg.qr(x[:, None] ** np.arange(degree + 1), mode="complete")[0][:, degree + 1 :]
    stated, axes = np.linalg.eigh(free.T @ covariance_pa2 @ free)
    stated = np.maximum(stated, 1e-18)
    seen = (axes.T @ (free.T @ i_pa)) ** 2
    usual = float(np.exp(np.mean(np.log(stated))))
    extra = max(usual, float(seen.mean())) * _SIZES
    smaller = _SMALLER_CHANCE if between and degree == 1 else np.full(_SMALLER.size, 1e-9)
    all_there_is = _STATED_CHANCE if between else _WINDOWS_ALONE
    # alike for all sizes of the whole error on a logarithmic scale
    more = extra / (usual + extra)
    more *= (1.0 - all_there_is - smaller.sum()) / more.sum()
    prior = np.concatenate([smaller, [all_there_is], more])
    variance = np.concatenate(
        [stated * _SMALLER[:, None], stated[None, :], stated + extra[:, None]]
    )
    likely = np.log(prior) - 0.5 * (np.log(variance) + seen / variance).sum(axis=1)
    weight = np.exp(likely - likely.max())
    weight /= weight.sum()
    whole = np.concatenate([usual * _SMALLER, [usual], usual + extra])
    found = _equivalent(np.sqrt(whole), weight)
    share = float(weight[_SMALLER.size + 1 :].sum())
    return Scatter(min(found / usual, 1.0), max(found - usual, 0.0) ** 0.5, share)


def _equivalent(sigma: Array, weight: Array) -> float:
    """Return the variance of the normal distribution that holds 95 % where a mixture does."""
    # the share outside falls smoothly with the limit, so a few dozen of them will do
    limits = np.linspace(0.8, 10.0, 93) * float(weight @ sigma**2) ** 0.5
    outside = special.erfc(limits[:, None] / (2.0**0.5 * sigma)) @ weight
    limit = float(np.interp(np.log(1.0 - _LEVEL), np.log(outside[::-1] + 1e-300), limits[::-1]))
    return (limit / float(special.ndtri(0.5 + _LEVEL / 2))) ** 2

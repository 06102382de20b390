"""The parabola of variance against mean: unitary current and number of channels.

N equal, independent channels that are open with the probability p have the mean N p i and the
variance N p (1 - p) i² = i I - I²/N (Sigworth 1980, J. Physiol. 307:97,
doi:10.1113/jphysiol.1980.sp013411).  The errors come from the scatter of the pairs of sweeps, each
of which gives a parabola of its own: samples near each other are not independent, sweeps are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from permeant.measure.fluctuation.pairs import Ensemble, Floats, covariance_of_mean

_ROUNDS = 4
_LEAST = 0.02
"""Smallest variance, over the largest, that a weight supposes."""

PAIRS_PER_DOF = 7.0
"""A pair's squared difference is about a chi-square of one degree, whose kurtosis is 15: the
variance of n of them is known like one of 2 n / (15 - 1) degrees of freedom."""

_MOST_BLOCKS = 20


@dataclass(frozen=True)
class Parabola:
    """variance = slope I - curvature I², with the covariance of the two.

    ``slope_pa`` is the unitary current with its sign, ``curvature`` 1/N; ``dof`` the degrees of
    freedom of their errors.  ``cubic_z`` and ``offset_z`` are how many standard errors a term in I³
    and a constant are from none; ``offset_pa2`` is that constant.
    """

    slope_pa: float
    curvature: float
    covariance: Floats
    dof: float
    cubic_z: float = 0.0
    offset_pa2: float = 0.0
    offset_z: float = 0.0

    def scaled(self, factor: float) -> Parabola:
        """Return the parabola of a variance that is larger by a factor."""
        return replace(
            self,
            slope_pa=self.slope_pa * factor,
            curvature=self.curvature * factor,
            covariance=self.covariance * factor**2,
            offset_pa2=self.offset_pa2 * factor,
        )


def fit_parabola(ensemble: Ensemble) -> Parabola:
    """Fit the parabola through zero by weighted least squares.

    Parameters
    ----------
    ensemble : Ensemble
        Bins of mean and variance, at least 4 of them.

    Returns
    -------
    Parabola
        Weights are the samples that a bin amounts to over the square of the variance that the
        parabola itself expects there: the scatter of a variance is in proportion to it, and one
        that came out small by chance must not weigh more.  What these weights leave of a bias is
        taken off by a jackknife over blocks of pairs.
    """
    plain, weights = _least_squares(ensemble)
    n = ensemble.by_pair.shape[0]
    cut = np.linspace(0, n, min(_MOST_BLOCKS, max(5, n // 8)) + 1).astype(int)
    left_out = []
    for first, last in pairwise(cut.tolist()):
        rest = np.delete(ensemble.by_pair, np.s_[first:last], axis=0)
        some = replace(ensemble, by_pair=rest, total=rest.mean(axis=0) + ensemble.background)
        left_out.append(_least_squares(some)[0] @ some.variance)
    slope, curvature = plain @ ensemble.variance
    many = len(left_out)
    of_blocks = np.array(left_out)
    if slope != 0.0 and np.all(of_blocks[:, 0] / slope > 0.0):
        # in the logarithm, since the scatter of a current from a variance is in proportion to it
        shift = (many - 1) * float(np.mean(np.log(of_blocks[:, 0] / slope)))
        slope = slope * float(np.exp(np.clip(-shift, -0.3, 0.3)))
    curvature = many * curvature - (many - 1) * float(of_blocks[:, 1].mean())
    offset_pa2, offset_z = _further_term(ensemble, weights, power=0)
    return Parabola(
        float(slope),
        float(curvature),
        covariance_of_mean(ensemble.by_pair @ plain.T),
        max(n / PAIRS_PER_DOF, 2.0),
        _further_term(ensemble, weights, power=3)[1],
        offset_pa2,
        offset_z,
    )


def _design(ensemble: Ensemble) -> Floats:
    return np.stack([ensemble.i_pa, -ensemble.i_squared], axis=1)


def _least_squares(ensemble: Ensemble) -> tuple[Floats, Floats]:
    """Return what takes the bins' variances to slope and curvature, and the bins' weights."""
    design = _design(ensemble)
    # from the number of samples alone: a scatter estimated bin by bin is large where the variance
    # came out large by chance, and weights by it would pull the parabola down
    worth = 1.0 + (ensemble.n_samples - 1) / ensemble.samples_alike
    expected = ensemble.total
    solve = np.zeros((2, expected.size))
    for _ in range(_ROUNDS):
        solve = _solver(design, worth / expected**2)
        fitted = design @ (solve @ ensemble.variance) + ensemble.background
        expected = np.maximum(fitted, _LEAST * ensemble.total.max())
    return solve, np.asarray(worth / expected**2)


def _solver(design: Floats, weights: Floats) -> Floats:
    """Return the matrix that takes variances to the parameters of least squares."""
    scale = np.abs(design).max(axis=0)
    weighted = (design / scale) * weights[:, None]
    solved = np.linalg.solve((design / scale).T @ weighted, weighted.T)
    return np.asarray(solved / scale[:, None])


def _further_term(ensemble: Ensemble, weights: Floats, power: int) -> tuple[float, float]:
    """Return a further term in a power of the mean, and how far it is from zero in its errors."""
    if ensemble.i_pa.size < 5:
        return 0.0, 0.0
    unit = (ensemble.i_pa / np.abs(ensemble.i_pa).max()) ** power
    solve = _solver(np.column_stack([_design(ensemble), unit]), weights)[2]
    each = ensemble.by_pair @ solve
    se = float(np.sqrt(max(covariance_of_mean(each[:, None])[0, 0], 1e-300)))
    return float(each.mean()), float(each.mean()) / se

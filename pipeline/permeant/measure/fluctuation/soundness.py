"""Whether repeated sweeps are repeats: sweeps that stand apart, run-down, drift."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from permeant.measure.fluctuation.pairs import Floats

_FAR = 8.0
_LOUD = 3.0
_NORMAL_MAD = 1.4826
_SMOOTHED = 200


def judge_sweeps(current_pa: NDArray[np.floating], quiet: slice) -> NDArray[np.bool_]:
    """Return which sweeps have a zero current and a noise like those of the others.

    Parameters
    ----------
    current_pa : array (sweeps, samples)
        Current in pA.
    quiet : slice
        Samples at the zero level.  The step itself is not looked at: to leave out sweeps whose
        channel current is unusual would take away the variance that is measured.
    """
    still = np.asarray(current_pa[:, quiet], dtype=np.float64)
    level, noise = still.mean(axis=1), still.std(axis=1)
    jump = np.abs(level - _running_median(level))
    usual = _NORMAL_MAD * float(np.median(jump)) + float(np.median(noise)) / np.sqrt(still.shape[1])
    finite = np.isfinite(current_pa).all(axis=1)
    return np.asarray(
        finite & (jump <= _FAR * usual + 1e-12) & (noise <= _LOUD * np.median(noise) + 1e-12)
    )


def _running_median(values: Floats, reach: int = 5) -> Floats:
    padded = np.pad(values, reach, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return np.asarray(np.median(around, axis=1))


def largest_mean_pa(mean_pa: Floats) -> float:
    """Return the largest mean current, with its sign, after a little smoothing."""
    reach = max(1, mean_pa.size // _SMOOTHED)
    smooth = np.convolve(mean_pa, np.full(reach, 1.0 / reach), "valid")
    return float(smooth[np.argmax(np.abs(smooth))])


def run_down_fraction(
    current_pa: NDArray[np.floating], window: NDArray[np.intp], quiet: slice
) -> float:
    """Return by how much the current of the last third of the sweeps is beyond the first's.

    As a fraction of the mean of the two, each sweep over its own zero; what is compared is how
    much of the mean course of all sweeps a sweep holds.
    """
    own = current_pa[:, window] - current_pa[:, quiet].mean(axis=1, dtype=np.float64)[:, None]
    course = own.mean(axis=0)
    size = own @ course
    third = max(1, len(size) // 3)
    first, last = float(size[:third].mean()), float(size[-third:].mean())
    middle = 0.5 * (abs(first) + abs(last))
    return (last - first) / middle if middle > 0.0 else 0.0


def drift_share(differences: Floats, background: float) -> tuple[float, float]:
    """Return which part of the excess variance is a change that goes on, and how sure that is.

    Between sweeps that are two apart such a change is twice as large and its square four times,
    while that of independent noise is the same: a third of what the variances differ by.

    Parameters
    ----------
    differences : array (pairs, samples)
        Of neighbouring sweeps, over the square root of 2.
    background : float
        Variance of the zero level.
    """
    near = np.mean(differences**2, axis=1)
    far = np.mean((differences[1:] + differences[:-1]) ** 2, axis=1)
    extra = (far - 0.5 * (near[1:] + near[:-1])) / 3.0
    excess = max(float(near.mean()) - background, 1e-300)
    # rows of far share sweeps with the next two on either side
    se = float(extra.std(ddof=1)) / np.sqrt(max(extra.size / 3.0, 1.0))
    return float(extra.mean()) / excess, float(extra.mean()) / max(se, 1e-300)

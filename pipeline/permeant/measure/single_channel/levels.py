"""Which levels a patch's current visits: peaks of the histogram of where it stands still."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_BINS_PER_SD = 6
_FEWEST_SAMPLES = 25
_CLEAR_VALLEY = 5.0
_CLOSEST_SD = 3.5
_MOST_BINS = 20_000
_ROUNDS = 12


@dataclass(frozen=True)
class Levels:
    """Levels in pA from the shut one outwards, the noise around them, and their shares."""

    at_pa: tuple[float, ...]
    noise_pa: float
    shares: tuple[float, ...]

    @property
    def step_pa(self) -> float:
        """Smallest distance between neighbours."""
        return float(np.abs(np.diff(self.at_pa)).min()) if len(self.at_pa) > 1 else 0.0

    @property
    def signal_to_noise(self) -> float:
        """Smallest step over the standard deviation of the noise."""
        return self.step_pa / self.noise_pa if self.noise_pa > 0 else 0.0


def noise_sd_pa(values: Array) -> float:
    """Return the standard deviation of noise from differences, which rare jumps do not move."""
    if values.size < 3:
        return 0.0
    return float(1.4826 * np.median(np.abs(np.diff(values))) / np.sqrt(2.0))


def standing_still(values: Array, noise_pa: float) -> Array:
    """Return the samples whose neighbours lie close: none of the way between two levels."""
    if values.size < 3:
        return values
    step = np.abs(np.diff(values))
    calm = np.maximum(step[:-1], step[1:]) < 2.5 * noise_pa
    return np.asarray(values[1:-1][calm])


def find_levels(values: Array, direction: str = "auto") -> Levels | None:
    """Find the levels in samples that are nearly independent of each other.

    Parameters
    ----------
    values : array (samples,)
        Current in pA, about four samples to the reciprocal of the filter's frequency, so short
        that the baseline stands still.
    direction : {'auto', 'inward', 'outward'}
        Which way the channel's current goes (as the amplifier shows it); ``auto``: the level
        next to zero current is the shut one.

    Returns
    -------
    Levels or None
        None where the current does not move, or has no two levels.
    """
    noise_pa = noise_sd_pa(values)
    if noise_pa <= 0:
        return None
    calm = standing_still(values, noise_pa)
    if calm.size < 4 * _FEWEST_SAMPLES:
        return None
    peaks = _peaks(calm, noise_pa)
    if len(peaks) < 2:
        return None
    levels = _settle(calm, _order(peaks, direction))
    return replace(levels, noise_pa=_outer_noise_pa(values, levels))


def _peaks(calm: Array, noise_pa: float) -> list[float]:
    low, high = float(calm.min()) - 3 * noise_pa, float(calm.max()) + 3 * noise_pa
    n_bins = int(min(_MOST_BINS, max(20, (high - low) / noise_pa * _BINS_PER_SD)))
    counts, edges = np.histogram(calm, n_bins, (low, high))
    width = edges[1] - edges[0]
    reach = max(1, round(0.5 * noise_pa / width))
    window = np.hanning(4 * reach + 3)
    smooth = np.convolve(counts, window, "same")
    top = np.flatnonzero((smooth[1:-1] > smooth[:-2]) & (smooth[1:-1] >= smooth[2:])) + 1
    top = top[smooth[top] >= _FEWEST_SAMPLES]
    kept: list[int] = []
    for peak in top.tolist():
        while kept:
            valley = smooth[kept[-1] : peak + 1].min()
            lower = min(smooth[kept[-1]], smooth[peak])
            close = (peak - kept[-1]) * width < _CLOSEST_SD * noise_pa
            if close or lower - valley < _CLEAR_VALLEY * np.sqrt(lower + valley):
                if smooth[peak] <= smooth[kept[-1]]:
                    break
                kept.pop()
            else:
                kept.append(peak)
                break
        else:
            kept.append(peak)
    return [float(0.5 * (edges[k] + edges[k + 1])) for k in kept]


def _order(peaks: list[float], direction: str) -> list[float]:
    """Begin with the shut level."""
    rising = sorted(peaks)
    if direction == "auto":
        direction = "outward" if abs(rising[0]) <= abs(rising[-1]) else "inward"
    return rising if direction == "outward" else rising[::-1]


def _settle(calm: Array, peaks: list[float]) -> Levels:
    """Move every level to the mean of the samples around it; no tails of the neighbours."""
    at = np.array(peaks)
    reach = 0.35 * float(np.abs(np.diff(at)).min())
    for _ in range(_ROUNDS):
        distance = calm[:, None] - at[None, :]
        near = np.abs(distance).argmin(axis=1)
        own = distance[np.arange(calm.size), near]
        inside = np.abs(own) < reach
        moved = [
            float(own[inside & (near == k)].mean()) if np.any(inside & (near == k)) else 0.0
            for k in range(at.size)
        ]
        at = at + np.array(moved)
    shares = np.bincount(near, minlength=at.size) / calm.size
    return Levels(tuple(at.tolist()), 0.0, tuple(shares.tolist()))


def _outer_noise_pa(values: Array, levels: Levels) -> float:
    """Return the noise from the sides of the end levels where no other level is.

    On the side of the other levels, gating that is too quick for the filter would add to it; a
    level that is visited too seldom to be found adds to it on the outer side, so that the quieter
    of the two ends counts.
    """
    at = np.array(levels.at_pa)
    sign = 1.0 if at[-1] > at[0] else -1.0
    found = []
    for beyond in (sign * (at[0] - values), sign * (values - at[-1])):
        half = beyond[(beyond > 0) & (beyond < levels.step_pa)]
        if half.size >= _FEWEST_SAMPLES:
            found.append(float(np.sqrt(np.mean(half**2))))
    return min(found, default=levels.step_pa)

"""Straight lines and correlations, without linear algebra.

Written out, since the general routines wake a pool of threads that fight over the cores where
several recordings are read at once (up to ten times the work itself).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def correlate(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return the correlation of two equally shaped arrays, 0 where one is constant."""
    a = one - np.mean(one, dtype=np.float64)
    b = other - np.mean(other, dtype=np.float64)
    size = float(np.sqrt(np.sum(a * a) * np.sum(b * b)))
    return float(np.sum(a * b)) / size if size > 0 else 0.0


def fit_line(x: NDArray[Any], y: NDArray[Any]) -> tuple[float, float]:
    """Return slope and value at 0 of the straight line through points."""
    centre, mean = float(np.mean(x, dtype=np.float64)), float(np.mean(y, dtype=np.float64))
    dx = x - centre
    weight = float(np.sum(dx * dx))
    slope = float(np.sum(dx * y)) / weight if weight > 0 else 0.0
    return slope, mean - slope * centre

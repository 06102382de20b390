"""What a page draws of the noise of many channels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from permeant.measure.fluctuation.pairs import Floats
from permeant.measure.fluctuation.parabola import Parabola
from permeant.records import MeanTrace

_MOST_POINTS = 300
_BAND_POINTS = 41


def mean_trace(
    mean_pa: Floats,
    differences: Floats,
    window: NDArray[np.intp],
    interval_ms: float,
    sign: int,
) -> MeanTrace:
    """Return the course of mean and variance around the window, few enough to be drawn."""
    around = window.size // 4
    first, last = max(0, int(window[0]) - around), min(mean_pa.size, int(window[-1]) + 1)
    group = -(-(last - first) // _MOST_POINTS)
    n = (last - first) // group
    part = slice(first, first + n * group)
    variance = (differences[:, part] ** 2).mean(axis=0)

    def grouped(values: Floats) -> tuple[float, ...]:
        return tuple(float(f"{v:.5g}") for v in values.reshape(n, group).mean(axis=1))

    return MeanTrace(
        time_ms=tuple(((first + (np.arange(n) + 0.5) * group) * interval_ms).round(4).tolist()),
        i_pa=grouped(sign * mean_pa[part]),
        variance_pa2=grouped(variance),
        window_start_ms=float(window[0]) * interval_ms,
        window_end_ms=float(window[-1] + 1) * interval_ms,
    )


def parabola_band(
    found: Parabola, i_max_pa: float, t: float, sign: int
) -> tuple[tuple[float, float, float, float], ...]:
    """Return the parabola as it was fitted, with its 95 % interval, along the mean current."""
    end = i_max_pa
    if found.curvature > 0.0 and abs(found.slope_pa) / found.curvature < 2.0 * abs(i_max_pa):
        end = found.slope_pa / found.curvature
    i_pa = np.linspace(0.0, end, _BAND_POINTS)
    design = np.stack([i_pa, -(i_pa**2)], axis=1)
    middle = design @ np.array([found.slope_pa, found.curvature])
    half = t * np.sqrt(np.einsum("ij,jk,ik->i", design, found.covariance, design).clip(0.0))
    rows = np.stack([sign * i_pa, middle, middle - half, middle + half], axis=1)
    return tuple(tuple(float(f"{v:.6g}") for v in row) for row in rows.tolist())  # type: ignore[misc]

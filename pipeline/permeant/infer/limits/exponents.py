"""Powers of viscosity: slopes of logarithms, within one patch or between patches.

Each recording's logarithms at the voltages that all recordings share are first made one number,
with the same weights for every recording, so that only the solution differs between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot, log, sqrt

import numpy as np
from numpy.typing import NDArray

from permeant.infer.pooling import NORMAL_95, student_95
from permeant.records import PatchState, PatchVoltage

Array = NDArray[np.float64]
Found = tuple[float, float, tuple[object, ...]]
"""A logarithm, its standard error, and what must be alike to be compared."""

SAME_VOLTAGE_MV = 1.0
_UNLIKELY = 0.05
FEWEST_PATCHES = 3


@dataclass(frozen=True)
class Exponent:
    """A power of viscosity; ``own_sigma`` is its error without that of the viscosity."""

    value: float
    sigma: float
    low: float
    high: float
    own_sigma: float


@dataclass(frozen=True)
class Levelled:
    """Logarithms of one quantity at shared voltages, one row a recording.

    ``y`` and ``se`` are (recordings, voltages), ``x`` is ln viscosity.
    """

    recordings: tuple[tuple[str, str], ...]
    """Cell and recording."""
    x: Array
    v_mv: tuple[float, ...]
    y: Array
    se: Array
    left_out: int

    @property
    def weights(self) -> Array:
        """What each voltage counts for: the same in every recording."""
        weights = 1.0 / np.sum(self.se**2, axis=0)
        return np.asarray(weights / weights.sum())

    @property
    def mean(self) -> Array:
        """One number a recording."""
        return np.asarray(self.y @ self.weights)

    @property
    def mean_se(self) -> Array:
        """Its standard error."""
        return np.asarray(np.sqrt(self.se**2 @ self.weights**2))


def level_quantity(
    states: Sequence[PatchState], quantity: str, reversals_mv: Sequence[float | None]
) -> Levelled | None:
    """Bring one quantity of several recordings to the voltages that they share.

    Parameters
    ----------
    states : sequence of PatchState
        One a recording.
    quantity : str
        ``i``, ``open`` or ``shut``.
    reversals_mv : sequence of float or None
        Of each recording; where known, currents are divided by V − E, so that small
        differences of the voltages do not matter.

    Returns
    -------
    Levelled or None
        Nothing where fewer than two viscosities have the quantity at one voltage.  Recordings
        that lack the voltage that most have are left out, and counted.
    """
    found = [
        {v: value for v in one.voltages if (value := _logarithm(v, quantity, e_mv))}
        for one, e_mv in zip(states, reversals_mv, strict=True)
    ]
    voltages: list[float] = []
    for v_mv in sorted(v.v_mv for some in found for v in some):
        if not voltages or v_mv - voltages[-1] > SAME_VOLTAGE_MV:
            voltages.append(v_mv)
    at = [{level: value for level in voltages if (value := _near(some, level))} for some in found]
    counts = [_recordings_at(level, at, states) for level in voltages]
    if not any(counts):
        return None
    best = voltages[counts.index(max(counts))]
    kept = [k for k, some in enumerate(at) if best in some]
    shared = [level for level in voltages if all(level in at[k] for k in kept)]
    shared = [level for level in shared if len({at[k][level][2] for k in kept}) == 1]
    if quantity != "i" and len({states[k].cell for k in kept}) == 1:
        # one patch holds as many channels in every solution; if not, one count is wrong, and
        # the times of one of several channels lean on it
        shared = [v for v in shared if len({_channels(states[k], v) for k in kept}) == 1]
    if not shared:
        return None
    values = np.array([[at[k][level][:2] for level in shared] for k in kept])
    return Levelled(
        tuple((states[k].cell, states[k].recording) for k in kept),
        np.log([states[k].viscosity_ratio for k in kept]),
        tuple(shared),
        values[:, :, 0],
        values[:, :, 1],
        len(states) - len(kept),
    )


def _channels(state: PatchState, level_mv: float) -> int | None:
    return next(v.n_channels for v in state.voltages if 0.0 <= v.v_mv - level_mv <= SAME_VOLTAGE_MV)


def _recordings_at(
    level_mv: float, at: Sequence[dict[float, Found]], states: Sequence[PatchState]
) -> int:
    """Return how many recordings have a voltage; 0 where they are of one viscosity only."""
    have = [one.viscosity_ratio for one, some in zip(states, at, strict=True) if level_mv in some]
    return len(have) if len(set(have)) > 1 else 0


def _near(some: dict[PatchVoltage, Found], level_mv: float) -> Found | None:
    near = [v for v in some if 0.0 <= v.v_mv - level_mv <= SAME_VOLTAGE_MV]
    return some[near[0]] if near else None


def _logarithm(v: PatchVoltage, quantity: str, e_rev_mv: float | None) -> Found | None:
    """Return a logarithm, its error, and what must be alike to be compared."""
    if quantity != "i":
        time = v.open_ms if quantity == "open" else v.shut_ms
        se = v.open_ln_se if quantity == "open" else v.shut_ln_se
        return (log(time), se, ()) if time and se else None
    if not v.i_pa or not v.i_ln_se:
        return None
    size = abs(v.i_pa)
    if e_rev_mv is not None:
        if abs(v.v_mv - e_rev_mv) < 5.0:  # a chord there is the reversal's error, no conductance
            return None
        size /= abs(v.v_mv - e_rev_mv)
    alike = ("inward" if v.i_pa < 0 else "outward", v.levels_are == "sublevels")
    return log(size), v.i_ln_se, alike


def one_row_a_patch(one: Levelled) -> Levelled:
    """Take the mean of recordings of one patch in one solution: patches count, not files."""
    keys = [(cell, x) for (cell, _), x in zip(one.recordings, one.x.tolist(), strict=True)]
    rows = [[k for k, other in enumerate(keys) if other == key] for key in dict.fromkeys(keys)]
    return replace(
        one,
        recordings=tuple(one.recordings[some[0]] for some in rows),
        x=np.array([one.x[some[0]] for some in rows]),
        y=np.array([one.y[some].mean(axis=0) for some in rows]),
        se=np.array([np.sqrt(np.sum(one.se[some] ** 2, axis=0)) / len(some) for some in rows]),
    )


def exponent_within(one: Levelled, x: Array, sigma_x: float) -> tuple[Exponent, str]:
    """Return the slope over the solutions that one patch saw.

    Parameters
    ----------
    one : Levelled
        Its rows are recordings of one patch.
    x : array
        Logarithm of viscosity (or of conductivity) of each.
    sigma_x : float
        Error of the logarithm of a solution over another, which no number of voltages reduces.

    Returns
    -------
    tuple
        The exponent, and what there is to know of it.

    Notes
    -----
    For two recordings ``a = ln(q_2/q_1)/ln(eta_2/eta_1)`` with
    ``sigma² = [s_1² + s_2² + (a sigma_x)²]/ln²(eta_2/eta_1)``.  Where voltages, or recordings
    in the same solution, differ by more than their errors explain, the error is the scatter.
    """
    y, se = one.mean, one.mean_se
    slope, own = _weighted_slope(x, y, se)
    note = ""
    spread = _scatter_of_voltages(one, x)
    if spread > 1.0:
        note = "it differs between voltages by more than the errors explain"
    own *= max(1.0, spread)
    half = NORMAL_95 * own
    if x.size > 2:
        off = y - np.average(y, weights=se**-2) - slope * (x - np.average(x, weights=se**-2))
        chi2, dof = float(np.sum((off / se) ** 2)), x.size - 2
        if _chance(chi2, dof) < _UNLIKELY:
            note = "recordings differ by more than the errors explain"
            own *= sqrt(chi2 / dof)
            half = student_95(dof) * own
    return _exponent(slope, half, own, sigma_x / float(np.ptp(x))), note


def exponent_between(one: Levelled, x: Array, sigma_x: float) -> Exponent:
    """Return the slope over groups of patches, each seen in one solution.

    Parameters
    ----------
    one : Levelled
        Its rows are patches, at least three in each solution.
    x, sigma_x
        As for `exponent_within`.

    Notes
    -----
    The errors are the scatter between patches: Welch's interval for two solutions, that of a
    straight line for more.
    """
    y, levels = one.mean, np.unique(x)
    if levels.size == 2:
        low, high = y[x == levels[0]], y[x == levels[1]]
        parts = [float(np.var(some, ddof=1)) / some.size for some in (low, high)]
        own = sqrt(sum(parts))
        bottom = parts[0] ** 2 / (low.size - 1) + parts[1] ** 2 / (high.size - 1)
        dof = int(sum(parts) ** 2 / bottom) if bottom > 0 else x.size - 2
        slope = float((high.mean() - low.mean()) / np.ptp(levels))
        own /= float(np.ptp(levels))
    else:
        centred = x - x.mean()
        slope = float(centred @ y / (centred @ centred))
        off, dof = y - y.mean() - slope * centred, x.size - 2
        own = sqrt(float(off @ off) / dof / float(centred @ centred))
    return _exponent(slope, student_95(max(dof, 1)) * own, own, sigma_x / float(np.ptp(levels)))


def combine(value: float, half: float, own_sigma: float, sigma_x_over_range: float) -> Exponent:
    """Return an exponent whose interval over patches is known, with the viscosity's error."""
    return _exponent(value, half, own_sigma, sigma_x_over_range)


def turned(one: Exponent) -> Exponent:
    """Return the exponent with the opposite sign."""
    return Exponent(-one.value, one.sigma, -one.high, -one.low, one.own_sigma)


def _exponent(value: float, half: float, own_sigma: float, shared: float) -> Exponent:
    whole = hypot(half, NORMAL_95 * value * shared)
    sigma = whole / NORMAL_95
    return Exponent(value, sigma, value - whole, value + whole, own_sigma)


def _weighted_slope(x: Array, y: Array, se: Array) -> tuple[float, float]:
    weight = se**-2
    centred = x - np.average(x, weights=weight)
    information = float(weight @ centred**2)
    return float((weight * centred) @ y) / information, information**-0.5


def _scatter_of_voltages(one: Levelled, x: Array) -> float:
    """Return by how much the slopes at single voltages scatter over their errors; 1 if not."""
    many = len(one.v_mv)
    if many < 2:
        return 1.0
    slopes = [_weighted_slope(x, one.y[:, k], one.se[:, k]) for k in range(many)]
    values, errors = np.array(slopes).T
    mean = np.average(values, weights=errors**-2)
    chi2 = float(np.sum(((values - mean) / errors) ** 2))
    return sqrt(chi2 / (many - 1)) if _chance(chi2, many - 1) < _UNLIKELY else 1.0


def _chance(chi2: float, dof: int) -> float:
    """Return the chance of a larger sum of squares."""
    from scipy import special  # noqa: PLC0415 - only patches in two solutions pay for it

    return float(special.chdtrc(dof, chi2))

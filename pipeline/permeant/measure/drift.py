"""What a drift of the holding current means for a curve that was recorded over many sweeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from permeant.measure.baseline import Trend
from permeant.measure.noise import Floats
from permeant.records import Correction

_FITS_SD = 3.719
_MISSES = 8.0
_EITHER = 0.5
"""Mean square of a share of the drift that is all or nothing, each as likely."""

Kind = Literal["none", "offset", "conductance", "unknown"]


@dataclass(frozen=True)
class Drift:
    """What a trend of the holding current is, what to take from each sweep, and its error.

    ``offset_pa`` is one number a sweep; each row of ``shared_pa`` says how far one standard
    error moves the sweeps together.
    """

    kind: Kind = "none"
    offset_pa: Floats | None = None
    shared_pa: tuple[Floats, ...] = ()
    change_fraction: float = 0.0
    """By how much the conductance changes over the sweeps, where that is what changes."""
    rows: tuple[Correction, ...] = ()

    def of_sweep(self, sweep: int) -> float:
        """Return what is to be taken from the pipette current of a sweep, counted from 0."""
        if self.offset_pa is None or sweep >= self.offset_pa.size:
            return 0.0
        return float(self.offset_pa[sweep])


def explain_drift(v_mv: Floats, i_pa: Floats, sem_pa: Floats, sweep: Floats, trend: Trend) -> Drift:
    """Tell a drift of the zero current from a conductance that changes, by the curve itself.

    Parameters
    ----------
    v_mv, i_pa, sem_pa : array, shape (n,)
        The points of the curve, not corrected for any drift, with their random errors.
    sweep : array of int, shape (n,)
        Their sweeps, counted from 0.
    trend : Trend
        The smooth part of the holding current, sweep by sweep.

    Returns
    -------
    Drift
        ``offset`` where the currents less the drift since the first sweep are on a straight
        line and those scaled with the holding current are not; then the drift is to be
        subtracted.  ``conductance`` where only the scaled ones are:
        the zero current then did not move, and nothing is subtracted.  Else ``unknown``:
        nothing is subtracted, and ``shared_pa`` carries the size of the drift.
    """
    trend_pa = trend.pa
    moved_pa = trend_pa - trend_pa[0]
    size_pa = float(moved_pa[-1])
    own_pa = moved_pa[sweep.astype(int)]
    scale = np.ones(sweep.size)
    if np.all(trend_pa * trend_pa[0] > 0):
        scale = (trend_pa / trend_pa[0])[sweep.astype(int)]
    offset = _misses(v_mv, i_pa - own_pa, np.hypot(sem_pa, trend.se_pa))
    scale_error = np.abs(i_pa) * trend.se_pa / np.maximum(np.abs(trend_pa).min(), 1e-9)
    scaled = _misses(v_mv, i_pa / scale, np.hypot(sem_pa, scale_error) / scale)
    # chi-square that chance exceeds once in ten thousand times (Wilson and Hilferty 1931)
    freedom = max(v_mv.size - 2, 1)
    limit = freedom * (1.0 - 2.0 / (9.0 * freedom) + _FITS_SD * (2.0 / (9.0 * freedom)) ** 0.5) ** 3
    said = f"the holding current drifts by {size_pa:+.3g} pA over the sweeps"
    if offset < limit and offset + _MISSES < scaled:
        why = f"{said}; the currents less that drift are on a straight line, scaled with it not"
        return Drift(
            "offset",
            moved_pa,
            (np.full(trend_pa.size, trend.se_pa), _along(trend_pa.size) * trend.tilt_se_pa),
            0.0,
            _row(size_pa, True, f"{why}: an offset since the first sweep, subtracted"),
        )
    if scaled < limit and scaled + _MISSES < offset:
        why = f"{said} in proportion to the conductance: currents over it are on a straight line"
        row = _row(size_pa, False, f"{why}; nothing to subtract")
        return Drift("conductance", None, (), size_pa / float(trend_pa[0]), row)
    shared_pa = (_EITHER**0.5 * moved_pa,)
    why = (
        f"{said}; whether the zero current moves or the conductance changes cannot be told from "
        "this curve, so the drift is in the errors of all points instead"
    )
    return Drift("unknown", None, shared_pa, 0.0, _row(size_pa, False, why))


def _along(n: int) -> Floats:
    return np.linspace(-0.5, 0.5, n)


def _row(size_pa: float, applied: bool, why: str) -> tuple[Correction, ...]:
    return (Correction("drift of the zero current", size_pa, "pA", applied, why),)


def _misses(v_mv: Floats, i_pa: Floats, sem_pa: Floats) -> float:
    """Return the chi-square that a straight line leaves."""
    design = np.stack([np.ones_like(v_mv), v_mv], axis=1) / sem_pa[:, None]
    known, *_ = np.linalg.lstsq(design, i_pa / sem_pa, rcond=None)
    left = i_pa / sem_pa - design @ known
    return float(left @ left)

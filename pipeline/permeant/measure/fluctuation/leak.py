"""What a leak at the step would do, which no variance shows.

A leak is no noise.  Where it differs between the quiet stretch and the step, the mean current is
counted from a wrong zero: a leak of a twentieth of the current changes the unitary current by a
fifth, and the points still lie on a parabola.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from permeant.measure.fluctuation.pairs import Ensemble
from permeant.measure.fluctuation.parabola import Parabola, fit_parabola

_LEAST_VOLTS = 10.0
_MOST_SHIFT = 0.3
_TOLD_SHIFT = 0.05


def suggested_leak_pa(holding_pa: float, holding_mv: float, level_mv: float) -> float:
    """Return how far a leak may move the zero from the quiet stretch to the step, as a size.

    Parameters
    ----------
    holding_pa : float
        Current of the quiet stretch, taken as that of an ohmic leak that reverses at 0 mV.
    holding_mv, level_mv : float
        Commands of the quiet stretch and of the step.
    """
    per_mv = abs(holding_pa) / max(abs(holding_mv), _LEAST_VOLTS)
    return per_mv * abs(level_mv - holding_mv)


def allow_for_leak(
    ensemble: Ensemble, found: Parabola, leak_pa: float
) -> tuple[Parabola, float, str]:
    """Put what a leak may do into the errors of a parabola.

    Parameters
    ----------
    ensemble : Ensemble
        As it was fitted.
    found : Parabola
        Its fit.
    leak_pa : float
        Standard error of the zero (pA).

    Returns
    -------
    tuple
        The parabola with larger errors, the part of the unitary current that is in doubt, and why
        nothing can be told where it is too much.
    """
    if leak_pa <= 0.0 or found.slope_pa == 0.0:
        return found, 0.0, ""
    reach = 0.5 * float(np.abs(ensemble.i_pa).max())
    near, far = (
        fit_parabola(_with_zero(ensemble, sign * min(leak_pa, reach))) for sign in (-1.0, 1.0)
    )
    moved = 0.5 * np.array([far.slope_pa - near.slope_pa, far.curvature - near.curvature])
    part = abs(float(moved[0]) / found.slope_pa)
    if part > _MOST_SHIFT or leak_pa > reach:
        return (
            found,
            part,
            "the current before the step suggests a leak, which would move the zero by about "
            f"{leak_pa:.3g} pA at the step and the unitary current by {100 * part:.0f} %: "
            "record with the leak subtracted, or, where all channels shut in the end, take the "
            "zero from there (measures: noise_zero: end)",
        )
    return replace(found, covariance=found.covariance + np.outer(moved, moved)), part, ""


def is_told(part: float) -> bool:
    """Tell whether a leak is large enough to be spoken of."""
    return part > _TOLD_SHIFT


def _with_zero(ensemble: Ensemble, moved_pa: float) -> Ensemble:
    """Return the same bins over a zero that lies higher."""
    return replace(
        ensemble,
        i_pa=ensemble.i_pa - moved_pa,
        i_squared=ensemble.i_squared - 2.0 * moved_pa * ensemble.i_pa + moved_pa**2,
    )

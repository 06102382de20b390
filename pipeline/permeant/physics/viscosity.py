"""Whether the diffusion of the ion, or the gate, feels the viscosity of the solution."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, log
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import ArgumentError, FloatOrArray, float_or_array, positive

SMALLEST_RELATIVE_VISCOSITY = 1.5
LARGEST_SIGMA = 0.25
_Z95 = 1.959963984540054

Verdict = Literal["diffusion-limited", "not diffusion-limited", "inconclusive"]


@dataclass(frozen=True)
class ViscosityExponent:
    """The power of viscosity with which a current or a rate falls, and what it means."""

    alpha: float
    sigma: float
    low: float
    high: float
    verdict: Verdict
    reason: str


def viscosity_exponent(
    control: ArrayLike, viscous: ArrayLike, relative_viscosity: ArrayLike
) -> FloatOrArray:
    """Return alpha of (viscous/control) = viscosity^-alpha.

    Parameters
    ----------
    control, viscous : array_like
        Unitary current at equal V - E, or 1/mean dwell time, in one unit, larger than 0.
    relative_viscosity : array_like
        Viscosity of the thick solution over that of the control, larger than 1.

    Returns
    -------
    float or ndarray
        -ln(viscous/control)/ln(viscosity): 1 follows Stokes, 0 does not feel it.

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    eta = positive("relative_viscosity", relative_viscosity)
    if np.any(eta <= 1):
        raise ArgumentError(f"relative_viscosity = {float(eta.min()):g} must be larger than 1")
    ratio = positive("viscous", viscous) / positive("control", control)
    return float_or_array(-np.log(ratio) / np.log(eta))


def assess_viscosity(
    control: tuple[float, float],
    viscous: tuple[float, float],
    relative_viscosity: tuple[float, float],
) -> ViscosityExponent:
    """Return the exponent with its error and a verdict on unitary current.

    Parameters
    ----------
    control, viscous : tuple of float
        Unitary current and its standard deviation in each solution (pA), at equal V - E.
    relative_viscosity : tuple of float
        Relative viscosity and its standard deviation.

    Returns
    -------
    ViscosityExponent
        Exponent, standard deviation, 95 % interval and verdict.

    Raises
    ------
    ArgumentError
        If an argument is out of range.

    Notes
    -----
    sigma² = [(s_v/v)² + (s_c/c)² + (alpha s_eta/eta)²]/ln² eta.  Diffusion-limited when the
    whole interval lies above 0.5, not when it lies below 0.2; at least 1.5-fold viscosity
    and sigma below 0.25 are needed for either.
    """
    (i_c, s_c), (i_v, s_v), (eta, s_eta) = control, viscous, relative_viscosity
    alpha = viscosity_exponent(i_c, i_v, eta)
    sigma = hypot(s_v / i_v, s_c / i_c, alpha * s_eta / eta) / log(eta)
    low, high = alpha - _Z95 * sigma, alpha + _Z95 * sigma
    verdict, reason = _judge(low, high, sigma, eta)
    return ViscosityExponent(alpha, sigma, low, high, verdict, reason)


def _judge(low: float, high: float, sigma: float, eta: float) -> tuple[Verdict, str]:
    if eta < SMALLEST_RELATIVE_VISCOSITY:
        return "inconclusive", f"relative viscosity {eta:.3g} is below 1.5"
    if sigma >= LARGEST_SIGMA:
        return "inconclusive", f"the exponent's standard deviation {sigma:.2g} is above 0.25"
    interval = f"the 95 % interval {low:.2f} to {high:.2f}"
    if low > 0.5:
        return "diffusion-limited", f"{interval} lies above 0.5"
    if high < 0.2:
        return "not diffusion-limited", f"{interval} lies below 0.2"
    return "inconclusive", f"{interval} reaches between 0.2 and 0.5"

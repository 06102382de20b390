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
FOLLOWS_ABOVE = 0.5
UNCHANGED_BELOW = 0.2
_Z95 = 1.959963984540054

Verdict = Literal["diffusion-limited", "not diffusion-limited", "inconclusive"]
Slowing = Literal["slowed", "unchanged", "quickened", "inconclusive"]


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
    verdict, reason = judge_exponent(low, high, sigma, eta)
    return ViscosityExponent(alpha, sigma, low, high, verdict, reason)


def judge_exponent(
    low: float, high: float, sigma: float, relative_viscosity: float
) -> tuple[Verdict, str]:
    """Return what the exponent of a unitary current means, and why.

    Parameters
    ----------
    low, high : float
        Its 95 % interval.
    sigma : float
        Its standard deviation.
    relative_viscosity : float
        Of the thickest solution over the thinnest.

    Returns
    -------
    tuple
        Verdict and reason; the rule is that of `assess_viscosity`.
    """
    if refusal := _refuse(sigma, relative_viscosity):
        return "inconclusive", refusal
    interval = f"the 95 % interval {_two(low)} to {_two(high)}"
    if low > FOLLOWS_ABOVE:
        return "diffusion-limited", f"{interval} lies above {FOLLOWS_ABOVE}"
    if high < UNCHANGED_BELOW:
        return "not diffusion-limited", f"{interval} lies below {UNCHANGED_BELOW}"
    return "inconclusive", f"{interval} reaches between {UNCHANGED_BELOW} and {FOLLOWS_ABOVE}"


def judge_slowing(
    low: float, high: float, sigma: float, relative_viscosity: float
) -> tuple[Slowing, str]:
    """Return what the exponent of a mean open or shut time means, and why.

    Parameters
    ----------
    low, high : float
        Its 95 % interval; above zero where times grow with viscosity.
    sigma : float
        Its standard deviation.
    relative_viscosity : float
        Of the thickest solution over the thinnest.

    Returns
    -------
    tuple
        Slowed where the whole interval lies above 0.2, quickened where it lies below -0.2,
        unchanged where it lies between; at least 1.5-fold viscosity and sigma below 0.25 are
        needed for any.
    """
    if refusal := _refuse(sigma, relative_viscosity):
        return "inconclusive", refusal
    interval, limit = f"the 95 % interval {_two(low)} to {_two(high)}", UNCHANGED_BELOW
    if low > limit:
        return "slowed", f"{interval} lies above {limit}"
    if high < -limit:
        return "quickened", f"{interval} lies below -{limit}"
    if low > -limit and high < limit:
        return "unchanged", f"{interval} lies within {limit} of zero"
    return "inconclusive", f"{interval} reaches beyond {limit} or -{limit} in part"


def _two(value: float) -> str:
    """Write two decimals, and zero without a sign."""
    return f"{round(value, 2) + 0.0:.2f}"


def _refuse(sigma: float, relative_viscosity: float) -> str:
    if relative_viscosity < SMALLEST_RELATIVE_VISCOSITY:
        return (
            f"relative viscosity {relative_viscosity:.3g} is below {SMALLEST_RELATIVE_VISCOSITY:g}"
        )
    if sigma >= LARGEST_SIGMA:
        return f"the exponent's standard deviation {sigma:.2g} is above {LARGEST_SIGMA:g}"
    return ""

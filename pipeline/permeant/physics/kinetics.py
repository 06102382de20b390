"""How rates and open probabilities depend on temperature and voltage."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import ArgumentError, FloatOrArray, finite, float_or_array, positive
from permeant.physics.constants import thermal_voltage_mv, to_kelvin


def q10_factor(q10: ArrayLike, from_c: ArrayLike, to_c: ArrayLike) -> FloatOrArray:
    """Return the factor by which a rate or conductance changes between two temperatures.

    Parameters
    ----------
    q10 : array_like
        Factor for 10 °C, larger than 0: 1.2-1.5 for conductances, 2-4 for gating.
    from_c, to_c : array_like
        Temperatures (°C).

    Returns
    -------
    float or ndarray
        q10^((to - from)/10).  Never for a permeability ratio, nor for a potential, which
        goes with the absolute temperature.

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    warmer = to_kelvin(to_c) - to_kelvin(from_c)
    return float_or_array(positive("q10", q10) ** (warmer / 10.0))


def q10_from_rates(
    rate_cold: ArrayLike, rate_warm: ArrayLike, cold_c: ArrayLike, warm_c: ArrayLike
) -> FloatOrArray:
    """Return the Q10 that two measurements at two temperatures imply.

    Parameters
    ----------
    rate_cold, rate_warm : array_like
        Rates or conductances in one unit, larger than 0.
    cold_c, warm_c : array_like
        Their temperatures (°C), different.

    Returns
    -------
    float or ndarray
        (rate_warm/rate_cold)^(10/(warm - cold)).

    Raises
    ------
    ArgumentError
        If the temperatures are equal or an argument is out of range.
    """
    difference = np.asarray(to_kelvin(warm_c) - to_kelvin(cold_c))
    if np.any(difference == 0):
        raise ArgumentError("cold_c equals warm_c: one temperature says nothing about Q10")
    ratio = positive("rate_warm", rate_warm) / positive("rate_cold", rate_cold)
    return float_or_array(ratio ** (10.0 / difference))


def boltzmann(
    v_mv: ArrayLike, v_half_mv: ArrayLike, slope_mv: ArrayLike, exponent: ArrayLike = 1.0
) -> FloatOrArray:
    """Return the open probability of a voltage gate.

    Parameters
    ----------
    v_mv, v_half_mv : array_like
        Membrane potential and half-activation of one gate (mV).
    slope_mv : array_like
        Slope factor k (mV): positive opens with depolarisation, negative closes.
    exponent : array_like, optional
        Number of independent gates, larger than 0.

    Returns
    -------
    float or ndarray
        (1 + exp(-(V - V_half)/k))^-n, broadcast shape, without overflow anywhere.

    Raises
    ------
    ArgumentError
        If the slope factor is 0 or an argument is out of range.
    """
    n = positive("exponent", exponent)
    distance = (finite("v_mv", v_mv) - finite("v_half_mv", v_half_mv)) / _steepness(slope_mv)
    return float_or_array(np.exp(-n * np.logaddexp(0.0, -distance)))


def effective_gating_charge(slope_mv: ArrayLike, temperature_c: ArrayLike) -> FloatOrArray:
    """Return the number of elementary charges that a Boltzmann slope stands for.

    Parameters
    ----------
    slope_mv : array_like
        Slope factor k (mV), not 0.
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        z_eff = RT/(F k); a lower limit where several gates cooperate.

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    return float_or_array(thermal_voltage_mv(temperature_c) / _steepness(slope_mv))


def _steepness(slope_mv: ArrayLike) -> np.ndarray:
    slope = finite("slope_mv", slope_mv)
    if np.any(slope == 0):
        raise ArgumentError("slope_mv = 0: a gate needs a slope factor other than 0")
    return slope

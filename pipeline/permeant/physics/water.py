"""The Debye-Hückel slope of water, and how it follows temperature."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import Array, FloatOrArray, float_or_array
from permeant.physics.constants import ZERO_CELSIUS_K, to_kelvin

A_LOG10_25C = 0.5091
A_PHI_25C = 0.392


def dielectric_constant(temperature_c: ArrayLike) -> FloatOrArray:
    """Return the relative permittivity of water.

    Parameters
    ----------
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        Relative permittivity, 78.30 at 25 °C.

    Raises
    ------
    ArgumentError
        If the temperature is out of range.

    Notes
    -----
    Malmberg & Maryott (1956), J. Res. Natl. Bur. Stand. 56:1, doi:10.6028/jres.056.001.
    """
    t = np.asarray(to_kelvin(temperature_c) - ZERO_CELSIUS_K)
    return float_or_array(87.740 - 0.40008 * t + 9.398e-4 * t**2 - 1.410e-6 * t**3)


def water_density_kg_per_l(temperature_c: ArrayLike) -> FloatOrArray:
    """Return the density of water at atmospheric pressure.

    Parameters
    ----------
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        Density (kg/l), 0.99705 at 25 °C.

    Raises
    ------
    ArgumentError
        If the temperature is out of range.

    Notes
    -----
    Kell (1975), J. Chem. Eng. Data 20:97, doi:10.1021/je60064a005.
    """
    t = np.asarray(to_kelvin(temperature_c) - ZERO_CELSIUS_K)
    powers = (999.83952, 16.945176, -7.9870401e-3, -46.170461e-6, 105.56302e-9, -280.54253e-12)
    series: Array = np.asarray(sum(factor * t**power for power, factor in enumerate(powers)))
    return float_or_array(1e-3 * series / (1 + 16.879850e-3 * t))


def debye_huckel_slope(temperature_c: ArrayLike) -> FloatOrArray:
    """Return A of log10 gamma = -A z² sqrt(I), on the molal scale.

    Parameters
    ----------
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        A (kg^½ mol^-½): 0.5091 at 25 °C, 0.520 at 37 °C.

    Raises
    ------
    ArgumentError
        If the temperature is out of range.

    Notes
    -----
    A goes with density^½ (permittivity T)^-3/2; its value at 25 °C is the accepted one.
    """
    return float_or_array(A_LOG10_25C * _relative_slope(temperature_c))


def pitzer_slope(temperature_c: ArrayLike) -> FloatOrArray:
    """Return A_phi, the Debye-Hückel slope for osmotic coefficients in natural logarithms.

    Parameters
    ----------
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        A_phi (kg^½ mol^-½): 0.392 at 25 °C, the value that Pitzer's parameters were fitted
        with (A ln10/3 would be 0.391).

    Raises
    ------
    ArgumentError
        If the temperature is out of range.
    """
    return float_or_array(A_PHI_25C * _relative_slope(temperature_c))


def _relative_slope(temperature_c: ArrayLike) -> Array:
    def raw(celsius: ArrayLike) -> Array:
        softness = dielectric_constant(celsius) * to_kelvin(celsius)
        return np.asarray(np.sqrt(water_density_kg_per_l(celsius)) * softness**-1.5)

    return np.asarray(raw(temperature_c) / raw(25.0))

"""Constants of nature, and temperature at the edge of the library.

The SI fixes k, e and N_A exactly since 2019 (BIPM, The International System of Units, 9th
ed.), so R and F are exact too.  Older programs round them (R = 8.314, F = 96485 or 96500),
which moves a potential by up to 1.6e-4 of itself.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from permeant.physics.arguments import ArgumentError, Array, FloatOrArray, finite, float_or_array

BOLTZMANN_J_PER_K = 1.380649e-23
ELEMENTARY_CHARGE_C = 1.602176634e-19
AVOGADRO_PER_MOL = 6.02214076e23
GAS_CONSTANT_J_PER_MOL_K = 8.31446261815324
FARADAY_C_PER_MOL = 96485.3321233100184
ZERO_CELSIUS_K = 273.15

LOWEST_K = 260.0
HIGHEST_K = 330.0


def to_kelvin(temperature_c: ArrayLike) -> FloatOrArray:
    """Return the absolute temperature, refusing what no living preparation has.

    Parameters
    ----------
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        Temperature (K), shape of ``temperature_c``.

    Raises
    ------
    ArgumentError
        If it is not finite or lies outside 260…330 K (-13.15…56.85 °C); a value that
        would fit as kelvin is pointed out.
    """
    celsius = finite("temperature_c", temperature_c)
    kelvin: Array = celsius + ZERO_CELSIUS_K
    wrong = (kelvin < LOWEST_K) | (kelvin > HIGHEST_K)
    if wrong.any():
        raise ArgumentError(_temperature_message(float(celsius[wrong].flat[0])))
    return float_or_array(kelvin)


def thermal_voltage_mv(temperature_c: ArrayLike) -> FloatOrArray:
    """Return RT/F, the voltage that thermal motion is worth.

    Parameters
    ----------
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        RT/F (mV), shape of ``temperature_c``; 25.693 mV at 25 °C.

    Raises
    ------
    ArgumentError
        If the temperature lies outside 260…330 K.

    Notes
    -----
    RT/F = kT/e, with the exact constants of the SI (2019).
    """
    kelvin = to_kelvin(temperature_c)
    return float_or_array(1e3 * GAS_CONSTANT_J_PER_MOL_K * kelvin / FARADAY_C_PER_MOL)


def _temperature_message(celsius: float) -> str:
    allowed = f"{LOWEST_K - ZERO_CELSIUS_K:g}…{HIGHEST_K - ZERO_CELSIUS_K:g}"
    message = f"temperature_c = {celsius:g} is outside {allowed}"
    if LOWEST_K <= celsius <= HIGHEST_K:
        return f"{message}; is it in kelvin? then give {celsius - ZERO_CELSIUS_K:.2f}"
    return f"{message}; give degrees Celsius"

"""Activity coefficients of single ions from the ionic strength alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import (
    Array,
    FloatOrArray,
    charged,
    float_or_array,
    not_negative,
    positive,
)
from permeant.physics.water import debye_huckel_slope


def limiting_law(
    ionic_strength_mm: ArrayLike,
    valence: ArrayLike,
    temperature_c: ArrayLike = 25.0,
    a_log10: ArrayLike | None = None,
) -> FloatOrArray:
    """Return the Debye-Hückel limiting law, for ionic strengths below about 5 mM.

    Parameters
    ----------
    ionic_strength_mm : array_like
        Ionic strength (mM).
    valence : array_like
        Signed charge number.
    temperature_c : array_like, optional
        Temperature (°C).
    a_log10 : array_like, optional
        Debye-Hückel slope (kg^½ mol^-½, decadic); from the temperature if not given.

    Returns
    -------
    float or ndarray
        log10 gamma = -A z² sqrt(I), given as gamma.

    Raises
    ------
    ArgumentError
        If an argument is out of range.

    Notes
    -----
    Debye & Hückel (1923), Phys. Z. 24:185.
    """
    return _single_ion(ionic_strength_mm, valence, temperature_c, a_log10, lambda root: root)


def guntelberg(
    ionic_strength_mm: ArrayLike,
    valence: ArrayLike,
    temperature_c: ArrayLike = 25.0,
    a_log10: ArrayLike | None = None,
) -> FloatOrArray:
    """Return Güntelberg's coefficient, for ionic strengths up to about 100 mM.

    Parameters
    ----------
    ionic_strength_mm, valence, temperature_c, a_log10
        As for :func:`limiting_law`.

    Returns
    -------
    float or ndarray
        log10 gamma = -A z² sqrt(I)/(1 + sqrt(I)), given as gamma.

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    return _single_ion(
        ionic_strength_mm, valence, temperature_c, a_log10, lambda root: root / (1 + root)
    )


def bates_guggenheim(
    ionic_strength_mm: ArrayLike,
    valence: ArrayLike = -1,
    temperature_c: ArrayLike = 25.0,
    a_log10: ArrayLike | None = None,
) -> FloatOrArray:
    """Return the coefficient by the convention that pH standards rest on.

    Parameters
    ----------
    ionic_strength_mm, valence, temperature_c, a_log10
        As for :func:`limiting_law`; the convention is for Cl- and I <= 100 mM.

    Returns
    -------
    float or ndarray
        log10 gamma = -A z² sqrt(I)/(1 + 1.5 sqrt(I)), given as gamma.

    Raises
    ------
    ArgumentError
        If an argument is out of range.

    Notes
    -----
    IUPAC Gold Book, Debye-Hückel equation, doi:10.1351/goldbook.D01534.
    """
    return _single_ion(
        ionic_strength_mm, valence, temperature_c, a_log10, lambda root: root / (1 + 1.5 * root)
    )


def davies(
    ionic_strength_mm: ArrayLike,
    valence: ArrayLike,
    temperature_c: ArrayLike = 25.0,
    a_log10: ArrayLike | None = None,
    linear: float = 0.3,
) -> FloatOrArray:
    """Return Davies' coefficient, good to 100-200 mM for monovalents, poor for divalents.

    Parameters
    ----------
    ionic_strength_mm, valence, temperature_c, a_log10
        As for :func:`limiting_law`.
    linear : float, optional
        Coefficient of the linear term: 0.3 (Davies 1962), 0.2 in his first version.

    Returns
    -------
    float or ndarray
        log10 gamma = -A z² [sqrt(I)/(1 + sqrt(I)) - 0.3 I], given as gamma.

    Raises
    ------
    ArgumentError
        If an argument is out of range.

    Notes
    -----
    Davies (1938), J. Chem. Soc. 2093, doi:10.1039/JR9380002093; 0.3 in Davies (1962), Ion
    Association.
    """
    return _single_ion(
        ionic_strength_mm,
        valence,
        temperature_c,
        a_log10,
        lambda root: root / (1 + root) - linear * root**2,
    )


def _single_ion(
    ionic_strength_mm: ArrayLike,
    valence: ArrayLike,
    temperature_c: ArrayLike,
    a_log10: ArrayLike | None,
    shape: Callable[[Array], Array],
) -> FloatOrArray:
    root = np.sqrt(not_negative("ionic_strength_mm", ionic_strength_mm) * 1e-3)
    slope = debye_huckel_slope(temperature_c) if a_log10 is None else positive("a_log10", a_log10)
    z = charged("valence", valence)
    return float_or_array(10.0 ** (-slope * z**2 * shape(root)))

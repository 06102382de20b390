"""Mean activity coefficients of uni-univalent salts, as evaluated by Hamer and Wu.

Hamer & Wu (1972), J. Phys. Chem. Ref. Data 1:1047, doi:10.1063/1.3253108, at 25 °C.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import ArgumentError, FloatOrArray, float_or_array, not_negative

_A = 0.5108  # theirs; the accepted slope is 0.5091


class _Salt(NamedTuple):
    b_star: float
    beta: float
    c: float
    d: float
    largest_mol_per_kg: float


_SALTS = {
    "NaCl": _Salt(1.4495, 2.0442e-2, 5.7927e-3, -2.8860e-4, 6.144),
    "KCl": _Salt(1.295, 7.0e-5, 3.599e-3, -1.9540e-4, 5.0),
}


def hamer_wu_mean_activity_coefficient(salt: str, molality_mmol_per_kg: ArrayLike) -> FloatOrArray:
    """Return the evaluated mean activity coefficient of NaCl or KCl at 25 °C.

    Parameters
    ----------
    salt : {'NaCl', 'KCl'}
        The salt.
    molality_mmol_per_kg : array_like
        Molality (mmol/kg), from 0 to saturation.

    Returns
    -------
    float or ndarray
        10^(-A sqrt(m)/(1 + B* sqrt(m)) + beta m + C m² + D m³).

    Raises
    ------
    ArgumentError
        If the salt is another one, or the molality beyond the fitted range.
    """
    if salt not in _SALTS:
        raise ArgumentError(f"salt = {salt!r} is none of {', '.join(_SALTS)}")
    row = _SALTS[salt]
    m = not_negative("molality_mmol_per_kg", molality_mmol_per_kg) * 1e-3
    if np.any(m > row.largest_mol_per_kg):
        raise ArgumentError(
            f"molality_mmol_per_kg = {1e3 * float(m.max()):g} is outside "
            f"0…{1e3 * row.largest_mol_per_kg:g} for {salt}"
        )
    root = np.sqrt(m)
    field = -_A * root / (1 + row.b_star * root)
    return float_or_array(10.0 ** (field + row.beta * m + row.c * m**2 + row.d * m**3))

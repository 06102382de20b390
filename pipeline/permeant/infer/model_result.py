"""Points as lmfit's own ModelResult, for those who work with lmfit from here on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from permeant.errors import PermeantError
from permeant.records import IVPoint

if TYPE_CHECKING:
    from lmfit.model import ModelResult

_HIGHEST_DEGREE = 3


def polynomial_result(points: Sequence[IVPoint], degree: int) -> ModelResult:
    """Fit a polynomial of the membrane voltage (mV) to the current (pA).

    Parameters
    ----------
    points : sequence of IVPoint
        Those that are not ``used`` are left out.
    degree : int
        1 to 3.

    Raises
    ------
    PermeantError
        If there are not more points than coefficients.
    """
    from lmfit.models import PolynomialModel  # noqa: PLC0415  (slow to load)

    if degree not in range(1, _HIGHEST_DEGREE + 1):
        raise PermeantError(f"degree = {degree} is none of 1, 2, 3")
    used = [point for point in points if point.used]
    if len(used) <= degree + 1:
        raise PermeantError(
            f"{len(used)} usable points; a polynomial of degree {degree} needs {degree + 2} or more"
        )
    v_mv = np.array([point.v_membrane_mv for point in used])
    i_pa = np.array([point.i_pa - (point.i_leak_pa or 0.0) for point in used])
    weights = 1.0 / np.array([point.i_sem_pa for point in used])
    model = PolynomialModel(degree, independent_vars=["x"])
    start = model.guess(i_pa, x=v_mv)
    return model.fit(i_pa, start, x=v_mv, weights=weights, scale_covar=False)

"""Permeabilities from a whole current-voltage curve, and their absolute size.

In constant-field theory the current is linear in the permeabilities, I(V) = sum P_j A f_j(V),
so that a whole curve is one non-negative least-squares problem.  Unlike a reversal potential
it also fixes their absolute size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import (
    ArgumentError,
    Array,
    FloatOrArray,
    charged,
    finite,
    float_or_array,
    not_negative,
    positive,
)
from permeant.physics.constants import FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K, to_kelvin
from permeant.physics.ghk import ghk_current_per_permeability
from permeant.physics.identifiability import Identifiability, assess_identifiability
from permeant.physics.nonnegative import covariance_inside_bounds, nonnegative_least_squares

SPECIFIC_CAPACITANCE_PF_PER_UM2 = 0.01


@dataclass(frozen=True)
class CurveFit:
    """Permeability times area of each ion, from one or more whole curves.

    ``covariance`` (m⁶/s²) is NaN for an ion at the bound 0, and throughout when the curve
    does not determine all ions.  It rests on the given errors, or without them on the
    scatter about the fit.
    """

    names: tuple[str, ...]
    permeability_area_m3_per_s: tuple[float, ...]
    covariance: Array
    i_model_pa: Array
    residual_pa: Array
    chi2: float
    degrees_of_freedom: int
    identifiability: Identifiability

    def ratio(self, ion: str, reference: str) -> tuple[float, float]:
        """Return P_ion/P_reference and its standard deviation, covariance included.

        Parameters
        ----------
        ion, reference : str
            Two of ``names``.

        Returns
        -------
        ratio, sigma : float
            NaN where they are not defined.

        Raises
        ------
        ArgumentError
            If a name is not among the fitted ions.
        """
        if not {ion, reference} <= set(self.names):
            raise ArgumentError(f"{ion!r} or {reference!r} is not among {', '.join(self.names)}")
        x, r = self.names.index(ion), self.names.index(reference)
        own, unit = self.permeability_area_m3_per_s[x], self.permeability_area_m3_per_s[r]
        if unit == 0:
            return float("nan"), float("nan")
        slope = np.zeros(len(self.names))
        slope[x] += 1 / unit
        slope[r] -= own / unit**2
        pair = sorted({x, r})
        variance = slope[pair] @ self.covariance[np.ix_(pair, pair)] @ slope[pair]
        return own / unit, float(np.sqrt(variance))


def fit_curve_permeabilities(  # noqa: PLR0917 - as in the equation
    v_mv: ArrayLike,
    i_pa: ArrayLike,
    inside_mm: ArrayLike,
    outside_mm: ArrayLike,
    valences: ArrayLike,
    temperature_c: ArrayLike,
    *,
    names: Sequence[str],
    sigma_i_pa: ArrayLike | None = None,
) -> CurveFit:
    """Fit a whole current-voltage curve with constant-field currents.

    Parameters
    ----------
    v_mv, i_pa : array_like
        Membrane potentials (mV) and currents (pA), shape (k,); several baths may follow
        each other.
    inside_mm, outside_mm : array_like
        Concentrations or activities (mM), shape (n,), or (k, n) for several baths.
    valences : array_like
        Signed charge numbers, shape (n,).
    temperature_c : array_like
        Temperature (°C), scalar or shape (k,).
    names : sequence of str
        The n ions.
    sigma_i_pa : array_like, optional
        Standard deviations of the currents (pA), scalar or shape (k,); if not given, they
        are taken as equal and estimated from the scatter about the fit.

    Returns
    -------
    CurveFit
        Permeability times area of each ion (m³/s), none negative, with covariance,
        residuals, chi-square and identifiability.

    Raises
    ------
    ArgumentError
        If shapes or values do not fit, or there are fewer points than ions.

    Notes
    -----
    Valid for a pore whose open probability does not change over the fitted voltages; look
    at the residuals (a magnesium-blocked curve must fail).
    """
    v, i, z = finite("v_mv", v_mv), finite("i_pa", i_pa), charged("valences", valences)
    if v.ndim != 1 or v.shape != i.shape or v.size < z.size or len(names) != z.size:
        raise ArgumentError(
            f"v_mv {v.shape}, i_pa {i.shape}, {z.size} valences and {len(names)} names: one row "
            "of points is needed, no shorter than the ions are many"
        )
    sigma = np.broadcast_to(
        positive("sigma_i_pa", 1.0 if sigma_i_pa is None else sigma_i_pa), v.shape
    )
    celsius = np.broadcast_to(finite("temperature_c", temperature_c), v.shape)[:, np.newaxis]
    at, nothing = v[:, np.newaxis], np.zeros(z.size)
    pa_each = 1e12 * ghk_current_per_permeability(at, inside_mm, outside_mm, z, celsius)
    gross = 1e12 * np.abs(ghk_current_per_permeability(at, inside_mm, nothing, z, celsius))
    gross += 1e12 * np.abs(ghk_current_per_permeability(at, nothing, outside_mm, z, celsius))
    weighted = pa_each / sigma[:, np.newaxis]
    p = nonnegative_least_squares(weighted, i / sigma)
    found = assess_identifiability(weighted, names, gross / sigma[:, np.newaxis])
    residual = i - pa_each @ p
    chi2 = float(((residual / sigma) ** 2).sum())
    dof = v.size - min(int((p > 0).sum()), found.rank)
    scatter = 1.0 if sigma_i_pa is not None else chi2 / dof if dof else float("nan")
    return CurveFit(
        names=tuple(names),
        permeability_area_m3_per_s=tuple(p.tolist()),
        covariance=scatter * covariance_inside_bounds(weighted, p, found.identifiable),
        i_model_pa=pa_each @ p,
        residual_pa=residual,
        chi2=chi2,
        degrees_of_freedom=dof,
        identifiability=found,
    )


def area_from_capacitance_um2(
    c_m_pf: ArrayLike, specific_pf_per_um2: float = SPECIFIC_CAPACITANCE_PF_PER_UM2
) -> FloatOrArray:
    """Return the membrane area that a capacitance stands for.

    Parameters
    ----------
    c_m_pf : array_like
        Membrane capacitance (pF), larger than 0.
    specific_pf_per_um2 : float, optional
        0.01 pF/µm² is 1 µF/cm².

    Returns
    -------
    float or ndarray
        Area (µm²).

    Raises
    ------
    ArgumentError
        If an argument is not positive.
    """
    return float_or_array(
        positive("c_m_pf", c_m_pf) / positive("specific_pf_per_um2", specific_pf_per_um2)
    )


def absolute_permeability_m_per_s(
    permeability_area_m3_per_s: ArrayLike, area_um2: ArrayLike
) -> FloatOrArray:
    """Return the permeability behind a whole-cell permeability times area.

    Parameters
    ----------
    permeability_area_m3_per_s : array_like
        Permeability times area (m³/s), 0 or larger.
    area_um2 : array_like
        Membrane area (µm²), larger than 0.

    Returns
    -------
    float or ndarray
        Permeability (m/s); times 100 it is cm/s.

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    pa = not_negative("permeability_area_m3_per_s", permeability_area_m3_per_s)
    return float_or_array(pa / (positive("area_um2", area_um2) * 1e-12))


def permeability_from_symmetric_conductance(
    g_ns: ArrayLike, concentration_mm: ArrayLike, valence: ArrayLike, temperature_c: ArrayLike
) -> FloatOrArray:
    """Return the permeability (times area, or of one channel) behind a symmetric conductance.

    Parameters
    ----------
    g_ns : array_like
        Conductance between equal solutions (nS), 0 or larger.
    concentration_mm : array_like
        Concentration on both sides (mM), larger than 0.
    valence : array_like
        Signed charge number.
    temperature_c : array_like
        Temperature (°C).

    Returns
    -------
    float or ndarray
        g RT/(z² F² c) (m³/s).

    Raises
    ------
    ArgumentError
        If an argument is out of range.
    """
    z, c = charged("valence", valence), positive("concentration_mm", concentration_mm)
    rt = GAS_CONSTANT_J_PER_MOL_K * to_kelvin(temperature_c)
    g = not_negative("g_ns", g_ns) * 1e-9
    return float_or_array(g * rt / (z**2 * FARADAY_C_PER_MOL**2 * c))

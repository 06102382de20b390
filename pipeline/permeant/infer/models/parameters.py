"""The parameters of the models under the names and in the units in which they are told."""

from __future__ import annotations

from permeant.infer.models.basis import Pore
from permeant.infer.models.gated import GatedFit
from permeant.infer.models.gated_intervals import GatedIntervals, Interval
from permeant.infer.models.linear import LinearFit
from permeant.infer.points import Array
from permeant.physics.ghk_curve import area_from_capacitance_um2
from permeant.records import ModelFit, ModelParameter

_CM_PER_M = 100.0
_M2_PER_UM2 = 1e-12


def pore_parameters(
    pore: Pore, beta: Array, intervals: tuple[Interval, ...]
) -> list[ModelParameter]:
    """Return permeability times area of each ion, and the permeability where the area is known."""
    told = []
    per_area = 0.0
    if pore.solutions.c_m_pf:
        area_um2 = float(area_from_capacitance_um2(pore.solutions.c_m_pf))
        per_area = _CM_PER_M / (area_um2 * _M2_PER_UM2)
    for ion, scale, value, ends in zip(pore.names, pore.scale, beta, intervals, strict=True):
        low, high = ((None if x is None else max(float(x), 0.0)) for x in ends)
        told.append(_scaled(f"pa_{ion}", "m³/s", float(scale), float(value), (low, high)))
        if per_area:
            factor = float(scale) * per_area
            told.append(_scaled(f"p_{ion}", "cm/s", factor, float(value), (low, high)))
    return told


def _scaled(name: str, unit: str, factor: float, value: float, ends: Interval) -> ModelParameter:
    low, high = (None if end is None else factor * end for end in ends)
    return ModelParameter(name, factor * value, unit, low, high)


def ratio_parameters(fit: LinearFit, pore: Pore) -> list[ModelParameter]:
    """Return the permeability ratios over the reference, by Fieller's theorem.

    The ratios that are not refuted are those at which ``P_x - ratio P_ref`` may be zero; an
    end is None where the reference's own permeability may be zero.
    """
    reference = pore.solutions.reference
    if reference is None:
        return []
    r, told = pore.names.index(reference), []
    for x, ion in enumerate(pore.names):
        if x == r or fit.beta[r] <= 0.0:
            continue
        scale = float(pore.scale[x] / pore.scale[r])
        ends = _fieller(fit, x, r)
        told.append(
            _scaled(f"p_{ion}/p_{reference}", "", scale, float(fit.beta[x] / fit.beta[r]), ends)
        )
    return told


def _fieller(fit: LinearFit, x: int, r: int) -> Interval:
    """Return the interval of the ratio of two coefficients, none below 0."""
    square = fit.quantile**2
    c = fit.covariance
    a = fit.free[r] ** 2 - square * c[r, r]
    b = fit.free[x] * fit.free[r] - square * c[x, r]
    rest = fit.free[x] ** 2 - square * c[x, x]
    inside = b * b - a * rest
    if a <= 0.0 or inside < 0.0:
        return None, None
    low, high = (b - inside**0.5) / a, (b + inside**0.5) / a
    value = float(fit.beta[x] / fit.beta[r])
    return min(max(float(low), 0.0), value), max(float(high), value)


def line_parameters(fit: ModelFit, name: str) -> list[ModelParameter]:
    """Return conductance and reversal of a model whose open pore is ohmic."""
    told = []
    if fit.g_ns is not None:
        told.append(ModelParameter(name, fit.g_ns, "nS", fit.g_low_ns, fit.g_high_ns))
    if fit.e_rev_mv is not None:
        told.append(
            ModelParameter("e_rev", fit.e_rev_mv, "mV", fit.e_rev_low_mv, fit.e_rev_high_mv)
        )
    return told


def gate_parameters(fit: GatedFit, intervals: GatedIntervals) -> list[ModelParameter]:
    """Return midpoint and slope factor of the gate."""
    return [
        ModelParameter("v_half", fit.v_half_mv, "mV", *intervals.v_half_mv),
        ModelParameter("k", fit.k_mv, "mV", *intervals.k_mv),
    ]

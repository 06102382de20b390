"""All models of one curve, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from permeant.infer.models.basis import Basis, Pore, line_through, pore_through
from permeant.infer.models.field import ConstantField
from permeant.infer.models.gated import GatedFit, fit_gate, search_gate
from permeant.infer.models.gated_intervals import gated_intervals
from permeant.infer.models.goodness import aicc, fit_p, runs_p, scatter_pa
from permeant.infer.models.linear import (
    LinearFit,
    fit_linear,
    line_reversal_mv,
    pore_reversal_mv,
    slope_at_reversal_ns,
)
from permeant.infer.models.parameters import (
    gate_parameters,
    line_parameters,
    pore_parameters,
    ratio_parameters,
)
from permeant.infer.models.verdict import compare, verdict_text, why_refuted
from permeant.infer.points import Array, Points, gather_points
from permeant.infer.polynomial import student_quantile
from permeant.records import Curve, IVPoint, ModelFit

Bases = Mapping[str, Basis | str]
MODELS = ("ohmic", "ghk", "gated_ohmic", "gated_ghk")
_SPARE = 2
"""Voltages that a model needs beyond its parameters: one to test it by, one for the AICc."""


def describe_curve(
    points: Sequence[IVPoint],
    models: Sequence[str],
    field: ConstantField | str,
) -> tuple[tuple[ModelFit, ...], str]:
    """Fit models to one recording's points and say which describe them.

    Parameters
    ----------
    points : sequence of IVPoint
        Points in mV and pA; those not ``used`` are left out.
    models : sequence of str
        Some of ``MODELS``.
    field : ConstantField or str
        The permeant ions of the recording's solutions, or why they are not known.

    Returns
    -------
    models : tuple of ModelFit
        In the order of ``MODELS``.
    verdict : str
        What they say about the points, in a sentence.
    """
    data = gather_points(points)
    wanted = [name for name in MODELS if name in models]
    bases = _find_bases(data, wanted, field)
    if np.isfinite(data.dof):
        tried, data = _share_scatter(data, wanted, bases)
    else:
        tried = [_try(data, name, bases) for name in wanted]
    found = compare([_test(data, one) for one in tried])
    # numbers only where they may be told, since their intervals are most of the work
    told = tuple(_tell(data, *pair) for pair in zip(found, tried, strict=True))
    return told, verdict_text(told)


@dataclass(frozen=True)
class Tried:
    """A model's best curve through the points, before it is tested; none with a reason."""

    name: str
    fit: LinearFit | GatedFit | None
    reason: str = ""
    n_parameters: int = 0
    dropped: tuple[str, ...] = ()
    """Ions left out because their permeability would be negative."""

    def residual_pa(self, data: Points) -> Array:
        """Return what the curve misses the points by."""
        assert self.fit is not None
        return data.i_pa - self.fit.at_points_pa


def _share_scatter(data: Points, names: Sequence[str], bases: Bases) -> tuple[list[Tried], Points]:
    """Fit the models, and let them say how much the points scatter where they follow better.

    The scatter beyond the stated errors is told from a smooth polynomial; a gate can be too
    steep for one, and its misfit is no scatter.  The least scatter that any curve leaves is
    that of the points, for all models alike.
    """
    stated = replace(data, sigma_pa=data.stated_pa, dof=np.inf)
    first = [_try(stated, name, bases) for name in names]
    extra_pa = float(np.sqrt(np.mean(data.sigma_pa**2 - data.stated_pa**2)))
    best = (extra_pa, data)
    for one in first:
        freedom = data.v_mv.size - one.n_parameters
        if one.fit is None or freedom < 1:
            continue
        extra = scatter_pa(one.residual_pa(stated), data.stated_pa, freedom)
        if extra == 0.0:
            return first, stated
        if extra < best[0]:
            sigma_pa = np.hypot(data.stated_pa, extra)
            best = (extra, replace(data, sigma_pa=sigma_pa, dof=float(freedom)))
    return [_try(best[1], name, bases) for name in names], best[1]


def _find_bases(data: Points, names: Sequence[str], field: ConstantField | str) -> Bases:
    """Return what the open pore of each model is made of, or why it is not known."""
    if not data.v_mv.size:
        return {}
    line: Basis = line_through(data.v_mv, data.i_pa)
    pore: Basis | str = ""
    if any(name.endswith("ghk") for name in names):
        pore = field if isinstance(field, str) else pore_through(data.v_mv, data.i_pa, field)
    return {name: pore if name.endswith("ghk") else line for name in names}


def _try(data: Points, name: str, bases: Bases) -> Tried:
    """Fit one model, or say why there is none."""
    gated, basis = name.startswith("gated"), bases.get(name, "no usable points")
    if isinstance(basis, str):
        return Tried(name, None, basis)
    many = basis.tested.shape[1] + 2 * gated
    if data.n_levels < many + _SPARE:
        why = (
            f"{data.n_levels} voltages for {many} parameters: at least {many + _SPARE} are "
            "needed, or nothing is left to test the model by"
        )
        return Tried(name, None, why, many)
    if not gated:
        linear = fit_linear(data, basis)
        return Tried(name, linear, "", linear.n_parameters)
    found, dropped = _search(data, basis)
    if isinstance(found, str):
        return Tried(name, None, found, many)
    return Tried(name, found, "", found.theta.size, dropped)


def _tell(data: Points, tested: ModelFit, tried: Tried) -> ModelFit:
    """Add what a model gives, where the points do not refute it."""
    fit = tried.fit
    if fit is None or tested.status != "ok":
        return tested
    if isinstance(fit, GatedFit):
        return _tell_gated(data, tested, fit, tried.dropped)
    if isinstance(fit.basis, Pore):
        e_rev = pore_reversal_mv(fit, float(data.v_mv.mean()))
        told = _with_numbers(data, tested, slope_at_reversal_ns(fit, e_rev[0]), e_rev)
        return _tell_permeabilities(told, fit, fit.basis)
    e_rev = line_reversal_mv(data)
    told = _with_numbers(data, tested, slope_at_reversal_ns(fit, e_rev[0]), e_rev)
    return replace(told, parameters=tuple(line_parameters(told, "g")))


def _tell_permeabilities(told: ModelFit, fit: LinearFit, pore: Pore) -> ModelFit:
    assert fit.told is not None
    said = []
    if fit.n_parameters < 2 and told.e_rev_mv is not None:
        said.append("one permeant ion or combination: E_rev follows from the solutions alone")
    if not fit.told.identifiable:
        said += [text.replace("these baths", "this curve") for text in fit.told.undetermined]
        return replace(told, reason="; ".join(said))
    unit = np.eye(len(pore.names))
    ends = []
    for row, value in zip(unit, fit.beta.tolist(), strict=True):
        low, high = fit.interval(row)
        ends.append((min(low, value), max(high, value)))
    absent = [ion for ion, value in zip(pore.names, fit.beta, strict=True) if value <= 0.0]
    if absent:
        said.append(f"no current of {', '.join(absent)} is seen: only an upper limit")
    if fit.told.doubtful:
        said.append(f"the ions' shares are hard to tell apart (condition {fit.told.condition:.0f})")
    found = pore_parameters(pore, fit.beta, tuple(ends)) + ratio_parameters(fit, pore)
    return replace(told, parameters=tuple(found), reason="; ".join(said))


def _tell_gated(
    data: Points, tested: ModelFit, found: GatedFit, dropped: tuple[str, ...]
) -> ModelFit:
    fit = fit_gate(found)
    if isinstance(fit, str):
        return replace(tested, status="rejected", reason=fit, best=False)
    ends = gated_intervals(fit, student_quantile(data.dof), data.v_mv)
    told = _with_numbers(data, tested, (ends.g_ns, *ends.g), (ends.e_rev_mv, *ends.e_rev))
    if isinstance(fit.basis, Pore):
        parameters = pore_parameters(fit.basis, fit.beta, ends.beta)
    else:
        parameters = line_parameters(told, "g_max")
    parameters += gate_parameters(fit, ends)
    said = f"no current of {', '.join(dropped)} is seen" if dropped else ""
    return replace(told, parameters=tuple(parameters), reason=said)


def _search(data: Points, basis: Basis) -> tuple[GatedFit | str, tuple[str, ...]]:
    """Find a gate; ions whose permeability would be negative are left out one by one."""
    dropped: tuple[str, ...] = ()
    found = search_gate(data, basis)
    while isinstance(found, GatedFit) and isinstance(basis, Pore) and (found.beta < 0.0).any():
        if len(basis.names) == 1:
            return "it would take a negative permeability", dropped
        ion = basis.names[int(np.argmin(found.beta))]
        dropped += (ion,)
        basis = basis.without(ion)
        found = search_gate(data, basis)
    if isinstance(found, GatedFit) and not isinstance(basis, Pore) and found.beta[0] <= 0.0:
        return "it would take a negative conductance", dropped
    return found, dropped


def _test(data: Points, tried: Tried) -> ModelFit:
    """Hold a fitted curve against the points; it gives no number yet."""
    if tried.fit is None:
        return ModelFit(tried.name, "rejected", tried.reason, data.v_mv.size, tried.n_parameters)
    residual_pa = tried.residual_pa(data)
    chi_square = float(((residual_pa / data.sigma_pa) ** 2).sum())
    fit = ModelFit(
        tried.name,
        "ok",
        n_points=data.v_mv.size,
        n_parameters=tried.n_parameters,
        chi2_p=fit_p(data, chi_square, tried.n_parameters),
        aicc=aicc(chi_square, data.v_mv.size, tried.n_parameters),
        runs_p=runs_p(data, residual_pa),
        curve=Curve(_short(tried.fit.basis.drawn_mv), _short(tried.fit.drawn_pa), (), ()),
    )
    misfit_pa = float(np.sqrt((residual_pa**2).mean()))
    share = misfit_pa / max(float(np.abs(data.i_pa).max()), 1e-300)
    why = why_refuted(fit, misfit_pa, share)
    return replace(fit, status="refuted", reason=why) if why else fit


def _short(values: Array) -> tuple[float, ...]:
    return tuple(float(f"{value:.5g}") for value in values)


def _with_numbers(
    data: Points,
    fit: ModelFit,
    g: tuple[float | None, float | None, float | None],
    e_rev: tuple[float | None, float | None, float | None],
) -> ModelFit:
    e_rev_mv, low_mv, high_mv = e_rev
    inside = e_rev_mv is not None and data.v_mv[0] <= e_rev_mv <= data.v_mv[-1]
    return replace(
        fit,
        g_ns=g[0],
        g_low_ns=g[1],
        g_high_ns=g[2],
        e_rev_mv=e_rev_mv,
        e_rev_low_mv=low_mv,
        e_rev_high_mv=high_mv,
        e_rev_status="none" if e_rev_mv is None else "inside" if inside else "extrapolated",
    )

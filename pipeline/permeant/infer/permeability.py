"""Permeability ratios of one cell from its reversal potentials, by the GHK equation.

At a reversal potential E the currents of all permeant ions add up to zero,

    sum_j P_j f_j(E) = 0,    f_j = GHK current of ion j per unit permeability,

which is linear in the P_j for any valences (Goldman 1943, doi:10.1085/jgp.27.1.37;
Hodgkin & Katz 1949, doi:10.1113/jphysiol.1949.sp004310).  Every bath gives one such
equation; they are solved together by weighted least squares with P of the reference ion 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from permeant.infer.ghk_system import (
    Array,
    Baths,
    Observation,
    System,
    Uncertainty,
    activities_mm,
    all_permeabilities,
    bath_weights,
    draw_currents,
    ghk_currents,
    number_bottles,
    solve_ratios,
)
from permeant.physics.constants import thermal_voltage_mv
from permeant.physics.ghk import ghk_slope_per_permeability
from permeant.physics.ions import Ion, find_ion
from permeant.records import PermeabilityRatio, RatioStatus

__all__ = ["Observation", "Uncertainty", "permeability_ratios"]

_MAX_CONDITION = 1e3
_SAME_POTENTIAL_MV = 0.5
_TAIL = 0.025
_DISAGREEMENT_P = 0.01


def permeability_ratios(
    observations: Sequence[Observation],
    *,
    permeant: Sequence[str],
    reference: str,
    fixed: Mapping[str, float],
    activities: str,
    uncertainty: Uncertainty,
    extra_ions: Mapping[str, Ion] | None = None,
    why_none: str = "",
) -> tuple[PermeabilityRatio, ...]:
    """Find P_ion / P_reference for every permeant ion that the cell's solutions hold.

    Parameters
    ----------
    observations : sequence of Observation
        Measured reversals only; an extrapolated one must not come here.
    permeant, reference, fixed, activities
        As in the section ``permeability`` of the configuration.
    uncertainty : Uncertainty
        Shared errors and the number of Monte-Carlo draws.
    extra_ions : mapping of str to Ion, optional
        Ions that the configuration adds.
    why_none : str
        What to say when there is no observation.

    Returns
    -------
    tuple of PermeabilityRatio
        ``ok`` with a 95 % interval, ``bound`` where only a limit can be given, else
        ``rejected`` with the reason.
    """
    wanted = [ion for ion in permeant if ion != reference]
    if not observations:
        return _all_rejected(wanted, reference, activities, why_none or "no measured reversal")
    observations = sorted(observations, key=lambda seen: seen.recording)
    inside, outside = activities_mm(observations, permeant, activities, extra_ions)
    present = tuple(
        ion for j, ion in enumerate(permeant) if inside[:, j].any() or outside[:, j].any()
    )
    wanted = [ion for ion in present if ion != reference]
    if reference not in present:
        reason = f"the reference ion {reference} is in no solution of the cell"
        return _all_rejected(wanted, reference, activities, reason)
    columns = [list(permeant).index(ion) for ion in present]
    inside, outside = inside[:, columns], outside[:, columns]
    system = System(
        ions=present,
        valences=np.array([find_ion(ion, extra_ions).valence for ion in present], dtype=float),
        known={reference: 1.0, **{ion: fixed[ion] for ion in present if ion in fixed}},
        unknown=tuple(ion for ion in wanted if ion not in fixed),
    )
    ratios = [
        _given(ion, reference, fixed[ion], activities, len(observations))
        for ion in wanted
        if ion in fixed
    ]
    if system.unknown:
        baths = Baths(
            e_mv=np.array([seen.e_rev_mv for seen in observations]),
            se_mv=np.array([max(seen.e_rev_se_mv, 1e-3) for seen in observations]),
            temperature_c=np.array([seen.temperature_c for seen in observations]),
            inside=inside,
            outside=outside,
            inside_bottle=number_bottles([seen.inside_mm for seen in observations]),
            outside_bottle=number_bottles([seen.outside_mm for seen in observations]),
        )
        blank = PermeabilityRatio("", reference, "rejected", activities=activities)
        ratios += _solve(baths, system, blank, uncertainty)
    return tuple(sorted(ratios, key=lambda ratio: present.index(ratio.ion)))


def _all_rejected(
    ions: Sequence[str], reference: str, activities: str, reason: str
) -> tuple[PermeabilityRatio, ...]:
    return tuple(
        PermeabilityRatio(ion, reference, "rejected", reason, activities=activities) for ion in ions
    )


def _given(
    ion: str, reference: str, ratio: float, activities: str, n_recordings: int
) -> PermeabilityRatio:
    return PermeabilityRatio(
        ion,
        reference,
        "ok",
        "not measured: fixed in the configuration",
        ratio,
        ratio,
        ratio,
        "fixed",
        n_recordings,
        activities,
    )


def _solve(
    baths: Baths, system: System, blank: PermeabilityRatio, uncertainty: Uncertainty
) -> list[PermeabilityRatio]:
    """Find the unknown ratios; what is not determined is refused, and the rest tried alone."""
    currents = ghk_currents(system, baths.e_mv, baths.inside, baths.outside, baths.temperature_c)
    slopes: Array = ghk_slope_per_permeability(
        baths.e_mv[:, None],
        baths.inside,
        baths.outside,
        system.valences,
        baths.temperature_c[:, None],
    )
    doubt_mv = np.hypot(baths.se_mv, uncertainty.sigma_ljp_mv)
    refused = _undetermined(system, currents, slopes, doubt_mv)
    results = [replace(blank, ion=ion, reason=reason) for ion, reason in refused.items()]
    if not refused:
        return _solve_determined(baths, system, currents, slopes, blank, uncertainty)
    free = tuple(ion for ion in system.unknown if ion not in refused)
    if not free:
        return results
    # an undetermined ion leaves its share of the current open: the others stand only where
    # baths without it tell them
    clean = _baths_without(system, refused, baths.inside, baths.outside)
    if not clean.any():
        reason = f"not determined: no bath without {', '.join(refused)}, itself not determined"
        return results + [replace(blank, ion=ion, reason=reason) for ion in free]
    known = {**system.known, **dict.fromkeys(refused, 0.0)}
    rest = replace(system, known=known, unknown=free)
    return results + _solve(baths.where(clean), rest, blank, uncertainty)


def _solve_determined(  # noqa: PLR0917 - the equation's parts
    baths: Baths,
    system: System,
    currents: Array,
    slopes: Array,
    blank: PermeabilityRatio,
    uncertainty: Uncertainty,
) -> list[PermeabilityRatio]:
    # what solutions are known to counts in the balance between baths as well as E_rev's error
    thermal_mv = np.asarray(thermal_voltage_mv(baths.temperature_c))
    solutions_mv = uncertainty.sigma_concentration_fraction * thermal_mv
    sigma_mv = np.hypot(baths.se_mv, solutions_mv)
    weights = 1.0 / (sigma_mv * slopes.sum(axis=1))
    for _ in range(4):
        best = solve_ratios(system, currents, weights)
        weights = bath_weights(system, slopes, best, sigma_mv)
    drawn = draw_currents(system, baths, uncertainty)
    draws = solve_ratios(system, drawn, weights)
    n = baths.e_mv.size
    blank = replace(
        blank,
        method=f"GHK zero current, {n} bath{'s' if n > 1 else ''}",
        n_recordings=n,
    )
    misfit = currents @ all_permeabilities(system, best) * weights
    drawn_misfit = (drawn @ all_permeabilities(system, draws)[..., None])[..., 0] * weights
    note = _disagreement(misfit, drawn_misfit, n - len(system.unknown))
    return [
        _verdict(replace(blank, ion=ion), best[k], draws[:, k], note)
        for k, ion in enumerate(system.unknown)
    ]


def _disagreement(misfit: Array, drawn_misfit: Array, freedom: int) -> str:
    """Say when the baths do not fit one set of ratios within the errors; else empty."""
    if freedom < 1:
        return ""
    spread = np.atleast_2d(np.cov(drawn_misfit, rowvar=False))
    values, directions = np.linalg.eigh(spread)
    along = directions[:, -freedom:].T @ misfit
    p = float(special.chdtrc(freedom, float((along**2 / values[-freedom:]).sum())))
    if p >= _DISAGREEMENT_P:
        return ""
    return (
        f"the baths do not agree on one ratio (p = {p:.1g}): the interval leaves that out; another "
        "ion may permeate, or the permeability change with the solutions"
    )


def _baths_without(
    system: System, refused: Mapping[str, str], inside: Array, outside: Array
) -> NDArray[np.bool_]:
    columns = system.columns(list(refused))
    held = (inside[:, columns] > 0) | (outside[:, columns] > 0)
    return np.asarray(~held.any(axis=1))


def _undetermined(
    system: System, currents: Array, slopes: Array, doubt_mv: Array
) -> dict[str, str]:
    """Name the ions whose ratio these reversals cannot tell, with the reason.

    Currents over slopes are distances in mV between the reversal and each ion's own
    equilibrium: where all ions of a bath sit at the reversal the bath says nothing.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        distance_mv = np.where(slopes > 0, np.abs(currents / slopes), 0.0)
    telling = np.asarray(distance_mv.max(axis=1) > np.maximum(3.0 * doubt_mv, _SAME_POTENTIAL_MV))
    if not telling.any():
        reason = (
            "not determined: at the reversal every permeant ion is at its own equilibrium "
            "(the solutions are symmetric for them), so any ratio fits"
        )
        return dict.fromkeys(system.unknown, reason)
    rows = currents[telling] / np.abs(currents[telling]).max(axis=1, keepdims=True)
    silent = [ion for ion in system.unknown if not rows[:, system.ions.index(ion)].any()]
    if silent:
        return {
            ion: f"not determined: no bath in which the other ions tell something holds {ion}"
            for ion in silent
        }
    matrix = rows[:, system.columns(system.unknown)]
    matrix = matrix / np.sqrt((matrix**2).sum(axis=0))
    _, singular, directions = np.linalg.svd(matrix, full_matrices=True)
    singular = np.pad(singular, (0, len(system.unknown) - singular.size))
    lost = directions[singular < singular[0] / _MAX_CONDITION]
    involved = (np.abs(lost) > 1e-3).any(axis=0)
    names = [ion for ion, hit in zip(system.unknown, involved, strict=True) if hit]
    if not names:
        return {}
    n = int(telling.sum())
    together = " + ".join(f"P_{ion}" for ion in names)
    reason = (
        f"not determined: {n} bath{'s' if n > 1 else ''} for {len(system.unknown)} unknown ratios; "
        f"only a weighted sum of {together} is fixed. Record in further baths, or fix a ratio in "
        "permeability: fixed"
    )
    return dict.fromkeys(names, reason)


def _by_way_of_infinity(draws: Array) -> bool:
    """Whether negative draws lie beyond infinity rather than below zero.

    A ratio whose denominator may vanish has draws far above and far below its usual size and
    none near zero; one whose numerator may vanish the other way round.
    """
    size = np.abs(draws)
    usual = float(np.median(size))
    return bool(np.count_nonzero(size > 10.0 * usual) > np.count_nonzero(size < 0.1 * usual))


def _verdict(blank: PermeabilityRatio, ratio: float, draws: Array, note: str) -> PermeabilityRatio:
    """Turn the draws of one ratio into an interval, a limit or a refusal."""

    def result(
        status: RatioStatus,
        reason: str,
        value: float | None = None,
        low: float | None = None,
        high: float | None = None,
    ) -> PermeabilityRatio:
        said = "; ".join(part for part in (reason, note) if part)
        return replace(
            blank, status=status, reason=said, ratio=value, ratio_low=low, ratio_high=high
        )

    impossible = float(np.mean(draws <= 0.0))
    percent = f"{100 * impossible:.3g} % of the draws"
    if impossible > 1.0 - _TAIL:
        return result(
            "rejected",
            f"infeasible: the equation gives {ratio:.3g} and {percent} a negative permeability. "
            "Likely causes: another ion permeates, the junction potential has the wrong sign or "
            "is applied twice, or a solution is not what the sheet says",
        )
    beyond = _by_way_of_infinity(draws)
    placed = np.where(draws > 0.0, draws, np.inf if beyond else 0.0)
    low = float(np.quantile(placed, _TAIL, method="higher"))
    high = float(np.quantile(placed, 1.0 - _TAIL, method="lower"))
    if impossible > _TAIL and beyond:
        return result(
            "bound",
            f"only a lower limit: the reversal is so near to the equilibrium of {blank.ion} that "
            f"{percent} have no solution",
            low=low,
        )
    if impossible > _TAIL:
        return result(
            "bound",
            f"only an upper limit: within the errors the ratio may be zero ({percent})",
            high=high,
        )
    few = f"{percent} have no solution" if impossible else ""
    return result("ok", few, float(ratio), low, high)

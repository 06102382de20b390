"""Permeability ratios of one cell from its reversal potentials, by the GHK equation.

At a reversal potential E the currents of all permeant ions add up to zero,

    sum_j P_j f_j(E) = 0,    f_j = GHK current of ion j per unit permeability,

which is linear in the P_j for any valences (Goldman 1943, doi:10.1085/jgp.27.1.37;
Hodgkin & Katz 1949, doi:10.1113/jphysiol.1949.sp004310).  Every bath gives one such
equation; they are solved together by weighted least squares with P of the reference ion 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from permeant.physics.activity import activity_coefficients
from permeant.physics.ghk import ghk_current_per_permeability, ghk_slope_per_permeability
from permeant.physics.ions import Ion, find_ion
from permeant.records import PermeabilityRatio

Array = NDArray[np.float64]

_MAX_CONDITION = 1e3
_SAME_POTENTIAL_MV = 0.5
_TAIL = 0.025


@dataclass(frozen=True)
class Observation:
    """One measured reversal potential and the solutions it was measured in."""

    recording: str
    e_rev_mv: float
    e_rev_se_mv: float
    temperature_c: float
    inside_mm: Mapping[str, float]
    outside_mm: Mapping[str, float]


@dataclass(frozen=True)
class Uncertainty:
    """Errors that the recordings of a cell share, one standard deviation each."""

    sigma_ljp_mv: float = 1.0
    sigma_temperature_c: float = 0.5
    sigma_concentration_fraction: float = 0.01
    draws: int = 10_000
    seed: int = 0


@dataclass(frozen=True)
class _System:
    """The ions at play, and what is known of them."""

    ions: tuple[str, ...]
    valences: Array
    known: Mapping[str, float]
    unknown: tuple[str, ...]

    def columns(self, names: Sequence[str]) -> list[int]:
        return [self.ions.index(name) for name in names]


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
    inside, outside = _activities(observations, permeant, activities, extra_ions)
    present = tuple(
        ion for j, ion in enumerate(permeant) if inside[:, j].any() or outside[:, j].any()
    )
    wanted = [ion for ion in present if ion != reference]
    if reference not in present:
        return _all_rejected(
            wanted, reference, activities, f"the reference ion {reference} is in no solution of the cell"
        )
    columns = [list(permeant).index(ion) for ion in present]
    inside, outside = inside[:, columns], outside[:, columns]
    system = _System(
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
        ratios += _solve(observations, system, inside, outside, reference, activities, uncertainty)
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


def _activities(
    observations: Sequence[Observation],
    permeant: Sequence[str],
    model: str,
    extra_ions: Mapping[str, Ion] | None,
) -> tuple[Array, Array]:
    """Return the activities (or concentrations) of the permeant ions, (baths, ions), in mM."""

    def table(solutions: Sequence[tuple[Mapping[str, float], float]]) -> Array:
        rows = []
        for ions_mm, temperature_c in solutions:
            gamma: Mapping[str, float] = {}
            if model != "none":
                gamma = activity_coefficients(
                    ions_mm, model, temperature_c, extra=extra_ions
                ).coefficients
            rows.append([ions_mm.get(ion, 0.0) * gamma.get(ion, 1.0) for ion in permeant])
        return np.array(rows)

    return (
        table([(seen.inside_mm, seen.temperature_c) for seen in observations]),
        table([(seen.outside_mm, seen.temperature_c) for seen in observations]),
    )


def _currents(
    system: _System, e_mv: Array, inside: Array, outside: Array, temperature_c: Array
) -> Array:
    """GHK currents per unit permeability, (..., baths, ions), at the reversals (..., baths)."""
    currents: Array = ghk_current_per_permeability(
        e_mv[..., None], inside, outside, system.valences, temperature_c[..., None]
    )
    return currents


def _weights(
    system: _System, slopes: Array, ratios: Array, sigma_mv: Array
) -> Array:
    """Weigh each bath by how well it fixes the net current: 1 / (sigma_E times dI/dV)."""
    p = np.array([system.known.get(ion, 0.0) for ion in system.ions])
    p[system.columns(system.unknown)] = np.maximum(ratios, 0.0)
    return 1.0 / (sigma_mv * (slopes @ p))


def _least_squares(system: _System, currents: Array, weights: Array) -> Array:
    """Solve for the unknown ratios, (..., unknowns), from currents (..., baths, ions)."""
    known = np.array(list(system.known.values()))
    known_current = currents[..., system.columns(list(system.known))] @ known
    matrix = currents[..., system.columns(system.unknown)] * weights[:, None]
    target = -known_current * weights
    scale = np.sqrt((matrix**2).sum(axis=-2, keepdims=True))
    scale = np.where(scale > 0, scale, 1.0)
    matrix = matrix / scale
    transposed = np.swapaxes(matrix, -1, -2)
    normal = transposed @ matrix
    # a hair of ridge keeps a draw that hits a singular system finite: it lands far out and
    # is counted there
    normal = normal + 1e-14 * np.eye(normal.shape[-1])
    solution = np.linalg.solve(normal, transposed @ target[..., None])[..., 0]
    ratios: Array = solution / scale[..., 0, :]
    return ratios


def _solve(
    observations: Sequence[Observation],
    system: _System,
    inside: Array,
    outside: Array,
    reference: str,
    activities: str,
    uncertainty: Uncertainty,
) -> list[PermeabilityRatio]:
    e_mv = np.array([seen.e_rev_mv for seen in observations])
    se_mv = np.array([max(seen.e_rev_se_mv, 1e-3) for seen in observations])
    temperature_c = np.array([seen.temperature_c for seen in observations])
    currents = _currents(system, e_mv, inside, outside, temperature_c)
    slopes: Array = ghk_slope_per_permeability(
        e_mv[:, None], inside, outside, system.valences, temperature_c[:, None]
    )
    refused = _undetermined(system, currents, slopes, se_mv)
    free = tuple(ion for ion in system.unknown if ion not in refused)
    results = [
        PermeabilityRatio(ion, reference, "rejected", refused[ion], activities=activities)
        for ion in system.unknown
        if ion in refused
    ]
    if not free or (refused and len(free) < len(system.unknown)):
        # an undetermined ion leaves its share of the current open: the others stand only
        # where no bath that speaks for them holds it
        clean = _baths_without(system, refused, inside, outside)
        if not free or not clean.any():
            reason = "undetermined together with " + ", ".join(sorted(refused))
            return results + list(_all_rejected(free, reference, activities, reason))
        system = _System(
            system.ions,
            system.valences,
            {**system.known, **dict.fromkeys(refused, 0.0)},
            free,
        )
        e_mv, se_mv, temperature_c = e_mv[clean], se_mv[clean], temperature_c[clean]
        inside, outside, slopes = inside[clean], outside[clean], slopes[clean]
        currents = currents[clean]
    weights = 1.0 / (se_mv * slopes.sum(axis=1))
    for _ in range(4):
        best = _least_squares(system, currents, weights)
        weights = _weights(system, slopes, best, se_mv)
    draws = _draws(system, e_mv, se_mv, temperature_c, inside, outside, weights, uncertainty)
    method = f"GHK zero current, {e_mv.size} bath{'s' if e_mv.size > 1 else ''}"
    poles = _poles(system, e_mv, inside, outside, temperature_c, best, currents)
    return results + [
        _verdict(ion, reference, best[k], draws[:, k], poles[k], method, e_mv.size, activities)
        for k, ion in enumerate(system.unknown)
    ]


def _baths_without(
    system: _System, refused: Mapping[str, str], inside: Array, outside: Array
) -> NDArray[np.bool_]:
    columns = system.columns(list(refused))
    held = (inside[:, columns] > 0) | (outside[:, columns] > 0)
    clean: NDArray[np.bool_] = ~held.any(axis=1)
    return clean


def _undetermined(
    system: _System, currents: Array, slopes: Array, se_mv: Array
) -> dict[str, str]:
    """Name the ions whose ratio these reversals cannot tell, with the reason.

    Currents over slopes are distances in mV between the reversal and each ion's own
    equilibrium: where all ions of a bath sit at the reversal the bath says nothing.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        distance_mv = np.where(slopes > 0, np.abs(currents / slopes), 0.0)
    telling = distance_mv.max(axis=1) > np.maximum(3.0 * se_mv, _SAME_POTENTIAL_MV)
    if not telling.any():
        reason = (
            "not determined: at the reversal every permeant ion is at its own equilibrium "
            "(the solutions are symmetric for them), so any ratio fits"
        )
        return dict.fromkeys(system.unknown, reason)
    matrix = currents[telling][:, system.columns(system.unknown)]
    matrix = matrix / np.abs(currents[telling]).max(axis=1, keepdims=True)
    size = np.sqrt((matrix**2).sum(axis=0))
    matrix = matrix / np.where(size > 0, size, 1.0)
    _, singular, directions = np.linalg.svd(matrix, full_matrices=True)
    singular = np.pad(singular, (0, len(system.unknown) - singular.size))
    lost = directions[singular < singular[0] / _MAX_CONDITION]
    involved = (np.abs(lost) > 1e-3).any(axis=0) if lost.size else np.zeros(size.shape, bool)
    names = [ion for ion, hit in zip(system.unknown, involved, strict=True) if hit]
    if not names:
        return {}
    baths = "one bath" if telling.sum() == 1 else f"{telling.sum()} baths"
    together = " + ".join(f"P_{ion}" for ion in names)
    reason = (
        f"not determined: {baths} for {len(system.unknown)} unknown ratios; only a weighted sum of "
        f"{together} is fixed. Record in further baths, or fix a ratio in permeability: fixed"
    )
    return dict.fromkeys(names, reason)


def _draws(
    system: _System,
    e_mv: Array,
    se_mv: Array,
    temperature_c: Array,
    inside: Array,
    outside: Array,
    weights: Array,
    uncertainty: Uncertainty,
) -> Array:
    """Solve again for every Monte-Carlo draw of the inputs, (draws, unknowns)."""
    random = np.random.default_rng(uncertainty.seed)
    n = uncertainty.draws
    shared_mv = random.normal(0.0, uncertainty.sigma_ljp_mv, (n, 1))
    e_drawn = e_mv + shared_mv + random.normal(0.0, 1.0, (n, e_mv.size)) * se_mv
    t_drawn = temperature_c + random.normal(0.0, uncertainty.sigma_temperature_c, (n, 1))
    spread = uncertainty.sigma_concentration_fraction
    # one pipette solution for all baths, one draw for each bath's ions
    inside_drawn = inside * np.exp(random.normal(0.0, spread, (n, 1, inside.shape[1])))
    outside_drawn = outside * np.exp(random.normal(0.0, spread, (n, *outside.shape)))
    currents = _currents(system, e_drawn, inside_drawn, outside_drawn, t_drawn)
    return _least_squares(system, currents, weights)


def _poles(
    system: _System,
    e_mv: Array,
    inside: Array,
    outside: Array,
    temperature_c: Array,
    best: Array,
    currents: Array,
) -> list[bool]:
    """Whether each ratio is nearer to infinity than to zero: its own current nearly vanishes."""
    known = np.array([system.known.get(ion, 0.0) for ion in system.ions])
    poles = []
    for k, ion in enumerate(system.unknown):
        own = np.abs(currents[:, system.ions.index(ion)]).max()
        others = np.abs(currents @ known).max()
        poles.append(bool(own < others) and abs(best[k]) > 1.0)
    return poles


def _verdict(
    ion: str,
    reference: str,
    ratio: float,
    draws: Array,
    pole: bool,
    method: str,
    n_recordings: int,
    activities: str,
) -> PermeabilityRatio:
    impossible = float(np.mean(draws <= 0.0))
    possible = draws[draws > 0.0]

    def result(
        status: str, reason: str, low: float | None, high: float | None, value: float | None
    ) -> PermeabilityRatio:
        return PermeabilityRatio(
            ion, reference, status, reason, value, low, high, method, n_recordings, activities  # type: ignore[arg-type]
        )

    if ratio <= 0.0 and impossible > 1.0 - _TAIL:
        return result(
            "rejected",
            f"infeasible: the equation gives {ratio:.3g}, a negative permeability. Likely causes: "
            "another ion permeates, the junction potential has the wrong sign or is applied twice, "
            "or a solution is not what the sheet says",
            None,
            None,
            None,
        )
    if impossible > _TAIL and pole:
        low = float(np.quantile(np.where(draws > 0.0, draws, np.inf), _TAIL))
        return result(
            "bound",
            f"only a lower limit: the reversal is so near to the equilibrium of {ion} that "
            f"{100 * impossible:.0f} % of the draws have no solution",
            low,
            None,
            None,
        )
    if impossible > _TAIL:
        high = float(np.quantile(np.where(draws > 0.0, draws, 0.0), 1.0 - _TAIL))
        return result(
            "bound",
            f"only an upper limit: within the errors the ratio may be zero ({100 * impossible:.0f} % "
            "of the draws)",
            None,
            high,
            None,
        )
    low, high = np.exp(np.quantile(np.log(possible), [_TAIL, 1.0 - _TAIL]))
    note = f"{100 * impossible:.2g} % of the draws have no solution" if impossible else ""
    return result("ok", note, float(low), float(high), float(ratio))

"""Several permeability ratios from the reversal potentials in several baths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from permeant.physics.arguments import ArgumentError, Array, charged, finite, not_negative
from permeant.physics.baths import Baths
from permeant.physics.ghk import ghk_current_per_permeability
from permeant.physics.identifiability import Identifiability, assess_identifiability
from permeant.physics.nonnegative import covariance_inside_bounds, nonnegative_least_squares
from permeant.physics.zero_current import solve_zero_current

_ROUNDS = 60
_SOUND = 1e-12


@dataclass(frozen=True)
class JointSolution:
    """Ratios that several baths together imply, and how well.

    ``ratios`` has one entry an ion, the reference 1, fixed ones as given, none negative;
    ``unbounded`` is the linear solution without that bound, negative where the data
    contradict the model.  ``covariance`` holds NaN for what is fixed, at the bound or
    undetermined.  ``e_model_mv`` is NaN where the ratios imply no reversal.
    """

    names: tuple[str, ...]
    ratios: tuple[float, ...]
    unbounded: tuple[float, ...]
    covariance: Array
    e_model_mv: Array
    residual_mv: Array
    chi2: float
    degrees_of_freedom: int
    identifiability: Identifiability

    @property
    def feasible(self) -> bool:
        """Whether all ratios are positive and every bath has a reversal."""
        return all(ratio > 0 for ratio in self.ratios) and bool(np.isfinite(self.chi2))

    @property
    def at_bound(self) -> tuple[str, ...]:
        """Return the ions whose ratio came out as zero."""
        return tuple(n for n, ratio in zip(self.names, self.ratios, strict=True) if ratio <= 0)


def solve_permeabilities(
    e_rev_mv: ArrayLike,
    inside_mm: ArrayLike,
    outside_mm: ArrayLike,
    valences: ArrayLike,
    temperature_c: ArrayLike,
    *,
    names: Sequence[str],
    reference: str,
    sigma_e_mv: ArrayLike = 1.0,
    fixed: Mapping[str, float] | None = None,
) -> JointSolution:
    """Return the permeability ratios that fit the reversals in all baths together.

    Parameters
    ----------
    e_rev_mv : array_like
        Measured reversal potentials (mV), shape (m,).
    inside_mm, outside_mm : array_like
        Concentrations or activities (mM), shape (m, n), or (n,) where all are the same.
    valences : array_like
        Signed charge numbers, shape (n,).
    temperature_c : array_like
        Temperature (°C), scalar or shape (m,).
    names : sequence of str
        The n ions.
    reference : str
        The ion whose permeability is 1.
    sigma_e_mv : array_like, optional
        Independent standard deviations of the reversals (mV), scalar or shape (m,).  An
        error shared by all baths (a junction potential) does not belong here.
    fixed : mapping of str to float, optional
        Ratios that are not fitted.

    Returns
    -------
    JointSolution
        Ratios, covariance, residuals, chi-square with its degrees of freedom (none when
        the baths are as many as the unknowns), rank and condition.

    Raises
    ------
    ArgumentError
        If names, shapes or values do not fit.

    Notes
    -----
    The currents of all ions cancel at each reversal, which is linear in the permeabilities;
    that solution, weighted with 1/(sigma G), starts a Gauss-Newton search that minimises
    sum ((E - E_model)/sigma)² with ratios that cannot be negative.
    """
    baths = Baths.of(
        e_rev_mv=e_rev_mv,
        sigma_e_mv=sigma_e_mv,
        inside_mm=inside_mm,
        outside_mm=outside_mm,
        valences=valences,
        temperature_c=temperature_c,
    )
    start, free = _unknowns(names, reference, fixed or {}, baths.z.size)
    unbounded, bounded = _linear(baths, start, free)
    p = _descend(baths, bounded, free)
    e_model = baths.model(p)
    at = np.where(np.isfinite(e_model), e_model, baths.e)
    sensitivity = baths.sensitivity(at, p)[:, free]
    unknown_names = [name for name, is_free in zip(names, free, strict=True) if is_free]
    found = assess_identifiability(
        sensitivity / baths.sigma[:, np.newaxis],
        unknown_names,
        baths.gross(at, p)[:, free] / baths.sigma[:, np.newaxis],
    )
    return JointSolution(
        names=tuple(names),
        ratios=tuple(p.tolist()),
        unbounded=tuple(unbounded.tolist()),
        covariance=_spread(sensitivity / baths.sigma[:, np.newaxis], p, free, found),
        e_model_mv=e_model,
        residual_mv=baths.e - e_model,
        chi2=baths.chi2(p),
        degrees_of_freedom=baths.e.size - found.rank,
        identifiability=found,
    )


def solve_permeability_draws(
    e_rev_mv: ArrayLike,
    inside_mm: ArrayLike,
    outside_mm: ArrayLike,
    valences: ArrayLike,
    temperature_c: ArrayLike,
    *,
    names: Sequence[str],
    reference: str,
    weights: ArrayLike = 1.0,
    fixed: Mapping[str, float] | None = None,
) -> Array:
    """Return the linear joint solution for many draws at once, for Monte-Carlo intervals.

    Parameters
    ----------
    e_rev_mv : array_like
        Drawn reversal potentials (mV), shape (d, m).
    inside_mm, outside_mm : array_like
        Concentrations (mM), shape (d, m, n) or broadcasting to it.
    valences : array_like
        Signed charge numbers, shape (n,).
    temperature_c : array_like
        Temperature (°C), broadcasting to (d, m).
    names, reference, fixed
        As for :func:`solve_permeabilities`.
    weights : array_like, optional
        1/(sigma G) of each bath, shape (m,); matters only with more baths than unknowns.

    Returns
    -------
    ndarray
        Ratios, shape (d, n), negative where a draw is infeasible, NaN where it leaves them
        undetermined: count those and say so, never clip them.

    Raises
    ------
    ArgumentError
        If names, shapes or values do not fit.
    """
    z = charged("valences", valences)
    e = finite("e_rev_mv", e_rev_mv)
    known, free = _unknowns(names, reference, fixed or {}, z.size)
    celsius = np.asarray(temperature_c, dtype=np.float64)[..., np.newaxis]
    f = ghk_current_per_permeability(e[..., np.newaxis], inside_mm, outside_mm, z, celsius)
    currents = np.moveaxis(np.asarray(f), 0, -1).swapaxes(0, 1)
    ratios = np.broadcast_to(known, (e.shape[0], z.size)).copy()
    ratios[:, free] = np.nan
    if e.shape[-1] < np.count_nonzero(free):
        return ratios
    weight = np.broadcast_to(np.asarray(weights, dtype=np.float64), e.shape[-1:])
    solved, soundness = solve_zero_current(currents, np.where(free, np.nan, known), weight)
    good = soundness > _SOUND
    ratios[np.ix_(good, free)] = solved[:, good].T
    return ratios


def _unknowns(
    names: Sequence[str], reference: str, fixed: Mapping[str, float], n: int
) -> tuple[Array, np.ndarray]:
    if len(names) != n or len(set(names)) != n:
        raise ArgumentError(f"names = {list(names)} must be {n} different ions")
    strangers = sorted({reference, *fixed} - set(names))
    if strangers:
        raise ArgumentError(f"{', '.join(strangers)} is not among the ions {', '.join(names)}")
    if reference in fixed and fixed[reference] != 1:
        raise ArgumentError(f"fixed[{reference!r}] = {fixed[reference]:g}: the reference is 1")
    given = {**fixed, reference: 1.0}
    known = np.array(
        [float(not_negative(f"fixed[{name!r}]", given.get(name, 1.0))) for name in names]
    )
    return known, np.array([name not in given for name in names])


def _linear(baths: Baths, start: Array, free: np.ndarray) -> tuple[Array, Array]:
    """Solve sum p f(E) = 0 at the measured E, first without and then with p >= 0."""
    f = baths.currents(baths.e)
    unbounded, bounded = start.copy(), start.copy()
    if not free.any():
        return unbounded, bounded
    for _ in range(_ROUNDS):
        before = bounded.copy()
        weight = 1 / (baths.sigma * np.maximum(baths.conductance(baths.e, bounded), 1e-300))
        a, b = f[:, free] * weight[:, np.newaxis], -(f[:, ~free] @ start[~free]) * weight
        scale = np.linalg.norm(a, axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        unbounded[free] = np.linalg.lstsq(a / scale, b, rcond=1e-12)[0] / scale
        bounded[free] = nonnegative_least_squares(a, b)
        if np.allclose(bounded, before, rtol=1e-12, atol=0):
            break
    return unbounded, bounded


def _descend(baths: Baths, p: Array, free: np.ndarray) -> Array:
    """Gauss-Newton on the reversals themselves, each step a non-negative least squares."""
    best = baths.chi2(p)
    if not free.any() or not np.isfinite(best):
        return p
    for _ in range(_ROUNDS):
        e = baths.model(p)
        slope = baths.sensitivity(e, p) / baths.sigma[:, np.newaxis]
        goal = (baths.e - e) / baths.sigma + slope[:, free] @ p[free]
        wanted = p.copy()
        wanted[free] = nonnegative_least_squares(slope[:, free], goal)
        step, found = 1.0, np.inf
        while step > 1e-4:
            found = baths.chi2(p + step * (wanted - p))
            if found < best:
                break
            step /= 2
        if not found < best:
            break
        p, gain, best = p + step * (wanted - p), best - found, found
        if gain <= 1e-14 * best:
            break
    return p


def _spread(weighted: Array, p: Array, free: np.ndarray, found: Identifiability) -> Array:
    covariance = np.full((p.size, p.size), np.nan)
    places = np.ix_(np.flatnonzero(free), np.flatnonzero(free))
    covariance[places] = covariance_inside_bounds(weighted, p[free], found.identifiable)
    return covariance

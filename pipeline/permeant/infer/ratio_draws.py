"""What a cell's baths say of the ratios, nominally and when every input is off by chance.

All inputs err independently, each with a standard normal number of its own: the rows of
``errors``.  A Monte Carlo draws them all; to see what one source adds, they are moved one by
one, up and down by one standard deviation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np

from permeant.infer.ghk_system import Array, Baths, System, Uncertainty
from permeant.infer.reference_drift import Drift
from permeant.physics.constants import FARADAY_C_PER_MOL
from permeant.physics.ghk import ghk_slope_per_permeability
from permeant.physics.zero_current import solve_zero_current, unit_currents

REVERSAL = "reversal potentials"
COURSE = "course of the drift"
JUNCTION = "junction potential"
CHANGE = "reference electrode after bath changes"
TEMPERATURE = "temperature"
SOLUTIONS = "concentrations"
OWN = (REVERSAL, COURSE)
"""Sources that every cell draws anew; the others are those of the rig and its solutions."""

_ROUNDS = 4
_JITTER = 1e-13
_MOST_KEPT = 1_000_000
"""Random numbers that are kept from cell to cell, 8 MB; more are drawn anew."""


@dataclass(frozen=True)
class Evaluated:
    """Reversals as corrected, (baths, draws), and currents per permeability (ions, baths, draws).

    Only of the recordings that the equations use.
    """

    e_mv: Array
    currents: Array

    def part(self, rows: np.ndarray, columns: Sequence[int]) -> Evaluated:
        """Return some baths and some ions."""
        return Evaluated(self.e_mv[rows], self.currents[list(columns)][:, rows])


@dataclass(frozen=True)
class CellSystem:
    """The equations of one cell with everything that may be off in them."""

    system: System
    baths: Baths
    uncertainty: Uncertainty
    drift: Drift | None = None
    _cache: dict[str, Evaluated] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def kept(self) -> np.ndarray:
        """The recordings that give an equation."""
        return np.flatnonzero(self.drift.kept) if self.drift else np.arange(self.baths.e_mv.size)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The source of each row of errors."""
        b = self.baths
        return (
            *[REVERSAL] * b.e_mv.size,
            *[COURSE] * (b.e_mv.size if self.drift else 0),
            *[JUNCTION] * (int(b.junction.max()) + 1),
            *[CHANGE] * (int(b.change.max()) + 1),
            TEMPERATURE,
            *[SOLUTIONS] * len(self._bottles),
        )

    @cached_property
    def _bottles(self) -> tuple[tuple[str, int, int], ...]:
        """Side, ion and solution of every concentration that can be off."""
        found = []
        for side in ("inside", "outside"):
            mm, bottles = getattr(self.baths, side), getattr(self.baths, f"{side}_bottle")
            for j in range(mm.shape[0]):
                for bottle in np.unique(bottles[mm[j] > 0]):
                    found.append((side, j, int(bottle)))
        return tuple(found)

    def evaluate(self, errors: Array) -> Evaluated:
        """Return reversals and currents for rows of standard normal errors, (sources, draws)."""
        b, sigma = self.baths, self.uncertainty
        rows = iter(np.split(errors, np.cumsum(self._sizes)[:-1]))
        own = next(rows)
        e = b.e_mv[:, np.newaxis] + own * np.where(
            own > 0, b.above_mv[:, np.newaxis], b.below_mv[:, np.newaxis]
        )
        course = next(rows)
        sign = b.sign[:, np.newaxis]
        e += sign * sigma.sigma_ljp_mv * next(rows)[b.junction]
        changed = next(rows)
        moved = np.flatnonzero(b.change >= 0)
        change_mv = sigma.sigma_bath_change_fraction * sigma.sigma_ljp_mv
        e[moved] += sign[moved] * change_mv * changed[b.change[moved]]
        celsius = b.temperature_c[:, np.newaxis] + sigma.sigma_temperature_c * next(rows)
        if self.drift:
            e = e - self.drift.taken @ e + self.drift.course_mv[:, np.newaxis] * course
        sides = self._concentrations(next(rows))
        kept = self.kept
        inside, outside = (side[:, kept] for side in sides)
        e = e[kept]
        currents = unit_currents(e, inside, outside, self.system.valences, celsius[kept])
        return Evaluated(e, currents)

    @cached_property
    def _sizes(self) -> list[int]:
        named = (REVERSAL, COURSE, JUNCTION, CHANGE, TEMPERATURE, SOLUTIONS)
        return [self.sources.count(name) for name in named]

    def _concentrations(self, errors: Array) -> tuple[Array, Array]:
        b, spread = self.baths, self.uncertainty.sigma_concentration_fraction
        shape = (*b.inside.shape, errors.shape[1])
        sides = {
            "inside": np.broadcast_to(b.inside[..., np.newaxis], shape).copy(),
            "outside": np.broadcast_to(b.outside[..., np.newaxis], shape).copy(),
        }
        factors = np.exp(spread * errors)
        for (side, j, bottle), factor in zip(self._bottles, factors, strict=True):
            used = np.flatnonzero(getattr(b, f"{side}_bottle") == bottle)
            sides[side][j, used] *= factor
        return sides["inside"], sides["outside"]

    def _once(self, name: str, errors: Array) -> Evaluated:
        if name not in self._cache:
            self._cache[name] = self.evaluate(errors)
        return self._cache[name]

    @property
    def nominal(self) -> Evaluated:
        """Everything as stated, one draw."""
        return self._once("nominal", np.zeros((len(self.sources), 1)))

    @property
    def drawn(self) -> Evaluated:
        """Everything drawn, as often as the settings say."""
        n_sources, n_draws = len(self.sources), self.uncertainty.draws
        few = n_sources * n_draws <= _MOST_KEPT
        draw = _normal_numbers if few else _normal_numbers.__wrapped__
        return self._once("drawn", draw(self.uncertainty.seed, n_sources, n_draws))

    @property
    def moved(self) -> Evaluated:
        """Each input up by one standard deviation, then each down: two draws a source."""
        up = np.eye(len(self.sources))
        return self._once("moved", np.hstack([up, -up]))

    def with_solutions(self, inside: Array, outside: Array) -> CellSystem:
        """Return the same cell with other activities."""
        baths = replace(self.baths, inside=inside, outside=outside)
        return replace(self, baths=baths, _cache={})


@lru_cache(maxsize=8)
def _normal_numbers(seed: int, n_sources: int, n_draws: int) -> Array:
    """Return the same numbers for every cell with as many sources, so that they are kept."""
    numbers = np.random.default_rng(seed).standard_normal((n_sources, n_draws))
    numbers.flags.writeable = False
    return numbers


@dataclass(frozen=True)
class Solved:
    """The unknown ratios: nominal (u,), drawn (u, d) and with each input moved (u, 2 sources)."""

    system: System
    best: Array
    draws: Array
    moved: Array
    misfit: Array
    drawn_misfit: Array

    def log_shifts(self, k: int) -> Array:
        """Return by how much each input's standard deviation moves ln P of the k-th unknown.

        NaN where one of the two moves leaves no positive ratio.
        """
        half = self.moved.shape[1] // 2
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(np.where(self.moved[k] > 0, self.moved[k], np.nan))
        return np.asarray(0.5 * (logs[:half] - logs[half:]))


def slopes_at(cell: CellSystem) -> Array:
    """Return the slope of each ion's unit current, (ions, baths), in mM per mV, nominally."""
    kept, b = cell.kept, cell.baths
    slopes: Array = ghk_slope_per_permeability(
        cell.nominal.e_mv, b.inside[:, kept].T, b.outside[:, kept].T, cell.system.valences,
        b.temperature_c[kept, np.newaxis],
    )  # fmt: skip
    scaled: Array = slopes.T / FARADAY_C_PER_MOL
    return scaled


def solve_cell(cell: CellSystem, system: System, rows: np.ndarray, *, draw: bool = True) -> Solved:
    """Solve for the unknown ratios of a system in some of the cell's baths.

    Parameters
    ----------
    cell : CellSystem
        All equations of the cell.
    system : System
        The ions and what is known of them: those of the cell, or with further ones known.
    rows : ndarray
        The baths to use, among those kept.
    draw : bool
        Whether to run the Monte Carlo; else ``draws`` is empty.

    Returns
    -------
    Solved
        Ratios nominal, drawn and moved; and the misfits of the baths, whitened.

    Notes
    -----
    Generalised least squares: the covariance of the equations is that of all inputs, at the
    ratios found.
    """
    columns = cell.system.columns(system.ions)
    known, ones = system.known_values, np.ones(rows.size)
    nominal = cell.nominal.part(rows, columns).currents
    moves = cell.moved.part(rows, columns).currents
    white = np.diag(1.0 / slopes_at(cell)[columns][:, rows].sum(axis=0))
    for _ in range(_ROUNDS):
        best, _sound = solve_zero_current(white @ nominal, known, ones)
        p = system.all_permeabilities(np.maximum(best, 0.0))[:, 0]
        white = _whitener(np.tensordot(p, moves, axes=1))
    moved, _sound = solve_zero_current(white @ moves, known, ones)
    draws, drawn_misfit = np.zeros((best.shape[0], 0)), np.zeros((rows.size, 0))
    if draw:
        drawn = white @ cell.drawn.part(rows, columns).currents
        draws, _sound = solve_zero_current(drawn, known, ones)
        drawn_misfit = (drawn * system.all_permeabilities(draws)[:, np.newaxis]).sum(axis=0)
    misfit = system.all_permeabilities(best)[:, 0] @ (white @ nominal)[..., 0]
    return Solved(system, best[:, 0], draws, moved, misfit, drawn_misfit)


def _whitener(net: Array) -> Array:
    """Return what makes the errors of the equations independent and of one size.

    From the net currents with each input moved up and down, (baths, 2 sources).  What baths
    share is used, not only allowed for: a control whose reversal is known tells how far off the
    junction potential is, and with it the others.
    """
    half = net.shape[1] // 2
    moves = 0.5 * (net[:, :half] - net[:, half:])
    covariance = moves @ moves.T
    size = np.sqrt(np.diag(covariance))
    size = np.where(size > 0, size, 1.0)
    scaled = covariance / np.outer(size, size) + _JITTER * np.eye(size.size)
    return np.asarray(np.linalg.inv(np.linalg.cholesky(scaled)) / size)

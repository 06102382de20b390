"""The GHK equations of a cell's baths as one linear system, and the draws of its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from permeant.physics.activity import Model, activity_coefficients
from permeant.physics.ghk import ghk_current_per_permeability
from permeant.physics.ions import Ion

Array = NDArray[np.float64]


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
class System:
    """The ions at play, and what is known of them."""

    ions: tuple[str, ...]
    valences: Array
    known: Mapping[str, float]
    unknown: tuple[str, ...]

    def columns(self, names: Sequence[str]) -> list[int]:
        """Return where some ions stand among all."""
        return [self.ions.index(name) for name in names]


@dataclass(frozen=True)
class Baths:
    """The observations as arrays, (baths,) and (baths, ions).

    ``inside_bottle`` and ``outside_bottle`` number the solutions by their composition: two
    recordings in one solution share its errors.
    """

    e_mv: Array
    se_mv: Array
    temperature_c: Array
    inside: Array
    outside: Array
    inside_bottle: NDArray[np.intp]
    outside_bottle: NDArray[np.intp]

    def where(self, chosen: NDArray[np.bool_]) -> Baths:
        """Return some of the baths."""
        return Baths(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def activities_mm(
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
                    ions_mm, cast(Model, model), temperature_c, extra=extra_ions
                ).gamma
            rows.append([ions_mm.get(ion, 0.0) * gamma.get(ion, 1.0) for ion in permeant])
        return np.array(rows)

    return (
        table([(seen.inside_mm, seen.temperature_c) for seen in observations]),
        table([(seen.outside_mm, seen.temperature_c) for seen in observations]),
    )


def ghk_currents(
    system: System, e_mv: Array, inside: Array, outside: Array, temperature_c: Array
) -> Array:
    """GHK currents per unit permeability, (..., baths, ions), at the reversals (..., baths)."""
    currents: Array = ghk_current_per_permeability(
        e_mv[..., None], inside, outside, system.valences, temperature_c[..., None]
    )
    return currents


def number_bottles(solutions: Sequence[Mapping[str, float]]) -> NDArray[np.intp]:
    """Give solutions a number by composition, in the order in which they come."""
    numbers: dict[tuple[tuple[str, float], ...], int] = {}
    found = [
        numbers.setdefault(
            tuple(sorted((ion, mm) for ion, mm in ions_mm.items() if mm)), len(numbers)
        )
        for ions_mm in solutions
    ]
    return np.array(found, dtype=np.intp)


def all_permeabilities(system: System, ratios: Array) -> Array:
    """Return the permeabilities of all ions over the reference's, (..., ions)."""
    p = np.zeros((*ratios.shape[:-1], len(system.ions)))
    p[..., system.columns(list(system.known))] = list(system.known.values())
    p[..., system.columns(system.unknown)] = ratios
    return p


def bath_weights(system: System, slopes: Array, ratios: Array, sigma_mv: Array) -> Array:
    """Weigh each bath by how well it fixes the net current: 1 / (sigma_E times dI/dV)."""
    conductance: Array = slopes @ all_permeabilities(system, np.maximum(ratios, 0.0))
    return 1.0 / (sigma_mv * conductance)


def solve_ratios(system: System, currents: Array, weights: Array) -> Array:
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


def draw_currents(system: System, baths: Baths, uncertainty: Uncertainty) -> Array:
    """Draw all inputs and return the currents per unit permeability, (draws, baths, ions).

    The junction potential and the temperature are off by the same in all baths of a cell, a
    solution by the same wherever it is used; only the reversals have errors of their own.
    """
    random = np.random.default_rng(uncertainty.seed)
    n, n_baths = uncertainty.draws, baths.e_mv.size
    shared_mv = random.normal(0.0, uncertainty.sigma_ljp_mv, (n, 1))
    e_mv = baths.e_mv + shared_mv + random.normal(0.0, 1.0, (n, n_baths)) * baths.se_mv
    celsius = baths.temperature_c + random.normal(0.0, uncertainty.sigma_temperature_c, (n, 1))

    def draw_solutions(mm: Array, bottle: NDArray[np.intp]) -> Array:
        spread = uncertainty.sigma_concentration_fraction
        size = (n, int(bottle.max()) + 1, mm.shape[1])
        drawn: Array = mm * np.exp(random.normal(0.0, spread, size))[:, bottle]
        return drawn

    inside = draw_solutions(baths.inside, baths.inside_bottle)
    outside = draw_solutions(baths.outside, baths.outside_bottle)
    return ghk_currents(system, e_mv, inside, outside, celsius)

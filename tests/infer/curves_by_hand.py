"""Points of current–voltage curves whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from permeant.physics.ghk import ghk_current_per_permeability
from permeant.records import IVPoint

Array = NDArray[np.float64]
CELSIUS = 23.0
SPREAD = np.arange(-80.0, 41.0, 10.0)


def points(v: ArrayLike, i: ArrayLike, sem: ArrayLike, **more: object) -> list[IVPoint]:
    v, i = np.asarray(v, float), np.asarray(i, float)
    sem = np.broadcast_to(np.asarray(sem, float), v.shape)
    return [
        IVPoint(k + 1, 1, float(a), float(a), float(b), float(c), 100.0, 0.0, 0.0, 1.0, **more)  # type: ignore[arg-type]
        for k, (a, b, c) in enumerate(zip(v, i, sem, strict=True))
    ]


def ohmic(v: ArrayLike) -> Array:
    return 5.0 * (np.asarray(v, float) + 20.0)


def ghk(p_na: float, scale: float = 1e-5) -> Callable[[ArrayLike], Array]:
    """K 140/4, Na 10/145: outward rectification, -270 to 350 pA with p_na = 0.3."""

    def current(v: ArrayLike) -> Array:
        at = np.atleast_1d(np.asarray(v, float))
        k = ghk_current_per_permeability(at, 140.0, 4.0, 1.0, CELSIUS)
        na = ghk_current_per_permeability(at, 10.0, 145.0, 1.0, CELSIUS)
        total: Array = scale * (np.asarray(k) + p_na * np.asarray(na))
        return total

    return current


def crossing(
    current: Callable[[ArrayLike], Array], low: float = -150.0, high: float = 150.0
) -> float:
    for _ in range(70):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if current([middle])[0] < 0 else (low, middle)
    return 0.5 * (low + high)


@dataclass(frozen=True)
class Scenario:
    """A curve, where it is sampled, its stated error, and what scatter comes on top."""

    name: str
    current: Callable[[ArrayLike], Array]
    v: Sequence[float]
    sem: float
    extra: float = 0.0
    estimated: int = 0
    """Degrees of freedom of the stated errors; 0: they are exact."""

    def draw(self, seed: int) -> list[IVPoint]:
        random = np.random.default_rng(seed)
        v = np.asarray(self.v, float)
        sem = np.full(v.size, self.sem)
        i = self.current(v) + np.hypot(sem, self.extra) * random.standard_normal(v.size)
        if self.estimated:
            sem = sem * np.sqrt(random.chisquare(self.estimated, v.size) / self.estimated)
        return points(v, i, sem)

    @property
    def e_rev(self) -> float:
        return crossing(self.current)

    @property
    def slope(self) -> float:
        return float(np.polyfit(self.v, self.current(self.v), 1)[0])

    @property
    def slope_at_reversal(self) -> float:
        below, above = self.current([self.e_rev - 1e-3, self.e_rev + 1e-3])
        return float((above - below) / 2e-3)

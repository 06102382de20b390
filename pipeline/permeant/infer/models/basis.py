"""What an open pore's current is a sum of: a straight line, or one GHK current an ion.

Both are linear in their coefficients.  A gate multiplies the sum.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace

import numpy as np

from permeant.infer.models.field import ConstantField
from permeant.infer.points import Array
from permeant.physics.ghk import ghk_current_per_permeability, ghk_slope_per_permeability

GRID_MV: Array = np.arange(-300.0, 305.0, 5.0)
"""Where a reversal is looked for."""

_PA_PER_A = 1e12
_NS_PER_A_PER_MV = 1e12
_DRAWN = 41
_BETWEEN = 41


@dataclass(frozen=True)
class Basis(ABC):
    """Currents in pA whose weighted sum is that of the open pore.

    Each is scaled to be of order 1 over the points, so that the coefficients are too.
    ``tested``, ``drawn`` and ``on_grid`` hold the currents, (k, m), at the points, at the
    voltages of a picture and on ``GRID_MV``: they are asked for many times over.
    """

    drawn_mv: Array = field(repr=False)
    tested: Array = field(repr=False)
    drawn: Array = field(repr=False)
    on_grid: Array = field(repr=False)

    @abstractmethod
    def current_pa(self, v_mv: Array) -> Array:
        """Return each current at voltages (k,), shape (k, m)."""

    @abstractmethod
    def slope_ns(self, v_mv: Array) -> Array:
        """Return the slope of each current at voltages (k,), shape (k, m)."""

    def reversal_mv(self, beta: Array, near_mv: float) -> float | None:
        """Return the rising zero of the sum nearest to a voltage, None where there is none."""
        i_pa = self.on_grid @ beta
        rising = np.flatnonzero((i_pa[:-1] <= 0.0) & (i_pa[1:] > 0.0))
        if not rising.size:
            return None
        k = int(rising[np.argmin(np.abs(GRID_MV[rising] - near_mv))])
        # within an eighth of a millivolt the curve is straight to a ten-thousandth of one
        cell_mv = np.linspace(GRID_MV[k], GRID_MV[k + 1], _BETWEEN)
        i_pa = self.current_pa(cell_mv) @ beta
        above = min(max(int(np.searchsorted(i_pa, 0.0, "right")), 1), _BETWEEN - 1)
        return float(np.interp(0.0, i_pa[above - 1 : above + 1], cell_mv[above - 1 : above + 1]))


@dataclass(frozen=True)
class Line(Basis):
    """A straight line, as slope and current at 0 mV: ``g (v - e)`` fails on flat data."""

    reach_mv: float = 1.0
    size_pa: float = 1.0

    def current_pa(self, v_mv: Array) -> Array:
        """Return slope and level, shape (k, 2)."""
        return self.size_pa * np.column_stack([v_mv / self.reach_mv, np.ones_like(v_mv)])

    def slope_ns(self, v_mv: Array) -> Array:
        """Return the slopes of both, shape (k, 2)."""
        steep = np.full_like(v_mv, self.size_pa / self.reach_mv)
        return np.column_stack([steep, np.zeros_like(v_mv)])

    def reversal_mv(self, beta: Array, near_mv: float) -> float | None:  # noqa: ARG002
        """Return where the line crosses zero upwards, however far."""
        return float(-beta[1] / beta[0] * self.reach_mv) if beta[0] > 0.0 else None


@dataclass(frozen=True)
class Pore(Basis):
    """Constant-field currents, one an ion; a coefficient times ``scale`` is P A in m³/s."""

    solutions: ConstantField
    scale: Array = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The ions."""
        return self.solutions.ions

    def without(self, ion: str) -> Pore:
        """Return the same pore as if an ion did not pass."""
        keep = [k for k, name in enumerate(self.names) if name != ion]
        parts = ("ions", "valences", "inside_mm", "outside_mm")
        kept = {name: tuple(getattr(self.solutions, name)[k] for k in keep) for name in parts}
        return Pore(
            drawn_mv=self.drawn_mv,
            tested=self.tested[:, keep],
            drawn=self.drawn[:, keep],
            on_grid=self.on_grid[:, keep],
            solutions=replace(self.solutions, **kept),  # type: ignore[arg-type]
            scale=self.scale[keep],
        )

    def current_pa(self, v_mv: Array) -> Array:
        """Return the current of each ion, shape (k, m)."""
        return self.scale * _per_permeability_pa(self.solutions, v_mv)

    def slope_ns(self, v_mv: Array) -> Array:
        """Return the slope conductance of each ion, shape (k, m)."""
        slope = ghk_slope_per_permeability(v_mv[:, None], *_conditions(self.solutions))
        return np.asarray(slope) * self.scale * _NS_PER_A_PER_MV

    def gross_pa(self, v_mv: Array) -> Array:
        """Return influx plus efflux of each ion in pA, shape (k, m): what cannot cancel."""
        inside, outside, valences, celsius = _conditions(self.solutions)
        at, none = v_mv[:, None], np.zeros_like(inside)
        efflux = ghk_current_per_permeability(at, inside, none, valences, celsius)
        influx = ghk_current_per_permeability(at, none, outside, valences, celsius)
        return np.asarray(self.scale * _PA_PER_A * (np.abs(efflux) + np.abs(influx)))


def line_through(v_mv: Array, i_pa: Array) -> Line:
    """Return the straight line scaled to points (k,)."""
    reach_mv, size_pa = max(float(np.abs(v_mv).max()), 1.0), _size_pa(i_pa)

    def columns(at_mv: Array) -> Array:
        return size_pa * np.column_stack([at_mv / reach_mv, np.ones_like(at_mv)])

    drawn_mv = np.linspace(v_mv[0], v_mv[-1], _DRAWN)
    return Line(drawn_mv, columns(v_mv), columns(drawn_mv), columns(GRID_MV), reach_mv, size_pa)


def pore_through(v_mv: Array, i_pa: Array, solutions: ConstantField) -> Pore:
    """Return constant-field currents scaled to points (k,)."""
    drawn_mv = np.linspace(v_mv[0], v_mv[-1], _DRAWN)
    currents = _per_permeability_pa(solutions, np.concatenate([v_mv, drawn_mv, GRID_MV]))
    largest = np.abs(currents[: v_mv.size]).max(axis=0)
    scale = _size_pa(i_pa) / np.where(largest > 0.0, largest, 1.0)
    tested, drawn, on_grid = np.split(currents * scale, [v_mv.size, v_mv.size + _DRAWN])
    return Pore(drawn_mv, tested, drawn, on_grid, solutions, scale)


def _size_pa(i_pa: Array) -> float:
    return max(float(np.abs(i_pa).max()), 1e-12)


def _per_permeability_pa(solutions: ConstantField, v_mv: Array) -> Array:
    current = ghk_current_per_permeability(v_mv[:, None], *_conditions(solutions))
    return np.asarray(current) * _PA_PER_A


def _conditions(solutions: ConstantField) -> tuple[Array, Array, Array, float]:
    return (
        np.array(solutions.inside_mm),
        np.array(solutions.outside_mm),
        np.array(solutions.valences, dtype=float),
        solutions.temperature_c,
    )

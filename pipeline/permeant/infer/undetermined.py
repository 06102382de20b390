"""Which ratios a cell's baths leave open, and what they determine instead, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from permeant.infer.ghk_system import Array, System
from permeant.infer.ratio_draws import CellSystem, slopes_at
from permeant.physics.constants import thermal_voltage_mv
from permeant.physics.identifiability import WARN_CONDITION, assess_identifiability

_MAX_CONDITION = 1e3
_SAME_POTENTIAL_MV = 0.5
_INVOLVED = 1e-3


@dataclass(frozen=True)
class Openness:
    """Ions whose ratio the baths cannot tell, with the reason; and how well they tell the rest.

    ``combined`` are the ions of the one combination that is determined instead, where there is
    exactly one and all its weights are positive: then each of them has an upper limit.
    """

    refused: dict[str, str]
    combined: tuple[str, ...] = ()
    condition: float = 1.0

    @property
    def doubt(self) -> str:
        """What to say where the ratios are determined, but badly; else empty."""
        if self.refused or self.condition <= WARN_CONDITION:
            return ""
        return (
            f"the baths tell the ions apart poorly (condition number {self.condition:.0f}): small "
            "errors of the inputs grow"
        )


def find_open(cell: CellSystem, system: System, rows: np.ndarray) -> Openness:
    """Name the ions whose ratio these reversals cannot tell, with the reason.

    Parameters
    ----------
    cell : CellSystem
        All equations of the cell.
    system : System
        The ions and what is known of them.
    rows : ndarray
        The baths to use, among those kept.

    Returns
    -------
    Openness
        Refused ions and the condition number of the column-normalised equations.

    Notes
    -----
    Currents over slopes are distances in mV between the reversal and each ion's own
    equilibrium: where all ions of a bath sit at the reversal the bath says nothing.
    """
    columns = cell.system.columns(system.ions)
    currents = cell.nominal.part(rows, columns).currents[..., 0].T
    slopes = slopes_at(cell)[columns][:, rows].T
    doubt_mv = np.hypot(cell.baths.se_mv, cell.uncertainty.sigma_ljp_mv)[cell.kept][rows]
    with np.errstate(divide="ignore", invalid="ignore"):
        distance_mv = np.where(slopes > 0, np.abs(currents / slopes), 0.0)
    telling = np.asarray(distance_mv.max(axis=1) > np.maximum(3.0 * doubt_mv, _SAME_POTENTIAL_MV))
    telling &= ~_same_gradient(cell, columns, rows)
    if not telling.any():
        reason = (
            "not determined: at the reversal every permeant ion is at its own equilibrium "
            "(the solutions are symmetric for them), so any ratio fits"
        )
        return Openness(dict.fromkeys(system.unknown, reason))
    found = currents[telling] / np.abs(currents[telling]).max(axis=1, keepdims=True)
    silent = [ion for ion in system.unknown if not found[:, system.ions.index(ion)].any()]
    if silent:
        said = "not determined: no bath in which the other ions tell something holds"
        return Openness({ion: f"{said} {ion}" for ion in silent})
    return _rank(found[:, system.columns(system.unknown)], system)


def _same_gradient(cell: CellSystem, columns: list[int], rows: np.ndarray) -> np.ndarray:
    """Tell the baths in which all permeant ions there have one equilibrium potential.

    Their reversal is that potential whatever the ratios: one that was measured elsewhere tells
    of errors, however far off it is.
    """
    b, kept = cell.baths, cell.kept[rows]
    inside, outside = b.inside[columns][:, kept], b.outside[columns][:, kept]
    z = cell.system.valences[columns, np.newaxis]
    there = (inside > 0) | (outside > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        thermal_mv = np.asarray(thermal_voltage_mv(b.temperature_c[kept]))
        nernst = thermal_mv / z * np.log(outside / inside)
        highest = np.where(there, nernst, -np.inf).max(axis=0)
        lowest = np.where(there, nernst, np.inf).min(axis=0)
        return np.asarray(highest - lowest < _SAME_POTENTIAL_MV)


def _rank(matrix: Array, system: System) -> Openness:
    """Find the directions in which the ratios can move without any bath noticing."""
    n, m = len(system.unknown), matrix.shape[0]
    scaled = matrix / np.sqrt((matrix**2).sum(axis=0))
    _, singular, directions = np.linalg.svd(scaled, full_matrices=True)
    singular = np.pad(singular, (0, n - singular.size))
    condition = float(singular[0] / singular[-1]) if singular[-1] > 0 else np.inf
    lost = directions[singular < singular[0] / _MAX_CONDITION]
    involved = (np.abs(lost) > _INVOLVED).any(axis=0)
    if not involved.any():
        return Openness({}, condition=condition)
    places = np.flatnonzero(involved)
    names = [system.unknown[int(k)] for k in places]
    assessed = assess_identifiability(matrix[:, places], names)
    said = [text for text in assessed.undetermined if text.startswith("only")]
    told = "; ".join(said) or "no combination of them is determined by these baths"
    reason = (
        f"not determined: {m} bath{'s' if m > 1 else ''} for {n} unknown ratio"
        f"{'s' if n > 1 else ''}; {told}. Record in further baths, or fix a ratio in "
        "permeability: fixed"
    )
    one_sign = bool(np.all(matrix[:, places] > 0) or np.all(matrix[:, places] < 0))
    combined = tuple(names) if assessed.rank == 1 and len(names) > 1 and one_sign else ()
    return Openness(dict.fromkeys(names, reason), combined, condition)

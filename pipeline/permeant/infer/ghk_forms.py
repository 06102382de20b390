"""Which form the zero-current equation takes in a cell's baths, so that a result can name it.

The ratios always come from the full equation, which is exact for any valences.  Where the
conditions of a closed form hold it gives the same number, and the form is named, since that is
how a paper would write it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from permeant.infer.ghk_system import Array, System
from permeant.infer.ratio_draws import CellSystem

_SAME = 1e-9


def name_form(cell: CellSystem, system: System, rows: np.ndarray, ion: str) -> str:
    """Name the form of the equation that gives one ratio in some baths of a cell.

    Parameters
    ----------
    cell : CellSystem
        All equations of the cell.
    system : System
        The ions and what is known of them.
    rows : ndarray
        The baths used.
    ion : str
        The ion whose ratio is sought.

    Returns
    -------
    str
        ``bi-ionic …`` where one permeant ion stands on either side, ``bi-ionic shift`` where
        one replaced the reference outside at the same concentration, ``GHK voltage equation``
        for monovalents, ``quadratic`` with divalents, else the root that has no closed form.
    """
    columns = cell.system.columns(system.ions)
    permeable = [k for k in range(len(columns)) if system.known.get(system.ions[k], 1.0) > 0]
    kept = cell.kept[rows]
    places = [columns[k] for k in permeable]
    there = _Present(
        names=[system.ions[k] for k in permeable],
        inside=cell.baths.inside[places][:, kept],
        outside=cell.baths.outside[places][:, kept],
        z=system.valences[permeable],
    )
    reference = next(name for name in system.known if system.known[name] == 1.0)
    sizes = np.abs(there.z)
    if sizes.max() > 2:
        return "root of the zero-current equation (a trivalent ion: no closed form)"
    closed = _bi_ionic(there) or _shift(there, ion, reference)
    if closed:
        return closed
    if sizes.max() == 1:
        return "GHK voltage equation (monovalents)"
    return "GHK with divalents (quadratic in exp(FE/RT))"


@dataclass(frozen=True)
class _Present:
    """The ions that permeate, and how much of each there is, (ions, baths)."""

    names: list[str]
    inside: Array
    outside: Array
    z: Array


def _bi_ionic(there: _Present) -> str:
    """Name the form for one bath with one cation or anion on each side, and no other."""
    within, without = there.inside > 0, there.outside > 0
    if there.inside.shape[1] != 1 or within.sum() != 1 or without.sum() != 1:
        return ""
    i, o = int(np.argmax(within)), int(np.argmax(without))
    inner, outer = there.names[i], there.names[o]
    if i == o or there.z[i] * there.z[o] < 0 or abs(there.z[i]) != 1:
        return ""
    sign = "" if there.z[i] > 0 else "−"
    if abs(there.z[o]) == 1:
        return f"bi-ionic: P_{outer}/P_{inner} = [{inner}]in/[{outer}]out exp({sign}FE/RT)"
    return (
        f"bi-ionic with a divalent: P_{outer}/P_{inner} = [{inner}]in ξ(1 + ξ)/(4 [{outer}]out), "
        f"ξ = exp({sign}FE/RT)"
    )


def _shift(there: _Present, ion: str, reference: str) -> str:
    """Name the form for two baths of which one holds the ion in place of the reference."""
    if there.outside.shape[1] != 2 or not {ion, reference} <= set(there.names):
        return ""
    pair = [there.names.index(ion), there.names.index(reference)]
    others = [k for k in range(len(there.names)) if k not in pair]
    alone = (there.outside[pair] > 0).sum(axis=0) == 1
    amounts = there.outside.sum(axis=0)
    same = abs(amounts[0] - amounts[1]) <= _SAME * amounts.max()
    unmoved = not np.any(np.ptp(there.inside, axis=1) > 0)
    if not (alone.all() and same and unmoved) or np.any(there.outside[others] > 0):
        return ""
    if np.any(np.abs(there.z[pair]) != 1) or np.any(there.z != there.z[pair[0]]):
        return ""
    replaced = not np.array_equal(there.outside[pair[0]] > 0, [True, True])
    return f"bi-ionic shift: exp({'' if there.z[pair[0]] > 0 else '−'}FΔE/RT)" if replaced else ""

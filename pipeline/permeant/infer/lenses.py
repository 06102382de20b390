"""Permeability and conductance side by side: two pictures of the same reversal.

A reversal potential is a mean of the ions' equilibrium potentials, weighted with their chord
conductances at that voltage: an identity.  A permeability is what is left of a conductance when
the concentrations that carry the current are divided out.  The two say the same only where the
ions stand at like concentrations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from permeant.infer.ghk_system import Array, Observation
from permeant.infer.ratio_draws import CellSystem, slopes_at
from permeant.infer.ratio_verdict import NORMAL_95
from permeant.physics.electrochemistry import nernst_mv
from permeant.ratio_records import Lens

_NEAR_MV = 1e-3
_ALIKE = 0.05


def compare_lenses(
    cell: CellSystem, observations: tuple[Observation, ...], ratios: Mapping[str, float]
) -> tuple[Lens, ...]:
    """Compare permeability and conductance ratios, recording by recording.

    Parameters
    ----------
    cell : CellSystem
        The equations of the cell.
    observations : tuple of Observation
        Its recordings, in the same order.
    ratios : mapping of str to float
        P over that of the reference ion, for the ions where it is known (fixed ones too).

    Returns
    -------
    tuple of Lens
        One for every ion but the reference that a recording's solutions hold.
    """
    ions, known = cell.system.ions, {**ratios, **cell.system.known}
    reference = next(ion for ion, p in cell.system.known.items() if p == 1.0)
    e_mv = cell.nominal.e_mv[:, 0]
    slopes = slopes_at(cell)
    currents = cell.nominal.currents[..., 0]
    spread = np.hypot(cell.baths.se_mv, cell.uncertainty.sigma_ljp_mv)[cell.kept]
    found = []
    for row, place in enumerate(cell.kept.tolist()):
        seen = observations[place]
        inside, outside = cell.baths.inside[:, place], cell.baths.outside[:, place]
        nernst = _equilibria(inside, outside, cell.system.valences, seen.temperature_c)
        here = [j for j in range(len(ions)) if inside[j] > 0 or outside[j] > 0]
        permeant = [j for j in here if known.get(ions[j], 1.0) > 0]
        base = ions.index(reference)
        for j in here:
            if j == base:
                continue
            lens = Lens(
                seen.recording, seen.bath, ions[j], reference, float(e_mv[row]),
                nernst.get(j), known.get(ions[j]),
            )  # fmt: skip
            if set(permeant) == {j, base} and {j, base} <= set(nernst):
                lens = _with_conductance(
                    lens, nernst[base], nernst[j], float(e_mv[row]), float(spread[row])
                )
            if base in here and known.get(ions[j]) is not None:
                p = known[ions[j]]
                lens = _with_slope(lens, p, slopes[:, row], j, base)
                lens = _with_chord(lens, p, currents[:, row], nernst, (j, base))
            found.append(_with_note(lens, (inside, outside), (j, base), len(permeant)))
    return tuple(found)


def _equilibria(inside: Array, outside: Array, z: Array, celsius: float) -> dict[int, float]:
    both = np.flatnonzero((inside > 0) & (outside > 0)).tolist()
    return {j: float(nernst_mv(outside[j], inside[j], z[j], celsius)) for j in both}


def _with_conductance(
    lens: Lens, reference_mv: float, own_mv: float, e_mv: float, sd_mv: float
) -> Lens:
    """Add g/g_ref = (E_ref - E)/(E - E_ion), where one reversal decides it."""

    def ratio(at_mv: float) -> float | None:
        if abs(at_mv - own_mv) < _NEAR_MV:
            return None
        found = (reference_mv - at_mv) / (at_mv - own_mv)
        return found if found > 0 else None

    ends = [ratio(e_mv + side * NORMAL_95 * sd_mv) for side in (-1, 1)]
    known = sorted(end for end in ends if end is not None)
    low, high = (known[0], known[1]) if len(known) == 2 else (None, None)
    return replace(lens, conductance_ratio=ratio(e_mv), conductance_low=low, conductance_high=high)


def _with_slope(lens: Lens, p: float, slopes: Array, j: int, base: int) -> Lens:
    return replace(lens, slope_ratio=float(p * slopes[j] / slopes[base]))


def _with_chord(
    lens: Lens, p: float, currents: Array, nernst: Mapping[int, float], pair: tuple[int, int]
) -> Lens:
    """Add the ratio of chord conductances P f(E)/(E - E_ion) that the permeabilities imply."""
    j, base = pair
    if j not in nernst or base not in nernst:
        return lens
    force, other = lens.e_rev_mv - nernst[j], lens.e_rev_mv - nernst[base]
    if abs(force) < _NEAR_MV or abs(other) < _NEAR_MV:
        return lens
    return replace(lens, chord_ratio=float(p * currents[j] / force / (currents[base] / other)))


def _with_note(
    lens: Lens, sides: tuple[Array, Array], pair: tuple[int, int], n_permeant: int
) -> Lens:
    """Say where the two pictures disagree, and why."""
    (inside, outside), (j, base) = sides, pair
    ion, reference = lens.ion, lens.reference_ion
    lonely = [
        name
        for name, k in ((ion, j), (reference, base))
        if (inside[k] > 0) != (outside[k] > 0) or inside[k] == outside[k] == 0
    ]
    if lonely:
        return replace(
            lens,
            note=f"{' and '.join(lonely)} {'is' if len(lonely) == 1 else 'are'} not on both sides "
            "and so without an equilibrium potential: no constant conductance explains this "
            "reversal, a permeability does",
        )
    if lens.permeability_ratio is None:
        return replace(lens, note="no permeability ratio to compare with")
    g = lens.conductance_ratio if lens.conductance_ratio is not None else lens.chord_ratio
    if g is None or lens.permeability_ratio == 0:
        return lens
    part = g / lens.permeability_ratio
    source = (
        ""
        if lens.conductance_ratio is not None
        else f"one reversal cannot tell {n_permeant} conductances apart, so the chord conductances "
        "are those that the permeabilities imply; "
    )
    if abs(np.log(part)) < _ALIKE:
        return replace(lens, note=f"{source}the two pictures agree here")
    return replace(
        lens,
        note=f"{source}g_{ion}/g_{reference} is {part:.3g} times P_{ion}/P_{reference}: {ion} "
        f"stands at {inside[j]:.4g}/{outside[j]:.4g} mM (inside/outside), {reference} at "
        f"{inside[base]:.4g}/{outside[base]:.4g} mM, and a conductance counts the ions that are "
        "there to carry the current. In other solutions it changes; a permeability should not",
    )

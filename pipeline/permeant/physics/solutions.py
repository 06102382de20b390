"""What a solution is as a whole: its charge, ionic strength and osmolarity.

A solution is a mapping of ion names to free concentrations in mM.  Two spellings of one ion
add up.
"""

from __future__ import annotations

from collections.abc import Mapping

from permeant.errors import PermeantError
from permeant.physics.arguments import ArgumentError, amounts
from permeant.physics.ions import Ion, find_ion

ALLOWED_RESIDUAL_MM = 2.0
ALLOWED_RESIDUAL_FRACTION = 0.01


class ChargeBalanceError(PermeantError, ValueError):
    """A solution whose charges do not add up to zero."""


def composition(
    ions_mm: Mapping[str, float], extra: Mapping[str, Ion] | None = None
) -> dict[Ion, float]:
    """Return a solution with every name resolved to its ion.

    Parameters
    ----------
    ions_mm : mapping of str to float
        Concentration of each ion (mM), 0 or larger.
    extra : mapping of str to Ion, optional
        Further ions, which come before the table.

    Returns
    -------
    dict of Ion to float
        Concentrations (mM); spellings of one ion are added.

    Raises
    ------
    UnknownIonError
        If a name is in no table.
    ArgumentError
        If a concentration is negative or not finite.
    """
    total: dict[Ion, float] = {}
    for name, concentration in amounts("ions_mm", ions_mm).items():
        ion = find_ion(name, extra)
        total[ion] = total.get(ion, 0.0) + concentration
    return total


def charge_residual_mm(
    ions_mm: Mapping[str, float], extra: Mapping[str, Ion] | None = None
) -> float:
    """Return the charge that is left over, the sum of z c.

    Parameters
    ----------
    ions_mm : mapping of str to float
        Concentration of each ion (mM).
    extra : mapping of str to Ion, optional
        Further ions.

    Returns
    -------
    float
        Residual (mM of charge); positive when cations outweigh anions.

    Raises
    ------
    UnknownIonError
        If a name is in no table.
    ArgumentError
        If a concentration is negative or not finite.
    """
    return sum(ion.valence * mm for ion, mm in composition(ions_mm, extra).items())


def ionic_strength_mm(
    ions_mm: Mapping[str, float], extra: Mapping[str, Ion] | None = None
) -> float:
    """Return the ionic strength, half the sum of z² c.

    Parameters
    ----------
    ions_mm : mapping of str to float
        Concentration of each ion (mM).
    extra : mapping of str to Ion, optional
        Further ions.

    Returns
    -------
    float
        Ionic strength (mM).

    Raises
    ------
    UnknownIonError
        If a name is in no table.
    ArgumentError
        If a concentration is negative or not finite.
    """
    return 0.5 * sum(ion.valence**2 * mm for ion, mm in composition(ions_mm, extra).items())


def osmolarity_mosm(
    ions_mm: Mapping[str, float],
    extra: Mapping[str, Ion] | None = None,
    osmotic_coefficient: float = 1.0,
) -> float:
    """Return the osmolarity that the listed solutes add up to.

    Parameters
    ----------
    ions_mm : mapping of str to float
        Concentration of each ion or uncharged solute (mM).
    extra : mapping of str to Ion, optional
        Further ions.
    osmotic_coefficient : float, optional
        1 for the ideal sum; about 0.93 brings 150 mM NaCl to what an osmometer shows.

    Returns
    -------
    float
        Osmolarity (mOsm/l).

    Raises
    ------
    UnknownIonError
        If a name is in no table.
    ArgumentError
        If a concentration is negative or the coefficient is not in 0…2.
    """
    if not 0 < osmotic_coefficient <= 2:
        raise ArgumentError(f"osmotic_coefficient = {osmotic_coefficient:g} is outside 0…2")
    return osmotic_coefficient * sum(composition(ions_mm, extra).values())


def check_electroneutrality(
    ions_mm: Mapping[str, float],
    absorbed_by: str | None = None,
    extra: Mapping[str, Ion] | None = None,
) -> dict[str, float]:
    """Return a solution whose charges balance well enough, or refuse it.

    Parameters
    ----------
    ions_mm : mapping of str to float
        Concentration of each ion (mM).
    absorbed_by : str, optional
        The ion whose concentration makes up for whatever is left over (the one that
        titrates the pH, say); nothing is adjusted unless it is named.
    extra : mapping of str to Ion, optional
        Further ions.

    Returns
    -------
    dict of str to float
        The solution (mM), with ``absorbed_by`` adjusted if it was named.

    Raises
    ------
    ChargeBalanceError
        If the residual is above 2 mM, or above 1 % of the charge of the larger side
        (cations or anions): either is enough to refuse, so 1.5 mM is allowed in a 150 mM
        saline.  Also if ``absorbed_by`` would have to go below zero, or has no charge.
    UnknownIonError
        If a name is in no table.
    """
    if absorbed_by is not None:
        return balanced_by(ions_mm, absorbed_by, extra)
    charges = [ion.valence * mm for ion, mm in composition(ions_mm, extra).items()]
    cations = sum(charge for charge in charges if charge > 0)
    anions = -sum(charge for charge in charges if charge < 0)
    residual = cations - anions
    allowed = min(ALLOWED_RESIDUAL_MM, ALLOWED_RESIDUAL_FRACTION * max(cations, anions))
    if abs(residual) > allowed * (1 + 1e-12):  # the limit itself passes
        raise ChargeBalanceError(
            f"charges do not balance: cations {cations:.6g} mM, anions {anions:.6g} mM, residual "
            f"{residual:+.4g} mM; allowed is {allowed:.3g} mM (2 mM and 1 %). Correct the "
            "concentrations, or name the ion that absorbs the residual"
        )
    return dict(ions_mm)


def balanced_by(
    ions_mm: Mapping[str, float], absorbed_by: str, extra: Mapping[str, Ion] | None = None
) -> dict[str, float]:
    """Return a solution in which one named ion takes up the residual charge.

    Parameters
    ----------
    ions_mm : mapping of str to float
        Concentration of each ion (mM).
    absorbed_by : str
        The ion to adjust; it is added if it is not there.
    extra : mapping of str to Ion, optional
        Further ions.

    Returns
    -------
    dict of str to float
        The electroneutral solution (mM).

    Raises
    ------
    ChargeBalanceError
        If the ion has no charge, or would need a negative concentration.
    UnknownIonError
        If a name is in no table.
    """
    ion = find_ion(absorbed_by, extra)
    residual = charge_residual_mm(ions_mm, extra)
    if ion.valence == 0:
        raise ChargeBalanceError(f"{absorbed_by!r} has no charge and cannot absorb {residual:+g}")
    written = next((name for name in ions_mm if find_ion(name, extra) == ion), absorbed_by)
    needed = ions_mm.get(written, 0.0) - residual / ion.valence
    if needed < 0:
        raise ChargeBalanceError(
            f"{absorbed_by!r} cannot absorb a residual of {residual:+.4g} mM: it would have to "
            f"become {needed:.4g} mM. Name an ion of the other sign, or correct the solution"
        )
    return {**ions_mm, written: needed}

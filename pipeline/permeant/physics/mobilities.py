"""Two solutions as arrays over their charged ions, with the mobility of each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from permeant.errors import PermeantError
from permeant.physics.arguments import Array
from permeant.physics.ions import Ion
from permeant.physics.solutions import composition


class MissingMobilityError(PermeantError, ValueError):
    """Ions without a mobility in a solution whose junction potential is wanted."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        listed = ", ".join(names)
        super().__init__(
            f"no relative mobility is known for {listed}: a junction potential cannot be computed. "
            "Give it in section 'ions' of config.yaml (argument 'extra'), or give ljp_mv itself"
        )


def junction_arrays(
    pipette_mm: Mapping[str, float],
    bath_mm: Mapping[str, float],
    extra: Mapping[str, Ion] | None = None,
) -> tuple[Array, Array, Array, Array]:
    """Return two solutions as arrays over the charged ions that either of them holds.

    Parameters
    ----------
    pipette_mm, bath_mm : mapping of str to float
        Concentration of each ion (mM).
    extra : mapping of str to Ion, optional
        Further ions.

    Returns
    -------
    pipette_mm, bath_mm, valences, mobilities : ndarray
        Each of shape (n,), ions in the order of their names.

    Raises
    ------
    MissingMobilityError
        If an ion has no known mobility.
    UnknownIonError
        If a name is in no table.
    """
    pipette, bath = composition(pipette_mm, extra), composition(bath_mm, extra)
    present = {ion for side in (pipette, bath) for ion, mm in side.items() if mm > 0}
    ions = sorted((ion for ion in present if ion.valence), key=lambda ion: ion.name)
    missing = tuple(ion.name for ion in ions if not ion.relative_mobility)
    if missing:
        raise MissingMobilityError(missing)
    return (
        np.array([pipette.get(ion, 0.0) for ion in ions]),
        np.array([bath.get(ion, 0.0) for ion in ions]),
        np.array([float(ion.valence) for ion in ions]),
        np.array([ion.relative_mobility or 0.0 for ion in ions]),
    )

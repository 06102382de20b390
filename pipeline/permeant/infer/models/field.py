"""The solutions on both sides of a membrane, as whole-curve constant-field models need them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from permeant.physics.activity import Model, activity_coefficients
from permeant.physics.ions import Ion, find_ion


@dataclass(frozen=True)
class ConstantField:
    """The permeant ions that are present, with their activities in mM on both sides.

    ``c_m_pf`` is the membrane's capacitance, None where it is not known; ``reference`` the
    ion over whose permeability ratios are given.
    """

    ions: tuple[str, ...]
    valences: tuple[int, ...]
    inside_mm: tuple[float, ...]
    outside_mm: tuple[float, ...]
    temperature_c: float
    reference: str | None = None
    c_m_pf: float | None = None


def constant_field(
    permeant: Sequence[str],
    inside_mm: Mapping[str, float],
    outside_mm: Mapping[str, float],
    temperature_c: float,
    *,
    reference: str | None = None,
    activities: str = "none",
    extra_ions: Mapping[str, Ion] | None = None,
    c_m_pf: float | None = None,
) -> ConstantField | str:
    """Collect what the constant-field models of one recording rest on.

    Parameters
    ----------
    permeant : sequence of str
        Ions that pass the channel; those that neither solution holds are left out.
    inside_mm, outside_mm : mapping of str to float
        All concentrations of the two solutions in mM.
    temperature_c : float
        Temperature in °C.
    reference : str, optional
        Ion over whose permeability ratios are given.
    activities : {"none", "davies", "pitzer"}
        Model of the activity coefficients.
    extra_ions : mapping of str to Ion, optional
        Ions that the configuration adds.
    c_m_pf : float, optional
        Capacitance of the membrane in pF.

    Returns
    -------
    ConstantField or str
        Why there is none, in words, where the solutions hold no permeant ion.
    """
    if not permeant:
        return "the configuration names no permeant ions (permeability: permeant)"
    present = [ion for ion in permeant if inside_mm.get(ion, 0.0) or outside_mm.get(ion, 0.0)]
    if not present:
        return f"neither solution holds a permeant ion ({', '.join(permeant)})"

    def active(ions_mm: Mapping[str, float]) -> tuple[float, ...]:
        gamma: Mapping[str, float] = {}
        if activities != "none":
            model = cast(Model, activities)
            gamma = activity_coefficients(ions_mm, model, temperature_c, extra=extra_ions).gamma
        return tuple(ions_mm.get(ion, 0.0) * gamma.get(ion, 1.0) for ion in present)

    return ConstantField(
        ions=tuple(present),
        valences=tuple(find_ion(ion, extra_ions).valence for ion in present),
        inside_mm=active(inside_mm),
        outside_mm=active(outside_mm),
        temperature_c=temperature_c,
        reference=reference if reference in present else None,
        c_m_pf=c_m_pf,
    )

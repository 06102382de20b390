"""Activity coefficients, and the convention that each number rests on.

Single-ion coefficients cannot be measured; they are conventions.  Only the mean coefficient
of a neutral salt can.  For Ca2+ in saline the two differ nearly twofold (0.32 and 0.56), so
a permeability ratio of a divalent must carry its convention with it.

Concentrations in mM are read as mmol per kg of water, right to 1 % below 200 mM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np

from permeant.errors import did_you_mean
from permeant.physics.arguments import ArgumentError, positive
from permeant.physics.debye_huckel import davies
from permeant.physics.ions import Ion, find_ion
from permeant.physics.pitzer import pitzer_activity_coefficients
from permeant.physics.solutions import composition

Model = Literal["none", "davies", "pitzer"]
Convention = Literal["concentrations", "single-ion"]

#: Salts that bind enough divalent ions for totals to mislead.
_BINDING = ("gluconate", "citrate", "ATP2-", "ATP3-", "ATP4-", "EGTA2-", "EGTA3-", "BAPTA4-")


@dataclass(frozen=True)
class ActivityCoefficients:
    """Activity coefficients of the ions of one solution, as they were named.

    ``convention`` is what a ratio computed from them must carry; ``warnings`` says in words
    where the model is stretched.
    """

    gamma: Mapping[str, float]
    model: Model
    convention: Convention
    ionic_strength_mm: float
    warnings: tuple[str, ...]

    def activities_mm(self, ions_mm: Mapping[str, float]) -> dict[str, float]:
        """Return the activity of each ion, gamma times concentration.

        Parameters
        ----------
        ions_mm : mapping of str to float
            Concentrations (mM) of ions that ``gamma`` names.

        Returns
        -------
        dict of str to float
            Activities (mM).
        """
        return {name: self.gamma[name] * concentration for name, concentration in ions_mm.items()}


def activity_coefficients(
    ions_mm: Mapping[str, float],
    model: Model = "none",
    temperature_c: float = 25.0,
    extra: Mapping[str, Ion] | None = None,
    substitute: Mapping[str, str] | None = None,
) -> ActivityCoefficients:
    """Return the single-ion activity coefficients of a solution.

    Parameters
    ----------
    ions_mm : mapping of str to float
        Concentration of each ion (mM).
    model : {'none', 'davies', 'pitzer'}, optional
        None (all 1), Davies' equation, or Pitzer's with the mixing terms of Harvie, Møller
        and Weare.
    temperature_c : float, optional
        Temperature (°C).
    extra : mapping of str to Ion, optional
        Further ions.
    substitute : mapping of str to str, optional
        For Pitzer: ions without parameters and the ion whose parameters stand in for them
        (``{"gluconate": "acetate"}``); every substitution is repeated in the warnings.

    Returns
    -------
    ActivityCoefficients
        Coefficients under the names as given, with convention and warnings.

    Raises
    ------
    MissingParametersError
        If Pitzer's model lacks the parameters of a pair of ions; nothing is substituted
        silently.
    UnknownIonError
        If a name is in no table.
    ArgumentError
        If the model is unknown or a value is out of range.
    """
    if model not in get_args(Model):
        known = get_args(Model)
        raise ArgumentError(
            f"model = {model!r} is none of {', '.join(known)}.{did_you_mean(model, known)}"
        )
    solution = composition(ions_mm, extra)
    strength = 0.5 * sum(ion.valence**2 * mm for ion, mm in solution.items())
    gamma: dict[Ion, float] = dict.fromkeys(solution, 1.0)
    warnings: tuple[str, ...] = ()
    if model == "davies":
        gamma, warnings = _davies_all(solution, strength, temperature_c)
    elif model == "pitzer":
        gamma, warnings = pitzer_activity_coefficients(solution, temperature_c, substitute)
    return ActivityCoefficients(
        gamma=MappingProxyType({name: gamma[find_ion(name, extra)] for name in ions_mm}),
        model=model,
        convention="concentrations" if model == "none" else "single-ion",
        ionic_strength_mm=strength,
        warnings=warnings if model == "none" else (*warnings, *_binding_warnings(solution)),
    )


def mean_activity_coefficient(
    gamma_cation: float, gamma_anion: float, valence_cation: int, valence_anion: int
) -> float:
    """Return the mean coefficient of a salt, the only kind that can be measured.

    Parameters
    ----------
    gamma_cation, gamma_anion : float
        Single-ion coefficients, larger than 0.
    valence_cation, valence_anion : int
        Charge numbers, one positive, one negative.

    Returns
    -------
    float
        The geometric mean over the ions of the salt: (g_Ca g_Cl²)^(1/3) for CaCl2.

    Raises
    ------
    ArgumentError
        If a coefficient is not positive, or the valences are not of opposite sign.
    """
    if not valence_cation > 0 > valence_anion:
        raise ArgumentError(f"valences {valence_cation}, {valence_anion} must be of opposite sign")
    logs = np.log(positive("gamma", [gamma_cation, gamma_anion]))
    counts = np.array([-valence_anion, valence_cation], dtype=np.float64)
    return float(np.exp(counts @ logs / counts.sum()))


def _davies_all(
    solution: Mapping[Ion, float], strength: float, temperature_c: float
) -> tuple[dict[Ion, float], tuple[str, ...]]:
    gamma = {
        ion: float(davies(strength, ion.valence, temperature_c)) if ion.valence else 1.0
        for ion in solution
    }
    warnings = []
    if strength > 200:
        warnings.append(
            f"ionic strength {strength:.0f} mM: Davies' equation is trusted to 100-200 mM"
            + (", and claimed to 500 mM" if strength <= 500 else ", and not claimed above 500 mM")
        )
    multivalent = [ion.name for ion in solution if abs(ion.valence) > 1]
    if multivalent and strength > 100:
        warnings.append(f"Davies' equation is poor above 100 mM for {', '.join(multivalent)}")
    return gamma, tuple(warnings)


def _binding_warnings(solution: Mapping[Ion, float]) -> tuple[str, ...]:
    divalents = [i.name for i, mm in solution.items() if i.valence == 2 and mm > 0]
    binders = [i.name for i, mm in solution.items() if i.name in _BINDING and mm > 0]
    if not divalents or not binders:
        return ()
    verb = "binds" if len(binders) == 1 else "bind"
    return (f"{', '.join(binders)} {verb} {', '.join(divalents)}: give the free concentrations",)

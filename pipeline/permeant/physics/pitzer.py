"""Pitzer's equations for activity coefficients, single salts and mixtures.

Pitzer (1973), J. Phys. Chem. 77:268, doi:10.1021/j100621a026, in the form of Harvie, Møller &
Weare (1984), doi:10.1016/0016-7037(84)90098-X.  Single-ion values follow the formal split of
those equations; only means over neutral salts can be measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from math import exp, log1p, sqrt

from permeant.errors import PermeantError
from permeant.physics.arguments import ArgumentError, not_negative
from permeant.physics.electrostatic_mixing import mixing_term
from permeant.physics.ions import IONS, Ion
from permeant.physics.pitzer_parameters import HMW84, PM73, PSI, THETA, PairParameters
from permeant.physics.water import pitzer_slope

_B = 1.2
_ALPHA = 2.0


class MissingParametersError(PermeantError, ValueError):
    """Pairs of ions that Pitzer's equations need and no table has."""

    def __init__(self, pairs: tuple[str, ...]) -> None:
        self.pairs = pairs
        super().__init__(
            f"no Pitzer parameters for {', '.join(pairs)}; name an ion to stand in "
            "(permeability: activity_substitutes, or the argument 'substitute'), or use the model "
            "'davies' or 'none'"
        )


def pitzer_mean_activity_coefficient(
    cation: str,
    anion: str,
    molality_mmol_per_kg: float,
    temperature_c: float = 25.0,
    a_phi: float | None = None,
) -> float:
    """Return the mean activity coefficient of a single salt.

    Parameters
    ----------
    cation, anion : str
        Canonical names, one positive, one negative.
    molality_mmol_per_kg : float
        Molality of the salt (mmol/kg), 0 or larger.
    temperature_c : float, optional
        Temperature (°C); only the Debye-Hückel slope follows it.
    a_phi : float, optional
        That slope itself; from the temperature if not given.

    Returns
    -------
    float
        Mean coefficient; within 0.005 of measured ones up to 1 mol/kg.

    Raises
    ------
    MissingParametersError
        If the salt is not in the table of Pitzer & Mayorga (1973).
    ArgumentError
        If the molality is out of range.
    """
    if (cation, anion) not in PM73:
        raise MissingParametersError((f"{cation}-{anion}",))
    m = float(not_negative("molality_mmol_per_kg", molality_mmol_per_kg)) * 1e-3
    if m == 0:
        return 1.0
    z_c, z_a = IONS[cation].valence, -IONS[anion].valence
    n_c, n_a = (1, 1) if z_c == z_a else (z_a, z_c)
    total = n_c + n_a
    strength = 0.5 * m * (n_c * z_c**2 + n_a * z_a**2)
    beta0, beta1, c_phi = PM73[cation, anion]
    x = _ALPHA * sqrt(strength)
    second = 2 * beta0 + 2 * beta1 / x**2 * (1 - (1 + x - x**2 / 2) * exp(-x))
    slope = float(pitzer_slope(temperature_c)) if a_phi is None else a_phi
    logarithm = (
        z_c * z_a * _debye_huckel(strength, slope)
        + m * (2 * n_c * n_a / total) * second
        + m**2 * (2 * (n_c * n_a) ** 1.5 / total) * 1.5 * c_phi
    )
    return exp(logarithm)


def pitzer_activity_coefficients(
    solution_mm: Mapping[Ion, float],
    temperature_c: float = 25.0,
    substitute: Mapping[str, str] | None = None,
    a_phi: float | None = None,
) -> tuple[dict[Ion, float], tuple[str, ...]]:
    """Return the single-ion activity coefficients of a mixture.

    Parameters
    ----------
    solution_mm : mapping of Ion to float
        Concentrations (mM, read as mmol/kg).
    temperature_c : float, optional
        Temperature (°C); only the Debye-Hückel slope follows it.
    substitute : mapping of str to str, optional
        Ions and those whose parameters stand in for them (same valence).
    a_phi : float, optional
        Debye-Hückel slope; from the temperature if not given.

    Returns
    -------
    gamma : dict of Ion to float
        Coefficients; 1 for uncharged solutes.  An ion at 0 mM gets that of a trace, or 1 where
        its parameters are missing: a column of a sheet that this solution leaves empty.
    warnings : tuple of str
        Where the model is stretched, in words.

    Raises
    ------
    MissingParametersError
        If a pair of oppositely charged ions that are both there has no parameters.
    ArgumentError
        If a substitute has another valence, or a value is out of range.
    """
    ions = [ion for ion, mm in solution_mm.items() if ion.valence and mm > 0]
    stands_for = {ion: _stand_in(ion, substitute or {}) for ion in solution_mm}
    known = set(ions) | {
        ion
        for ion in solution_mm
        if all(_pair(ion, other, stands_for) for other in ions if other.valence * ion.valence < 0)
    }
    charged_ions = [ion for ion in solution_mm if ion.valence and ion in known]
    slope = float(pitzer_slope(temperature_c)) if a_phi is None else a_phi
    mixture = _Mixture({ion: solution_mm[ion] * 1e-3 for ion in charged_ions}, stands_for, slope)
    gamma = dict.fromkeys(solution_mm, 1.0)
    gamma |= {ion: exp(mixture.logarithm(ion)) for ion in charged_ions}
    strength_mm = 1e3 * mixture.strength
    warnings = [
        f"{ion.name} has no Pitzer parameters: those of {stands_for[ion]} stand in"
        for ion in ions
        if stands_for[ion] != ion.name
    ]
    if abs(temperature_c - 25) > 0.5:
        warnings.append(
            f"Pitzer parameters are those of 25 °C; at {temperature_c:g} °C only the "
            "Debye-Hückel slope was changed"
        )
    if strength_mm > 6000:
        warnings.append(f"ionic strength {strength_mm:.0f} mM is beyond the fitted 6000 mM")
    return gamma, tuple(warnings)


class _Mixture:
    """The sums over a solution that every ion's coefficient shares (molal)."""

    def __init__(
        self, molal: Mapping[Ion, float], stands_for: Mapping[Ion, str], slope: float
    ) -> None:
        self.molal, self.name, self.slope = molal, stands_for, slope
        self.cations = [ion for ion in molal if ion.valence > 0]
        self.anions = [ion for ion in molal if ion.valence < 0]
        self.strength = 0.5 * sum(ion.valence**2 * m for ion, m in molal.items())
        self.charge = sum(abs(ion.valence) * m for ion, m in molal.items())
        self.pairs = {
            (c, a): _pair(c, a, stands_for) or self._unneeded(c, a)
            for c in self.cations
            for a in self.anions
        }
        self._require_pairs()
        self.common = self._common()

    def logarithm(self, ion: Ion) -> float:
        """Return ln gamma of one ion."""
        if self.strength == 0:
            return 0.0
        others = self.anions if ion.valence > 0 else self.cations
        like = self.cations if ion.valence > 0 else self.anions
        total = ion.valence**2 * self.common
        for other in others:
            pair = (ion, other) if ion.valence > 0 else (other, ion)
            total += self.molal[other] * (2 * self._second(pair) + self.charge * self._third(pair))
        for other in like:
            if other != ion:
                total += self.molal[other] * 2 * self._like(ion, other)[0]
                total += sum(
                    self.molal[other] * self.molal[a] * self._triplet(ion, other, a) for a in others
                )
        for first, second in combinations(others, 2):
            total += self.molal[first] * self.molal[second] * self._triplet(first, second, ion)
        return total + abs(ion.valence) * sum(
            self.molal[c] * self.molal[a] * self._third((c, a)) for c, a in self.pairs
        )

    def _unneeded(self, cation: Ion, anion: Ion) -> PairParameters | None:
        """Return nought for a pair of which neither ion is there: its terms carry both amounts."""
        absent = self.molal[cation] == 0 == self.molal[anion]
        return PairParameters(0.0, 0.0, 0.0) if absent else None

    def _require_pairs(self) -> None:
        missing = tuple(f"{c.name}-{a.name}" for (c, a), found in self.pairs.items() if not found)
        if missing:
            raise MissingParametersError(missing)

    def _parameters(self, pair: tuple[Ion, Ion]) -> PairParameters:
        found = self.pairs[pair]
        assert found is not None  # checked once for all pairs
        return found

    def _second(self, pair: tuple[Ion, Ion]) -> float:
        beta0, beta1, _ = self._parameters(pair)
        x = _ALPHA * sqrt(self.strength)
        return beta0 + beta1 * 2 * (1 - (1 + x) * exp(-x)) / x**2

    def _second_slope(self, pair: tuple[Ion, Ion]) -> float:
        x = _ALPHA * sqrt(self.strength)
        shape = -2 * (1 - (1 + x + x**2 / 2) * exp(-x)) / x**2
        return self._parameters(pair).beta1 * shape / self.strength

    def _third(self, pair: tuple[Ion, Ion]) -> float:
        c_phi = self._parameters(pair).c_phi
        return c_phi / (2 * sqrt(abs(pair[0].valence * pair[1].valence)))

    def _like(self, first: Ion, second: Ion) -> tuple[float, float]:
        """Return Phi and its derivative with respect to ionic strength."""
        names = sorted((self.name[first], self.name[second]))
        theta = THETA.get((names[0], names[1]), 0.0)
        if first.valence == second.valence:
            return theta, 0.0
        extra, slope = mixing_term(first.valence, second.valence, self.strength, self.slope)
        return theta + extra, slope

    def _triplet(self, first: Ion, second: Ion, other: Ion) -> float:
        names = sorted((self.name[first], self.name[second]))
        return PSI.get((names[0], names[1], self.name[other]), 0.0)

    def _common(self) -> float:
        if self.strength == 0:
            return 0.0
        total = _debye_huckel(self.strength, self.slope)
        for c, a in self.pairs:
            total += self.molal[c] * self.molal[a] * self._second_slope((c, a))
        for group in (self.cations, self.anions):
            for first, second in combinations(group, 2):
                slope = self._like(first, second)[1]
                total += self.molal[first] * self.molal[second] * slope
        return total


def _pair(first: Ion, second: Ion, stands_for: Mapping[Ion, str]) -> PairParameters | None:
    cation, anion = (first, second) if first.valence > 0 else (second, first)
    key = stands_for[cation], stands_for[anion]
    return HMW84.get(key, PM73.get(key))


def _debye_huckel(strength: float, slope: float) -> float:
    root = sqrt(strength)
    return -slope * (root / (1 + _B * root) + 2 / _B * log1p(_B * root))


def _stand_in(ion: Ion, substitute: Mapping[str, str]) -> str:
    name = substitute.get(ion.name, ion.name)
    if name not in IONS or IONS[name].valence != ion.valence:
        if name == ion.name:
            return name
        raise ArgumentError(f"substitute[{ion.name!r}] = {name!r} is no known ion of its valence")
    return name

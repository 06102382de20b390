"""The reversals of a cell and the ions at play, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from permeant.physics.activity import Model, activity_coefficients
from permeant.physics.ions import Ion, find_ion

Array = NDArray[np.float64]
Places = NDArray[np.intp]

_SMALLEST_SE_MV = 1e-3


@dataclass(frozen=True)
class Observation:
    """One measured reversal potential and the solutions it was measured in.

    ``se_below_mv`` and ``se_above_mv`` stand for ``e_rev_se_mv`` where the interval of the
    reversal is not symmetric.  ``zeroed_in`` names the bath in which the pipette was zeroed
    (recordings zeroed in one bath share the error of its junction potential), ``sign`` is -1
    where the pipette faces the outside, ``acquired_s`` the time of the recording, if known.
    """

    recording: str
    e_rev_mv: float
    e_rev_se_mv: float
    temperature_c: float
    inside_mm: Mapping[str, float]
    outside_mm: Mapping[str, float]
    se_below_mv: float | None = None
    se_above_mv: float | None = None
    bath: str = ""
    zeroed_in: str = ""
    sign: int = 1
    acquired_s: float | None = None


@dataclass(frozen=True)
class Uncertainty:
    """Errors that the recordings of a cell share, one standard deviation each.

    ``sigma_bath_change_fraction`` is the error of the reference electrode's shift after a
    change of bath, as a fraction of ``sigma_ljp_mv``; every bath but that of the zeroing has
    its own.
    """

    sigma_ljp_mv: float = 1.0
    sigma_temperature_c: float = 0.5
    sigma_concentration_fraction: float = 0.01
    draws: int = 10_000
    seed: int = 0
    sigma_bath_change_fraction: float = 0.2


@dataclass(frozen=True)
class System:
    """The ions at play, and what is known of them."""

    ions: tuple[str, ...]
    valences: Array
    known: Mapping[str, float]
    unknown: tuple[str, ...]

    def columns(self, names: Sequence[str]) -> list[int]:
        """Return where some ions stand among all."""
        return [self.ions.index(name) for name in names]

    @property
    def known_values(self) -> Array:
        """Permeabilities over the reference's in the order of the ions, NaN where unknown."""
        return np.array([self.known.get(ion, np.nan) for ion in self.ions])

    def all_permeabilities(self, ratios: Array) -> Array:
        """Return the permeabilities of all ions, (ions, draws), from (unknowns, draws)."""
        p = np.empty((len(self.ions), *ratios.shape[1:]))
        for j, ion in enumerate(self.ions):
            p[j] = self.known[ion] if ion in self.known else ratios[self.unknown.index(ion)]
        return p


@dataclass(frozen=True)
class Baths:
    """The observations as arrays: (baths,), and solutions (ions, baths) in mM.

    ``inside_bottle`` and ``outside_bottle`` number the solutions by their composition: two
    recordings in one solution share its errors.  ``junction`` numbers the zeroings, ``change``
    the baths that are not the one of the zeroing (-1: it is).
    """

    e_mv: Array
    below_mv: Array
    above_mv: Array
    temperature_c: Array
    inside: Array
    outside: Array
    inside_bottle: Places
    outside_bottle: Places
    sign: Array
    junction: Places
    change: Places
    acquired_s: Array
    recordings: tuple[str, ...] = field(default=())

    @property
    def se_mv(self) -> Array:
        """Standard error of each reversal, the two sides taken together."""
        return np.asarray(0.5 * (self.below_mv + self.above_mv))

    @property
    def place(self) -> Places:
        """A number for each pair of solutions: recordings that share it share their bath."""
        pairs = np.stack([self.inside_bottle, self.outside_bottle])
        return np.unique(pairs, axis=1, return_inverse=True)[1].reshape(-1)


def tabulate_baths(observations: Sequence[Observation], inside: Array, outside: Array) -> Baths:
    """Write the observations as arrays; solutions are (ions, baths) activities in mM."""
    below = [seen.se_below_mv or seen.e_rev_se_mv for seen in observations]
    above = [seen.se_above_mv or seen.e_rev_se_mv for seen in observations]
    times = [np.nan if seen.acquired_s is None else seen.acquired_s for seen in observations]
    zeroings = sorted({seen.zeroed_in for seen in observations})
    moved = [bool(seen.bath and seen.zeroed_in not in ("", seen.bath)) for seen in observations]
    changed = sorted({seen.bath for seen, has in zip(observations, moved, strict=True) if has})
    return Baths(
        e_mv=np.array([seen.e_rev_mv for seen in observations]),
        below_mv=np.maximum(below, _SMALLEST_SE_MV),
        above_mv=np.maximum(above, _SMALLEST_SE_MV),
        temperature_c=np.array([seen.temperature_c for seen in observations]),
        inside=inside,
        outside=outside,
        inside_bottle=number_bottles([seen.inside_mm for seen in observations]),
        outside_bottle=number_bottles([seen.outside_mm for seen in observations]),
        sign=np.array([float(seen.sign) for seen in observations]),
        junction=np.array([zeroings.index(seen.zeroed_in) for seen in observations]),
        change=np.array(
            [
                changed.index(seen.bath) if has else -1
                for seen, has in zip(observations, moved, strict=True)
            ]
        ),
        acquired_s=np.array(times, dtype=float),
        recordings=tuple(seen.recording for seen in observations),
    )


def activities_mm(
    observations: Sequence[Observation],
    permeant: Sequence[str],
    model: str,
    extra_ions: Mapping[str, Ion] | None,
    substitutes: Mapping[str, str] | None = None,
) -> tuple[Array, Array]:
    """Return the activities (or concentrations) of the permeant ions, (ions, baths), in mM.

    ``substitutes`` names, for Pitzer's model, the ions whose parameters stand in for those of
    others; the choice is the user's.

    Raises
    ------
    MissingParametersError
        If Pitzer's model lacks parameters and no substitute is named.
    """
    swapped = tuple(sorted((substitutes or {}).items())) if model == "pitzer" else ()
    added = tuple(sorted((extra_ions or {}).items()))

    def row(ions_mm: Mapping[str, float], temperature_c: float) -> list[float]:
        there = tuple((ion, mm) for ion, mm in ions_mm.items() if mm > 0)
        gamma: Mapping[str, float] = {}
        if model != "none":
            gamma = _coefficients(there, cast(Model, model), temperature_c, added, swapped)
        return [ions_mm.get(ion, 0.0) * gamma.get(ion, 1.0) for ion in permeant]

    return (
        np.array([row(seen.inside_mm, seen.temperature_c) for seen in observations]).T,
        np.array([row(seen.outside_mm, seen.temperature_c) for seen in observations]).T,
    )


@lru_cache(maxsize=256)
def _coefficients(
    there: tuple[tuple[str, float], ...],
    model: Model,
    temperature_c: float,
    extra_ions: tuple[tuple[str, Ion], ...],
    substitutes: tuple[tuple[str, str], ...],
) -> Mapping[str, float]:
    """Return the activity coefficients of a solution, which many cells share."""
    extra, swapped = dict(extra_ions), dict(substitutes) or None
    return activity_coefficients(dict(there), model, temperature_c, extra, swapped).gamma


def number_bottles(solutions: Sequence[Mapping[str, float]]) -> Places:
    """Give solutions a number by composition, in the order in which they come."""
    numbers: dict[tuple[tuple[str, float], ...], int] = {}
    found = [
        numbers.setdefault(
            tuple(sorted((ion, mm) for ion, mm in ions_mm.items() if mm)), len(numbers)
        )
        for ions_mm in solutions
    ]
    return np.array(found, dtype=np.intp)


def name_system(
    present: Sequence[str],
    reference: str,
    fixed: Mapping[str, float],
    extra_ions: Mapping[str, Ion] | None,
) -> System:
    """Return the ions at play: the reference and the fixed ones known, the others not."""
    return System(
        ions=tuple(present),
        valences=np.array([find_ion(ion, extra_ions).valence for ion in present], dtype=float),
        known={reference: 1.0, **{ion: fixed[ion] for ion in present if ion in fixed}},
        unknown=tuple(ion for ion in present if ion != reference and ion not in fixed),
    )

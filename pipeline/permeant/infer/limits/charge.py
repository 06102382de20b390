"""Conductance against charge: a divalent carrier held against a monovalent one in one pore.

At equal permeability the constant-field equation gives a symmetrical conductance
``g = P z² F² c/(RT)``: one z is the charge that an ion carries, the other the force that the
field exerts on it.  A pore in which a divalent ion conducts four times as well per
concentration has the same permeability for both; one in which it conducts less holds it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import exp, hypot, log, sqrt

import numpy as np
from numpy.typing import NDArray

from permeant.infer.pooling import NORMAL_95, student_95
from permeant.physics.ghk import ghk_current_per_permeability
from permeant.physics.ions import Ion, find_ion
from permeant.records import ChargePoint, ChargeRatio, IVPoint, PermeabilityRatio

Array = NDArray[np.float64]

LEAST_SHARE = 0.8
"""Of all that crosses at equal permeability, what the bath's carrier must carry at a voltage."""

_FEWEST_VOLTAGES = 3
_SHORTEST_RANGE_MV = 20.0
_SLACK_MV = 3.0
_WHERE = (
    f"at which the bath's ion carries {LEAST_SHARE:g} of all that crosses at equal permeability"
)
_FURTHER = "record further from the reversal"


@dataclass(frozen=True)
class CarrierSeries:
    """One recording with its solutions: what may carry current, and the points."""

    recording: str
    measure: str
    configuration: str
    inside_mm: Mapping[str, float]
    outside_mm: Mapping[str, float]
    bath_is_outside: bool
    temperature_c: float
    points: tuple[IVPoint, ...]
    """As they are fitted: leak and controls taken off."""


@dataclass(frozen=True)
class _Slope:
    """A recording's carrier and conductance over some voltages, and what equal P would give."""

    recording: str
    g_ns: float
    ln_half: float
    parts: Mapping[str, float]
    """Expected slope that each ion brings, at permeability 1."""
    points: tuple[IVPoint, ...]

    @property
    def expected(self) -> float:
        """Slope at permeability 1 of every ion."""
        return sum(self.parts.values())


@dataclass(frozen=True)
class _Mean:
    """Of the recordings with one carrier: ln g, half its interval, ln of what is expected."""

    ln_g: float
    half: float
    ln_expected: float


def compare_charges(
    series: Sequence[CarrierSeries],
    permeant: Sequence[str],
    ratios: Sequence[PermeabilityRatio],
    *,
    extra_ions: Mapping[str, Ion],
    sigma_concentration_fraction: float,
) -> tuple[ChargeRatio, ...]:
    """Hold every divalent carrier of a cell against every monovalent one.

    Parameters
    ----------
    series : sequence of CarrierSeries
        The recordings of one cell, any order.
    permeant : sequence of str
        Ions that may pass.
    ratios : sequence of PermeabilityRatio
        Those of the cell from its reversals, set beside.
    extra_ions : mapping of str to Ion
        Ions that the configuration adds.
    sigma_concentration_fraction : float
        Standard error of concentrations as a fraction of them.

    Returns
    -------
    tuple of ChargeRatio
        Nothing where the cell has not both kinds of carrier.

    Notes
    -----
    Used are the voltages at which, at equal permeability, at least 0.8 of all ions that cross
    are the bath's carrier.  The conductance is the slope of a straight line through them; the
    expected one is that of the same line through the constant-field curve of equal
    permeabilities at the same voltages with the same weights.
    """
    valence = {ion: find_ion(ion, extra_ions).valence for ion in permeant}
    by_carrier: dict[str, list[CarrierSeries]] = {}
    for one in sorted(series, key=lambda one: one.recording):
        if carrier := _carrier(one, valence):
            by_carrier.setdefault(carrier, []).append(one)
    found = []
    divalent, mono = ([ion for ion in sorted(by_carrier) if valence[ion] == z] for z in (2, 1))
    for ion, reference in product(divalent, mono):
        for kind in sorted({_kind(one) for one in by_carrier[ion]}):
            pair = [
                [one for one in by_carrier[name] if _kind(one) == kind] for name in (ion, reference)
            ]
            if all(pair):
                found.append(
                    _compare((ion, reference), pair, valence, ratios, sigma_concentration_fraction)
                )
    return tuple(found)


def _kind(one: CarrierSeries) -> tuple[str, str, float]:
    return one.measure, one.configuration, one.temperature_c


def _carrier(one: CarrierSeries, valence: Mapping[str, int]) -> str:
    """Return the only cation of the bath that can carry a current into the pipette side."""
    bath = _bath(one)
    held = {ion: bath.get(ion, 0.0) for ion, z in valence.items() if z > 0}
    most = max(held, key=lambda ion: held[ion], default="")
    far_mv = np.array([-200.0 if one.bath_is_outside else 200.0])
    if not most or held[most] <= 0.0 or _share(one, most, valence, far_mv)[0] < LEAST_SHARE:
        return ""
    return most


def _bath(one: CarrierSeries) -> Mapping[str, float]:
    return one.outside_mm if one.bath_is_outside else one.inside_mm


def _one_way(one: CarrierSeries, ion: str, z: int, v_mv: Array) -> tuple[Array, Array]:
    """Return what an ion carries from outside and from inside, per permeability."""
    inside, outside = one.inside_mm.get(ion, 0.0), one.outside_mm.get(ion, 0.0)
    both = ((0.0, outside), (inside, 0.0))
    entering, leaving = (
        np.asarray(ghk_current_per_permeability(v_mv, a, b, z, one.temperature_c)) for a, b in both
    )
    return entering, leaving


def _share(one: CarrierSeries, carrier: str, valence: Mapping[str, int], v_mv: Array) -> Array:
    whole = np.zeros_like(v_mv)
    own = np.zeros_like(v_mv)
    for ion, z in valence.items():
        entering, leaving = _one_way(one, ion, z, v_mv)
        whole += np.abs(entering) + np.abs(leaving)
        if ion == carrier:
            own = np.abs(entering if one.bath_is_outside else leaving)
    return np.asarray(own / whole)


def _compare(
    carriers: tuple[str, str],
    pair: Sequence[Sequence[CarrierSeries]],
    valence: Mapping[str, int],
    ratios: Sequence[PermeabilityRatio],
    sigma_concentration_fraction: float,
) -> ChargeRatio:
    ion, reference = carriers
    names = ", ".join(one.recording for some in pair for one in some)
    blank = ChargeRatio(
        ion, reference, "rejected", measure=pair[0][0].measure, recordings=names,
        n_recordings=len(pair[0]) + len(pair[1]),
    )  # fmt: skip
    usable = [
        [(one, _usable(one, carrier, valence)) for one in some]
        for some, carrier in zip(pair, (ion, reference), strict=True)
    ]
    every = [points for some in usable for _, points in some]
    if not all(every):
        return replace(blank, reason=f"a recording has no voltage {_WHERE}; {_FURTHER}")
    low = max(min(p.v_membrane_mv for p in points) for points in every) - _SLACK_MV
    high = min(max(p.v_membrane_mv for p in points) for points in every) + _SLACK_MV
    tried = [[_slope(one, points, low, high, valence) for one, points in some] for some in usable]
    slopes = [[slope for slope in some if slope] for some in tried]
    complete = [len(some) for some in slopes] == [len(some) for some in tried]
    if not complete or high - low < _SHORTEST_RANGE_MV:
        return replace(
            blank,
            reason=f"fewer than {_FEWEST_VOLTAGES} voltages over {_SHORTEST_RANGE_MV:g} mV, shared "
            f"by all recordings, {_WHERE}; {_FURTHER}",
        )
    means = [_pool(some) for some in slopes]
    concentrations = [_bath(pair[0][0])[ion], _bath(pair[1][0])[reference]]
    points = [
        ChargePoint(slope.recording, p.v_membrane_mv, p.i_pa, p.i_sem_pa)
        for some in slopes for slope in some for p in slope.points
    ]  # fmt: skip
    filled = _filled(blank, means, concentrations, sigma_concentration_fraction)
    said = _reversals_say(slopes, list(valence), ratios)
    if said:
        filled = replace(
            filled,
            reversal_quotient=exp(said[0]),
            reversal_low=exp(said[0] - said[1]),
            reversal_high=exp(said[0] + said[1]),
        )
    return replace(
        filled,
        meaning=_meaning(filled),
        points=tuple(points),
        v_min_mv=min(p.v_mv for p in points),
        v_max_mv=max(p.v_mv for p in points),
    )


def _usable(one: CarrierSeries, carrier: str, valence: Mapping[str, int]) -> list[IVPoint]:
    """Return the points at which the bath's carrier carries nearly all."""
    used = sorted((p for p in one.points if p.used), key=lambda p: (p.v_membrane_mv, p.sweep))
    if not used:
        return []
    share = _share(one, carrier, valence, np.array([p.v_membrane_mv for p in used]))
    return [p for p, part in zip(used, share.tolist(), strict=True) if part >= LEAST_SHARE]


def _slope(
    one: CarrierSeries,
    points: Sequence[IVPoint],
    low_mv: float,
    high_mv: float,
    valence: Mapping[str, int],
) -> _Slope | None:
    """Return the slope conductance of a recording between two voltages, and that of equal P."""
    kept = [p for p in points if low_mv <= p.v_membrane_mv <= high_mv]
    v_mv = np.array([p.v_membrane_mv for p in kept])
    if len({round(v) for v in v_mv.tolist()}) < _FEWEST_VOLTAGES:
        return None
    i_pa, sigma = np.array([(p.i_pa, p.i_sem_pa) for p in kept]).T
    weight = (sigma**2 + (1e-3 * np.ptp(i_pa)) ** 2 + 1e-12) ** -1.0
    curves = {ion: np.add(*_one_way(one, ion, z, v_mv)) for ion, z in valence.items()}
    curve = np.sum(list(curves.values()), axis=0)
    g_ns = _line(v_mv, i_pa, weight)
    if g_ns <= 0.0:
        return None
    # held against the curve, whose bend is no scatter
    scale = _line(curve, i_pa, weight)
    off = (
        i_pa
        - np.average(i_pa, weights=weight)
        - scale * (curve - np.average(curve, weights=weight))
    )
    dof = v_mv.size - 2
    spread = max(1.0, float(weight @ off**2) / dof)
    centred = v_mv - np.average(v_mv, weights=weight)
    se = sqrt(spread / float(weight @ centred**2))
    parts = {ion: _line(v_mv, one_curve, weight) for ion, one_curve in curves.items()}
    quantile = student_95(dof) if spread > 1.0 else NORMAL_95
    return _Slope(one.recording, g_ns, quantile * se / g_ns, parts, tuple(kept))


def _line(x: Array, y: Array, weight: Array) -> float:
    centred = x - np.average(x, weights=weight)
    return float((weight * centred) @ y) / float(weight @ centred**2)


def _pool(slopes: Sequence[_Slope]) -> _Mean:
    """Return the mean of recordings with one carrier; what they differ by is in its interval."""
    logs = np.log([one.g_ns for one in slopes])
    n = logs.size
    own = sum(one.ln_half**2 for one in slopes) / n**2
    between = NORMAL_95**2 * float(np.var(logs, ddof=1)) / n if n > 1 else 0.0
    expected = float(np.mean(np.log([one.expected for one in slopes])))
    return _Mean(float(logs.mean()), sqrt(own + between), expected)


def _filled(
    blank: ChargeRatio,
    means: Sequence[_Mean],
    concentrations_mm: Sequence[float],
    sigma_concentration_fraction: float,
) -> ChargeRatio:
    divalent, mono = means
    ln_ratio, half = divalent.ln_g - mono.ln_g, hypot(divalent.half, mono.half)
    ln_expected = divalent.ln_expected - mono.ln_expected
    wide = hypot(half, NORMAL_95 * sqrt(2.0) * sigma_concentration_fraction)
    per_mm = ln_ratio - log(concentrations_mm[0] / concentrations_mm[1])
    quotient = ln_ratio - ln_expected
    return replace(
        blank,
        status="ok",
        ratio=exp(ln_ratio),
        ratio_low=exp(ln_ratio - half),
        ratio_high=exp(ln_ratio + half),
        expected_ratio=exp(ln_expected),
        per_mm_ratio=exp(per_mm),
        per_mm_low=exp(per_mm - wide),
        per_mm_high=exp(per_mm + wide),
        quotient=exp(quotient),
        quotient_low=exp(quotient - wide),
        quotient_high=exp(quotient + wide),
    )


def _reversals_say(
    slopes: Sequence[Sequence[_Slope]], permeant: Sequence[str], ratios: Sequence[PermeabilityRatio]
) -> tuple[float, float] | None:
    """Return ln of the quotient that permeabilities from reversals give, and half its interval.

    Nothing where the ratio of an ion is not known.
    """
    logs = {ratio.reference_ion: (0.0, 0.0) for ratio in ratios}
    for ratio in ratios:
        if ratio.status == "ok" and ratio.ratio and ratio.ratio_low and ratio.ratio_high:
            half = log(ratio.ratio_high / ratio.ratio_low) / 2
            logs[ratio.ion] = (log(ratio.ratio), half)
    held = [ion for ion in permeant if any(one.parts.get(ion) for some in slopes for one in some)]
    if not logs or any(ion not in logs for ion in held):
        return None

    def quotient(shifted: str = "") -> float:
        p = {ion: exp(logs[ion][0] + (logs[ion][1] if ion == shifted else 0.0)) for ion in held}
        means = [
            sum(log(sum(p[ion] * one.parts.get(ion, 0.0) for ion in held)) for one in some)
            / len(some)
            for some in slopes
        ]
        return means[0] - means[1]

    middle = quotient()
    equal = [sum(log(one.expected) for one in some) / len(some) for some in slopes]
    half = hypot(*(quotient(ion) - middle for ion in held))
    return middle - (equal[0] - equal[1]), half


def _meaning(one: ChargeRatio) -> str:
    assert one.quotient is not None
    assert one.quotient_low is not None
    assert one.quotient_high is not None
    ion, reference = one.ion, one.reference_ion
    if one.quotient_low > 1.0:
        said = (
            f"{ion} conducts {one.quotient:.3g} times as much as z² says at equal permeability: "
            f"the current finds the pore more permeable to {ion} than to {reference}"
        )
    elif one.quotient_high < 1.0:
        said = (
            f"{ion} conducts {one.quotient:.3g} times what z² says at equal permeability: the "
            f"current finds the pore less permeable to {ion} than to {reference}"
        )
    else:
        said = f"{ion} conducts as z² says at a permeability equal to that of {reference}"
    if one.reversal_quotient is None or one.reversal_low is None or one.reversal_high is None:
        return said
    theirs = f"{one.reversal_quotient:.3g}"
    if one.reversal_low > one.quotient_high:
        return (
            f"{said}; with the permeabilities that the reversals give it would be {theirs} times: "
            f"{ion} enters easily and passes slowly, as an ion that the pore binds"
        )
    if one.reversal_high < one.quotient_low:
        return (
            f"{said}; with the permeabilities that the reversals give it would be {theirs} times: "
            "independent ions of one permeability do not explain both, or another number of "
            "channels was open"
        )
    return f"{said}; the permeabilities that the reversals give say the same ({theirs} times)"

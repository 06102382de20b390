"""Whether recordings in several solutions differ in viscosity alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot

import numpy as np

from permeant.infer.pooling import NORMAL_95
from permeant.records import PatchState

LARGEST_E_REV_DIFFERENCE_MV = 5.0
SAME_TEMPERATURE_C = 1.0
_SAME_IONS_FRACTION = 0.02
_SAME_IONS_MM = 1.0


@dataclass(frozen=True)
class Reversals:
    """The reversal to be taken for each recording, and their difference between solutions."""

    e_rev_mv: tuple[float | None, ...]
    difference_mv: float | None = None
    refusal: str = ""


def why_not_comparable(states: Sequence[PatchState]) -> str:
    """Return what differs besides the viscosity; empty where nothing does."""
    if len({one.configuration for one in states}) > 1:
        return "the configurations of the patches differ"
    known = [one.temperature_c for one in states if one.temperature_c is not None]
    if known and max(known) - min(known) > SAME_TEMPERATURE_C:
        return (
            f"the temperatures differ by {max(known) - min(known):.1f} °C, which changes currents "
            f"and times by itself; at most {SAME_TEMPERATURE_C:g} °C is allowed"
        )
    return ""


def compare_reversals(states: Sequence[PatchState]) -> Reversals:
    """Hold the reversals of the thinnest against those of the thickest solution.

    Parameters
    ----------
    states : sequence of PatchState
        In at least two viscosities.

    Returns
    -------
    Reversals
        One reversal for all where they agree within their errors, each its own where they
        differ by less than 5 mV.  Refused where they differ by more, or where nothing tells
        that they are the same: neither measured ones nor solutions of the same ions.
    """
    thin, thick = (_mean(states, of(one.viscosity_ratio for one in states)) for of in (min, max))
    same = _same_ions(states)
    if thin is None or thick is None:
        if not same:
            return Reversals(
                (None,) * len(states),
                None,
                "the reversal was not measured in both solutions, and the sheet does not say that "
                "they hold the same ions: unequal reversals would look like an effect of viscosity",
            )
        mean = _mean(states, None)
        return Reversals((mean[0] if mean else None,) * len(states))
    difference_mv, half_mv = thick[0] - thin[0], NORMAL_95 * hypot(thin[1], thick[1])
    if abs(difference_mv) - half_mv > LARGEST_E_REV_DIFFERENCE_MV:
        return Reversals(
            (None,) * len(states),
            difference_mv,
            f"the reversal differs by {difference_mv:.1f} mV between the solutions: they differ in "
            "more than their viscosity",
        )
    if not same and half_mv > LARGEST_E_REV_DIFFERENCE_MV:
        return Reversals(
            (None,) * len(states),
            difference_mv,
            f"the reversals of two solutions of unlike ions are equal only within {half_mv:.1f} mV",
        )
    mean = _mean(states, None)
    common = mean[0] if mean else None
    if abs(difference_mv) <= half_mv:
        return Reversals((common,) * len(states), difference_mv)
    own = tuple(common if one.e_rev_mv is None else one.e_rev_mv for one in states)
    return Reversals(own, difference_mv)


def _mean(states: Sequence[PatchState], viscosity: float | None) -> tuple[float, float] | None:
    """Return the mean reversal and its error, at one viscosity or at all."""
    known = [
        (one.e_rev_mv, one.e_rev_se_mv)
        for one in states
        if one.e_rev_mv is not None and one.e_rev_se_mv and viscosity in (None, one.viscosity_ratio)
    ]
    if not known:
        return None
    values, errors = np.array(known).T
    return float(np.average(values, weights=errors**-2)), float(np.sum(errors**-2.0) ** -0.5)


def _same_ions(states: Sequence[PatchState]) -> bool:
    for name in ("bath_mm", "pipette_mm"):
        held = [getattr(one, name) for one in states]
        if not all(held) or not all(_alike(held[0], other) for other in held[1:]):
            return False
    return True


def _alike(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    return all(
        abs(one.get(ion, 0.0) - other.get(ion, 0.0))
        <= max(_SAME_IONS_MM, _SAME_IONS_FRACTION * one.get(ion, 0.0))
        for ion in {*one, *other}
    )

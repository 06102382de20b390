"""What a correction changed is what a fit without it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from curves_by_hand import SPREAD, ghk, ohmic, points

from permeant.infer.effects import include_effects
from permeant.infer.iv import fit_iv
from permeant.infer.subtract import Control, subtract_controls
from permeant.records import Correction, CorrectionEffect, IVFit, IVPoint

WIDE = np.arange(-100.0, 61.0, 10.0)


def effect_of(
    curve: list[IVPoint], *corrections: Correction
) -> tuple[IVFit, tuple[CorrectionEffect, ...]]:
    fit = include_effects(fit_iv(curve), curve, corrections, fit_iv)
    return fit, fit.effects


def without(curve: list[IVPoint], row: Correction) -> IVFit:
    nothing = (0.0,) * len(curve)
    pairs = zip(curve, row.v_mv or nothing, row.i_pa or nothing, strict=True)
    return fit_iv(
        [
            replace(one, v_membrane_mv=one.v_membrane_mv - v, i_pa=one.i_pa - i)
            for one, v, i in pairs
        ]
    )


@pytest.mark.parametrize("p_na", [None, 0.3, 0.05], ids=str)
@pytest.mark.parametrize("name", ["junction", "resistance", "leak", "drift"])
def test_effects_are_those_of_a_fit_without_the_correction(name: str, p_na: float | None) -> None:
    current = ohmic if p_na is None else ghk(p_na)
    curve = points(WIDE, current(WIDE), 0.2)
    i = np.array([point.i_pa for point in curve])
    row = {
        "junction": Correction(name, 7.0, "mV", True, "", v_mv=(-7.0,) * i.size),
        "resistance": Correction(name, 5.0, "MΩ", True, "", v_mv=tuple(-5e-3 * i)),
        "leak": Correction(name, 0.5, "nS", True, "", i_pa=tuple(-0.5 * WIDE)),
        "drift": Correction(name, 9.0, "pA", True, "", i_pa=tuple(-np.linspace(0, 9, i.size))),
    }[name]
    fit, (effect,) = effect_of(curve, row)
    refitted = without(curve, row)
    assert effect.g_without_ns == pytest.approx(refitted.g_ns, rel=2e-3)
    assert effect.e_rev_without_mv == pytest.approx(refitted.e_rev_mv, abs=0.02)
    assert fit.g_ns is not None
    assert fit.e_rev_mv is not None
    assert effect.g_change_ns == pytest.approx(fit.g_ns - effect.g_without_ns, abs=1e-6)
    change_mv = fit.e_rev_mv - effect.e_rev_without_mv
    assert effect.e_rev_change_mv == pytest.approx(change_mv, abs=1e-6)
    assert fit.raw is not None
    assert fit.raw.i_pa == pytest.approx(i - np.array(row.i_pa or 0.0))


def test_a_junction_potential_moves_the_reversal_alone() -> None:
    """By its own size, and g not at all."""
    curve = points(SPREAD, ohmic(SPREAD), 1.0)
    row = Correction("junction potential", 7.25, "mV", True, "", v_mv=(-7.25,) * len(curve))
    _, (effect,) = effect_of(curve, row)
    assert effect.e_rev_change_mv == pytest.approx(-7.25, abs=1e-9)
    assert effect.g_change_ns == 0.0


def test_what_was_not_applied_has_no_effect_and_its_reason() -> None:
    curve = points(SPREAD, ohmic(SPREAD), 1.0)
    row = Correction("junction potential", None, "mV", False, "the amplifier did")
    fit, effects = effect_of(curve, row)
    assert effects == (CorrectionEffect("junction potential", None, "mV", False, row.reason),)
    assert fit.raw is None


def test_a_rejected_fit_keeps_the_list() -> None:
    curve = points([0.0, 10.0], [0.0, 1.0], 1.0)
    row = Correction("junction potential", 7.0, "mV", True, "why", v_mv=(-7.0, -7.0))
    fit, (effect,) = effect_of(curve, row)
    assert fit.status == "rejected"
    assert (effect.applied, effect.reason, effect.g_without_ns) == (True, "why", None)


def test_the_subtraction_of_a_control_is_a_correction() -> None:
    """5 nS reversing at -20 mV less 1 nS reversing at 0: 4 nS at -25 mV."""
    curve = points(SPREAD, ohmic(SPREAD), 0.1)
    blocked = Control("blocked", tuple(points(SPREAD, SPREAD, 0.1)))
    seen = subtract_controls(Control("whole", tuple(curve)), [blocked])
    fit, (effect,) = effect_of(list(seen.points), *seen.corrections)
    assert (fit.e_rev_mv, fit.g_ns) == (pytest.approx(-25.0), pytest.approx(4.0))
    assert effect.e_rev_without_mv == pytest.approx(-20.0, abs=1e-6)
    assert effect.g_without_ns == pytest.approx(5.0)
    assert "blocked" in effect.reason


def test_a_reversal_that_only_the_corrected_curve_has_is_left_open() -> None:
    """All currents are outward before 600 pA of leak are taken away."""
    curve = points(SPREAD, ohmic(SPREAD), 0.1)
    row = Correction("leak", None, "", True, "", i_pa=(-600.0,) * len(curve))
    _, (effect,) = effect_of(curve, row)
    assert (effect.e_rev_without_mv, effect.e_rev_change_mv) == (None, None)
    assert effect.g_without_ns == pytest.approx(5.0)

"""Intervals are 95 % and meant: how often they hold the truth, scenario by scenario."""

from __future__ import annotations

import numpy as np
import pytest
from curves_by_hand import SPREAD, Scenario, ghk, ohmic

from permeant.infer.iv import fit_iv

SEEDS = 300
WIDE = np.arange(-100.0, 61.0, 10.0)
COARSE = np.arange(-100.0, 61.0, 20.0)
TEST_PULSE = np.repeat([-80.0, -10.0], 20)

SCENARIOS = [
    Scenario("ohmic", ohmic, SPREAD, 5.0),
    Scenario("ohmic, estimated errors", ohmic, SPREAD, 5.0, estimated=20),
    Scenario("ohmic, as much again between the points", ohmic, SPREAD, 5.0, extra=5.0),
    Scenario("ohmic, three times as much between the points", ohmic, SPREAD, 5.0, extra=15.0),
    Scenario("ohmic, 2 levels x 20 sweeps", ohmic, TEST_PULSE, 5.0),
    Scenario("ohmic, 2 levels x 20 sweeps, scatter", ohmic, TEST_PULSE, 5.0, extra=15.0),
    Scenario("ghk", ghk(0.3), WIDE, 0.5),
    Scenario("ghk, noisy", ghk(0.3), WIDE, 10.0),
    Scenario("ghk, scatter", ghk(0.3), WIDE, 0.5, extra=2.0),
    Scenario("ghk, near the end of the range", ghk(0.05), WIDE, 0.5, extra=2.0),
    Scenario("ghk, 20 mV apart", ghk(0.3), COARSE, 0.5, extra=2.0),
    Scenario("ghk, 120 mV", ghk(0.3), SPREAD, 0.5, extra=4.0),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_intervals_hold_the_truth(scenario: Scenario) -> None:
    """Between 92 and 99 %, each with two standard errors of 300 draws for chance."""
    e_true, g_true, at_true = scenario.e_rev, scenario.slope, scenario.slope_at_reversal
    e_held, g_held, at_held = [], [], []
    for seed in range(SEEDS):
        fit = fit_iv(scenario.draw(seed))
        assert fit.status == "ok"
        g_held.append(fit.g_low_ns <= g_true <= fit.g_high_ns)  # type: ignore[operator]
        if fit.e_rev_status == "measured":
            e_held.append(fit.e_rev_low_mv <= e_true <= fit.e_rev_high_mv)  # type: ignore[operator]
            at_held.append(
                fit.g_at_reversal_low_ns <= at_true <= fit.g_at_reversal_high_ns  # type: ignore[operator]
            )
    assert len(e_held) >= 0.98 * SEEDS
    assert 0.92 - 0.031 <= np.mean(e_held) <= 0.99 + 0.0115
    assert 0.92 - 0.031 <= np.mean(g_held) <= 0.99 + 0.0115
    assert np.mean(at_held) >= 0.92 - 0.031


@pytest.mark.parametrize("v", [SPREAD, WIDE, TEST_PULSE, np.arange(-60.0, 61.0, 30.0)], ids=len)
@pytest.mark.parametrize("extra", [0.0, 15.0])
@pytest.mark.parametrize("offset", [0.0, 3.0])
def test_flat_noise_has_no_reversal(v: np.ndarray, extra: float, offset: float) -> None:
    """At least 98 % of 300, chance allowed for."""
    flat = Scenario("flat", lambda at: np.full(np.shape(at), offset), v, 5.0, extra=extra)
    found = [fit_iv(flat.draw(seed)) for seed in range(SEEDS)]
    assert np.mean([fit.e_rev_status == "measured" for fit in found]) <= 0.02
    assert np.mean([fit.e_rev_status != "none" for fit in found]) <= 0.02 + 0.016

"""A few experiments of every kind of the study of pore or gate, held to what chance allows.

The study itself, with 200 experiments a kind, is ``python tests/bench/viscosity_study.py``; its
figures are in ``pipeline/docs/pore_or_gate.md``.
"""

from __future__ import annotations

from math import log

import pytest
from viscosity_study import SCENARIOS, drawn_experiment, recorded_experiment

RUNS = 30
LARGEST_ERROR = 4.0
"""Of an exponent in its own standard errors: one of 16,000 lies further off."""

CLEAR = [name for name, one in SCENARIOS.items() if one.right != "not to be told"]
WEAK = [name for name in SCENARIOS if name not in CLEAR]


@pytest.mark.parametrize("design", ["one patch", "patches paired", "groups of patches"])
@pytest.mark.parametrize("name", CLEAR)
def test_no_clear_experiment_gets_a_wrong_verdict(design, name):
    verdicts = [drawn_experiment(SCENARIOS[name], k, design).verdict for k in range(RUNS)]
    assert set(verdicts) <= {SCENARIOS[name].right, "not to be told"}
    if design != "groups of patches":  # whose scatter of 20 % in the times hides what is small
        # the study told 93 to 100 % of them: fewer than 22 of 30 come about once in 40,000
        assert verdicts.count(SCENARIOS[name].right) >= 22


@pytest.mark.parametrize("design", ["one patch", "patches paired", "groups of patches"])
@pytest.mark.parametrize("name", WEAK)
def test_weak_experiments_are_not_told(design, name):
    limits = [drawn_experiment(SCENARIOS[name], 100 + k, design) for k in range(RUNS)]
    assert {one.verdict for one in limits} == {"not to be told"}
    assert all(one.reason for one in limits)


@pytest.mark.parametrize("name", ["diffusion-limited", "gating-limited"])
def test_from_samples_to_the_verdict(name):
    truth = SCENARIOS[name]
    limit = recorded_experiment(truth, 7)
    assert limit.verdict in {truth.right, "not to be told"}
    for quantity, true in (("i", truth.alpha_i), ("open", truth.alpha_gate)):
        # the ratio in the sheet is off by 2 %, which an exponent of 1 feels as 0.02/ln 2.5
        sigma = getattr(limit, f"alpha_{quantity}_sigma") + truth.sigma_stated / log(2.5)
        assert abs(getattr(limit, f"alpha_{quantity}") - true) < LARGEST_ERROR * sigma

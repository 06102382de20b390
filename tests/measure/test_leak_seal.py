"""A cell that is lost in sweep 8 loses sweeps 8 onward, and a drift loses none."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from permeant.measure.leak_ramp import find_leak_ramp, fit_leak_ramp
from permeant.measure.membrane_test import SweepCircuit
from permeant.measure.seal import check_r_s_change, sweeps_before_loss
from permeant.measure.steady_state import holding_currents
from permeant.recording import open_recording

SHARED = Path(__file__).resolve().parents[3] / "shared"
RECORDINGS = Path(os.environ.get("PERMEANT_RECORDINGS", SHARED / "recordings"))


def cell(n, drift, lost_at, extra_ns, random):
    g_ns = 2.0 * (1 + drift * np.arange(n)) + 0.1 * random.standard_normal(n)
    if lost_at is not None:
        g_ns[lost_at:] += extra_ns
    return -70.0 * g_ns + 3 * random.standard_normal(n), g_ns


@pytest.mark.parametrize("drift", [-0.04, 0.0, 0.05, 0.1])
@pytest.mark.parametrize("n", [5, 9, 17])
def test_a_drift_is_no_loss(n, drift):
    random = np.random.default_rng(n)
    kept = [sweeps_before_loss(*cell(n, drift, None, 0, random)) for _ in range(200)]
    assert np.mean([one.n_good < n for one in kept]) < 0.01


@pytest.mark.parametrize("drift", [-0.04, 0.0, 0.05])
@pytest.mark.parametrize(("lost_at", "extra_ns"), [(2, 5.0), (7, 3.0), (7, 20.0), (12, 5.0)])
def test_the_sweep_of_the_loss(lost_at, extra_ns, drift):
    random = np.random.default_rng(lost_at)
    for _ in range(50):
        holding_pa, g_ns = cell(13, drift, lost_at, extra_ns, random)
        for kept in (
            sweeps_before_loss(holding_pa, list(g_ns)),
            sweeps_before_loss(holding_pa),
            sweeps_before_loss(conductance_ns=list(g_ns)),
        ):
            assert (kept.n_good, kept.n_sweeps) == (lost_at, 13)
            assert f"lost in sweep {lost_at + 1} of 13" in kept.finding.message


def test_one_odd_sweep_is_no_loss():
    holding_pa = [-100.0 + k % 3 for k in range(12)]
    holding_pa[5] = -900.0
    assert sweeps_before_loss(holding_pa).n_good == 12


def test_a_current_that_becomes_smaller_is_no_loss():
    kept = sweeps_before_loss([-72, -37, -25, -25, -22, -19, -20, -22, -29])
    assert (kept.n_good, kept.finding) == (9, None)


def test_unknown_conductances_are_passed_over():
    assert sweeps_before_loss((), [2.0, None, 2.1, 2.0, None, 9.0, 9.1]).n_good == 5
    assert sweeps_before_loss().n_good == 0
    assert sweeps_before_loss([1.0]).n_good == 1


def test_a_real_cell_that_is_lost_in_its_last_sweep():
    path = RECORDINGS / "hcn2" / "20n20002.abf"
    if not path.exists():
        pytest.skip(f"20n20002.abf is absent: no such file in {RECORDINGS}")
    recording = open_recording(path)
    ramp = find_leak_ramp(recording.info)
    leaks = fit_leak_ramp(recording.current_pa, ramp, recording.info.interval_ms)
    kept = sweeps_before_loss(holding_currents(recording), [leak.g_ns for leak in leaks])
    assert (kept.n_good, kept.n_sweeps) == (6, 7)


def test_a_series_resistance_that_moves():
    steady = [SweepCircuit(k, r_s_mohm=10 + 0.2 * (k % 2), r_s_se_mohm=0.1) for k in range(1, 9)]
    moved = [*steady, SweepCircuit(9), SweepCircuit(10, r_s_mohm=14.0, r_s_se_mohm=0.1)]
    noisy = [*steady, SweepCircuit(9, r_s_mohm=14.0, r_s_se_mohm=2.0)]
    assert check_r_s_change(steady, 0.2) is None
    assert check_r_s_change(noisy, 0.2) is None
    assert check_r_s_change([], 0.2) is None
    found = check_r_s_change(moved, 0.2)
    assert "to 14 MΩ in sweep 10" in found.message

"""Noise analysis: unitary current and number of channels of simulated ensembles, and refusals."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from permeant.errors import RecordingError
from permeant.measure.fluctuation.bandwidth import judge_bandwidth
from permeant.measure.fluctuation.pairs import covariance_of_mean, pair_differences
from permeant.measure.fluctuation.soundness import drift_share
from permeant.measure.fluctuation.sweeps import measure_noise
from permeant.measure.ways import DEFAULT_MEASURES
from permeant.records import Recording, SheetRow
from permeant.simulate.channels import two_state
from permeant.simulate.ensemble import count_open, transition_probabilities

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
from noise_coverage import AGONIST, CORRECTIONS, OPENS, SCENARIOS, Scenario, measure, recording_of

USUAL = Scenario(AGONIST, 600, -1.5, 3.0, n_sweeps=150, interval_ms=0.1, step_ms=30.0)


@pytest.fixture(scope="module")
def usual() -> Recording:
    return recording_of(USUAL, 7)


def test_channels_are_binomial() -> None:
    """Mean N p and variance N p (1 - p) of two-state channels (Sigworth 1980)."""
    generator = np.random.default_rng(1)
    counted = count_open(OPENS, np.full(4000, 50), 41, 1.0, generator)
    p = 2 / 3 * (1 - np.exp(-np.arange(41) * (1 / 4 + 1 / 8)))
    assert counted.mean(axis=0) == pytest.approx(50 * p, abs=0.3)
    assert counted.var(axis=0)[5:] == pytest.approx((50 * p * (1 - p))[5:], rel=0.12)
    assert transition_probabilities(OPENS, 0.0) == pytest.approx(np.eye(2))


def test_intervals_hold_the_truth(usual: Recording) -> None:
    found, findings = measure(usual)
    assert found.status == "ok"
    assert found.i_low_pa < USUAL.unitary_pa < found.i_high_pa
    assert found.n_low < USUAL.n_channels < found.n_high
    assert found.p_max_low < USUAL.p_max < found.p_max_high
    assert found.n_channels * found.i_unitary_pa * found.p_max == pytest.approx(
        found.i_max_pa, rel=0.1
    )
    assert not findings


def test_little_bias_over_a_few_runs() -> None:
    """The same as the study in the documentation, small: three standard errors of 12 runs."""
    found = [measure(recording_of(USUAL, 100 + seed))[0] for seed in range(12)]
    i_pa = np.array([one.i_unitary_pa for one in found])
    many = np.array([one.n_channels for one in found])
    for values, truth in ((i_pa, USUAL.unitary_pa), (many, USUAL.n_channels)):
        assert abs(values.mean() - truth) < 3 * values.std(ddof=1) / np.sqrt(12) + 0.02 * abs(truth)
        assert values.std(ddof=1) < 0.3 * abs(truth)


def test_drift_of_the_zero_adds_nothing(usual: Recording) -> None:
    moved = usual.current_pa + np.linspace(-75.0, 75.0, USUAL.n_sweeps)[:, None]
    drifting, _ = measure(Recording(usual.info, moved.astype(np.float32)))
    still, _ = measure(usual)
    assert drifting.i_unitary_pa == pytest.approx(still.i_unitary_pa, rel=0.01)


def test_a_mirrored_current_gives_a_mirrored_result(usual: Recording) -> None:
    outward, _ = measure(Recording(usual.info, -usual.current_pa))
    inward, _ = measure(usual)
    assert outward.i_unitary_pa == pytest.approx(-inward.i_unitary_pa)
    assert outward.n_channels == pytest.approx(inward.n_channels)


def test_no_bend_gives_a_bound_only() -> None:
    seldom = replace(SCENARIOS["seldom-open"], n_sweeps=80, interval_ms=0.1)
    found, _ = measure(recording_of(seldom, 3))
    assert found.status == "bound"
    assert found.n_channels is None
    assert found.n_low < seldom.n_channels
    assert found.p_max_high > seldom.p_max
    assert "bend" in found.reason


def test_few_sweeps_are_refused() -> None:
    found, _ = measure(recording_of(replace(USUAL, n_sweeps=15), 1))
    assert found.status == "rejected"
    assert "15 sweeps" in found.reason


def test_a_slow_filter_is_refused_and_a_fair_one_put_back() -> None:
    slow = Scenario(OPENS, 800, 1.2, 4.0, 100, interval_ms=0.1, step_ms=40.0, filter_khz=1.5)
    fast_channels = replace(slow, scheme=two_state(1.0, 0.5), filter_khz=0.8)
    refused, _ = measure(recording_of(fast_channels, 1))
    assert refused.status == "rejected"
    assert "filter" in refused.reason
    corrected, said = measure(recording_of(slow, 1))
    assert corrected.kept < 0.98
    assert [one.check for one in said] == ["noise_filtered"]


def with_leak(recording: Recording, g_ns: float) -> Recording:
    """Add an ohmic leak that reverses at 0 mV: -80 mV before the step, -20 mV in it."""
    before = round(USUAL.before_ms / USUAL.interval_ms)
    current_pa = recording.current_pa.copy()
    current_pa[:, :before] -= 80.0 * g_ns
    current_pa[:, before:] -= 20.0 * g_ns
    return Recording(recording.info, current_pa)


def test_a_leak_that_the_holding_current_suggests_is_in_the_interval(usual: Recording) -> None:
    found, findings = measure(with_leak(usual, 0.25))
    without, _ = measure(usual)
    assert [one.check for one in findings] == ["noise_leak"]
    assert found.i_low_pa < USUAL.unitary_pa < found.i_high_pa
    assert found.n_low < USUAL.n_channels < found.n_high
    wide, narrow = (one.i_high_pa - one.i_low_pa for one in (found, without))
    assert wide > 1.1 * narrow


def test_a_large_leak_is_refused(usual: Recording) -> None:
    found, _ = measure(with_leak(usual, 2.0))
    assert found.status == "rejected"
    assert "leak" in found.reason


def test_run_down_beyond_half_is_refused() -> None:
    found, _ = measure(recording_of(replace(USUAL, run_down=0.7), 2))
    assert found.status == "rejected"
    assert "over the sweeps" in found.reason


def test_sweeps_with_a_jump_are_left_out(usual: Recording) -> None:
    jumped = usual.current_pa.copy()
    jumped[40] += 400.0
    jumped[90, :] += 60.0 * np.random.default_rng(1).standard_normal(jumped.shape[1])
    found, _ = measure(Recording(usual.info, jumped))
    assert found.n_left_out == 2
    assert found.i_low_pa < USUAL.unitary_pa < found.i_high_pa


def test_noise_without_channels_tells_nothing(usual: Recording) -> None:
    quiet = np.random.default_rng(2).standard_normal(usual.current_pa.shape).astype(np.float32)
    quiet[:, 50:] -= 100.0 * np.exp(-np.arange(quiet.shape[1] - 50) / 80.0)
    found, _ = measure(Recording(usual.info, quiet))
    assert found.status == "rejected"
    assert found.i_unitary_pa is None


def test_a_step_that_is_not_repeated_is_refused(usual: Recording) -> None:
    info = replace(usual.info, sweeps=usual.info.sweeps[:1], n_sweeps=1)
    with pytest.raises(RecordingError, match="repeated"):
        measure(Recording(info, usual.current_pa[:1]))


def test_what_a_filter_leaves_is_that_of_the_formula() -> None:
    """exp(s²/tau²) erfc(s/tau): 0.8964 at s/tau = 0.1, by mpmath (0.89645697996913)."""
    lag_ms = np.arange(200) * 0.05
    of_channels = 10.0 * np.exp(-lag_ms / 1.32497)
    quiet = np.zeros(200)
    quiet[0] = 1.0
    found = judge_bandwidth(of_channels + quiet, quiet, 0.05, stated_khz=1.0)
    assert found.tau_ms == pytest.approx(1.32497, rel=1e-3)
    assert found.kept == pytest.approx(0.896457, abs=2e-4)


def test_covariance_allows_for_shared_sweeps() -> None:
    """The mean of squared differences of white noise: variance 3 sigma^4 / n (von Neumann 1941)."""
    generator = np.random.default_rng(5)
    values = generator.standard_normal((20000, 1))
    squares = pair_differences(values, np.ones(20000, dtype=bool)) ** 2
    assert covariance_of_mean(squares)[0, 0] * 20000 == pytest.approx(3.0, rel=0.1)


def test_a_change_that_goes_on_is_told_from_noise() -> None:
    generator = np.random.default_rng(6)
    noise = generator.standard_normal((200, 100))
    keep = np.ones(200, dtype=bool)
    share, _ = drift_share(pair_differences(noise, keep), 0.0)
    assert abs(share) < 0.05
    rising = noise + 0.8 * np.arange(200)[:, None]
    share, z = drift_share(pair_differences(rising, keep), 0.0)
    # half of the square of 0.8 is 0.32, beside a variance of 1
    assert share == pytest.approx(0.32 / 1.32, rel=0.1)
    assert z > 10


def steady_recording(seed: int) -> Recording:
    """The end of a step of two-state channels: p is 2/3 but for exp(-40 (1/4 + 1/8))."""
    scenario = Scenario(OPENS, 800, 1.2, 4.0, 120, interval_ms=0.1, step_ms=80.0)
    return recording_of(scenario, seed)


def test_a_steady_current_gives_a_limit_and_with_its_probability_the_current() -> None:
    recording = steady_recording(4)
    window = {"window_start_ms": 45.0, "window_end_ms": 85.0}
    least, _ = measure(recording, row=window)
    assert (least.status, least.method) == ("bound", "stationary")
    # i (1 - p) is 0.4 pA
    assert 0.3 < least.i_low_pa < 0.4
    assert least.i_unitary_pa is None
    assert least.i_high_pa is None
    found, _ = measure(recording, row=window, noise_open_probability=2 / 3)
    assert found.status == "ok"
    assert found.i_low_pa < 1.2 < found.i_high_pa
    assert found.n_low < 800 < found.n_high
    mirrored, _ = measure(Recording(recording.info, -recording.current_pa), row=window)
    assert mirrored.i_high_pa == pytest.approx(-least.i_low_pa)


def test_points_beyond_the_voltages_of_the_sheet_are_not_fitted(usual: Recording) -> None:
    for ends, used in (({}, True), ({"fit_min_mv": 500.0}, False), ({"fit_max_mv": 500.0}, True)):
        row = SheetRow(2, "c", "r", "f", measure="noise", **ends)  # type: ignore[arg-type]
        found = measure_noise(
            usual, row, {}, corrections=CORRECTIONS, measures=DEFAULT_MEASURES, extra_ions={}
        )
        assert [point.used for point in found.points] == [used]

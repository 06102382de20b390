"""Where the window lies, and whether the current stands still in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from recordings_by_hand import (
    LEVELS,
    STEADY,
    family_sweeps,
    info,
    measure,
    ohmic,
    sheet_row,
    steps,
)

from permeant.errors import RecordingError
from permeant.measure.noise import mean_with_error
from permeant.measure.steadiness import drift_of_level, drift_scatter
from permeant.measure.window import StepMean, choose_window, window_samples
from permeant.simulate.noise import bessel_response, low_pass, pink_noise_pa, white_noise_pa

DT = 0.1
LENGTH = 2000


def noisy(seed: int, white: float = 2.0, pink: float = 0.0) -> np.ndarray:
    random = np.random.default_rng(seed)
    shape = (len(LEVELS), LENGTH)
    noise = low_pass(white_noise_pa(shape, white, random), bessel_response(2.0, DT))
    return noise + (pink_noise_pa(shape, pink, DT, random) if pink else 0.0)


def choose(current: np.ndarray) -> tuple[list[StepMean], str]:
    return choose_window(current, steps(LEVELS, LENGTH), DT, **STEADY)


def relaxing(tau_ms: float, share: float = -1.0) -> np.ndarray:
    """Currents up to 300 pA that start away from their end by a share of it."""
    time_ms = np.arange(LENGTH) * DT
    level = 300.0 * (np.array(LEVELS) + 20.0) / 60.0
    return level[:, None] * (1.0 + share * np.exp(-time_ms / tau_ms))


@pytest.mark.parametrize(("mains", "cycle"), [(50, 200), (60, 167), (0, 1)])
def test_windows_hold_whole_cycles_and_leave_the_guard(mains: int, cycle: int) -> None:
    before, guard = window_samples(
        LENGTH, 0.47, interval_ms=DT, mains_hz=mains, guard_ms=0.5, min_window_ms=5.0
    )
    assert guard == 5
    assert (before - guard) % cycle == 0
    assert 0 <= 940 - (before - guard) < cycle


def test_a_short_step_keeps_its_window_inside() -> None:
    before, guard = window_samples(
        60, 0.1, interval_ms=DT, mains_hz=50, guard_ms=50.0, min_window_ms=5.0
    )
    assert guard == 6
    assert guard < before <= 60


def test_hum_averages_out() -> None:
    time_ms = np.arange(LENGTH) * DT
    phases = np.linspace(0, 6, len(LEVELS))
    hum = 30.0 * np.sin(2 * np.pi * 0.05 * time_ms + phases[:, None])
    means, _ = choose(relaxing(1.0) + hum + noisy(0, 1.0))
    for mean, level in zip(means, LEVELS, strict=True):
        assert mean.window.mean_pa == pytest.approx(5.0 * (level + 20.0), abs=0.3)


def test_a_quick_current_gets_the_longest_window() -> None:
    means, why = choose(relaxing(2.0) + noisy(1))
    assert "last 50 % of the step" in why
    assert all(mean.steady for mean in means)
    assert {mean.stop for mean in means} == {LENGTH - 5}


def test_slow_activation_gets_a_later_window() -> None:
    means, why = choose(relaxing(35.0) + noisy(2, 0.5))
    assert "last 50 %" not in why
    assert "stands still" in why
    for mean, level in zip(means, LEVELS, strict=True):
        assert mean.window.mean_pa == pytest.approx(5.0 * (level + 20.0), rel=0.02, abs=1.0)


def test_true_steadiness_is_rarely_denied() -> None:
    """White and 1/f noise, with current and without: below 5 % of the points."""
    for pink, current in ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (3.0, 0.0), (3.0, 1.0)):
        denied = 0
        for seed in range(25):
            means, _ = choose(current * relaxing(1.0) + noisy(seed, 2.0, pink))
            denied += sum(not mean.steady for mean in means)
        assert denied < 0.05 * 25 * len(LEVELS), (pink, current)


@pytest.mark.parametrize("tau_ms", [50.0, 100.0, 200.0, 1000.0])
@pytest.mark.parametrize(("white", "pink"), [(2.0, 0.0), (2.0, 1.0), (20.0, 0.0)])
@pytest.mark.parametrize("share", [-1.0, 1.0])
def test_a_relaxation_that_moves_the_mean_is_caught(
    tau_ms: float, white: float, pink: float, share: float
) -> None:
    """Activating or inactivating; the shortest window is off by 2.3 % (50 ms) or far more."""
    caught = []
    for seed in range(8):
        means, why = choose(relaxing(tau_ms, share) + noisy(seed, white, pink))
        caught.append(sum(not mean.steady for mean in means) > 0.1 * len(means))
        assert ("still changes" in why) == caught[-1]
    assert np.mean(caught) >= (0.7 if tau_ms == 50.0 else 0.85)


def test_slow_noise_is_seen_between_the_drifts() -> None:
    random = np.random.default_rng(0)
    smooth = 0.3 * np.sin(np.linspace(0, 3, 40))
    assert drift_scatter((smooth + random.normal(0, 0.1, 40)).tolist()) == pytest.approx(
        0.1, rel=0.4
    )
    assert drift_scatter([1.0] * 5) == 0.0


def test_a_window_of_the_sheet_is_kept_and_checked() -> None:
    recording = ohmic(info(family_sweeps()), 2.0, -20.0, 1.0)
    row = sheet_row(window_start_ms=100.0, window_end_ms=150.0)
    found = measure(recording, row)
    assert "the sheet says 100 to 150 ms" in found.window_reason
    assert {(p.window_start_ms, p.window_end_ms) for p in found.points} == {(100.0, 150.0)}
    with pytest.raises(RecordingError, match="not inside the step, which lasts from 50 to 250 ms"):
        measure(recording, replace(row, window_end_ms=300.0))
    with pytest.raises(RecordingError, match="fewer than two samples"):
        measure(recording, replace(row, window_end_ms=100.05))


def test_repeats_of_a_level_show_a_drift_that_none_of_them_shows() -> None:
    """A membrane test on a leak: a sag counts against a step of 100 pA, not of 400."""
    random = np.random.default_rng(3)
    levels = [-80.0, -70.0] * 20
    sag = np.where(np.array(levels) == -80.0, 1.0, 0.0)[:, None] * np.exp(-np.arange(LENGTH) / 1500)
    shape = (len(levels), LENGTH)
    noise = low_pass(white_noise_pa(shape, 40.0, random), bessel_response(2.0, DT))
    current = 10.0 * (np.array(levels)[:, None] + 40.0) + 20.0 * sag + noise
    _, why = choose_window(current, steps(levels, LENGTH), DT, **STEADY)
    assert "last 50 %" not in why
    halves = [mean_with_error(row[LENGTH // 2 :], DT) for row in current]
    assert drift_of_level(halves[::2]) == pytest.approx(-0.05, abs=0.02)
    assert drift_of_level(halves[1::2]) == 0.0
    assert drift_of_level(halves[:6:2]) == 0.0

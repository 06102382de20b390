"""Peaks of known height and time, noise that must not add to them, transients before them."""

from __future__ import annotations

import numpy as np
import pytest
from recordings_by_hand import info, measure, segments, sheet_row

from permeant.errors import RecordingError
from permeant.infer.iv import fit_iv
from permeant.measure.tops import find_tops
from permeant.measure.ways import DEFAULT_MEASURES
from permeant.records import Recording

LEVELS = [-100.0 + 10.0 * k for k in range(19)]
E_MV = 45.0
RISE, FALL = 12.0, 60.0
"""Samples: the current is exp(-t/FALL) - exp(-t/RISE)."""


def shape(t: np.ndarray) -> np.ndarray:
    return np.exp(-t / FALL) - np.exp(-t / RISE)


PEAK_AT = np.log(FALL / RISE) / (1.0 / RISE - 1.0 / FALL)
PEAK = float(shape(np.array([PEAK_AT]))[0])


def open_share(level_mv: float) -> float:
    return float(1.0 / (1.0 + np.exp(-(level_mv + 30.0) / 6.0)))


def sodium(seed: int, noise_pa: float = 10.0, transient_pa_per_mv: float = 20.0) -> Recording:
    laid = [
        segments(("before", 40, -120.0), ("A", 600, level), ("after", 60, -120.0))
        for level in LEVELS
    ]
    known = info(laid, interval_ms=0.05)
    t = np.arange(600.0)
    current = np.zeros((known.n_sweeps, known.n_samples))
    for sweep, level in enumerate(LEVELS):
        channel = 20.0 * open_share(level) * (level - E_MV) * shape(t) / PEAK
        transient = transient_pa_per_mv * (level + 120.0) * np.exp(-t / 1.0)
        current[sweep, 40:640] = channel + transient
    current += noise_pa * np.random.default_rng(seed).standard_normal(current.shape)
    return Recording(known, current.astype(np.float32))


def test_peaks_are_the_currents_at_the_turning_point_without_what_noise_adds() -> None:
    off = []
    for seed in range(30):
        measurement = measure(sodium(seed), sheet_row(measure="peak"))
        for point in measurement.points:
            truth = 20.0 * open_share(point.v_command_mv) * (point.v_command_mv - E_MV)
            if abs(truth) > 300.0:
                off.append((abs(point.i_pa) - abs(truth)) / point.i_sem_pa)
    # unbiased: the mean of n deviations is within 4 of its own standard errors and 0.3 sem
    assert abs(float(np.mean(off))) < 0.3
    assert 0.5 < float(np.std(off)) < 1.3


def test_the_reversal_of_the_peaks_is_in_its_interval() -> None:
    held, off_mv = 0, []
    for seed in range(40):
        fit = fit_iv(measure(sodium(seed), sheet_row(measure="peak")).points)
        assert fit.e_rev_mv is not None
        assert fit.e_rev_low_mv is not None
        assert fit.e_rev_high_mv is not None
        held += fit.e_rev_low_mv <= E_MV <= fit.e_rev_high_mv
        off_mv.append(abs(fit.e_rev_mv - E_MV))
    # of 40 intervals of 95 %, 34 or more hold the truth in 99 % of all cases (binomial)
    assert held >= 34
    assert float(np.median(off_mv)) < 1.0


def test_without_a_transient_noise_is_not_taken_for_one() -> None:
    """After P/N subtraction no transient is left: peaks are looked for from the first samples."""
    for seed in range(30):
        measurement = measure(sodium(seed, transient_pa_per_mv=0.0), sheet_row(measure="peak"))
        largest = min(measurement.points, key=lambda point: point.i_pa)
        truth = 20.0 * open_share(largest.v_command_mv) * (largest.v_command_mv - E_MV)
        assert abs(largest.i_pa - truth) < 5.0 * largest.i_sem_pa
        assert "peak between 0.1 and" in measurement.window_reason


def test_without_a_clear_peak_the_time_of_the_neighbours_counts() -> None:
    t = np.arange(600.0)
    sizes = np.array([-500.0, -250.0, 0.0, 250.0])
    random = np.random.default_rng(3)
    rows = sizes[:, None] * shape(t) / PEAK + 10.0 * random.standard_normal((4, 600))
    tops, clear = find_tops(rows, np.array([100.0, 120.0, 140.0, 160.0]), 5, 600)
    assert clear.tolist() == [True, True, False, True]
    assert tops[2].at == pytest.approx(PEAK_AT, rel=0.2)
    assert abs(tops[2].i_pa) < 4.0 * tops[2].sem_pa


def test_delay_and_window_say_where_to_look() -> None:
    late = measure(
        sodium(1), sheet_row(measure="peak"), measures={**DEFAULT_MEASURES, "peak_delay_ms": 0.5}
    )
    assert min(point.window_start_ms for point in late.points) >= 2.5 - 1e-9
    row = sheet_row(measure="peak", window_start_ms=2.6, window_end_ms=8.0)
    windowed = measure(sodium(1), row)
    assert all(p.window_start_ms >= 2.6 and p.window_end_ms <= 8.0 for p in windowed.points)
    with pytest.raises(RecordingError, match="inside every step"):
        measure(sodium(1), sheet_row(measure="peak", window_start_ms=2.6, window_end_ms=40.0))


def test_peaks_are_proposed_where_the_current_inactivates() -> None:
    steady = measure(sodium(1))
    proposed = [f.message for f in steady.findings if f.check == "measure_proposed"]
    assert len(proposed) == 1
    assert "measure: peak" in proposed[0]

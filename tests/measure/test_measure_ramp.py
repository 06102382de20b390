"""Ramps of known conductance and capacitance, one way and both ways."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from recordings_by_hand import info, measure, sheet_row

from permeant.errors import RecordingError
from permeant.infer.iv import fit_iv
from permeant.infer.shared import include_shared_errors
from permeant.measure.ways import DEFAULT_MEASURES
from permeant.records import IVFit, Measurement, Recording, Segment

G_NS, E_MV, C_PF = 2.0, -40.0, 20.0
LENGTH, INTERVAL_MS = 6000, 0.1
SLOPE = 160.0 / (LENGTH * INTERVAL_MS)


def ramps(
    seed: int,
    *,
    both: bool,
    sweeps: int = 5,
    wander_pa: float = 0.0,
    hysteresis_pa: float = 0.0,
    hold: int = 1000,
) -> Recording:
    """A passive cell under a ramp from -100 to 60 mV and perhaps back."""
    one = [
        Segment("before", 0, 200, -80.0, -80.0),
        Segment("A", 200, 200 + hold, -100.0, -100.0),
        Segment("B", 200 + hold, 200 + hold + LENGTH, -100.0, 60.0),
    ]
    end = one[-1].stop
    if both:
        one.append(Segment("C", end, end + LENGTH, 60.0, -100.0))
        end += LENGTH
    one.append(Segment("after", end, end + 200, -80.0, -80.0))
    known = info([tuple(one)] * sweeps, interval_ms=INTERVAL_MS)
    random = np.random.default_rng(seed)
    current = np.zeros((sweeps, known.n_samples))
    for part in one:
        n = part.stop - part.start
        v = part.start_mv + (part.stop_mv - part.start_mv) * (np.arange(n) + 0.5) / n
        slope = (part.stop_mv - part.start_mv) / (n * INTERVAL_MS)
        current[:, part.start : part.stop] = G_NS * (v - E_MV) + C_PF * slope
        if part.epoch == "C":
            current[:, part.start : part.stop] += hysteresis_pa * np.sin(np.pi * np.arange(n) / n)
    current += wander_pa * random.standard_normal((sweeps, 1))
    current += 5.0 * random.standard_normal(current.shape)
    return Recording(known, current.astype(np.float32))


def fitted(measurement: Measurement) -> IVFit:
    fit = fit_iv(measurement.points)
    return include_shared_errors(fit, measurement.points, measurement.shared_errors)


def messages(measurement: Measurement, check: str) -> list[str]:
    return [finding.message for finding in measurement.findings if finding.check == check]


@pytest.mark.parametrize("both", [True, False])
def test_a_ramp_gives_slope_and_zero_without_the_capacitive_current(both: bool) -> None:
    measurement = measure(ramps(1, both=both), sheet_row(measure="ramp"))
    fit = fitted(measurement)
    # the capacitive current, 20 pF times 0.267 mV/ms, would move the zero by 2.7 mV
    assert pytest.approx(2.67, abs=0.01) == C_PF * SLOPE / G_NS
    assert fit.g_low_ns is not None
    assert fit.g_high_ns is not None
    assert fit.e_rev_low_mv is not None
    assert fit.e_rev_high_mv is not None
    assert fit.g_low_ns <= G_NS <= fit.g_high_ns
    assert fit.e_rev_low_mv <= E_MV <= fit.e_rev_high_mv
    assert fit.e_rev_high_mv - fit.e_rev_low_mv < 1.5
    capacitance = next(f for f in measurement.findings if f.check == "ramp_capacitance")
    assert capacitance.value == pytest.approx(C_PF, rel=0.1)


@pytest.mark.parametrize("wander_pa", [0.0, 3.0])
def test_intervals_of_ramps_hold_the_truth(wander_pa: float) -> None:
    n, held_e, held_g = 40, 0, 0
    for seed in range(n):
        fit = fitted(
            measure(ramps(seed, both=True, wander_pa=wander_pa), sheet_row(measure="ramp"))
        )
        assert fit.e_rev_low_mv is not None
        assert fit.e_rev_high_mv is not None
        assert fit.g_low_ns is not None
        assert fit.g_high_ns is not None
        held_e += fit.e_rev_low_mv <= E_MV <= fit.e_rev_high_mv
        held_g += fit.g_low_ns <= G_NS <= fit.g_high_ns
    # of 40 intervals of 95 %, 34 or more hold the truth in 99 % of all cases (binomial)
    assert held_e >= 34
    assert held_g >= 34


def test_what_sweeps_of_a_ramp_differ_by_is_an_error_that_points_share() -> None:
    measurement = measure(ramps(1, both=True, wander_pa=10.0), sheet_row(measure="ramp"))
    shared = [e for e in measurement.shared_errors if "sweeps" in e.source]
    assert len(shared) >= 1
    assert len(shared[0].i_pa) == len(measurement.points)
    # an offset moves all points alike
    assert np.ptp(shared[0].i_pa) < 0.2 * abs(float(np.mean(shared[0].i_pa)))


def test_channels_that_gate_during_a_ramp_are_told() -> None:
    quiet = measure(ramps(1, both=True), sheet_row(measure="ramp"))
    assert not messages(quiet, "ramp_hysteresis")
    gating = measure(ramps(1, both=True, hysteresis_pa=80.0), sheet_row(measure="ramp"))
    assert messages(gating, "ramp_hysteresis")


def test_a_ramp_that_starts_with_a_jump_keeps_its_capacitive_current_and_says_so() -> None:
    recording = ramps(1, both=False)
    sweeps = tuple(
        (one[0], replace(one[1], start_mv=-80.0, stop_mv=-80.0), *one[2:])
        for one in recording.info.sweeps
    )
    jumping = Recording(replace(recording.info, sweeps=sweeps), recording.current_pa)
    measurement = measure(jumping, sheet_row(measure="ramp"))
    assert "not taken off" in messages(measurement, "ramp_capacitance")[0]


def test_the_charge_of_a_step_into_a_ramp_widens_the_interval() -> None:
    recording = ramps(1, both=False)
    sweeps = tuple(
        (one[0], replace(one[1], start_mv=-80.0, stop_mv=-80.0), *one[2:])
        for one in recording.info.sweeps
    )
    info_of_jump = replace(recording.info, sweeps=sweeps)
    # 20 pF charged by -20 mV with a time constant of 0.2 ms: the samples add up to C dV
    times_ms = INTERVAL_MS * np.arange(200)
    share = 1.0 - np.exp(-INTERVAL_MS / 0.2)
    current = recording.current_pa.copy()
    current[:, 1200:1400] += -20.0 * C_PF / INTERVAL_MS * share * np.exp(-times_ms / 0.2)
    measurement = measure(Recording(info_of_jump, current), sheet_row(measure="ramp"))
    fit = fitted(measurement)
    assert fit.e_rev_low_mv is not None
    assert fit.e_rev_high_mv is not None
    assert fit.e_rev_mv is not None
    assert fit.e_rev_low_mv < E_MV < fit.e_rev_high_mv
    # 20 pF times 0.267 mV/ms over 2 nS moves the zero by 2.7 mV; six tenths are the error
    half_mv = 1.96 * 0.6 * C_PF * SLOPE / G_NS
    assert fit.e_rev_mv - fit.e_rev_low_mv == pytest.approx(half_mv, rel=0.2)
    assert "which the interval allows for" in messages(measurement, "ramp_capacitance")[0]


def test_width_window_and_epoch_choose_the_points() -> None:
    recording = ramps(1, both=False)
    wide = measure(
        recording, sheet_row(measure="ramp"), measures={**DEFAULT_MEASURES, "ramp_bin_mv": 20.0}
    )
    assert len(wide.points) == 8
    row = sheet_row(measure="ramp", epoch="B", window_start_ms=200.0, window_end_ms=400.0)
    part = measure(recording, row)
    assert all(point.window_start_ms >= 199.0 for point in part.points)
    assert all(point.window_end_ms <= 401.0 for point in part.points)
    outside = sheet_row(measure="ramp", window_start_ms=10.0, window_end_ms=400.0)
    with pytest.raises(RecordingError, match="not inside the ramp"):
        measure(recording, outside)
    with pytest.raises(RecordingError, match="epoch = A is not a ramp"):
        measure(recording, sheet_row(measure="ramp", epoch="A"))


def test_without_a_ramp_there_is_none_to_measure() -> None:
    recording = ramps(1, both=False)
    sweeps = tuple(one[:2] for one in recording.info.sweeps)
    still = Recording(replace(recording.info, sweeps=sweeps), recording.current_pa)
    with pytest.raises(RecordingError, match="no voltage ramp"):
        measure(still, sheet_row(measure="ramp"))


def test_a_ramp_is_proposed_where_steps_span_little_of_its_voltages() -> None:
    steady = measure(ramps(1, both=False, hold=2000))
    assert "measure: ramp" in messages(steady, "measure_proposed")[0]

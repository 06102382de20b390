"""Tail currents: exponentials with a known start, behind transients of known size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from recordings_by_hand import info, measure, segments, sheet_row

from permeant.errors import RecordingError
from permeant.infer.iv import fit_iv
from permeant.infer.shared import include_shared_errors
from permeant.measure.kinds import number_as_in_file
from permeant.measure.tails import extrapolate, find_delay, find_lag, read_at_lag
from permeant.measure.ways import DEFAULT_MEASURES
from permeant.records import Finding, IVFit, Measurement, Recording

LEVELS = [-85.0 + 15.0 * k for k in range(10)]
PREPULSE_MV = -120.0
G_NS, E_MV, LEAK_NS = 8.0, -20.0, 1.0
STEP = 2000
INTERVAL_MS = 0.5
TAU_MS = 100.0
CLAMP_MS = 1.0


def tails_recording(
    seed: int, *, noise_pa: float = 10.0, tau_ms: float = TAU_MS, clamp_ms: float = CLAMP_MS
) -> Recording:
    """Tails of one exponential, and a transient of 20 pF that decays as the clamp settles."""
    laid = [
        segments(
            ("before", 100, -35.0),
            ("A", 300, -35.0),
            ("B", 1000, PREPULSE_MV),
            ("C", STEP, level),
            ("after", 200, -35.0),
        )
        for level in LEVELS
    ]
    known = info(laid, interval_ms=INTERVAL_MS)
    random = np.random.default_rng(seed)
    current = np.empty((known.n_sweeps, known.n_samples))
    t_ms = np.arange(STEP) * INTERVAL_MS
    for sweep, level in enumerate(LEVELS):
        for part in known.sweeps[sweep]:
            current[sweep, part.start : part.stop] = LEAK_NS * (part.start_mv - E_MV)
        start = known.sweeps[sweep][3].start
        open_ns = G_NS * np.exp(-np.maximum(t_ms - clamp_ms, 0.0) / tau_ms)
        transient = 20.0 * (level - PREPULSE_MV) / clamp_ms * np.exp(-t_ms / clamp_ms)
        current[sweep, start : start + STEP] += open_ns * (level - E_MV) + transient
        current[sweep, 400:1400] += G_NS * (PREPULSE_MV - E_MV)
    current += noise_pa * random.standard_normal(current.shape)
    return Recording(known, current.astype(np.float32))


def measure_tails(recording: Recording, **measures: object) -> Measurement:
    row = sheet_row(measure="instantaneous")
    return measure(recording, row, measures={**DEFAULT_MEASURES, **measures})


def fitted(measurement: Measurement) -> IVFit:
    fit = fit_iv(measurement.points)
    return include_shared_errors(fit, measurement.points, measurement.shared_errors)


def test_a_tail_is_followed_back_to_its_start() -> None:
    measurement = measure_tails(tails_recording(1, noise_pa=0.5))
    for point in measurement.points:
        expected_pa = (G_NS + LEAK_NS) * (point.v_command_mv - E_MV)
        assert point.i_pa == pytest.approx(expected_pa, abs=4 * point.i_sem_pa + 1.5)
        # the first millisecond of the transient alone is 20 pF times the jump over 1 ms
        assert point.window_start_ms - 700.0 > 3 * CLAMP_MS


def test_intervals_of_tails_hold_the_truth() -> None:
    n, held_g, held_e, off_mv = 60, 0, 0, []
    for seed in range(n):
        fit = fitted(measure_tails(tails_recording(seed)))
        assert fit.e_rev_low_mv is not None
        assert fit.e_rev_high_mv is not None
        assert fit.g_low_ns is not None
        assert fit.g_high_ns is not None
        assert fit.e_rev_mv is not None
        held_e += fit.e_rev_low_mv <= E_MV <= fit.e_rev_high_mv
        held_g += fit.g_low_ns <= G_NS + LEAK_NS <= fit.g_high_ns
        off_mv.append(abs(fit.e_rev_mv - E_MV))
    # of 60 intervals of 95 %, 53 or more hold the truth in 99 % of all cases (binomial)
    assert held_e >= 53
    assert held_g >= 53
    assert float(np.median(off_mv)) < 0.5


def test_errors_grow_with_noise_and_with_what_is_left_out() -> None:
    def typical_pa(recording: Recording, **measures: object) -> float:
        points = measure_tails(recording, **measures).points
        return float(np.median([point.i_sem_pa for point in points]))

    assert typical_pa(tails_recording(1, noise_pa=40.0)) > 2 * typical_pa(
        tails_recording(1, noise_pa=4.0)
    )


def test_a_stated_delay_is_taken_and_may_be_read_without_extrapolation() -> None:
    recording = tails_recording(2, noise_pa=0.5, tau_ms=50.0)
    stated = measure_tails(recording, tail_delay_ms=10.0, tail_extrapolated=False)
    assert "stated" in stated.window_reason
    for point in stated.points:
        left = np.exp(-(10.0 - CLAMP_MS) / 50.0)
        expected_pa = (G_NS * left + LEAK_NS) * (point.v_command_mv - E_MV)
        assert point.i_pa == pytest.approx(expected_pa, abs=4 * point.i_sem_pa + 0.5)
        assert point.window_start_ms == pytest.approx(710.0)


def test_the_window_of_the_sheet_is_what_is_extrapolated_from() -> None:
    recording = tails_recording(3)
    row = sheet_row(measure="instantaneous", window_start_ms=710.0, window_end_ms=800.0)
    measurement = measure(recording, row)
    assert {(p.window_start_ms, p.window_end_ms) for p in measurement.points} == {(710.0, 800.0)}
    outside = sheet_row(measure="instantaneous", window_start_ms=600.0, window_end_ms=800.0)
    with pytest.raises(RecordingError, match="not inside the step"):
        measure(recording, outside)


def test_extrapolation_of_exponentials_is_as_fine_as_its_grid() -> None:
    t = np.arange(1000.0)
    rows = np.stack([100.0 + 50.0 * np.exp(-t / 200.0), -30.0 + 80.0 * np.exp(-t / 90.0)])
    found = extrapolate(rows, 10)
    assert found is not None
    # the grid of time constants, a factor of 1.3 apart, is what is left: 0.2 % of the decay
    np.testing.assert_allclose(found.i_pa, [150.0, 50.0], atol=0.002 * 80.0)
    np.testing.assert_allclose(found.at_delay_pa, rows[:, 10], atol=0.002 * 80.0)


def test_a_step_of_few_samples_is_too_short() -> None:
    assert extrapolate(np.zeros((3, 12)), 2) is None
    assert find_delay(np.zeros((3, 8)), np.ones(3)) is None


def test_the_step_arrives_when_the_transient_has_its_mean_time() -> None:
    t = np.arange(800.0)
    jumps = np.array([20.0, 50.0, 80.0])
    rows = jumps[:, None] * (5.0 * np.exp(-t / 4.0) + np.exp(-t / 300.0))
    rows += np.random.default_rng(1).normal(0.0, 0.05, rows.shape)
    found = find_delay(rows, jumps)
    assert found is not None
    lag, lag_se = find_lag(rows, jumps, found[0])
    assert lag == pytest.approx(4.0, abs=2 * lag_se)
    read = read_at_lag(found[0], lag)
    np.testing.assert_allclose(read.i_pa, jumps * np.exp(-lag / 300.0), rtol=0.01)


def test_sweeps_that_start_at_their_level_have_no_start_of_a_step() -> None:
    laid = [segments(("1", 1000, level)) for level in LEVELS]
    known = info(laid)
    current = np.zeros((known.n_sweeps, known.n_samples), dtype=np.float32)
    with pytest.raises(RecordingError, match="steps into which the command jumps"):
        measure(Recording(known, current), sheet_row(measure="instantaneous"))


def test_tails_are_proposed_where_the_steady_state_hides_them_and_nowhere_else() -> None:
    steady = measure(tails_recording(1))
    proposed = [f.message for f in steady.findings if f.check == "measure_proposed"]
    assert len(proposed) == 1
    assert "deactivates during the step" in proposed[0]
    assert "after -120 mV" in proposed[0]
    assert {point.window_start_ms > 1000.0 for point in steady.points} == {True}
    tails = measure(tails_recording(1), sheet_row(measure="instantaneous"))
    assert not [f for f in tails.findings if f.check == "measure_proposed"]
    passive = measure(tails_recording(1, tau_ms=1e9))
    assert not [f for f in passive.findings if f.check == "measure_proposed"]


def test_remarks_and_points_name_the_sweeps_of_the_file() -> None:
    recording = tails_recording(1)
    numbered = Recording(
        replace(recording.info, sweep_numbers=tuple(range(11, 21))), recording.current_pa
    )
    measurement = measure_tails(numbered)
    assert [point.sweep for point in measurement.points] == list(range(11, 21))
    assert [start.sweep for start in measurement.starts] == list(range(11, 21))
    told = replace(
        measurement,
        points=(replace(measurement.points[0], sweep=1, reason="the seal was lost in sweep 3"),),
        findings=(Finding("seal", "warning", "lost in sweep 3 of 10: sweeps 3 to 10 hold 4 nS"),),
        starts=(),
    )
    renumbered = number_as_in_file(told, numbered.info)
    assert renumbered.points[0].reason == "the seal was lost in sweep 13"
    assert renumbered.findings[0].message == "lost in sweep 13 of 10: sweeps 13 to 20 hold 4 nS"

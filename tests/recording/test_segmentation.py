"""Steps and ramps found in synthetic recorded commands, and recorded against rebuilt."""

from __future__ import annotations

import numpy as np
import pytest
from headers import make_adc

from permeant.recording import render_command
from permeant.recording.channels import Candidate
from permeant.recording.recorded_command import use_recorded
from permeant.recording.segmentation import estimate_noise, find_segments
from permeant.records import Segment

N = 5000
CHANNEL = Candidate(1, make_adc(1, "Vm", "mV"), "voltage", 1.0, np.zeros((1, 2), np.float32))


def family(levels, ramp_to=20.0):
    return tuple(
        (
            Segment("before", 0, 100, -70.0, -70.0),
            Segment("A", 100, 2000, level, level),
            Segment("B", 2000, 3000, level, ramp_to),
            Segment("after", 3000, N, -70.0, -70.0),
        )
        for level in levels
    )


def record(sweeps, noise=0.1, lag=0, drift=0.0):
    rng = np.random.default_rng(7)
    samples = np.stack([render_command(sweep, N) for sweep in sweeps]).astype(float)
    if lag:
        kernel = np.exp(-np.arange(10 * lag) / lag)
        kernel /= kernel.sum()
        padded = np.pad(samples, ((0, 0), (10 * lag - 1, 0)), mode="edge")
        samples = np.stack([np.convolve(row, kernel, "valid") for row in padded])
    samples += np.linspace(0, drift, N) + rng.normal(0, noise, samples.shape)
    return samples.astype(np.float32)


def use(recorded, rebuilt, **more):
    return use_recorded(CHANNEL, recorded, rebuilt, 0.1, **({"wanted": False} | more))


@pytest.mark.parametrize(("noise", "lag"), [(0.0, 0), (0.05, 0), (0.3, 0), (0.1, 3), (0.05, 6)])
def test_steps_and_ramps_are_found_at_their_place(noise, lag):
    truth = family([-100, -80, -40, 0])
    found = find_segments(record(truth, noise, lag), 0.1)
    assert found is not None
    for segments, true in zip(found, truth, strict=True):
        assert [s.epoch for s in segments] == ["1", "2", "3", "4"]
        # A filtered kink has no sharp place: a few time constants are allowed.
        assert [s.stop for s in segments] == pytest.approx([s.stop for s in true], abs=8 + 5 * lag)
        assert segments[1].is_step
        assert segments[1].start_mv == pytest.approx(true[1].start_mv, abs=0.1)
        assert segments[2].stop_mv == pytest.approx(20.0, abs=1.0)


def test_a_step_to_the_level_before_it_keeps_its_number_in_every_sweep():
    truth = tuple(
        (
            Segment("x", 0, 500, -70.0, -70.0),
            Segment("x", 500, 1500, level, level),
            Segment("x", 1500, N, -70.0, -70.0),
        )
        for level in (-90, -80, -70, -60)
    )
    found = find_segments(record(truth), 0.1)
    assert [len(sweep) for sweep in found] == [3, 3, 3, 3]
    assert found[2][1].start_mv == pytest.approx(-70, abs=0.05)


def test_durations_that_change_give_every_sweep_its_own_boundaries():
    truth = tuple(
        (
            Segment("x", 0, 100, -70.0, -70.0),
            Segment("x", 100, stop, -120.0, -120.0),
            Segment("x", stop, N, 10.0, 10.0),
        )
        for stop in (500, 900, 1400, 2000, 2700, 3500, 4300)
    )
    found = find_segments(record(truth), 0.1)
    assert [sweep[1].stop for sweep in found] == pytest.approx(
        [500, 900, 1400, 2000, 2700, 3500, 4300], abs=3
    )


def test_drift_is_no_ramp():
    truth = ((Segment("x", 0, N, -60.0, -60.0),),) * 2
    found = find_segments(record(truth, drift=0.4), 0.1)
    assert all(len(sweep) == 1 and sweep[0].is_step for sweep in found)


def test_wild_data_is_no_command():
    rng = np.random.default_rng(3)
    wild = 30 * np.sin(np.cumsum(rng.normal(0, 0.05, (2, N)), axis=1))
    assert find_segments(wild.astype(np.float32), 0.1) is None


def test_noise_is_estimated_without_the_steps():
    assert estimate_noise(record(family([-100, 0]), 0.3)) == pytest.approx(0.3, rel=0.1)


def test_recorded_levels_replace_the_headers_and_keep_letters_and_times():
    rebuilt = family([-100, -50, 0])
    verdict = use(record(rebuilt, 0.2, lag=3) + np.float32(-12.0), rebuilt)
    assert verdict.sweeps is not None
    for segments, header in zip(verdict.sweeps, rebuilt, strict=True):
        assert [(s.epoch, s.start) for s in segments] == [(s.epoch, s.start) for s in header]
        assert segments[1].start_mv == pytest.approx(header[1].start_mv - 12, abs=0.1)
        assert segments[0].start_mv == verdict.sweeps[0][0].start_mv
    (finding,) = verdict.findings
    assert finding.check == "command_mismatch"
    assert finding.value == pytest.approx(-12, abs=0.3)
    assert "offset of -12" in finding.message


def test_a_gain_is_named():
    rebuilt = family([-100, -50, 0])
    verdict = use(1.1 * record(rebuilt), rebuilt)
    assert "gain of 1.100" in verdict.findings[0].message


def test_agreement_is_silent():
    rebuilt = family([-100, -50, 0])
    verdict = use(record(rebuilt), rebuilt)
    assert verdict.sweeps is not None
    assert verdict.findings == ()


def test_other_times_are_taken_from_the_recorded_command():
    rebuilt = family([-100, -50, 0])
    true = tuple(
        tuple(
            Segment(
                s.epoch,
                max(s.start + 300, 0) if s.start else 0,
                s.stop + 300 * (s.stop < N),
                s.start_mv,
                s.stop_mv,
            )
            for s in sweep
        )
        for sweep in rebuilt
    )
    verdict = use(record(true), rebuilt)
    assert [s.epoch for s in verdict.sweeps[0]] == ["1", "2", "3", "4"]
    assert verdict.sweeps[0][1].start == pytest.approx(400, abs=3)
    assert "other times or levels" in verdict.findings[0].message


@pytest.mark.parametrize(
    ("recorded", "words"),
    [
        (np.zeros((3, N)), "while the header's command steps"),
        (np.full((3, N), -70.0), "while the header's command steps"),
        (10 * np.ones((3, N)) * np.sin(np.arange(N) / 50), "does not follow"),
        (np.full((3, N), 4000.0), "no voltages of a membrane"),
    ],
)
def test_what_does_not_follow_is_not_used(recorded, words):
    verdict = use(recorded.astype(np.float32), family([-100, -50, 0]))
    assert verdict.sweeps is None
    assert words in verdict.findings[0].message


def test_an_unconnected_channel_is_no_command_where_the_header_knows_nothing():
    rng = np.random.default_rng(0)
    verdict = use(rng.normal(0, 0.1, (2, N)).astype(np.float32), None)
    assert verdict.sweeps is None


def test_without_a_header_the_recorded_command_is_enough():
    verdict = use(record(family([-100, -50, 0])), None)
    assert [s.epoch for s in verdict.sweeps[0]] == ["1", "2", "3", "4"]


def test_a_ramp_in_small_steps_is_one_ramp():
    # 40 mV in steps of 1 mV, 10 ms each, between two levels, as some amplifiers play a ramp
    stairs = np.repeat(np.arange(-119.0, -79.0), 100)
    command = np.concatenate([np.full(500, -120.0), stairs, np.full(500, -80.0)])
    command += np.random.default_rng(3).normal(0, 0.02, command.size)
    (found,) = find_segments(command[np.newaxis].astype(np.float32), 0.1)
    ramps = [one for one in found if not one.is_step]
    assert len(ramps) == 1
    assert ramps[0].stop - ramps[0].start == pytest.approx(4000, abs=250)
    slope = (ramps[0].stop_mv - ramps[0].start_mv) / (ramps[0].stop - ramps[0].start)
    assert slope == pytest.approx(0.01, rel=0.05)
    assert max(one.stop - one.start for one in found if one.is_step) <= 650
    assert [one.epoch for one in found] == [str(k + 1) for k in range(len(found))]


def test_large_steps_of_the_same_length_stay_steps():
    command = np.repeat(np.arange(-120.0, 20.0, 20.0), 100)[np.newaxis].astype(np.float32)
    (found,) = find_segments(command, 0.1)
    assert [one.start_mv for one in found] == list(np.arange(-120.0, 20.0, 20.0))

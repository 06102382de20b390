"""What the simulator says is true, and recordings that never become a file."""

import numpy as np
import pytest

from permeant.simulate.cells import Gate, Membrane, Ohmic, steady_current_pa
from permeant.simulate.in_memory import build_recording, digitise_pa, lay_out_sweep
from permeant.simulate.noise import epscs_pa, pink_noise_pa
from permeant.simulate.protocol import Epoch, Protocol, plan_steps, played_commands_mv
from permeant.simulate.rig import Rig, clamp_membrane, record
from permeant.simulate.steady import mean_noise_covariance, settled_family

G_NS, E_MV = 10.0, -20.0
OHMIC = Membrane(22.0, ohmic=(Ohmic(G_NS, E_MV),))
LEVELS_MV = np.arange(-100.0, 61.0, 20.0)


def test_settled_family_of_an_ohmic_cell():
    rig = Rig(r_s_mohm=20.0, r_s_compensation=0.5, voltage_offset_mv=3.0, command_error_mv=5.0)
    v_mv, i_pa = settled_family(OHMIC, LEVELS_MV, rig)
    clamp_mv = LEVELS_MV + 5.0 - 3.0
    expected_pa = G_NS / (1 + G_NS * 0.01) * (clamp_mv - E_MV)
    np.testing.assert_allclose(i_pa, expected_pa, rtol=1e-9)
    np.testing.assert_allclose(v_mv, clamp_mv - expected_pa * 0.01, atol=1e-9)


def test_settled_family_is_where_the_circuit_ends_up():
    membrane = Membrane(22.0, ohmic=(Ohmic(8.0, 0.0),), gates=(Gate(-22.0, 16.0, 5.0),))
    rig = Rig(r_s_mohm=10.0, run_down_per_sweep=0.05, seal_lost_at_sweep=6, seal_leak_ns=4.0)
    protocol = plan_steps(interval_ms=0.1, step_mv=20.0)
    command_mv = played_commands_mv(protocol, 3000)
    current_pa, membrane_mv = clamp_membrane(membrane, command_mv, 0.1, rig)
    v_mv, i_pa = settled_family(membrane, command_mv[:, 2200], rig)
    np.testing.assert_allclose(membrane_mv[:, 2200], v_mv, atol=1e-3)
    np.testing.assert_allclose(current_pa[:, 2200], i_pa, atol=0.02)


def test_instantaneous_curve_after_a_prepulse_is_straight_where_the_steady_one_is_not():
    gate = Gate(-20.0, 7.0, 8.0)
    membrane = Membrane(22.0, ohmic=(Ohmic(G_NS, -85.0),), gates=(gate,))
    protocol = plan_steps(
        interval_ms=0.1, first_mv=-120.0, last_mv=-40.0, step_ms=100.0,
        prepulse_mv=40.0, prepulse_ms=100.0, tail_mv=-50.0, tail_ms=20.0,
    )  # fmt: skip
    command_mv = played_commands_mv(protocol, 3000)
    current_pa, _ = clamp_membrane(membrane, command_mv, 0.1, Rig())
    level_mv = np.arange(-120.0, -39.0, 10.0)
    start = 3000 // 64 + 300 + 1000
    np.testing.assert_array_equal(command_mv[:, start], level_mv)
    assert np.all(command_mv[:, start + 1000] == -50.0)
    # all open at the end of the prepulse, but for the tail of its Boltzmann curve
    np.testing.assert_allclose(current_pa[:, start], G_NS * (level_mv + 85.0), rtol=2e-3, atol=1e-9)
    np.testing.assert_allclose(
        current_pa[:, start + 999], steady_current_pa(level_mv, membrane), atol=0.02
    )


def test_epscs_are_inward_and_come_at_their_rate_and_size():
    events = epscs_pa((50, 10_000), 2.0, 60.0, 0.1, np.random.default_rng(3))
    assert events.max() <= 0.0
    assert events.min() < -60.0
    # 100 events; each charge is that of a double exponential with its peak at 1
    time_ms = np.arange(0, 100, 0.1)
    shape = np.exp(-time_ms / 5.0) - np.exp(-time_ms / 0.5)
    mean_size_pa = 60.0 * np.exp(0.5 * 0.5**2)
    expected = -100 * mean_size_pa * (shape / shape.max()).sum()
    assert events.sum() == pytest.approx(expected, rel=0.2)


def test_a_command_that_is_off_is_played_and_recorded():
    steps = plan_steps(interval_ms=0.2)
    off = Rig(command_error_mv=4.0)
    kept = {"interval_ms": 0.2, "n_samples": 1500, "sweep_interval_s": 1.0, "seed": 1}
    current_pa, command_mv = record(OHMIC, steps, off, **kept)
    plain_pa, plain_mv = record(OHMIC, steps, Rig(), **kept)
    np.testing.assert_allclose(command_mv - plain_mv, 4.0)
    np.testing.assert_allclose(current_pa[:, -1] - plain_pa[:, -1], 4.0 * G_NS)


def test_noise_of_the_means_is_as_simulated():
    rig = Rig(white_pa=20.0, pink_pa=2.0)
    random = np.random.default_rng(1)
    shape, window = (8, 2000), slice(500, 1500)
    means = np.array(
        [
            (pink_noise_pa(shape, 2.0, 0.1, random) + 20.0 * random.standard_normal(shape))[
                :, window
            ].mean(axis=1)
            for _ in range(600)
        ]
    )
    covariance = mean_noise_covariance(
        rig, window_ms=100.0, interval_ms=0.1, sweep_ms=200.0, n_sweeps=8
    )
    seen = means.T @ means / len(means)
    np.testing.assert_allclose(np.diag(seen), np.diag(covariance), rtol=0.25)
    assert np.diag(seen).mean() == pytest.approx(np.diag(covariance).mean(), rel=0.05)
    assert np.diag(seen, 1).mean() == pytest.approx(np.diag(covariance, 1).mean(), rel=0.1)


@pytest.mark.parametrize("returns", [True, False])
def test_segments_play_what_the_protocol_plays(returns):
    epochs = (
        Epoch(-80.0, 100),
        Epoch(20.0, 200, 10.0, 20, "ramp"),
        Epoch(-50.0, 300, level_increment_mv=15.0),
    )
    protocol = Protocol("x", -60.0, epochs, 4, return_to_holding=returns)
    played = played_commands_mv(protocol, 700)
    for sweep in range(4):
        segments = lay_out_sweep(protocol, sweep, 700)
        assert [one.start for one in segments[1:]] == [one.stop for one in segments[:-1]]
        assert segments[-1].stop == 700
        for one in segments:
            part = played[sweep, one.start : one.stop]
            middle = (np.arange(part.size) + 0.5) / part.size
            np.testing.assert_allclose(part, one.start_mv + middle * (one.stop_mv - one.start_mv))


def test_a_recording_in_memory_is_digitised_clipped_and_cut_off():
    protocol = plan_steps(interval_ms=0.2)
    kept = {"interval_ms": 0.2, "n_samples": 1500, "sweep_interval_s": 2.0, "seed": 1}
    current_pa, command_mv = record(OHMIC, protocol, Rig(white_pa=3.0), **kept)
    recording = build_recording(
        current_pa, protocol, 0.2, sweep_interval_s=2.0, full_scale_pa=500.0,
        recorded_command_mv=command_mv, n_sweeps=9,
    )  # fmt: skip
    assert recording.current_pa.shape == (9, 1500)
    assert recording.current_pa.min() == -500.0
    assert recording.command_mv.shape == (9, 1500)
    assert recording.info.n_sweeps == len(recording.info.sweeps) == 9
    assert recording.info.sweep_starts_s[2] == 4.0
    assert [one.role for one in recording.info.channels] == ["current", "command"]
    step_pa = 500.0 / 32768
    whole = digitise_pa(current_pa[:, :500])
    assert np.abs(whole - current_pa[:, :500]).max() <= 2000 / 32768
    inside = np.abs(current_pa[:9]) < 499.0
    assert np.abs(recording.current_pa - current_pa[:9])[inside].max() <= 0.51 * step_pa

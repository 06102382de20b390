"""Noise has the power it is asked to have, the filter passes what it should."""

import numpy as np
import pytest

from permeant.simulate.noise import (
    bessel_response,
    low_pass,
    mains_hum_pa,
    pink_noise_pa,
    spikes_pa,
    times_s,
    white_noise_pa,
)

RATE_HZ = 10_000.0


def one_sided_density(signal):
    spectrum = np.abs(np.fft.rfft(signal, axis=-1)) ** 2 * 2 / (RATE_HZ * signal.shape[-1])
    return np.fft.rfftfreq(signal.shape[-1], 1 / RATE_HZ), spectrum.mean(axis=0)


def test_white_noise_is_flat():
    noise = white_noise_pa((200, 4096), 3.0, np.random.default_rng(0))
    frequency, density = one_sided_density(noise)
    assert noise.std() == pytest.approx(3.0, rel=0.01)
    low, high = density[(frequency > 10) & (frequency < 500)], density[frequency > 4000]
    assert low.mean() == pytest.approx(9.0 / 5000, rel=0.05)
    assert high.mean() == pytest.approx(low.mean(), rel=0.05)


def test_pink_noise_falls_with_frequency():
    noise = pink_noise_pa((200, 4096), 2.0, 0.1, np.random.default_rng(0))
    frequency, density = one_sided_density(noise * np.hanning(4096) / np.sqrt(3 / 8))
    for around in (20, 100, 500, 2000):
        band = (frequency > 0.8 * around) & (frequency < 1.25 * around)
        measured = (density[band] * frequency[band]).mean()
        assert measured == pytest.approx(4.0, rel=0.1)


@pytest.mark.parametrize("poles", [2, 4])
def test_bessel_is_3_db_down_at_its_cutoff_and_keeps_the_mean(poles):
    weights = bessel_response(1.0, 0.005, poles)
    assert weights.sum() == pytest.approx(1.0)
    turns = np.exp(-2j * np.pi * 1.0 * 0.005 * np.arange(weights.size))
    assert abs((weights * turns).sum()) == pytest.approx(np.sqrt(0.5), rel=0.01)


def test_bessel_hardly_overshoots():
    step = low_pass(np.repeat([0.0, 1.0], 200)[None], bessel_response(2.0, 0.1))[0]
    assert step[199] == pytest.approx(0.0, abs=1e-12)
    assert step[-1] == pytest.approx(1.0)
    assert 1.0 < step.max() < 1.02


def test_filter_starts_at_rest():
    flat = low_pass(np.full((2, 50), 3.0), bessel_response(1.0, 0.1))
    np.testing.assert_allclose(flat, 3.0)


def test_hum_runs_on_between_sweeps():
    at_s = times_s((3, 1000), 0.1, 0.307)
    hum = mains_hum_pa(at_s, 5.0, 50.0, 0.3)
    assert hum[1, 0] == pytest.approx(mains_hum_pa(np.array([0.307]), 5.0, 50.0, 0.3)[0])
    assert hum[0, :800].mean() == pytest.approx(0.0, abs=1e-9)  # four whole cycles


def test_spikes_come_at_their_rate():
    spikes = spikes_pa((50, 10_000), 2.0, 100.0, 0.1, np.random.default_rng(3))
    onsets = (np.abs(np.diff(spikes, axis=1)) > 90).sum()
    assert 70 < onsets < 130

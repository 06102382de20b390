"""Events in a window, and a converter at its end."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from permeant.measure.spikes import clipped_samples, robust_window
from permeant.recording import open_recording
from permeant.simulate.noise import bessel_response, low_pass, pink_noise_pa

SHARED = Path(__file__).resolve().parents[3] / "shared"
RECORDINGS = Path(os.environ.get("PERMEANT_RECORDINGS", SHARED / "recordings"))


def white(count, n, interval_ms, random):
    return random.standard_normal((count, n))


def filtered(count, n, interval_ms, random):
    early = low_pass(random.standard_normal((count, n + 300)), bessel_response(1.0, interval_ms))
    return early[:, 300:]


def pink(count, n, interval_ms, random):
    return np.concatenate(
        [pink_noise_pa((1, 4 * n), 3.0, interval_ms, random)[:, :n] for _ in range(count)]
    )


def hum(count, n, interval_ms, random):
    phase = random.uniform(0, 6.3, (count, 1))
    wave = 5 * np.sin(0.1 * np.pi * interval_ms * np.arange(n) + phase)
    return wave + random.standard_normal((count, n))


def whole_pa(count, n, interval_ms, random):
    return np.round(0.6 * random.standard_normal((count, n)))


@pytest.mark.parametrize("kind", [white, filtered, pink, hum, whole_pa])
@pytest.mark.parametrize(("interval_ms", "n"), [(0.05, 4000), (0.1, 500), (0.2, 100)])
def test_noise_alone_keeps_its_samples_and_its_size(kind, interval_ms, n):
    windows = kind(100, n, interval_ms, np.random.default_rng(7))
    seen = [robust_window(window, interval_ms) for window in windows]
    assert np.mean([one.fraction_out for one in seen]) < 0.001
    kept_sd = [window[one.keep].std() for window, one in zip(windows, seen, strict=True)]
    assert np.mean(kept_sd) == pytest.approx(windows.std(axis=1).mean(), rel=0.002)


def with_events(random, rate_hz, size_pa, n=4000, interval_ms=0.05):
    """Noise without and with inward events that rise in 0.8 and fall in 5 ms."""
    t = np.arange(n) * interval_ms
    noise = 2 * random.standard_normal(n)
    noise += pink_noise_pa((1, 4 * n), 1.0, interval_ms, random)[0, :n]
    trace = noise.copy()
    for start in random.uniform(-20, t[-1], random.poisson(rate_hz * (t[-1] + 20) / 1000)):
        after = np.clip(t - start, 0, None)
        shape = 1.6 * (np.exp(-after / 5) - np.exp(-after / 0.8))
        trace -= size_pa * random.lognormal(0, 0.4) * shape
    return noise, trace


@pytest.mark.parametrize(("rate_hz", "size_pa"), [(5, 15), (10, 40), (20, 40)])
def test_synaptic_events_no_longer_pull_the_mean(rate_hz, size_pa):
    random, plain, robust = np.random.default_rng(rate_hz), [], []
    for _ in range(80):
        noise, trace = with_events(random, rate_hz, size_pa)
        plain.append(trace.mean() - noise.mean())
        robust.append(trace[robust_window(trace, 0.05).keep].mean() - noise.mean())
    assert abs(np.mean(robust)) < 0.3 * abs(np.mean(plain))
    assert np.mean(np.square(robust)) < 0.3 * np.mean(np.square(plain))


def test_a_spike_and_its_dead_time():
    trace = 2 * np.random.default_rng(1).standard_normal(2000)
    trace[500] += 200
    seen = robust_window(trace, 0.05)
    out = np.flatnonzero(~seen.keep)
    assert out[0] < 500 < out[-1]
    assert out.size < 80
    assert seen.fraction_out == pytest.approx(out.size / 2000)


def test_flat_and_short_windows_are_kept():
    assert robust_window(np.full(500, 3.0), 0.1).keep.all()
    assert robust_window(np.array([1.0, 500.0, 2.0]), 0.1).keep.all()


def test_an_amplifier_that_stops_leaves_a_plateau():
    random = np.random.default_rng(3)
    trace = -100.0 + 5 * random.standard_normal(3000)
    trace[1000:1400] -= 400 * np.exp(-np.arange(400) / 100)
    cut = np.maximum(np.round(trace / 0.12) * 0.12, -300.0)
    marked = clipped_samples(cut)
    assert marked.sum() > 50
    assert np.all(cut[marked] == -300.0)
    assert not clipped_samples(trace).any()


@pytest.mark.parametrize("sd_pa", [0.0, 0.2, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("smooth", [1, 5])
def test_low_resolution_is_no_clipping(sd_pa, smooth):
    random = np.random.default_rng(5)
    for _ in range(20):
        noise = sd_pa * random.standard_normal(5000 + smooth)
        noise = np.convolve(noise, np.ones(smooth) / smooth, "same")[:5000]
        noise[2000:4000] -= 50.0
        assert not clipped_samples(np.round(noise)).any()


# ------------------------------------------------------------------------------ real recordings


def test_spontaneous_events_of_a_real_neuron():
    path = RECORDINGS / "pyabf" / "171116sh_0011.abf"
    if not path.exists():
        pytest.skip(f"171116sh_0011.abf is absent: no such file in {RECORDINGS}")
    windows = open_recording(path).current_pa[:, 7000:10000]
    plain = windows.mean(axis=1, dtype=float)
    robust = np.array([window[robust_window(window, 0.05).keep].mean() for window in windows])
    assert np.diff(robust).std() < 0.6 * np.diff(plain).std()
    assert 0.5 < (robust - plain).mean() < 5  # the events are inward


def test_a_real_recording_that_clips():
    path = RECORDINGS / "myokit" / "wcp-file.wcp"
    if not path.exists():
        pytest.skip(f"wcp-file.wcp is absent: no such file in {RECORDINGS}")
    neo_io = pytest.importorskip("neo.io")
    block = neo_io.WinWcpIO(str(path)).read_block()
    for segment in block.segments:
        current = np.asarray(segment.analogsignals[0])[:, 0]
        marked = clipped_samples(current)
        assert marked.sum() > 100
        assert np.all(current[marked] == current.min())


def test_real_recordings_that_do_not_clip():
    names = ["pyabf/model_vc_step.abf", "hcn2/20917009.abf", "pyabf/pclamp11_4ch.abf"]
    for name in names:
        if not (RECORDINGS / name).exists():
            pytest.skip(f"{name} is absent: no such file in {RECORDINGS}")
        recording = open_recording(RECORDINGS / name)
        assert not any(clipped_samples(sweep).any() for sweep in recording.current_pa)

"""Windows, events and pictures of many sweeps at once are those of one sweep after another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from recordings_by_hand import autoregressive, family_sweeps, info, ohmic

from permeant.measure import noise, thin_traces
from permeant.measure.noise import block_means, mean_with_error, means_with_errors
from permeant.measure.quiet import find_events, find_many_events
from permeant.measure.thin import thin_indices

DT = 0.05


def windows() -> list[np.ndarray]:
    """Windows of four lengths in turn, the shortest too short for a line through its blocks."""
    random = np.random.default_rng(0)
    lengths = [3000, 777, 3000, 5, 1201, 777, 3000]
    return [autoregressive(n, 0.9, random, 1)[0].astype(np.float32) + 7.0 for n in lengths]


@pytest.mark.parametrize("portion", [1, 4000, 2**17], ids=["one by one", "few", "all"])
@pytest.mark.parametrize("mains_hz", [0.0, 50.0])
def test_means_of_many_windows(
    monkeypatch: pytest.MonkeyPatch, mains_hz: float, portion: int
) -> None:
    monkeypatch.setattr(noise, "_PORTION", portion)
    gaps = np.ones(3000, dtype=bool)
    gaps[500:900] = False
    keeps = [None, None, gaps, None, np.ones(1201, dtype=bool), None, None]
    together = means_with_errors(windows(), DT, mains_hz=mains_hz, keeps=keeps)
    for samples, keep, found in zip(windows(), keeps, together, strict=True):
        alone = mean_with_error(samples, DT, mains_hz=mains_hz, keep=keep)
        assert found == pytest.approx(alone, rel=1e-9, abs=1e-12)
    assert together[2].n_effective < together[0].n_effective


def test_means_alone() -> None:
    alone = [mean_with_error(samples, DT).mean_pa for samples in windows()]
    assert block_means(windows(), DT) == pytest.approx(alone, rel=1e-12)


def test_events_of_many_stretches() -> None:
    random = np.random.default_rng(1)
    stretches = [random.standard_normal(n).astype(np.float32) for n in (3000, 40, 3000, 2000)]
    stretches[2][1000:1100] -= 30.0 * np.exp(-np.arange(100) / 30.0)
    together = find_many_events(stretches, DT)
    for samples, found in zip(stretches, together, strict=True):
        alone = find_events(samples, DT)
        assert np.array_equal(found.keep, alone.keep)
        assert found.fraction_out == alone.fraction_out
    assert [one.fraction_out > 0 for one in together] == [False, False, True, False]


@pytest.mark.parametrize("portion", [1, 2**17], ids=["one by one", "all"])
def test_pictures_of_many_sweeps(monkeypatch: pytest.MonkeyPatch, portion: int) -> None:
    monkeypatch.setattr(noise, "_PORTION", portion)
    recording = ohmic(info(family_sweeps()), 4.0, -20.0, 1.0)
    recording = replace(recording, current_pa=recording.current_pa.astype(np.float32))
    traces = thin_traces(recording, 400)
    assert len(traces) == recording.info.n_sweeps
    for trace, samples in zip(traces, recording.current_pa, strict=True):
        keep = thin_indices(samples, 400)
        assert trace.current_pa == pytest.approx(samples[keep], abs=0.005 + 1e-6)
        assert len(trace.time_ms) == keep.size

"""A recording as a whole: clipping, checks, thinning, speed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings_by_hand import LEVELS, family_sweeps, info, measure, ohmic, sheet_row

from permeant.measure import thin_traces
from permeant.measure.thin import thin_indices
from permeant.records import Measurement, Recording


def checks(found: Measurement) -> set[str]:
    return {finding.check for finding in found.findings}


def test_points_carry_the_truth() -> None:
    found = measure(ohmic(info(family_sweeps()), 3.0, -15.0, 2.0), sheet_row(ljp_applied=True))
    assert [point.v_command_mv for point in found.points] == list(LEVELS)
    assert [point.sweep for point in found.points] == list(range(1, 14))
    for point in found.points:
        assert abs(point.i_pa - 3.0 * (point.v_membrane_mv + 15.0)) < 5 * point.i_sem_pa
    assert found.holding_mv == pytest.approx(-60.0)
    assert "steady" not in checks(found)


def test_points_beyond_the_voltages_of_the_sheet_are_seen_but_not_used() -> None:
    recording = ohmic(info(family_sweeps()), 3.0, -15.0, 2.0)
    for ends in ({"fit_min_mv": -60.0}, {"fit_max_mv": 0.0}, {"fit_min_mv": -60, "fit_max_mv": 0}):
        found = measure(recording, sheet_row(ljp_applied=True, **ends))
        assert len(found.points) == 13
        for point in found.points:
            v_mv = point.v_membrane_mv
            inside = ends.get("fit_min_mv", -999) <= v_mv <= ends.get("fit_max_mv", 999)
            assert point.used == inside
            assert ("of the sheet" in point.reason) != inside


@pytest.mark.parametrize("limit", [-150.0, 120.0])
def test_a_clipped_window_is_not_used(limit: float) -> None:
    recording = ohmic(info(family_sweeps()), 3.0, -15.0, 4.0)
    ends = (limit, np.inf) if limit < 0 else (-np.inf, limit)
    current = np.clip(recording.current_pa, *ends)
    found = measure(Recording(recording.info, current.astype(np.float32)))
    for point in found.points:
        beyond = 3.0 * (point.v_command_mv + 15.0) / limit > 1.02
        assert point.used != beyond
        assert ("converter" in point.reason) == beyond


def test_noiseless_and_coarse_recordings_are_not_clipped() -> None:
    """The largest current of a noiseless file is a plateau at its extreme, and sound."""
    still = ohmic(info(family_sweeps()), 3.0, -15.0)
    assert all(point.used for point in measure(still).points)
    coarse = np.round(ohmic(info(family_sweeps()), 3.0, -15.0, 0.3).current_pa / 4.0) * 4.0
    assert all(point.used for point in measure(replace(still, current_pa=coarse)).points)


def test_checks_speak_when_their_limit_is_passed() -> None:
    recording = ohmic(info(family_sweeps()), 20.0, 0.0, 1.0)
    quiet = measure(recording, sheet_row(r_s_mohm=5.0, ljp_applied=True))
    assert checks(quiet) == set()
    loud = measure(recording, sheet_row(r_s_mohm=25.0, ljp_applied=True))
    assert checks(loud) == {"voltage_error", "series_resistance"}
    random = np.random.default_rng(0)
    drift = np.linspace(0, 300, 13)[:, None]
    hiss = 80.0 * random.standard_normal(recording.current_pa.shape)
    bad = Recording(recording.info, (recording.current_pa + drift + hiss).astype(np.float32))
    assert {"holding_drift", "noise"} <= checks(measure(bad, sheet_row(ljp_applied=True)))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5000), st.integers(100, 1500), st.integers(0, 2**16))
def test_thinning_keeps_every_extreme(n: int, most: int, seed: int) -> None:
    samples = np.random.default_rng(seed).standard_normal(n).cumsum()
    keep = thin_indices(samples, most)
    assert np.all(np.diff(keep) > 0)
    assert keep[0] == 0
    assert keep[-1] == n - 1
    assert keep.size <= most + 4
    assert {samples.max(), samples.min()} <= set(samples[keep].tolist())


def test_a_single_spike_survives_thinning() -> None:
    samples = np.zeros(100_000)
    for place in (0, 1, 333, 50_021, 99_998, 99_999):
        spiked = samples.copy()
        spiked[place] = 9.0
        assert spiked[thin_indices(spiked, 800)].max() == 9.0


def test_traces_have_the_command_by_its_corners() -> None:
    recording = ohmic(info(family_sweeps()), 3.0, -15.0, 2.0)
    traces = thin_traces(recording, 300)
    assert [trace.sweep for trace in traces] == list(range(1, 14))
    assert traces[0].command_time_ms == (0.0, 5.0, 5.0, 50.0, 50.0, 250.0, 250.0, 300.0)
    assert traces[0].command_mv[4:6] == (-80.0, -80.0)

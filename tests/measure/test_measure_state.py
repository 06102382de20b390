"""What becomes of points when the cell, the amplifier or the seal does something else."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from recordings_by_hand import LEVELS, family_sweeps, info, measure, ohmic, segments, sheet_row

from permeant.infer.iv import fit_iv
from permeant.measure.baseline import find_trend
from permeant.measure.noise import mean_with_error
from permeant.measure.quiet import find_events
from permeant.measure.spikes import robust_window
from permeant.recording import open_recording
from permeant.records import Correction, Measurement, Recording
from permeant.simulate.noise import bessel_response, low_pass, pink_noise_pa

KNOWN = info(family_sweeps())

SHARED = Path(__file__).resolve().parents[3] / "shared"
RECORDINGS = Path(os.environ.get("PERMEANT_RECORDINGS", SHARED / "recordings"))


def with_current(recording: Recording, current_pa: np.ndarray) -> Recording:
    return replace(recording, current_pa=current_pa.astype(np.float32))


def named(found: Measurement, name: str) -> Correction:
    (one,) = [one for one in found.corrections if one.name == name]
    return one


def test_a_seal_lost_in_sweep_8_costs_sweeps_8_onward() -> None:
    current = ohmic(KNOWN, 4.0, -20.0, 2.0).current_pa.copy()
    for sweep in range(7, 13):
        for part in KNOWN.sweeps[sweep]:
            current[sweep, part.start : part.stop] += 8.0 * part.start_mv
    found = measure(with_current(ohmic(KNOWN, 4.0, -20.0), current))
    assert [point.used for point in found.points] == [True] * 7 + [False] * 6
    assert {point.reason for point in found.points[7:]} == {"the seal was lost in sweep 8"}
    (lost,) = [one for one in found.findings if one.check == "seal_lost"]
    assert (lost.severity, lost.value) == ("warning", 8.0)
    fit = fit_iv(found.points)
    assert fit.g_ns == pytest.approx(4.0, rel=0.01)
    assert max(point.i_sem_pa for point in found.points) < 1.0


def test_a_recording_that_is_clipped_throughout_gives_nothing() -> None:
    current = np.clip(ohmic(KNOWN, 80.0, -25.0, 5.0).current_pa, -100.0, 100.0)
    found = measure(with_current(ohmic(KNOWN, 80.0, -25.0), current))
    assert not any(point.used for point in found.points)
    fit = fit_iv(found.points)
    assert fit.status == "rejected"
    assert "the converter or the amplifier is at its end" in fit.reason


def test_a_few_clipped_samples_refuse_a_window() -> None:
    limit_pa = 3.0 * (40.0 + 15.0) + 4.0
    still = ohmic(KNOWN, 3.0, -15.0).current_pa
    noise = 4.0 * np.random.default_rng(6).standard_normal(still.shape)
    filtered = low_pass(noise, bessel_response(1.0, 0.1)) * 2.0
    current = np.minimum(still + filtered, limit_pa)
    found = measure(with_current(ohmic(KNOWN, 3.0, -15.0), current))
    assert [point.v_command_mv for point in found.points if not point.used] == [LEVELS[-1]]


def test_hum_is_no_random_error() -> None:
    random = np.random.default_rng(0)
    noise = random.standard_normal(2000)
    hum = 40.0 * np.sin(np.pi * 0.01 * np.arange(2000) + 0.4)
    plain = mean_with_error(noise, 0.1)
    seen = mean_with_error(noise + hum, 0.1, mains_hz=50)
    assert seen.sem_pa < 1.5 * plain.sem_pa
    assert seen.mean_pa == pytest.approx(plain.mean_pa, abs=0.01)
    assert mean_with_error(noise + hum, 0.1).sem_pa > 10 * plain.sem_pa


def test_hum_in_a_window_of_many_cycles_is_not_aliased() -> None:
    time_ms = np.arange(200_000) * 0.05
    noise = np.random.default_rng(1).standard_normal(time_ms.size)
    hum = 40.0 * np.sin(2 * np.pi * 0.06 * time_ms)
    seen = mean_with_error(noise + hum, 0.05, mains_hz=60)
    assert seen.sem_pa < 3 * noise.size**-0.5


def test_events_are_left_out_and_counted() -> None:
    current = ohmic(KNOWN, 3.0, -15.0, 2.0).current_pa.copy()
    decay = np.exp(-np.arange(200) / 50.0)
    current[:, 1700:1900] -= 60.0 * decay
    found = measure(with_current(ohmic(KNOWN, 3.0, -15.0), current))
    (events,) = [one for one in found.findings if one.check == "events"]
    assert "left out" in events.message
    for point in found.points:
        assert abs(point.i_pa - 3.0 * (point.v_command_mv + 15.0)) < 5 * point.i_sem_pa
        assert point.i_sem_pa < 0.3


def test_nothing_that_stands_out_is_passed_over() -> None:
    random = np.random.default_rng(2)
    for size_pa in (0.0, 8.0, 30.0):
        trace = 2 * random.standard_normal(3000)
        trace[1000:1100] -= size_pa * np.exp(-np.arange(100) / 30.0)
        quick, slow = find_events(trace, 0.1), robust_window(trace, 0.1)
        assert abs(quick.fraction_out - slow.fraction_out) < 0.002 or size_pa == 8.0
    assert quick.fraction_out > 0


def test_an_offset_that_drifts_is_subtracted_and_a_run_down_is_not() -> None:
    random = np.random.default_rng(3)
    noise = random.standard_normal((13, KNOWN.n_samples))
    still = ohmic(KNOWN, 4.0, -20.0)
    sweep = np.arange(13.0)[:, None]
    moved = measure(with_current(still, still.current_pa + 2.0 * sweep + noise))
    assert named(moved, "drift of the zero current").applied
    assert fit_iv(moved.points).e_rev_mv == pytest.approx(-20.0, abs=0.15)
    fading = measure(with_current(still, still.current_pa * 0.97**sweep + noise))
    row = named(fading, "drift of the zero current")
    assert not row.applied
    assert "in proportion" in row.reason
    assert fit_iv(fading.points).e_rev_mv == pytest.approx(-20.0, abs=0.15)


def test_run_down_is_said_beyond_its_limit_and_a_drift_of_the_zero_is_none() -> None:
    noise = np.random.default_rng(3).standard_normal((13, KNOWN.n_samples))
    still, sweep = ohmic(KNOWN, 4.0, -20.0), np.arange(13.0)[:, None]
    fading = measure(with_current(still, still.current_pa * 0.97**sweep + noise))
    (said,) = [one for one in fading.findings if one.check == "run_down"]
    # 12 sweeps with 3 % lost in each leave 0.97^12 = 69 %
    assert said.value == pytest.approx(-31.0, abs=3.0)
    assert "g is a mean over the sweeps" in said.message
    moved = measure(with_current(still, still.current_pa + 2.0 * sweep + noise))
    slightly = measure(with_current(still, still.current_pa * 0.997**sweep + noise))
    assert not [one for m in (moved, slightly) for one in m.findings if one.check == "run_down"]


def test_slow_noise_is_rarely_a_trend() -> None:
    random = np.random.default_rng(4)
    taken = 0
    for _ in range(60):
        noise = pink_noise_pa((17, 3000), 2.0, 0.1, random)
        taken += find_trend([mean_with_error(row[:200], 0.1) for row in noise]) is not None
    assert taken <= 6


def with_test(r_s_mohm: float) -> Recording:
    """A cell of 28 pF and 200 MΩ behind a pipette: a test of -10 mV, then the family."""
    laid = [
        segments(
            ("before", 300, -60.0),
            ("A", 400, -70.0),
            ("B", 600, -60.0),
            ("C", 2000, level),
            ("after", 300, -60.0),
        )
        for level in LEVELS
    ]
    known = info(laid, interval_ms=0.05)
    current = ohmic(known, 1e3 / (200.0 + r_s_mohm), 0.0).current_pa.astype(float)
    tau_ms = 1e-3 * 28.0 / (1 / r_s_mohm + 1 / 200.0)
    for sweep, parts in enumerate(laid):
        for before, after in pairwise(parts):
            t = 0.05 * (np.arange(after.start, known.n_samples) - after.start + 0.5)
            step_pa = (
                1e3 * (after.start_mv - before.start_mv) * (1 / r_s_mohm - 1 / (200 + r_s_mohm))
            )
            current[sweep, after.start :] += step_pa * np.exp(-t / tau_ms)
    noise = np.random.default_rng(5).standard_normal(current.shape)
    return Recording(known, (current + noise).astype(np.float32))


def test_series_resistance_from_the_membrane_test() -> None:
    found = measure(with_test(15.0), sheet_row(ljp_applied=True))
    row = named(found, "series resistance")
    assert row.applied
    assert "from the membrane test" in row.reason
    assert row.value == pytest.approx(15.0, rel=0.05)
    assert named(found, "capacitance").value == pytest.approx(28.0, rel=0.05)
    fit = fit_iv(found.points)
    assert fit.g_ns == pytest.approx(5.0, rel=0.01)
    assert fit.g_low_ns <= 5.0 <= fit.g_high_ns  # type: ignore[operator]
    given = measure(with_test(15.0), sheet_row(ljp_applied=True, r_s_mohm=15.0))
    assert "from the sheet" in named(given, "series resistance").reason
    assert "series_resistance" in {
        one.check for one in measure(with_test(25.0), sheet_row(ljp_applied=True)).findings
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hcn2/20o08003.abf", {"leak": "warning"}),
        (
            "hcn2/20n20002.abf",
            {"leak": "warning", "leak_change": "warning", "seal_lost": "warning"},
        ),
        ("hcn2/20d10001.abf", {"leak": "info", "leak_change": "warning"}),
        ("hcn2/20917009.abf", {"leak": "info"}),
        ("hcn2/19d16004.abf", {"holding_drift": "warning"}),
    ],
)
def test_real_cells_are_flagged(name: str, expected: dict[str, str]) -> None:
    if not (RECORDINGS / name).exists():
        pytest.skip(f"{name} is absent: no such file in {RECORDINGS}")
    found = measure(open_recording(RECORDINGS / name))
    said = {one.check: one.severity for one in found.findings}
    flags = ("leak", "leak_change", "seal_lost", "holding_drift")
    assert {check: said[check] for check in flags if check in said} == expected

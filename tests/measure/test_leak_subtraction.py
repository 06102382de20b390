"""The leak of every point: taken from ramp or range, with its error, or refused."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from leaky_cells import CHANNEL, GATED, LEAK, UNGATED, fit, recorded, without
from recordings_by_hand import sheet_row

from permeant.infer.subtract import without_leak
from permeant.measure.leak import Leak
from permeant.measure.leak_ramp import find_leak_ramp, fit_leak_ramp, without_capacitive
from permeant.measure.leak_subtraction import IN_RANGE, LeakWish, line_errors, take_leak
from permeant.recording import open_recording
from permeant.records import IVPoint, OnlineLeak

SHARED = Path(__file__).resolve().parents[3] / "shared"
RECORDINGS = Path(os.environ.get("PERMEANT_RECORDINGS", SHARED / "recordings"))
ROW = sheet_row(r_s_mohm=6.0)
RANGE = {"leak": "range", "leak_range_mv": (-125.0, -75.0)}
CURVE_MV = np.arange(-120.0, 61.0, 10.0)


def point(v_mv: float, i_pa: float, sem_pa: float = 1.0, sweep: int = 1, used: bool = True):
    return IVPoint(sweep, 1, v_mv, v_mv, i_pa, sem_pa, 100.0, 0.0, 0.0, 1.0, used)


def curve(i_pa, sem_pa: float = 1.0) -> list[IVPoint]:
    return [point(v, i, sem_pa, k) for k, (v, i) in enumerate(zip(CURVE_MV, i_pa, strict=True), 1)]


def gated_curve(seed: int = 0) -> list[IVPoint]:
    noise = np.random.default_rng(seed).standard_normal(CURVE_MV.size)
    channel = np.where(CURVE_MV > -70, 5.0 * (CURVE_MV + 70), 0.0)
    return curve(channel + 1.5 * (CURVE_MV + 20) + noise)


def said(taken) -> str:
    (row,) = taken.corrections
    assert not row.applied
    assert all(not one.used for one in taken.points)
    assert taken.findings[0].severity == "error"
    return row.reason


# ------------------------------------------------------------------------------ simulated truth


@pytest.mark.parametrize(
    "settings", [{"leak": "ramp"}, RANGE], ids=["ramp in each sweep", "range of the curve"]
)
def test_intervals_hold_the_reversal_of_the_channel_alone(settings):
    """Simulated: 8 nS reversing at 15 mV beside a leak of 2 nS at -5 mV, Rs 6 MΩ."""
    holds, off_mv = [], []
    for seed in range(100):
        found = fit(without(recorded(GATED, seed), ROW, **settings))
        off_mv.append(found.e_rev_mv - CHANNEL.e_rev_mv)
        holds.append(
            (
                found.e_rev_low_mv <= CHANNEL.e_rev_mv <= found.e_rev_high_mv,
                found.g_low_ns <= CHANNEL.g_ns <= found.g_high_ns,
            )
        )
    # 95 of 100 are right; fewer than 89 come once in 200 times
    assert np.all(np.mean(holds, axis=0) >= 0.89)
    assert abs(np.mean(off_mv)) < 3.3 * np.std(off_mv) / 10
    assert np.std(off_mv) < 0.6


def test_a_ramp_that_goes_one_way_is_freed_of_its_capacitive_current():
    """20 pF at -0.4 mV/ms are -8 pA, which would move the leak's reversal by 4 mV."""
    recording = recorded(GATED, 1, both_ways=False)
    ramp = find_leak_ramp(recording.info)
    assert not ramp.has_return
    raw = fit_leak_ramp(recording.current_pa, ramp, recording.info.interval_ms)
    leaks, se_pa = without_capacitive(raw, ramp, recording)
    more_pa = raw[0].i_at_0_pa - leaks[0].i_at_0_pa
    assert more_pa == pytest.approx(-8.0, abs=3 * se_pa)
    assert 0.05 < se_pa < 2.0
    measured = without(recording, ROW, leak="ramp")
    sources = [one.source for one in measured.shared_errors if "drift" not in one.source]
    assert sources == ["capacitive current of the leak ramp"]
    assert fit(measured).e_rev_mv == pytest.approx(CHANNEL.e_rev_mv, abs=0.8)


def test_voltages_and_whole_currents_stay_as_they_were():
    recording = recorded(GATED, 3)
    plain = without(recording, ROW)
    taken = without(recording, ROW, **RANGE)
    for before, after in zip(plain.points, taken.points, strict=True):
        assert after.i_pa == before.i_pa
        assert after.v_membrane_mv == before.v_membrane_mv
        assert before.i_leak_pa is None
        leak_pa = LEAK.g_ns * (after.v_membrane_mv - LEAK.e_rev_mv)
        assert after.i_leak_pa == pytest.approx(leak_pa, abs=25)
    assert {one.reason for one in taken.points if not one.used} == {IN_RANGE}
    (row,) = [one for one in taken.corrections if one.name == "leak"]
    assert row.applied
    assert row.value == pytest.approx(LEAK.g_ns, abs=0.2)


@pytest.mark.parametrize("settings", [{"leak": "ramp"}, RANGE], ids=["ramp", "range"])
def test_an_ungated_channel_is_refused_unless_asked_for(settings):
    recording = recorded(UNGATED, 5)
    refused = without(recording, ROW, **settings)
    assert all(not one.used for one in refused.points)
    (finding,) = [one for one in refused.findings if one.check == "leak_refused"]
    assert finding.severity == "error"
    assert "leave leak = none for a channel that does not close" in finding.message
    asked = without(recording, ROW, **settings, leak_of_ungated=True)
    assert any(one.used for one in asked.points)
    assert "leak_of_ungated" in {one.check for one in asked.findings}


def test_the_sheet_goes_before_the_configuration():
    recording = recorded(GATED, 3)
    plain = without(recording, sheet_row(leak="none"), leak="ramp")
    assert {one.i_leak_pa for one in plain.points} == {None}
    taken = without(recording, sheet_row(leak="ramp"))
    assert None not in {one.i_leak_pa for one in taken.points}


# -------------------------------------------------------------------------------- lines and points


def test_two_components_are_the_whole_error_of_a_line():
    """Their products summed give ``var_i + (v1 + v2) cov + v1 v2 var_g`` for any two voltages."""
    line = Leak(2.0, 10.0, 4e-4, 3.0, 0.03, -110, -80)
    v = (-100.0, -20.0, 60.0)
    first, second = (np.array(one.i_pa) for one in line_errors(line, v))
    for j, a in enumerate(v):
        for k, b in enumerate(v):
            expected = line.var_i + (a + b) * line.cov + a * b * line.var_g
            assert first[j] * first[k] + second[j] * second[k] == pytest.approx(expected)


def test_the_error_of_a_line_is_that_of_many_draws():
    off = []
    for seed in range(200):
        taken = take_leak(gated_curve(seed), LeakWish("range", (-125.0, -75.0)))
        assert taken.applied
        at_60 = taken.points[-1]
        error = np.linalg.norm([one.i_pa[-1] for one in taken.shared_errors])
        off.append((at_60.i_leak_pa - 1.5 * 80) / error)
    assert error > 3  # the lever arm of 160 mV
    assert abs(np.mean(off)) < 0.2
    assert np.std(off) == pytest.approx(1.0, abs=0.25)  # few points: larger where they scatter


def test_each_sweep_is_relieved_of_its_own_leak():
    leaks = [
        Leak(1.0, 10.0, 0, 4.0, 0, -90, -60, sweep=1),
        Leak(2.0, 20.0, 0, 4.0, 0, -90, -60, sweep=2),
    ]
    points = [point(10, 1000, sweep=k) for k in (1, 2, 3)]
    taken = take_leak(points, LeakWish("ramp"), leaks)
    free = without_leak(taken.points)
    assert [one.i_pa for one in free] == [980, 960, 1000]
    assert [one.i_sem_pa for one in free][:2] == [pytest.approx(5**0.5)] * 2
    assert [one.used for one in free] == [True, True, False]
    assert free[2].reason == "sweep 3 has no leak ramp to tell its leak"
    assert taken.shared_errors == ()


def test_points_of_one_sweep_share_the_error_of_its_ramp():
    leaks = [Leak(1.0, 10.0, 0.01, 4.0, 0, -90, -60, sweep=k) for k in (1, 2)]
    points = [point(v, 5000 + v, sweep=k) for k in (1, 2) for v in (0.0, 50.0)]
    taken = take_leak(points, LeakWish("ramp"), leaks)
    assert {one.i_leak_sem_pa for one in taken.points} == {0.0}
    moved = np.array([one.i_pa for one in taken.shared_errors])
    covariance = moved.T @ moved
    assert covariance[1, 1] == pytest.approx(4.0 + 50**2 * 0.01)
    assert covariance[0, 1] == pytest.approx(4.0)
    assert np.all(covariance[:2, 2:] == 0)


def test_a_range_without_two_levels_is_refused():
    reason = said(take_leak(gated_curve(), LeakWish("range", (-125.0, -115.0))))
    assert "holds 1 usable points, and a line needs two voltages" in reason
    assert "needs the voltages at which the channels are closed" in said(
        take_leak(gated_curve(), LeakWish("range"))
    )


def test_a_current_that_reverses_within_the_range_is_no_leak():
    bent = curve(np.where(CURVE_MV < 0, 1.0, 3.0) * CURVE_MV + 90)
    reason = said(take_leak(bent, LeakWish("range", (-120.0, -60.0))))
    assert "the current reverses within the leak range" in reason


def test_a_leak_that_reverses_far_from_zero_is_told():
    channel = np.where(CURVE_MV > -50, 5.0 * (CURVE_MV + 50), 0.0)
    taken = take_leak(
        curve(channel + 1.0 * (CURVE_MV + 70), 0.1), LeakWish("range", (-120.0, -80.0))
    )
    (finding,) = taken.findings
    assert finding.check == "leak_reversal"
    assert finding.value == pytest.approx(-70.0, abs=0.1)


def test_a_leak_that_is_gone_already_is_not_taken_twice():
    taken = take_leak(
        gated_curve(), LeakWish("range", (-125.0, -75.0)), online=OnlineLeak("P/N", 4)
    )
    assert "a P/4 leak subtraction was on" in said(taken)


def test_nothing_asked_nothing_done():
    points = gated_curve()
    taken = take_leak(points, LeakWish())
    assert taken.points == tuple(points)
    assert taken.corrections == taken.findings == taken.shared_errors == ()


# ------------------------------------------------------------------------------ real recordings


def real(name: str):
    path = RECORDINGS / name
    if not path.exists():
        pytest.skip(f"{name} is absent: no such file in {RECORDINGS} (set PERMEANT_RECORDINGS)")
    return open_recording(path)


@pytest.mark.parametrize(
    ("name", "g_ns", "e_mv", "closed_mv"),
    [("20917009", 1.05, -13.7, -40.0), ("21416007", 0.96, -16.7, -10.0)],
)
def test_closed_channels_carry_nothing_once_the_leak_is_gone(name, g_ns, e_mv, closed_mv):
    """HCN2 channels are closed at the less negative steps; leaks as measured by hand."""
    measured = without(real(f"hcn2/{name}.abf"), leak="ramp")
    (row,) = [one for one in measured.corrections if one.name == "leak"]
    assert row.applied
    assert row.value == pytest.approx(g_ns, rel=0.05)
    e_rev_mv = float(row.reason.split("reversing at ")[1].split(" mV")[0])
    assert e_rev_mv == pytest.approx(e_mv, abs=1.0)
    closed = [one for one in measured.points if closed_mv <= one.v_command_mv <= 5.0]
    assert len(closed) >= 2
    for one in without_leak(closed):
        assert abs(one.i_pa) < 2.0
    open_channels = min(without_leak(measured.points), key=lambda one: one.v_command_mv)
    assert open_channels.i_pa < -100


def test_a_real_recording_without_a_ramp_is_refused_and_told_what_to_do():
    measured = without(real("hcn2/19d16004.abf"), leak="ramp")
    (finding,) = [one for one in measured.findings if one.check == "leak_refused"]
    assert "no sweep plays a leak ramp beside the family" in finding.message
    assert "write leak = none in the sheet" in finding.message
    assert not any(one.used for one in measured.points)

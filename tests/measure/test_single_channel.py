"""Single channels: what is measured on patches whose truth is known, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from math import erf

import numpy as np
import pytest

from permeant.errors import RecordingError
from permeant.infer.dwell.results import describe_times
from permeant.measure.single_channel.filtering import (
    gaussian_weights,
    in_series_khz,
    seen_width_ms,
    smooth,
    true_width_ms,
)
from permeant.measure.single_channel.idealise import (
    Events,
    events_of,
    follow_levels,
    impose_dead_time,
)
from permeant.measure.single_channel.patch import measure_patch
from permeant.records import Provenance, Recording, RecordingInfo, Segment, SheetRow
from permeant.simulate.channels import ChannelScheme, record_channels, two_state

INTERVAL_MS = 0.05
FILTER_KHZ = 2.0
CORRECTIONS = {
    "junction_potential": "none",
    "reference_electrode": "none",
    "series_resistance": False,
}
ROW = SheetRow(1, "c", "r", "c.abf", measure="single_channel", configuration="outside-out")


def recording_of(sweeps_pa, levels_mv):
    values = np.asarray(sweeps_pa, dtype=np.float32)
    info = RecordingInfo(
        Provenance("simulated", "", 0, "permeant.simulate", "", "in memory", simulated=True),
        (),
        INTERVAL_MS,
        values.shape[0],
        values.shape[1],
        tuple(float(k) for k in range(values.shape[0])),
        "simulated",
        tuple((Segment("A", 0, values.shape[1], level, level),) for level in levels_mv),
    )
    return Recording(info, values)


def measured(current_pa, row=ROW, direction="auto", filter_khz=FILTER_KHZ, level_mv=-80.0):
    return measure_patch(
        recording_of(np.atleast_2d(current_pa), [level_mv] * len(np.atleast_2d(current_pa))),
        row,
        {},
        corrections=CORRECTIONS,
        measures={"channel_filter_khz": filter_khz, "channel_direction": direction},
        extra_ions={},
    )


def patch_of(scheme, *, snr, n_channels=1, unitary_pa=-2.0, seconds=10, seed=1, **more):
    return record_channels(
        scheme,
        unitary_pa=unitary_pa,
        n_channels=n_channels,
        n_samples=round(seconds * 1e3 / INTERVAL_MS),
        interval_ms=INTERVAL_MS,
        filter_khz=FILTER_KHZ,
        noise_pa=abs(unitary_pa) / snr,
        seed=seed,
        **more,
    )


@pytest.mark.parametrize("snr", [12.0, 5.0, 3.0])
def test_a_two_state_channel_is_measured_down_to_a_signal_to_noise_of_3(snr):
    (patch,) = measured(patch_of(two_state(4.0, 12.0), snr=snr)).single_channels
    assert patch.status == "ok"
    assert patch.n_channels == 1
    assert patch.i_unitary_pa == pytest.approx(-2.0, rel=0.02)
    # 625 openings are expected: 4 % of a mean time is one standard error (1/sqrt n)
    for one, true_ms in zip(describe_times(patch), (12.0, 4.0), strict=True):
        assert one.status == "ok"
        assert one.mean_ms == pytest.approx(true_ms, rel=0.12)
        assert len(one.components) == 1


@pytest.mark.parametrize("filter_khz", [0.7, 5.0])
def test_the_filter_is_measured_where_it_is_not_stated(filter_khz):
    current_pa = record_channels(
        two_state(6.0, 12.0),
        unitary_pa=-2.0,
        n_samples=200_000,
        interval_ms=INTERVAL_MS,
        filter_khz=filter_khz,
        noise_pa=0.2,
        seed=2,
    )
    (patch,) = measured(current_pa, filter_khz=None).single_channels
    assert patch.filter_source == "measured on the transitions"
    assert patch.filter_khz == pytest.approx(filter_khz, rel=0.12)
    assert patch.i_unitary_pa == pytest.approx(-2.0, rel=0.02)


def test_a_noisier_patch_is_filtered_more_and_has_a_longer_dead_time():
    scheme = two_state(4.0, 12.0)
    (quiet,) = measured(patch_of(scheme, snr=12.0)).single_channels
    (noisy,) = measured(patch_of(scheme, snr=3.0)).single_channels
    assert quiet.added_filter_khz is None
    assert noisy.added_filter_khz < FILTER_KHZ
    assert noisy.dead_time_ms > 2 * quiet.dead_time_ms


def test_bursts_have_two_shut_times_and_one_open_time():
    scheme = ChannelScheme(((0, 0.02, 0), (0.05, 0, 0.2), (0, 0.25, 0)), (0, 0, 1))
    (patch,) = measured(patch_of(scheme, snr=8.0, seconds=25)).single_channels
    shut, opened = describe_times(patch)
    assert len(shut.components) == 2
    assert len(opened.components) == 1
    assert shut.mean_ms == pytest.approx(scheme.mean_dwell_ms(is_open=False), rel=0.2)
    assert opened.mean_ms == pytest.approx(4.0, rel=0.12)


def test_two_and_three_channels_are_counted_and_share_one_current():
    for n_channels in (2, 3):
        current_pa = patch_of(two_state(4.0, 12.0), snr=8.0, n_channels=n_channels)
        (patch,) = measured(current_pa).single_channels
        assert (patch.n_channels, patch.levels_are) == (n_channels, "channels")
        assert patch.i_unitary_pa == pytest.approx(-2.0, rel=0.02)
        assert patch.p_open == pytest.approx(0.25, abs=0.04)
        for one, true_ms in zip(describe_times(patch), (12.0, 4.0), strict=True):
            # some 1200 openings: 3 % of a mean time is one standard error
            assert one.mean_ms == pytest.approx(true_ms, rel=0.1)
            assert one.mean_low_ms < one.mean_ms < one.mean_high_ms


def test_a_sublevel_is_no_second_channel():
    scheme = ChannelScheme(((0, 0.05, 0), (0.08, 0, 0.08), (0, 0.1, 0)), (0, 0.6, 1))
    (patch,) = measured(patch_of(scheme, snr=20.0)).single_channels
    assert (patch.n_channels, patch.levels_are) == (1, "sublevels")
    assert [level.i_pa for level in patch.levels] == pytest.approx([-1.2, -2.0], rel=0.02)


def test_a_level_that_is_seen_twice_counts_but_does_not_tell_the_number():
    # at an open probability of .024 three channels are open at once twice in these 10 s
    current_pa = patch_of(two_state(2.0, 80.0), snr=10.0, n_channels=3, seconds=12, seed=5)
    found = measured(current_pa)
    (patch,) = found.single_channels
    assert patch.n_channels == 3
    assert patch.levels[2].share < 0.002
    assert patch.i_unitary_pa == pytest.approx(-2.0, rel=0.02)
    shut, opened = describe_times(patch)
    assert shut.status == "rejected"
    assert "3 channels or more cannot be told" in shut.reason
    assert opened.mean_low_ms < 2.0 < opened.mean_high_ms
    assert "number_of_channels_not_told" in [one.check for one in found.findings]


def test_a_sublevel_at_half_the_current_is_not_two_channels():
    # direct steps from 0 to 2 and shares that no two independent channels have
    scheme = ChannelScheme(((0, 0.05, 0), (0.08, 0, 0.08), (0, 0.1, 0)), (0, 0.5, 1))
    found = measured(patch_of(scheme, snr=20.0))
    (patch,) = found.single_channels
    assert patch.levels_are == "channels"
    assert patch.independence_p < 0.001
    assert all("not those of equal, independent" in one.reason for one in describe_times(patch))
    assert "levels_not_independent" in [one.check for one in found.findings]


@pytest.mark.parametrize("shape", ["sine", "square"])
def test_the_mains_is_no_channel(shape):
    at_s = np.arange(200_000) * INTERVAL_MS * 1e-3
    wave = np.sin(2 * np.pi * 50.0 * at_s)
    wave = wave if shape == "sine" else np.sign(wave)
    noise = patch_of(two_state(4.0, 12.0), snr=10.0, n_channels=0)
    (patch,) = measured(noise + 2.0 * wave).single_channels
    assert patch.status == "rejected"
    assert "50 Hz" in patch.reason


def test_a_little_mains_moves_no_current():
    at_s = np.arange(200_000) * INTERVAL_MS * 1e-3
    current_pa = patch_of(two_state(4.0, 12.0), snr=10.0) + 0.2 * np.sin(2 * np.pi * 50 * at_s)
    (patch,) = measured(current_pa).single_channels
    assert patch.i_unitary_pa == pytest.approx(-2.0, rel=0.02)
    assert describe_times(patch)[1].mean_ms == pytest.approx(4.0, rel=0.12)


def test_a_baseline_that_swings_slowly_is_followed_and_a_fast_one_refused():
    at_s = np.arange(240_000) * INTERVAL_MS * 1e-3
    current_pa = patch_of(two_state(4.0, 12.0), snr=10.0, seconds=12, seed=5)
    (slow,) = measured(current_pa + np.sin(2 * np.pi * 0.2 * at_s)).single_channels
    (fast,) = measured(current_pa + np.sin(2 * np.pi * 1.0 * at_s)).single_channels
    (jump,) = measured(current_pa + 3.0 * (at_s > 6)).single_channels
    assert slow.n_channels == 1
    assert slow.i_unitary_pa == pytest.approx(-2.0, rel=0.02)
    assert fast.reason.startswith("the baseline moves")
    assert "the baseline jumps" in jump.reason


def test_a_single_burst_is_measured_and_the_number_of_channels_left_open():
    at_s = np.arange(240_000) * INTERVAL_MS * 1e-3
    noise = patch_of(two_state(4.0, 12.0), snr=10.0, n_channels=0, seconds=12)
    burst = patch_of(two_state(4.0, 12.0), snr=1e4, seconds=12, seed=5)
    found = measured(noise + np.where((at_s > 5) & (at_s < 6), burst, 0.0))
    (patch,) = found.single_channels
    assert patch.i_low_pa < -2.0 < patch.i_high_pa
    assert "number_of_channels_not_told" in [one.check for one in found.findings]


def test_an_inverted_recording_gives_the_same_with_the_other_sign():
    current_pa = patch_of(two_state(4.0, 12.0), snr=10.0)
    (plain,) = measured(current_pa).single_channels
    (turned,) = measured(-current_pa).single_channels
    assert turned.i_unitary_pa == pytest.approx(-plain.i_unitary_pa, rel=1e-6)
    assert turned.p_open == pytest.approx(plain.p_open)


def test_a_drifting_baseline_moves_no_current():
    current_pa = patch_of(two_state(4.0, 12.0), snr=8.0, drift_pa_per_s=0.3)
    (patch,) = measured(current_pa).single_channels
    assert patch.n_channels == 1
    assert patch.i_unitary_pa == pytest.approx(-2.0, rel=0.01)


@pytest.mark.parametrize(
    ("configuration", "sign"), [("outside-out", 1), ("inside-out", -1), ("cell-attached", -1)]
)
def test_signs_follow_the_side_that_the_pipette_faces(configuration, sign):
    row = replace(ROW, configuration=configuration)
    (patch,) = measured(patch_of(two_state(4.0, 12.0), snr=10.0), row).single_channels
    assert patch.i_unitary_pa == pytest.approx(sign * -2.0, rel=0.02)
    assert patch.v_membrane_mv == pytest.approx(sign * -80.0)
    assert patch.i_low_pa < patch.i_unitary_pa < patch.i_high_pa


def test_the_shut_level_can_be_told_where_the_zero_is_off():
    current_pa = patch_of(two_state(12.0, 4.0), snr=10.0, baseline_pa=1.6)
    (guessed,) = measured(current_pa).single_channels
    (told,) = measured(current_pa, direction="inward").single_channels
    assert guessed.i_unitary_pa == pytest.approx(2.0, rel=0.02)  # the open level is nearer to zero
    assert told.i_unitary_pa == pytest.approx(-2.0, rel=0.02)
    assert told.p_open == pytest.approx(0.75, abs=0.05)


@pytest.mark.parametrize("silent", ["noise", "still"])
def test_where_nothing_opens_no_current_is_made_up(silent):
    noise = np.random.default_rng(3).standard_normal(200_000) if silent == "noise" else 0.0
    found = measured(np.zeros(200_000) + noise)
    (patch,) = found.single_channels
    assert patch.status == "rejected"
    assert patch.reason.startswith("no two levels stand apart")
    assert found.points == ()


def test_times_are_refused_where_the_dead_time_hides_too_many():
    (patch,) = measured(patch_of(two_state(1.3, 2.0), snr=3.0, seconds=20)).single_channels
    times = describe_times(patch)
    assert all(one.status == "rejected" and one.mean_ms is None for one in times)


def test_whole_cells_are_refused():
    with pytest.raises(RecordingError, match="cell-attached, inside-out or outside-out"):
        measured(np.zeros(1000), replace(ROW, configuration="whole-cell"))


def test_steps_that_are_too_short_are_refused():
    with pytest.raises(RecordingError, match="50 ms"):
        measured(np.zeros(500))


def test_a_gaussian_filter_halves_the_power_at_its_frequency():
    weights = gaussian_weights(1.0, INTERVAL_MS)
    at = np.arange(weights.size) - weights.size // 2
    gain = float(np.sum(weights * np.cos(2 * np.pi * 1.0 * at * INTERVAL_MS)))
    assert gain**2 == pytest.approx(0.5, rel=0.01)
    assert weights.sum() == pytest.approx(1.0)


def test_smoothing_by_fourier_and_by_sum_agree():
    values = np.random.default_rng(0).standard_normal(5000)
    weights = gaussian_weights(0.15, INTERVAL_MS)
    assert weights.size >= 48
    reach = weights.size // 2
    direct = np.convolve(np.pad(values, reach, mode="edge"), weights, "valid")
    assert np.allclose(smooth(values, weights), direct, atol=1e-12)


def test_filters_in_a_row_add_their_squared_rise_times():
    assert in_series_khz(3.0, 4.0) == pytest.approx(2.4)
    assert in_series_khz(None, None) is None


def test_half_of_a_pulse_passes_at_the_published_dead_time():
    # Colquhoun & Sigworth (1995): 0.179/f just reaches half of the height
    assert erf(5.336 * 0.179 / 2) == pytest.approx(0.5, abs=0.001)
    widths = np.array([0.175, 0.183, 0.6])
    seen = seen_width_ms(widths, 1.0, 0.5, 0.5)
    assert seen[0] == 0.0
    assert seen[1] > 0.0
    assert seen[2] == pytest.approx(0.6, rel=0.01)
    assert true_width_ms(seen[1:], 1.0, 0.5, 0.5) == pytest.approx(widths[1:], rel=0.02)


def test_noise_around_one_threshold_makes_no_events():
    values = 0.5 + 0.09 * np.tile([1.0, -1.0], 50)
    trace = np.concatenate([np.zeros(10), values, np.ones(10), values, np.zeros(10)])
    assert events_of(follow_levels(trace, (0.0, 1.0))).level.tolist() == [0, 1, 0]


def test_levels_may_be_skipped_and_may_go_down():
    trace = -np.array([0.0, 0.0, 2.0, 2.0, 1.1, 1.0, 0.1])
    assert follow_levels(trace, (0.0, -1.0, -2.0)).tolist() == [0, 0, 2, 2, 1, 1, 0]


def test_short_sojourns_belong_to_the_one_before():
    events = Events(np.array([0, 1, 0, 1, 0]), np.array([0, 10, 12, 20, 40]), 60)
    kept = impose_dead_time(events, 5)
    assert kept.level.tolist() == [0, 1, 0]
    assert kept.start.tolist() == [0, 20, 40]
    assert kept.length.sum() == 60

"""The rules by which a header becomes a command, each on its own."""

from __future__ import annotations

import itertools
import struct

import numpy as np
import pytest
from headers import abf1_bytes, make_adc, make_dac, make_epoch, make_header, make_list

from permeant.recording import render_command
from permeant.recording.abf1 import read_abf1_header
from permeant.recording.abf_command import holding_samples, parameter_name, rebuild_command
from permeant.recording.abf_header import AbfHeader, Dac, UserList
from permeant.records import Segment

N = 6400


def sweep_of(header: AbfHeader, dac: Dac, sweep: int = 0, n_sweeps: int = 10) -> list[tuple]:
    command = rebuild_command(header, dac, N, n_sweeps)
    return [(s.epoch, s.start, s.stop, s.start_mv, s.stop_mv) for s in command.sweeps[sweep]]


def render(header: AbfHeader, dac: Dac, sweep: int = 0, n_sweeps: int = 10) -> np.ndarray:
    return render_command(rebuild_command(header, dac, N, n_sweeps).sweeps[sweep], N)


def test_holding_lasts_a_64th_of_the_sweep_and_returns_after_the_epochs():
    dac = make_dac(make_epoch(0, level=-80), make_epoch(2, level=10))
    assert sweep_of(make_header(dac), dac) == [
        ("before", 0, 100, -70, -70),
        ("A", 100, 200, -80, -80),
        ("C", 200, 300, 10, 10),
        ("after", 300, N, -70, -70),
    ]


@pytest.mark.parametrize(
    ("total", "channels", "expected"),
    [(6400, 1, 100), (6463, 1, 100), (20644, 1, 322), (16000, 4, 62), (100, 3, 1), (63, 1, 1)],
)
def test_holding_is_rounded_down_to_whole_sequences(total, channels, expected):
    adcs = tuple(make_adc(i) for i in range(channels))
    assert holding_samples(make_header(adcs=adcs, samples_per_episode=total)) == expected


def test_old_clampex_files_have_another_holding():
    assert holding_samples(make_header(samples_per_episode=5120, clampex_file=True)) == 60


def test_levels_and_durations_grow_by_sweep_and_a_negative_duration_is_none():
    dac = make_dac(
        make_epoch(0, level=-100, level_step=10, duration=50, duration_step=-20),
        make_epoch(1, level=5),
    )
    header = make_header(dac)
    assert sweep_of(header, dac, 2)[1] == ("A", 100, 110, -80, -80)
    assert sweep_of(header, dac, 3)[1] == ("B", 100, 200, 5, 5)


def test_disabled_epochs_are_skipped():
    dac = make_dac(make_epoch(0, kind=0, level=99), make_epoch(1, level=-20))
    assert [row[0] for row in sweep_of(make_header(dac), dac)] == ["before", "B", "after"]


def test_a_ramp_starts_at_the_previous_level_and_reaches_its_own_at_its_end():
    dac = make_dac(make_epoch(0, 2, level=30), make_epoch(1, level=-10), make_epoch(2, 2, level=90))
    header = make_header(dac)
    rows = sweep_of(header, dac)
    assert rows[1] == ("A", 100, 200, -70, 30)
    assert rows[3] == ("C", 300, 400, -10, 90)
    samples = render(header, dac)
    assert samples[99] == -70
    assert samples[100] == pytest.approx(-69)
    assert samples[199] == pytest.approx(30)


def test_a_ramp_cut_off_by_the_end_of_the_sweep_stops_on_its_way():
    dac = make_dac(make_epoch(0, 2, level=30, duration=2 * (N - 100)))
    rows = sweep_of(make_header(dac), dac)
    assert rows[-1] == ("A", 100, N, -70, pytest.approx(-20))


def test_staying_at_the_last_level_reaches_into_the_next_sweep():
    dac = make_dac(make_epoch(0, level=-110, level_step=5), stays_at_last_level=True)
    header = make_header(dac)
    assert sweep_of(header, dac, 0)[0] == ("before", 0, 100, -70, -70)
    assert sweep_of(header, dac, 0)[-1] == ("after", 200, N, -110, -110)
    assert sweep_of(header, dac, 3)[0] == ("before", 0, 100, -100, -100)


@pytest.mark.parametrize("off", [{"enabled": False}, {"source": 0}])
def test_an_output_that_was_off_holds_all_along(off):
    dac = make_dac(make_epoch(0, level=50), **off)
    assert sweep_of(make_header(dac), dac) == [("before", 0, N, -70, -70)]


def test_a_waveform_file_makes_the_command_unknown():
    dac = make_dac(make_epoch(0, level=50), source=2)
    command = rebuild_command(make_header(dac), dac, N, 2)
    assert "waveform file" in command.unknown
    assert command.sweeps[0] == (Segment("before", 0, N, -70, -70),)


def test_gap_free_recordings_play_no_epochs():
    dac = make_dac(make_epoch(0, level=50))
    assert sweep_of(make_header(dac, mode=3), dac, n_sweeps=1) == [("before", 0, N, -70, -70)]


def test_a_user_list_replaces_a_level_and_holds_its_last_value():
    dac = make_dac(make_epoch(1, level=-85, level_step=15))
    header = make_header(dac, user_lists=(make_list(22, -85, -55, 20),))
    assert [sweep_of(header, dac, sweep)[1][3] for sweep in range(5)] == [-85, -55, 20, 20, 20]


def test_a_user_list_repeats_where_it_is_told_to():
    dac = make_dac(make_epoch(1, level=-85))
    header = make_header(dac, user_lists=(make_list(22, -85, -55, repeats=True),))
    assert [sweep_of(header, dac, sweep)[1][3] for sweep in range(4)] == [-85, -55, -85, -55]


def test_a_user_list_replaces_a_duration_and_zero_leaves_the_epoch_out():
    dac = make_dac(make_epoch(3, level=-20, duration=1000), make_epoch(4, level=5))
    header = make_header(dac, user_lists=(make_list(34, 0, 250),))
    assert sweep_of(header, dac, 0)[1] == ("E", 100, 200, 5, 5)
    assert sweep_of(header, dac, 1)[1:3] == [("D", 100, 350, -20, -20), ("E", 350, 450, 5, 5)]


@pytest.mark.parametrize(("parameter", "first"), [(31, 32767), (21, 40000)])
def test_no_list_of_abf1_makes_a_step_longer_than_32767_samples(parameter, first):
    data = bytearray(abf1_bytes(np.zeros((2, 3200, 1), dtype=np.int16)))
    struct.pack_into("<h", data, 3360, 1)
    struct.pack_into("<h", data, 3368, parameter)
    data[3376:3389] = b"40000,25000 \0"
    header = read_abf1_header(bytes(data))
    assert [one.values for one in header.user_lists] == [(first, 25000)]


def test_a_skipped_epoch_does_not_start_the_next_ramp():
    dac = make_dac(make_epoch(0, level=40, duration=0), make_epoch(1, 2, level=0))
    assert sweep_of(make_header(dac), dac)[1] == ("B", 100, 200, -70, 0)


@pytest.mark.parametrize(
    "user_list",
    [
        UserList(0, 21, (55.0,), repeats=False, acts=False),
        UserList(1, 21, (55.0,), repeats=False, acts=True),
        UserList(0, 7, (55.0,), repeats=False, acts=True),
    ],
)
def test_lists_that_are_off_or_concern_something_else_change_nothing(user_list):
    dac = make_dac(make_epoch(0, level=-20))
    header = make_header(dac, user_lists=(user_list,))
    assert sweep_of(header, dac)[1] == ("A", 100, 200, -20, -20)


def test_two_outputs_take_turns():
    first, second = make_dac(make_epoch(0, level=0)), make_dac(make_epoch(0, level=10), number=1)
    header = make_header(first, second, alternates=True)
    assert [sweep_of(header, first, sweep)[1][3] for sweep in range(3)] == [0, -70, 0]
    assert [sweep_of(header, second, sweep)[1][3] for sweep in range(3)] == [-70, 10, -70]


def test_sweeps_beyond_the_run_start_over_and_say_so():
    dac = make_dac(make_epoch(0, level=0, level_step=10))
    header = make_header(dac, episodes_per_run=3)
    command = rebuild_command(header, dac, N, 5)
    assert [sweep[1].start_mv for sweep in command.sweeps] == [0, 10, 20, 0, 10]
    assert "sweeps_beyond_run" in {finding.check for finding in command.findings}


def test_conditioning_leaves_the_level_after_its_train():
    dac = make_dac(make_epoch(0, level=0), conditioning=True, post_train_level=-90.0)
    header = make_header(dac)
    assert sweep_of(header, dac)[0] == ("before", 0, 100, -90, -90)
    checks = {finding.check for finding in rebuild_command(header, dac, N, 1).findings}
    assert "conditioning_train" in checks


def test_a_pulse_train_is_steps_and_a_cut_off_pulse_is_not_played():
    dac = make_dac(make_epoch(0, 3, level=0, duration=105, period=40, width=30))
    rows = sweep_of(make_header(dac), dac)
    assert rows[1:6] == [
        ("A", 100, 130, 0, 0),
        ("A", 130, 140, -70, -70),
        ("A", 140, 170, 0, 0),
        ("A", 170, 180, -70, -70),
        ("A", 180, 205, -70, -70),
    ]


def test_a_last_pulse_that_only_lacks_its_gap_is_played():
    dac = make_dac(make_epoch(0, 3, level=0, duration=110, period=40, width=30))
    assert sweep_of(make_header(dac), dac)[5] == ("A", 180, 210, 0, 0)


def test_a_biphasic_train_goes_to_both_sides():
    dac = make_dac(make_epoch(0, 7, level=-60, duration=40, period=40, width=20))
    levels = [row[3] for row in sweep_of(make_header(dac), dac)[1:4]]
    assert levels == [-60, -80, -70]


def test_a_triangle_rises_and_falls():
    dac = make_dac(make_epoch(0, 4, level=30, duration=100, period=100, width=60))
    rows = sweep_of(make_header(dac), dac)
    assert rows[1:3] == [("A", 100, 160, -70, 30), ("A", 160, 200, 30, -70)]


def test_a_cosine_stays_within_one_percent_of_its_height():
    dac = make_dac(make_epoch(0, 5, level=30, duration=1000, period=500))
    samples = render(make_header(dac), dac)[100:1100]
    true = -70 + 100 * (0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(1000) + 1) / 500))
    assert np.max(np.abs(samples - true)) < 1.0


def test_segments_cover_every_sweep_without_gaps():
    kinds = [make_epoch(k - 1, k, level=10 * k, period=30, width=11) for k in range(1, 8)]
    dac = make_dac(*kinds)
    for sweep in rebuild_command(make_header(dac), dac, N, 3).sweeps:
        assert sweep[0].start == 0
        assert sweep[-1].stop == N
        assert all(a.stop == b.start < b.stop for a, b in itertools.pairwise(sweep))


@pytest.mark.parametrize(
    ("parameter", "words"),
    [(28, "level of epoch H"), (35, "duration of epoch E in samples"), (7, "time between sweeps")],
)
def test_parameters_have_names(parameter, words):
    assert parameter_name(parameter) == words

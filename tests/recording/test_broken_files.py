"""Files that are missing, cut off, foreign or damaged: each refused in words, none a crash."""

from __future__ import annotations

import logging
import os
import random
import struct
import warnings

import numpy as np
import pytest
from headers import abf1_bytes, ohmic_sweeps, write_abf1

from permeant.errors import RecordingError
from permeant.recording import open_recording


def refused(path, **more):
    with pytest.raises(RecordingError) as caught:
        open_recording(path, **more)
    return caught.value.code, str(caught.value)


def checks(recording):
    return {finding.check: finding for finding in recording.info.findings}


def test_a_sound_file(tmp_path):
    sweeps = ohmic_sweeps()
    recording = open_recording(write_abf1(tmp_path, sweeps, comment="Simulated by permeant 0.1"))
    info = recording.info
    assert np.allclose(recording.current_pa, sweeps[:, :, 0] * 10 / 32768)
    assert (info.interval_ms, info.provenance.format) == (pytest.approx(0.1), "ABF 1.83")
    assert info.provenance.acquired == "2024-02-29T01:00:00.000"
    assert (info.provenance.protocol, info.provenance.simulated) == ("IV", True)
    assert [sweep[1].start_mv for sweep in info.sweeps] == list(range(-100, -20, 10))
    assert info.findings == ()


def test_missing_folder_empty(tmp_path):
    assert refused(tmp_path / "no.abf")[0] == "file_missing"
    assert refused(tmp_path)[0] == "file_missing"
    (tmp_path / "empty.abf").touch()
    assert refused(tmp_path / "empty.abf")[0] == "file_empty"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path):
    path = write_abf1(tmp_path, ohmic_sweeps())
    path.chmod(0)
    assert refused(path)[0] == "file_unreadable"


@pytest.mark.parametrize(
    ("name", "data", "code", "word"),
    [
        ("cell.abf", b"time\tcurrent\n0\t1\n", "file_foreign", "text: 'time"),
        ("cell.abf", bytes(range(200, 256)) * 50, "file_foreign", "the bytes c8 c9"),
        ("cell.abf", bytes(4000), "file_foreign", "nothing but zeros"),
        # content decides: what begins as HDF5 is read as HDF5, and said to be damaged
        ("cell.abf", b"\x89HDF\r\n\x1a\n" + bytes(600), "file_unreadable", "HDF5"),
        ("cell.abf", b"version https://git-lfs.github.com/spec/v1", "file_foreign", "Git LFS"),
        ("cell.nwb", b"\x89HDF\r\n\x1a\n" + bytes(600), "file_unreadable", "HDF5"),
        ("cell.nwb", b"no such thing", "file_foreign", "NWB"),
        ("cell.dat", bytes(range(200, 256)), "file_foreign", "HEKA"),
        ("cell.smrx", b"anything", "format_not_supported", "closed library"),
        ("cell.mat", b"MATLAB 5.0 MAT-file", "format_not_supported", "CSV"),
        ("cell.xyz", b"anything", "format_not_supported", "ABF"),
        ("cell.abf", b"ABF2" + bytes(100), "file_truncated", "within its header"),
        ("cell.abf", b"ABF " + bytes(1000), "file_truncated", "within its header"),
    ],
)
def test_foreign_files(tmp_path, name, data, code, word):
    path = tmp_path / name
    path.write_bytes(data)
    seen, message = refused(path, shown_as="data/" + name)
    assert seen == code
    assert word in message
    assert message.startswith("data/" + name)


def test_a_header_without_samples_is_refused(tmp_path):
    data = abf1_bytes(ohmic_sweeps())
    (tmp_path / "header.abf").write_bytes(data[:6144])
    assert refused(tmp_path / "header.abf")[0] == "file_truncated"
    empty = bytearray(data)
    struct.pack_into("<i", empty, 10, 0)
    (tmp_path / "none.abf").write_bytes(empty)
    assert refused(tmp_path / "none.abf")[0] == "file_empty"


def test_a_cut_off_file_gives_its_complete_sweeps(tmp_path):
    sweeps = ohmic_sweeps()
    path = tmp_path / "cut.abf"
    path.write_bytes(abf1_bytes(sweeps)[: 6144 + 2 * 2000 * 3 + 999])
    recording = open_recording(path)
    assert recording.current_pa.shape == (3, 2000)
    assert np.allclose(recording.current_pa, sweeps[:3, :, 0] * 10 / 32768)
    assert checks(recording)["file_truncated"].severity == "warning"
    path.write_bytes(abf1_bytes(sweeps)[: 6144 + 2 * 1500])
    assert refused(path)[0] == "file_truncated"


def test_a_file_without_its_tail_gives_all_sweeps(tmp_path):
    data = abf1_bytes(ohmic_sweeps())
    path = tmp_path / "tailless.abf"
    path.write_bytes(data[: 6144 + 2 * 8 * 2000])
    recording = open_recording(path)
    assert recording.current_pa.shape == (8, 2000)
    assert "behind its samples" in checks(recording)["file_truncated"].message


def test_a_cut_off_abf2_file(tmp_path, recordings):
    data = recordings("pyabf/model_vc_step.abf").read_bytes()
    path = tmp_path / "cut.abf"
    path.write_bytes(data[: len(data) // 2])
    recording = open_recording(path)
    whole = open_recording(recordings("pyabf/model_vc_step.abf"))
    n_sweeps = len(recording.current_pa)
    assert 5 < n_sweeps < 11
    assert np.array_equal(recording.current_pa, whole.current_pa[:n_sweeps])
    assert recording.info.sweeps == whole.info.sweeps[:n_sweeps]


@pytest.mark.parametrize("source", ["abf1", "pyabf/model_vc_step.abf"])
def test_no_damage_to_a_header_makes_anything_else_than_a_recording_error(
    tmp_path, recordings, source
):
    data = abf1_bytes(ohmic_sweeps(3)) if source == "abf1" else recordings(source).read_bytes()
    dice = random.Random(5)
    path = tmp_path / "damaged.abf"
    codes = set()
    for _ in range(120):
        damaged = bytearray(data)
        for _ in range(dice.choice([1, 4, 40])):
            damaged[dice.randrange(4, 2048)] = dice.randrange(256)
        path.write_bytes(damaged)
        try:
            open_recording(path)
        except RecordingError as error:
            codes.add(error.code)
    assert codes


def test_neo_is_quiet(recordings, capsys, caplog):
    with warnings.catch_warnings(), caplog.at_level(logging.DEBUG):
        warnings.simplefilter("error")
        open_recording(recordings("pyabf/130618-1-12.abf"))
    assert capsys.readouterr() == ("", "")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_gap_free_recording_takes_the_steps_of_its_recorded_command(tmp_path):
    command = np.repeat([-70.0, -110, -70, -50, -70, 10, -70], 2000)
    values = np.stack([30 * (command + 20), 100 * command], axis=-1)[np.newaxis]
    noise = np.random.default_rng(1).normal(0, 10, values.shape)
    path = write_abf1(
        tmp_path,
        (values + noise).astype(np.int16),
        names=("IN 0", "Vcmd"),
        units=("pA", "mV"),
        range_units=327.68,
        mode=3,
    )
    recording = open_recording(path)
    assert recording.info.command_source == "recorded in channel 1 ('Vcmd')"
    levels = [segment.start_mv for segment in recording.info.sweeps[0]]
    assert levels == pytest.approx([-70, -110, -70, -50, -70, 10, -70], abs=0.2)


def test_gap_free_recordings_have_one_sweep(tmp_path):
    recording = open_recording(write_abf1(tmp_path, ohmic_sweeps(1, 8000), mode=3))
    assert recording.current_pa.shape == (1, 8000)
    assert len(recording.info.sweeps[0]) == 1
    assert "gap_free" in checks(recording)


def test_variable_length_events_are_refused_and_high_speed_sweeps_read(tmp_path):
    assert refused(write_abf1(tmp_path, ohmic_sweeps(), mode=1))[0] == "mode_not_supported"
    fast = open_recording(write_abf1(tmp_path, ohmic_sweeps(), mode=4))
    assert fast.current_pa.shape == (8, 2000)


def test_outputs_in_pa_are_current_clamp(tmp_path):
    assert refused(write_abf1(tmp_path, ohmic_sweeps(), dac_units="pA"))[0] == "current_clamp"


def two_channels(command):
    currents = ohmic_sweeps()
    both = np.zeros((8, 2000, 2), np.int16)
    both[:, :, :1] = currents
    both[:, :, 1] = command * 32768 / 200
    return both


def true_command(offset=0.0):
    command = np.full((8, 2000), -70.0 + offset)
    for sweep in range(8):
        command[sweep, 31:531] = -100 + 10 * sweep + offset
    return command


def test_a_recorded_command_decides(tmp_path):
    path = write_abf1(
        tmp_path, two_channels(true_command(5.0)), names=("Im", "Vm"), units=("pA", "mV"),
        range_units=200.0,
    )  # fmt: skip
    recording = open_recording(path)
    assert recording.info.command_source == "recorded in channel 1 ('Vm')"
    assert recording.info.sweeps[0][1].start_mv == pytest.approx(-95, abs=0.01)
    assert checks(recording)["command_mismatch"].value == pytest.approx(5, abs=0.05)


def test_a_dead_voltage_channel_is_not_used(tmp_path):
    path = write_abf1(
        tmp_path, two_channels(np.zeros((8, 2000))), names=("Im", "Vm"), units=("pA", "mV"),
        range_units=200.0,
    )  # fmt: skip
    recording = open_recording(path, command_offset_mv=-10.0)
    assert recording.command_mv is None
    assert "command_channel_not_used" in checks(recording)
    assert recording.info.sweeps[0][1].start_mv == -110
    assert "-10 mV added" in recording.info.command_source


def test_a_command_in_pa_serves_where_the_sheet_names_it(tmp_path):
    path = write_abf1(
        tmp_path, two_channels(true_command()), names=("Im", "Voltage"), units=("pA", "pA"),
        range_units=200.0,
    )  # fmt: skip
    recording = open_recording(path, command_channel="voltage")
    assert [channel.role for channel in recording.info.channels] == ["current", "command"]
    assert "command_units" in checks(recording)
    assert open_recording(path).command_mv is None


def test_the_command_cannot_be_the_current(tmp_path):
    path = write_abf1(tmp_path, ohmic_sweeps())
    assert refused(path, command_channel="IN 0")[0] == "channel_conflict"


def test_an_unknown_channel_is_refused(tmp_path):
    path = write_abf1(tmp_path, ohmic_sweeps())
    code, message = refused(path, current_channel="IN 7")
    assert code == "channel_not_found"
    assert "'IN 0' or 0" in message


@pytest.mark.parametrize("clock", [(99999999, 0), (20231350, 0), (-5, 0), (20240229, 90_000)])
def test_an_impossible_date_costs_only_the_date(tmp_path, clock):
    sweeps = ohmic_sweeps()
    data = bytearray(abf1_bytes(sweeps))
    struct.pack_into("<2i", data, 20, *clock)
    (tmp_path / "cell.abf").write_bytes(data)
    recording = open_recording(tmp_path / "cell.abf")
    assert np.allclose(recording.current_pa, sweeps[:, :, 0] * 10 / 32768)


def test_a_last_sweep_that_was_broken_off_is_left_out(tmp_path):
    sweeps = ohmic_sweeps()
    data = bytearray(abf1_bytes(sweeps))
    (block, count) = struct.unpack_from("<2i", data, 92)
    struct.pack_into("<i", data, block * 512 + 8 * (count - 1) + 4, 700)
    struct.pack_into("<i", data, 10, 7 * 2000 + 700)
    (tmp_path / "cell.abf").write_bytes(data)
    recording = open_recording(tmp_path / "cell.abf")
    assert recording.current_pa.shape == (7, 2000)
    assert recording.info.n_sweeps == 7
    assert "after 700 samples" in checks(recording)["sweep_broken_off"].message

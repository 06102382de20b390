"""Channels, sweeps and times of formats that tell them apart by titles, places or clocks."""

from __future__ import annotations

import foreign_files as ff
import neo
import numpy as np
import pytest
import quantities as pq

from permeant.errors import RecordingError
from permeant.recording import open_recording

LEVELS_MV = tuple(range(-110, 60, 15))
COMMAND = ff.command_mv(LEVELS_MV)
CURRENT = ff.ohmic_pa(COMMAND)


def checks(recording):
    return {finding.check: finding for finding in recording.info.findings}


def levels(recording, sample=1000):
    found = []
    for segments in recording.info.sweeps:
        (one,) = [s for s in segments if s.start <= sample < s.stop]
        found.append(one.start_mv)
    return found


def test_axograph_columns_that_are_numbered_are_sweeps(tmp_path):
    path = ff.write_axograph_x(tmp_path / "c.axgx", CURRENT, COMMAND, titles=("Im #", "Vm #"))
    recording = open_recording(path)
    assert recording.current_pa.shape == CURRENT.shape
    assert np.abs(recording.current_pa - CURRENT).max() < 0.011
    assert levels(recording) == pytest.approx(LEVELS_MV, abs=0.01)


def test_axograph_with_one_column_of_voltage_for_sweeps_that_differ(tmp_path):
    path = ff.write_axograph_x(tmp_path / "c.axgx", CURRENT, COMMAND[:1])
    recording = open_recording(path)
    assert recording.info.n_sweeps == len(CURRENT)
    assert checks(recording)["one_command_for_all"].severity == "warning"


def test_winwcp_samples_stand_where_the_header_says(tmp_path):
    path = ff.write_winwcp(tmp_path / "c.wcp", CURRENT, COMMAND, places=(1, 0))
    recording = open_recording(path)
    assert np.abs(recording.current_pa - CURRENT).max() < 0.7
    assert levels(recording) == pytest.approx(LEVELS_MV, abs=0.05)


def test_winwcp_channels_cannot_share_a_place(tmp_path):
    path = ff.write_winwcp(tmp_path / "c.wcp", CURRENT, COMMAND)
    path.write_bytes(path.read_bytes().replace(b"YO1=1", b"YO1=0"))
    with pytest.raises(RecordingError, match="place") as caught:
        open_recording(path)
    assert caught.value.code == "file_unreadable"


@pytest.mark.parametrize(("said", "instead"), [(b"VER=9", b"VER=8"), (b"NBH=2\r", b"NBH=4\r")])
def test_winwcp_headers_of_other_lengths_are_refused(tmp_path, said, instead):
    path = ff.write_winwcp(tmp_path / "c.wcp", CURRENT, COMMAND)
    path.write_bytes(path.read_bytes().replace(said, instead))
    with pytest.raises(RecordingError, match="newer WinWCP") as caught:
        open_recording(path)
    assert caught.value.code == "mode_not_supported"


def test_nix_sweeps_begin_when_the_file_says(tmp_path):
    block = neo.Block(name="family")
    for k, (pa, mv) in enumerate(zip(CURRENT, COMMAND, strict=True)):
        segment = neo.Segment()
        for units, samples in (("nA", pa / 1e3), ("V", mv / 1e3)):
            signal = neo.AnalogSignal(
                samples[:, np.newaxis], units=units, sampling_rate=10 * pq.kHz, t_start=7 * k * pq.s
            )
            segment.analogsignals.append(signal)
        block.segments.append(segment)
    writer = neo.io.NixIO(str(tmp_path / "c.nix"), "ow")
    writer.write_block(block)
    writer.close()
    recording = open_recording(tmp_path / "c.nix")
    assert recording.info.sweep_starts_s == pytest.approx([7.0 * k for k in range(len(CURRENT))])
    assert np.abs(recording.current_pa - CURRENT).max() < 0.01
    assert levels(recording) == pytest.approx(LEVELS_MV, abs=0.01)


def write_nix(path, *channels):
    """Write sweeps of channels: name, units and samples in them."""
    block = neo.Block(name="family")
    for k in range(len(CURRENT)):
        segment = neo.Segment()
        for name, units, samples in channels:
            signal = neo.AnalogSignal(
                samples[k][:, np.newaxis], units=units, sampling_rate=10 * pq.kHz, name=name
            )
            segment.analogsignals.append(signal)
        block.segments.append(segment)
    writer = neo.io.NixIO(str(path), "ow")
    writer.write_block(block)
    writer.close()
    return path


TIMES = np.arange(COMMAND.shape[1])
FLICKER = np.random.default_rng(2).normal(0.0, 0.2, COMMAND.shape)
LAMP = 0.1 * ((TIMES > 400) & (TIMES < 1450)) * np.arange(len(COMMAND))[:, np.newaxis] / 8


@pytest.mark.parametrize(
    ("name", "units", "samples"),
    [
        ("Vm of the other cell", "mV", FLICKER - 60.0),
        ("Temp", "V", 0.35 + FLICKER / 1000),
        ("LED", "V", LAMP),
        ("AI 2", "mV", FLICKER),
    ],
)
def test_the_command_is_the_voltage_that_moves_and_is_called_one(tmp_path, name, units, samples):
    channels = ("Im", "pA", CURRENT), (name, units, samples), ("Vcmd", "mV", COMMAND)
    recording = open_recording(write_nix(tmp_path / "c.nix", *channels))
    assert recording.info.command_source == "recorded in channel 2 ('Vcmd')"
    assert levels(recording) == pytest.approx(LEVELS_MV, abs=0.01)
    assert "several_command_channels" not in checks(recording)


@pytest.mark.parametrize("names", [("Vm", "Vcmd"), ("AI 1", "AI 2")])
def test_voltages_that_move_otherwise_are_doubted(tmp_path, names):
    channels = (
        ("Im", "pA", CURRENT), (names[0], "mV", COMMAND), (names[1], "mV", COMMAND[::-1]),
    )  # fmt: skip
    recording = open_recording(write_nix(tmp_path / "c.nix", *channels))
    assert recording.info.command_source == f"recorded in channel 1 ('{names[0]}')"
    assert checks(recording)["several_command_channels"].severity == "warning"
    alike = channels[0], channels[1], (names[1], "mV", COMMAND + FLICKER)
    recording = open_recording(write_nix(tmp_path / "d.nix", *alike))
    assert "several_command_channels" not in checks(recording)

"""NWB files as they are in the wild, written with pynwb: right, or refused in a sentence."""

from __future__ import annotations

from datetime import UTC, datetime

import foreign_files as ff
import h5py
import numpy as np
import pytest
from pynwb import NWBHDF5IO, NWBFile
from pynwb.icephys import VoltageClampSeries, VoltageClampStimulusSeries

from permeant.errors import RecordingError
from permeant.library import fit_iv, measure_recording
from permeant.recording import open_recording

RATE_HZ = 1e3 / ff.INTERVAL_MS
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


def write(path, *, response=None, stimulus=None):
    """Write a pair of series a sweep; ``response`` and ``stimulus`` change fields by sweep."""
    file = NWBFile("family", "id", datetime(2024, 3, 1, tzinfo=UTC))
    device = file.create_device("amplifier")
    electrode = file.create_icephys_electrode(name="e", description="glass", device=device)
    for k, (pa, mv) in enumerate(zip(CURRENT, COMMAND, strict=True)):
        shared = {
            "rate": RATE_HZ, "starting_time": 10.0 + 2.0 * k, "electrode": electrode, "gain": 0.05,
            "stimulus_description": "family", "sweep_number": np.uint64(k),
        }  # fmt: skip
        seen = {"name": f"seen_{k:02}", "data": pa, "conversion": 1e-12, **shared}
        played = {"name": f"played_{k:02}", "data": mv, "conversion": 1e-3, **shared}
        file.add_acquisition(VoltageClampSeries(**seen | (response(k) if response else {})))
        file.add_stimulus(VoltageClampStimulusSeries(**played | (stimulus(k) if stimulus else {})))
    with NWBHDF5IO(path, "w") as out:
        out.write(file)
    return path


def test_sweeps_are_in_the_order_of_their_numbers_where_all_start_at_once(tmp_path):
    def at_once(prefix):
        return lambda k: {"name": f"{prefix}{k}", "starting_time": 0.0}

    path = write(tmp_path / "c.nwb", response=at_once("s"), stimulus=at_once("p"))
    recording = open_recording(path)
    assert levels(recording) == pytest.approx(LEVELS_MV, abs=0.01)
    assert np.abs(recording.current_pa - CURRENT).max() < 0.01


@pytest.mark.parametrize(("count", "offset"), [(0.05, 0.0), (0.05, 300e-12), (1.0, -40e-12)])
def test_whole_numbers_with_conversion_and_offset(tmp_path, count, offset):
    def scaled(k):
        stored = np.round((CURRENT[k] - 1e12 * offset) / count).astype(np.int16)
        return {"data": stored, "conversion": 1e-12 * count, "offset": offset}

    recording = open_recording(write(tmp_path / "c.nwb", response=scaled))
    assert np.abs(recording.current_pa - CURRENT).max() <= 0.51 * count
    # the field gain (V/A of the amplifier) is in the conversion already
    fit = fit_iv(measure_recording(recording))
    assert (fit.g_ns, fit.e_rev_mv) == pytest.approx((ff.G_NS, ff.E_REV_MV), abs=0.05)


def test_what_was_not_acquired_at_the_end_is_cut_off(tmp_path):
    def padded(k):
        data = CURRENT[k].copy()
        data[1800:] = np.nan
        return {"data": data}

    recording = open_recording(write(tmp_path / "c.nwb", response=padded))
    assert recording.current_pa.shape == (len(LEVELS_MV), 1800)
    assert levels(recording) == pytest.approx(LEVELS_MV, abs=0.01)


@pytest.mark.parametrize(
    ("shift", "known"), [(-300, True), (300, False), (-1_000_000, True), (0.3, True)]
)
def test_a_stimulus_that_starts_at_another_time_is_laid_where_it_was_played(tmp_path, shift, known):
    """A stimulus that begins earlier covers its response; of one that begins later a part lacks.

    Starts a fraction of a sample or whole sweeps apart are those of another clock.
    """
    early = -shift if -2048 < shift < -1 else 0

    def moved(k):
        before = np.full(early, -70.0)
        start = 10.0 + 2.0 * k + shift / RATE_HZ
        return {"data": np.concatenate([before, COMMAND[k]]), "starting_time": start}

    recording = open_recording(write(tmp_path / "c.nwb", stimulus=moved))
    assert ("command_unknown" not in checks(recording)) is known
    if known:
        starts = {segment.start for segments in recording.info.sweeps for segment in segments}
        assert {500, 1500} <= starts
    else:
        assert "after its response" in checks(recording)["command_unknown"].message


def test_a_response_in_volts_is_refused(tmp_path):
    path = write(tmp_path / "c.nwb")
    with h5py.File(path, "a") as file:
        for name in file["acquisition"]:
            file[f"acquisition/{name}/data"].attrs["unit"] = "volts"
    with pytest.raises(RecordingError, match="is in volts") as caught:
        open_recording(path)
    assert caught.value.code == "units_missing"


def test_an_amplifier_in_megohm_is_not_believed(tmp_path):
    def wrong_units(_):
        return {"whole_cell_series_resistance_comp": 12.0, "whole_cell_capacitance_comp": 20.0}

    recording = open_recording(write(tmp_path / "c.nwb", response=wrong_units))
    assert (recording.info.r_s_mohm, recording.info.c_m_pf) == (None, None)
    assert checks(recording)["amplifier_unknown"].severity == "warning"


def test_an_offset_answers_whether_the_stimulus_is_relative(tmp_path):
    path = write(tmp_path / "c.nwb", stimulus=lambda k: {"data": COMMAND[k] + 70.0})
    assert checks(open_recording(path))["command_relative"].severity == "error"
    assert "command_relative" not in checks(open_recording(path, command_offset_mv=0.0))
    recording = open_recording(path, command_offset_mv=-70.0)
    assert "command_relative" not in checks(recording)
    assert levels(recording) == pytest.approx(LEVELS_MV, abs=0.01)

"""HEKA PatchMaster files: series, command, and what the amplifier's window held."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from permeant.errors import RecordingError
from permeant.recording import open_recording

RRSOL = "seal_leak/20191010_sg_rrsol_ls_noc3.dat"
MSOL = "seal_leak/20191009_sg_msol2_ls_nocomp.dat"


def refused(path, **more):
    with pytest.raises(RecordingError) as caught:
        open_recording(path, **more)
    return caught.value.code, str(caught.value)


def checks(recording):
    return {finding.check: finding for finding in recording.info.findings}


def test_the_only_series_needs_no_name(recordings):
    recording = open_recording(recordings(RRSOL))
    info = recording.info
    # as the recordings' README describes the file: 2 sweeps, 10 kHz, Imon1 [A] and Vmon [V]
    assert recording.current_pa.shape == (2, 154_000)
    assert info.interval_ms == pytest.approx(0.1)
    assert [(one.name, one.role) for one in info.channels] == [
        ("Imon1", "current"),
        ("Vmon", "command"),
    ]
    assert info.series == "E-136/staircase_ramp"
    assert info.provenance.reader == "myokit"
    assert info.provenance.format.startswith("HEKA PatchMaster v2x90.2")
    assert info.provenance.acquired.startswith("2019-10-10T17:21:31")


def test_the_resting_stimulus_of_the_file_does_not_contradict_vmon(recordings):
    # the stored stimulus says 0 mV throughout; another program played the staircase
    info = open_recording(recordings(RRSOL)).info
    assert info.command_source == "recorded in channel 1 ('Vmon')"
    steps = [one.start_mv for one in info.sweeps[1] if one.is_step and one.stop - one.start > 4000]
    authors = np.loadtxt(recordings("seal_leak/authors/manual-2/v_s.txt"))
    assert steps[:-1] == pytest.approx(authors, abs=0.3)


def test_a_ramp_played_in_steps_of_a_millivolt_is_one_ramp(recordings):
    info = open_recording(recordings(RRSOL)).info
    ramps = [one for one in info.sweeps[0] if not one.is_step]
    first = ramps[0]
    # -120 to -80 mV in 400 ms, as the authors' protocol has it
    assert (first.start_mv, first.stop_mv) == (
        pytest.approx(-120, abs=1),
        pytest.approx(-80, abs=1),
    )
    assert (first.stop - first.start) * info.interval_ms == pytest.approx(400, abs=10)
    assert not [one for one in info.sweeps[0] if one.is_step and one.stop - one.start < 100]


@pytest.mark.parametrize(
    "series", ["E-136/staircase_ramp", "staircase_ramp", "1.1", "e-136/STAIRCASE_ramp"]
)
def test_a_series_is_chosen_by_name_or_number(recordings, series):
    recording = open_recording(recordings(MSOL), series=series)
    assert recording.info.series == "E-136/staircase_ramp"
    assert recording.current_pa.shape == (2, 154_000)


def test_several_series_are_listed(recordings):
    code, message = refused(recordings(MSOL))
    assert code == "series_needed"
    assert "E-136/staircase_ramp (or 1.1; 2 sweeps)" in message
    assert "E-136/ap_kylie (or 1.4; 2 sweeps)" in message
    code, message = refused(recordings(MSOL), series="E-136/staircase")
    assert code == "series_not_found"
    assert "Did you mean 'E-136/staircase_ramp'" in message


def test_a_sine_wave_is_no_row_of_steps(recordings):
    found = checks(open_recording(recordings(MSOL), series="sinewave_ramp"))
    assert "rests at 0 mV" in found["command_unknown"].message


def test_a_series_resistance_without_slow_capacitance_is_not_used(recordings):
    recording = open_recording(recordings(RRSOL))
    assert recording.info.r_s_mohm is None
    assert recording.info.c_m_pf is None
    # 2e-7 S, the value the program starts with
    assert checks(recording)["r_s_not_measured"].value == pytest.approx(5.0, abs=0.01)


def with_amplifier(recordings, tmp_path, **settings):
    """Copy the file with other settings of the amplifier, found behind its known offset voltage."""
    data = bytearray(recordings(RRSOL).read_bytes())
    offset_v = -21.07783718835429e-3
    found = []
    for shift in range(8):
        doubles = np.frombuffer(data[shift : len(data) // 8 * 8 - 8 + shift], "<f8")
        with np.errstate(invalid="ignore"):
            near = np.flatnonzero(np.abs(doubles - offset_v) < 1e-12)
        found += [8 * int(k) + shift for k in near]
    (at,) = {place - 128 for place in found}
    places = {"r_s_fraction": ("<d", 40), "ljp_v": ("<d", 136), "r_s_on": ("<b", 240),
              "c_slow_range": ("<b", 241)}  # fmt: skip
    for name, value in settings.items():
        struct.pack_into(places[name][0], data, at + places[name][1], value)
    path = tmp_path / "changed.dat"
    path.write_bytes(data)
    return open_recording(path)


def test_an_on_line_junction_potential_and_compensation_are_told(recordings, tmp_path):
    recording = with_amplifier(recordings, tmp_path, ljp_v=0.012, r_s_fraction=0.7, r_s_on=1)
    assert recording.info.ljp_applied_mv == pytest.approx(12.0)
    assert recording.info.r_s_compensation == pytest.approx(0.7)
    without = with_amplifier(recordings, tmp_path, r_s_fraction=0.7)
    assert without.info.r_s_compensation is None


def test_nonsense_in_the_amplifier_is_not_used(recordings, tmp_path):
    recording = with_amplifier(recordings, tmp_path, ljp_v=12.0)
    assert recording.info.ljp_applied_mv is None
    assert checks(recording)["amplifier_unknown"].severity == "warning"


@pytest.mark.parametrize("share", [0.1, 0.6])
def test_a_file_that_is_cut_off_is_refused(recordings, tmp_path, share):
    data = recordings(RRSOL).read_bytes()
    path = tmp_path / "cut.dat"
    path.write_bytes(data[: int(len(data) * share)])
    assert refused(path)[0] in {"file_unreadable", "file_truncated"}


def test_reading_leaves_the_home_folder_alone(recordings, tmp_path, monkeypatch):
    # myokit writes its settings into the home folder when it is imported
    from permeant.recording import guard  # noqa: PLC0415

    monkeypatch.setenv("HOME", str(tmp_path))
    guard._worker.cache_clear()
    open_recording(recordings(RRSOL))
    guard._worker.cache_clear()
    assert list(tmp_path.iterdir()) == []

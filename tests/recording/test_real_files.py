"""Every real ABF opens or is refused for the right reason; levels and times of each."""

from __future__ import annotations

import csv
import gzip
import hashlib
import itertools

import numpy as np
import pytest

from permeant.errors import RecordingError
from permeant.recording import open_recording, render_command

VC = "rebuilt from the header: output channel 0 ('Cmd 0'), the one with the number"

# Name; sweeps, samples per sweep, ms between samples; the segments of the sweep numbered.
FILES = [
    ("pyabf/model_vc_step.abf", (20, 10000, 0.05), 0, [("A", 156, 4156, -80, -80)]),
    ("pyabf/model_vc_ramp.abf", (50, 2400, 0.05), 3,
     [("A", 37, 1037, -70, -80), ("B", 1037, 2037, -80, -70)]),
    ("pyabf/171116sh_0011.abf", (20, 10000, 0.05), 0, [("A", 156, 4156, -80, -80)]),
    ("pyabf/171116sh_0012.abf", (7, 70000, 0.05), 1,
     [("A", 1093, 11093, -70, -70), ("B", 11093, 21093, -100, -100), ("C", 21093, 31093, -70, -70),
      ("D", 31093, 41093, -50, -50), ("E", 41093, 51093, -100, -100),
      ("F", 51093, 61093, -50, -50)]),
    ("pyabf/18702001-step.abf", (3, 20000, 0.05), 0,
     [("A", 312, 4312, -80, -80), ("B", 4312, 8312, -70, -70), ("C", 8312, 9312, -70, -80),
      ("D", 9312, 10312, -80, -70)]),
    ("pyabf/18808025.abf", (40, 12000, 0.05), 39,
     [("A", 187, 4187, -80, -80), ("B", 4187, 8187, -70, -70), ("C", 8187, 9187, -70, -80),
      ("D", 9187, 10187, -80, -70)]),
    ("pyabf/pclamp11_4ch.abf", (10, 4000, 0.05), 0, [("A", 62, 2062, 10, 10)]),
    ("pyabf/pclamp11_4ch_abf1.abf", (10, 4000, 0.05), 0, [("A", 62, 2062, 10, 10)]),
    ("myokit/abf-v2.abf", (37, 516, 0.05), 36, [("A", 8, 508, 80, 80)]),
    ("hcn2/19d16004.abf", (10, 51612, 0.2), 1,
     [("A", 806, 3306, -35, -35), ("B", 3306, 18306, -140, -140), ("C", 18306, 33306, -80, -80),
      ("D", 33306, 40806, -35, -35), ("E", 40806, 41806, 5, 5)]),
    ("hcn2/20117008.abf", (10, 103224, 0.5), 9,
     [("A", 1612, 2612, -35, -35), ("B", 2612, 10612, -145, -145), ("C", 10612, 30612, -85, -85),
      ("D", 30612, 50612, 20, 20)]),
    ("hcn2/20d10010.abf", (4, 103224, 1.0), 1,
     [("A", 1612, 2112, -35, -35), ("B", 2112, 3112, -35, 35), ("C", 3112, 4112, 35, -35),
      ("D", 4112, 4612, -35, -35), ("E", 4612, 5012, 20, 20), ("F", 5012, 5512, -35, -35),
      ("G", 5512, 17512, -35, -120), ("H", 17512, 29512, -120, -35)]),
    ("hcn2/20n20002.abf", (7, 51612, 0.5), 6,
     [("A", 806, 1806, -35, -35), ("B", 1806, 2806, -35, 35), ("C", 2806, 3806, 35, -35),
      ("D", 3806, 4806, -35, -35), ("E", 4806, 12806, -145, -145), ("F", 12806, 32806, -10, -10),
      ("G", 32806, 40806, 5, 5), ("H", 40806, 41306, 30, 30), ("I", 41306, 42306, 30, -35)]),
    ("hcn2/20o08003.abf", (4, 60000, 1.0), 3,
     [("A", 937, 1437, -35, -35), ("B", 1437, 2437, -35, 35), ("C", 2437, 3437, 35, -35),
      ("D", 3437, 3937, -35, -35), ("E", 3937, 7937, -145, -145), ("F", 7937, 10637, 20, 20),
      ("G", 10637, 12637, -145, -145), ("H", 12637, 16637, 20, 20)]),
]  # fmt: skip


def rows(segments):
    return [(s.epoch, s.start, s.stop, s.start_mv, s.stop_mv) for s in segments]


def levels(recording, epoch):
    return [
        next((s.start_mv for s in sweep if s.epoch == epoch), None)
        for sweep in recording.info.sweeps
    ]


def durations(recording, epoch):
    return [sum(s.stop - s.start for s in sweep if s.epoch == epoch)
            for sweep in recording.info.sweeps]  # fmt: skip


def checks(recording):
    return {finding.check: finding for finding in recording.info.findings}


def render(recording):
    info = recording.info
    return np.stack([render_command(sweep, info.n_samples) for sweep in info.sweeps])


@pytest.mark.parametrize(("name", "shape", "sweep", "epochs"), FILES, ids=[f[0] for f in FILES])
def test_a_file_gives_its_command(recordings, name, shape, sweep, epochs):
    recording = open_recording(recordings(name))
    info = recording.info
    assert (info.n_sweeps, info.n_samples, pytest.approx(info.interval_ms)) == shape
    assert recording.current_pa.shape == shape[:2]
    assert info.command_source.startswith(VC)
    assert rows(info.sweeps[sweep])[1:-1] == epochs
    for segments in info.sweeps:
        assert segments[0].start == 0
        assert segments[-1].stop == info.n_samples
        assert all(a.stop == b.start for a, b in itertools.pairwise(segments))
    assert len(info.sweep_starts_s) == info.n_sweeps
    assert info.provenance.protocol == info.provenance.protocol.strip()
    assert not info.provenance.simulated


def test_every_abf_opens_or_is_refused_with_a_code(recordings):
    folder = recordings("README.md").parent
    codes = {}
    for path in sorted(folder.glob("*/*.abf")):
        try:
            open_recording(path)
        except RecordingError as error:
            codes[path.name] = error.code
    assert codes == {"opto_aps_bad_units.abf": "current_clamp"}


def test_provenance_says_where_the_samples_come_from(recordings):
    path = recordings("pyabf/14o16001_vc_pair_step.abf")
    provenance = open_recording(path, shown_as="data/pair.abf").info.provenance
    assert provenance.file == "data/pair.abf"
    assert provenance.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (provenance.size_bytes, provenance.reader) == (path.stat().st_size, "neo")
    assert (provenance.format, provenance.protocol) == ("ABF 2.0", "pair-MTIV")
    assert (provenance.acquired, provenance.comment) == ("2014-10-16T10:01:35.078", "SWH[MTIV]")


# ------------------------------------------------------------- against the true command


def read_export(path):
    """Return current and true command, (sweeps, samples), as the experimenters exported them."""
    with gzip.open(path, "rt", encoding="utf-8-sig") as lines:
        table = np.array([[float(word) for word in row] for row in csv.reader(lines)])
    sweeps = (table.shape[1] - 1) // 2
    return table[:, 1 : 1 + sweeps].T, table[:, 1 + sweeps :].T


# The export of the last two passed a filter: up to 11 samples after every large step differ.
@pytest.mark.parametrize(
    ("name", "share"), [("20917009", 100.0), ("20d10001", 99.6), ("21416007", 99.6)]
)
def test_rebuilt_command_is_the_exported_one(recordings, name, share):
    _, true = read_export(recordings(f"hcn2/{name}.command_and_current.csv.gz"))
    rebuilt = render(open_recording(recordings(f"hcn2/{name}.abf")))
    agree = np.abs(rebuilt[: len(true), : true.shape[1]] - true) < 1.0
    assert 100 * agree.mean() >= share
    # What disagrees is the filter's: it begins at a step and is over within 12 samples of it.
    for sweep, apart in zip(rebuilt, ~agree, strict=False):
        steps = np.flatnonzero(np.abs(np.diff(sweep)) > 1.0) + 1
        late = [k - steps[steps <= k].max() for k in np.flatnonzero(apart)]
        assert max(late, default=0) < 12


def test_rebuilt_command_is_the_recorded_one_with_a_user_list_of_durations(recordings):
    path = recordings("pyabf/user-list-durations.abf")
    recording = open_recording(path)
    assert recording.command_mv is not None
    assert recording.info.command_source == "recorded in channel 1 ('AO #0')"
    assert durations(recording, "E") == [4000, 6000, 6000]
    assert np.mean(np.abs(render(recording) - recording.command_mv) < 1.0) == 1.0
    assert "command_mismatch" not in checks(recording)
    assert recording.info.c_m_pf == pytest.approx(11.603, abs=0.001)
    blind = open_recording(path, command_channel="AO #0")
    assert blind.info.sweeps == recording.info.sweeps


def test_a_user_list_of_levels(recordings):
    recording = open_recording(recordings("hcn2/21416007.abf"))
    assert levels(recording, "H") == [-85, -55, -25, 5, 35, -100, -70, -40, -10, 20]
    assert "level of epoch H" in checks(recording)["user_list"].message


@pytest.mark.parametrize(
    ("name", "epoch", "expected"),
    [
        ("20910005", "E", [6000, 6000, 10000, 20000, 30000, 30000, 30000, 30000]),
        ("20910002", "E", [6000, 6000, 10000, 20000, 30000, 30000, 30000, 30000]),
        ("21521000", "G", [6000, 6000, 10000, 20000, 30000, 30000, 30000]),
        ("20117008", "D", [0, 0, 0, 0, 0, 20000, 20000, 20000, 20000, 20000]),
        ("20917001", "F", [100, 150, 250, 450, 850, 1650, 3300, 6600, 13200]),
        # the list says 40000; the current steps 32767 samples after the epoch began, then after
        # the 2000 and 4000 of the next ones
        ("20o08003", "F", [32767, 25000, 10000, 2700]),
    ],
)
def test_user_lists_of_durations(recordings, name, epoch, expected):
    assert durations(open_recording(recordings(f"hcn2/{name}.abf")), epoch) == expected


@pytest.mark.parametrize(
    ("name", "epoch", "expected"),
    [("20910005", "E", [-1758, -1297, -886]), ("21521000", "G", [-2323])],
)
def test_the_current_confirms_durations_from_a_list(recordings, name, epoch, expected):
    """Where nothing was recorded, the cell tells: steady currents at the end of each step."""
    recording = open_recording(recordings(f"hcn2/{name}.abf"))
    means = []
    for sweep, current in zip(recording.info.sweeps, recording.current_pa, strict=True):
        step = next(s for s in sweep if s.epoch == epoch)
        means.append(float(current[step.stop - (step.stop - step.start) // 10 : step.stop].mean()))
    assert means[: len(expected)] == pytest.approx(expected, abs=1.0)


@pytest.mark.parametrize("name", ["20910005", "21521000", "20910002", "20n20002", "19d16004"])
def test_the_current_jumps_where_the_command_steps(recordings, name):
    """The transient of every step over 20 mV begins at the sample that the header gives."""
    recording = open_recording(recordings(f"hcn2/{name}.abf"))
    late = []
    for sweep, current in zip(recording.info.sweeps, recording.current_pa, strict=True):
        for before, after in itertools.pairwise(sweep):
            if abs(after.start_mv - before.stop_mv) > 20:
                near = np.abs(np.diff(current[after.start - 20 : after.start + 20]))
                late.append(int(np.argmax(near)) - 19)
    assert len(late) > 10
    assert np.percentile(np.abs(late), 90) <= 3


# ------------------------------------------------------------------------------- the traps


def test_current_clamp_labelled_pa_is_refused(recordings):
    with pytest.raises(RecordingError, match="telegraph says current clamp") as caught:
        open_recording(recordings("pyabf/opto_aps_bad_units.abf"))
    assert caught.value.code == "current_clamp"
    assert "plays a command in pA" in str(caught.value)


def test_pressure_is_no_command(recordings):
    recording = open_recording(recordings("pyabf/DM1_0000.abf"))
    played = {s.start_mv for sweep in recording.info.sweeps for s in sweep if s.epoch != "before"}
    assert played == {-80.0}
    pressure = recording.info.channels[1]
    assert (pressure.role, pressure.units) == ("other", "mmHg")


def test_a_ramp_under_pressure(recordings):
    sweeps = open_recording(recordings("pyabf/DM1_0002.abf")).info.sweeps
    assert [sweep[0].start_mv for sweep in sweeps] == [0] + 6 * [-80]
    assert all(rows(sweep)[3] == ("C", 5937, 17937, -100, 60) for sweep in sweeps)


def test_the_command_stays_at_its_last_level(recordings):
    sweeps = open_recording(recordings("pyabf/171116sh_0013.abf")).info.sweeps
    assert rows(sweeps[0]) == [
        ("before", 0, 312, -70, -70),
        ("A", 312, 1312, -70, -110),
        ("after", 1312, 20000, -110, -110),
    ]
    for previous, sweep in itertools.pairwise(sweeps):
        assert sweep[0].start_mv == sweep[1].start_mv == previous[-1].stop_mv
    assert [sweep[-1].stop_mv for sweep in sweeps] == list(range(-110, -45, 5))


def test_a_command_relative_to_the_amplifiers_holding(recordings):
    recording = open_recording(recordings("electrophysiology_jl/24622008.abf"), command_offset_mv=9)
    found = checks(recording)
    assert found["command_mismatch"].value == pytest.approx(-66.5, abs=0.1)
    assert "offset of -66.5 mV" in found["command_mismatch"].message
    assert "command_offset_not_added" in found
    assert {s.epoch for s in recording.info.sweeps[0]} == {"before", "A", "B", "C", "after"}
    assert levels(recording, "A") == 9 * [pytest.approx(-66.5, abs=0.01)]
    assert levels(recording, "B")[:: 8] == pytest.approx([-86.9, -5.1], abs=0.05)  # fmt: skip
    apart = np.abs(render(recording) - recording.command_mv)
    assert np.mean(apart < 1.0) > 0.999


def test_two_cells_on_two_channels(recordings):
    path = recordings("pyabf/14o16001_vc_pair_step.abf")
    first = open_recording(path)
    assert [channel.role for channel in first.info.channels] == ["current", "other"]
    assert "'IN 1'" in checks(first)["several_current_channels"].message
    second = open_recording(path, current_channel="1")
    assert [channel.role for channel in second.info.channels] == ["other", "current"]
    assert "output channel 1" in second.info.command_source
    for recording in (first, second):
        assert levels(recording, "D") == list(range(-110, -45, 5))
        assert levels(recording, "B") == 13 * [-80]
    assert not np.array_equal(first.current_pa, second.current_pa)


def test_a_scaled_copy_and_garbage_are_left_out(recordings):
    copy = open_recording(recordings("hcn2/20917001.abf")).info
    assert [channel.role for channel in copy.channels] == ["current", "other"]
    assert "scaled copy of channel 0" in copy.channels[1].reason
    assert "several_current_channels" not in {finding.check for finding in copy.findings}
    garbage = open_recording(recordings("pyabf/18702001-step.abf")).info
    assert [channel.role for channel in garbage.channels] == ["current", "other"]
    assert "implausible scale" in garbage.channels[1].reason


@pytest.mark.parametrize("channel", ["0", "1"])
def test_one_recording_as_abf1_and_abf2_is_the_same(recordings, channel):
    new = open_recording(recordings("pyabf/pclamp11_4ch.abf"), current_channel=channel)
    old = open_recording(recordings("pyabf/pclamp11_4ch_abf1.abf"), current_channel=channel)
    assert new.info.sweeps == old.info.sweeps
    assert new.info.provenance.acquired == old.info.provenance.acquired
    assert np.max(np.abs(new.current_pa - old.current_pa)) < 0.001


def test_a_file_of_another_program_is_split_and_its_command_unknown(recordings):
    recording = open_recording(recordings("pyabf/130618-1-12.abf"))
    assert recording.current_pa.shape == (3, 50000)
    assert recording.info.provenance.acquired == "2018-06-18T17:34:27.000"
    assert checks(recording)["command_unknown"].severity == "error"
    assert recording.info.command_source == "unknown"


def test_clipping_is_found(recordings):
    found = checks(open_recording(recordings("pyabf/171116sh_0012.abf")))
    assert found["clipped"].severity == "info"


def test_a_table_that_is_no_recording_is_refused(recordings):
    with pytest.raises(RecordingError, match="no row of numbers") as caught:
        open_recording(recordings("hcn2/lab_sheet.csv"))
    assert caught.value.code == "file_empty"

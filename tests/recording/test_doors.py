"""Every format gives the same Recording of the same cell; what cannot be read is said."""

from __future__ import annotations

import gzip

import foreign_files as ff
import numpy as np
import pytest
from pyabf import abfWriter

from permeant.errors import RecordingError
from permeant.recording import open_recording
from permeant.recording.protocol import apply_protocol
from permeant.workflow.ingest import content_key

COMMAND = ff.command_mv()
CURRENT = ff.ohmic_pa(COMMAND)


def refused(path, **more):
    with pytest.raises(RecordingError) as caught:
        open_recording(path, **more)
    return caught.value.code, str(caught.value)


def checks(recording):
    return {finding.check: finding for finding in recording.info.findings}


def levels(recording, sample=1000):
    found = []
    for segments in recording.info.sweeps:
        (one,) = [s for s in segments if s.start <= sample < s.stop]
        found.append(one.start_mv)
    return found


WRITERS = {
    "wcp": (ff.write_winwcp, "winwcp.wcp", "WinWCP", 0.7),
    "axograph-x": (ff.write_axograph_x, "new.axgx", "AxoGraph", 0.011),
    "axograph-2": (ff.write_axograph_2, "old.axgd", "AxoGraph", 0.06),
    "igor-packed": (ff.write_igor_packed, "igor.pxp", "Igor packed experiment", 0.01),
    "spike2": (ff.write_spike2, "spike.smr", "Spike2", 0.11),
    "stimfit": (ff.write_stimfit, "stimfit.h5", "Stimfit HDF5", 0.01),
    "nix": (ff.write_nix, "neo.nix", "NIX", 0.01),
    "nwb-table": (ff.write_nwb, "cell.nwb", "NWB 2", 0.01),
    "atf": (ff.write_atf, "axon.atf", "ATF", 0.01),
}
"""Writer, name of the file, what its format is called, half a step of what it stores in pA."""


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_recording(tmp_path, name):
    write, file_name, format_name, step_pa = WRITERS[name]
    recording = open_recording(write(tmp_path / file_name, CURRENT, COMMAND))
    info = recording.info
    assert recording.current_pa.shape == CURRENT.shape
    assert np.abs(recording.current_pa - CURRENT).max() <= step_pa
    assert recording.current_pa.dtype == np.float32
    assert info.interval_ms == pytest.approx(ff.INTERVAL_MS, rel=1e-6)
    assert info.provenance.format.startswith(format_name)
    assert info.provenance.reader_version
    # levels that pass through the file's own steps of voltage
    assert levels(recording) == pytest.approx(ff.LEVELS_MV, abs=0.2)
    starts = {segment.start for segments in info.sweeps for segment in segments}
    assert {500, 1500} <= starts
    assert "command_unknown" not in checks(recording)


# ---------------------------------------------------------------------------- ABF by others


def test_abf1_as_other_programs_write_it_keeps_its_sweeps(tmp_path):
    sweeps = np.round(np.sin(np.arange(4000).reshape(4, 1000) / 50.0) * 150.0, 2)
    path = tmp_path / "written.abf"
    abfWriter.writeABF1(sweeps, str(path), 20000, "pA")
    recording = open_recording(path)
    assert recording.current_pa.shape == (4, 1000)
    # the writer puts 1000 pA at the end of 16 bits and cuts fractions off
    assert np.abs(recording.current_pa - sweeps).max() < 1000 / 2**15
    assert recording.info.interval_ms == pytest.approx(0.05)
    assert checks(recording)["command_unknown"].severity == "error"


def test_real_abf1_of_another_program_is_not_glued(recordings):
    recording = open_recording(recordings("pyabf/130618-1-12.abf"))
    # pyabf reads the same three sweeps of 1 s at 50 kHz
    assert recording.current_pa.shape == (3, 50000)
    assert "holds no epochs" in checks(recording)["command_unknown"].message


# ------------------------------------------------------------------------------------- WinWCP


def test_records_rejected_in_winwcp_and_leak_records_are_left_out(tmp_path):
    path = ff.write_winwcp(
        tmp_path / "cell.wcp",
        CURRENT,
        COMMAND,
        statuses=["ACCEPTED", "REJECTED", *["ACCEPTED"] * 6],
        kinds=[*["TEST"] * 7, "LEAK"],
    )
    recording = open_recording(path)
    assert levels(recording) == pytest.approx([-100, -60, -40, -20, 0, 20], abs=0.1)
    assert checks(recording)["records_left_out"].value == 2


def test_each_winwcp_record_has_its_own_amplification(tmp_path):
    # neo takes that of the last record for all
    path = ff.write_winwcp(tmp_path / "c.wcp", CURRENT, COMMAND, vmax=[10.0, 5.0, *[10.0] * 6])
    recording = open_recording(path)
    assert np.abs(recording.current_pa - CURRENT).max() < 0.7


def test_real_winwcp_file_is_read_and_its_clipping_flagged(recordings):
    recording = open_recording(recordings("myokit/wcp-file.wcp"))
    assert recording.current_pa.shape == (11, 256)
    assert float(recording.current_pa.min()) == pytest.approx(-20056, abs=1)
    assert checks(recording)["clipped"].severity == "warning"
    assert recording.info.command_source == "recorded in channel 1 ('Vm')"
    assert levels(recording, 50) == pytest.approx([-20] * 11, abs=0.3)


def test_an_empty_winwcp_file_is_refused_in_words(recordings):
    code, message = refused(recordings("myokit/wcp-file-empty.wcp"))
    assert code == "file_empty"
    assert "holds no records" in message


# ---------------------------------------------------------------------------------------- NWB


def test_nwb_pairs_by_sweep_number_where_there_is_no_table(tmp_path):
    path = ff.write_nwb(tmp_path / "cell.nwb", CURRENT, COMMAND, pairing="number")
    recording = open_recording(path)
    assert levels(recording) == pytest.approx(ff.LEVELS_MV, abs=0.01)
    info = recording.info
    assert (info.r_s_mohm, info.c_m_pf) == (pytest.approx(12.0), pytest.approx(20.0))
    assert info.r_s_compensation == pytest.approx(0.7)


def test_nwb_without_pairing_says_that_the_command_is_unknown(tmp_path):
    path = ff.write_nwb(tmp_path / "cell.nwb", CURRENT, COMMAND, pairing="none")
    found = checks(open_recording(path))
    assert "8 of 8 sweeps have no stimulus" in found["command_unknown"].message


def test_nwb_electrodes_are_chosen_by_current_channel(tmp_path):
    path = ff.write_nwb(tmp_path / "two.nwb", CURRENT, COMMAND, electrodes=2)
    code, message = refused(path)
    assert code == "electrode_needed"
    assert "'electrode_0' or 0, 'electrode_1' or 1" in message
    second = open_recording(path, current_channel="electrode_1")
    assert np.abs(second.current_pa - 2 * CURRENT).max() < 0.01
    assert np.array_equal(second.current_pa, open_recording(path, current_channel="1").current_pa)


@pytest.mark.parametrize("conversion", [1.0, 1e-9, 1e-12])
def test_nwb_conversion_is_used(tmp_path, conversion):
    path = ff.write_nwb(tmp_path / "cell.nwb", CURRENT, COMMAND, conversion=conversion)
    assert np.abs(open_recording(path).current_pa - CURRENT).max() < 0.01


def test_nwb_compensation_that_may_be_a_fraction_is_not_used(tmp_path):
    path = ff.write_nwb(tmp_path / "cell.nwb", CURRENT, COMMAND, compensation=0.7)
    recording = open_recording(path)
    assert recording.info.r_s_compensation is None
    assert "r_s_compensation_doubtful" in checks(recording)


def test_nwb_stimulus_that_rests_at_zero_may_be_relative(tmp_path):
    path = ff.write_nwb(tmp_path / "cell.nwb", CURRENT, COMMAND + 70.0)
    assert "command_relative" in checks(open_recording(path))
    shifted = open_recording(path, command_offset_mv=-70.0)
    assert levels(shifted) == pytest.approx(ff.LEVELS_MV, abs=0.01)


# --------------------------------------------------------------------------------------- Igor


def test_a_wave_of_two_dimensions_holds_sweeps_side_by_side(tmp_path):
    path = tmp_path / "Im.ibw"
    path.write_bytes(ff.igor_wave("Im", (CURRENT * 1e-12).T, "A"))
    recording = open_recording(path)
    assert np.abs(recording.current_pa - CURRENT).max() < 0.01
    assert "command_unknown" in checks(recording)


def test_a_wave_without_unit_is_refused(tmp_path):
    path = tmp_path / "Im.ibw"
    path.write_bytes(ff.igor_wave("Im", CURRENT[0], ""))
    code, message = refused(path)
    assert code == "no_current_channel"
    assert "SetScale" in message


# --------------------------------------------------------------------------------------- text

TIMES_MS = np.arange(COMMAND.shape[1]) * ff.INTERVAL_MS


@pytest.mark.parametrize(
    ("names", "factors"),
    [
        (("time_ms", "I_pA", "V_mV"), (1, 1, 1)),
        (("Time (s)", "current (nA)", "Vm (mV)"), (1e-3, 1e-3, 1)),
        (("t [ms]", "Im [A]", "command [V]"), (1, 1e-12, 1e-3)),
        (("time_us", "I_uA", "V_V"), (1e3, 1e-6, 1e-3)),
    ],
)
@pytest.mark.parametrize("layout", [(",", False), (";", True), ("\t", False), ("\t", True)])
def test_units_in_the_header_decide(tmp_path, names, factors, layout):
    columns = [TIMES_MS * factors[0], CURRENT[3] * factors[1], COMMAND[3] * factors[2]]
    path = ff.write_table(tmp_path / "cell.csv", names, columns, *layout)
    recording = open_recording(path)
    assert np.abs(recording.current_pa[0] - CURRENT[3]).max() < 0.001
    assert levels(recording) == pytest.approx([ff.LEVELS_MV[3]], abs=0.01)
    assert recording.info.interval_ms == pytest.approx(0.1)


def test_sweeps_below_each_other_are_told_by_the_time_that_starts_again(tmp_path):
    columns = [np.tile(TIMES_MS, 8), CURRENT.ravel(), COMMAND.ravel()]
    path = ff.write_table(tmp_path / "long.tsv", ("time_ms", "I_pA", "V_mV"), columns, "\t")
    recording = open_recording(path)
    assert recording.current_pa.shape == CURRENT.shape
    assert levels(recording) == pytest.approx(ff.LEVELS_MV, abs=0.01)


@pytest.mark.parametrize(
    ("names", "word"),
    [
        (("time_ms", "current", "V_mV"), "'current'"),
        (("time", "I_pA", "V_mV"), "no column of times"),
        ((), "no header"),
        (("time_ms", "I_pA"), "names 2 columns"),
    ],
)
def test_a_column_without_unit_is_refused_with_what_to_write(tmp_path, names, word):
    path = ff.write_table(tmp_path / "c.csv", names, [TIMES_MS, CURRENT[0], COMMAND[0]])
    _, message = refused(path)
    assert word in message
    assert "time_ms" in message or "names 2" in message


def test_the_sheet_may_say_what_the_columns_hold(tmp_path):
    path = ff.write_table(tmp_path / "c.csv", (), [TIMES_MS / 1e3, *CURRENT, *COMMAND])
    recording = open_recording(path, text_columns="time_s current_pA*8 command_mV*8")
    assert np.abs(recording.current_pa - CURRENT).max() < 0.001
    assert "columns_are_sweeps" in checks(recording)
    code, message = refused(path, text_columns="time_s current_pA*8")
    assert code == "columns_unequal"
    assert "9 columns" in message
    assert refused(path, text_columns="time_s amps")[0] == "text_columns"


def test_times_may_lie_in_a_file_beside(tmp_path):
    ff.write_table(tmp_path / "run-A01-before.csv", ("I_pA",), [CURRENT[0]])
    assert refused(tmp_path / "run-A01-before.csv")[0] == "times_missing"
    ff.write_table(tmp_path / "run-times.csv", ("time_ms",), [TIMES_MS])
    recording = open_recording(tmp_path / "run-A01-before.csv")
    assert recording.info.interval_ms == pytest.approx(0.1)
    assert "run-times.csv" in checks(recording)["times_beside"].message
    ff.write_table(tmp_path / "run-A01-times.csv", ("time_ms",), [TIMES_MS[:-1]])
    assert refused(tmp_path / "run-A01-before.csv")[0] == "times_missing"


def test_a_gap_in_the_times_is_refused(tmp_path):
    times = TIMES_MS.copy()
    times[700:] += 5.0
    path = ff.write_table(tmp_path / "c.csv", ("time_ms", "I_pA"), [times, CURRENT[0]])
    assert refused(path)[0] == "times_uneven"


@pytest.mark.parametrize("bad", ["n/a", "", "1e", "12 3"])
def test_a_field_that_is_no_number_is_refused_with_its_line(tmp_path, bad):
    path = ff.write_table(tmp_path / "c.csv", ("time_ms", "I_pA"), [TIMES_MS, CURRENT[0]])
    lines = path.read_text().splitlines()
    lines[11] = f"1.0,{bad}"
    path.write_text("\n".join(lines))
    code, message = refused(path)
    assert code == "file_unreadable"
    assert "line 12" in message


def test_samples_that_are_not_numbers_are_refused(tmp_path):
    values = CURRENT[0].copy()
    values[5] = np.nan
    path = ff.write_table(tmp_path / "c.csv", ("time_ms", "I_pA"), [TIMES_MS, values])
    assert refused(path)[0] in {"not_numbers", "no_current_channel"}


def test_encodings_that_spreadsheets_write(tmp_path):
    rows = [TIMES_MS, CURRENT[0] * 1e-6]
    path = ff.write_table(tmp_path / "c.csv", ("time_ms", "I (µA)"), rows, ";", comma=True)
    text = path.read_text()
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        path.write_bytes(text.encode(encoding))
        assert np.abs(open_recording(path).current_pa[0] - CURRENT[0]).max() < 0.01


def test_packed_text_is_unpacked(tmp_path):
    path = ff.write_table(tmp_path / "c.csv", ("time_ms", "I_pA"), [TIMES_MS, CURRENT[0]])
    packed = tmp_path / "c.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert np.array_equal(open_recording(packed).current_pa, open_recording(path).current_pa)
    packed.write_bytes(gzip.compress(path.read_bytes())[:200])
    assert refused(packed)[0] == "file_truncated"


@pytest.mark.parametrize(("name", "n"), [("20917009", 10), ("20d10001", 9), ("21416007", 10)])
def test_authors_exports_hold_what_their_abf_holds(recordings, name, n):
    export = open_recording(
        recordings(f"hcn2/{name}.command_and_current.csv.gz"),
        text_columns=f"time_ms current_pA*{n} command_mV*{n}",
    )
    original = open_recording(recordings(f"hcn2/{name}.abf"))
    assert export.info.interval_ms == pytest.approx(original.info.interval_ms)
    if name != "20d10001":  # whose export is not the raw current: the sweeps lie 500 pA apart
        apart = export.current_pa - original.current_pa[:n, : export.info.n_samples]
        # the authors' export passed a filter, which changes samples and leaves means alone
        assert np.abs(apart.mean(axis=1)).max() < 0.1
    seen = {round(s.start_mv) for sweep in export.info.sweeps for s in sweep if s.is_step}
    played = {round(s.start_mv) for sweep in original.info.sweeps[:n] for s in sweep if s.is_step}
    assert len(played - seen) <= 1


def test_a_described_protocol_serves_a_table_without_a_command(tmp_path):
    path = ff.write_table(tmp_path / "c.csv", ("time_ms", "I_pA"), [TIMES_MS, CURRENT[0]])
    step = {
        "type": "step", "level_mv": -100.0, "level_step_mv": 0.0, "duration_ms": 200.0,
        "duration_step_ms": 0.0,
    }  # fmt: skip
    described = apply_protocol(
        open_recording(path), "test", {"holding_mv": -70.0, "epochs": [step]}
    )
    assert levels(described) == [-100.0]
    assert "command_unknown" not in checks(described)


def test_a_changed_file_of_times_is_a_changed_recording(tmp_path):
    recording = ff.write_table(tmp_path / "run-A01-before.csv", ("I_pA",), [CURRENT[0]])
    alone = content_key(str(recording))
    times = ff.write_table(tmp_path / "run-times.csv", ("time_ms",), [TIMES_MS])
    beside = content_key(str(recording))
    ff.write_table(times, ("time_ms",), [TIMES_MS * 2])
    assert len({alone, beside, content_key(str(recording))}) == 3

"""Tables as spreadsheets and other programs write them: read right, or refused in a sentence."""

from __future__ import annotations

import foreign_files as ff
import numpy as np
import pytest

from permeant.errors import RecordingError
from permeant.library import fit_iv, measure_recording
from permeant.recording import open_recording
from permeant.recording.sweep_names import match_order, split_channels

COMMAND = ff.command_mv()
CURRENT = ff.ohmic_pa(COMMAND)
N = len(COMMAND)
TIMES_MS = np.arange(COMMAND.shape[1]) * ff.INTERVAL_MS
LONG = [np.tile(TIMES_MS, N), CURRENT.ravel(), COMMAND.ravel()]


def checks(recording):
    return {finding.check: finding for finding in recording.info.findings}


def levels(recording, sample=1000):
    found = []
    for segments in recording.info.sweeps:
        (one,) = [s for s in segments if s.start <= sample < s.stop]
        found.append(one.start_mv)
    return found


def assert_the_same(recording):
    assert recording.current_pa.shape == CURRENT.shape
    assert np.abs(recording.current_pa - CURRENT).max() < 0.01
    assert levels(recording) == pytest.approx(ff.LEVELS_MV, abs=0.01)


def wide(currents=CURRENT, commands=COMMAND):
    return [TIMES_MS, *(x for pair in zip(currents, commands, strict=True) for x in pair)]


def rows(columns, separator=",", comma=False):
    text = "\n".join(
        separator.join(f"{value:.9g}" for value in row) for row in zip(*columns, strict=True)
    )
    return (text.replace(".", ",") if comma else text) + "\n"


def save(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


# ------------------------------------------------------------------ names, channels, sweeps


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        (["I_1", "I_2", "I_10"], [[0, 1, 2]]),
        (["I_1", "I_10", "I_2", *(f"I_{k}" for k in range(3, 10))], [[0, 2, *range(3, 10), 1]]),
        (["I at -100 mV", "I at 0 mV", "I at -80 mV"], [[0, 1, 2]]),
        (["Im", "Im", "Im"], [[0, 1, 2]]),
        (["Im_cell1", "Im_cell2"], [[0], [1]]),
        (["IN 0", "IN 1"], [[0], [1]]),
        (["I raw", "I leak-subtracted"], [[0], [1]]),
        (["Trace #1", "Trace #1", "Trace #2", "Trace #2"], [[0, 2], [1, 3]]),
        (["RecordA0", "RecordB0", "RecordA1", "RecordB1"], [[0, 2], [1, 3]]),
        (["PM_1_1_1_1", "PM_1_1_1_3", "PM_1_1_2_1", "PM_1_1_2_3"], [[0, 2], [1, 3]]),
    ],
)
def test_names_tell_channels_from_sweeps(names, groups):
    assert split_channels(names) == groups


def test_voltages_follow_the_numbers_of_their_currents():
    assert match_order(["I_1", "I_2", "I_10"], ["V_1", "V_10", "V_2"]) == [0, 2, 1]
    assert match_order(["I_1", "I_2"], ["V_a", "V_b"]) == [0, 1]
    assert match_order(["I_1", "I_2"], ["V_7", "V_8"]) == [0, 1]


def test_columns_in_alphabetical_order_are_paired_by_their_numbers(tmp_path):
    command = ff.command_mv(tuple(range(-110, 60, 15)))
    current = ff.ohmic_pa(command)
    order = sorted(range(1, 13), key=str)
    names = ["time_ms", *(f"I_{k}_pA" for k in range(1, 13)), *(f"V_{k}_mV" for k in order)]
    columns = [TIMES_MS, *current, *(command[k - 1] for k in order)]
    recording = open_recording(save(tmp_path / "t.csv", ",".join(names) + "\n" + rows(columns)))
    assert levels(recording) == pytest.approx(list(range(-110, 60, 15)), abs=0.01)
    assert np.abs(recording.current_pa - current).max() < 0.01


@pytest.mark.parametrize(
    "names",
    ["Im_cell1 (pA),Im_cell2 (pA)", "I raw (pA),I leak-subtracted (pA)", "IN 0 (pA),IN 1 (pA)"],
)
def test_two_currents_side_by_side_are_no_sweeps(tmp_path, names):
    other = CURRENT * 0.3 + np.random.default_rng(3).normal(0, 4, CURRENT.shape)
    columns = [LONG[0], LONG[1], other.ravel(), LONG[2]]
    path = save(tmp_path / "t.csv", f"time_ms,{names},command_mV\n" + rows(columns))
    recording = open_recording(path)
    assert_the_same(recording)
    assert checks(recording)["several_current_channels"].severity == "warning"
    second = open_recording(path, current_channel=names.split(",")[1])
    assert np.abs(second.current_pa - other).max() < 0.01
    fit = fit_iv(measure_recording(second))
    assert fit.g_ns == pytest.approx(0.3 * ff.G_NS, rel=0.02)


def test_one_command_for_sweeps_that_differ_is_doubted(tmp_path):
    names = ["time_ms", *(f"Trace {k} pA" for k in range(N)), "cmd mV"]
    path = save(tmp_path / "t.csv", ",".join(names) + "\n" + rows([TIMES_MS, *CURRENT, COMMAND[0]]))
    assert checks(open_recording(path))["one_command_for_all"].severity == "warning"
    same = [CURRENT[0] + k for k in range(N)]
    path = save(tmp_path / "u.csv", ",".join(names) + "\n" + rows([TIMES_MS, *same, COMMAND[0]]))
    assert "one_command_for_all" not in checks(open_recording(path))


# ---------------------------------------------------------------------------------- layouts


def whole_first_row():
    columns = [column.copy() for column in wide()]
    for column in columns:
        column[0] = round(column[0])
    return columns


def heading(separator):
    names = [f"I_{k} (pA){separator}V_{k} (mV)" for k in range(1, N + 1)]
    return separator.join(["Time (ms)", *names]) + "\n"


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_decimal_comma_shows_in_later_rows(tmp_path, separator):
    text = heading(separator) + rows(whole_first_row(), separator, comma=True)
    recording = open_recording(save(tmp_path / "t.csv", text))
    assert np.abs(recording.current_pa - CURRENT)[:, 1:].max() < 0.01
    assert levels(recording) == pytest.approx(ff.LEVELS_MV, abs=0.01)


def quoted(columns):
    quote = '"'
    return "\n".join(
        ",".join(quote + f"{value:.9g}".replace(".", ",") + quote for value in row)
        for row in zip(*columns, strict=True)
    )


def units_below(separator, *above):
    units = separator.join(["ms", *["pA", "mV"] * N])
    names = separator.join(["Time", *[name for k in range(N) for name in (f"I{k}", f"V{k}")]])
    return "\n".join([*above, names, units]) + "\n"


@pytest.mark.parametrize(
    "text",
    [
        heading(",") + quoted(wide()),
        units_below(",") + rows(wide()),
        units_below("\t", "cell 7") + "\tsweep" * 2 * N + "\n" + rows(wide(), "\t"),
        "time_ms,current_pA,command_mV\n" + rows(LONG).replace("\n", ",\n"),
        "time_ms,current_pA,command_mV\n# a remark\n" + rows(LONG),
        "time_ms,current_pA,command_mV\n" + rows(LONG).replace("-", "\N{MINUS SIGN}"),
        "time_ms  current_pA  command_mV\n" + rows(LONG, "   "),
        "time (ms)  current (pA)  command (mV)\n" + rows(LONG, " "),
        "time_ms current_pA command_mV\n" + rows(LONG, " ", comma=True),
    ],
    ids=[
        "quoted decimal commas", "a row of units", "units, then remarks", "trailing comma",
        "a line of remarks", "typographic minus", "aligned by blanks", "units in brackets",
        "blanks and decimal commas",
    ],
)  # fmt: skip
def test_layouts_that_programs_write(tmp_path, text):
    assert_the_same(open_recording(save(tmp_path / "t.txt", text)))


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        ("0,nan,-70\n", "no_current_channel", "not numbers"),
        ("nan,1,-70\n", "file_unreadable", "column of times"),
    ],
)
def test_a_first_row_with_a_gap_is_a_row_of_numbers(tmp_path, text, code, word):
    body = "time_ms,current_pA,command_mV\n" + text + rows(LONG).split("\n", 1)[1]
    with pytest.raises(RecordingError, match=word) as caught:
        open_recording(save(tmp_path / "t.csv", body))
    assert caught.value.code == code


def test_a_current_in_the_wrong_unit_is_called_that_and_not_a_current_clamp(tmp_path):
    # 396 pA written under nA would be 396 nA; ten times that no cell passes
    text = "time_ms,current_nA,command_mV\n" + rows([LONG[0], 10 * LONG[1], LONG[2]])
    with pytest.raises(RecordingError, match="implausible scale") as caught:
        open_recording(save(tmp_path / "t.csv", text))
    assert caught.value.code == "no_current_channel"


def test_times_in_ms_under_a_name_in_s_are_doubted_and_measured(tmp_path):
    recording = open_recording(
        save(tmp_path / "t.csv", "time_s,current_pA,command_mV\n" + rows(LONG))
    )
    # 0.1 in a column of seconds
    assert recording.info.interval_ms == pytest.approx(100.0)
    assert checks(recording)["interval_doubtful"].severity == "warning"
    assert fit_iv(measure_recording(recording)).e_rev_mv == pytest.approx(ff.E_REV_MV, abs=0.1)


def test_times_of_each_sweep_must_run_alike(tmp_path):
    names = "t1_ms,I1_pA,V1_mV,t2_ms,I2_pA,V2_mV\n"
    pair = [CURRENT[0], COMMAND[0]], [CURRENT[7], COMMAND[7]]
    columns = [TIMES_MS, *pair[0], TIMES_MS + 500.0, *pair[1]]
    recording = open_recording(save(tmp_path / "t.csv", names + rows(columns)))
    assert recording.info.n_sweeps == 2
    columns = [TIMES_MS, *pair[0], 2 * TIMES_MS, *pair[1]]
    with pytest.raises(RecordingError, match="different rates") as caught:
        open_recording(save(tmp_path / "u.csv", names + rows(columns)))
    assert caught.value.code == "times_uneven"


# -------------------------------------------------------------------------------------- ATF


def atf(names, columns, signals=(), counted=None, blank=False, first="ATF\t1.0", separator="\t"):
    starts = ",".join(f"{1500 * k:.3f}" for k in range(N))
    head = [
        '"AcquisitionMode=Episodic Stimulation"', '"Comment=a µ, and a comma"',
        f'"SweepStartTimesMS={starts}"', '"SignalsExported=Im,Vm"',
    ]  # fmt: skip
    if blank:
        head.insert(1, "")
    if signals:
        head.append(separator.join(['"Signals="', *(f'"{name}"' for name in signals)]))
    n = len(head) if counted is None else counted
    titles = separator.join(f'"{name}"' for name in names)
    lines = [first, f"{n}{separator}{len(names)}", *head, titles]
    return "\r\n".join(lines) + "\r\n" + rows(columns, separator)


def traces(*units):
    return ["Time (s)", *(f"Trace #{k} ({u})" for k in range(1, N + 1) for u in units)]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"blank": True},
        {"counted": 3},
        {"counted": 9},
        {"separator": ","},
        {"first": "ATF 1.0"},
        {"signals": ["Im", "Vm"] * N},
    ],
)
def test_headers_of_axon_text_files(tmp_path, more):
    columns = [TIMES_MS / 1e3, *wide()[1:]]
    path = save(tmp_path / "t.atf", atf(traces("pA", "mV"), columns, **more), "cp1252")
    recording = open_recording(path)
    assert_the_same(recording)
    # the header's own times: a sweep every 1500 ms
    assert recording.info.sweep_starts_s == pytest.approx([1.5 * k for k in range(N)])


def test_exported_signals_are_channels_and_not_sweeps(tmp_path):
    other = CURRENT * 0.3 + np.random.default_rng(3).normal(0, 4, CURRENT.shape)
    columns = [TIMES_MS / 1e3]
    for pa, second, mv in zip(CURRENT, other, COMMAND, strict=True):
        columns += [pa, mv, second, mv / 2]
    text = atf(traces("pA", "mV", "pA", "mV"), columns, ["Im1", "Vm1", "Im2", "Vm2"] * N)
    path = save(tmp_path / "t.atf", text, "cp1252")
    assert_the_same(open_recording(path))
    assert "several_current_channels" in checks(open_recording(path))
    second = open_recording(path, current_channel="Im2")
    assert np.abs(second.current_pa - other).max() < 0.01
    assert second.info.command_source == "recorded in channel 1 ('Vm2')"
    assert levels(second) == pytest.approx([mv / 2 for mv in ff.LEVELS_MV], abs=0.01)

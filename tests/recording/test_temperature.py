"""The temperature is found wherever a format can tell it, and never made of something else."""

from __future__ import annotations

import struct

import foreign_files as ff
import h5py
import neo
import numpy as np
import pytest
import quantities as pq

from permeant.recording import open_recording
from permeant.recording.heka_notes import read_heka_notes
from permeant.recording.neo_objects import open_neo
from permeant.recording.temperature import Told, settle_temperature, told_in_words

COMMAND = ff.command_mv(levels=(-80, -40, 0))
CURRENT = ff.ohmic_pa(COMMAND)


def temperature_of(path):
    info = open_recording(path).info
    return info.temperature_c, info.temperature_source


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("recorded at 31.5 °C", 31.5),
        ("RT 22C", 22.0),
        ("35 deg C", 35.0),
        ("temperature: 22", 22.0),
        ("Temp = 31,5; R_s 8", 31.5),
        ('{"temperature_c": 22.0, "r_s_mohm": 8}', 22.0),
        ("cell 12C", None),
        ("E-136 22", None),
        ("-70 C", None),
        ("temp 22", None),
        ("0 °C", None),
        ("22 °C, later 35 °C", None),
        ("1.22 C", None),
    ],
)
def test_words(text, expected):
    assert settle_temperature(told_in_words({"comment": text}))[0] == expected


def test_what_contradicts_itself_is_told_and_not_taken():
    celsius, why = settle_temperature([Told(22.0, "comment"), Told(34.0, "channel 1 ('Temp')")])
    assert celsius is None
    assert why == "the file contradicts itself: 22 °C (comment), 34 °C (channel 1 ('Temp'))"
    # an unconnected input stands near zero and contradicts nothing
    assert settle_temperature([Told(0.01, "field"), Told(22.0, "comment")]) == (22.0, "comment")


def nwb_with_notes(tmp_path):
    path = ff.write_nwb(tmp_path / "cell.nwb", CURRENT, COMMAND)
    with h5py.File(path, "a") as file:
        file["general/notes"] = "bath at 31.5 °C"
    return path


def winwcp_with_remark(tmp_path):
    path = ff.write_winwcp(tmp_path / "cell.wcp", CURRENT, COMMAND)
    raw = path.read_bytes()
    path.write_bytes(raw[:1024].rstrip(b"\0").ljust(900, b"\r")
                     + b"\nID=bath 31.5 C\r\n".ljust(124, b"\0") + raw[1024:])  # fmt: skip
    return path


def nix_with_annotation(tmp_path):
    block = neo.Block(name="family", bath_temperature=31.5)
    segment = neo.Segment()
    for name, units, samples in (("Im", "pA", CURRENT[0]), ("Vm", "mV", COMMAND[0])):
        segment.analogsignals.append(
            neo.AnalogSignal(samples[:, None], units=units, sampling_rate=10 * pq.kHz, name=name)
        )
    block.segments.append(segment)
    writer = neo.io.NixIO(str(tmp_path / "cell.nix"), "ow")
    writer.write_block(block)
    writer.close()
    return tmp_path / "cell.nix"


def stimfit_with_comment(tmp_path):
    path = ff.write_stimfit(tmp_path / "cell.h5", CURRENT, COMMAND)
    with h5py.File(path, "a") as file:
        row = np.array([(b"a family", b"31.5 degC")], [("description", "S64"), ("comment", "S64")])
        file["comment/comment"] = row
    return path


def spike2_with_comment(tmp_path):
    path = ff.write_spike2(tmp_path / "cell.smr", CURRENT, COMMAND)
    raw = bytearray(path.read_bytes())
    text = b"bath 31.5 C"
    raw[112 : 112 + 1 + len(text)] = bytes([len(text)]) + text
    path.write_bytes(raw)
    return path


def atf_with_comment(tmp_path):
    path = ff.write_atf(tmp_path / "cell.atf", CURRENT, COMMAND)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"Comment="', '"Comment=31.5 °C"'), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "make",
    [
        nwb_with_notes, winwcp_with_remark, nix_with_annotation, stimfit_with_comment,
        spike2_with_comment, atf_with_comment,
    ],
)  # fmt: skip
def test_a_file_of_every_format_tells_it_where_it_can(make, tmp_path):
    celsius, source = temperature_of(make(tmp_path))
    assert celsius == 31.5
    assert source


def test_a_file_that_tells_none_gives_none(tmp_path):
    path = ff.write_nwb(tmp_path / "cell.nwb", CURRENT, COMMAND)
    assert temperature_of(path) == (None, "")


def with_thermometer(tmp_path, readings_c, units="degC"):
    block = neo.Block(name="family")
    for k, (pa, mv) in enumerate(zip(CURRENT, COMMAND, strict=True)):
        segment = neo.Segment()
        for name, unit, samples in (
            ("Im", "pA", pa), ("Vm", "mV", mv), ("Temp", units, np.full(pa.shape, readings_c[k])),
        ):  # fmt: skip
            segment.analogsignals.append(
                neo.AnalogSignal(samples[:, None], units=unit, sampling_rate=10 * pq.kHz, name=name)
            )
        block.segments.append(segment)
    writer = neo.io.NixIO(str(tmp_path / "cell.nix"), "ow")
    writer.write_block(block)
    writer.close()
    return tmp_path / "cell.nix"


def test_a_channel_that_recorded_a_thermometer_tells_it(tmp_path):
    celsius, source = temperature_of(with_thermometer(tmp_path, (33.0, 33.2, 33.1)))
    assert celsius == pytest.approx(33.1, abs=0.1)
    assert "Temp" in source


def test_a_thermometer_that_wanders_tells_nothing(tmp_path):
    assert temperature_of(with_thermometer(tmp_path, (22.0, 28.0, 33.0)))[0] is None


def test_annotations_of_neo_objects_tell_it():
    segment = neo.Segment(temperature=22.5 * pq.degC)
    for units, samples in (("pA", CURRENT[0]), ("mV", COMMAND[0])):
        segment.analogsignals.append(
            neo.AnalogSignal(samples[:, None], units=units, sampling_rate=10 * pq.kHz)
        )
    assert open_neo(segment).info.temperature_c == 22.5


# --------------------------------------------------------------------------------- HEKA


def bundle(order: str, sweeps_c: list[list[float]], text: str = "") -> bytes:
    """Write the tree of a PatchMaster bundle as its description has it: one group, its series."""
    sizes = (640, 144, 1408, 288, 512)

    def record(level: int, fields: dict[int, bytes], children: list[bytes]) -> bytes:
        own = bytearray(sizes[level])
        for at, value in fields.items():
            own[at : at + len(value)] = value
        return bytes(own) + struct.pack(f"{order}i", len(children)) + b"".join(children)

    series = [
        record(2, {36: text.encode()}, [
            record(3, {96: struct.pack(f"{order}d", celsius)}, [record(4, {}, [])])
            for celsius in sweeps
        ])
        for sweeps in sweeps_c
    ]  # fmt: skip
    root = record(0, {}, [record(1, {}, series)])
    magic = b"eerT" if order == "<" else b"Tree"
    tree = magic + struct.pack(f"{order}6i", 5, *sizes) + root
    head = b"DAT2".ljust(48, b"\0") + struct.pack(f"{order}i", 1) + bytes([order == "<"])
    items = struct.pack(f"{order}ii8s", 256, len(tree), b".pul")
    return (head.ljust(64, b"\0") + items).ljust(256, b"\0") + tree


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_temperature_field_of_heka_sweeps(order, tmp_path):
    path = tmp_path / "cell.dat"
    path.write_bytes(bundle(order, [[0.01, -0.02], [31.4, 31.5, 31.6]], text="ACSF"))
    assert read_heka_notes(path, "1.2").told == [Told(31.5, "temperature field of the sweeps")]
    assert read_heka_notes(path, "1.2").texts == (("comment of the series", "ACSF"),)
    assert settle_temperature(read_heka_notes(path, "1.1").told) == (None, "")
    assert read_heka_notes(path, "2.1").told == []


def test_a_damaged_tree_tells_nothing(tmp_path):
    path = tmp_path / "cell.dat"
    whole = bundle("<", [[31.5]])
    for length in (10, 70, 260, 300, 1000, len(whole) - 600):
        path.write_bytes(whole[:length])
        assert read_heka_notes(path, "1.1").told in (
            [],
            [Told(31.5, "temperature field of the sweeps")],
        )
    path.write_bytes(whole[:1000])
    assert read_heka_notes(path, "1.1").told == []


def test_a_real_heka_file_with_a_thermometer(recordings, tmp_path):
    """The real file's input was not connected; with 31.5 °C written into it, it tells so."""
    path = recordings("seal_leak/20191010_sg_rrsol_ls_noc3.dat")
    assert temperature_of(path) == (None, "")
    raw = path.read_bytes()
    stored = read_heka_notes(path, "1.1").sweeps_c
    assert len(stored) == 2
    for value in stored:
        assert raw.count(struct.pack("<d", value)) == 1
        raw = raw.replace(struct.pack("<d", value), struct.pack("<d", 31.5))
    (tmp_path / "warm.dat").write_bytes(raw)
    assert temperature_of(tmp_path / "warm.dat") == (31.5, "temperature field of the sweeps")

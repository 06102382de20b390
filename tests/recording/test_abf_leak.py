"""What headers say of a leak subtraction while recording."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest
from headers import abf1_bytes, make_adc, make_dac, make_epoch, make_header

from permeant.recording import open_recording
from permeant.recording.abf2 import DAC, read_section
from permeant.recording.abf_header import LeakHeader
from permeant.recording.online_leak import read_online_leak
from permeant.records import OnlineLeak

SHARED = Path(__file__).resolve().parents[3] / "shared"
RECORDINGS = Path(os.environ.get("PERMEANT_RECORDINGS", SHARED / "recordings"))
SWEEPS = np.random.default_rng(1).normal(0, 100, (5, 3200, 1)).astype(np.int16)


def written(tmp_path: Path, **fields: tuple[int, str, tuple[int, ...]]):
    """An ABF1 file of version 1.8 with fields of its header set as the format lays them out."""
    data = bytearray(abf1_bytes(SWEEPS))
    for offset, kind, values in fields.values():
        struct.pack_into(f"<{kind}", data, offset, *values)
    path = tmp_path / "pn.abf"
    path.write_bytes(bytes(data))
    return open_recording(path).info


def test_p_over_four_in_an_extended_header(tmp_path):
    info = written(
        tmp_path,
        type=(4456, "2h", (1, 0)),
        polarity=(4460, "2h", (-1, 1)),
        adc=(4472, "2h", (0, 0)),
        pulses=(1938, "h", (4,)),
    )
    assert info.online_leak == OnlineLeak("P/N", 4, -1, True)
    assert info.online_leak.title == "P/4"


def test_p_over_eight_in_a_header_of_the_second_version(tmp_path):
    """A real file with the fields of its output channel set, as nobody gave us one with P/N."""
    source = RECORDINGS / "pyabf/model_vc_step.abf"
    if not source.exists():
        pytest.skip(f"{source} is absent (set PERMEANT_RECORDINGS)")
    data = bytearray(source.read_bytes())
    start = read_section(bytes(data), DAC).start
    struct.pack_into("<2h", data, start + 92, 1, 1)
    struct.pack_into("<h", data, start + 104, 8)
    struct.pack_into("<h", data, start + 130, 0)
    path = tmp_path / "pn.abf"
    path.write_bytes(bytes(data))
    assert open_recording(path).info.online_leak == OnlineLeak("P/N", 8, 1, True)


def test_a_header_without_it(tmp_path):
    assert written(tmp_path, pulses=(1938, "h", (4,))).online_leak is None


def test_a_subtraction_for_another_channel():
    dac = make_dac(make_epoch(0), leak=LeakHeader(1, 4, 1, adc=1))
    header = make_header(dac, adcs=(make_adc(0), make_adc(1, "IN 1")))
    assert read_online_leak(header, 0).of_this_channel is False
    assert read_online_leak(header, 1).of_this_channel is True


def test_a_number_that_means_two_channels_tells_neither():
    """Input 1 is sampled first, input 0 second: is number 1 an input or a place?"""
    dac = make_dac(make_epoch(0), leak=LeakHeader(1, 4, 1, adc=1))
    header = make_header(dac, adcs=(make_adc(1), make_adc(0, "IN 1")))
    assert read_online_leak(header, 0).of_this_channel is None
    assert read_online_leak(header, 1).of_this_channel is None


def test_an_output_that_played_nothing_had_none():
    dac = make_dac(make_epoch(0), leak=LeakHeader(2, 0, 0, adc=0), enabled=False)
    assert read_online_leak(make_header(dac), 0) is None


@pytest.mark.parametrize("n_pulses", [0, -3, 400])
def test_a_number_of_pulses_that_cannot_be_is_not_told(n_pulses):
    dac = make_dac(make_epoch(0), leak=LeakHeader(1, n_pulses, 7, adc=0))
    assert read_online_leak(make_header(dac), 0) == OnlineLeak("P/N", None, None, True)


def test_no_real_recording_claims_one():
    if not RECORDINGS.exists():
        pytest.skip(f"no folder {RECORDINGS} (set PERMEANT_RECORDINGS)")
    for name in ("hcn2/20917009", "pyabf/model_vc_step", "pyabf/171116sh_0012"):
        assert open_recording(RECORDINGS / f"{name}.abf").info.online_leak is None

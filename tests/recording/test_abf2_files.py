"""ABF2 files with known truth: amplifications, outputs, user lists, texts that are empty."""

from __future__ import annotations

from dataclasses import replace

import foreign_files as ff
import numpy as np
import pytest
from abf2_files import RAMP, STEP, Epoch, Input, Output, played, write_abf2

from permeant.library import fit_iv, measure_recording
from permeant.recording import open_recording, render_command

FAMILY = Output((Epoch(STEP, -70.0, 0.0, 400), Epoch(STEP, -100.0, 20.0, 1000)))
OTHER = Output(
    (Epoch(STEP, -60.0, 0.0, 400), Epoch(STEP, -90.0, 15.0, 1000)), number=1, holding=-60.0
)
SHAPE = (8, 2048)
COMMAND = played(FAMILY, *SHAPE)
CURRENT = ff.ohmic_pa(COMMAND)
# a cell of its own has noise of its own
OTHER_PA = ff.ohmic_pa(played(OTHER, *SHAPE), g_ns=3.0)
OTHER_PA += np.random.default_rng(5).normal(0.0, 6.0, SHAPE)


def checks(recording):
    return {finding.check: finding for finding in recording.info.findings}


def drawn(recording):
    return np.stack([render_command(one, SHAPE[1]) for one in recording.info.sweeps])


def assert_truth(recording, g_ns=ff.G_NS, e_rev_mv=ff.E_REV_MV):
    fit = fit_iv(measure_recording(recording))
    assert fit.g_ns == pytest.approx(g_ns, abs=0.01)
    assert fit.e_rev_mv == pytest.approx(e_rev_mv, abs=0.1)


@pytest.mark.parametrize(
    ("how", "floats"),
    [
        ({}, False),
        ({"gain": 2.0, "volts_per_unit": 0.0002}, False),
        ({"offset": 50.0, "signal_offset": -20.0}, False),
        ({"telegraph": 5.0, "volts_per_unit": 0.0001}, False),
        ({"offset": 50.0}, True),
    ],
    ids=["plain", "two gains", "offsets", "telegraph", "floats"],
)
def test_amplifications(tmp_path, how, floats):
    path = write_abf2(tmp_path / "c.abf", [Input(CURRENT, **how)], [FAMILY], floats=floats)
    recording = open_recording(path)
    # half a count: 10 V over 32768 counts and 0.4 mV/pA or more
    assert np.abs(recording.current_pa - CURRENT).max() <= 0.4
    assert_truth(recording)


@pytest.mark.parametrize(("units", "factor"), [("nA", 1e-3), ("A", 1e-12), ("fA", 1e3)])
def test_units(tmp_path, units, factor):
    one = Input(CURRENT * factor, units=units, volts_per_unit=0.0005 / factor)
    volts = replace(
        FAMILY, holding=-0.07, units="V",
        epochs=tuple(replace(e, level=e.level / 1e3, level_step=e.level_step / 1e3)
                     for e in FAMILY.epochs),
    )  # fmt: skip
    recording = open_recording(write_abf2(tmp_path / "c.abf", [one], [volts]))
    assert np.abs(recording.current_pa - CURRENT).max() <= 0.4
    assert drawn(recording) == pytest.approx(COMMAND, abs=1e-3)


LEVELS = (30.0, -100.0, -20.0, 10.0, -60.0, -80.0, 0.0, -40.0)
DURATIONS = (400, 500, 600, 700, 800, 900, 1000, 1100)


@pytest.mark.parametrize(
    ("output", "lists"),
    [
        (replace(FAMILY, user_list=(22, ",".join(map(str, LEVELS)))), {1: ("level", LEVELS)}),
        (replace(FAMILY, user_list=(32, " ".join(map(str, DURATIONS)))),
         {1: ("duration", DURATIONS)}),
        (Output((Epoch(STEP, -70.0, 0.0, 200, 50), Epoch(STEP, -100.0, 20.0, 1000, -50))), None),
        (Output((Epoch(STEP, -70.0, 0.0, 300), Epoch(RAMP, -100.0, 20.0, 200),
                 Epoch(STEP, -100.0, 20.0, 800))), None),
        (Output((Epoch(STEP, -100.0, 20.0, 1000), Epoch(STEP, -70.0, 0.0, 300)), stays=True), None),
    ],
    ids=["levels listed", "durations listed", "durations grow", "ramp", "stays"],
)  # fmt: skip
def test_commands(tmp_path, output, lists):
    command = played(output, *SHAPE, lists)
    path = write_abf2(tmp_path / "c.abf", [Input(ff.ohmic_pa(command))], [output])
    recording = open_recording(path)
    assert drawn(recording) == pytest.approx(command, abs=0.01)
    assert_truth(recording)


@pytest.mark.parametrize("numbers", [(0, 1), (1, 0), (4, 5)])
def test_two_cells_have_an_output_each(tmp_path, numbers):
    """By the number of the input; in the order of the channels where the numbers tell nothing."""
    ours = Input(CURRENT, "Im A", number=numbers[0])
    other = Input(OTHER_PA, "Im B", number=numbers[1])
    outputs = [FAMILY, OTHER]
    if numbers == (1, 0):
        outputs = [replace(OTHER, number=0), replace(FAMILY, number=1)]
    path = write_abf2(tmp_path / "c.abf", [ours, other], outputs)
    assert_truth(open_recording(path, current_channel="Im A"))
    assert_truth(open_recording(path, current_channel="Im B"), g_ns=3.0)
    found = checks(open_recording(path))
    assert "several_current_channels" in found
    assert ("output_channel" in found) is (numbers == (4, 5))


def test_an_output_that_was_off_is_left_over(tmp_path):
    outputs = [replace(OTHER, number=0, enabled=False), replace(FAMILY, number=1)]
    assert_truth(open_recording(write_abf2(tmp_path / "c.abf", [Input(CURRENT)], outputs)))


def test_tags_and_gaps_between_sweeps(tmp_path):
    starts = [5.0 * k for k in range(SHAPE[0])]
    path = write_abf2(
        tmp_path / "c.abf", [Input(CURRENT)], [FAMILY], starts_s=starts,
        tags=((12.0, "drug 1 \u00b5M"), (30.0, "w\u00e4sh")), synch_unit_us=20.0,
    )  # fmt: skip
    info = open_recording(path).info
    assert info.sweep_starts_s == pytest.approx(starts)
    assert [(tag.time_s, tag.text) for tag in info.tags] == [
        (pytest.approx(12.0), "drug 1 \u00b5M"),
        (pytest.approx(30.0), "w\u00e4sh"),
    ]


@pytest.mark.parametrize("name", ["", "IN 0"])
def test_texts_that_are_empty_do_not_shift_the_others(tmp_path, name):
    """neo takes the last empty text for the start of all."""
    inputs = [Input(CURRENT, name), Input(COMMAND, "Vm", "mV", 1, 0.01), Input(COMMAND, "", "", 2)]
    recording = open_recording(write_abf2(tmp_path / "c.abf", inputs, [FAMILY]))
    assert [one.units for one in recording.info.channels] == ["pA", "mV", ""]
    assert recording.info.command_source == "recorded in channel 1 ('Vm')"
    assert_truth(recording)

"""PatchMaster bundles with known truth: the command of the stored stimulus, output by output."""

from __future__ import annotations

import foreign_files as ff
import heka_files as heka
import numpy as np
import pytest
from heka_files import output, segment, series, trace, write_heka

from permeant.errors import RecordingError
from permeant.library import fit_iv, measure_recording
from permeant.recording import open_recording

COMMAND = ff.command_mv()
CURRENT = ff.ohmic_pa(COMMAND)
OTHER = ff.command_mv(tuple(range(-90, 30, 15)))
OTHER[:, :500] = OTHER[:, 1500:] = -60.0
OTHER_PA = ff.ohmic_pa(OTHER, g_ns=3.0)
REST_S = 548e-4


def family(first_v=-0.1, step_v=0.02, *, mode=heka.INCREASE, **more):
    step = segment(0.1, first_v, step_v, mode=mode)
    return output(segment(0.05), step, segment(REST_S), **more)


def second(**more):
    return family(-0.09, 0.015, holding_v=-0.06, **more)


def sweeps(current=CURRENT, command=None, name="Imon", **stored):
    found = [[trace(name, 1e-12 * pa, **stored)] for pa in current]
    if command is not None:
        for traces, mv in zip(found, command, strict=True):
            traces.append(trace(name.replace("I", "V"), 1e-3 * mv, "V", 1e-5))
    return found


def checks(recording):
    return {finding.check: finding for finding in recording.info.findings}


def levels(recording, sample=1000):
    found = []
    for segments in recording.info.sweeps:
        (one,) = [s for s in segments if s.start <= sample < s.stop]
        found.append(one.start_mv)
    return found


def assert_truth(recording, g_ns=ff.G_NS, e_rev_mv=ff.E_REV_MV):
    fit = fit_iv(measure_recording(recording))
    assert fit.g_low_ns - 0.01 <= g_ns <= fit.g_high_ns + 0.01
    assert fit.e_rev_mv == pytest.approx(e_rev_mv, abs=0.1)


@pytest.mark.parametrize("version", ["v2x90.2, 22-Nov-2016", "1.2.0 [Build 1469]"])
@pytest.mark.parametrize(("kind", "scale"), [("i2", 1e-13), ("f4", 1.0)])
def test_current_and_stored_command(tmp_path, version, kind, scale):
    one = series("IV", [family()], sweeps(scale=scale, kind=kind))
    recording = open_recording(write_heka(tmp_path / "c.dat", one, version=version))
    assert np.abs(recording.current_pa - CURRENT).max() < 0.06
    assert levels(recording) == pytest.approx(ff.LEVELS_MV, abs=0.01)
    assert recording.info.command_source == "the stored stimulus 'IV'"
    assert_truth(recording)


def test_levels_relative_to_holding(tmp_path):
    parts = (segment(0.05, 0.0), segment(0.1, -0.03, 0.02), segment(REST_S, 0.0))
    one = series("IV", [output(*parts, relative=True)], sweeps())
    recording = open_recording(write_heka(tmp_path / "c.dat", one))
    assert levels(recording) == pytest.approx(ff.LEVELS_MV, abs=0.01)


def test_levels_that_are_played_backwards(tmp_path):
    one = series("IV", [family(mode=heka.DECREASE)], sweeps(CURRENT[::-1]))
    recording = open_recording(write_heka(tmp_path / "c.dat", one))
    assert levels(recording) == pytest.approx(ff.LEVELS_MV[::-1], abs=0.01)
    assert_truth(recording)


def test_traces_that_keep_every_second_sample(tmp_path):
    """The stimulus counts in its own samples, half as long as those of the traces."""
    one = series("IV", [family()], sweeps(), stimulus_interval_s=5e-5)
    recording = open_recording(write_heka(tmp_path / "c.dat", one))
    starts = {segment.start for segments in recording.info.sweeps for segment in segments}
    assert {500, 1500} <= starts
    assert "interval_doubtful" not in checks(recording)
    assert_truth(recording)


def test_two_amplifiers_have_a_command_each(tmp_path):
    both = [a + b for a, b in zip(sweeps(), sweeps(OTHER_PA, name="Imon-2"), strict=True)]
    path = write_heka(tmp_path / "c.dat", series("IV", [family(), second()], both))
    assert_truth(open_recording(path, current_channel="Imon"))
    recording = open_recording(path, current_channel="Imon-2")
    assert levels(recording) == pytest.approx(range(-90, 30, 15), abs=0.01)
    assert_truth(recording, g_ns=3.0)
    assert checks(recording)["output_channel"].severity == "warning"


def test_one_current_under_two_different_outputs_has_no_known_command(tmp_path):
    path = write_heka(tmp_path / "c.dat", series("IV", [family(), second()], sweeps()))
    assert "different voltages" in checks(open_recording(path))["command_unknown"].message
    path = write_heka(
        tmp_path / "v.dat", series("IV", [family(), second()], sweeps(command=COMMAND))
    )
    recording = open_recording(path)
    assert recording.info.command_source == "recorded in channel 1 ('Vmon')"
    assert levels(recording) == pytest.approx(ff.LEVELS_MV, abs=0.1)


def test_a_trigger_is_no_command(tmp_path):
    trigger = output(segment(0.01, 0.0), segment(0.01, 5.0), segment(0.1848, 0.0))
    path = write_heka(tmp_path / "c.dat", series("IV", [trigger, family()], sweeps()))
    recording = open_recording(path)
    assert levels(recording) == pytest.approx(ff.LEVELS_MV, abs=0.01)


def test_a_ramp_leads_from_the_level_before_it(tmp_path):
    ramp = output(segment(0.05), segment(0.1, 0.03, kind=heka.RAMP), segment(REST_S))
    command = np.full((3, 2048), -70.0)
    command[:, 500:1500] = np.linspace(-70.0, 30.0, 1001)[1:]
    path = write_heka(tmp_path / "c.dat", series("IV", [ramp], sweeps(ff.ohmic_pa(command))))
    recording = open_recording(path)
    (found,) = [s for s in recording.info.sweeps[0] if not s.is_step]
    # the straight line may be taken from the last sample at rest on
    assert (found.start, found.stop) in {(499, 1500), (500, 1500)}
    assert (found.start_mv, found.stop_mv) == pytest.approx((-70.0, 30.0), abs=0.2)
    fit = fit_iv(measure_recording(recording, measure="ramp"))
    assert fit.g_ns == pytest.approx(ff.G_NS, rel=0.01)
    assert fit.e_rev_mv == pytest.approx(ff.E_REV_MV, abs=0.2)


@pytest.mark.parametrize(
    ("channel", "word"),
    [
        (family(mode=heka.ALTERNATE), "does not know"),
        (family(standard=False), "scaled"),
        (output(segment(0.02, stored=0), *family()["segments"]), "not recorded"),
        (output(segment(0.05), segment(0.15, 0.0, kind=heka.SINE)), "no levels or ramps"),
        (output(segment(0.05), segment(0.1, -0.1, 0.02)), "shorter"),
    ],
    ids=["alternating", "own scale", "not stored", "sine", "too short"],
)
def test_a_stimulus_that_cannot_be_rebuilt_says_why_and_gives_way_to_vmon(tmp_path, channel, word):
    path = write_heka(tmp_path / "c.dat", series("IV", [channel], sweeps()))
    assert word in checks(open_recording(path))["command_unknown"].message
    path = write_heka(tmp_path / "v.dat", series("IV", [channel], sweeps(command=COMMAND)))
    assert_truth(open_recording(path))


def test_a_stimulus_made_for_any_mode(tmp_path):
    """With amperes at its output the clamp was one of current; volts may be anything."""
    current = output(*family()["segments"], mode=heka.ANY, unit="A")
    path = write_heka(tmp_path / "c.dat", series("IV", [current], sweeps(command=COMMAND)))
    with pytest.raises(RecordingError) as caught:
        open_recording(path)
    assert caught.value.code == "current_clamp"
    voltage = output(*family()["segments"], mode=heka.ANY)
    path = write_heka(tmp_path / "v.dat", series("IV", [voltage], sweeps()))
    assert "made for voltage clamp" in checks(open_recording(path))["command_unknown"].message


def test_the_amplifier_of_the_file_corrects(tmp_path):
    state = {"g_series": 1e-7, "c_slow": 2e-11, "fraction": 0.7, "ljp": 0.01}
    recording = open_recording(
        write_heka(tmp_path / "c.dat", series("IV", [family()], sweeps(), **state))
    )
    info = recording.info
    assert (info.r_s_mohm, info.c_m_pf) == pytest.approx((10.0, 20.0))
    assert (info.r_s_compensation, info.ljp_applied_mv) == pytest.approx((0.7, 10.0))
    # 30 % of 10 MΩ is left in series with 1/5 GΩ: g = 5 / (1 - 5e-9 × 3e6) nS
    assert_truth(recording, g_ns=ff.G_NS / (1 - 0.015))


def test_a_series_that_was_stopped(tmp_path):
    found = sweeps()[:6]
    label, unit, scale, kind, stored = found[-1][0]
    found[-1] = [(label, unit, scale, kind, stored[:600])]
    recording = open_recording(
        write_heka(
            tmp_path / "c.dat",
            series("IV", [family()], found),
            series("IV 2", [family()], sweeps()),
        ),
        series="IV",
    )
    assert levels(recording) == pytest.approx(ff.LEVELS_MV[:5], abs=0.01)
    assert "sweep_broken_off" in checks(recording)


def test_a_big_endian_bundle_is_refused_as_one(tmp_path):
    path = write_heka(tmp_path / "c.dat", series("IV", [family()], sweeps()), order=">")
    with pytest.raises(RecordingError, match="big-endian") as caught:
        open_recording(path)
    assert caught.value.code == "mode_not_supported"

"""Roles of channels from units, names, telegraphs and samples."""

from __future__ import annotations

import numpy as np
import pytest
from headers import make_adc, make_dac, make_epoch, make_header

from permeant.errors import RecordingError
from permeant.recording.channels import (
    choose_current,
    find_channel,
    is_named_voltage,
    judge_channels,
    parse_units,
)
from permeant.recording.clamp_mode import looks_like_spikes, refuse_current_clamp
from permeant.recording.clipping import find_clipping, find_frozen
from permeant.recording.output_channel import choose_output


def trace(seed=0, scatter=5.0, step=100.0):
    rng = np.random.default_rng(seed)
    samples = rng.normal(0, scatter, (4, 3000))
    samples[:, 1000:2000] += step * np.arange(1, 5)[:, None]
    return samples.astype(np.float32)


def judge(*channels):
    adcs = [make_adc(i, name, units) for i, (name, units, _) in enumerate(channels)]
    return judge_channels(adcs, [samples for *_, samples in channels])


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ("pA", ("current", 1.0)),
        ("nA", ("current", 1e3)),
        ("µA", ("current", 1e6)),
        ("uA", ("current", 1e6)),
        (" fA ", ("current", 1e-3)),
        ("V", ("voltage", 1e3)),
        ("mV", ("voltage", 1.0)),
        ("mmHg", ("other", 1.0)),
        ("°C", ("other", 1.0)),
        ("?", ("other", 1.0)),
        ("", ("other", 1.0)),
    ],
)
def test_units(units, expected):
    assert parse_units(units) == expected


@pytest.mark.parametrize("name", ["Vm", "Vm_sec", "10 Vm", "Voltage", "V", "V_m", "Command"])
def test_names_of_voltages(name):
    assert is_named_voltage(name)


@pytest.mark.parametrize("name", ["IN 0", "Im", "I_MTest 0", "Im_scaled", "IV", "Active"])
def test_names_that_are_none(name):
    assert not is_named_voltage(name)


def test_garbage_in_ampere_is_left_out_and_the_reason_said():
    candidates = judge(("IN 0", "pA", trace()), ("IN 1", "A", trace(1, 0.1, -3.6)))
    assert candidates[1].kind == "other"
    assert "implausible scale" in candidates[1].reason
    chosen, findings = choose_current("f", candidates, None)
    assert chosen.index == 0
    assert findings == []


def test_a_lone_implausible_current_is_refused():
    candidates = judge(("IN 0", "A", trace(1, 0.1, -3.6)))
    with pytest.raises(RecordingError, match="implausible scale") as caught:
        choose_current("f", candidates, None)
    assert caught.value.code == "no_current_channel"
    with pytest.raises(RecordingError, match="implausible scale"):
        choose_current("f", candidates, "IN 0")


def test_a_very_large_current_is_flagged():
    _, findings = choose_current("f", judge(("IN 0", "nA", trace(0, 1, 50))), None)
    assert [finding.check for finding in findings] == ["current_scale"]


def test_a_scaled_copy_is_told_from_a_second_cell():
    one = trace(0)
    copy = (1.6 * one - 494).astype(np.float32)
    second = (0.9 * trace(0, 0.0) + trace(5, 5.0, 0.0)).astype(np.float32)
    candidates = judge(("a", "pA", one), ("b", "pA", copy), ("c", "pA", second))
    assert [candidate.kind for candidate in candidates] == ["current", "other", "current"]
    assert "a scaled copy of channel 0" in candidates[1].reason


def test_a_copy_at_another_scale_is_said_because_one_scale_is_wrong():
    one = trace()
    candidates = judge(("a", "pA", one), ("b", "pA", 10 * one))
    chosen, findings = choose_current("x.abf", candidates, None)
    assert chosen.index == 0
    assert [(f.check, f.severity) for f in findings] == [("scaled_copy", "warning")]
    assert findings[0].value == pytest.approx(10)
    assert "current_channel" in findings[0].message
    assert choose_current("x.abf", judge(("a", "pA", one), ("b", "pA", one)), None)[1] == []


def test_several_currents_are_named():
    candidates = judge(("a", "pA", trace(0)), ("b", "pA", trace(1)))
    chosen, findings = choose_current("f", candidates, None)
    assert chosen.index == 0
    assert findings[0].check == "several_current_channels"
    assert "'b'" in findings[0].message
    chosen, findings = choose_current("f", candidates, "b")
    assert chosen.index == 1
    assert findings == []


def test_a_channel_called_voltage_in_pa_comes_last():
    candidates = judge(("Voltage", "pA", trace(0)), ("b", "pA", trace(1)))
    assert choose_current("f", candidates, None)[0].index == 1
    _, findings = choose_current("f", candidates[:1], None)
    assert [finding.check for finding in findings] == ["channel_name_contradicts_units"]


def test_channels_are_found_by_name_or_number_and_the_allowed_ones_said():
    candidates = judge(("IN 0", "pA", trace(0)), ("IN 1", "pA", trace(1)))
    assert find_channel("f", candidates, "in 1", "current_channel").index == 1
    assert find_channel("f", candidates, "0", "current_channel").index == 0
    with pytest.raises(RecordingError, match="'IN 0' or 0, 'IN 1' or 1") as caught:
        find_channel("f", candidates, "IN_1", "current_channel")
    assert caught.value.code == "channel_not_found"


def clamp(adc, dac, samples):
    candidates = judge_channels([adc], [samples])
    refuse_current_clamp("f", make_header(dac, adcs=(adc,)), candidates, None)


def test_current_clamp_is_refused_for_every_kind_of_evidence():
    epoch = make_epoch(0)
    with pytest.raises(RecordingError, match="plays a command in pA"):
        clamp(make_adc(), make_dac(epoch, units="pA"), trace())
    with pytest.raises(RecordingError, match="telegraph says current clamp"):
        clamp(make_adc(telegraph=True, mode=1), make_dac(epoch), trace())
    with pytest.raises(RecordingError, match="I = 0"):
        clamp(make_adc(telegraph=True, mode=2), make_dac(epoch), trace())
    with pytest.raises(RecordingError, match="no channel a plausible current"):
        clamp(make_adc(units="mV"), make_dac(epoch), trace())


def test_voltage_clamp_is_not_refused():
    assert clamp(make_adc(), make_dac(make_epoch(0)), trace()) is None
    assert clamp(make_adc(telegraph=True, mode=0), make_dac(make_epoch(0)), trace()) is None


def test_spikes_look_like_spikes_and_transients_do_not():
    rest = np.random.default_rng(0).normal(-60, 0.5, (1, 5000)).astype(np.float32)
    spikes, transients = rest.copy(), rest.copy()
    spikes[0, 1000::1000] = 30
    transients[0, 1000] = 300
    transients[0, 3000] = -400
    assert looks_like_spikes(spikes)
    assert not looks_like_spikes(transients)


def output(header, index=0):
    candidates = judge_channels(header.adcs, [trace(i) for i in range(len(header.adcs))])
    currents = [one for one in candidates if one.kind == "current"]
    return choose_output(header, candidates[index], currents)


def test_the_output_with_the_number_of_the_input_is_taken():
    dacs = [make_dac(make_epoch(0), number=i) for i in range(2)]
    header = make_header(*dacs, adcs=(make_adc(0), make_adc(1, "IN 1")))
    assert output(header, 1).dac.number == 1


def test_an_output_in_mmhg_is_never_a_command():
    dacs = (make_dac(make_epoch(0)), make_dac(make_epoch(0), number=1, units="mmHg"))
    chosen = output(make_header(*dacs, adcs=(make_adc(1),)))
    assert chosen.dac.number == 0
    assert "only one" in chosen.reason


def test_outputs_are_matched_in_order_or_by_the_active_one_and_said_to_be_doubtful():
    dacs = [make_dac(make_epoch(0), number=i) for i in range(2)]
    header = make_header(*dacs, adcs=(make_adc(4), make_adc(5, "IN 5")), active_dac=0)
    chosen = output(header, 1)
    assert (chosen.dac.number, chosen.doubtful) == (1, True)
    alone = output(make_header(*dacs, adcs=(make_adc(4),), active_dac=1))
    assert (alone.dac.number, alone.reason, alone.doubtful) == (1, "the active one", True)


def test_nothing_played_means_holding_and_no_voltage_output_means_unknown():
    assert "holding" in output(make_header(make_dac(enabled=False))).reason
    assert output(make_header(make_dac(make_epoch(0), units="mmHg"))) is None
    assert output(make_header()) is None


def test_clipping_at_the_digitizer_and_at_the_amplifier():
    quiet = np.random.default_rng(0).normal(0, 30, (2, 4000)).astype(np.int16)
    assert find_clipping(quiet, "c") == []
    full = quiet.copy()
    full[0, 100:110] = 32767
    assert find_clipping(full, "c")[0].check == "clipped"
    plateau = quiet.copy()
    plateau[1, 100:200] = -20000
    (finding,) = find_clipping(plateau, "c")
    assert (finding.severity, finding.value) == ("warning", pytest.approx(1.25))
    transient = quiet.copy()
    transient[:, 100] = -20000
    assert find_clipping(transient, "c") == []


@pytest.mark.parametrize(
    ("start", "stop", "severity"),
    [(1000, 1200, "warning"), (0, 400, "info"), (2500, 3000, "info"), (1000, 1100, None)],
)
def test_samples_that_stand_still_are_told(start, stop, severity):
    raw = np.round(np.random.default_rng(2).normal(0, 30, (4, 3000))).astype(np.int16)
    raw[2, start:stop] = 0
    found = find_frozen(raw, "channel 0")
    assert [one.severity for one in found] == ([severity] if severity else [])


def test_a_recording_without_noise_may_stand_still():
    assert find_frozen(np.zeros((2, 3000), np.int16), "channel 0") == []

"""Samples that lie where they do not belong, and scales that no rig has, are told."""

from __future__ import annotations

import struct

import foreign_files as ff
import numpy as np
import pytest
from headers import abf1_bytes, ohmic_sweeps

from permeant.recording import open_recording
from permeant.recording.abf_scale import is_gain_step
from permeant.recording.command import Command
from permeant.recording.jumps import LARGE, find_jumps
from permeant.records import Segment

DATA = 6144
"""Where the samples of the synthetic ABF1 file begin."""
SWEEP_BYTES = 2 * 2000


def checks(path):
    return {one.check: one for one in open_recording(path).info.findings}


def write(tmp_path, data):
    path = tmp_path / "cell.abf"
    path.write_bytes(data)
    return path


def swapped(data, first, second, size):
    data = bytearray(data)
    data[first : first + size], data[second : second + size] = (
        data[second : second + size],
        data[first : first + size],
    )
    return data


def quiet(n_samples=4000, n_sweeps=3, noise_pa=1.0):
    """Return a current under one step, and the command; noise of 1 pA."""
    dice = np.random.default_rng(3)
    current = dice.normal(0.0, noise_pa, (n_sweeps, n_samples))
    current[:, 1000:3000] += 500.0
    steps = (
        Segment("before", 0, 1000, -70.0, -70.0),
        Segment("A", 1000, 3000, -20.0, -20.0),
        Segment("after", 3000, n_samples, -70.0, -70.0),
    )
    return current.astype(np.float32), Command((steps,) * n_sweeps, "rebuilt")


def found(current, command):
    return find_jumps(np.asarray(current, np.float32), command, 0.1, "channel 0")


def test_a_block_that_belongs_to_another_sweep_is_told(tmp_path):
    data = abf1_bytes(ohmic_sweeps(scatter=2.0))
    assert "current_jumps" not in checks(write(tmp_path, data))
    # 512 bytes of the step of the first sweep change places with those of the eighth
    damaged = swapped(data, DATA + 400, DATA + 7 * SWEEP_BYTES + 400, 512)
    finding = checks(write(tmp_path, damaged))["current_jumps"]
    assert finding.severity == "warning"
    # the levels of the two sweeps lie 70 mV apart, 30 counts a mV, 10/32768 pA a count
    assert finding.value == pytest.approx(70 * 30 * 10 / 32768, rel=0.05)
    assert "first in sweep 1 at 20.0 ms" in finding.message


def test_bytes_that_slipped_by_one_are_told(tmp_path):
    data = abf1_bytes(ohmic_sweeps(scatter=2.0))
    at = DATA + 2 * SWEEP_BYTES + 400
    slipped = bytearray(data)
    slipped[at : at + 600] = data[at + 1 : at + 601]
    assert "current_jumps" in checks(write(tmp_path, slipped))


def test_steps_of_the_command_artefacts_and_gating_are_no_jumps():
    current, command = quiet()
    assert found(current, command) == []
    artefact = current.copy()
    artefact[1, 2000] += 3000.0
    assert found(artefact, command) == []
    # a capacitive transient of any size after a step
    transient = current.copy()
    transient[:, 1000:] += 5000.0 * np.exp(-np.arange(3000) / 20)
    assert found(transient, command) == []
    # a large channel that opens, through a filter that takes five samples
    filtered = current.copy()
    filtered[1, 2000:] += 100.0
    filtered[1, 1998:2003] += np.array([10.0, 30.0, -50.0, -30.0, -10.0])
    assert found(filtered, command) == []


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_the_limit_of_a_jump_is_the_one_that_is_said(factor):
    """Of noise-free alternation by 1 pA, whose usual change is 1 pA."""
    current, command = quiet(noise_pa=0.0)
    current += np.arange(current.shape[1], dtype=np.float32) % 2
    current[1, 2000:2500] += LARGE * factor
    assert bool(found(current, command)) is (factor > 1)


def test_between_slow_samples_anything_may_happen():
    current, command = quiet()
    current[1, 2000:2500] += 300.0
    assert find_jumps(current, command, 1.0, "channel 0") != []
    assert find_jumps(current, command, 1.1, "channel 0") == []


def test_where_the_command_is_unknown_nothing_is_said():
    current, _ = quiet()
    whole = (Segment("before", 0, current.shape[1], 0.0, 0.0),)
    assert found(current, Command((whole,) * 3, "unknown")) == []
    assert found(current, Command((whole,) * 3, "rebuilt")) != []


def test_a_jump_is_found_on_both_sides_of_a_seam_between_pieces(monkeypatch):
    current, command = quiet()
    monkeypatch.setattr("permeant.recording.jumps.CHUNK", 500)
    for at in (1499, 1500, 1501, 2000, 2750):
        jumped = current.copy()
        jumped[1, at:3000] += 300.0
        (finding,) = found(jumped, command)
        assert f"1 times (first in sweep 2 at {at / 10:.1f} ms)" in finding.message


@pytest.mark.parametrize(
    ("offset", "kind", "value", "said"),
    [
        (252, "i", 2_129_920, "2129920 counts"),
        (252, "i", 32_767, ""),
        (244, "f", 11.7, "11.7 V"),
        (244, "f", 10.24, ""),
        (730, "f", 1.3, "a gain of 1.3"),
        (730, "f", 20.0, ""),
    ],
)
def test_a_scale_that_no_rig_has_is_told(tmp_path, offset, kind, value, said):
    data = bytearray(abf1_bytes(ohmic_sweeps()))
    struct.pack_into(f"<{kind}", data, offset, value)
    finding = checks(write(tmp_path, data)).get("scale_doubtful")
    assert bool(finding) is bool(said)
    assert finding is None or said in finding.message


def test_a_current_that_is_quieter_than_any_amplifier_is_told(tmp_path):
    command = ff.command_mv()
    for noise_pa, told in ((2.0, False), (0.02, False), (0.001, True)):
        current = ff.ohmic_pa(command, noise_pa=noise_pa, g_ns=0.001)
        path = ff.write_stimfit(tmp_path / f"{noise_pa}.h5", current, command)
        assert ("too_quiet" in checks(path)) is told
    # without any noise nothing was amplified, and nothing is said
    path = ff.write_stimfit(tmp_path / "none.h5", ff.ohmic_pa(command, noise_pa=0.0), command)
    assert "too_quiet" not in checks(path)


def test_steps_of_a_gain_switch():
    for gain in (0.1, 0.5, 1, 2, 5, 10, 20, 25, 50, 100, 500, 1000, 16, 64, 0.0625):
        assert is_gain_step(float(np.float32(gain)))
    for gain in (0.0, -1.0, 1.3, 3.0, 7.0, 1.001, float("nan"), float("inf")):
        assert not is_gain_step(gain)


def test_a_range_of_a_winwcp_record_that_is_no_step_of_the_header_s_is_told(tmp_path):
    command = ff.command_mv()
    current = ff.ohmic_pa(command)
    stepped = [10.0, 5.0, 2.0, 1.0, 10.0, 10.0, 10.0, 10.0]
    path = ff.write_winwcp(tmp_path / "c.wcp", current, command, vmax=stepped)
    assert "scale_doubtful" not in checks(path)
    odd = [10.0] * 7 + [12.5]
    path = ff.write_winwcp(tmp_path / "d.wcp", current, command, vmax=odd)
    assert "12.5 V" in checks(path)["scale_doubtful"].message

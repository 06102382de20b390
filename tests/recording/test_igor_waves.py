"""Igor waves as acquisition programs name and scale them."""

from __future__ import annotations

import foreign_files as ff
import numpy as np
import pytest
from foreign_files import igor_wave, pack_igor

from permeant.errors import RecordingError
from permeant.library import fit_iv, measure_recording
from permeant.recording import open_recording

LEVELS_MV = tuple(range(-110, 60, 15))
COMMAND = ff.command_mv(LEVELS_MV)
CURRENT = ff.ohmic_pa(COMMAND)
N = len(COMMAND)


def checks(recording):
    return {finding.check: finding for finding in recording.info.findings}


def levels(recording, sample=1000):
    found = []
    for segments in recording.info.sweeps:
        (one,) = [s for s in segments if s.start <= sample < s.stop]
        found.append(one.start_mv)
    return found


def named(name, sweeps, units, order=range(N), **scale):
    return [igor_wave(f"{name}{k}", sweeps[k], units, **scale) for k in order]


@pytest.mark.parametrize(("step", "time"), [(1e-4, b"s"), (0.1, b"ms"), (100.0, b"us")])
def test_points_scaled_in_any_unit_of_time(tmp_path, step, time):
    scale = {"step": step, "time": time}
    waves = [*named("Im_", CURRENT, "pA", **scale), *named("Vm_", COMMAND, "mV", **scale)]
    recording = open_recording(pack_igor(tmp_path / "e.pxp", waves))
    assert recording.info.interval_ms == pytest.approx(0.1)
    assert levels(recording) == pytest.approx(LEVELS_MV, abs=0.01)
    path = tmp_path / "Im.IBW"
    path.write_bytes(igor_wave("Im", CURRENT.T, "pA", **scale))
    assert open_recording(path).info.interval_ms == pytest.approx(0.1)


def test_points_scaled_in_no_time(tmp_path):
    path = tmp_path / "Im.ibw"
    path.write_bytes(igor_wave("Im", CURRENT[0], "pA", time=b"Hz"))
    with pytest.raises(RecordingError, match="SetScale x") as caught:
        open_recording(path)
    assert caught.value.code == "units_missing"


def test_a_scale_without_unit_that_may_be_ms_is_doubted(tmp_path):
    path = tmp_path / "Im.ibw"
    path.write_bytes(igor_wave("Im", CURRENT.T, "pA", step=0.1, time=b""))
    assert checks(open_recording(path))["interval_doubtful"].severity == "warning"


def test_voltages_follow_the_numbers_of_their_currents(tmp_path):
    waves = [*named("Im_", CURRENT, "pA"), *named("Vm_", COMMAND, "mV", sorted(range(N), key=str))]
    recording = open_recording(pack_igor(tmp_path / "e.pxp", waves))
    assert levels(recording) == pytest.approx(LEVELS_MV, abs=0.01)
    assert np.abs(recording.current_pa - CURRENT).max() < 0.01


@pytest.mark.parametrize(
    "names", [("ad0_", "ad2_", "da0_", "da2_"), ("RecA", "RecC", "RecB", "RecD")]
)
def test_two_cells_in_one_experiment_are_channels_and_not_sweeps(tmp_path, names):
    other = ff.ohmic_pa(COMMAND / 2, g_ns=2.0)
    # a cell of its own has noise of its own
    other += np.random.default_rng(5).normal(0, 6, other.shape)
    waves = [
        *named(names[0], CURRENT, "pA"), *named(names[1], other, "pA"),
        *named(names[2], COMMAND, "mV"), *named(names[3], COMMAND / 2, "mV"),
    ]  # fmt: skip
    path = pack_igor(tmp_path / "e.pxp", waves)
    recording = open_recording(path)
    assert recording.info.n_sweeps == N
    assert "several_current_channels" in checks(recording)
    assert fit_iv(measure_recording(recording)).g_ns == pytest.approx(ff.G_NS, rel=0.01)
    second = open_recording(path, current_channel=f"{names[1]}0")
    assert levels(second) == pytest.approx([mv / 2 for mv in LEVELS_MV], abs=0.01)
    assert fit_iv(measure_recording(second)).g_ns == pytest.approx(2.0, rel=0.01)

"""Files of the writer, seen by two readers that know nothing of it."""

from datetime import datetime
from pathlib import Path

import neo.rawio
import numpy as np
import pyabf
import pytest

from permeant.simulate.abf import choose_full_scale_pa, write_abf1
from permeant.simulate.protocol import (
    Epoch,
    Protocol,
    UserList,
    plan_steps,
    played_commands_mv,
)

N_SAMPLES = 3000
INTERVAL_MS = 0.1


def make_currents(protocol: Protocol) -> tuple[np.ndarray, np.ndarray]:
    command_mv = played_commands_mv(protocol, N_SAMPLES)
    noise = np.random.default_rng(1).normal(0, 4, command_mv.shape)
    return 3.7 * command_mv + 11 + noise, command_mv


def read_with_neo(path: Path) -> tuple[neo.rawio.AxonRawIO, np.ndarray]:
    reader = neo.rawio.AxonRawIO(str(path))
    reader.parse_header()
    sweeps = []
    for sweep in range(reader.segment_count(0)):
        raw = reader.get_analogsignal_chunk(0, sweep, stream_index=0)
        sweeps.append(reader.rescale_signal_raw_to_float(raw, "float64", 0))
    return reader, np.array(sweeps)


@pytest.fixture(params=[1, 2], ids=["current only", "current and command"])
def written(request, tmp_path):
    protocol = plan_steps(name="family", interval_ms=INTERVAL_MS, test_mv=-10.0)
    current_pa, command_mv = make_currents(protocol)
    path = tmp_path / "cell.abf"
    write_abf1(
        path,
        current_pa,
        protocol,
        INTERVAL_MS,
        recorded_command_mv=command_mv if request.param == 2 else None,
        comment="(a test)",
        acquired=datetime(2023, 5, 6, 7, 8, 9, 250_000),
        sweep_interval_s=1.25,
    )
    return path, protocol, current_pa, command_mv, request.param


def test_neo_reads_what_was_written(written):
    path, protocol, current_pa, command_mv, n_channels = written
    reader, sweeps = read_with_neo(path)
    channels = reader.header["signal_channels"]
    lsb = channels["gain"]
    assert sweeps.shape == (protocol.n_sweeps, N_SAMPLES, n_channels)
    assert list(channels["name"]) == ["IN 0", "Vcmd"][:n_channels]
    assert list(channels["units"]) == ["pA", "mV"][:n_channels]
    assert channels["sampling_rate"] == pytest.approx([1e4] * n_channels)
    starts = [reader.segment_t_start(0, k) for k in range(protocol.n_sweeps)]
    assert starts == pytest.approx([1.25 * k for k in range(protocol.n_sweeps)], abs=1e-6)
    assert np.abs(sweeps[..., 0] - current_pa).max() <= 0.5001 * lsb[0]
    assert lsb[0] < 0.05
    if n_channels == 2:
        assert np.abs(sweeps[..., 1] - command_mv).max() <= 0.5001 * lsb[1]
    acquired = reader.raw_annotations["blocks"][0]["rec_datetime"]
    assert acquired.replace(microsecond=0) == datetime(2023, 5, 6, 7, 8, 9)


def test_pyabf_reads_what_was_written(written):
    path, protocol, current_pa, command_mv, n_channels = written
    abf = pyabf.ABF(str(path))
    assert (abf.abfVersion["major"], abf.channelCount) == (1, n_channels)
    assert (abf.dataRate, abf.sweepCount) == (10_000, protocol.n_sweeps)
    assert abf.sweepPointCount == N_SAMPLES
    assert abf.protocol == "family"
    assert abf.abfFileComment == "simulated by permeant (a test)"
    assert abf.abfDateTime.isoformat() == "2023-05-06T07:08:09.250000"
    assert (abf.adcNames[0], abf.adcUnits[0]) == ("IN 0", "pA")
    assert (abf.dacNames[0], abf.dacUnits[0]) == ("Cmd 0", "mV")
    for sweep in abf.sweepList:
        abf.setSweep(sweep)
        assert np.abs(abf.sweepC - command_mv[sweep]).max() < 0.01
        assert np.abs(abf.sweepY - current_pa[sweep]).max() <= 0.51 * abf._dataGain[0]


def test_neo_and_pyabf_agree(written):
    path, *_ = written
    _, sweeps = read_with_neo(path)
    abf = pyabf.ABF(str(path))
    for channel in range(abf.channelCount):
        from_pyabf = abf.data[channel].reshape(abf.sweepCount, -1)
        np.testing.assert_allclose(sweeps[..., channel], from_pyabf, rtol=1e-5, atol=1e-3)


def test_same_bytes_every_time(written, tmp_path):
    path, protocol, current_pa, command_mv, n_channels = written
    again = tmp_path / "again.abf"
    write_abf1(
        again,
        current_pa,
        protocol,
        INTERVAL_MS,
        recorded_command_mv=command_mv if n_channels == 2 else None,
        comment="(a test)",
        acquired=datetime(2023, 5, 6, 7, 8, 9, 250_000),
        sweep_interval_s=1.25,
    )
    assert again.read_bytes() == path.read_bytes()


def test_user_list_is_in_the_header(tmp_path):
    levels = (10.0, -70.0, 32.5)
    protocol = plan_steps(name="random", interval_ms=INTERVAL_MS, levels_mv=levels)
    current_pa, _ = make_currents(protocol)
    write_abf1(tmp_path / "cell.abf", current_pa, protocol, INTERVAL_MS)
    header = (tmp_path / "cell.abf").read_bytes()[:6144]
    assert np.frombuffer(header, "<i2", 4, 3360).tolist() == [1, 0, 0, 0]
    assert np.frombuffer(header, "<i2", 4, 3368).tolist() == [22, 0, 0, 0]  # level of epoch B
    assert header[3376 : 3376 + 256].decode().strip() == "10, -70, 32.5"


def test_duration_list_has_its_own_codes(tmp_path):
    epochs = (Epoch(-60, 100), Epoch(0, 100), Epoch(-60, 100))
    protocol = Protocol("x", -60, epochs, 2, user_list=UserList("duration", 2, (50, 80), True))
    write_abf1(tmp_path / "cell.abf", np.ones((2, 1000)), protocol, INTERVAL_MS)
    header = (tmp_path / "cell.abf").read_bytes()[:6144]
    assert np.frombuffer(header, "<i2", 1, 3368)[0] == 33
    assert np.frombuffer(header, "<i2", 1, 4400)[0] == 1


def test_ramps_increments_and_staying_are_in_the_header(tmp_path):
    epochs = (Epoch(-60, 100), Epoch(20, 200, kind="ramp"), Epoch(-80, 300, 5, 20))
    protocol = Protocol("x", -60, epochs, 3, return_to_holding=False)
    write_abf1(tmp_path / "cell.abf", np.ones((3, 1000)), protocol, INTERVAL_MS)
    header = (tmp_path / "cell.abf").read_bytes()[:6144]
    assert np.frombuffer(header, "<i2", 2, 2304).tolist() == [1, 0]
    assert np.frombuffer(header, "<i2", 4, 2308).tolist() == [1, 2, 1, 0]
    assert np.frombuffer(header, "<f4", 3, 2428).tolist() == [0, 0, 5]
    assert np.frombuffer(header, "<i4", 3, 2588).tolist() == [0, 0, 20]


def test_what_is_out_of_range_sticks_to_the_end_of_it(tmp_path):
    protocol = plan_steps(name="x", interval_ms=INTERVAL_MS)
    current_pa = np.linspace(-3000, 3000, 17 * 1000).reshape(17, 1000)
    write_abf1(tmp_path / "cell.abf", current_pa, protocol, INTERVAL_MS, full_scale_pa=2000)
    _, sweeps = read_with_neo(tmp_path / "cell.abf")
    assert sweeps.min() == pytest.approx(-2000, abs=0.01)
    assert sweeps.max() == pytest.approx(2000, abs=0.1)
    inside = np.abs(current_pa) < 1999
    assert np.abs(sweeps[..., 0] - current_pa)[inside].max() < 0.04


def test_gain_settings():
    assert choose_full_scale_pa(0) == 100
    assert choose_full_scale_pa(199) == 500
    assert choose_full_scale_pa(1800) == 2000
    with pytest.raises(ValueError, match="more than an amplifier"):
        choose_full_scale_pa(1e9)


def test_shapes_that_do_not_fit_are_refused(tmp_path):
    protocol = plan_steps(name="x", interval_ms=INTERVAL_MS)
    with pytest.raises(ValueError, match="plays fewer"):
        write_abf1(tmp_path / "x.abf", np.ones((18, 100)), protocol, INTERVAL_MS)
    with pytest.raises(ValueError, match="differ"):
        write_abf1(tmp_path / "x.abf", np.ones((2, 99)), protocol, 0.1, np.ones((2, 98)))

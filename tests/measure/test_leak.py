"""Leak: the line, its error, where it was measured, and its subtraction."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from recordings_by_hand import info

from permeant.errors import RecordingError
from permeant.measure.leak import Leak, leak_from_points
from permeant.measure.leak_ramp import find_leak_ramp, fit_leak_ramp
from permeant.measure.seal import check_leak, check_leak_change
from permeant.recording import open_recording
from permeant.records import IVPoint, Segment

SHARED = Path(__file__).resolve().parents[3] / "shared"
RECORDINGS = Path(os.environ.get("PERMEANT_RECORDINGS", SHARED / "recordings"))


def real(name: str):
    path = RECORDINGS / name
    if not path.exists():
        pytest.skip(f"{name} is absent: no such file in {RECORDINGS} (set PERMEANT_RECORDINGS)")
    return open_recording(path)


def leaks_of(name: str):
    recording = real(f"hcn2/{name}.abf")
    ramp = find_leak_ramp(recording.info)
    return fit_leak_ramp(recording.current_pa, ramp, recording.info.interval_ms)


def point(v_mv: float, i_pa: float, sem_pa: float = 1.0, sweep: int = 1, used: bool = True):
    return IVPoint(sweep, 1, v_mv, v_mv, i_pa, sem_pa, 100.0, 0.0, 0.0, 1.0, used)


def protocol(sweeps: int = 8, varies: bool = True, back: bool = True):
    """Hold, ramp from -35 to 35 mV (and back), hold, step."""
    laid = []
    for k in range(sweeps):
        level = -100.0 + 10 * k * varies
        middle = (35.0, -35.0) if back else (-35.0, -35.0)
        laid.append(
            (
                Segment("A", 0, 500, -35.0, -35.0),
                Segment("B", 500, 1500, -35.0, 35.0),
                Segment("C", 1500, 2500, *middle),
                Segment("D", 2500, 4500, level, level),
            )
        )
    return info(laid)


def ramp_current(
    g_ns: float, e_mv: float, c_pf: float, sd_pa: float, seed: int = 0, sweeps: int = 8
):
    v = np.concatenate([np.linspace(-35, 35, 1001)[1:], np.linspace(35, -35, 1001)[1:]])
    slope = np.repeat([0.7, -0.7], 1000)
    current = np.zeros((sweeps, 4500))
    current[:, 500:2500] = g_ns * (v - e_mv) + c_pf * slope
    return current + sd_pa * np.random.default_rng(seed).standard_normal(current.shape)


def test_the_ramp_beside_a_family_is_the_leak_ramp():
    ramp = find_leak_ramp(protocol())
    assert (ramp.start, ramp.length, ramp.from_mv, ramp.to_mv) == (500, 1000, -35.0, 35.0)
    assert ramp.has_return
    assert ramp.title == "ramp from -35 to 35 mV and back"
    assert ramp.sweeps == tuple(range(8))


def test_a_ramp_that_is_all_there_is_is_none():
    assert find_leak_ramp(protocol(varies=False)) is None


def test_a_ramp_both_ways_tells_leak_and_capacitance():
    ramp = find_leak_ramp(protocol())
    off = []
    for seed in range(20):
        for leak in fit_leak_ramp(ramp_current(1.2, -14, 20, 5, seed), ramp, 0.1):
            assert leak.c_pf == pytest.approx(20, abs=2)
            off.append([(leak.g_ns - 1.2) / leak.g_se_ns, (leak.e_rev_mv + 14) / leak.e_rev_se_mv])
    assert np.all(np.abs(np.mean(off, axis=0)) < 0.3)
    assert np.all(np.abs(np.std(off, axis=0) - 1) < 0.25)


def test_a_single_ramp_leaves_the_capacitive_current_in():
    ramp = find_leak_ramp(protocol(back=False))
    assert not ramp.has_return
    leak = fit_leak_ramp(ramp_current(1.2, -14, 20, 0.5), ramp, 0.1)[0]
    assert leak.c_pf is None
    assert leak.g_ns == pytest.approx(1.2, rel=0.01)
    assert leak.e_rev_mv == pytest.approx(-14 - 20 * 0.7 / 1.2, abs=0.1)


def test_glitches_on_the_ramp_do_not_count():
    current = ramp_current(1.2, -14, 0, 2)
    current[:, 900:930] -= 400
    leak = fit_leak_ramp(current, find_leak_ramp(protocol()), 0.1)[0]
    assert leak.g_ns == pytest.approx(1.2, abs=4 * leak.g_se_ns)


def test_leak_across_the_membrane():
    """``I = g (V_m - E)`` with ``V_m = V - offset - I Rs`` gives back g and E of the membrane."""
    g_ns, e_mv, offset_mv, r_s = 4.0, -10.0, 6.0, 25.0
    seen = g_ns / (1 + 1e-3 * g_ns * r_s)
    leak = Leak(seen, -seen * (e_mv + offset_mv), 1e-4, 1e-1, 0.0, -90, -60)
    true = leak.across_membrane(offset_mv, r_s)
    assert true.g_ns == pytest.approx(g_ns)
    assert true.e_rev_mv == pytest.approx(e_mv)
    other_side = leak.across_membrane(offset_mv, r_s, sign=-1)
    assert (other_side.g_ns, other_side.e_rev_mv) == (pytest.approx(g_ns), pytest.approx(-e_mv))
    assert other_side.v_low_mv < other_side.v_high_mv


def test_points_that_scatter_more_than_their_errors_widen_the_leak():
    points = [point(v, 2 * v + (-1) ** k * 20, 0.1) for k, v in enumerate(range(-120, -79, 10))]
    assert leak_from_points(points, -120, -80).g_se_ns > 0.3


def test_unused_points_and_short_ranges():
    points = [point(-100, -200), point(-90, -180, used=False), point(-80, -160)]
    assert leak_from_points(points, -110, -70).g_ns == pytest.approx(2.0)
    with pytest.raises(RecordingError, match="holds 1 usable points"):
        leak_from_points(points, -110, -85)


# ------------------------------------------------------------------------------ real recordings


@pytest.mark.parametrize(
    ("name", "g_ns", "e_mv"),
    [
        ("20917009", 1.05, -13.7),
        ("21416007", 0.96, -16.7),
        ("20910005", 2.05, -8.0),
        ("20910002", 1.13, -13.5),
        ("20d10010", 0.42, None),
        ("20917001", 3.06, None),
        ("20o08003", 10.5, None),
        ("20n20002", 12.5, None),
    ],
)
def test_leak_ramps_of_real_recordings(name, g_ns, e_mv):
    leaks = leaks_of(name)
    assert np.mean([leak.g_ns for leak in leaks]) == pytest.approx(g_ns, rel=0.08)
    if e_mv is not None:
        assert np.mean([leak.e_rev_mv for leak in leaks]) == pytest.approx(e_mv, abs=1.0)


def test_the_ramps_of_the_family_are_not_the_leak_ramp():
    assert find_leak_ramp(real("hcn2/20d10010.abf").info).to_mv == 35.0
    assert find_leak_ramp(real("pyabf/DM1_0002.abf").info) is None
    assert find_leak_ramp(real("pyabf/model_vc_ramp.abf").info) is None
    assert find_leak_ramp(real("hcn2/19d16004.abf").info) is None


def test_findings_of_real_recordings():
    for name in ("20o08003", "20n20002"):
        found = check_leak(leaks_of(name), 5.0)
        assert found.check == "leak"
        assert "E_rev" in found.message
    assert check_leak(leaks_of("20917009"), 5.0) is None
    assert check_leak_change(leaks_of("20917009")) is None
    changing = check_leak_change(leaks_of("20d10001"))
    assert changing.check == "leak_change"
    assert "2.6 nS in sweep 1" in changing.message
    assert (
        "from 9.89 nS in sweep 6 to 23.1 nS in sweep 7"
        in check_leak_change(leaks_of("20n20002")).message
    )

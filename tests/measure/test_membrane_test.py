"""Rs, Rm and Cm: the circuit's own truth, simulated rigs, what cannot be told, real recordings."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from recordings_by_hand import info, segments

from permeant.measure.membrane_test import (
    MembraneTest,
    find_membrane_test,
    measure_mean_membrane_test,
    measure_membrane_test,
)
from permeant.measure.pulse import capacitance_from_ramps, find_ramp_pair
from permeant.measure.transient import solve_circuit
from permeant.recording import open_recording
from permeant.records import Segment
from permeant.simulate.cells import Membrane, Ohmic
from permeant.simulate.noise import bessel_response, low_pass
from permeant.simulate.protocol import Epoch, Protocol
from permeant.simulate.rig import Rig, record

SHARED = Path(__file__).resolve().parents[3] / "shared"
RECORDINGS = Path(os.environ.get("PERMEANT_RECORDINGS", SHARED / "recordings"))
STEP_MV = -10.0


def real(name: str):
    path = RECORDINGS / name
    if not path.exists():
        pytest.skip(f"{name} is absent: no such file in {RECORDINGS} (set PERMEANT_RECORDINGS)")
    return open_recording(path)


def pulse(n: int, sweeps: int, step_mv: float = STEP_MV) -> MembraneTest:
    return MembraneTest(0, n, 2 * n, 3 * n, -70.0, step_mv, True, tuple(range(sweeps)))


def transients(
    parts: list[tuple[float, float]],
    steady_ns: float,
    filter_khz: float,
    interval_ms: float,
    sweeps: int = 8,
    sd_pa: float = 2.0,
    seed: int = 0,
    delay_ms: float = 0.06,
):
    """Currents of a pulse whose excess over ``steady_ns`` is a sum of (nS, ms), by formula.

    Worked out on a grid twenty times finer, filtered there, and sampled at points.
    """
    fine, n = interval_ms / 20, round(30 / interval_ms)
    t = np.arange(3 * n * 20) * fine

    def charge(after):
        after = np.clip(after, 0, None)
        relaxed = sum(g * tau * -np.expm1(-after / tau) for g, tau in parts)
        return STEP_MV * (steady_ns * after + relaxed)

    def edge(at):
        return (charge(t + fine - at) - charge(t - at)) / fine

    on = n * interval_ms + delay_ms
    clean = low_pass((edge(on) - edge(2 * on - delay_ms))[None], bessel_response(filter_khz, fine))
    white = np.random.default_rng(seed).standard_normal((sweeps, 3 * n + 400))
    noise = low_pass(white, bessel_response(min(filter_khz, 0.45 / interval_ms), interval_ms))
    noise *= sd_pa / noise.std()
    return clean[:, ::20] + noise[:, 400:] - 50.0, pulse(n, sweeps)


def circuit(r_s, r_m, c_m):
    """Return the excess and the steady conductance of a cell behind its pipette."""
    g, steady = 1e3 / r_s, 1e3 / (r_s + r_m)
    return [(g - steady, 1e-3 * c_m * r_s * r_m / (r_s + r_m))], steady


@pytest.mark.parametrize("name", ["T116", "T117"])
def test_the_circuit_of_the_truth_cases(name):
    path = SHARED / "truth" / "cases.json"
    if not path.exists():
        pytest.skip(f"the truth cases are absent: no file {path}")
    case = next(one for one in json.loads(path.read_text()) if one["id"] == name)
    given, expected = case["inputs"], case["expected"]
    told = solve_circuit(
        expected["tau_ms"],
        expected["Qt_plus_correction_fC"] / given["dV_mV"],
        expected["I_ss_pA"] / given["dV_mV"],
    )
    assert told == pytest.approx(
        (given["Rs_MOhm"], given["Rm_MOhm"], given["Cm_pF"]), rel=case["tolerance"]["rel"]
    )


CORNERS = [
    (3.0, 50.0, 150.0, 5.0, 0.02),
    (5.0, 5000.0, 60.0, 10.0, 0.02),
    (10.0, 500.0, 30.0, 2.0, 0.05),
    (10.0, 500.0, 30.0, 4.0, 0.1),
    (20.0, 500.0, 90.0, 10.0, 0.1),
    (15.0, 200.0, 20.0, 5.0, 0.05),
    (20.0, 1000.0, 10.0, 10.0, 0.02),
    (30.0, 50.0, 5.0, 10.0, 0.02),
    (30.0, 5000.0, 150.0, 1.0, 0.1),
    (30.0, 300.0, 20.0, 1.0, 0.05),
]


@pytest.mark.parametrize(("r_s", "r_m", "c_m", "filter_khz", "interval_ms"), CORNERS)
def test_circuits_behind_a_filter(r_s, r_m, c_m, filter_khz, interval_ms):
    current, test = transients(*circuit(r_s, r_m, c_m), filter_khz, interval_ms)
    told = measure_membrane_test(current, test, interval_ms)
    if r_s * c_m > 1000:  # 4.5 ms in a pulse of 30
        assert all(one.r_s_mohm is None or abs(one.r_s_mohm / r_s - 1) < 0.1 for one in told)
        return
    assert all(not one.reason for one in told), told[0].reason
    assert np.mean([one.r_s_mohm for one in told]) == pytest.approx(r_s, rel=0.05)
    assert np.mean([one.c_m_pf for one in told]) == pytest.approx(c_m, rel=0.05)
    assert all(one.r_s_at_most_mohm > r_s for one in told)
    known = [one for one in told if one.r_m_mohm is not None]
    if r_m <= 1000:
        assert len(known) == len(told)
        assert np.mean([one.r_m_mohm for one in known]) == pytest.approx(r_m, rel=0.05)


def test_random_circuits_are_right_or_not_told():
    random, n_told = np.random.default_rng(11), 0
    for seed in range(60):
        r_s, r_m, c_m = np.exp(random.uniform(np.log([3, 50, 5]), np.log([30, 5000, 150])))
        interval_ms = random.choice([0.02, 0.05, 0.1])
        filter_khz = min(random.choice([1.0, 2.0, 5.0, 10.0]), 0.5 / interval_ms)
        sd_pa = random.choice([0.5, 2.0, 5.0])
        current, test = transients(
            *circuit(r_s, r_m, c_m), filter_khz, interval_ms, sd_pa=sd_pa, seed=seed
        )
        told = measure_membrane_test(current, test, interval_ms)
        with_r_s = [one for one in told if one.r_s_mohm is not None]
        with_c_m = [one for one in told if one.c_m_pf is not None]
        assert all(one.reason for one in told if one.r_s_mohm is None)
        if len(with_r_s) > 4:
            n_told += 1
            assert np.mean([one.r_s_mohm for one in with_r_s]) == pytest.approx(r_s, rel=0.05)
        if len(with_c_m) > 4:
            assert np.mean([one.c_m_pf for one in with_c_m]) == pytest.approx(c_m, rel=0.1)
    assert n_told > 25


def test_errors_mean_what_they_say():
    off = []
    for seed in range(30):
        current, test = transients(*circuit(12, 400, 40), 3.0, 0.05, sd_pa=4.0, seed=seed)
        told = measure_membrane_test(current, test, 0.05)
        off += [
            [
                (one.r_s_mohm - 12) / one.r_s_se_mohm,
                (one.r_m_mohm - 400) / one.r_m_se_mohm,
                (one.c_m_pf - 40) / one.c_m_se_pf,
            ]
            for one in told
        ]
    spread = np.sqrt(np.mean(np.square(off), axis=0))
    assert np.all(spread > 0.5)
    assert np.all(spread < 1.4)


def test_hum_and_slow_noise_do_not_make_rm_too_sure():
    random, off = np.random.default_rng(3), []
    for seed in range(25):
        current, test = transients(*circuit(12, 400, 40), 3.0, 0.05, seed=seed)
        t = 0.05 * np.arange(current.shape[1])
        current = current + 5 * np.sin(0.1 * np.pi * t + random.uniform(0, 6.3, (8, 1)))
        current += 0.15 * np.cumsum(random.standard_normal(current.shape), axis=1)
        told = measure_membrane_test(current, test, 0.05)
        off += [
            (1 / one.r_input_mohm - 1 / 412) * 412**2 / one.r_input_se_mohm
            for one in told
            if one.r_input_mohm is not None
        ]
    assert len(off) > 50
    assert np.sqrt(np.mean(np.square(off))) < 1.5


def test_too_fast_a_transient_still_gives_the_capacitance():
    current, test = transients(*circuit(4, 1500, 12), 2.0, 0.05)
    told = measure_membrane_test(current, test, 0.05)
    assert all(one.r_s_mohm is None and "too fast" in one.reason for one in told)
    assert [one.c_m_pf for one in told] == pytest.approx([12.0] * 8, rel=0.05)
    assert all(one.r_m_mohm is None and "Rs cannot" in one.r_m_reason for one in told)
    assert np.mean([one.r_input_mohm for one in told]) == pytest.approx(1504, rel=0.05)


def test_a_rise_between_two_samples_is_too_coarse():
    current, test = transients(*circuit(10, 500, 30), 10.0, 0.1)
    told = measure_membrane_test(current, test, 0.1)
    assert all("too fast for the sampling" in one.reason for one in told)


def test_two_compartments_are_no_single_exponential():
    for share in (0.1, 0.2, 0.4):
        current, test = transients(
            [(80 * (1 - share), 0.5), (80 * share, 3.0)],
            steady_ns=5.0,
            filter_khz=3.0,
            interval_ms=0.05,
        )
        told = measure_membrane_test(current, test, 0.05)
        assert all("single exponential" in one.reason for one in told)
        assert all(one.r_s_at_most_mohm > 1e3 / 85 for one in told)
        assert np.mean([one.r_input_mohm for one in told]) == pytest.approx(200, rel=0.05)


def amplifier(seed: int = 1, **more: float):
    """Return a recording of our own rig: 10 sweeps of a 30 ms pulse."""
    n = 600
    protocol = Protocol("p", -70.0, (Epoch(-70.0, n), Epoch(-80.0, n), Epoch(-70.0, n)), 10)
    rig = Rig(r_s_mohm=10.0, c_m_pf=30.0, low_pass_khz=3.0, white_pa=4.0, **more)
    membrane = Membrane(22.0, ohmic=(Ohmic(2.0, -40.0),))
    n_samples = 64 * 31
    current, _ = record(
        membrane,
        protocol,
        rig,
        interval_ms=0.05,
        n_samples=n_samples,
        sweep_interval_s=1.0,
        seed=seed,
    )
    sweep = segments(
        ("before", 31, -70.0),
        ("A", n, -70.0),
        ("B", n, -80.0),
        ("C", n, -70.0),
        ("after", n_samples - 31 - 3 * n, -70.0),
    )
    known = info([sweep] * 10, interval_ms=0.05)
    found = find_membrane_test(known)
    assert found is not None
    return current, found


def test_our_own_rig():
    told = measure_membrane_test(*amplifier(), 0.05)
    assert len(told) == 10
    assert [one.sweep for one in told] == list(range(1, 11))
    assert np.mean([one.r_s_mohm for one in told]) == pytest.approx(10, rel=0.03)
    assert np.mean([one.r_m_mohm for one in told]) == pytest.approx(500, rel=0.03)
    assert np.mean([one.c_m_pf for one in told]) == pytest.approx(30, rel=0.03)
    mean = measure_mean_membrane_test(*amplifier(), 0.05)
    assert (mean.sweep, mean.r_s_mohm) == (0, pytest.approx(10, rel=0.03))


def test_compensated_resistance_is_the_residual_one():
    told = measure_membrane_test(*amplifier(r_s_compensation=0.4), 0.05)
    assert np.mean([one.r_s_mohm for one in told]) == pytest.approx(6, rel=0.05)


@pytest.mark.parametrize(
    ("cancelled", "why"),
    [(1.0, "no transient"), (0.93, "partly cancelled"), (1.5, "wrong sign")],
)
def test_cancelled_transients_are_not_told(cancelled, why):
    told = measure_membrane_test(*amplifier(transient_cancelled=cancelled), 0.05)
    assert all(one.r_s_mohm is None and one.c_m_pf is None for one in told)
    assert sum(why in one.reason for one in told) > 7
    assert np.mean([one.r_input_mohm for one in told]) == pytest.approx(510, rel=0.05)


def test_a_known_capacitance_shows_a_cancelled_part():
    current, test = amplifier(transient_cancelled=0.4)
    alone = measure_membrane_test(current, test, 0.05)
    knowing = measure_membrane_test(current, test, 0.05, known_c_pf=30.0)
    assert all(one.r_s_mohm is not None for one in alone)  # the current alone cannot show it
    assert all(one.r_s_mohm is None and "cancelled" in one.reason for one in knowing)


def test_noise_is_said_to_be_noise():
    current, test = transients(*circuit(20, 1000, 10), 3.0, 0.05, sd_pa=300.0)
    told = measure_membrane_test(current, test, 0.05)
    assert all(one.r_s_mohm is None and one.reason for one in told)
    assert all(one.r_m_mohm is None and one.r_m_reason for one in told)


# ------------------------------------------------------------------------- where the pulse is


def sweep(*levels: float, size: int = 200):
    return segments(*(("ABCDEFGHIJ"[k], size, level) for k, level in enumerate(levels)))


def test_the_pulse_before_a_family_is_found():
    found = find_membrane_test(info([sweep(-70, -75, -70, v, -70) for v in (-90, -80, -60)]))
    assert found == MembraneTest(0, 200, 400, 600, -70.0, -5.0, True, (0, 1, 2))


@pytest.mark.parametrize(
    "sweeps",
    [
        [sweep(-70, v, -70) for v in (-90, -80, -60, -50)],  # the family itself
        [sweep(-70, -40, -70)] * 3,  # too large a step
        [sweep(-70, -80, -75)] * 3,  # does not come back
        [sweep(-70, -40, -50, -40)] * 3,  # not from the level at rest
        [sweep(-70, -80, -70, size=8)] * 3,  # too short
    ],
)
def test_what_is_no_membrane_test(sweeps):
    assert find_membrane_test(info(sweeps)) is None


def test_a_ramp_and_its_mirror_give_the_capacitance():
    laid = (
        Segment("A", 0, 500, -70.0, -70.0),
        Segment("B", 500, 1500, -70.0, -90.0),
        Segment("C", 1500, 2500, -90.0, -70.0),
    )
    turn, length, slope = find_ramp_pair(info([laid] * 3))
    assert (turn, length, slope) == (1500, 1000, -0.2)
    v = np.concatenate([np.linspace(-70, -90, 1000), np.linspace(-90, -70, 1000)])
    sign = np.repeat([-1.0, 1.0], 1000)
    current = np.zeros((3, 2500))
    current[:, 500:] = 2.0 * (v + 20) + 25.0 * 0.2 * sign
    current += np.random.default_rng(0).standard_normal(current.shape)
    c_pf, se_pf = capacitance_from_ramps(current, turn, length, slope)
    assert np.all(np.abs(c_pf - 25.0) < 4 * se_pf)
    assert find_ramp_pair(info([sweep(-70, -80, -70)])) is None


# ------------------------------------------------------------------------------ real recordings


def test_model_cell():
    """Patch-1U, nominally 500 MΩ and 33 pF ± 10 %; "about 15 MΩ" of Rs is its peak, a bound."""
    recording = real("pyabf/model_vc_step.abf")
    test = find_membrane_test(recording.info)
    told = measure_membrane_test(recording.current_pa, test, recording.info.interval_ms)
    assert len([one for one in told if not one.reason]) == 20
    assert np.mean([one.r_input_mohm for one in told]) == pytest.approx(510, rel=0.01)
    assert np.mean([one.c_m_pf for one in told]) == pytest.approx(33, rel=0.1)
    assert np.std([one.c_m_pf for one in told]) < 0.2
    assert all(one.r_s_mohm < 15 < one.r_s_at_most_mohm for one in told)


def test_model_cell_by_ramps():
    recording = real("pyabf/model_vc_ramp.abf")
    c_pf, se_pf = capacitance_from_ramps(recording.current_pa, *find_ramp_pair(recording.info))
    assert c_pf.mean() == pytest.approx(30.88, abs=0.2)  # the author's figure and its error
    assert np.std(c_pf) < 2 * se_pf.mean()


@pytest.mark.parametrize(
    ("name", "r_mohm"), [("171116sh_0011", 97), ("18702001-step", 520), ("18808025", 2100)]
)
def test_input_resistance_of_real_cells(name, r_mohm):
    recording = real(f"pyabf/{name}.abf")
    test = find_membrane_test(recording.info)
    one = measure_mean_membrane_test(recording.current_pa, test, recording.info.interval_ms)
    assert abs(one.r_input_mohm - r_mohm) < max(2 * one.r_input_se_mohm, 0.02 * r_mohm)


@pytest.mark.parametrize("name", ["171116sh_0011", "14o16001_vc_pair_step"])
def test_neurons_are_no_single_exponential(name):
    recording = real(f"pyabf/{name}.abf")
    test = find_membrane_test(recording.info)
    told = measure_membrane_test(recording.current_pa, test, recording.info.interval_ms)
    assert all(one.r_s_mohm is None and "single exponential" in one.reason for one in told)
    assert all(5 < one.r_s_at_most_mohm < 30 for one in told)

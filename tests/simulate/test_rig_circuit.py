"""The circuit of pipette and membrane, against what can be worked out by hand."""

import numpy as np
import pytest

from permeant.simulate.cells import Carrier, Gate, Membrane, Ohmic, steady_current_pa
from permeant.simulate.protocol import Epoch, Protocol, plan_steps, played_commands_mv
from permeant.simulate.rig import Rig, clamp_membrane, record

G_NS, E_MV = 20.0, -10.0
OHMIC = Membrane(22.0, ohmic=(Ohmic(G_NS, E_MV),))
STEPS = plan_steps(name="x", interval_ms=0.1)


def clamp(membrane, rig, protocol=STEPS, n_samples=3000, interval_ms=0.1):
    command_mv = played_commands_mv(protocol, n_samples)
    return (*clamp_membrane(membrane, command_mv, interval_ms, rig), command_mv)


@pytest.mark.parametrize("compensation", [0.0, 0.7])
def test_steady_state_of_an_ohmic_cell(compensation):
    rig = Rig(r_s_mohm=12.0, r_s_compensation=compensation, voltage_offset_mv=4.0)
    current_pa, membrane_mv, command_mv = clamp(OHMIC, rig)
    residual_mohm = 12.0 * (1 - compensation)
    at = 2000  # near the end of the step
    seen_ns = G_NS / (1 + G_NS * residual_mohm * 1e-3)
    expected_pa = seen_ns * (command_mv[:, at] - 4.0 - E_MV)
    np.testing.assert_allclose(current_pa[:, at], expected_pa, atol=1e-4)
    drop_mv = current_pa[:, at] * residual_mohm * 1e-3
    np.testing.assert_allclose(membrane_mv[:, at], command_mv[:, at] - 4.0 - drop_mv, atol=1e-6)


def test_steady_state_of_a_rectifying_cell_is_on_its_curve():
    membrane = Membrane(22.0, carriers=(Carrier("K", 1, 5e-17, 140.0, 5.0),))
    current_pa, membrane_mv, _ = clamp(membrane, Rig(r_s_mohm=10.0, r_s_compensation=0.5))
    on_curve_pa = steady_current_pa(membrane_mv[:, 2000], membrane)
    np.testing.assert_allclose(current_pa[:, 2000], on_curve_pa, atol=1e-3)


def test_perfect_clamp_has_no_transient():
    current_pa, membrane_mv, command_mv = clamp(OHMIC, Rig())
    np.testing.assert_array_equal(membrane_mv, command_mv)
    np.testing.assert_allclose(current_pa, G_NS * (command_mv - E_MV), rtol=1e-12)


@pytest.mark.parametrize("interval_ms", [0.02, 0.1, 0.2])
def test_transient_keeps_its_charge_and_time_constant(interval_ms):
    r_s, c_m, g_ns = 10.0, 30.0, 2.0
    membrane = Membrane(22.0, ohmic=(Ohmic(g_ns, 0.0),))
    n = round(400 / interval_ms)
    protocol = Protocol("x", -70.0, (Epoch(-70, n // 8), Epoch(-80, n // 2)), 1)
    rig = Rig(r_s_mohm=r_s, c_m_pf=c_m)
    current_pa, _, command_mv = clamp(membrane, rig, protocol, n, interval_ms)
    step = np.flatnonzero(command_mv[0] == -80)
    steady_pa = current_pa[0, step[-1]]
    charge_fc = (current_pa[0, step] - steady_pa).sum() * interval_ms
    r_m = 1e3 / g_ns
    expected_fc = -10.0 * c_m * (r_m / (r_m + r_s)) ** 2
    assert charge_fc == pytest.approx(expected_fc, rel=1e-6)
    tau_ms = c_m * r_s * r_m / (r_s + r_m) * 1e-3
    two = current_pa[0, step[:2]] - steady_pa
    assert two[1] / two[0] == pytest.approx(np.exp(-interval_ms / tau_ms), rel=1e-6)


def test_cancelled_transient_leaves_the_steady_state():
    plain, *_ = clamp(OHMIC, Rig(r_s_mohm=5.0))
    cancelled, *_ = clamp(OHMIC, Rig(r_s_mohm=5.0, transient_cancelled=1.0))
    np.testing.assert_allclose(plain[:, 2000], cancelled[:, 2000], atol=1e-3)
    assert np.abs(cancelled).max() < 0.5 * np.abs(plain).max()


def test_gate_relaxes_during_the_step():
    gate = Gate(-40.0, 10.0, 30.0)
    membrane = Membrane(22.0, ohmic=(Ohmic(5.0, 0.0),), gates=(gate,))
    current_pa, membrane_mv, command_mv = clamp(membrane, Rig(r_s_mohm=1.0))
    start = int(np.flatnonzero(command_mv[-1] == 60)[0])
    early, late = current_pa[-1, start + 20], current_pa[-1, start + 1900]
    assert early < 0.5 * late
    on_curve = steady_current_pa(membrane_mv[:, start + 1900], membrane)
    np.testing.assert_allclose(current_pa[:, start + 1900], on_curve, rtol=2e-2, atol=0.3)


def test_block_follows_at_once_and_bends_the_curve():
    block = Gate(-20.0, 12.0, 0.0)
    membrane = Membrane(22.0, ohmic=(Ohmic(5.0, 0.0),), gates=(block,))
    current_pa, membrane_mv, _ = clamp(membrane, Rig(r_s_mohm=4.0))
    np.testing.assert_allclose(
        current_pa[:, 2000], steady_current_pa(membrane_mv[:, 2000], membrane), atol=1e-3
    )
    assert current_pa[0, 2000] > current_pa[6, 2000]  # less inward at -100 than at -40 mV


def test_run_down_and_a_lost_seal_differ_by_sweep():
    rig = Rig(run_down_per_sweep=0.1, seal_lost_at_sweep=10, seal_leak_ns=7.0)
    current_pa, _, command_mv = clamp(OHMIC, rig)
    sweep = np.arange(17)
    v_mv = command_mv[:, 2000]
    expected = G_NS * 0.9**sweep * (v_mv - E_MV) + np.where(sweep >= 10, 7.0, 0.0) * v_mv
    np.testing.assert_allclose(current_pa[:, 2000], expected, rtol=1e-12)


def test_record_is_reproducible_and_saturates():
    rig = Rig(
        r_s_mohm=5.0, white_pa=5, pink_pa=2, mains_pa=3, spikes_per_s=5, spike_pa=200,
        drift_pa_per_s=1.0, saturation_pa=900.0, command_noise_mv=0.1,
    )  # fmt: skip

    def make(seed):
        return record(
            OHMIC, STEPS, rig, interval_ms=0.1, n_samples=3000, sweep_interval_s=1.0, seed=seed
        )

    first, command = make(7)
    again, command_again = make(7)
    other, _ = make(8)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(command, command_again)
    assert not np.array_equal(first, other)
    assert first.min() == -900.0
    assert (first == -900.0).sum() > 1000

"""Membranes: currents, gates and where they reverse."""

import numpy as np
import pytest

from permeant.simulate.cells import (
    Carrier,
    Gate,
    Membrane,
    Ohmic,
    find_reversal_mv,
    relax_open_fraction,
    slope_conductance_ns,
    steady_current_pa,
    steady_open_fraction,
)

RT_F_MV = 8.31446261815324 * 295.15 / 96485.33212331 * 1e3
POTASSIUM = Carrier("K", 1, 1e-17, 140.0, 5.0)


def test_ohmic_parts_add_up():
    membrane = Membrane(22.0, ohmic=(Ohmic(4.0, -10.0),), leak=Ohmic(1.0, 0.0))
    assert find_reversal_mv(membrane) == pytest.approx(-8.0, abs=1e-9)
    assert slope_conductance_ns(-8.0, membrane) == pytest.approx(5.0, rel=1e-8)


def test_one_ion_reverses_at_its_nernst_potential():
    membrane = Membrane(22.0, carriers=(POTASSIUM,))
    assert find_reversal_mv(membrane) == pytest.approx(RT_F_MV * np.log(5 / 140), abs=1e-9)


def test_two_ions_reverse_after_goldman():
    sodium = Carrier("Na", 1, 2e-18, 10.0, 140.0)
    membrane = Membrane(22.0, carriers=(POTASSIUM, sodium))
    expected = RT_F_MV * np.log((5 + 0.2 * 140) / (140 + 0.2 * 10))
    assert find_reversal_mv(membrane) == pytest.approx(expected, abs=1e-9)


def test_calcium_reverses_after_fatt_and_ginsborg():
    inside = Carrier("K", 1, 1e-17, 140.0, 0.0)
    calcium = Carrier("Ca", 2, 4e-17, 0.0, 20.0)
    xi = np.exp(find_reversal_mv(Membrane(22.0, carriers=(inside, calcium))) / RT_F_MV)
    assert 140 * xi * (1 + xi) / (4 * 20) == pytest.approx(4.0, rel=1e-9)


def test_gates_do_not_move_the_reversal_but_scale_the_slope():
    gate = Gate(-40.0, 15.0, 50.0)
    shut = Membrane(22.0, ohmic=(Ohmic(5.0, -5.0),), gates=(gate,))
    opened = steady_open_fraction(np.array([-5.0]), gate)[0]
    assert find_reversal_mv(shut) == pytest.approx(-5.0, abs=1e-9)
    assert slope_conductance_ns(-5.0, shut) == pytest.approx(5.0 * opened, rel=1e-6)


def test_gate_relaxes_with_its_time_constant():
    gate = Gate(0.0, 10.0, 20.0)
    v_mv = np.array([200.0])
    left = 1 - relax_open_fraction(np.array([0.0]), v_mv, gate, 20.0)
    assert left[0] == pytest.approx(np.exp(-1), rel=1e-6)


def test_no_reversal_is_said():
    membrane = Membrane(22.0, carriers=(Carrier("K", 1, 1e-17, 140.0, 0.0),))
    assert steady_current_pa(np.array([-100.0]), membrane)[0] > 0
    with pytest.raises(ValueError, match="no reversal"):
        find_reversal_mv(membrane)

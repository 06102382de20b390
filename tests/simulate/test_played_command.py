"""What a protocol plays."""

import numpy as np
import pytest

from permeant.simulate.protocol import (
    Epoch,
    Protocol,
    UserList,
    plan_steps,
    played_command_mv,
    played_commands_mv,
)


def test_holding_epochs_holding():
    protocol = Protocol("x", -60.0, (Epoch(-70, 10), Epoch(20, 30)), 1)
    command = played_command_mv(protocol, 0, 640)
    assert command[:10].tolist() == [-60.0] * 10  # 640 / 64
    assert command[10:20].tolist() == [-70.0] * 10
    assert command[20:50].tolist() == [20.0] * 30
    assert set(command[50:]) == {-60.0}


def test_levels_and_durations_grow_by_sweep():
    protocol = Protocol("x", 0.0, (Epoch(-50, 10, 5.0, 3),), 4)
    commands = played_commands_mv(protocol, 128)
    for sweep in range(4):
        step = np.flatnonzero(commands[sweep])
        assert step.tolist() == list(range(2, 12 + 3 * sweep))
        assert set(commands[sweep][step]) == {-50.0 + 5 * sweep}


def test_staying_at_the_last_level_carries_over():
    protocol = Protocol("x", -60.0, (Epoch(10, 10, 5.0),), 3, return_to_holding=False)
    commands = played_commands_mv(protocol, 640)
    assert commands[:, 0].tolist() == [-60.0, 10.0, 15.0]
    assert commands[:, -1].tolist() == [10.0, 15.0, 20.0]


def test_ramp_runs_from_the_level_before():
    protocol = Protocol("x", 0.0, (Epoch(-20, 4), Epoch(20, 8, kind="ramp"), Epoch(20, 4)), 1)
    ramp = played_command_mv(protocol, 0, 64)[5:13]
    assert ramp.tolist() == [-17.5, -12.5, -7.5, -2.5, 2.5, 7.5, 12.5, 17.5]


def test_level_list_overrides_and_the_last_value_stays():
    steps = (Epoch(0, 4), Epoch(-100, 10, 10.0))
    keep = Protocol("x", 0.0, steps, 4, user_list=UserList("level", 1, (7.0, -3.0)))
    again = Protocol("x", 0.0, steps, 4, user_list=UserList("level", 1, (7.0, -3.0), repeat=True))
    assert [played_command_mv(keep, k, 64)[8] for k in range(4)] == [7, -3, -3, -3]
    assert [played_command_mv(again, k, 64)[8] for k in range(4)] == [7, -3, 7, -3]


def test_duration_list_moves_what_follows():
    steps = (Epoch(5, 10), Epoch(9, 10))
    protocol = Protocol("x", 0.0, steps, 2, user_list=UserList("duration", 0, (20.0, 0.0)))
    commands = played_commands_mv(protocol, 128)
    assert np.flatnonzero(commands[0] == 9).tolist() == list(range(22, 32))
    assert np.flatnonzero(commands[1] == 9).tolist() == list(range(2, 12))


def test_epochs_longer_than_the_sweep_are_cut():
    protocol = Protocol("x", 0.0, (Epoch(5, 1000),), 1)
    assert played_command_mv(protocol, 0, 64).tolist() == [0.0] + [5.0] * 63


def test_the_usual_family():
    protocol = plan_steps(name="x", interval_ms=0.1, test_mv=-10.0)
    commands = played_commands_mv(protocol, 5000)
    assert protocol.n_sweeps == 17
    assert commands[:, 78 + 300 + 600 + 1000].tolist() == list(range(-100, 61, 10))
    assert set(commands[:, 78 + 300 + 150]) == {-70.0}
    assert set(commands[:, -1]) == {-60.0}


def test_what_an_epoch_table_cannot_hold():
    with pytest.raises(ValueError, match="11 epochs"):
        Protocol("x", 0.0, (Epoch(0, 1),) * 11, 1)
    with pytest.raises(ValueError, match="user list"):
        Protocol("x", 0.0, (Epoch(0, 1),), 1, user_list=UserList("level", 1, (1.0,)))

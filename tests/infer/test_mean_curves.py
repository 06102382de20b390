"""Mean curves of groups against means by hand."""

from __future__ import annotations

import math

import pytest

from permeant.cohort import CellCurve
from permeant.infer.mean_curves import MOST_MEMBERS, group_curves

T_2 = 4.302653
"""Student's t of 95 % with 2 degrees of freedom, from the tables."""


def curve(cell: str, g_ns: float, low: float = -80.0, high: float = 40.0, **more: str) -> CellCurve:
    volts = (low, (low + high) / 2, high)
    state = {"condition": "wt", "bath": "b", "pipette": "p", "measure": "steady", **more}
    return CellCurve(cell, **state, v_mv=volts, i_pa=tuple(g_ns * v for v in volts))


def test_mean_and_interval_over_cells() -> None:
    (one,) = group_curves([curve("a", 1.0), curve("b", 2.0), curve("c", 3.0)])
    assert one.n_cells == 3
    assert one.i_pa == pytest.approx([2.0 * v for v in one.v_mv], rel=1e-4, abs=1e-3)
    half = T_2 * 1.0 / math.sqrt(3)  # of the conductance: its standard deviation is 1
    for v, low, high in zip(one.v_mv, one.low_pa, one.high_pa, strict=True):
        assert high - low == pytest.approx(2 * half * abs(v), rel=1e-3, abs=1e-2)


def test_two_recordings_of_a_cell_count_once() -> None:
    (one,) = group_curves([curve("a", 1.0), curve("a", 3.0), curve("b", 4.0)])
    assert one.n_cells == 2
    assert one.i_pa[-1] == pytest.approx((2.0 + 4.0) / 2 * one.v_mv[-1], rel=1e-4)


def test_the_mean_ends_where_the_first_cell_ends() -> None:
    (one,) = group_curves([curve("a", 1.0), curve("b", 1.0, low=-60.0, high=20.0)])
    assert (one.v_mv[0], one.v_mv[-1]) == (-60.0, 20.0)
    (apart,) = group_curves([curve("a", 1.0, -80.0, -40.0), curve("b", 1.0, 0.0, 40.0)])
    assert apart.v_mv == ()
    assert "different voltages" in apart.reason


def test_groups_stand_apart_and_order_does_not_matter() -> None:
    some = [curve("a", 1.0), curve("b", 2.0), curve("c", 3.0, condition="ko")]
    assert [one.condition for one in group_curves(some)] == ["ko", "wt"]
    assert group_curves(some) == group_curves(some[::-1])
    (alone, _) = group_curves(some)
    assert alone.low_pa == ()


def test_a_large_group_keeps_some_cells_for_the_picture() -> None:
    many = [curve(f"c{k:03d}", 1.0 + k / 100) for k in range(3 * MOST_MEMBERS)]
    (one,) = group_curves(many)
    assert one.n_cells == 3 * MOST_MEMBERS
    assert len(one.members) == MOST_MEMBERS
